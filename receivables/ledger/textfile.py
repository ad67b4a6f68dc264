"""Text tables: encoding, delimiter and quoting are found out, reported, and never change a value."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from receivables.errors import LedgerFileError
from receivables.ledger.grid import ROW, Grid, letters, tidy

DELIMITERS = "\t;,|"
"""In this order where two fit equally well."""

SAMPLE = 200
"""Records by which delimiter and width are judged."""

LOST_QUOTE = 10
"""Line breaks in one cell from which an opened quote was surely never closed."""

HIGH_RUN = re.compile(rb"[\x80-\xff]+")
COMMON_HANZI = re.compile(rb"(?:[\xb0-\xd7][\xa1-\xfe])+")


def text_grid(path: Path, data: bytes, encoding: str = "") -> Grid:
    """A csv, tsv or txt file as a grid; rows count as in a spreadsheet that opens the file.

    Raises:
        LedgerFileError: no known encoding fits, or the file holds no table.
    """
    text, name = decode(path, data, encoding)
    first, declared = 0, ""
    match = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    if match:
        declared, first = match[1], 1
        text = text[match.end() :]
    delimiter = declared or find_delimiter(text)
    frame, notes = _cells(text, delimiter)
    grid = Grid(
        path.name, "", frame.with_columns(pl.col(ROW) + first), letters(1, frame.width - 1)
    )
    shown = {"\t": "tab", "": "none"}.get(delimiter, delimiter)
    grid.notes += [f"encoding {name}", f"delimiter {shown}", *notes]
    if notes:
        grid.remark("lost_quote")
    if delimiter == "|":
        grid.frame = grid.frame.with_columns(pl.exclude(ROW).str.strip_chars(" \t"))
    grid.frame = tidy(grid.frame)
    return grid


def decode(path: Path, data: bytes, encoding: str = "") -> tuple[str, str]:
    """Text of a file and the name of its encoding: BOM, UTF-16, UTF-8, GB18030, cp1252, in this order.

    Bytes above 127 that are no UTF-8 are Chinese when half of them stand in runs of four and more, or all
    of them are pairs of the common characters of GB 2312; in Western text they stand alone or in twos.
    """
    if encoding:
        try:
            return data.decode(encoding).removeprefix("\ufeff"), encoding
        except (LookupError, UnicodeDecodeError) as fault:
            raise LedgerFileError(
                f"{path}: not readable as '{encoding}' ({fault}). Correct the mapping."
            ) from None
    for sign, name in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(sign):
            return _decoded(path, data, name), {"utf-8-sig": "UTF-8 with BOM"}.get(name, "UTF-16")
    head = data[:2000]
    if head.count(0) * 4 > len(head):
        name = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        return _decoded(path, data, name), "UTF-16 without BOM"
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        pass
    if b"\0" in head:
        raise LedgerFileError(
            f"{path}: neither a workbook nor text. Export the ledger as xlsx or csv."
        )
    if _is_chinese(data):
        return data.decode("gb18030"), "GB18030"
    return _decoded(path, data, "cp1252"), "cp1252 (Western)"


def find_delimiter(text: str) -> str:
    r"""The sign between the cells; empty if the file has a single column.

    >>> find_delimiter("No;Amount\n1;1,50\n2;2,75\n"), find_delimiter("a,b\n1,2\n")
    (';', ',')
    """
    best, best_score = "", 0.0
    for sign in DELIMITERS:
        widths = [len(record) for record in _sample(text, sign) if record]
        counted = Counter(width for width in widths if width > 1)
        if not counted:
            continue
        width, rows = max(counted.items(), key=lambda pair: (pair[1] * pair[0], pair[0]))
        score = rows * rows / max(len(widths), 1) * width
        if score > best_score:
            best, best_score = sign, score
    return best


def _is_chinese(data: bytes) -> bool:
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    runs = HIGH_RUN.findall(data[: 1 << 20])
    words = sum(len(run) for run in runs if len(run) >= 4)
    return words * 2 >= sum(map(len, runs)) or all(map(COMMON_HANZI.fullmatch, runs))


def _decoded(path: Path, data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError:
        raise LedgerFileError(
            f"{path}: the text is in no encoding known here (tried UTF-8, UTF-16, GB18030, cp1252). "
            "Save it as UTF-8, or name its encoding in the mapping."
        ) from None


def _sample(text: str, delimiter: str) -> list[list[str]]:
    """The first records as a reader of this delimiter sees them."""
    head = text[: 1 << 18]
    found: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter):
            found.append(record)
            if len(found) >= SAMPLE:
                break
    except csv.Error:
        pass
    return found


def _cells(text: str, delimiter: str) -> tuple[pl.DataFrame, list[str]]:
    """Cells in columns c0, c1 …, every line counted, also the blank ones."""
    delimiter = delimiter or ","
    notes: list[str] = []
    frame = _fast(text, delimiter)
    if frame is None:
        records = _records(text, delimiter, csv.QUOTE_MINIMAL)
        if any(
            cell.count("\n") >= LOST_QUOTE for record in records for cell in record if "\n" in cell
        ):
            records = _records(text, delimiter, csv.QUOTE_NONE)
            notes.append(
                "a quotation mark is opened and never closed: quotes are read as plain text"
            )
        frame = _frame(records)
    frame = frame.with_row_index(ROW, offset=1).with_columns(pl.col(ROW).cast(pl.Int64))
    return frame.select(pl.exclude(ROW), ROW), notes


def _fast(text: str, delimiter: str) -> pl.DataFrame | None:
    """The quick reader; None where rows are longer than the sample or quotes are not well formed."""
    if text.startswith(("\n", "\r")) or "\r" in text.replace("\r\n", ""):
        return None
    width = max((len(record) for record in _sample(text, delimiter)), default=1)
    schema = {f"c{index}": pl.String for index in range(width)}
    quoted = '"' in text
    try:
        frame = pl.read_csv(
            text.encode(),
            has_header=False,
            schema=schema,
            separator=delimiter,
            quote_char='"' if quoted else None,
            empty_string_is_null=True,
        )
    except pl.exceptions.PolarsError:
        return None
    lost = pl.any_horizontal(pl.all().str.count_matches("\n") >= LOST_QUOTE)
    return None if quoted and frame.select(lost.any()).item() else frame


def _records(text: str, delimiter: str, quoting: int) -> list[list[str]]:
    csv.field_size_limit(1 << 24)
    quoted: dict[str, object] = {"quoting": quoting}
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, **quoted))  # type: ignore[arg-type]


def _frame(records: Sequence[Sequence[str]]) -> pl.DataFrame:
    width = max((len(record) for record in records), default=1)
    padded = [[*record, *[None] * (width - len(record))] for record in records]
    return pl.DataFrame(
        padded, schema={f"c{index}": pl.String for index in range(width)}, orient="row"
    )
