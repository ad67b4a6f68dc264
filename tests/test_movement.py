"""From balance to balance: plain addition, random ledgers, and the roll matrix both ways."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from receivables.errors import BadValueError
from receivables.ledger.link import link
from receivables.ledger.open import open_items
from receivables.monitor.aging import age
from receivables.monitor.buckets import Buckets
from receivables.monitor.movement import MOVES, movement, movement_local, span
from receivables.monitor.movement_roll import roll
from receivables.rates import Rates
from tests.ledgers import allocation, credit, day, invoice, ledger, payment
from tests.oracle import movement_oracle
from tests.oracle.ledger_oracle import replay
from tests.test_oracle import clerk_rows, ledgers

START = date(2026, 9, 1)
LAST = START + timedelta(days=75)
dates = st.integers(-1, 75).map(lambda n: START + timedelta(days=n))


@st.composite
def ledgers_of_two(draw):
    """Random ledgers in which two customers also settle each other's documents."""
    tables = draw(ledgers())
    owner: dict[str, str] = {}
    for row in [*tables["documents"], *tables["payments"]]:
        number = row.get("document_no") if row in tables["documents"] else row["payment_no"]
        row["customer_id"] = owner.setdefault(number, draw(st.sampled_from(["C1", "C1", "C2"])))
    return tables


def plain_rows(tables) -> list[dict]:
    """The rows as the movement oracle wants them."""
    kinds = {}
    for row in tables["documents"]:
        kinds[row["document_no"]] = ("documents", row["kind"], row["customer_id"])
    for row in tables["payments"]:
        kinds[row["payment_no"]] = ("payments", row["kind"], row["customer_id"])
    rows = []
    for row in clerk_rows(tables)[0]:
        table, kind, customer = kinds[row.doc]
        rows.append(
            {
                "id": row.id,
                "customer": customer,
                "table": table,
                "kind": kind,
                "amount": int(row.amount),
                "posted_on": row.posted_on,
                "due_on": row.due_on,
                "settled_on": row.settled_on,
            }
        )
    return rows


def standing(tables, on) -> dict[str, tuple[int, int]]:
    rows, matchings = clerk_rows(tables)
    return {
        name: (int(one.open), int(one.paid)) for name, one in replay(rows, matchings, on).items()
    }


def lines(frame) -> dict[str, dict[str, int]]:
    names = ["opening", *MOVES, "closing"]
    return {
        row["customer_id"]: {name: row[name] for name in names if row[name]}
        for row in frame.iter_rows(named=True)
    }


@settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(tables=ledgers_of_two(), one=dates, other=dates)
def test_movement_and_matrix_agree_with_plain_addition(tables, one, other):
    if one == other:
        return
    start, end = min(one, other), max(one, other)
    posted = link(ledger(**tables))
    rows, before, after = plain_rows(tables), standing(tables, start), standing(tables, end)
    frame = movement(posted, start, end)
    assert not any(frame["residual"])
    theirs = movement_oracle.movement(rows, before, after, start, end)
    assert lines(frame) == {name: line for name, line in theirs.items() if line}
    assert frame["transferred"].sum() == 0
    found: dict[tuple[str, str], int] = {}
    for row in roll(span(posted, start, end)).iter_rows(named=True):
        target = "credited" if row["target"] == "written_off" else row["target"]
        found[row["origin"], target] = found.get((row["origin"], target), 0) + row["amount"]
    kept = {key: amount for key, amount in found.items() if amount}
    assert kept == movement_oracle.roll(rows, before, after, start, end)


@settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(tables=ledgers_of_two(), one=dates, other=dates, fifo=st.booleans())
def test_the_matrix_ties_row_by_row_and_column_by_column_to_the_agings(tables, one, other, fifo):
    if one == other:
        return
    start, end = min(one, other), max(one, other)
    unapplied = "fifo" if fifo else "keep"
    posted = link(ledger(**tables))
    matrix = roll(span(posted, start, end), by=("customer_key",), unapplied=unapplied)
    for on, side, other_side in ((start, "origin", "target"), (end, "target", "origin")):
        aging = age(open_items(posted, on, unapplied=unapplied)).frame
        for key in ("c1", "c2"):
            own = matrix.filter(pl.col("customer_key") == key)
            sums = dict(own.group_by(side).agg(pl.col("amount").sum()).iter_rows())
            line = aging.filter(pl.col("key").str.to_lowercase() == key)
            for name in ("unapplied", *(f"b{n}" for n in range(6))):
                assert sums.get(name, 0) == line[name].sum(), (side, other_side, name)
    settled = matrix.filter(pl.col("origin") == "settled")["amount"].sum()
    assert settled == 0
    inside = posted.details.filter(
        pl.col("posted_on").is_between(start, end, closed="right")
    )["amount"].sum()  # fmt: skip
    assert matrix.filter(pl.col("origin").str.starts_with("new"))["amount"].sum() == inside


@settings(max_examples=40, deadline=None, derandomize=True)
@given(tables=ledgers_of_two(), cut=st.tuples(dates, dates, dates))
def test_the_closing_of_one_period_is_the_opening_of_the_next(tables, cut):
    first, middle, last = sorted(cut)
    if len({first, middle, last}) < 3:
        return
    posted = link(ledger(**tables))
    early, late = movement(posted, first, middle), movement(posted, middle, last)
    whole = movement(posted, first, last)

    def by_customer(frame, name):
        return {key: value for key, value in frame.select("customer_key", name).rows() if value}

    assert by_customer(early, "closing") == by_customer(late, "opening")
    for name in MOVES:
        assert early[name].sum() + late[name].sum() == whole[name].sum()


def firm():
    """One of every kind in October; what each customer's line must say is in the tests."""
    return link(
        ledger(
            documents=[
                invoice("A", 1000),
                invoice("B", 500, on="10-05"),
                invoice("W", 300),
                invoice("N", 70, on="10-02", due=None, settled_on=day("10-20")),
                {**invoice("J", 40, on="10-06"), "kind": "journal"},
                {**invoice("D", 25, on="10-06"), "kind": "debit_note"},
                credit("K", 100, "10-07", "A"),
                {**credit("L", 120, "10-08", "W"), "kind": "write_off"},
                {**invoice("R", 30, on="10-30"), "kind": "recovery", "applies_to": "W"},
                {**credit("U", 500, "10-09"), "kind": "reversal", "reverses": "B"},
                {**invoice("X", 60, on="09-02"), "customer_id": "C2"},
            ],
            payments=[
                payment("P", 200, "10-10", "A"),
                payment("Q", 80, "10-11"),
                payment("S", 150, "09-20", "A"),
                payment("T", 150, "10-12", reverses="S", kind="bounced"),
                payment("Z", 60, "10-13", "X"),
            ],
            bills=[
                {
                    "bill_no": "E",
                    "amount": 90,
                    "received_on": day("10-03"),
                    "document_no": "A",
                    "state": "dishonoured",
                    "dishonoured_on": day("10-28"),
                }
            ],
        )
    )


SEP, OCT = date(2026, 9, 30), date(2026, 10, 31)


def test_every_kind_has_its_column():
    assert lines(movement(firm(), SEP, OCT)) == {
        "C1": {
            "opening": 1000 - 150 + 300,
            "new": 500 + 70 + 25,
            "other": 40 - 500,
            "paid": -200 - 80 - 60 - 70 - 90,
            "credited": -100,
            "written_off": -120,
            "recovered": 30,
            "bounced": 150 + 90,
            "transferred": 60,
            "closing": 1150 + 595 - 460 - 500 - 100 - 120 + 30 + 240 + 60,
        },
        "C2": {"opening": 60, "transferred": -60},
    }


def test_by_company_account_currency_nothing_is_transferred():
    frame = movement(firm(), SEP, OCT, by=("company", "account"))
    assert frame.columns[:3] == ["company", "account", "currency"]
    assert frame["transferred"].to_list() == [0]
    assert frame["residual"].to_list() == [0]


def test_write_offs_and_credits_leave_by_their_own_way():
    matrix = {
        (row["origin"], row["target"]): row["amount"]
        for row in roll(span(firm(), SEP, OCT)).iter_rows(named=True)
    }
    assert matrix["b0", "written_off"] == 120
    assert matrix["b0", "credited"] == 100 - 30
    assert matrix["new", "credited"] == 500
    assert matrix["new", "paid"] == 70
    assert matrix["new_credits", "unapplied"] == -80


def test_a_write_off_of_instalments_is_shared_oldest_first():
    """200 in two instalments, 30 credited and 130 written off: the older one is lost whole."""
    posted = link(
        ledger(
            documents=[
                invoice("A", 100, due="09-15", instalment=1),
                invoice("A", 100, due="12-15", instalment=2),
                credit("K", 30, "10-07", "A"),
                {**credit("L", 130, "10-08", "A"), "kind": "write_off"},
            ]
        )
    )
    found = {row[-3:-1]: row[-1] for row in roll(span(posted, SEP, OCT)).rows()}
    assert found["b1", "written_off"] == 100
    assert (found["b0", "written_off"], found["b0", "credited"]) == (30, 30)
    assert found["b0", "b0"] == 40


def test_an_allocation_moves_nothing_of_the_balance():
    tables = {
        "documents": [invoice("A", 100)],
        "payments": [payment("P", 100, "09-20")],
        "allocations": [allocation("P", "A", 100, "10-15")],
    }
    posted = link(ledger(**tables))
    assert movement(posted, SEP, OCT).is_empty()
    found = {row[-3:-1]: row[-1] for row in roll(span(posted, SEP, OCT)).rows()}
    assert found == {("b0", "paid"): 100, ("unapplied", "applied"): -100}


def test_local_currency_has_the_exchange_difference():
    """USD 100.00 invoiced at 0.90, half of it paid at 0.95, closing at 0.80, in EUR."""
    posted = link(
        ledger(
            documents=[{**invoice("A", 10000, on="10-02"), "currency": "USD", "amount_lc": 9000}],
            payments=[{**payment("P", 5000, "10-12", "A"), "currency": "USD"}],
        )
    )
    table = pl.DataFrame(
        {
            "date": [day("10-01"), day("10-10"), day("10-31")],
            "from": ["USD"] * 3,
            "to": ["EUR"] * 3,
            "rate": ["0.90", "0.95", "0.80"],
        }
    )
    row = movement_local(
        posted,
        open_items(posted, SEP),
        open_items(posted, OCT),
        Rates.from_table(table),
        {"": "EUR"},
    ).row(0, named=True)
    assert (row["local"], row["opening"], row["new"], row["paid"]) == ("EUR", 0, 9000, -4750)
    assert (row["closing"], row["fx"], row["residual"]) == (4000, 4000 - 9000 + 4750, 0)


@pytest.mark.parametrize(
    ("end", "by", "message"),
    [
        (SEP, ("customer",), "The period from 2026-09-30 to 2026-09-30 is empty."),
        (OCT, ("colour",), "cannot be shown by 'colour'"),
    ],
)
def test_mistakes(end, by, message):
    with pytest.raises(BadValueError, match=message):
        movement(firm(), SEP, end, by=by)


def test_unknown_base_of_the_matrix():
    with pytest.raises(BadValueError, match="base is 'posted'"):
        roll(span(firm(), SEP, OCT), Buckets.parse(), base="posted")


@pytest.mark.parametrize("engine", ["duckdb", "pandas"])
def test_other_engines_give_the_same(engine):
    assert movement(firm(), SEP, OCT, engine=engine).equals(movement(firm(), SEP, OCT))
