"""Names of our functions inside an .xlsx file: as they are typed, or as LibreOffice Calc reads them.

The extension carries this file too: it runs in the office's own Python, 3.8 or later, standard library only.
"""

from __future__ import annotations

import os
import re
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

EXCEL, CALC = "excel", "calc"
"""Styles: `DSO(A1,B1,90)`, and the name that Calc writes and reads, `ORG.RECEIVABLES.FUNCTIONS.DSO(…)`."""

_QUOTE, _TICK = rb"(?:\"|&quot;|&#34;)", rb"(?:'|&apos;|&#39;)"
_INSIDE = rb"[^\[\]'&]|'.|&apos;.|&(?!apos;)"
_TOKEN = re.compile(
    rb"%(q)b.*?%(q)b"  # a text; the doubled mark inside one ends it and begins the next
    rb"|%(t)b.*?%(t)b(?:![\w.$\x80-\xff]*)?"  # a sheet name in marks, with what follows
    rb"|\[(?P<link>\d+)\]!(?P<linked>[\w.]+)(?=\s*\()"  # a function of another workbook
    rb"|\[(?:%(i)b|\[(?:%(i)b)*\])*\]"  # a column of a table, however it is called
    rb"|(?P<word>[\w.$!\\\x80-\xff]+)(?P<call>(?=\s*\())?"
    % {b"q": _QUOTE, b"t": _TICK, b"i": _INSIDE},
    re.DOTALL,
)
_CALLED = re.compile(rb"([\w.]+)\s*\(")
_PREFIX = re.compile(rb"^(?:_XLL\.|_XLDUDF_|_XLFN\.|_XLUDF\.)+")
_ELEMENT = re.compile(
    rb"(<(?:\w+:)?(?:f|formula[12]?|definedName|calculatedColumnFormula|totalsRowFormula)"
    rb"(?:\s[^>]*)?(?<!/)>)([^<]+)(?=</)"
)
_ROOT = re.compile(rb"<(?:\w+:)?(worksheet|workbook|table)[\s>]")
_UNKNOWN_RESULT = re.compile(
    rb"(<(?:\w+:)?c\b[^>]*?) t=\"e\"([^>]*>\s*(<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)))"
    rb"\s*<((?:\w+:)?v)>#NAME\?</\4>"
)
_LAMBDA = re.compile(
    rb"<(?:\w+:)?definedName\b[^>]*?\bname=\"([^\"]+)\"[^>]*>\s*(?:_xlfn\.)?LAMBDA\s*\(",
    re.IGNORECASE,
)


_TAIL = 6
"""Last letters of a name that are looked for first."""


class RewriteError(Exception):
    """The file cannot be rewritten; the message says why and what to do."""


class Names:
    """Our functions under both names.

    >>> names = Names({"ORG.RECEIVABLES.FUNCTIONS.AGINGDAYS": "AGING_DAYS"})
    >>> names.in_formula(b'_xll.aging_days(A1)&amp;"AGING_DAYS("', CALC)
    (b'ORG.RECEIVABLES.FUNCTIONS.AGINGDAYS(A1)&amp;"AGING_DAYS("', 1)
    >>> names.in_formula(b"ORG.RECEIVABLES.FUNCTIONS.AGINGDAYS(A1)", EXCEL)
    (b'AGING_DAYS(A1)', 1)
    """

    def __init__(self, programmatic: Mapping[str, str]) -> None:
        self.typed = {name.encode(): name.encode() for name in programmatic.values()}
        self.full = {long.encode(): name.encode() for long, name in programmatic.items()}
        self.written = {
            EXCEL: {name: name for name in self.typed},
            CALC: {name: long for long, name in self.full.items()},
        }
        self.ends = tuple({name[-_TAIL:] for name in (*self.typed, *self.full)})

    def perhaps_in(self, xml: bytes) -> bool:
        """Whether a part could call a function of ours: a quick look at what stands before brackets.

        >>> Names({"ORG.RECEIVABLES.FUNCTIONS.DSO": "DSO"}).perhaps_in(b"<f>SUM(A1:A9)</f>")
        False
        """
        before = {piece.rstrip()[-_TAIL:] for piece in xml.split(b"(")}
        return any(tail.upper().endswith(self.ends) for tail in before)

    def find(self, word: bytes, taken: frozenset[bytes] = frozenset()) -> bytes | None:
        """Our function behind a name as it is written somewhere; names of the workbook's own are not ours."""
        name = _PREFIX.sub(b"", word.upper())
        return self.full.get(name) or (None if name in taken else self.typed.get(name))

    def in_formula(
        self,
        text: bytes,
        style: str,
        taken: frozenset[bytes] = frozenset(),
        links: frozenset[bytes] = frozenset(),
    ) -> tuple[bytes, int]:
        """A formula as it stands in XML with our names in a style, and how many names changed."""
        if not any(self.find(word, taken) for word in _CALLED.findall(text)):
            return text, 0  # by far the most formulas of a workbook
        written, changed = self.written[style], 0

        def replaced(match: re.Match[bytes]) -> bytes:
            nonlocal changed
            if match["linked"] is not None:
                known = match["link"] in links and style == CALC
                name = self.find(match["linked"]) if known else None
            else:
                name = self.find(match["word"], taken) if match["call"] is not None else None
            new = match[0] if name is None else written[name]
            changed += new != match[0]
            return new

        return _TOKEN.sub(replaced, text), changed


def in_part(
    xml: bytes,
    names: Names,
    style: str,
    taken: frozenset[bytes] = frozenset(),
    links: frozenset[bytes] = frozenset(),
) -> tuple[bytes, int]:
    """A sheet, the workbook or a table with our names in a style; other parts stay as they are.

    A result of #NAME? says that the add-in was missing. Calc would go on showing it, so it goes.
    """
    if not may_hold(xml, names):
        return xml, 0
    count = 0

    def replaced(match: re.Match[bytes]) -> bytes:
        nonlocal count
        text, changed = names.in_formula(match[2], style, taken, links)
        count += changed
        return match[1] + text if changed else match[0]

    new = _ELEMENT.sub(replaced, xml)
    if count and style == CALC:
        new = _UNKNOWN_RESULT.sub(_without_result, new)
    return new, count


def may_hold(xml: bytes, names: Names) -> bool:
    """Whether a part is one that holds formulas, and perhaps ours."""
    return bool(_ROOT.search(xml[:4096])) and names.perhaps_in(xml)


def mentions(source: Path, names: Names) -> bool:
    """Whether a workbook could call a function of ours.

    Raises:
        RewriteError: as `rewrite`.
    """
    with _opened(source) as book:
        parts = (entry for entry in book.infolist() if entry.filename.endswith(".xml"))
        return any(may_hold(book.read(entry), names) for entry in parts)


def rewrite(source: Path, target: IO[bytes], names: Names, style: str) -> int:
    """Copy a workbook with our names in a style; the number of names changed.

    Every part without one of our names keeps its bytes.

    Raises:
        RewriteError: not an .xlsx, protected by a password, or signed.
    """
    with _opened(source) as book, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        taken, links = own_functions(book), our_links(book)
        count = 0
        for entry in book.infolist():
            content = book.read(entry)
            if entry.filename.endswith(".xml"):
                content, changed = in_part(content, names, style, taken, links)
                count += changed
            copy.writestr(entry, content)
        copy.comment = book.comment
    return count


def rewrite_in_place(path: Path, names: Names, style: str) -> int:
    """Put the rewritten workbook in the place of the file at once; without our names nothing is written.

    The file keeps its time: the program that just saved it must not take it for somebody else's.

    Raises:
        RewriteError: as `rewrite`.
        OSError: the folder or the file cannot be written; the file is as it was.
    """
    if not mentions(path, names):
        return 0
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w+b") as stream:
            count = rewrite(path, stream, names, style)
            stream.flush()
            os.fsync(stream.fileno())
        if count:
            status = path.stat()
            temporary.chmod(status.st_mode & 0o777)
            os.utime(temporary, ns=(status.st_atime_ns, status.st_mtime_ns))
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return count


def own_functions(book: zipfile.ZipFile) -> frozenset[bytes]:
    """Names that the workbook defines as functions itself (LAMBDA), in capitals: they win over ours."""
    found = _LAMBDA.findall(book.read("xl/workbook.xml"))
    return frozenset(name.upper() for name in found)


def our_links(book: zipfile.ZipFile) -> frozenset[bytes]:
    """Numbers of the links to our Excel add-in, as formulas write them: the 1 of `[1]!DSO(…)`."""
    names = set(book.namelist())
    listed = re.findall(
        rb"<(?:\w+:)?externalReference\b[^>]*?\bid=\"([^\"]+)\"", book.read("xl/workbook.xml")
    )
    targets = _relations(book, names, "xl/_rels/workbook.xml.rels")
    found = set()
    for number, key in enumerate(listed, 1):
        part = targets.get(key, b"").decode("utf-8", "replace")
        part = part[1:] if part.startswith("/") else "xl/" + part
        folder, _, name = part.rpartition("/")
        linked = _relations(book, names, folder + "/_rels/" + name + ".rels")
        if any(b"receivables.xla" in target.lower() for target in linked.values()):
            found.add(str(number).encode())
    return frozenset(found)


def _relations(book: zipfile.ZipFile, names: set[str], part: str) -> dict[bytes, bytes]:
    tags = re.findall(
        rb"<(?:\w+:)?Relationship\b[^>]*>", book.read(part) if part in names else b""
    )
    pairs = (
        (re.search(rb'\bId="([^"]*)"', tag), re.search(rb'\bTarget="([^"]*)"', tag))
        for tag in tags
    )
    return {key[1]: target[1] for key, target in pairs if key and target}


def _without_result(match: re.Match[bytes]) -> bytes:
    """The cell of a formula of ours, or of a further cell of a shared formula, to be calculated."""
    ours = b"ORG.RECEIVABLES." in match[3] or match[3].endswith(b"/>")
    return match[1] + match[2] if ours else match[0]


def _opened(source: Path) -> zipfile.ZipFile:
    with source.open("rb") as stream:
        start = stream.read(8)
    if start == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise RewriteError(
            "The file is protected by a password, or an old .xls. Save it as .xlsx without a password."
        )
    try:
        book = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, ValueError):
        raise RewriteError(
            "This is not an .xlsx file, or it is damaged. Save it as .xlsx."
        ) from None
    names = book.namelist()
    fault = ""
    if "xl/workbook.xml" not in names:
        fault = "This is not an .xlsx file: it has no xl/workbook.xml. Save it as .xlsx."
    elif any(entry.flag_bits & 1 for entry in book.infolist()):
        fault = "The file is protected by a password. Save it without one."
    elif any(name.startswith("_xmlsignatures/") for name in names):
        fault = (
            "The file is signed, and a change would break the signature. Save an unsigned copy."
        )
    elif len(set(names)) != len(names):
        fault = "The file is damaged: it holds a part twice. Open and save it in a spreadsheet program."
    if fault:
        book.close()
        raise RewriteError(fault)
    return book
