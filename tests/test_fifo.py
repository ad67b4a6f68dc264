"""Settling the oldest first: the same rows as a clerk, on every embedded engine."""

import pytest
from hypothesis import HealthCheck, given, settings

from receivables.ledger.fifo import fifo, fifo_items
from tests.aging_frames import ENGINES, ITEMS, item, ledgers, opened
from tests.oracle import aging_oracle as oracle


@pytest.fixture(params=ENGINES)
def engine(request):
    return request.param


@pytest.mark.parametrize("engine", ["polars", "duckdb", "pandas"])
@given(rows=ledgers())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_fifo_equals_the_oracle(engine, rows):
    settled = fifo(opened(rows, engine).items).collect("polars").to_native()
    assert dict(settled.select("item", "settled").rows()) == {
        number: amount for number, amount in oracle.fifo(rows).items() if amount
    }


def test_fifo_ties_go_to_the_smaller_item_and_undated_last(engine):
    rows = [
        item(3, 1, 5, 10),
        item(2, 1, 5, 10),
        item(1, 1, None, 10),
        item(9, 1, None, -15),
        item(8, 1, 3, -2),
    ]
    settled = fifo(opened(rows, engine).items).collect("polars").to_native()
    assert sorted(settled.select("item", "settled").rows()) == [(2, 10), (3, 7), (8, -2), (9, -15)]


def test_fifo_items_keeps_the_identity_and_drops_what_is_settled(engine):
    rows = [
        item(1, 1, 50, 100) | {"amount": 130, "paid": 30},
        item(2, 1, 10, 80),
        item(3, 1, None, -120),
    ]
    left = fifo_items(opened(rows, engine).items).collect("polars").to_native()
    assert left.select("item", "amount", "paid", "credited", "open").rows() == [(2, 80, 20, 0, 60)]
    assert left.columns == list(ITEMS)
