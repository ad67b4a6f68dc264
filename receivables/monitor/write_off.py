"""Which tests for writing a debt off are met, law by law, and what each one still lacks."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from receivables.days import edate
from receivables.errors import BadValueError, DomainError
from receivables.resources import data_rows

HEADINGS = ("law", "test", "met", "missing", "meaning", "source", "as_of", "confirmed")


def laws() -> tuple[str, ...]:
    """Laws and policies with tests in `data/write_off_tests.csv`.

    >>> laws()
    ('CN', 'UK', 'policy')
    """
    return tuple(dict.fromkeys(row["law"] for row in data_rows("write_off_tests.csv")))


def write_off_tests(
    amount: Decimal,
    due_on: date | None,
    as_of: date,
    law: str,
    annual_revenue: Decimal | None = None,
    evidence: Sequence[str] = (),
) -> list[list[object]]:
    """Every test of a law against one debt, with headings: met, and what is missing.

    N months overdue (以上 includes the day) means as_of ≥ EDATE(due date, N).
    A write-off does not end the claim: collecting goes on.

    Args:
        amount: the single debt, in the currency of the law's limit.
        due_on: its due date; None never counts as overdue.
        as_of: day of the test.
        law: one of `laws()`.
        annual_revenue: for limits that are a share of it.
        evidence: words of what is at hand: booked, report, vat_paid, insolvency_closed, ….

    Raises:
        BadValueError: an unknown law or word of evidence.
        DomainError: a negative amount.

    >>> rows = write_off_tests(Decimal(40_000), date(2025, 9, 30), date(2026, 10, 31), "CN", None, ["booked"])
    >>> rows[2][1:4]
    ['one_year_small', False, 'report']
    """
    if amount < 0:
        raise DomainError(f"amount is {amount}: a credit is not written off. Give what is owed.")
    held = {_word(word) for word in evidence}
    rows: list[list[object]] = [list(HEADINGS)]
    for test in _tests(law):
        missing = _missing(test, amount, due_on, as_of, annual_revenue, held)
        rows.append([
            test["law"], test["test"], not missing, "; ".join(missing), test["text_en"],
            test["source"], test["as_of"], test["confirmed"] == "yes",
        ])  # fmt: skip
    return rows


def _tests(law: str) -> list[dict[str, str]]:
    found = [
        row
        for row in data_rows("write_off_tests.csv")
        if row["law"].casefold() == law.strip().casefold()
    ]
    if not found:
        raise BadValueError(
            f"There are no write-off tests for '{law}'. Known: {', '.join(laws())}."
        )
    return found


def _missing(
    test: dict[str, str],
    amount: Decimal,
    due_on: date | None,
    as_of: date,
    revenue: Decimal | None,
    held: set[str],
) -> list[str]:
    missing = []
    if test["overdue_months"]:
        ready = due_on and edate(due_on, int(test["overdue_months"]))
        if ready is None:
            missing.append("due date")
        elif as_of < ready:
            missing.append(f"overdue enough from {ready}")
    if test["max_amount"] and amount > Decimal(test["max_amount"]):
        missing.append(f"amount above {test['currency']} {Decimal(test['max_amount']):,}")
    if test["max_revenue_share"]:
        if revenue is None:
            missing.append("annual revenue")
        elif amount > revenue * Decimal(test["max_revenue_share"]):
            missing.append(f"amount above {test['max_revenue_share']} of annual revenue")
    needs = [word for word in test["needs"].split("|") if word]
    return [*missing, *(word for word in needs if word not in held)]


def _word(word: str) -> str:
    known = sorted(
        {
            need
            for row in data_rows("write_off_tests.csv")
            for need in row["needs"].split("|")
            if need
        }
    )
    plain = word.strip().casefold().replace(" ", "_")
    if plain in known:
        return plain
    near = difflib.get_close_matches(plain, known, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known)}."
    raise BadValueError(f"evidence '{word}' is not known. {hint}")
