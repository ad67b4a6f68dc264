"""The journal of refreshes beside a ledger: what was written, what was there before, what was taken back."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields, replace
from datetime import date
from pathlib import Path

import polars as pl

from receivables.book.save import sha256_of
from receivables.errors import LedgerFileError
from receivables.report.target import replacing

FILE = "refreshes.csv"
FOLDER = "refreshed"
"""Snapshots of refreshed dates; those of closed periods stand in the folder above."""
BEGUN, DONE, UNDONE = "begun", "done", "undone"
VERSIONS = 12
"""Earlier snapshots of a date refreshed again that are kept, as many as backups."""


@dataclass(frozen=True, slots=True)
class Refresh:
    """One refresh of a workbook; everything as text, as it stands in the journal.

    `before` and `after` are SHA-256 of the workbook; `backup`, `snapshot` and `replaced` are names
    in the folder of the ledger: the workbook before, the snapshot written, the one it replaced.
    """

    refreshed_at: str
    state: str
    as_of: str
    previous: str
    workbook: str
    before: str
    after: str
    backup: str
    snapshot: str
    replaced: str
    open_items: str
    issues: str
    tie_out: str
    program: str


COLUMNS = tuple(field.name for field in fields(Refresh))


def read_journal(folder: Path) -> list[Refresh]:
    """Refreshes, the oldest first; none where the ledger was never refreshed in place.

    Raises:
        LedgerFileError: the file was changed so that it cannot be read.
    """
    path = folder / FILE
    if not path.exists():
        return []
    try:
        frame = pl.read_csv(path, infer_schema=False, encoding="utf8")
        rows = frame.select(pl.col(COLUMNS).fill_null("")).rows()
    except pl.exceptions.PolarsError as fault:
        raise LedgerFileError(
            f"{path}: cannot be read ({str(fault).splitlines()[0]}). Restore it from a backup; or move it "
            "away: the refreshes up to now can then not be undone."
        ) from None
    return [Refresh(*row) for row in rows]


def write_journal(folder: Path, rows: list[Refresh]) -> None:
    """Write all rows anew, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    table = pl.DataFrame([astuple(row) for row in rows], schema=dict.fromkeys(COLUMNS, pl.String), orient="row")  # fmt: skip
    with replacing(folder / FILE) as stream:
        table.write_csv(stream)


def pending_snapshot(folder: Path, as_of: date | str) -> Path:
    """Where the snapshot of a refresh waits until the workbook is written."""
    return folder / FOLDER / f"{as_of}.pending"


def settled(folder: Path, path: Path) -> list[Refresh]:
    """The journal, with a run that was broken off finished or forgotten.

    The workbook decides: it is what stood there before the last refresh, or it is not. The same
    goes for one that somebody put back by hand. Nothing is written where the two agree; half
    written files that a broken run left behind are deleted.

    Args:
        folder: of the ledger's snapshots.
        path: the workbook.
    """
    _sweep(folder, path.resolve())
    rows = read_journal(folder)
    standing = [number for number, row in enumerate(rows) if row.state != UNDONE]
    if not standing:
        return rows
    number = standing[-1]
    last, now = rows[number], sha256_of(path.resolve())
    if now == last.before != last.after:
        if last.state == DONE:
            put_back(folder, last)
            rows = [*rows[:number], replace(last, state=UNDONE), *rows[number + 1 :]]
        else:
            _forget(folder, last)
            rows = rows[:number]
        write_journal(folder, rows)
    elif last.state == BEGUN:
        rows = finished(folder, rows)
    return rows


def _sweep(folder: Path, real: Path) -> None:
    """Delete what `replacing` leaves when it is killed: hidden files that end in .tmp."""
    beside = (one for one in real.parent.glob(".*.tmp") if one.name.startswith(f".{real.name}."))
    for one in (*beside, *folder.rglob(".*.tmp")):
        one.unlink(missing_ok=True)


def _forget(folder: Path, broken: Refresh) -> None:
    """Delete what a run that did not reach the workbook made."""
    for one in (folder / broken.backup, pending_snapshot(folder, broken.as_of)):
        one.unlink(missing_ok=True)


def put_back(folder: Path, one: Refresh) -> None:
    """The snapshot of a refresh that was taken back goes; the one that it replaced comes back."""
    place = folder / one.snapshot
    replaced = folder / one.replaced if one.replaced else None
    if replaced and replaced.exists():
        replaced.replace(place)
    else:
        place.unlink(missing_ok=True)


def finished(folder: Path, rows: list[Refresh]) -> list[Refresh]:
    """The last refresh marked as done, its snapshot in place, versions past keeping deleted."""
    last = rows[-1]
    place, waiting = folder / last.snapshot, pending_snapshot(folder, last.as_of)
    if waiting.exists():
        if last.replaced and place.exists():
            place.replace(folder / last.replaced)
        waiting.replace(place)
    rows = [*rows[:-1], replace(last, state=DONE)]
    write_journal(folder, rows)
    kept = {row.replaced for row in rows[-VERSIONS:]}
    for old in (folder / FOLDER).glob("*.v*.parquet"):
        if f"{FOLDER}/{old.name}" not in kept:
            old.unlink(missing_ok=True)
    return rows


def free_version(folder: Path, snapshot: str) -> str:
    """Name under which the snapshot that stands there is kept; blank where there is none."""
    place = folder / snapshot
    if not place.exists():
        return ""
    number = 1
    while place.with_name(f"{place.stem}.v{number}.parquet").exists():
        number += 1
    return f"{FOLDER}/{place.stem}.v{number}.parquet"
