"""Random ledgers against a clerk who keeps them row by row: open and paid of every row agree."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from receivables.ledger.link import link
from receivables.ledger.open import open_items
from tests.ledgers import ledger
from tests.oracle.ledger_oracle import Matching, Row, replay

START = date(2026, 9, 1)
LATE = START + timedelta(days=40)
days = st.integers(0, 30).map(lambda n: START + timedelta(days=n))
amounts = st.integers(1, 12).map(lambda n: n * 10)


@st.composite
def ledgers(draw):
    """Tables for the product and the same rows for the clerk."""
    documents, payments, allocations = [], [], []
    numbers = [f"D{n}" for n in range(draw(st.integers(1, 5)))]
    for number in numbers:
        posted = draw(days)
        parts = draw(st.sampled_from([1, 1, 2, 3]))
        for part in range(1, parts + 1):
            documents.append(
                {
                    "document_no": number,
                    "instalment": part if parts > 1 else None,
                    "kind": "invoice",
                    "amount": draw(amounts),
                    "issued_on": posted,
                    "due_on": draw(days) + timedelta(days=20),
                    "settled_on": draw(st.none() | days) if draw(st.integers(0, 9)) == 0 else None,
                }
            )
    given = []
    for n in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from(["credit_note", "write_off", "reversal", "recovery"]))
        target = draw(st.sampled_from(numbers))
        sign = 1 if kind == "recovery" else -1
        documents.append(
            {
                "document_no": f"K{n}",
                "kind": kind,
                "amount": sign * draw(amounts),
                "issued_on": draw(days),
                "applies_to": None if kind == "reversal" or draw(st.booleans()) else target,
                "reverses": target if kind == "reversal" else None,
            }
        )
        if kind == "credit_note":
            given.append(f"K{n}")
    for n in range(draw(st.integers(0, 5))):
        payments.append(
            {
                "payment_no": f"P{n}",
                "kind": "payment",
                "amount": draw(amounts),
                "paid_on": draw(days),
                "document_no": draw(st.none() | st.sampled_from(numbers)),
            }
        )
    received = [row["payment_no"] for row in payments]
    if received:
        for n in range(draw(st.integers(0, 2))):
            kind = draw(st.sampled_from(["bounced", "refund"]))
            target = draw(st.sampled_from(received + given))
            bounced = kind == "bounced" and target in received
            payments.append(
                {
                    "payment_no": f"B{n}",
                    "kind": kind if bounced else "refund",
                    "amount": draw(amounts),
                    "paid_on": draw(days),
                    "reverses": target if bounced else None,
                    "document_no": None if bounced else target,
                }
            )
    if received or given:
        for _ in range(draw(st.integers(0, 4))):
            number = draw(st.sampled_from(numbers))
            parts = sum(row["document_no"] == number for row in documents)
            allocations.append(
                {
                    "credit_no": draw(st.sampled_from(received + given)),
                    "document_no": number,
                    "instalment": draw(st.integers(1, parts))
                    if parts > 1 and draw(st.booleans())
                    else None,
                    "amount": draw(amounts) * draw(st.sampled_from([1, 1, 3])),
                    "applied_on": draw(days),
                    "entered_on": draw(st.none() | days),
                }
            )
    return {"documents": documents, "payments": payments, "allocations": allocations}


def identity(number: str, part: int | None) -> str:
    return number if part is None else f"{number}/{part}"


def clerk_rows(tables) -> tuple[list[Row], list[Matching]]:
    rows = []
    for row in tables["documents"]:
        rows.append(
            Row(
                id=identity(row["document_no"], row.get("instalment")),
                doc=row["document_no"],
                amount=Decimal(row["amount"]),
                posted_on=row["issued_on"],
                due_on=row.get("due_on") or (row["issued_on"] if row["amount"] < 0 else None),
                names=row.get("applies_to"),
                undoes=row.get("reverses"),
                settled_on=row.get("settled_on"),
            )
        )
    for row in tables["payments"]:
        back = row["kind"] in {"bounced", "refund"}
        rows.append(
            Row(
                id=row["payment_no"],
                doc=row["payment_no"],
                amount=Decimal(row["amount"]) * (1 if back else -1),
                posted_on=row["paid_on"],
                due_on=row["paid_on"],
                is_money=True,
                names=row.get("document_no"),
                undoes=row.get("reverses"),
            )
        )
    matchings = [
        Matching(
            credit=row["credit_no"],
            doc=row["document_no"],
            amount=Decimal(row["amount"]),
            known_on=max(row["applied_on"], row["entered_on"] or row["applied_on"]),
            part=identity(row["document_no"], row["instalment"]) if row["instalment"] else None,
        )
        for row in tables["allocations"]
    ]
    return rows, matchings


def ours(tables, as_of, cutoff, engine) -> dict[str, tuple[int, int]]:
    frame = open_items(link(ledger(**tables)), as_of, match_cutoff=cutoff, engine=engine).frame()
    return {
        identity(row["document_no"], row["instalment"]): (row["open"], row["paid"])
        for row in frame.iter_rows(named=True)
    }


def theirs(tables, as_of, cutoff) -> dict[str, tuple[int, int]]:
    rows, matchings = clerk_rows(tables)
    standing = replay(rows, matchings, as_of, cutoff)
    return {name: (int(s.open), int(s.paid)) for name, s in standing.items() if s.open}


def balance(tables, as_of) -> int:
    rows, _ = clerk_rows(tables)
    total = sum(int(row.amount) for row in rows if row.posted_on <= as_of)
    noted = [row for row in rows if row.settled_on and row.posted_on <= as_of]
    return total - sum(int(r.amount) for r in noted if r.settled_on <= as_of)


@pytest.mark.parametrize(
    ("engine", "examples"), [("polars", 400), ("duckdb", 40), ("pandas", 40), ("pyspark", 4)]
)
def test_every_row_agrees_with_the_clerk(engine, examples):
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(tables=ledgers(), as_of=days | st.just(LATE), late=st.integers(0, 5))
    def agree(tables, as_of, late):
        cutoff = as_of + timedelta(days=late)
        found = ours(tables, as_of, cutoff, engine)
        assert found == theirs(tables, as_of, cutoff)
        assert sum(amount for amount, _ in found.values()) == balance(tables, as_of)

    agree()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(tables=ledgers(), as_of=days)
def test_a_past_date_never_changes_when_later_rows_are_added(tables, as_of):
    before = {
        "documents": [r for r in tables["documents"] if r["issued_on"] <= as_of],
        "payments": [r for r in tables["payments"] if r["paid_on"] <= as_of],
        "allocations": [
            r
            for r in tables["allocations"]
            if max(r["applied_on"], r["entered_on"] or r["applied_on"]) <= as_of
        ],
    }
    for row in before["documents"]:
        if row.get("settled_on") and row["settled_on"] > as_of:
            return
    numbers = {row["document_no"] for row in before["documents"]}
    whole = {row["document_no"] for row in tables["documents"]} - numbers
    if any(row["document_no"] in whole for row in before["allocations"]):
        return
    assert ours(tables, as_of, as_of, "polars") == ours(before, as_of, as_of, "polars")


def test_frames_are_integers_on_every_engine():
    posted = link(
        ledger(
            documents=[
                {
                    "document_no": "A",
                    "kind": "invoice",
                    "amount": 9007199254740993,
                    "issued_on": START,
                }
            ],
            payments=[{"payment_no": "P", "amount": 1, "paid_on": START, "document_no": "A"}],
        )
    )
    for engine in ("polars", "duckdb", "pandas", "pyspark"):
        frame = open_items(posted, START, engine=engine).frame()
        assert frame["open"].to_list() == [9007199254740992]
        assert frame.schema["open"] == pl.Int64
