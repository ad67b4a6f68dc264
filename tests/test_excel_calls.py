"""What a cell of Excel sends and shows, through xlwings' own code: errors, blanks, dates, shapes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import importlib
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from types import ModuleType

import pytest
from receivables_addin.excel.cellvalues import MARK, from_excel, to_excel

from receivables.cells import CellError, load_functions
from tests.xlwings_fake.excel import MISSING, MODULE, SCODES, Excel, com_date, shown
from tests.xlwings_fake.session import windows

SPECS = load_functions()
DUE, LATER, AS_OF = 46295.0, 46265.0, 46326.0
"""30 September, 31 August and 31 October 2026."""


@pytest.fixture(scope="module")
def com_server() -> Iterator[ModuleType]:
    with windows() as server:
        yield server


@pytest.fixture
def excel(com_server) -> Excel:
    return Excel(com_server)


@pytest.mark.parametrize("code", SCODES)
def test_an_error_in_a_cell_comes_back_as_the_same_error(excel, code) -> None:
    assert excel.call("AGING_DAYS", SCODES[code], AS_OF) == {"error": code}
    column = ((DUE,), (SCODES[code],))
    assert excel.call("AGING_DAYS", column, AS_OF) == [[31.0], [{"error": code}]]
    assert excel.call("CONCENTRATION_TOP", ((1.0,), (SCODES[code],))) == {"error": code}


def test_an_error_that_nobody_knows_is_no_number(excel) -> None:
    assert excel.call("AGING_DAYS", -2146826200, AS_OF) == {"error": "#VALUE!"}


@pytest.mark.parametrize("blank", [None, "", "  ", MISSING])
def test_left_out_and_blank_are_the_same(excel, blank) -> None:
    assert excel.call("AGING_BUCKET", DUE, AS_OF, blank, blank) == "31-60 d"
    assert excel.call("AGING_BUCKET", blank, AS_OF) == "No due date"
    assert excel.call("AGING_BUCKET", DUE, blank) == {"error": "#VALUE!"}


@pytest.mark.parametrize(
    "day", [DUE, DUE + 0.75, com_date(dt.date(2026, 9, 30)), Decimal("46295.0000"), "2026-09-30"]
)
def test_a_date_however_the_cell_is_formatted(excel, day) -> None:
    assert excel.call("AGING_DAYS", day, AS_OF) == 31.0


def test_a_time_of_day_changes_no_date(excel) -> None:
    moment = com_date(dt.date(2026, 9, 30)).replace(hour=23, minute=59)
    assert excel.call("AGING_DAYS", moment, AS_OF) == 31.0


def test_currency_adds_to_plain_numbers(excel) -> None:
    amounts = ((Decimal("100.1000"),), (0.2,), (Decimal("12.5000"),))
    days = ((DUE,), (DUE,), (DUE,))
    assert excel.call("AGING_SUM", amounts, days, AS_OF, "31-60 d") == 112.8


def test_currency_is_the_number_it_shows() -> None:
    """Not 12.5000, which would be another key and another text."""
    found = from_excel(((Decimal("12.5000"), "x"),))
    assert found == [[12.5, "x"]]
    assert type(found[0][0]) is float


def test_a_column_answers_as_a_column_and_a_row_as_a_row(excel) -> None:
    assert excel.call("AGING_DAYS", ((DUE,), (LATER,)), AS_OF) == [[31.0], [61.0]]
    assert excel.call("AGING_DAYS", ((DUE, LATER),), AS_OF) == [[31.0, 61.0]]
    block = ((DUE, LATER), (None, AS_OF))
    assert excel.call("AGING_DAYS", block, AS_OF) == [[31.0, 61.0], [None, 0.0]]


def test_a_row_typed_into_the_formula_is_a_row(excel) -> None:
    """{46295,46265} arrives flat, where a range arrives in rows."""
    assert excel.call("AGING_DAYS", (DUE, LATER), AS_OF) == [[31.0, 61.0]]


def test_a_range_of_one_cell_answers_with_one_value(excel) -> None:
    assert excel.call("AGING_DAYS", ((DUE,),), AS_OF) == 31.0
    assert excel.call("AGING_DAYS", ((SCODES["#N/A"],),), AS_OF) == {"error": "#N/A"}


def test_a_table_of_one_row_stays_a_table(excel) -> None:
    headings = ("document_no", "customer_id", "kind", "issued_on", "due_on", "currency", "amount")
    only = (headings, ("00123", "C1", "invoice", LATER, DUE, "EUR", 100.1))
    shown_headings, row = excel.call("AGING_OPEN", only, AS_OF)
    found = dict(zip(shown_headings, row, strict=True))
    assert (found["document_no"], found["open"], found["due_on"]) == ("00123", 100.1, "2026-09-30")
    assert excel.call("AGING_OPEN", (headings,), AS_OF) == {"error": "#VALUE!"}


def test_a_wrong_shape_is_an_error_and_not_a_guess(excel) -> None:
    three, two = ((DUE,), (DUE,), (DUE,)), ((AS_OF,), (AS_OF,))
    assert excel.call("AGING_DAYS", three, two) == {"error": "#VALUE!"}
    assert excel.call("AGING_DAYS", three, ((AS_OF, AS_OF, AS_OF),)) == {"error": "#VALUE!"}


def test_what_is_no_value_is_an_error(excel) -> None:
    assert excel.call("AGING_DAYS", object(), AS_OF) == {"error": "#VALUE!"}


def test_a_bug_costs_its_own_cell_only(com_server, excel, monkeypatch, caplog) -> None:
    def broken(*_: object) -> float:
        raise KeyError("bug")

    binding = importlib.import_module(MODULE)
    spec = dataclasses.replace(SPECS["AGING_DAYS"], function=broken)
    monkeypatch.setattr(binding, "AGING_DAYS", binding.bound(spec))
    assert excel.call("AGING_DAYS", DUE, AS_OF) == {"error": "#VALUE!"}
    assert "AGING_DAYS failed" in caplog.text
    assert excel.call("AGING_BUCKET", DUE, AS_OF) == "31-60 d"


def test_xlwings_knows_name_help_and_category_of_every_function(com_server) -> None:
    binding = importlib.import_module(MODULE)
    for spec in SPECS.values():
        known = getattr(binding, spec.name).__xlfunc__
        assert (known["name"], known["ret"]["doc"]) == (spec.name, spec.summary)
        assert known["category"].startswith("Receivables: ")
        assert not known["volatile"]
        assert [arg["doc"] for arg in known["args"]] == [arg.help for arg in spec.args]
        assert ["optional" not in arg for arg in known["args"]] == [
            arg.required for arg in spec.args
        ]


@pytest.mark.parametrize(
    ("answer", "cells"),
    [
        (5, [[5.0]]),
        (True, [[True]]),
        (None, [[""]]),
        (Decimal("1.50"), [[1.5]]),
        (2**40, [[float(2**40)]]),
        (dt.date(2026, 10, 31), [["2026-10-31"]]),
        ([1, 2], [[1.0], [2.0]]),
        ([["a", None], ["b", False]], [["a", ""], ["b", False]]),
        ([["a", "b"], ["c"]], [["a", "b"], ["c", ""]]),
        ([], [[""]]),
        ([[]], [[""]]),
        (CellError("#SPILL!"), [[f"{MARK}E2045"]]),
        (CellError("#PYTHON!"), [[f"{MARK}E2015"]]),
        ([[CellError("#NUM!"), 1.0]], [[f"{MARK}F", ""], [f"{MARK}E2036", 1.0]]),
        (f"{MARK}text", [[f"{MARK}T{MARK}text"]]),
        ([[f"{MARK}E2042"], ["x"]], [[f"{MARK}F"], [f"{MARK}T{MARK}E2042"], ["x"]]),
    ],
)
def test_answers_as_com_takes_them(answer, cells) -> None:
    assert to_excel(answer, dt.date.isoformat) == cells


def test_a_clean_answer_is_handed_over_as_it_is() -> None:
    """No loop of ours over 100,000 clean rows, and no flag that VBA would have to strip."""
    rows = [[1.0], ["a"], [True]]
    assert to_excel(rows, dt.date.isoformat) is rows
    given = ((1.0, "a"), (None, True))
    assert from_excel(given) is given


@pytest.mark.parametrize(
    "answer", [CellError("#N/A"), f"{MARK}x", [[CellError("#N/A"), f"{MARK}E1"], ["", 2.0]]]
)
def test_what_is_marked_is_read_back(answer) -> None:
    """Through the shapes of CallUDF: one cell is unwrapped, one row too."""
    rows = to_excel(answer, dt.date.isoformat)
    unwrapped = rows[0][0] if len(rows) == len(rows[0]) == 1 else rows
    expected = answer if isinstance(answer, list) else [[answer]]
    found = shown(unwrapped)
    found = found if isinstance(found, list) else [[found]]
    for row, line in zip(found, expected, strict=True):
        for cell, wanted in zip(row, line, strict=True):
            assert cell == (
                {"error": wanted.code} if isinstance(wanted, CellError) else wanted or None
            )


def test_the_commercial_part_of_xlwings_is_never_imported() -> None:
    """Not even where a user has a licence key for it."""
    program = (
        "import sys\n"
        "from tests.xlwings_fake.session import windows\n"
        "with windows() as server:\n"
        "    server.XLPython().CallUDF('receivables_addin.excel.binding', 'DSO', (1.0, 2.0, 3.0))\n"
        "    import receivables_addin.excel.server\n"
        "    print([n for n in sys.modules if n.startswith('xlwings.pro') and sys.modules[n]])\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True, text=True, check=False,
        env={"XLWINGS_LICENSE_KEY": "noncommercial", "PYTHONPATH": "."},
    )  # fmt: skip
    assert done.stdout.strip() == "[]", done.stderr
