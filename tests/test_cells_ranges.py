"""How ranges are mapped: columns, tables, faults in one row, and no heavy library for scalars."""

import subprocess
import sys
import textwrap
from datetime import date
from decimal import Decimal
from typing import Annotated

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.cells import (
    REGISTRY,
    Amount,
    Amounts,
    Arg,
    CellError,
    Day,
    Table,
    TextList,
)
from tests.cell_functions import spec_of

DUE, AS_OF = date(2026, 9, 30), date(2026, 10, 31)


BUCKET, DAYS, SUM = (REGISTRY[name].call for name in ("AGING_BUCKET", "AGING_DAYS", "AGING_SUM"))


def test_column_in_column_out() -> None:
    assert BUCKET([DUE, date(2026, 10, 1)], AS_OF) == ["31-60 d", "1-30 d"]
    assert BUCKET([[DUE], [date(2026, 10, 1)]], AS_OF) == [["31-60 d"], ["1-30 d"]]
    assert BUCKET([[DUE, date(2026, 10, 1)]], AS_OF) == [["31-60 d", "1-30 d"]]
    assert DAYS([[DUE, 0], ["", DUE]], AS_OF) == [[31, None], [None, 31]]


def test_two_columns_pair_up_and_one_cell_serves_all() -> None:
    assert DAYS([DUE, DUE], [AS_OF, DUE]) == [31, 0]
    assert DAYS([[DUE], [DUE]], [[AS_OF]]) == [[31], [31]]
    assert DAYS([DUE, DUE], [[AS_OF], [DUE]]) == [[31], [0]]
    assert DAYS([[DUE]], AS_OF) == [[31]]


@pytest.mark.parametrize(
    ("due", "as_of", "why"),
    [
        ([DUE] * 3, [AS_OF] * 2, "as_of has 2 cells, due_on has 3 cells"),
        ([[DUE], [DUE]], [[AS_OF, AS_OF]], "2 × 1 cells"),
        ([[DUE, DUE], [DUE]], AS_OF, "differ in length"),
        ([], AS_OF, "the range is empty"),
    ],
)
def test_ranges_of_different_size(due, as_of, why) -> None:
    result = DAYS(due, as_of)
    assert result.code == "#VALUE!"
    assert why in result.why


def test_a_fault_marks_its_own_row_only() -> None:
    result = BUCKET([DUE, None, "#REF!", "03/04/2026", DUE], AS_OF)
    assert [result[0], result[1], result[4]] == ["31-60 d", None, "31-60 d"]
    assert result[2].code == "#REF!"
    assert result[3].code == "#VALUE!"


def test_a_row_is_blank_when_all_its_ranges_are() -> None:
    issued = [date(2026, 8, 31), None, date(2026, 8, 31)]
    assert BUCKET([None, None, DUE], AS_OF, None, issued, 30) == ["31-60 d", None, "31-60 d"]
    assert BUCKET([None, None], AS_OF, None, [date(2026, 8, 31), None]) == ["No due date", None]


def test_a_bad_constant_fails_the_whole_call() -> None:
    assert DAYS([DUE, DUE], "31/10/2026").code == "#VALUE!"
    assert DAYS([DUE, DUE]).why.startswith("as_of is missing")


def test_a_required_blank_in_a_row_is_missing() -> None:
    assert DAYS([DUE, DUE], [AS_OF, None])[1].why.startswith("as_of is missing")


@pytest.mark.parametrize(
    "column",
    [
        np.array([46295.0, 46296.0]),
        pd.Series([46295.0, 46296.0]),
        pl.Series([46295.0, 46296.0]),
        (46295.0, 46296.0),
        [np.int64(46295), np.float64(46296)],
        pd.Series(pd.to_datetime(["2026-09-30", "2026-10-01"])),
        pl.Series([DUE, date(2026, 10, 1)]),
    ],
    ids=lambda column: type(column).__module__,
)
def test_columns_of_other_libraries(column) -> None:
    assert DAYS(column, AS_OF) == [31, 30]


def rows(items: Annotated[Table, Arg("rows", "table")]) -> Annotated[Table, Arg("same", "table")]:
    """Same."""
    return items


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1, 2], "b": ["x", None]}),
        pl.DataFrame({"a": [1, 2], "b": ["x", None]}),
        (("a", "b"), (1, "x"), (2, None), (None, ""), ("", None)),
    ],
    ids=lambda frame: type(frame).__module__,
)
def test_tables(frame) -> None:
    assert spec_of(rows).call(frame) == [["a", "b"], [1, "x"], [2, None]]


@pytest.mark.parametrize("value", ["x", 5, [1, 2], [["", None]], [["a", "b"], [1]]])
def test_what_is_no_table(value) -> None:
    assert spec_of(rows).call(value).code == "#VALUE!"


def column_of(
    amounts: Annotated[Amounts, Arg("money", "money")],
    edges: Annotated[TextList, Arg("list", "text")] = "1",
    day: Annotated[Day | None, Arg("day", "date")] = None,
) -> Annotated[Amount, Arg("sum", "money")]:
    """Sum."""
    return sum((value for value in amounts if value is not None), Decimal(0))


def test_a_column_is_read_whole() -> None:
    call = spec_of(column_of).call
    assert call([[0.1], [0.2], [None], [""]]) == 0.3
    assert call(5) == 5.0
    assert call([1, "1,5"]).why.startswith("amounts: row 2 of the range: '1,5' is text")
    assert call([1, 2], "1", [DUE, AS_OF]) == [3.0, 3.0]


# -- properties -----------------------------------------------------------------------------

CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.dates(),
    st.decimals(),
    st.sampled_from(["#N/A", "2026-10-31", "", "cn", CellError("#REF!")]),
)
VALUES = st.one_of(
    CELLS, st.lists(CELLS, max_size=4), st.lists(st.lists(CELLS, max_size=3), max_size=3)
)
SCALAR = sorted(
    spec.name for spec in REGISTRY.values() if all(arg.type.shape != "table" for arg in spec.args)
)


@settings(max_examples=400, deadline=None)
@given(name=st.sampled_from(SCALAR), cells=st.lists(VALUES, max_size=9))
def test_nothing_a_user_can_type_raises(name, cells) -> None:
    result = REGISTRY[name].call(*cells)
    flat = result if isinstance(result, list) else [result]
    assert all(isinstance(item, CellError | str | int | float | list | None) for item in flat)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5))
def test_a_column_is_its_rows_one_by_one(pairs) -> None:
    """Only a blank row differs: a lone blank cell means a document without a due date."""
    dues, issues = [due for due, _ in pairs], [issued for _, issued in pairs]
    spec = REGISTRY["AGING_BUCKET"]
    together = spec.call(dues, AS_OF, None, issues, 30)
    for pair, found in zip(pairs, together, strict=True):
        if all(
            arg.is_blank(value)
            for arg, value in zip((spec.args[0], spec.args[3]), pair, strict=True)
        ):
            assert found is None
        else:
            assert found == spec.call(pair[0], AS_OF, None, pair[1], 30)


# -- without the heavy libraries ------------------------------------------------------------


def test_scalars_run_without_numpy_pandas_polars() -> None:
    program = textwrap.dedent(
        """
        import sys
        for name in ("numpy", "pandas", "polars", "pyarrow", "narwhals", "openpyxl", "xlwings"):
            sys.modules[name] = None
        from receivables.cells import REGISTRY, load_functions
        load_functions()
        print(REGISTRY["AGING_BUCKET"].call("2026-09-30", "2026-10-31"))
        print(REGISTRY["AGING_SUM"].call([1.5, 2], ["2026-09-30", None], "2026-10-31", "No due date"))
        print(REGISTRY["AGING_DAYS"].call([46295, 0], 46326))
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout.split("\n")[:3] == ["31-60 d", "2.0", "[31, None]"], done.stderr
