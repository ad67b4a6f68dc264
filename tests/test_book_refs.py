"""References follow the rows of a refreshed sheet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.book.refs import (
    LAST_ROW,
    RowMap,
    Span,
    references,
    shift_area,
    shift_formula,
    shift_rule,
)

GROWN = RowMap((Span(5, 104, 5, 204),))
SHRUNK = RowMap((Span(5, 104, 5, 9),))
TURNED = RowMap((Span(5, 9, 5, 9, rows=(9, 8, None, 6, 5), left=1, right=8),))
ONE_ROW = RowMap((Span(5, 5, 5, 14, rows=(9,)),))
GONE = RowMap((Span(5, 9, 5, 4),))
PUT_IN = RowMap((Span(5, 4, 5, 9),))
BLANKS_LEFT = RowMap((Span(5, 104, 5, 9, next=105),))
GROWN_INTO = RowMap((Span(5, 9, 5, 12, next=10),))
TWO = RowMap((Span(5, 9, 7, 16), Span(12, 20, 19, 20)))

FORMULAS = [
    (GROWN, "SUM(D5:D104)", "SUM(D5:D204)"),
    (GROWN, "SUM(Aging!$D$5:$D$104)/'Aging'!D105", "SUM(Aging!$D$5:$D$204)/'Aging'!D205"),
    (GROWN, "SUM(D4:D104)+SUM(D5:D105)", "SUM(D4:D204)+SUM(D5:D205)"),
    (GROWN, "AVERAGE(D5:D14)", "AVERAGE(D5:D14)"),
    (GROWN, "SUM(Other!D5:D105)", "SUM(Other!D5:D105)"),
    (GROWN, "aging!d105", "aging!d205"),
    (GROWN, "[1]Aging!A105+'[May 2026.xlsx]Aging'!A105", "[1]Aging!A105+'[May 2026.xlsx]Aging'!A105"),
    (GROWN, "SUM(Jan:Aging!A105)", "SUM(Jan:Aging!A105)"),
    (GROWN, "SUM(Aging:Dec!A105)", "SUM(Aging:Dec!A105)"),
    (GROWN, "SUM('Jan 1:Aging'!A105)", "SUM('Jan 1:Aging'!A105)"),
    (GROWN, '"D105"&D105&"say ""D105"""', '"D105"&D205&"say ""D105"""'),
    (GROWN, "Aging[[#This Row],[A105]]+Aging[A105]", "Aging[[#This Row],[A105]]+Aging[A105]"),
    (GROWN, "Aging['[A105]+A105", "Aging['[A105]+A205"),
    (GROWN, "LOG10(A105)+_xlfn.ATAN2(A105,1)", "LOG10(A205)+_xlfn.ATAN2(A205,1)"),
    (GROWN, "105:105", "205:205"),
    (GROWN, "SUM($5:$104)", "SUM($5:$204)"),
    (GROWN, "Aging!A5:Aging!A104", "Aging!A5:A204"),
    (GROWN, "SUM(A:A)+SUM(Aging!$A:$C)", "SUM(A:A)+SUM(Aging!$A:$C)"),
    (GROWN, "1E5+E105+Ä105+AB105_x", "1E5+E205+Ä105+AB105_x"),
    (GROWN, 'IF(A105#={1,2;3,"A105"},#REF!,@A105)', 'IF(A205#={1,2;3,"A105"},#REF!,@A205)'),
    (GROWN, "A1:A1048576", "A1:A1048576"),
    (GROWN, "A5:INDEX(A:A,105)", "A5:INDEX(A:A,105)"),
    (GROWN, "A104:A5", "A5:A204"),
    (SHRUNK, "D104", "#REF!"),
    (SHRUNK, "Aging!D104+D105", "#REF!+D10"),
    (SHRUNK, "SUM(D5:D14)", "SUM(D5:D9)"),
    (SHRUNK, "SUM(D50:D104)", "SUM(D9:D9)"),
    (TURNED, "D5+D6+D8", "D9+D8+D6"),
    (TURNED, "D7*2", "#REF!*2"),
    (TURNED, "SUM(B5:H5)", "SUM(B9:H9)"),
    (TURNED, "SUM(B7:H7)", "SUM(#REF!)"),
    (TURNED, "SUM(B5:B9)", "SUM(B5:B9)"),
    (TURNED, "J5+J7", "J5+J7"),
    (ONE_ROW, "SUM(D5:D5)", "SUM(D5:D14)"),
    (ONE_ROW, "SUM(B5:D5)", "SUM(B9:D9)"),
    (ONE_ROW, "SUM($B$5:$D$5)", "SUM($B$5:$D$14)"),
    (ONE_ROW, "D5", "D9"),
    (GONE, "SUM(D5:D9)+SUM(D4:D10)", "SUM(#REF!)+SUM(D4:D5)"),
    (PUT_IN, "D4+D5+SUM(D4:D5)", "D4+D10+SUM(D4:D10)"),
    (BLANKS_LEFT, "SUM(D5:D104)+D105", "SUM(D5:D9)+D105"),
    (GROWN_INTO, "SUM(D5:D10)+SUM(D5:D14)+D14", "SUM(D5:D12)+SUM(D5:D14)+D14"),
    (GROWN_INTO, "D11+SUM(D11:D14)", "D13+SUM(D13:D14)"),
    (TWO, "SUM(A5:A9)+A10+SUM(A12:A20)+A21", "SUM(A7:A16)+A17+SUM(A19:A20)+A21"),
    (RowMap(), "SUM(D5:D104)", "SUM(D5:D104)"),
]  # fmt: skip

AREAS = [
    (GROWN, "A5:C104 F105", "A5:C204 F205"),
    (GROWN, "A:C", "A:C"),
    (GROWN, "1:4", "1:4"),
    (GROWN, "$A$5:$C$104", "$A$5:$C$204"),
    (SHRUNK, "A50", ""),
    (TURNED, "A5 C7", "A9"),
    (TURNED, "A6:H8", "A6:H6 A8:H8"),
    (TURNED, "J6:J8", "J6:J8"),
    (ONE_ROW, "A5:C5", "A5:C14"),
    (ONE_ROW, "C5", "C5:C14"),
    (GONE, "A5:A9", ""),
]


@pytest.mark.parametrize(("rows", "text", "moved"), FORMULAS)
def test_a_formula_follows_the_rows(rows: RowMap, text: str, moved: str):
    assert shift_formula(text, "Aging", {"Aging": rows}) == moved


@pytest.mark.parametrize(("rows", "text", "moved"), AREAS)
def test_an_area_follows_the_rows(rows: RowMap, text: str, moved: str):
    assert shift_area(text, rows) == moved


RULES = [
    (TURNED, "$D6>100", 5, 1, "$D7>100"),
    (TURNED, "D5*2+$D$5", 5, 0, "D5*2+$D$9"),
    (GROWN, "D5>D$105", 5, 0, "D5>D$205"),
    (GROWN, "D5>Aging!$D$105+Other!D5", 5, 0, "D5>Aging!$D$205+Other!D5"),
    (TWO, "SUM(D$12:D13)", 12, 7, "SUM(D$19:D20)"),
    (TWO, "A5<>A4", 5, 2, "A7<>A4"),
    (TWO, "A10>B$4", 10, 7, "A17>B$4"),
    (GROWN, "Aging!D105+Aging!D$105", 0, 0, "Aging!D105+Aging!D$205"),
]


@pytest.mark.parametrize(("rows", "text", "base", "down", "moved"), RULES)
def test_a_rule_follows_the_row_it_is_written_for(
    rows: RowMap, text: str, base: int, down: int, moved: str
):
    assert shift_rule(text, "Aging", {"Aging": rows}, base, down) == moved


def test_only_the_sheets_that_change_are_touched():
    text = "SUM(Aging!A5:A104,Open!A5:A104,'O''Neill'!A5:A104,A5:A104)"
    maps = {"O'Neill": GROWN, "Open": SHRUNK}
    wanted = "SUM(Aging!A5:A104,Open!A5:A9,'O''Neill'!A5:A204,A5:A104)"
    assert shift_formula(text, "Summary", maps) == wanted


def test_a_map_that_moves_nothing_says_so():
    assert RowMap((Span(5, 9, 5, 9, rows=(5, 6, 7, 8, 9)),)).identity
    assert not TURNED.identity
    assert not BLANKS_LEFT.identity


def test_the_last_row_stays_the_last_row():
    assert GROWN.end(LAST_ROW) == SHRUNK.end(LAST_ROW) == LAST_ROW
    assert GROWN.point(LAST_ROW) is None


def test_references_through_several_sheets_are_told_apart():
    one, two, three = references("Jan:Dec!A1+[2]Aging!B2+'My ''own'''!C3")
    assert (one.sheet, one.last_sheet) == ("Jan", "Dec")
    assert two.external
    assert three.sheet == "My 'own'"


def test_spans_that_overlap_are_our_fault():
    with pytest.raises(ValueError, match="out of order"):
        RowMap((Span(5, 10, 5, 10), Span(9, 12, 11, 14)))


def _back(rows: RowMap) -> RowMap:
    """The way back of a map; only bodies that are neither put in nor taken out have one."""
    spans = []
    for span in rows.spans:
        turned = None
        if span.rows is not None:
            places = {new: old for old, new in enumerate(span.rows, start=span.first)}
            turned = [places.get(row) for row in range(span.new_first, span.new_last + 1)]
        spans.append(Span(span.new_first, span.new_last, span.first, span.last, turned))
    return RowMap(tuple(spans))


@st.composite
def _maps(draw: st.DrawFn) -> RowMap:
    spans, row, new = [], 1, 1
    for _ in range(draw(st.integers(1, 4))):
        gap = draw(st.integers(0, 5))
        old_height, height = draw(st.integers(2, 30)), draw(st.integers(2, 30))
        first, new_first = row + gap, new + gap
        places: list[int | None] = list(range(new_first, new_first + height))
        places += [None] * max(old_height - height, 0)
        rows = draw(st.permutations(places))[:old_height]
        spans.append(Span(first, first + old_height - 1, new_first, new_first + height - 1, rows))
        row, new = first + old_height, new_first + height
    return RowMap(tuple(spans))


@given(_maps(), st.data())
def test_there_and_back_is_the_same(rows: RowMap, data: st.DataObject):
    firsts = [span.first for span in rows.spans]
    lasts = [span.last for span in rows.spans]
    inside = {row for span in rows.spans for row in range(span.first, span.last + 1)}
    free = [row for row in range(1, lasts[-1] + 20) if row not in inside]
    first = data.draw(st.sampled_from(firsts + free[:-1]))
    last = data.draw(st.sampled_from([row for row in lasts + free if row > first]))
    point = data.draw(st.integers(1, lasts[-1] + 20).filter(rows.point))
    text = f"SUM($A${first}:B{last})+C{point}"
    there = shift_formula(text, "Aging", {"Aging": rows})
    assert shift_formula(there, "Aging", {"Aging": _back(rows)}) == text
