"""What keeps us from changing a workbook: told before anything is changed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import TypeAlias

from receivables.book.package import Package, attributes
from receivables.book.refs import column_of
from receivables.errors import LedgerFileError
from receivables.ledger.container import check_ole, check_zip, kind_of, load
from receivables.ledger.result_sheets import ANCHOR

_Corners: TypeAlias = tuple[int, int, int, int]
"""First column and row, last column and row."""
_OTHER_KINDS = {".xlsb", ".xls", ".ods", ".csv", ".xltx", ".xltm", ".xlam"}


class Refused(LedgerFileError):  # noqa: N818 (reads as what happened, in every message)
    """A workbook that is left as it is, and why. Nothing was changed."""


def check_file(path: Path) -> None:
    """Refuse a file that cannot be changed in place.

    Raises:
        Refused: it is open in a program, has a password, or is no xlsx or xlsm workbook.
        LedgerFileError: it is missing, unreadable or damaged.
    """
    # Excel leaves out the first two letters of a long name in that of its lock.
    for lock in (f"~${path.name}", f"~${path.name[2:]}", f".~lock.{path.name}#"):
        if (path.parent / lock).exists():
            raise Refused(
                f"{path}: the workbook is open. Close it in Excel or LibreOffice and run again; "
                f"if it is not open there, delete the left-over file {lock}. Nothing was changed."
            )
    data = load(path)
    kind = kind_of(path, data)
    if kind == "ole":
        check_ole(path, data)
    if kind != "zip" or path.suffix.lower() in _OTHER_KINDS:
        raise Refused(
            f"{path}: only .xlsx and .xlsm workbooks are refreshed in place. Save it as .xlsx "
            "and run again. Nothing was changed."
        )
    if "xl/workbook.xml" not in check_zip(path, data).namelist():
        raise Refused(
            f"{path}: not an xlsx workbook as Excel writes it. Open it in a spreadsheet, save it "
            "as .xlsx and run again. Nothing was changed."
        )


def check_free(book: Package, tables: Collection[str] = ()) -> None:
    """Refuse a workbook that must not or cannot be changed faithfully.

    Args:
        book: the workbook.
        tables: names of the tables that will be written.

    Raises:
        Refused: signed, shared, marked as final, reserved, its structure or one of our sheets
            protected, cells merged across a table of ours, a table of our name that is not ours, or
            one of ours that is no table any more.
    """
    for found in _faults(book, tables):
        raise Refused(f"{book.path.name}: {found} Nothing was changed.")


def _faults(book: Package, tables: Collection[str]) -> Iterator[str]:
    yield from _whole_book(book)
    wanted = {name.casefold() for name in tables}
    anchors = list(_anchors(book))
    for sheet, part in sheet_parts(book).items():
        if not part.startswith("xl/worksheets/"):
            continue
        here = [anchor for anchor in anchors if anchor.sheet == sheet]
        held = [(name, tag) for name, tag, _ in sheet_tables(book, part)]
        named = [(name, tag) for name, tag in held if name.casefold() in wanted]
        if here or named:
            yield from _sheet_faults(book, sheet, part)
        own = [anchor for anchor in here if anchor.blocks & wanted]
        areas = [anchor.area for anchor in own]
        for name, tag in held:
            ours = any(_overlap(area, _corners(tag.get("ref", ""))) for area in areas)
            if ours or (name, tag) in named:
                yield from _table_faults(book, sheet, part, name, tag, ours=ours)
        taken = [_corners(tag.get("ref", "")) for _, tag in held]
        for anchor in own:
            if not any(_overlap(anchor.area, area) for area in taken):
                name = next(name for name in tables if name.casefold() in anchor.blocks)
                yield from _left_over(book, sheet, part, name, anchor.area)


def _whole_book(book: Package) -> Iterator[str]:
    names = book.names()
    if any(name.startswith("_xmlsignatures/") for name in names):
        yield "it is digitally signed, and a change would break the signature. Remove the signature or work on a copy."
    xml = book.part("xl/workbook.xml")
    protection = _tag(xml, b"workbookProtection")
    if {"1", "true"} & {protection.get("lockStructure"), protection.get("lockRevision")}:
        yield "its structure is protected. Take the protection off (Review > Protect Workbook) and run again."
    if any(name.startswith("xl/revisions/") for name in names):
        yield "it is a shared workbook with a record of changes. Unshare it (Review > Unshare Workbook) and run again."
    sharing = _tag(xml, b"fileSharing")
    if sharing.keys() & {"reservationPassword", "hashValue"}:
        yield "it may be changed only with a password for writing. Save it without one and run again."
    if re.search(rb'name="_MarkAsFinal"[^>]*>\s*<[^>]*bool>\s*(?:true|1)\s*<', _custom(book)):
        yield "it is marked as final. Take the mark off (File > Info > Protect Workbook) and run again."


def _sheet_faults(book: Package, sheet: str, part: str) -> Iterator[str]:
    xml = book.part(part)
    tail = xml[max(xml.rfind(b"sheetData"), 0) :]
    if _tag(tail, b"sheetProtection").get("sheet") in {"1", "true"}:
        yield f"sheet '{sheet}' is protected. Take the protection off (Review > Unprotect Sheet) and run again."


def _table_faults(
    book: Package,
    sheet: str,
    part: str,
    name: str,
    tag: dict[str, str],
    *,
    ours: bool,
) -> Iterator[str]:
    if not ours:
        yield (
            f"sheet '{sheet}' holds a table {name} that receivables did not make. Give it another "
            "name (Table Design > Table Name) and run again."
        )
    if tag.get("tableType", "worksheet") != "worksheet":
        yield f"table {name} on sheet '{sheet}' is filled by a query. Unlink it (Table Design > Unlink) and run again."
    area = _corners(tag.get("ref", ""))
    xml = book.part(part)
    merges = re.findall(
        rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([^"]+)"', xml[max(xml.rfind(b"sheetData"), 0) :]
    )
    for merge in merges:
        if _overlap(area, _corners(merge.decode())):
            yield f"cells {merge.decode()} on sheet '{sheet}' are merged across table {name}. Unmerge them and run again."


def sheet_parts(book: Package) -> dict[str, str]:
    """Sheets by name, in order, with their parts."""
    targets = {item.id: item.target for item in book.relations("xl/workbook.xml")}
    found = {}
    for tag in re.findall(rb"<(?:\w+:)?sheet\b[^>]*>", book.part("xl/workbook.xml")):
        given = attributes(tag)
        number = next((value for key, value in given.items() if key.endswith(":id")), "")
        if "name" in given:
            found[given["name"]] = targets.get(number, "")
    return found


def sheet_tables(book: Package, part: str) -> list[tuple[str, dict[str, str], str]]:
    """Tables of a sheet: name, the attributes of the table, and its part."""
    found = []
    for item in book.relations(part):
        if item.kind == "table":
            tag = _tag(book.part(item.target), b"table")
            found.append((tag.get("displayName", tag.get("name", "")), tag, item.target))
    return found


def _left_over(
    book: Package, sheet: str, part: str, name: str, area: _Corners | None
) -> Iterator[str]:
    """Cells of a table of ours that is no table any more."""
    if area is None:
        return
    _, top, _, bottom = area
    xml = book.part(part)
    for match in re.finditer(_ROW, xml):
        if int(match[2]) < top or int(match[2]) > bottom:
            continue
        end = xml.find(b"</" + (match[1] or b"") + b"row>", match.end())
        if re.search(rb"<(?:\w+:)?[vt]\b[^>]*>[^<]", xml[match.end() : end]):
            yield (
                f"the table {name} on sheet '{sheet}' is no table any more, though its cells are there "
                f"(rows {top} to {bottom}): a program that knows no tables saved the workbook, or it was "
                "converted to a range. Take a backup from before, or clear these rows and run again."
            )
            return


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A defined name of ours: its sheet, what its block may be called, and its area."""

    sheet: str
    blocks: frozenset[str]
    area: _Corners | None


def _anchors(book: Package) -> Iterator[_Anchor]:
    xml = book.part("xl/workbook.xml").decode("utf-8", "replace")
    for name, text in re.findall(
        r'<(?:\w+:)?definedName\b[^>]*\bname="([^"]*)"[^>]*>([^<]*)<', xml
    ):
        sheet, _, area = unescape(text).rpartition("!")
        if not unescape(name).startswith(ANCHOR) or not sheet:
            continue
        if sheet.startswith("'"):
            sheet = sheet[1:-1].replace("''", "'")
        words = unescape(name).removeprefix(ANCHOR).casefold().split("_")
        # the id of the sheet and the name of the block may hold the sign that stands between them
        blocks = frozenset("_".join(words[place:]) for place in range(1, len(words)))
        yield _Anchor(sheet, blocks, _corners(area))


def _tag(xml: bytes, name: bytes) -> dict[str, str]:
    match = re.search(rb"<(?:\w+:)?" + name + rb"\b[^>]*>", xml)
    return attributes(match[0]) if match else {}


def _custom(book: Package) -> bytes:
    return book.part("docProps/custom.xml") if "docProps/custom.xml" in book.names() else b""


def _corners(area: str) -> _Corners | None:
    match = re.fullmatch(r"\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?(\d+))?", area)
    if not match:
        return None
    left, top = column_of(match[1]), int(match[2])
    return left, top, column_of(match[3] or match[1]), int(match[4] or top)


def _overlap(one: _Corners | None, two: _Corners | None) -> bool:
    if one is None or two is None:
        return False
    return one[0] <= two[2] and two[0] <= one[2] and one[1] <= two[3] and two[1] <= one[3]


_ROW = rb'<(\w+:)?row\b[^>]*?\br="(\d+)"'
