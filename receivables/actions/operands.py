"""What the arguments of a call hold: typed values, cells, columns of a table, results of other calls."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.actions.areas import Area, parse_area
from receivables.actions.host import Host, Selection
from receivables.cells import CellError
from receivables.errors import NotAvailableError


@dataclass(frozen=True, slots=True)
class Operand:
    """A value and where it came from: `left_out`, `typed`, `cell`, `range` or `calculated`."""

    value: Any
    how: str
    place: str = ""


def operand(text: str, host: Host, at: Selection) -> Operand:
    """The value of one argument that is no call of ours.

    Raises:
        NotAvailableError: the host cannot calculate it, or a table has no such column.
    """
    if not text:
        return Operand(None, "left_out")
    found = literal(text)
    if found is not None:
        return Operand(found[0], "typed")
    area = parse_area(text) or _table_area(text, host, at)
    if area is None:
        return Operand(host.evaluate(text, at.sheet), "calculated", text)
    area = area.on(at.sheet)
    return Operand(host.values(area), "cell" if area.single else "range", str(area))


def literal(text: str) -> tuple[Any] | None:
    """A value typed into a formula, in brackets because None is no value; None if it is something else.

    >>> literal("-12.5"), literal('"30,60"'), literal("30%"), literal("TRUE()"), literal("B2")
    ((-12.5,), ('30,60',), (0.3,), (True,), None)
    >>> literal("{1,2;3,4}"), literal("DATE(2026;10;31)"), literal("#N/A")
    (([[1.0, 2.0], [3.0, 4.0]],), (datetime.date(2026, 10, 31),), (CellError(code='#N/A', why=''),))
    """
    body = text.strip()
    while body.startswith("(") and body.endswith(")") and ")" not in body[1:-1]:
        body = body[1:-1].strip()
    if len(body) > 1 and body[0] == body[-1] == '"' and _TEXT.fullmatch(body):
        return (body[1:-1].replace('""', '"'),)
    if _NUMBER.fullmatch(body):
        return (_number(body),)
    word = body.upper().removesuffix("()")
    if word in {"TRUE", "FALSE"}:
        return (word == "TRUE",)
    if body.startswith("#") and body.upper() in _ERRORS:
        return (CellError(body.upper()),)
    if body.startswith("{") and body.endswith("}"):
        return _array(body[1:-1])
    return _day(body)


def _number(text: str) -> float:
    share = text.endswith("%")
    number = Decimal(text.removesuffix("%").strip().replace(",", ".").replace(" ", ""))
    return float(number / 100 if share else number)


def _array(body: str) -> tuple[Any] | None:
    """An array constant: `,` and `;` in Excel; `;` and `|` in the file format of Calc."""
    pieces = re.split(rf"({_TEXT.pattern}|[,;|])", body)
    columns, rows = (";", "|") if "|" in body and "," not in body else (",", ";")
    table: list[list[Any]] = [[]]
    for piece in (part.strip() for part in pieces):
        if piece == rows:
            table.append([])
        elif piece and piece != columns:
            found = literal(piece)
            if found is None:
                return None
            table[-1].append(found[0])
    return (table,)


def _day(text: str) -> tuple[date] | None:
    """`DATE` of three typed numbers: the usual way to write an as-of date into a formula."""
    match = _DATE.fullmatch(text)
    if not match:
        return None
    try:
        return (date(*map(int, match.groups())),)
    except ValueError:
        return None


def _table_area(text: str, host: Host, at: Selection) -> Area | None:
    """Cells that a structured reference names; None if the text is none, or a defined name."""
    match = _STRUCTURED.fullmatch(text)
    if not match:
        return None
    tables = {name.casefold(): area for name, area in host.tables().items()}
    name = match["table"] or _table_at(tables, at)
    area = tables.get(name.casefold())
    if area is None:
        return None
    parts = [mark + part.strip() for mark, part in _PARTS.findall(match["inside"] or "")]
    if match["inside"] and not parts:
        parts = [match["inside"].strip()]
    return _columns(
        _rows(area, parts, at), [part for part in parts if part[:1] != "#"], area, host
    )


def _table_at(tables: dict[str, Area], at: Selection) -> str:
    """The table that the selected cell stands in, for `[@open]`."""
    cell = parse_area(at.address)
    inside = (
        name
        for name, area in tables.items()
        if cell
        and area.sheet == at.sheet
        and area.top <= cell.top <= area.bottom
        and area.left <= cell.left <= area.right
    )
    return next(inside, "")


def _rows(area: Area, parts: list[str], at: Selection) -> Area:
    """Rows that the words of a structured reference ask for; the words are taken out of `parts`."""
    words = {part.lower() for part in parts if part[:1] == "#"}
    this_row = any(part.startswith("@") for part in parts) or "#this row" in words
    parts[:] = [part.removeprefix("@") for part in parts if part != "@"]
    first, last = area.top + 1, area.bottom
    if "#all" in words or {"#headers", "#data"} <= words:
        first = area.top
    elif "#headers" in words:
        first = last = area.top
    elif this_row:
        cell = parse_area(at.address)
        first = last = cell.top if cell else area.top + 1
    return Area(area.sheet, first, area.left, last, area.right)


def _columns(rows: Area, names: list[str], area: Area, host: Host) -> Area:
    names = [_unescaped(name) for name in names]
    if not names:
        return rows
    headings = host.values(Area(area.sheet, area.top, area.left, area.top, area.right))
    row: Sequence[Any] = headings[0] if isinstance(headings, list) else [headings]
    known = [str(heading or "").strip().casefold() for heading in row]
    for name in names:
        if name.casefold() not in known:
            raise NotAvailableError(
                f"The table has no column '{name}'. Its columns: {', '.join(map(str, row))}."
            )
    places = [area.left + known.index(name.casefold()) for name in names]
    return Area(rows.sheet, rows.top, min(places), rows.bottom, max(places))


def _unescaped(name: str) -> str:
    """A heading without the sign that guards brackets in it."""
    return re.sub(r"'(.)", r"\1", name).strip()


_ERRORS = {"#N/A", "#VALUE!", "#NUM!", "#DIV/0!", "#REF!", "#NAME?", "#NULL!"}
_TEXT = re.compile(r'"(?:[^"]|"")*"')
_NUMBER = re.compile(r"[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?\s*%?")
_DATE = re.compile(r"DATE\(\s*(\d{4})\s*[,;]\s*(\d{1,2})\s*[,;]\s*(\d{1,2})\s*\)", re.IGNORECASE)
_STRUCTURED = re.compile(r"(?P<table>[^\W\d][\w.]*)?(?:\[(?P<inside>.*)\])?", re.DOTALL)
_PARTS = re.compile(r"(@?)\[((?:[^\[\]']|'.)*)\]")
