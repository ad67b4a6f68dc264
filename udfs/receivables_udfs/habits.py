"""Payment habits in cells: days beyond terms, late rate, payment index."""

from typing import Annotated

from receivables.cells import (
    Amounts,
    Arg,
    Choice,
    Day,
    Days,
    Flag,
    Number,
    Numbers,
    Whole,
    cell,
)
from receivables.monitor import payment_habits, turnover

InDays = Annotated[Number, Arg("days", "days")]
Due = Annotated[Days, Arg("due dates of the documents", "date")]
Paid = Annotated[Days, Arg("days on which they were paid in full, blank while open", "date")]
AsOf = Annotated[Day, Arg("as-of date; later payments are not known yet", "date")]


@cell("DAYS_BEYOND_TERMS", family="monitor")
def days_beyond_terms(
    amounts: Annotated[Amounts, Arg("amounts paid (or open) of the rows", "money")],
    due_on: Due,
    paid_on: Paid,
    as_of: AsOf,
    early: Annotated[
        Choice,
        Arg("net: early payments offset late ones; floored: they count as 0", "text", "early"),
    ] = "net",
    include_open: Annotated[
        Flag, Arg("TRUE adds what is overdue and open, up to the as-of date", "flag")
    ] = False,
) -> InDays:
    """Days beyond terms: days from due date to payment, weighted by amount.

    >>> from datetime import date
    >>> paid = [date(2026, 10, 10), date(2026, 9, 30), date(2026, 9, 25), date(2026, 11, 14)]
    >>> f"{days_beyond_terms([1000, 5000, 4000, 2000], [date(2026, 9, 30)] * 4, paid, date(2026, 11, 30)):.3f}"
    '6.667'
    """
    return payment_habits.days_beyond_terms(
        amounts, due_on, paid_on, as_of, early=early, include_open=include_open
    )


@cell("LATE_RATE", family="monitor")
def late_rate(
    due_on: Due,
    paid_on: Paid,
    as_of: AsOf,
    amounts: Annotated[
        Amounts | None, Arg("weigh by these amounts; left out, documents are counted", "money")
    ] = None,
    grace_days: Annotated[Whole, Arg("days forgiven; the last one is on time", "days")] = 0,
    due_from: Annotated[
        Day | None, Arg("first due date of the window; default all", "date")
    ] = None,
) -> Annotated[Number, Arg("share that was late", "share")]:
    """Late payment rate: documents paid late or still overdue ÷ documents due up to the as-of date.

    Raises:
        NotAvailableError: nothing was due.

    >>> from datetime import date
    >>> late_rate([date(2026, 9, 30)] * 2, [date(2026, 9, 30), date(2026, 10, 1)], date(2026, 10, 31))
    0.5
    """
    return payment_habits.late_rate(
        due_on, paid_on, as_of, amounts, grace_days=grace_days, due_from=due_from
    )


@cell("PAYMENT_INDEX", family="monitor")
def payment_index(
    amounts: Annotated[Amounts, Arg("amounts of the payments", "money")],
    days_beyond_terms: Annotated[
        Numbers, Arg("days beyond terms of each; negative = early", "days")
    ],
    min_experiences: Annotated[
        Whole | None, Arg("payments needed for an index; 3 where left out", "count")
    ] = None,
) -> Annotated[Number, Arg("0 to 100; 80 is prompt, 50 is 30 days late", "points")]:
    """Payment index 0–100: scores of days beyond terms, weighted by amount.

    Raises:
        NotAvailableError: fewer payments than needed.

    >>> payment_index([100, 100, 100], [7.5, 7.5, 7.5])
    75.0
    """
    least = min_experiences
    needed = int(turnover.default("min_experiences")) if least is None else least
    return payment_habits.payment_index(amounts, days_beyond_terms, needed)
