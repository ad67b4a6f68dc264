"""Write-off in cells: which tests of a law a debt meets."""

from typing import Annotated

from receivables.cells import Amount, Arg, Day, Table, Text, TextList, cell
from receivables.monitor import write_off


@cell("WRITE_OFF_TEST", family="monitor")
def write_off_test(
    amount: Annotated[Amount, Arg("the single debt, in the currency of the law", "money")],
    due_on: Annotated[Day | None, Arg("its due date", "date")],
    as_of: Annotated[Day, Arg("day of the test", "date")],
    law: Annotated[Text, Arg("law or policy: CN, UK, policy", "text")],
    annual_revenue: Annotated[
        Amount | None, Arg("annual revenue, for limits that are a share of it", "money")
    ] = None,
    evidence: Annotated[
        TextList | None,
        Arg("what is at hand: booked, report, vat_paid, insolvency_closed …", "text"),
    ] = None,
) -> Annotated[Table, Arg("one row per test: met, missing, source, confirmed", "table")]:
    """Tests for writing a debt off under a law, and what each lacks; unconfirmed ones say so.

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> rows = write_off_test(Decimal(40_000), date(2025, 9, 30), date(2026, 10, 31), "CN", None, "booked, report")
    >>> [row[1] for row in rows if row[2] is True]
    ['one_year_small']
    """
    given = (
        evidence.split(",")
        if isinstance(evidence, str)
        else [str(word) for word in evidence or ()]
    )
    words = [word.strip() for word in given if word.strip()]
    return write_off.write_off_tests(amount, due_on, as_of, law, annual_revenue, words)
