"""Formulas in the rows of a sheet, moved as text: rows of a hundred thousand are never parsed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape, unescape

from openpyxl.formula.translate import Translator

from receivables.book.refs import GONE, RowMap, references, shift_area, shift_formula
from receivables.book.refuse import Refused


@dataclass(slots=True)
class Shift:
    """One run: the rows of the sheets that change, and what was met on the way.

    `maps` by name of the sheet, `order` the names of all sheets as they stand in the workbook.
    """

    maps: Mapping[str, RowMap]
    order: Sequence[str] = ()
    broken: list[tuple[str, str]] = field(default_factory=list)
    """Place and text of formulas that pointed to a row that is gone."""

    def formula(self, text: str, home: str, place: str) -> str:
        """A formula moved; where it loses a cell, that is kept to be told.

        Raises:
            Refused: it goes through several sheets of which only some move.
        """
        self.check_through(text, place)
        moved = shift_formula(text, home, self.maps)
        if moved.count(GONE) > text.count(GONE):
            self.broken.append((place, text))
        return moved

    def check_through(self, text: str, place: str) -> None:
        """Refuse a reference through several sheets (`Jan:Dec!B2`) of which one moves its rows."""
        if "!" not in text or ":" not in text:
            return
        for found in references(text):
            if found.last_sheet and self._torn(found.sheet, found.last_sheet):
                raise Refused(
                    f"{place}: the formula ={text} goes through several sheets, and the rows of only "
                    "some of them move. Write the sheets one by one and run again. Nothing was changed."
                )

    def _torn(self, first: str, last: str) -> bool:
        names = [name.casefold() for name in self.order]
        ends = [names.index(name.casefold()) for name in (first, last) if name.casefold() in names]
        through = names[min(ends) : max(ends) + 1] if len(ends) == 2 else names
        return any(
            name.casefold() in through and not rows.identity for name, rows in self.maps.items()
        )


def mentions(xml: bytes, shift: Shift) -> bool:
    """Whether a part may point to a sheet that moves; a quick look that spares most parts."""
    if not any(not rows.identity for rows in shift.maps.values()):
        return False
    low = xml.lower()
    for name, rows in shift.maps.items():
        spelled = {name.lower(), name.lower().replace("'", "''")}
        quoted = {escape(text, quote=flag) for text in spelled for flag in (True, False)}
        apostrophes = {text.replace("&#x27;", "&apos;") for text in quoted}
        if not rows.identity and any(text.encode() in low for text in quoted | apostrophes):
            return True
    # a reference through several sheets need not name the one that moves
    return b"!" in low and re.search(rb":[^<>\":!]{0,80}!", low) is not None


def shift_rows(rows: bytes, sheet: str, shift: Shift) -> bytes:
    """The rows of a sheet with their formulas moved; addresses of cells and rows are left as they are.

    Rows of tables on a sheet that moves are passed over, for the one who writes them anew; a formula
    that is written once for many cells is written out there, so that each can go its own way.
    """
    if b"<f" not in rows and b":f" not in rows:
        return rows
    own = shift.maps.get(sheet)
    own = None if own is None or own.identity else own
    if own is None and not mentions(rows, shift):
        return rows
    plain = plain_formulas(rows, sheet, shift, everything=own is not None)
    if own is None:
        return _shifted(plain, sheet, shift, None)
    pieces: list[bytes | memoryview] = []
    done, changed = 0, False
    for begin, end in [*_bodies(plain, own), (len(plain), len(plain))]:
        around = plain[done:begin]
        moved = _shifted(around, sheet, shift, own)
        changed |= moved != around
        pieces += [moved, memoryview(plain)[begin:end]]
        done = end
    return b"".join(pieces) if changed else plain


def plain_formulas(
    rows: bytes, sheet: str, shift: Shift | None = None, *, everything: bool = True
) -> bytes:
    """Shared formulas written out cell by cell, all or those that point to a sheet that moves."""
    if b'"shared"' not in rows:
        return rows
    masters: dict[str, tuple[str, str]] = {}
    for match in _CELL_FORMULA.finditer(rows):
        given = dict(_ATTRIBUTE.findall(match["given"]))
        if given.get(b"t") == b"shared" and match["text"]:
            masters[given[b"si"].decode()] = (_text(match["text"]), match["at"].decode())
    if not everything and shift is not None:
        masters = {
            number: master
            for number, master in masters.items()
            if _points_there(master[0], sheet, shift)
        }

    def written_out(match: re.Match[bytes]) -> bytes:
        given = dict(_ATTRIBUTE.findall(match["given"]))
        if given.get(b"t") != b"shared" or given[b"si"].decode() not in masters:
            return match[0]
        text, cell = masters[given[b"si"].decode()]
        moved = Translator(f"={text}", cell).translate_formula(match["at"].decode())[1:]
        tag = match["tag"]
        return match["before"] + b"<%s>%s</%s>" % (tag, _escaped(moved), tag)

    return _CELL_FORMULA.sub(written_out, rows)


def _points_there(text: str, sheet: str, shift: Shift) -> bool:
    moving = {name.casefold() for name, rows in shift.maps.items() if not rows.identity}
    return any((found.sheet or sheet).casefold() in moving for found in references(text))


def _shifted(xml: bytes, sheet: str, shift: Shift, own: RowMap | None) -> bytes:
    def moved(match: re.Match[bytes]) -> bytes:
        given, text = match["given"], match["text"]
        if own is None and b"!" not in (text or b""):
            return match[0]
        if own is not None and given:
            given = _SPOT.sub(
                lambda found: b'%s="%s"' % (found[1], shift_area(found[2].decode(), own).encode()),
                given,
            )
        old = _text(text or b"")
        place = f"{sheet}!{_address(xml, match.start())}"
        new = shift.formula(old, sheet, place) if old else old
        if new == old and given == match["given"]:
            return match[0]
        tag = match["tag"]
        if text is None:
            return b"<%s%s/>" % (tag, given)
        return b"<%s%s>%s</%s>" % (tag, given, _escaped(new), tag)

    return _patterns(xml).formula.sub(moved, xml)


def _address(xml: bytes, place: int) -> str:
    """Address of the cell that holds what stands at a place."""
    tag = xml[xml.rfind(b"<", 0, place) : place]
    found = re.search(rb'\br="([A-Z]+\d+)"', tag)
    return found[1].decode() if found else "?"


def _bodies(rows: bytes, own: RowMap) -> Iterator[tuple[int, int]]:
    """Begin and end of the rows of each table in the bytes."""
    end = 0
    for span in own.spans:
        if span.rows is not None:
            begin = _place_of_row(rows, span.first, end)
            last = rows.find(_row_tag(rows, span.last), begin)
            end = _place_of_row(rows, span.last + 1, max(last, begin))
            yield begin, end


def _place_of_row(rows: bytes, number: int, start: int) -> int:
    """Where a row begins, or the next one that is there."""
    found = rows.find(_row_tag(rows, number), start)
    if found >= 0:
        return found
    later = (match for match in _patterns(rows).row.finditer(rows, start))
    place = next((match.start() for match in later if int(match[1]) >= number), -1)
    return place if place >= 0 else len(rows)


def _row_tag(rows: bytes, number: int) -> bytes:
    return b'<%srow r="%d"' % (_prefix(rows), number)


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Rows and formulas under the name prefix of a part: a pattern that begins with text is fast."""

    row: re.Pattern[bytes]
    formula: re.Pattern[bytes]


def _patterns(xml: bytes) -> _Patterns:
    return _compiled(_prefix(xml))


def _prefix(xml: bytes) -> bytes:
    found = re.search(rb"<(\w+:)?(?:sheetData|row|c)\b", xml)
    return (found[1] or b"") if found else b""


@cache
def _compiled(prefix: bytes) -> _Patterns:
    return _Patterns(
        re.compile(rb'<%srow\b[^>]*?\br="(\d+)"' % prefix),
        re.compile(
            rb"<(?P<tag>%sf)\b(?P<given>[^>]*?)(?:/>|>(?P<text>[^<]*)</%sf>)" % (prefix, prefix)
        ),
    )


def _text(raw: bytes) -> str:
    return unescape(raw.decode("utf-8", "replace"))


def _escaped(text: str) -> bytes:
    return escape(text, quote=False).encode()


_ATTRIBUTE = re.compile(rb'(\w+)="([^"]*)"')
_SPOT = re.compile(rb'\b(ref|r1|r2)="([^"]*)"')
_CELL_FORMULA = re.compile(
    rb'(?P<before><(?:\w+:)?c\b[^>]*?\br="(?P<at>[A-Z]+\d+)"[^>]*>\s*)'
    rb"<(?P<tag>(?:\w+:)?f)\b(?P<given>[^>]*?)(?:/>|>(?P<text>[^<]*)</(?P=tag)>)"
)
"""A cell and its formula; `<c …/>` without content cannot match, as its tag does not end in `>` alone."""
