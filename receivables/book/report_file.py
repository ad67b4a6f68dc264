"""Write a report as a workbook of its own: a fresh structure, filled by the same writer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from receivables.book.fill import filled_bytes
from receivables.report.spec import SheetSpec
from receivables.report.target import check_target, replacing


def write(specs: Sequence[SheetSpec], path: str | Path) -> list[Path]:
    """Write sheets to a new report workbook, or over an earlier report of ours.

    Args:
        specs: sheets in order.
        path: target, ending in .xlsx.

    Returns:
        The files written: the workbook first, then a parquet file for each table that is longer
        than a sheet.

    Raises:
        LedgerFileError: the target is open, is not a report of ours, or cannot be written.
    """
    target = Path(path)
    check_target(target)
    written = [target]
    for overflow in (item for spec in specs for item in spec.overflow):
        beside = target.with_suffix(f".{overflow.name}.parquet")
        with replacing(beside) as handle:
            overflow.frame.write_parquet(handle)
        written.append(beside)
    with replacing(target) as handle:
        handle.write(filled_bytes(specs))
    return written
