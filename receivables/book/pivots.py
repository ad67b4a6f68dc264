"""Pivot tables fed by our tables or standing on our sheets."""

from __future__ import annotations

import re
from collections.abc import Collection
from html import unescape

from receivables.book.around_formulas import Shift
from receivables.book.around_xml import Element, edit, named
from receivables.book.package import Package
from receivables.book.refs import RowMap, references, shift_area

_CACHE = re.compile(r"xl/pivotCache/pivotCacheDefinition[^/]*\.xml$", re.IGNORECASE)


def cache_parts(book: Package) -> list[str]:
    """Parts that say where pivot tables take their rows from."""
    return [name for name in book.names() if _CACHE.search(name)]


def move_pivot_sources(book: Package, shift: Shift) -> None:
    """Sources given as an area of a sheet that moves."""
    for part in cache_parts(book):
        edit(book, part, lambda root: _move_source(root, shift))


def move_pivot(root: Element, rows: RowMap) -> bool:
    """The place of a pivot table on a sheet that moves."""
    changed = False
    for location in named(root, "location"):
        old = location.get("ref", "")
        new = shift_area(old, rows)
        if new and new != old:
            location.set("ref", new)
            changed = True
    return changed


def refresh_pivots(book: Package, tables: Collection[str], sheets: Collection[str]) -> int:
    """Have Excel read the sources again when it opens the workbook.

    Args:
        book: the workbook.
        tables: names of the tables that were filled.
        sheets: names of the sheets that were filled.

    Returns:
        How many sources of pivot tables are fed by them.
    """
    wanted = {name.casefold() for name in tables}
    places = {name.casefold() for name in sheets}
    wanted |= {
        name.casefold()
        for name, text in _names(book)
        if any(found.sheet.casefold() in places for found in references(text))
    }
    count = 0

    def change(root: Element) -> bool:
        nonlocal count
        fed = any(_fed(source, wanted, places) for source in named(root, "worksheetSource"))
        fed |= any(_fed(source, wanted, places) for source in named(root, "rangeSet"))
        count += fed
        if not fed or root.get("refreshOnLoad") in {"1", "true"}:
            return False
        root.set("refreshOnLoad", "1")
        return True

    for part in cache_parts(book):
        edit(book, part, change)
    return count


def _fed(source: Element, tables: set[str], sheets: set[str]) -> bool:
    if any(name.endswith("}id") for name in source.attrib):
        return False  # another workbook
    return (
        source.get("name", "").casefold() in tables or source.get("sheet", "").casefold() in sheets
    )


def _move_source(root: Element, shift: Shift) -> bool:
    changed = False
    for source in named(root, "worksheetSource", "rangeSet"):
        rows = shift.maps.get(source.get("sheet", ""))
        other = any(name.endswith("}id") for name in source.attrib)
        if rows is None or other or not source.get("ref"):
            continue
        new = shift_area(source.get("ref"), rows)
        if new and new != source.get("ref"):
            source.set("ref", new)
            changed = True
    return changed


def _names(book: Package) -> list[tuple[str, str]]:
    xml = book.part("xl/workbook.xml").decode("utf-8", "replace")
    found = re.findall(r'<(?:\w+:)?definedName\b[^>]*\bname="([^"]*)"[^>]*>([^<]*)<', xml)
    return [(unescape(name), unescape(text)) for name, text in found]
