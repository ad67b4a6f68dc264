"""What keeps us from changing a workbook: told before anything is changed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from html import unescape
from pathlib import Path

from receivables.book.identity import ANCHOR
from receivables.book.package import Package, attributes
from receivables.errors import LedgerFileError
from receivables.ledger.container import check_ole, check_zip, kind_of, load

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
            protected, cells merged across a table of ours, or a table of our name that is not ours.
    """
    for found in _faults(book, tables):
        raise Refused(f"{book.path.name}: {found} Nothing was changed.")


def _faults(book: Package, tables: Collection[str]) -> Iterator[str]:
    yield from _whole_book(book)
    ours = _our_places(book)
    wanted = {name.casefold() for name in tables}
    for sheet, part in sheet_parts(book).items():
        if not part.startswith("xl/worksheets/"):
            continue
        held = [
            (name, tag, target)
            for name, tag, target in sheet_tables(book, part)
            if name.casefold() in wanted
        ]
        if sheet not in {place for place, _ in ours} and not held:
            continue
        yield from _sheet_faults(book, sheet, part)
        for name, tag, _ in held:
            yield from _table_faults(book, sheet, part, name, tag, ours)


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
    ours: Collection[tuple[str, str]],
) -> Iterator[str]:
    if (sheet, name.casefold()) not in ours:
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
        other = _corners(merge.decode())
        if area and other and _overlap(area, other):
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


def _our_places(book: Package) -> set[tuple[str, str]]:
    """Sheet and block of each anchor of ours."""
    xml = book.part("xl/workbook.xml").decode("utf-8", "replace")
    found = set()
    for name, text in re.findall(
        r'<(?:\w+:)?definedName\b[^>]*\bname="([^"]*)"[^>]*>([^<]*)<', xml
    ):
        place = unescape(text).rpartition("!")[0]
        if unescape(name).startswith(ANCHOR) and place:
            if place.startswith("'"):
                place = place[1:-1].replace("''", "'")
            words = unescape(name).removeprefix(ANCHOR).casefold().split("_")
            # a block's name may hold the sign that stands before it
            found |= {(place, "_".join(words[n:])) for n in range(1, len(words))}
    return found


def _tag(xml: bytes, name: bytes) -> dict[str, str]:
    match = re.search(rb"<(?:\w+:)?" + name + rb"\b[^>]*>", xml)
    return attributes(match[0]) if match else {}


def _custom(book: Package) -> bytes:
    return book.part("docProps/custom.xml") if "docProps/custom.xml" in book.names() else b""


def _corners(area: str) -> tuple[int, int, int, int] | None:
    from receivables.book.refs import column_of

    match = re.fullmatch(r"\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?(\d+))?", area)
    if not match:
        return None
    left, top = column_of(match[1]), int(match[2])
    return left, top, column_of(match[3] or match[1]), int(match[4] or top)


def _overlap(one: tuple[int, int, int, int], two: tuple[int, int, int, int]) -> bool:
    return one[0] <= two[2] and two[0] <= one[2] and one[1] <= two[3] and two[1] <= one[3]
