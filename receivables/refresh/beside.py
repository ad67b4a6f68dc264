"""Tables too long for a sheet, kept whole in a parquet file beside the workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from receivables.report.spec import Overflow, SheetSpec
from receivables.report.target import replacing


def stale(path: Path, specs: Sequence[SheetSpec]) -> bool:
    """Whether a file beside the workbook is missing or holds something else.

    Args:
        path: the workbook.
        specs: its sheets.
    """
    return any(not _same(place, _bytes(item)) for place, item in _files(path, specs))


def write_beside(path: Path, specs: Sequence[SheetSpec]) -> list[Path]:
    """Write the files beside a workbook, each whole or not at all; those that are right stay.

    Args:
        path: the workbook.
        specs: its sheets.
    """
    written = []
    for place, item in _files(path, specs):
        content = _bytes(item)
        if not _same(place, content):
            with replacing(place) as stream:
                stream.write(content)
        written.append(place)
    return written


def _files(path: Path, specs: Sequence[SheetSpec]) -> Iterator[tuple[Path, Overflow]]:
    for spec in specs:
        for item in spec.overflow:
            yield path.with_suffix(f".{item.name}.parquet"), item


def _bytes(item: Overflow) -> bytes:
    stream = BytesIO()
    item.frame.write_parquet(stream)
    return stream.getvalue()


def _same(place: Path, content: bytes) -> bool:
    return place.exists() and place.read_bytes() == content
