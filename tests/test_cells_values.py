"""How one cell is read: dates, numbers, money, choices, blanks, errors."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import numpy as np
import pandas as pd
import pytest

from receivables.cells import (
    REGISTRY,
    Amount,
    Arg,
    CellError,
    Flag,
    Text,
    Whole,
)
from receivables.errors import DomainError, NotAvailableError
from tests.cell_functions import IN, OUT, documented, spec_of

DUE, AS_OF = date(2026, 9, 30), date(2026, 10, 31)


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
