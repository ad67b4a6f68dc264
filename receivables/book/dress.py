"""What a sheet shows around its rows: widths of columns, print area, header and footer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape, unescape

from receivables.book.blocks import WORKBOOK, sheet_entries
from receivables.book.package import Package, attributes, prefix_of
from receivables.book.refs import references
from receivables.book.table_part import Area, area_of

_COLUMN = re.compile(rb"<(?:\w+:)?col\b[^>]*?/>")
_COLUMNS = re.compile(rb"<((?:\w+:)?)cols>(.*?)</(?:\w+:)?cols>", re.DOTALL)
_PRINT_AREA = re.compile(
    rb'(<(?:\w+:)?definedName\b[^>]*\bname="_xlnm\.Print_Area"[^>]*>)([^<]*)(</)'
)
_LAST = 16_384
_MARK = b"receivables "


def column_tags(before: bytes) -> dict[int, dict[str, str]]:
    """Attributes of the columns of a sheet, apart from their numbers."""
    found: dict[int, dict[str, str]] = {}
    section = _COLUMNS.search(before)
    for tag in _COLUMN.findall(section[2] if section else b""):
        given = attributes(tag)
        first, last = int(given.pop("min")), int(given.pop("max"))
        for column in range(first, min(last, _LAST) + 1):
            found[column] = given
    return found


def widened_columns(before: bytes, wanted: Mapping[int, Mapping[str, str]]) -> bytes:
    """The part of a sheet before its rows, with columns shown and at least as wide as wanted."""
    now = column_tags(before)
    new = dict(now)
    for column, given in wanted.items():
        held = dict(now.get(column, {}))
        held.pop("hidden", None)
        if float(held.get("width", 0)) < float(given.get("width", 0)):
            held |= {"width": given["width"], "customWidth": "1"}
        if held != now.get(column, {}):
            new[column] = held
    if new == now:
        return before
    tags = b"".join(
        b'<%%scol min="%d" max="%d"%s/>'
        % (first, last, "".join(f' {k}="{escape(v)}"' for k, v in given.items()).encode())
        for first, last, given in _runs(new)
        if given
    )
    section = _COLUMNS.search(before)
    if section:
        inner = tags.replace(b"%s", section[1])
        return before[: section.start(2)] + inner + before[section.end(2) :]
    prefix = prefix_of(before, b"worksheet")
    return before + b"<%scols>%s</%scols>" % (prefix, tags.replace(b"%s", prefix), prefix)


def _runs(columns: Mapping[int, Mapping[str, str]]) -> list[tuple[int, int, Mapping[str, str]]]:
    runs: list[tuple[int, int, Mapping[str, str]]] = []
    for column, given in sorted(columns.items()):
        if runs and runs[-1][1] == column - 1 and runs[-1][2] == given:
            runs[-1] = (runs[-1][0], column, given)
        else:
            runs.append((column, column, given))
    return runs


def cover_in_print(
    book: Package, sheet: str, before: Sequence[Area], after: Sequence[Area]
) -> None:
    """Print all our blocks where all were printed before; an area of the user's own stays.

    Args:
        book: the workbook, its print area moved with the rows already.
        sheet: name of the sheet.
        before: areas of the blocks before, in the rows where they stand now.
        after: areas that are to be printed.
    """
    index = next(at for at, item in enumerate(sheet_entries(book)) if item.name == sheet)
    xml = book.part(WORKBOOK)

    def widened(match: re.Match[bytes]) -> bytes:
        if attributes(match[1]).get("localSheetId") != str(index):
            return match[0]
        return match[1] + _covering(match[2], before, after) + match[3]

    new = _PRINT_AREA.sub(widened, xml)
    if new != xml:
        book.put(WORKBOOK, new)


def _covering(text: bytes, before: Sequence[Area], after: Sequence[Area]) -> bytes:
    found = list(references(unescape(text.decode())))
    if len(found) != 1:
        return text
    place = found[0].text.rpartition("!")[2]
    try:
        area = area_of(place)
    except ValueError:
        return text
    if not all(_inside(block, area) for block in before):
        return text
    wide = Area(
        min([area.top, *(block.top for block in after)]),
        min([area.left, *(block.left for block in after)]),
        max([area.bottom, *(block.bottom for block in after)]),
        max([area.right, *(block.right for block in after)]),
    )
    if wide == area:
        return text
    ref = re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", wide.ref)
    return text.replace(escape(place, quote=False).encode(), ref.encode())


def _inside(block: Area, area: Area) -> bool:
    return area.top <= block.top and block.bottom <= area.bottom and block.left >= area.left


def renewed_header(after: bytes, fresh: bytes) -> bytes:
    """The part of a sheet behind its rows with the month's header and footer, where they are ours.

    A footer is ours if it names this program; a header if its left and middle are those of the
    fresh sheet, only its right, the date, is another.
    """
    for element in (b"oddHeader", b"oddFooter"):
        held, new = _said(after, element), _said(fresh, element)
        if held is None or new is None or held[1] == new[1]:
            continue
        ours = _MARK in held[1] if element == b"oddFooter" else _same_start(held[1], new[1])
        if ours:
            after = after[: held.start(1)] + new[1] + after[held.end(1) :]
    return after


def _said(xml: bytes, element: bytes) -> re.Match[bytes] | None:
    return re.search(rb"<(?:\w+:)?%s>([^<]*)<" % element, xml)


def _same_start(held: bytes, new: bytes) -> bool:
    parts = [text.partition(b"&amp;R")[0] for text in (held, new)]
    return parts[0] == parts[1]
