"""The wire between Calc and the local process: what goes in on one side comes out on the other."""

from __future__ import annotations

import ast
import doctest
import importlib
import json
import math
import struct
import sys
from datetime import date, timedelta
from itertools import count, zip_longest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from receivables_addin.calc import answers, protocol
from receivables_addin.calc.answers import answer

from receivables.cells import CellError, find_function, load_functions
from receivables.days import EXCEL_1900
from tests.calc_shim import PYTHONPATH, error_code, wire
from tests.case_tables import check, rows_for

MODULES = sorted((PYTHONPATH / "receivables_shim").glob("*.py"))

numbers = st.floats(allow_nan=False, width=64)
texts = st.text(max_size=40)
cells = st.one_of(numbers, texts, st.just(""))


@st.composite
def ranges(draw):
    width = draw(st.integers(1, 4))
    kinds = [draw(st.sampled_from([numbers, texts, cells])) for _ in range(width)]
    rows = draw(st.lists(st.tuples(*kinds), min_size=1, max_size=8))
    return tuple(rows)


def compute(name: str, args, shift: int = 0):
    """The way of a call without its socket."""
    return wire.unpack(answers.answer_frame(wire.pack_call(name, args, shift)))


def sent(value):
    """One argument as the worker reads it."""
    found, _end = protocol.read_call(wire.pack_call("X", (value, 1.0))).args
    return found.rows() if isinstance(found, protocol.Range) else found


@settings(deadline=None)
@given(ranges())
def test_a_range_arrives_as_it_was(rows) -> None:
    assert sent(rows) == [[None if cell == "" else cell for cell in row] for row in rows]


@settings(deadline=None)
@given(st.one_of(numbers, texts, st.none()))
def test_a_scalar_arrives_as_it_was(value) -> None:
    found = sent(value)
    assert found == value
    assert type(found) is type(value)


def test_arguments_left_out_at_the_end_are_not_sent() -> None:
    call = protocol.read_call(wire.pack_call("X", (1.0, None, "", None, None)))
    assert call.args == [1.0, None, ""]
    assert protocol.read_call(wire.pack_call("X", (None, None))).args == []


@settings(deadline=None)
@given(ranges())
def test_an_answered_table_arrives_as_it_was(rows) -> None:
    table = [[None if cell == "" else cell for cell in row] for row in rows]
    assert wire.unpack(protocol.pack_answer(table)) == tuple(map(tuple, table))


@pytest.mark.parametrize(
    ("value", "office"),
    [
        (12, 12.0), (True, 1.0), (False, 0.0), (0, 0.0), (None, ""), ("", ""), ("逾期", "逾期"),
        (date(2026, 10, 31), 46326.0), (2.5, 2.5), ([1, None, "x"], ((1.0,), (None,), ("x",))),
        ([0.0, False], ((0.0,), (0.0,))), ([["a", 0], ["b"]], (("a", 0.0), ("b", None))),
        ([[None, None]], ((None, None),)), ([date(2026, 10, 31)], ((46326.0,),)),
    ],
)  # fmt: skip
def test_answers_in_the_form_calc_takes(value, office) -> None:
    found = wire.unpack(protocol.pack_answer(value))
    assert found == office
    assert type(found) is type(office)


@pytest.mark.parametrize("code", sorted(wire.CODES))
def test_errors_both_ways(code: str) -> None:
    error = wire.error_value(code)
    assert sent(error) == CellError(code)
    assert sent(((error,), ("x",), (1.0,))) == [[CellError(code)], ["x"], [1.0]]
    assert sent(((error,), (1.0,))) == [[CellError(code)], [1.0]]
    assert error_code(wire.unpack(protocol.pack_answer(CellError(code, "why")))) == code
    assert error_code(wire.unpack(protocol.pack_answer([[1.0, CellError(code)]]))[0][1]) == code


@pytest.mark.parametrize(
    ("number", "code"), [(502, "#VALUE!"), (504, "#VALUE!"), (0, "#NUM!")], ids=str
)
def test_errors_only_calc_has(number: int, code: str) -> None:
    found = sent(struct.unpack("<d", struct.pack("<Q", 0x7FF8 << 48 | number))[0])
    assert found.code == code
    assert not number or f"Err:{number}" in found.why


def test_errors_that_calc_lacks_and_texts_it_cannot_hold() -> None:
    assert error_code(wire.unpack(protocol.pack_answer(CellError("#SPILL!")))) == "#VALUE!"
    assert wire.unpack(protocol.pack_answer("x" * 32_767)) == "x" * 32_767
    assert error_code(wire.unpack(protocol.pack_answer("x" * 32_768))) == "#VALUE!"
    assert error_code(wire.unpack(protocol.pack_answer(10**400))) == "#NUM!"


@pytest.mark.parametrize(
    ("rows", "used"),
    [
        ([1.0], 1), ([""], 0), (["", "x"], 2), (["x", ""], 1), ([1.0, None, ""], 1),
        ([0.0, ""], 1), ([" ", ""], 1), ([1.0] + [""] * 70_000, 1), ([1.0] + [""] * 65_536, 1),
        ([""] * 70_000 + ["x"] + [""] * 4_095, 70_001), ([""] * 4_097, 0),
    ],
    ids=range(11),
)  # fmt: skip
def test_rows_in_use(rows, used: int) -> None:
    assert wire.used_rows([(cell,) for cell in rows]) == used


def column(*cells, height: int = 0):
    return tuple((cell,) for cell in (*cells, *[""] * (height - len(cells))))


def test_whole_columns_are_cut_at_the_same_row() -> None:
    """B ends before A: cut each at its own end, they would no longer fit together."""
    call = protocol.read_call(
        wire.pack_call(
            "X", (column(1.0, 2.0, 3.0, height=5_000), column(4.0, 5.0, height=5_000), 7.0)
        )
    )
    assert [(item.height, item.sent) for item in call.args[:2]] == [(5_000, 3), (5_000, 3)]
    assert len(wire.pack_call("X", (column(1.0, height=1_048_576),))) < 100


@pytest.mark.parametrize("height", [1_002, 1_003])
def test_a_few_blank_rows_stay(height: int) -> None:
    """Below a thousand they are a range somebody chose; the functions see them as in Excel."""
    (item,) = protocol.read_call(wire.pack_call("X", (column(1.0, 2.0, 3.0, height=height),))).args
    assert item.sent == (3 if height == 1_003 else height)


def test_a_mapped_whole_column_answers_in_its_height() -> None:
    found = compute("AGING_DAYS", (column(46295.0, "", 46290.0, height=5_000), 46326.0))
    assert found[:3] == ((31.0,), (None,), (36.0,))
    assert found[3:] == ((None,),) * 4_997


def test_a_row_answers_as_a_row_and_a_block_as_a_block() -> None:
    assert compute("AGING_DAYS", (((46295.0, 46290.0),), 46326.0)) == ((31.0, 36.0),)
    block = ((46295.0, 46290.0), ("", 46326.0))
    assert compute("AGING_DAYS", (block, 46326.0)) == ((31.0, 36.0), (None, 0.0))
    assert compute("AGING_DAYS", (column(46295.0), 46326.0)) == ((31.0,),)
    assert (
        error_code(compute("AGING_DAYS", (((46295.0, 46290.0),), column(1.0, 2.0)))) == "#VALUE!"
    )


def test_a_whole_column_is_no_partner_of_a_shorter_range() -> None:
    """A:A with its heading and B2:B4 have three used cells each, one row apart: an error, not a sum."""
    amounts, due = (100.0, 200.0, 300.0), (46295.0, 46290.0, 46280.0)
    fits = compute(
        "AGING_SUM",
        (column(*amounts, height=5_000), column(*due, height=5_000), 46326.0, "31-60 d"),
    )
    assert fits == 600.0
    assert (
        error_code(
            compute(
                "AGING_SUM", (column(*amounts, height=5_000), column(*due), 46326.0, "31-60 d")
            )
        )
        == "#VALUE!"
    )
    assert (
        error_code(compute("AGING_DAYS", (column(*due, height=5_000), column(*due)))) == "#VALUE!"
    )


def test_another_null_date() -> None:
    """1904-01-01 counts 1,462 days fewer."""
    as_of = "2026-10-31"
    assert compute("AGING_DAYS", (46295.0 - 1462, as_of), 1462) == 31.0
    assert compute("AGING_DAYS", (column(46295.0 - 1462, ""), as_of), 1462) == ((31.0,), (None,))
    assert error_code(compute("AGING_DAYS", (0.0, as_of), 1462)) == "#N/A", "a blank cell"
    sums = (column(5.0, 7.0), column(46295.0 - 1462, 46326.0 - 1462), as_of, "31-60 d")
    assert compute("AGING_SUM", sums, 1462) == 5.0
    assert protocol.office_cell(date(2026, 10, 31), 1462) == 46326.0 - 1462
    table = (("document_no", "amount"), ("1", 2.0))
    assert error_code(compute("AGING_REPORT", (table, 46326.0 - 1462), 1462)) == "#VALUE!"


def test_a_name_the_program_does_not_know() -> None:
    assert error_code(compute("AGING_BOOKET", (1.0,))) == "#NAME?"


@settings(deadline=None)
@given(st.lists(st.floats(width=64), max_size=4), st.sampled_from(sorted(load_functions())))
def test_a_call_of_numbers_only_is_answered_as_any_other(args, name: str) -> None:
    """Numbers have a frame and a way of their own; blanks, errors and what cannot be must come out alike."""
    frame = wire.pack_call(name, args)
    assert frame[4] == wire.NUMBERS
    usual = answer(protocol.read_call(wire.pack_mixed(name, args, 0)))
    # asked twice: the first call prepares the second
    assert answers.answer_frame(frame) == answers.answer_frame(frame) == usual


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("AGING_DAYS", (0.0, 46326.0)), ("AGING_DAYS", (46295.0, wire.error_value("#REF!"))),
        ("AGING_DAYS", (46295.0,)), ("AGING_DAYS", (1.0, 2.0, 3.0, 4.0)), ("AGING_BUCKET", ()),
        ("AGING_DAYS", (1e300, 46326.0)), ("DSO", (math.inf, -math.inf, 90.0)), ("DSO", (1.0, 0.0, 90.0)),
        ("AGING_DAYS", (46295.0, 46326.0)), ("AGING_BUCKET", (46295.0, 46326.0, 30.0)), ("NONE", (1.0,)),
    ],
)  # fmt: skip
def test_numbers_that_are_special(name: str, args) -> None:
    usual = answer(protocol.read_call(wire.pack_mixed(name, args, 0)))
    for _ in range(2):
        assert answers.answer_frame(wire.pack_call(name, args)) == usual


def test_numbers_of_another_null_date() -> None:
    frame = wire.pack_call("AGING_DAYS", (46295.0 - 1462, 46326.0 - 1462), 1462)
    assert wire.unpack(answers.answer_frame(frame)) == 31.0
    assert (
        wire.unpack(answers.answer_frame(wire.pack_call("AGING_DAYS", (46295.0, 46326.0)))) == 31.0
    )


def test_a_fault_of_ours_is_an_error_value_and_a_line_in_the_log(capsys, monkeypatch) -> None:
    spec = find_function("AGING_DAYS")
    monkeypatch.setattr(type(spec), "call", lambda *_: 1 / 0)
    monkeypatch.setattr(answers, "_faults", count())
    for _ in range(answers.LOGGED_FAULTS + 20):
        assert error_code(compute("AGING_DAYS", ("2026-09-30", 46326.0))) == "#VALUE!"
    assert capsys.readouterr().err.count("ZeroDivisionError") == answers.LOGGED_FAULTS


@pytest.mark.parametrize("value", [(), ((),), ((1.0,), (2.0, 3.0))], ids=str)
def test_what_is_no_range(value) -> None:
    with pytest.raises((ValueError, IndexError)):
        wire.pack_call("X", (value,))


def from_json(value, arg):
    """A value of the case tables as Calc hands it over; a flat list is a column, or a row of a table."""
    if isinstance(value, list):
        if not any(isinstance(row, list) for row in value):
            value = [value] if arg.type.shape == "table" else [[cell] for cell in value or [None]]
        rows = (tuple(from_json(cell, arg) for cell in row) for row in value)
        return tuple(tuple("" if cell is None else cell for cell in row) for row in rows)
    if isinstance(value, dict):
        return wire.error_value(value["error"])
    if isinstance(value, bool | int):
        return float(value)
    if isinstance(value, str) and arg.type.name in {"date", "dates"}:
        try:
            return protocol.office_cell(date.fromisoformat(value))
        except ValueError:
            return value
    return value


def like(found, expected):
    """An answer to Calc in the words of the case tables: blanks, truth and dates as expected there."""
    if isinstance(found, tuple):
        flat = isinstance(expected, list) and not any(isinstance(row, list) for row in expected)
        found = [row[0] if flat else list(row) for row in found]
    if isinstance(found, list):
        pairs = expected if isinstance(expected, list) else []
        return [like(*pair) for pair in zip_longest(found, pairs[: len(found)])]
    if isinstance(found, float) and math.isnan(found):
        return {"error": error_code(found)}
    if found in (None, "") and expected in (None, ""):
        return expected
    if isinstance(expected, bool) and isinstance(found, float):
        return bool(found) if found in (0.0, 1.0) else found
    if isinstance(expected, str) and isinstance(found, float):
        return (EXCEL_1900 + timedelta(days=int(found))).isoformat()
    return found


@pytest.mark.parametrize("row", rows_for("calc"))
def test_every_case_for_calc_through_the_wire(row) -> None:
    spec = find_function(row["function"])
    args = [from_json(cell, spec.arg(at)) for at, cell in enumerate(json.loads(row["arguments"]))]
    expected = json.loads(row["expected"])
    check(row, like(compute(spec.name, tuple(args)), expected))


FRAMES = st.one_of(
    st.binary(max_size=80).map(lambda data: b"\0\0\0\0C" + data),
    st.binary(max_size=80).map(lambda data: b"\0\0\0\0N" + data),
    st.binary(max_size=40).map(lambda data: wire.pack_call("DSO", (1.0, 2.0, 3.0)) + data),
    st.builds(
        lambda rows, at, byte: mutated(wire.pack_call("DSO", (rows, 1.0, "x", None)), at, byte),
        ranges(), st.integers(0, 400), st.integers(0, 255),
    ),
    st.builds(
        lambda rows, at: wire.pack_call("DSO", (rows, "x"))[:at], ranges(), st.integers(5, 400)
    ),
)  # fmt: skip


def mutated(frame: bytes, at: int, byte: int) -> bytes:
    at = 5 + at % (len(frame) - 5)
    return frame[:at] + bytes([byte]) + frame[at + 1 :]


@settings(deadline=None)
@given(FRAMES)
def test_a_malformed_frame_is_refused_or_read_and_nothing_else(frame: bytes) -> None:
    try:
        call = protocol.read_call(frame)
    except protocol.FrameError:
        with pytest.raises(protocol.FrameError):
            answers.answer_frame(frame)
        return
    assert isinstance(call.name, str)
    assert answers.answer_frame(frame) == answer(call)


@pytest.mark.parametrize("data", [b"[]", b"{", b"\xff", b"[" * 100_000], ids=range(4))
def test_a_malformed_message_is_refused(data: bytes) -> None:
    with pytest.raises(protocol.FrameError):
        protocol.read_message(b"\0\0\0\0A" + data)


def test_both_sides_speak_the_same() -> None:
    for name in (
        "PROTOCOL",
        "LARGEST_FRAME",
        "CODES",
        "CALL",
        "NUMBERS",
        "LOOK",
        "ACTION",
        "PING",
        "ASK",
        "REPLY",
        "DONE",
    ):
        assert getattr(wire, name) == getattr(protocol, name), name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_the_office_side_needs_python_3_8_and_its_library_only(path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import)
            else [node.module] if isinstance(node, ast.ImportFrom) else []
        )
    }  # fmt: skip
    assert imported <= sys.stdlib_module_names | {"receivables_shim"}
    assert "pickle" not in imported


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_examples_of_the_office_side(path) -> None:
    name = "receivables_shim" if path.stem == "__init__" else f"receivables_shim.{path.stem}"
    assert doctest.testmod(importlib.import_module(name)).failed == 0
