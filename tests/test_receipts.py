"""Subsequent receipts: what came in after the balance date, and what was only matched later."""

import polars as pl
import pytest

from receivables.errors import BadValueError
from receivables.ledger.engines import collect
from receivables.ledger.link import link
from receivables.ledger.open import open_items, positions
from receivables.monitor.receipts import subsequent
from tests.ledgers import day, ledger
from tests.test_open import allocation, credit, invoice, payment

COLUMNS = (
    "document_no",
    "open",
    "received",
    "credited",
    "matched_later",
    "remaining",
    "last_on",
    "receipts",
)


def receipts(as_of="10-31", until="11-30", engine="polars", **tables):
    posted = link(ledger(**tables))
    found = subsequent(
        posted, open_items(posted, day(as_of), engine=engine), day(until), engine=engine
    )
    named = found.items.join(
        posted.details.select("item", "document_no", "instalment"),
        on="item",
        maintain_order="left",
        how="left",
    )
    return found, named, posted


def rows(named):
    return [tuple(row) for row in named.select(COLUMNS).rows()]


@pytest.fixture(params=["polars", "duckdb", "pandas"])
def engine(request):
    return request.param


def test_money_after_the_date_and_its_days(engine):
    found, named, _ = receipts(
        engine=engine,
        documents=[invoice("A", 100), invoice("B", 50), invoice("C", 7)],
        payments=[
            payment("P0", 10, "10-31", "A"), payment("P1", 30, "11-01", "A"), payment("P2", 20, "11-30", "A"),
            payment("P3", 5, "12-01", "A"), payment("P4", 50, "11-15", "B"),
        ],
    )  # fmt: skip
    assert rows(named) == [
        ("A", 90, 50, 0, 0, 40, day("11-30"), 2),
        ("B", 50, 50, 0, 0, 0, day("11-15"), 1),
        ("C", 7, 0, 0, 0, 7, None, 0),
    ]
    assert named["first_on"].to_list() == [day("11-01"), day("11-15"), None]
    assert found.on_account.is_empty()


def test_money_that_was_there_and_matched_later_is_no_receipt(engine):
    _, named, _ = receipts(
        engine=engine,
        documents=[invoice("A", 100), credit("K", 15, "10-20")],
        payments=[payment("P", 60, "10-30", kind="on_account"), payment("Q", 10, "11-02", "A")],
        allocations=[allocation("P", "A", 60, "11-05"), allocation("K", "A", 15, "11-06")],
    )
    assert rows(named) == [
        ("A", 100, 10, 0, 75, 15, day("11-02"), 1),
        ("K", -15, 0, 0, -15, 0, None, 0),
        ("P", -60, 0, 0, -60, 0, None, 0),
    ]


def test_credit_notes_after_the_date_are_not_money():
    _, named, _ = receipts(
        documents=[invoice("A", 100), credit("K", 40, "11-10", applies_to="A")],
        payments=[payment("P", 25, "11-12", "A")],
    )
    assert rows(named) == [("A", 100, 25, 40, 0, 35, day("11-12"), 1)]


def test_a_payment_that_bounced_again_is_none():
    _, named, _ = receipts(
        documents=[invoice("A", 100)],
        payments=[
            payment("P", 100, "11-02", "A"),
            payment("X", 100, "11-20", kind="bounced", reverses="P"),
        ],
    )
    assert rows(named)[0][:6] == ("A", 100, 0, 0, 0, 100)
    assert rows(named)[0][6:] == (None, 0)


def test_money_noted_on_the_document_itself():
    _, named, _ = receipts(
        documents=[
            invoice("A", 100, settled_on=day("11-09")), invoice("B", 80, settled_on=day("11-10"), paid_amount=30),
            invoice("C", 60, settled_on=day("12-09")), invoice("D", 50, settled_on=day("10-31")),
        ],
    )  # fmt: skip
    assert rows(named) == [
        ("A", 100, 100, 0, 0, 0, day("11-09"), 1),
        ("B", 80, 30, 0, 0, 50, day("11-10"), 1),
        ("C", 60, 0, 0, 0, 60, None, 0),
    ]


def test_instalments_each_get_their_own_part(engine):
    _, named, _ = receipts(
        engine=engine,
        documents=[
            invoice("A", 100, due=due, instalment=number)
            for number, due in ((1, "10-01"), (2, "11-01"), (3, "12-01"))
        ],
        payments=[payment("P", 130, "11-04", "A")],
    )
    assert named.select("instalment", "received", "remaining", "receipts").rows() == [
        ("1", 100, 0, 1),
        ("2", 30, 70, 1),
        ("3", 0, 100, 0),
    ]


def test_money_still_waiting_is_listed_apart():
    found, named, posted = receipts(
        documents=[invoice("A", 100)],
        payments=[
            payment("OLD", 9, "10-31", kind="on_account"),
            payment("P", 40, "11-04", kind="on_account"),
            payment("Q", 1, "12-04", kind="on_account"),
        ],
    )
    assert rows(named)[0][:6] == ("A", 100, 0, 0, 0, 100)
    waiting = found.on_account.join(posted.details.select("item", "document_no"), on="item")
    assert waiting.select("document_no", "open", "posted_on").rows() == [("P", -40, day("11-04"))]


def test_what_remains_is_the_balance_at_the_end():
    found, _, posted = receipts(
        documents=[
            invoice("A", 100),
            invoice("B", 60),
            credit("K", 15, "10-20"),
            invoice("N", 30, on="11-03"),
        ],
        payments=[payment("P", 60, "10-30", kind="on_account"), payment("Q", 170, "11-02", "A")],
        allocations=[allocation("P", "B", 45, "11-05"), allocation("K", "N", 15, "11-06")],
    )
    standing, _ = positions(posted, day("11-30"), day("11-30"))
    ends = collect(standing).select("item", "open")
    checked = found.items.join(ends.rename({"open": "end"}), on="item")
    assert checked.height == found.items.height == 4
    assert checked["remaining"].to_list() == checked["end"].to_list()
    assert (
        checked.select(pl.sum_horizontal("received", "credited", "matched_later", "remaining"))
        .to_series()
        .to_list()
        == checked["open"].to_list()
    )


def test_until_before_the_date_is_refused():
    with pytest.raises(
        BadValueError, match="until 2026-10-30 end before the balance date 2026-10-31"
    ):
        receipts(until="10-30", documents=[invoice("A", 1)])
