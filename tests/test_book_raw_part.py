"""Parts that nobody changed are carried over packed: the same bytes, readable by everybody."""

from __future__ import annotations

import zlib
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest

from receivables.book.package import Package
from receivables.errors import LedgerFileError

TEXT = b"<sheetData>" + b"<row><c><v>1234.56</v></c></row>" * 9_000 + b"</sheetData>"
KINDS = {"deflated.xml": ZIP_DEFLATED, "stored.bin": ZIP_STORED, "bz2.xml": ZIP_BZIP2}


class Unseekable(BytesIO):
    """As a program that streams: sizes stand behind the part, not before it."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_where: int) -> int:
        raise OSError

    def tell(self) -> int:
        raise OSError


def made(stream: BytesIO) -> bytes:
    with ZipFile(stream, "w") as book:
        for name, kind in KINDS.items():
            book.writestr(ZipInfo(name), TEXT, kind)
        book.writestr(ZipInfo("表/文件.xml"), TEXT, ZIP_DEFLATED, 9)
        book.writestr("xl/workbook.xml", b"<workbook/>")
    return stream.getvalue()


@pytest.mark.parametrize("stream", [BytesIO, Unseekable])
def test_the_same_bytes_come_out(tmp_path: Path, stream: type[BytesIO]) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(made(stream()))
    out = BytesIO()
    with ZipFile(path) as book:
        package = Package(path, book)
        package.put("xl/workbook.xml", b"<workbook>new</workbook>")
        package.put("xl/more.xml", b"<more/>")
        package.save(out)
        with ZipFile(out) as saved:
            assert saved.testzip() is None
            assert saved.namelist() == [*book.namelist(), "xl/more.xml"]
            for name in (*KINDS, "表/文件.xml"):
                was, now = book.getinfo(name), saved.getinfo(name)
                assert saved.read(name) == TEXT
                assert (now.compress_type, now.CRC) == (was.compress_type, zlib.crc32(TEXT))
                if name != "bz2.xml":
                    assert now.compress_size == was.compress_size
            assert saved.read("xl/workbook.xml") == b"<workbook>new</workbook>"


def test_saving_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(made(BytesIO()))
    first, second = BytesIO(), BytesIO()
    with ZipFile(path) as book:
        Package(path, book).save(first)
    path.write_bytes(first.getvalue())
    with ZipFile(path) as book:
        Package(path, book).save(second)
    assert first.getvalue() == second.getvalue()


@pytest.mark.parametrize("place", [0, 60])
def test_a_broken_part_is_never_carried_over(tmp_path: Path, place: int) -> None:
    path = tmp_path / "book.xlsx"
    content = bytearray(made(BytesIO()))
    content[place : place + 4] = b"XXXX"
    path.write_bytes(content)
    with ZipFile(path) as book, pytest.raises(LedgerFileError):
        Package(path, book).save(BytesIO())


def test_a_part_that_is_kept_follows_its_changes() -> None:
    with ZipFile(BytesIO(made(BytesIO()))) as archive:
        book = Package(Path("book.xlsx"), archive)
        first = book.keep("deflated.xml")
        assert book.part("deflated.xml") is first
        book.put("deflated.xml", b"<new/>")
        assert book.keep("deflated.xml") == book.part("deflated.xml") == b"<new/>"
