"""The demo firm's speed of collection against a clerk who works it out row by row."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal

import pytest

from receivables.demo.tables import build_firm
from receivables.demo.workbook import write_folder
from receivables.monitor.turnover_ledger import speed
from receivables.refresh import load
from tests.oracle.ledger_oracle import Matching, Row
from tests.oracle.speed_oracle import Month, month

AS_OF = date(2026, 10, 31)
ENDS = [date(2026, 8, 31), date(2026, 9, 30), AS_OF]


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    write_folder(build_firm(), folder)
    return load(folder, as_of=AS_OF)


@pytest.fixture(scope="module")
def clerk(books):
    """Rows and matchings for the clerk, with the date on which each was issued or paid."""
    rows, issued, book = [], {}, {}

    def add(row: Row, on: date, row_book: str) -> None:
        rows.append(row)
        issued[row.id], book[row.id] = on, row_book

    def place(one) -> str:
        return f"{one['company']} {one['currency']}"

    def key(one, number: str | None) -> str | None:
        return number and f"{place(one)} {one['customer_key']} {number.casefold()}"

    for one in books.ledger["documents"].rows(named=True):
        doc = key(one, one["document_no"])
        row = Row(
            id=doc if one["instalment"] is None else f"{doc}/{one['instalment']}",
            doc=doc,
            amount=Decimal(one["amount"]),
            posted_on=one["posted_on"],
            due_on=one["due_on"] or (one["issued_on"] if one["amount"] < 0 else None),
            names=key(one, one["applies_to"]),
            undoes=key(one, one["reverses"]),
        )
        add(row, one["issued_on"], place(one))
    payments = books.ledger["payments"].rows(named=True)
    for one in payments:
        back = one["kind"] in {"bounced", "refund"}
        row = Row(
            id=key(one, one["payment_no"]),
            doc=key(one, one["payment_no"]),
            amount=Decimal(abs(one["amount"]) if back else -one["amount"]),
            posted_on=one["posted_on"],
            due_on=one["paid_on"],
            is_money=True,
            names=key(one, one["document_no"]),
            undoes=key(one, one["reverses"]),
        )
        add(row, one["paid_on"], place(one))
    listed = {one["reference"] for one in payments} | {one["payment_no"] for one in payments}
    for one in books.ledger["bills"].rows(named=True):
        if one["bill_no"] in listed:
            continue
        one["customer_key"] = one["customer_id"].casefold()
        number, on = key(one, one["bill_no"]), one["received_on"]
        amount = Decimal(one["amount"])
        names = key(one, one["document_no"])
        add(Row(number, number, -amount, on, on, is_money=True, names=names), on, place(one))
        if one["dishonoured_on"]:
            back_on = one["dishonoured_on"]
            back = Row(f"{number}!", f"{number}!", amount, back_on, back_on, True, undoes=number)
            add(back, back_on, place(one))
    return rows, matchings(books, rows), issued, book


def matchings(books, rows) -> list[Matching]:
    """Allocations name numbers only: in the demo no two books share one."""
    full = {row.doc.rpartition(" ")[2]: row.doc for row in rows}
    found = []
    for one in books.ledger["allocations"].rows(named=True):
        doc = full[one["document_no"].casefold()]
        found.append(
            Matching(
                credit=full[one["credit_no"].casefold()],
                doc=doc,
                amount=Decimal(one["amount"]),
                known_on=max(filter(None, (one["applied_on"], one["entered_on"]))),
                part=f"{doc}/{one['instalment']}" if one["instalment"] else None,
            )
        )
    return found


@pytest.mark.parametrize(("start", "end"), list(itertools.pairwise(ENDS)))
def test_every_book_at_a_month_end_is_what_the_clerk_says(books, clerk, start, end) -> None:
    expected = month(*clerk, start, end)
    found = speed(books.posted, books.ledger, AS_OF, by="company", months=4).frame
    rows = {
        f"{row['key']} {row['currency']}": row
        for row in found.rows(named=True)
        if row["month_end"] == end
    }
    assert set(rows) == set(expected)
    for name, row in rows.items():
        check(row, expected[name])


def check(row: dict, own: Month) -> None:
    assert row["receivables"] == own.receivables
    assert row["current"] == own.current
    for measure, top, bottom in (
        ("true_dso", own.paid_days, own.paid),
        ("days_beyond_terms", own.beyond, own.dated),
        ("days_late", own.late_days, own.dated),
        ("late_rate", own.late, own.due),
    ):
        assert row[measure] == pytest.approx(float(top / bottom)), (row["key"], measure)


def test_sales_are_the_plain_sum_of_the_sales_table(books) -> None:
    found = speed(books.posted, books.ledger, AS_OF).frame
    for row in found.rows(named=True):
        listed = [
            one["gross"]
            for one in books.ledger["sales"].rows(named=True)
            if (one["currency"], one["month"].replace(day=1))
            == (row["currency"], row["month_end"].replace(day=1))
        ]
        assert row["sales"] == sum(listed)
        assert row["source"] == "table"


def test_customers_add_up_to_companies_and_companies_to_the_firm(books) -> None:
    """Receivables tie; sales by customer lack only what was set aside for want of a currency."""
    sums = []
    for by in ("customer", "company", "month"):
        totals: dict = {}
        for row in speed(books.posted, books.ledger, AS_OF, by=by).frame.rows(named=True):
            place = row["currency"], row["month_end"]
            before = totals.get(place, (0, 0))
            totals[place] = before[0] + row["receivables"], before[1] + row["sales"]
        sums.append(totals)
    assert sums[1] == sums[2]
    aside = books.ledger.set_aside.filter(code="currency_missing")["amount"].sum()
    differ = {place for place, found in sums[0].items() if found != sums[1][place]}
    assert differ == {("EUR", AS_OF)}
    ours, whole = sums[0]["EUR", AS_OF], sums[1]["EUR", AS_OF]
    assert (ours[0], ours[1] + aside) == whole
