"""Speed over the ledger is what the cell functions say, on random ledgers."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.days import edate, month_end, previous_month_end
from receivables.errors import ReceivablesError
from receivables.monitor import payment_habits, turnover, turnover_months
from receivables.monitor.turnover_measures import MEASURES
from tests.turnover_books import measure


def same(expected, found) -> None:
    assert (expected is None) == (found is None), (expected, found)
    assert expected is None or found == pytest.approx(expected), (expected, found)


def or_none(function, *cells):
    try:
        return function(*cells)
    except ReceivablesError:
        return None


def yearly(newest, row, frame):
    before = frame.filter(month_end=previous_month_end(row["month_end"]))
    if before.is_empty():
        return None
    begin = before["receivables"].item()
    return turnover.turnover(newest, begin, row["receivables"]) * 365 / row["days"]


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.tuples(st.integers(1, 900), st.integers(-29, 25)), min_size=1, max_size=9),
)
def test_the_payment_index_of_the_table_is_what_the_cell_says(paid) -> None:
    """One document per payment, all paid in October, up to 29 days early and 25 late."""
    october = date(2026, 10, 5)
    documents = [
        {
            "document_no": f"R{n}",
            "kind": "invoice",
            "amount": size,
            "issued_on": date(2026, 8, 1),
            "due_on": date.fromordinal(october.toordinal() - late),
        }
        for n, (size, late) in enumerate(paid)
    ]
    payments = [
        {"payment_no": f"P{n}", "amount": size, "paid_on": october, "document_no": f"R{n}"}
        for n, (size, _) in enumerate(paid)
    ]
    row = measure(documents=documents, payments=payments).latest().row(0, named=True)
    sizes, days = [Decimal(size) for size, _ in paid], [late for _, late in paid]
    same(or_none(payment_habits.payment_index, sizes, days, 3), row["payment_index"])


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(st.integers(0, 13), st.integers(-40, 90).filter(bool), st.integers(0, 120)),
        min_size=1,
        max_size=14,
    ),
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 120)), max_size=4),
)
def test_the_table_is_what_the_cells_say(sold, paid) -> None:
    """Every DSO of the table against the cell functions, from plain sums of the rows."""
    first = date(2025, 9, 15)
    documents = [
        {
            "document_no": f"R{number}",
            "kind": "invoice" if size > 0 else "credit_note",
            "amount": size,
            "issued_on": edate(first, month),
            "due_on": date.fromordinal(edate(first, month).toordinal() + terms),
        }
        for number, (month, size, terms) in enumerate(sold)
    ]
    payments = [
        {
            "payment_no": f"P{n}",
            "amount": size,
            "paid_on": date.fromordinal(first.toordinal() + back),
        }
        for n, (back, size) in enumerate(paid)
    ]
    found = measure(documents=documents, payments=payments, options={"months": 14})
    start = min(month_end(row["issued_on"]) for row in documents)
    for row in found.frame.rows(named=True):
        end = row["month_end"]
        posted = [one for one in documents if one["issued_on"] <= end]
        owed = sum(one["amount"] for one in posted)
        owed -= sum(one["amount"] for one in payments if one["paid_on"] <= end)
        current = sum(
            one["amount"] for one in posted if one["due_on"] >= end and one["amount"] > 0
        )
        ends = [month_end(edate(start.replace(day=1), n)) for n in range(16)]
        ends = [one for one in ends if one <= end]
        sums = [
            Decimal(sum(one["amount"] for one in posted if month_end(one["issued_on"]) == month))
            for month in ends
        ]
        months = turnover_months.history(ends, sums) if ends else []
        newest = sums[-1] if sums else Decimal(0)
        assert row["receivables"] == owed
        same(or_none(yearly, newest, row, found.frame) if sums else None, row["turnover"])
        same(or_none(turnover.dso, owed, newest, end.day) if sums else None, row["dso"])
        if months:
            same(or_none(turnover_months.countback, Decimal(owed), months), row["countback"])
            same(or_none(turnover.delinquent, owed, current, newest, end.day), row["delinquent"])
            for size in (3, 6, 12):
                expected = or_none(turnover_months.rolling, Decimal(owed), months, size)
                same(expected, row[f"rolling_{size}"])
        named = {
            name
            for part in row["missing"].split("; ")
            for name in part.partition(":")[0].split(", ")
        } - {""}
        assert {name for name in MEASURES if row[name] is None} == named, row["missing"]
