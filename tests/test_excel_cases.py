"""Every row of the case tables through xlwings' own code: call, conversion, answer."""

from __future__ import annotations

import dataclasses
import importlib
import json
from collections.abc import Iterator
from types import ModuleType

import pytest

from receivables.cells import REGISTRY
from tests.calc_broken_worker import off_by_one
from tests.case_tables import HOSTS, ROWS, check, rows_for
from tests.xlwings_fake.excel import MODULE, Excel, as_cells, squeezed
from tests.xlwings_fake.session import windows


@pytest.fixture(scope="module")
def com_server() -> Iterator[ModuleType]:
    with windows() as server:
        yield server


def run(excel: Excel, row: dict[str, str]) -> None:
    result = excel.formula(row["function"], *json.loads(row["arguments"]))
    expected = squeezed(as_cells(json.loads(row["expected"]), result))
    check({**row, "expected": json.dumps(expected)}, result)


@pytest.mark.parametrize("delivery", ["value2", "value", "range"])
@pytest.mark.parametrize("row", rows_for("excel"))
def test_in_excel(com_server, row, delivery) -> None:
    run(Excel(com_server, delivery), row)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_a_function_that_is_off_by_one_is_noticed(com_server, name, monkeypatch) -> None:
    """Each function answers wrongly once: at least one of its rows must fail in this host."""
    spec = REGISTRY[name]
    binding = importlib.import_module(MODULE)
    broken = dataclasses.replace(spec, function=off_by_one(spec.function))
    monkeypatch.setattr(binding, name, binding.bound(broken))
    rows = [case.values[0] for case in rows_for("excel") if case.values[0]["function"] == name]
    failed = []
    for row in rows:
        try:
            run(Excel(com_server), row)
        except AssertionError:
            failed.append(row)
    assert failed, f"no case of {name} notices a wrong answer in Excel"


def test_a_row_that_leaves_a_host_out_says_why() -> None:
    for case in ROWS:
        row = case.values[0]
        left_out = HOSTS - set(row["hosts"].split())
        why = (row.get("why_not") or "").lower()
        assert all(host in why for host in left_out), f"{case.id}: why not {sorted(left_out)}?"
