"""What a file really is, and whether it is safe to open: its first bytes, not its name, decide."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from pathlib import Path

from receivables.errors import LedgerFileError

MAX_ENTRY = 1 << 30
"""Bytes of one unpacked part. The fullest sheet a spreadsheet can hold in practice (1,048,576 rows
of 12 filled columns) takes about 600 MB; more is a damaged or hostile file."""

MAX_RATIO = 300
"""Unpacked to packed bytes. Sheet XML reaches about 30, blank formatted rows about 100;
deflate itself ends at 1,032, which only a file made to fill the memory comes near."""

RATIO_FROM = 32 << 20
"""Small parts may be as repetitive as they like."""

SURELY_SMALL = MAX_ENTRY // 1032
"""A packed part of this size cannot unpack to more than MAX_ENTRY."""

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BOF = b"\x09\x08\x10\x00\x00\x06\x05\x00"
FILE_PASS = 0x2F
BIFF = (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")


def load(path: Path) -> bytes:
    """Content of a file.

    Raises:
        LedgerFileError: missing, locked by another program, empty, or not a file.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise LedgerFileError(f"{path}: no such file. Check the name and the folder.") from None
    except PermissionError:
        raise LedgerFileError(
            f"{path}: another program holds this file, or you may not read it. "
            "Close it in the spreadsheet, or work on a copy."
        ) from None
    except OSError as fault:
        raise LedgerFileError(
            f"{path}: cannot be read ({fault.strerror}). Copy it to a local folder."
        ) from None
    if not data.strip(b"\0 \t\r\n"):
        raise LedgerFileError(f"{path}: the file is empty. Export the ledger again.")
    if data[:2] == b"\x1f\x8b":
        return _unzipped(path, data)
    return data


def kind_of(path: Path, data: bytes) -> str:
    """`zip`, `ole`, `parquet`, `sqlite`, `duckdb`, `html`, `xml` or `text`, by content.

    >>> kind_of(Path("ledger.xls"), b"<html><table>")
    'html'
    """
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    signs = {
        b"PK": "zip",
        OLE: "ole",
        b"PAR1": "parquet",
        b"SQLite format 3\0": "sqlite",
        **dict.fromkeys(BIFF, "ole"),
    }
    for sign, kind in signs.items():
        if data.startswith(sign):
            return kind
    if data[8:12] == b"DUCK":
        return "duckdb"
    if data.startswith(b"%PDF"):
        raise LedgerFileError(
            f"{path}: this is a PDF, not a table. Export the ledger as xlsx or csv."
        )
    if _is_markup(head):
        return "xml" if b"urn:schemas-microsoft-com:office:spreadsheet" in head else "html"
    return "text"


def check_zip(path: Path, data: bytes) -> zipfile.ZipFile:
    """The opened zip of a workbook, once no part of it is absurd.

    Raises:
        LedgerFileError: cut off, damaged, protected by a password, not a workbook, or a part unpacks to
            more than MAX_ENTRY bytes or MAX_RATIO times its packed size.
    """
    try:
        book = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        raise damaged(path) from None
    names = set(book.namelist())
    for part in book.infolist():
        _check_part(path, part)
    if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"} and not _main_part(book):
        shown = ", ".join(sorted(names)[:3])
        raise LedgerFileError(
            f"{path}: a zip, but no workbook in it ({shown}). Unpack it and give the file inside."
        )
    if "META-INF/manifest.xml" in names and b"encryption-data" in read_part(
        path, book, "META-INF/manifest.xml"
    ):
        raise protected(path)
    return book


def check_ole(path: Path, data: bytes) -> None:
    """Refuse a workbook that is protected by a password (both the new and the old kind)."""
    if "EncryptedPackage".encode("utf-16-le") in data or FILE_PASS in _first_records(data):
        raise protected(path)


def _first_records(data: bytes) -> list[int]:
    """Numbers of the first records of an old workbook; encryption is announced among them."""
    place = max(data.find(BOF), 0)
    found = []
    for _ in range(8):
        if place + 4 > len(data):
            break
        number, length = struct.unpack_from("<HH", data, place)
        found.append(number)
        place += 4 + length
    return found


def read_part(path: Path, book: zipfile.ZipFile, name: str) -> bytes:
    """One unpacked part; its length and checksum must be what the directory claims."""
    try:
        return book.read(name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        raise damaged(path) from None


def verify(path: Path, book: zipfile.ZipFile) -> None:
    """Unpack every large part once, so that a part longer than it claims never reaches another library.

    The sheets of an xlsx are left out: they are unpacked for their formats anyway.
    """
    for part in book.infolist():
        if part.compress_size > SURELY_SMALL and "worksheets/sheet" not in part.filename:
            try:
                with book.open(part) as stream:
                    while stream.read(1 << 20):
                        pass
            except (zipfile.BadZipFile, zlib.error, EOFError):
                raise damaged(path) from None


def damaged(path: Path) -> LedgerFileError:
    """The error for a workbook that is cut off or broken."""
    return LedgerFileError(
        f"{path}: the workbook is damaged or cut off. Copy or download it again; "
        "or open it in a spreadsheet, let it repair, and save it anew."
    )


def protected(path: Path) -> LedgerFileError:
    """The error for a workbook with a password."""
    return LedgerFileError(
        f"{path}: the workbook is protected by a password. Save a copy without password and give that."
    )


def _check_part(path: Path, part: zipfile.ZipInfo) -> None:
    if part.flag_bits & 1:
        raise protected(path)
    if part.file_size > MAX_ENTRY:
        raise LedgerFileError(
            f"{path}: part {part.filename} would unpack to {part.file_size:,} bytes (limit {MAX_ENTRY:,}). "
            "The file is damaged or not what it seems; export the ledger again, or as csv."
        )
    if part.file_size > RATIO_FROM and part.file_size > MAX_RATIO * max(part.compress_size, 1):
        raise LedgerFileError(
            f"{path}: part {part.filename} would unpack to {part.file_size // max(part.compress_size, 1):,} times "
            f"its size (limit {MAX_RATIO}). The file is damaged or not what it seems; export the ledger again, or as csv."
        )


def _main_part(book: zipfile.ZipFile) -> bool:
    return any(name.lower().endswith(("workbook.xml", "workbook.bin")) for name in book.namelist())


def _is_markup(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.replace(b"\0", b"")[2:]
    return head.startswith(
        (
            b"<html",
            b"<!doctype html",
            b"<table",
            b"<?xml",
            b"<meta",
            b"<head",
            b"<!--",
            b"<style",
            b"<div",
        )
    )


def _unzipped(path: Path, data: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as stream:
            plain = stream.read(MAX_ENTRY + 1)
    except (OSError, EOFError, zlib.error):
        raise LedgerFileError(
            f"{path}: the gzip file is damaged or cut off. Copy it again."
        ) from None
    if len(plain) > MAX_ENTRY:
        raise LedgerFileError(
            f"{path}: unpacks to more than {MAX_ENTRY:,} bytes. Split the export."
        )
    return plain
