"""Open items: each rule of the ledger by a small case an accountant can check by head."""

from __future__ import annotations

from datetime import date

import pytest

from receivables.errors import BadValueError
from receivables.ledger.link import link
from receivables.ledger.open import open_items
from tests.ledgers import allocation, credit, day, invoice, ledger, payment
from tests.open_cases import CASES


def standing(tables: dict, as_of: str = "10-31", **options) -> dict[str, int]:
    opened = open_items(link(ledger(**tables)), day(as_of), **options).frame()
    names = [
        number if part is None else f"{number}/{part}"
        for number, part in zip(opened["document_no"], opened["instalment"], strict=True)
    ]
    return dict(zip(names, opened["open"].to_list(), strict=True))


@pytest.mark.parametrize(("tables", "expected"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("engine", ["polars", "duckdb", "pandas"])
def test_standing(tables, expected, engine):
    assert standing(tables, engine=engine) == expected


def test_match_cutoff_counts_later_matchings_but_no_later_money():
    tables = dict(
        documents=[invoice("A", 100), invoice("B", 50)],
        payments=[payment("P", 100, "10-20"), payment("Q", 50, "11-02", "B")],
        allocations=[allocation("P", "A", 100, "11-03")],
    )
    assert standing(tables) == {"A": 100, "B": 50, "P": -100}
    assert standing(tables, match_cutoff=day("11-02")) == {"A": 100, "B": 50, "P": -100}
    assert standing(tables, match_cutoff=day("11-03")) == {"B": 50}


def test_fifo_settles_the_oldest_first():
    tables = dict(
        documents=[invoice("A", 100, due="10-05"), invoice("B", 100, due="10-01")],
        payments=[payment("P", 130, "10-20")],
    )
    assert standing(tables, unapplied="fifo") == {"A": 70}


def test_age_is_kept_through_a_bounce():
    tables = dict(
        documents=[invoice("A", 100, due="10-01")],
        payments=[
            payment("P", 100, "10-05", "A"),
            payment("B", 100, "10-12", kind="bounced", reverses="P"),
        ],
    )
    frame = open_items(link(ledger(**tables)), day("10-31")).frame()
    assert frame["due_on"].to_list() == [date(2026, 10, 1)]
    assert frame["days_past_due"].to_list() == [30]


def test_amount_less_paid_less_credited_is_open():
    tables = dict(
        documents=[invoice("A", 100), credit("K", 20, "10-01", "A")],
        payments=[payment("P", 30, "10-05", "A")],
    )
    row = open_items(link(ledger(**tables)), day("10-31")).frame().row(0, named=True)
    assert (row["amount"], row["paid"], row["credited"], row["open"]) == (100, 30, 20, 50)


def test_other_currency_is_reported():
    posted = link(
        ledger(
            documents=[invoice("A", 100, currency="USD")],
            payments=[payment("P", 100, "10-05", "A")],
        )
    )
    assert [str(issue) for issue in posted.issues] == [
        (
            "test row 2: P has currency 'EUR' but names A, which has 'USD'. It stays unapplied. "
            "Correct the currency, or post a transfer between the two."
        )
    ]


def test_cutoff_before_the_date_is_refused():
    with pytest.raises(BadValueError, match="lies before the as-of date"):
        open_items(link(ledger()), day("10-31"), match_cutoff=day("10-30"))
