"""Declaring a cell function: what is refused, how cells are read, how ranges are mapped."""

import subprocess
import sys
import textwrap
from datetime import date, datetime
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
    Choice,
    Day,
    DeclarationError,
    Flag,
    Number,
    Table,
    Text,
    TextList,
    Whole,
    cell,
    load_functions,
)
from receivables.cells.declare import build_spec, check_name
from receivables.errors import DomainError, NotAvailableError

load_functions()
OUT = Annotated[Number, Arg("a number", "days")]
IN = Annotated[Number, Arg("a number", "days")]
DUE, AS_OF = date(2026, 9, 30), date(2026, 10, 31)


def documented(x: IN) -> OUT:
    """Twice x."""
    return 2 * x


def spec_of(function):
    return build_spec("TEST_FUNCTION", "monitor", function)


# -- what is refused at import --------------------------------------------------------------


def no_doc(x: IN) -> OUT:
    return x


def long_doc(x: IN) -> OUT:
    return x


long_doc.__doc__ = "x" * 256


def no_annotation(x) -> OUT:
    """Text."""
    return x


def plain_annotation(x: float) -> OUT:
    """Text."""
    return x


def no_arg(x: Number) -> OUT:
    """Text."""
    return x


def no_unit(x: Annotated[Number, Arg("a number")]) -> OUT:
    """Text."""
    return x


def unknown_unit(x: Annotated[Number, Arg("a number", "furlongs")]) -> OUT:
    """Text."""
    return x


def no_help(x: Annotated[Number, Arg("", "days")]) -> OUT:
    """Text."""
    return x


def long_help(x: Annotated[Number, Arg("x" * 256, "days")]) -> OUT:
    """Text."""
    return x


def no_result(x: IN):
    """Text."""
    return x


def result_without_unit(x: IN) -> Annotated[Number, Arg("a number")]:
    """Text."""
    return x


def keyword_only(x: IN, *, y: IN) -> OUT:
    """Text."""
    return x + y


def keywords(**x: IN) -> OUT:
    """Text."""
    return x


def default_and_varargs(x: IN = 1.0, *more: IN) -> OUT:
    """Text."""
    return x


def vba_keyword(date: IN) -> OUT:
    """Text."""
    return date


def vba_type(currency: IN) -> OUT:
    """Text."""
    return currency


def underscore(_x: IN) -> OUT:
    """Text."""
    return _x


def nine(a: IN, b: IN, c: IN, d: IN, e: IN = 1, f: IN = 1, g: IN = 1, h: IN = 1, i: IN = 1) -> OUT:
    """Text."""
    return a


def five_required(a: IN, b: IN, c: IN, d: IN, e: IN) -> OUT:
    """Text."""
    return a


def none_default(x: IN = None) -> OUT:
    """Text."""
    return x


def choice_without_set(x: Annotated[Choice, Arg("pick", "text")]) -> OUT:
    """Text."""
    return x


def set_without_choice(x: Annotated[Text, Arg("pick", "text", "base")]) -> OUT:
    """Text."""
    return x


def unknown_set(x: Annotated[Choice, Arg("pick", "text", "colour")]) -> OUT:
    """Text."""
    return x


def default_not_in_set(x: Annotated[Choice, Arg("pick", "text", "base")] = "both") -> OUT:
    """Text."""
    return x


@pytest.mark.parametrize(
    ("function", "fault"),
    [
        (no_doc, "the docstring is missing"),
        (long_doc, "has 256 characters, 255 at most"),
        (no_annotation, "argument x: annotate it"),
        (plain_annotation, "argument x: annotate it"),
        (no_arg, "argument x: the help text is missing"),
        (no_help, "argument x: the help text is missing"),
        (long_help, "argument x has 256 characters"),
        (no_unit, "argument x: the unit is missing"),
        (unknown_unit, "units.csv has no unit 'furlongs'"),
        (no_result, "the result: annotate it"),
        (result_without_unit, "the result: the unit is missing"),
        (keyword_only, "y is keyword-only"),
        (keywords, "x is keyword-only"),
        (default_and_varargs, "defaults and a variable number"),
        (vba_keyword, "date is a VBA keyword"),
        (vba_type, "currency is a VBA keyword"),
        (underscore, "no leading underscore"),
        (nine, "9 arguments, 8 at most"),
        (five_required, "requires 5 arguments, 4 at most"),
        (none_default, "a default of None needs"),
        (choice_without_set, "the type Choice and `choices` go together"),
        (set_without_choice, "the type Choice and `choices` go together"),
        (unknown_set, "options.csv has no set 'colour'"),
        (default_not_in_set, "'both' is not in the set 'base'"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_refused_at_import(function, fault) -> None:
    with pytest.raises(DeclarationError, match=fault):
        spec_of(function)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("DSO12", "cell address"),
        ("CEI3", "cell address"),
        ("A1", "cell address"),
        ("XFD1048576", "cell address"),
        ("R1C1", "cell address"),
        ("RC", "cell address"),
        ("R", "cell address"),
        ("RUN", "Excel 4 macro function"),
        ("ECHO", "Excel 4 macro function"),
        ("RATE", "built-in function"),
        ("PMT", "built-in function"),
        ("XLOOKUP", "built-in function"),
        ("DECLARE", "VBA keyword"),
        ("aging_days", "capital letters"),
        ("AGING.DAYS", "capital letters"),
        ("_DAYS", "capital letters"),
        ("2DAYS", "capital letters"),
    ],
)
def test_names_that_mean_something_else(name, fault) -> None:
    with pytest.raises(DeclarationError, match=fault):
        check_name(name)


@pytest.mark.parametrize(
    "name", ["DSO", "DSO_12", "AGING_BUCKET", "RESERVE", "DSOX12", "ALTMAN_Z"]
)
def test_names_that_are_free(name) -> None:
    check_name(name)


def test_a_name_is_declared_once() -> None:
    with pytest.raises(DeclarationError, match="AGING_DAYS is declared twice"):
        cell("AGING_DAYS", family="monitor")(documented)


def test_declaring_keeps_the_function_and_registers_it() -> None:
    assert cell("TEST_TWICE", family="monitor")(documented) is documented
    assert REGISTRY.pop("TEST_TWICE").call(21) == 42.0


# -- one value ------------------------------------------------------------------------------

BUCKET, DAYS, SUM = (REGISTRY[name].call for name in ("AGING_BUCKET", "AGING_DAYS", "AGING_SUM"))


@pytest.mark.parametrize(
    "due",
    [
        DUE,
        datetime(2026, 9, 30, 23, 59),  # noqa: DTZ001 - cells know no time zone
        46295,
        46295.0,
        46295.99,
        Decimal(46295),
        "2026-09-30",
        " 2026-09-30 ",
        "2026-9-30",
        "2026/09/30",
        "2026.09.30",
        "20260930",
        20260930,
        "2026-09-30 00:00:00",
        "2026-09-30T12:00:00",
        "2026年9月30日",
        "46295",
        np.datetime64("2026-09-30"),
        np.float64(46295),
        np.int64(46295),
        pd.Timestamp("2026-09-30"),
    ],
    ids=repr,
)
def test_dates_that_are_read(due) -> None:
    assert DAYS(due, AS_OF) == 31


@pytest.mark.parametrize(
    ("due", "code", "why"),
    [
        ("03/04/2026", "#VALUE!", "does not say which part is the day"),
        ("31.10.2026", "#VALUE!", "does not say which part is the day"),
        ("2026-02-30", "#VALUE!", "not a day of the calendar"),
        ("soon", "#VALUE!", "'soon' is not a date"),
        (True, "#VALUE!", "TRUE is not a date"),
        (False, "#VALUE!", "FALSE is not a date"),
        (31, "#NUM!", "outside 1980 to 2100"),
        (date(1979, 12, 31), "#NUM!", "outside 1980 to 2100"),
        (date(2101, 1, 1), "#NUM!", "outside 1980 to 2100"),
        (1e300, "#NUM!", "not a date serial"),
        ("20261331", "#VALUE!", "not a day of the calendar"),
    ],
    ids=repr,
)
def test_dates_that_are_refused(due, code, why) -> None:
    result = DAYS(due, AS_OF)
    assert result.code == code
    assert result.why.startswith("due_on: ")
    assert why in result.why


@pytest.mark.parametrize("blank", [None, "", "  ", float("nan"), pd.NA, pd.NaT, np.nan])
def test_a_blank_optional_is_an_omitted_one(blank) -> None:
    assert BUCKET(DUE, AS_OF, blank) == "31-60 d"
    assert BUCKET(DUE, AS_OF, blank, blank, blank, blank) == "31-60 d"


def test_zero_and_false_are_values() -> None:
    assert DAYS(None, AS_OF, AS_OF, 0) == 0
    assert DAYS(None, AS_OF, AS_OF, False) == 0
    assert BUCKET(DUE, AS_OF, 0).code == "#VALUE!"
    assert BUCKET(DUE, AS_OF, "30", None, None, False).why.startswith(
        "day_on_edge: FALSE is not one"
    )


def test_date_zero_is_an_empty_cell() -> None:
    assert BUCKET(0, AS_OF) == "No due date"
    assert BUCKET(0.0, AS_OF) == "No due date"
    assert DAYS(DUE, 0).why == "as_of is missing: date as of which the age counts."


def test_missing_and_surplus_arguments() -> None:
    assert DAYS(DUE) == CellError("#VALUE!", "as_of is missing: date as of which the age counts.")
    surplus = DAYS(DUE, AS_OF, None, None, 1)
    assert surplus.code == "#VALUE!"
    assert "takes 4 arguments, 5 were given" in surplus.why
    assert DAYS().code == "#VALUE!"


@pytest.mark.parametrize("error", [CellError("#REF!", "gone"), "#N/A", "#DIV/0!"])
def test_incoming_errors_go_through(error) -> None:
    code = error.code if isinstance(error, CellError) else error
    assert DAYS(error, AS_OF).code == code
    assert DAYS(DUE, error).code == code
    assert BUCKET(DUE, AS_OF, [[30], [error]]).code == code
    assert SUM([1, error], [DUE, DUE], AS_OF, "Current").code == code


@pytest.mark.parametrize("word", ["older", "OLDER", " Older ", 2, 2.0, "2", "较旧", "含下限"])
def test_choices_in_two_languages_or_by_number(word) -> None:
    assert BUCKET(date(2026, 10, 1), AS_OF, "30,60", None, None, word) == "30-59 d"


@pytest.mark.parametrize("word", ["oldest", 3, -1, True, "老"])
def test_unknown_choices_name_the_known_ones(word) -> None:
    result = BUCKET(DUE, AS_OF, "30", None, None, word)
    assert result.code == "#VALUE!"
    assert "is not one of younger (1), older (2)" in result.why


@pytest.mark.parametrize(
    ("edges", "bucket"),
    [
        ("45,90", "1-45 d"),
        (45, "1-45 d"),
        (45.0, "1-45 d"),
        ([45, 90], "1-45 d"),
        ([[45.0], [90.0], [None], [""]], "1-45 d"),
        ([[45.0, 90.0]], "1-45 d"),
        ("AUDIT", "31-60 d"),
    ],
)
def test_a_list_is_text_number_or_range(edges, bucket) -> None:
    assert BUCKET(DUE, AS_OF, edges) == bucket


def flags(yes: Annotated[Flag, Arg("yes or no", "flag")]) -> Annotated[Flag, Arg("same", "flag")]:
    """Same."""
    return yes


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (True, True),
        (0, False),
        (1.0, True),
        ("yes", True),
        ("N", False),
        ("是", True),
        ("否", False),
    ],
)
def test_flags(given, expected) -> None:
    assert spec_of(flags).call(given) is expected


@pytest.mark.parametrize("given", [2, "perhaps", date(2026, 1, 1)])
def test_flags_that_are_neither(given) -> None:
    assert "neither yes nor no" in spec_of(flags).call(given).why


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (3, 6.0),
        (Decimal("1.5"), 3.0),
        ("30%", 0.6),
        ("-1e2", -200.0),
        (True, 2.0),
        (np.float32(1), 2.0),
    ],
)
def test_numbers(given, expected) -> None:
    assert spec_of(documented).call(given) == expected


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("1,234", "#VALUE!"),
        ("abc", "#VALUE!"),
        (float("inf"), "#NUM!"),
        (10**400, "#NUM!"),
        (DUE, "#VALUE!"),
    ],
)
def test_numbers_that_are_refused(given, code) -> None:
    assert spec_of(documented).call(given).code == code


def whole(x: Annotated[Whole, Arg("count", "count")]) -> Annotated[Whole, Arg("same", "count")]:
    """Same."""
    return x


def test_whole_numbers() -> None:
    call = spec_of(whole).call
    assert call(30.0) == 30
    assert "30.5 is not a whole number" in call(30.5).why


def amount(x: Annotated[Amount, Arg("money", "money")]) -> Annotated[Amount, Arg("sum", "money")]:
    """Ten times, added one by one."""
    return sum([x] * 10, Decimal(0))


def test_money_is_added_exactly() -> None:
    call = spec_of(amount).call
    assert call(0.1) == 1.0
    assert call("0.07") == 0.7
    assert call(True).code == "#VALUE!"
    assert call(1e20).code == "#NUM!"


def text(x: Annotated[Text, Arg("key", "text")]) -> Annotated[Text, Arg("same", "text")]:
    """Same."""
    return x


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("00123", "00123"),
        (123.0, "123"),
        (1.5, "1.5"),
        (True, "TRUE"),
        (DUE, "2026-09-30"),
        (123, "123"),
    ],
)
def test_keys_are_text(given, expected) -> None:
    assert spec_of(text).call(given) == expected


def infinite(x: IN) -> OUT:
    """Overflow."""
    return x * 1e308


def test_an_infinite_result_is_an_error() -> None:
    assert spec_of(infinite).call(1e10) == CellError("#NUM!", "The result is not a finite number.")


def none_at_all(x: IN) -> OUT:
    """Raise what the core raises."""
    if x < 0:
        raise DomainError("Sales are negative.")
    raise NotAvailableError("No history.")


def test_faults_of_the_core_become_error_values() -> None:
    call = spec_of(none_at_all).call
    assert call(-1) == CellError("#NUM!", "Sales are negative.")
    assert call(1) == CellError("#N/A", "No history.")


def many(*values: IN) -> OUT:
    """Sum of any number of values."""
    return sum(values)


def test_a_variable_number_of_arguments() -> None:
    assert spec_of(many).call(1, 2, 3) == 6
    assert spec_of(many).call(1, [2, 3]) == [3, 4]


# -- ranges ---------------------------------------------------------------------------------


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
