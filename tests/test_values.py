"""Cell values as text and JSON."""

import json
from datetime import date, datetime
from decimal import Decimal

import pytest

from receivables.cells import CellError, find_function, load_functions
from receivables.errors import BadValueError
from receivables.values import from_json, parse_cell, parse_day, render, to_json

load_functions()
DUE, AS_OF, EDGES, _, TERMS, ON_EDGE = find_function("AGING_BUCKET").args
BUCKET = find_function("AGING_SUM").args[3]


@pytest.mark.parametrize(
    ("text", "arg", "expected"),
    [
        ("2026-09-30", DUE, "2026-09-30"),
        ('"2026-09-30"', DUE, "2026-09-30"),
        ("46295", DUE, 46295),
        ("null", DUE, None),
        ("", DUE, ""),
        ("true", DUE, True),
        ("30,60,90", EDGES, "30,60,90"),
        ("30", EDGES, "30"),
        ("[30, 60]", EDGES, [30, 60]),
        ("00123", BUCKET, "00123"),
        ("1e5", BUCKET, "1e5"),
        ("1e5", TERMS, 100000.0),
        ("2", ON_EDGE, "2"),
        ("false", ON_EDGE, False),
        ("NaN", TERMS, "NaN"),
        ("Infinity", TERMS, "Infinity"),
        ('{"error": "#N/A", "why": "no data"}', DUE, CellError("#N/A", "no data")),
        ('{"error": "#N/A"}', DUE, CellError("#N/A")),
        ('{"what": 1}', DUE, '{"what": 1}'),
        ('[["a", null], [1, {"error": "#REF!"}]]', DUE, [["a", None], [1, CellError("#REF!")]]),
        ("[1, 2", DUE, "[1, 2"),
        ("30%", TERMS, "30%"),
        ("[" * 5000, DUE, "[" * 5000),
    ],
)
def test_parse(text, arg, expected) -> None:
    result = parse_cell(text, arg)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2026, 10, 31), "2026-10-31"),
        (datetime(2026, 10, 31, 9), "2026-10-31"),  # noqa: DTZ001 - cells know no time zone
        (CellError("#NUM!", "why"), {"error": "#NUM!", "why": "why"}),
        ([None, True, 1.5, "x"], [None, True, 1.5, "x"]),
        (Decimal("0.10"), 0.1),
    ],
)
def test_json(value, expected) -> None:
    assert to_json(value) == expected
    assert json.loads(json.dumps(to_json(value))) == expected


def test_json_there_and_back() -> None:
    value = [[1, None], ["x", CellError("#N/A", "why")]]
    assert from_json(to_json(value)) == value


def test_what_is_no_cell_value() -> None:
    with pytest.raises(ValueError, match="is not a cell value"):
        from_json({"a": 1})


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (55.3485, "days", "55.35"),
        (55.345, "days", "55.35"),
        (31, "days", "31"),
        (1234.5, "money", "1234.50"),
        (-0.004, "money", "0.00"),
        (0.12345, "share", "0.1235"),
        (7.8125, "rate", "7.812500"),
        (0.1, "text", "0.1"),
        (1e22, "money", "10000000000000000000000"),
        (1e-7, "", "0.0000001"),
        (100.0, "", "100"),
        (None, "days", ""),
        (True, "flag", "TRUE"),
        (date(2026, 10, 31), "date", "2026-10-31"),
        ("31-60 d", "text", "31-60 d"),
        (CellError("#N/A", "No due date."), "days", "#N/A No due date."),
        ([1.005, None], "money", "1.01\n"),
        ([["a", "b"], [1.5, 2]], "money", "a\tb\n1.50\t2"),
    ],
)
def test_render(value, unit, expected) -> None:
    assert render(value, unit) == expected


def test_a_bad_date_names_its_option() -> None:
    assert parse_day("2026-10-31", "--as-of") == date(2026, 10, 31)
    with pytest.raises(BadValueError, match=r"^--as-of: '31/10/2026' does not say which part"):
        parse_day("31/10/2026", "--as-of")
    with pytest.raises(BadValueError, match=r"--as-of: '' is not a date"):
        parse_day("", "--as-of")
