"""Closed periods on disk: what was reported, kept beside the ledger and never changed in silence."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from receivables import __version__
from receivables.errors import BadValueError, LedgerFileError
from receivables.monitor.reported import STATE, changes, state_of
from receivables.refresh.books import Books
from receivables.report.target import replacing

FORMAT = 1
KEY = "receivables_snapshot"
LOG = "refresh_log.csv"
LOG_COLUMNS = (
    "closed_at", "action", "as_of", "file", "postings", "open_items", "content_sha256", "ledger",
    "ledger_sha256", "program", "replaces",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The books as of a closed date: `frame` (`monitor.reported.STATE`) and what it was made with.

    `lineage` is the content of the first snapshot of the ledger: all snapshots of one folder have
    the same. `previous` names the snapshot before and its content. `created_at` is text that the
    caller gave. Equal `content_sha256`, `settings` and `rates_sha256` mean that nothing changed.
    """

    as_of: date
    frame: pl.DataFrame
    content_sha256: str
    settings: Mapping[str, Any]
    rates_sha256: str
    rates_rows: int
    ledger: str
    ledger_sha256: str
    match_cutoff: str
    companies: tuple[str, ...]
    tie_out: list[dict[str, Any]] = field(default_factory=list)
    measures: list[dict[str, Any]] = field(default_factory=list)
    """Speed of collection by company and currency at that month end, as `dso` gives it."""
    program: str = __version__
    lineage: str = ""
    previous: Mapping[str, str] = field(default_factory=dict)
    created_at: str = ""

    @property
    def open_items(self) -> int:
        """Postings with something open."""
        return int((self.frame["open"] != 0).sum())

    def same_as(self, other: Snapshot) -> bool:
        """Whether both hold the same books, made with the same settings and rates."""
        alike = (self.content_sha256, self.rates_sha256) == (
            other.content_sha256,
            other.rates_sha256,
        )
        return alike and not settings_changed(self, other)


def folder_of(ledger: str | Path) -> Path:
    """Folder of the snapshots beside a ledger.

    Raises:
        BadValueError: a database, which has no folder beside it.

    >>> folder_of("books/ledger.xlsx").as_posix()
    'books/ledger.xlsx.receivables'
    """
    if "://" in str(ledger):
        raise BadValueError(
            "A database has no folder beside it for the closed periods. Give one with --snapshots DIR."
        )
    path = Path(ledger)
    return path.with_name(f"{path.name}.receivables")


def take(
    books: Books,
    as_of: date,
    *,
    tie_out: list[dict[str, Any]] | None = None,
    measures: list[dict[str, Any]] | None = None,
    created_at: str = "",
) -> Snapshot:
    """The books as of a date, as now known.

    Args:
        books: the loaded ledger.
        as_of: balance date.
        tie_out: the tie-out as JSON, kept with the snapshot.
        measures: speed of collection as JSON, kept with the snapshot.
        created_at: when it was made, as text; nothing here reads the clock.
    """
    opened = books.open(as_of)
    asked = ("state", as_of)
    if asked not in books.kept:
        state = state_of(books.posted, opened)
        books.kept[asked] = (state, _digest(state))
    frame, digest = books.kept[asked]
    rates = books.ledger["rates"].filter(pl.col("date") <= as_of)
    rates = rates.select("date", "from", "to", "rate").sort("from", "to", "date", "rate")
    return Snapshot(
        as_of=as_of,
        frame=frame,
        content_sha256=digest,
        settings=asdict(books.settings),
        rates_sha256=_digest(rates) if rates.height else "",
        rates_rows=rates.height,
        ledger="" if "://" in books.path else Path(books.path).name,
        ledger_sha256=books.sha256,
        match_cutoff=opened.match_cutoff.isoformat(),
        companies=tuple(sorted(frame["company"].unique())),
        tie_out=tie_out or [],
        measures=measures or [],
        created_at=created_at,
    )


def closed_dates(folder: Path) -> list[date]:
    """Dates that have a snapshot, oldest first."""
    found = []
    for path in folder.glob("*.parquet"):
        try:
            on = date.fromisoformat(path.stem)
        except ValueError:
            continue
        if on.isoformat() == path.stem:
            found.append(on)
    return sorted(found)


def read_snapshot(folder: Path, as_of: date) -> Snapshot | None:
    """The snapshot of a date; None where there is none.

    Raises:
        LedgerFileError: damaged, renamed, changed after it was written, or of a later program.
    """
    path = folder / f"{as_of}.parquet"
    if not path.exists():
        return None
    cure = (
        f"Restore it from a backup; or move it away and run again: {as_of} is then as now known, "
        "and what was reported is lost."
    )
    try:
        head = json.loads(pl.read_parquet_metadata(path)[KEY])
        if head.pop("format") > FORMAT:
            raise LedgerFileError(
                f"{path}: written by receivables {head['program']}, which is newer than this "
                f"{__version__}. Install that version."
            )
        frame = pl.read_parquet(path)
        head["as_of"] = date.fromisoformat(head["as_of"])
        head["companies"] = tuple(head["companies"])
        found = Snapshot(frame=frame, **head)
    except KeyError:
        raise LedgerFileError(
            f"{path}: this is no snapshot of receivables. Move it away and run again."
        ) from None
    except (pl.exceptions.PolarsError, OSError, ValueError, TypeError):
        raise LedgerFileError(f"{path}: the snapshot is damaged. {cure}") from None
    if frame.schema != STATE or _digest(frame) != found.content_sha256:
        raise LedgerFileError(f"{path}: the snapshot was changed after it was written. {cure}")
    if found.as_of != as_of:
        raise LedgerFileError(
            f"{path}: the snapshot inside is of {found.as_of}. Give the file its own name, "
            f"{found.as_of}.parquet, or move it away."
        )
    return found


def check_same_ledger(folder: Path, found: Snapshot, books: Books) -> None:
    """Refuse the snapshot of another ledger.

    Raises:
        LedgerFileError: it has companies that the ledger does not have, or no posting of it.
    """
    path = folder / f"{found.as_of}.parquet"
    cure = "Give the folder of this ledger's snapshots with --snapshots, or move the file away."
    own = books.posted.details.filter(pl.col("posted_on") <= found.as_of)
    strange = sorted(set(found.companies) - {*own["company"].unique(), ""})
    if strange:
        raise LedgerFileError(
            f"{path}: the snapshot of another ledger: it has the company {', '.join(strange)}, which "
            f"{books.path} does not have up to {found.as_of}. {cure}"
        )
    keys = ["currency", "customer_key", "document_no", "amount"]
    shared = found.frame.join(own.select(keys), on=keys, how="semi", nulls_equal=True)
    if found.frame.height and shared.is_empty():
        raise LedgerFileError(
            f"{path}: the snapshot of another ledger: none of its {found.frame.height:,} postings "
            f"is in {books.path}. {cure}"
        )


def check_one_lineage(folder: Path, *found: Snapshot | None) -> None:
    """Refuse snapshots that do not descend from one first close.

    Raises:
        LedgerFileError: two snapshots of different ledgers in one folder.
    """
    there = [snapshot for snapshot in found if snapshot]
    for one, other in pairwise(there):
        if one.lineage != other.lineage:
            raise LedgerFileError(
                f"{folder}: {one.as_of}.parquet ({one.ledger}) and {other.as_of}.parquet "
                f"({other.ledger}) come from different series of closes. Move the one that is not of this ledger away."
            )


def write_snapshot(folder: Path, snapshot: Snapshot, action: str) -> Path:
    """Write a snapshot and its line in the log; an earlier one of the date is kept as v1, v2, v3.

    Args:
        folder: made if it is not there.
        snapshot: what `take` made, with lineage and previous.
        action: `closed` or `reopened`, for the log.

    Raises:
        LedgerFileError: the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise LedgerFileError(f"{folder}: cannot be made ({fault.strerror}).") from None
    path = folder / f"{snapshot.as_of}.parquet"
    replaced = _put_aside(path)
    put_snapshot(path, snapshot)
    _log(folder, snapshot, action, path.name, replaced)
    return path


def put_snapshot(path: Path, snapshot: Snapshot) -> None:
    """Write a snapshot to a file, whole or not at all."""
    head = {name: getattr(snapshot, name) for name in snapshot.__slots__ if name != "frame"}
    head |= {"format": FORMAT, "as_of": snapshot.as_of.isoformat()}
    with replacing(path) as stream:
        text = json.dumps(head, ensure_ascii=True, sort_keys=True)
        snapshot.frame.write_parquet(stream, compression="zstd", metadata={KEY: text})


def settings_changed(then: Snapshot, now: Snapshot) -> list[dict[str, str]]:
    """Settings that differ between two closes: name, before, now.

    One that the program of the earlier close did not know is no change.
    """
    return [
        {"name": name, "before": str(then.settings[name]), "now": str(now.settings[name])}
        for name in sorted({*then.settings} & {*now.settings})
        if then.settings[name] != now.settings[name]
    ]


def changed_since(then: Snapshot, now: pl.DataFrame) -> pl.DataFrame:
    """Postings up to the snapshot's date that differ from it (`monitor.reported.changes`)."""
    return changes(then.frame, now, then.as_of)


def what_differs(then: Snapshot, now: Snapshot) -> list[str]:
    """Why the books of a closed period are not as they were, besides postings: one sentence each."""
    found = [
        f"Setting {change['name']} was {change['before']!r} at the close and is {change['now']!r}."
        for change in settings_changed(then, now)
    ]
    if then.rates_sha256 != now.rates_sha256:
        found.append(f"Rates up to {now.as_of} were changed after the close.")
    alike = now.frame.join(then.frame, on=list(STATE), how="anti", nulls_equal=True).height
    if alike and changed_since(then, now.frame).is_empty():
        found.append(
            f"{alike:,} postings differ in what is open of them or in their wording, and "
            "not in the balance: they were matched, renamed or dated otherwise after the close."
        )
    return found


def _put_aside(path: Path) -> str:
    """Copy a snapshot that is about to be replaced to v1, v2 …; its new name, or empty."""
    if not path.exists():
        return ""
    number = 1
    while (kept := path.with_name(f"{path.stem}.v{number}.parquet")).exists():
        number += 1
    with replacing(kept) as stream:
        stream.write(path.read_bytes())
    return kept.name


def _log(folder: Path, snapshot: Snapshot, action: str, file: str, replaces: str) -> None:
    row = {
        "closed_at": snapshot.created_at,
        "action": action,
        "as_of": snapshot.as_of.isoformat(),
        "file": file,
        "postings": snapshot.frame.height,
        "open_items": snapshot.open_items,
        "replaces": replaces,
    }
    names = ("content_sha256", "ledger", "ledger_sha256", "program")
    row |= {name: getattr(snapshot, name) for name in names}
    path = folder / LOG
    fresh = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, LOG_COLUMNS, lineterminator="\n")
        if fresh:
            writer.writeheader()
        writer.writerow(row)


def _digest(frame: pl.DataFrame) -> str:
    """SHA-256 of a table's content as csv: the same on every machine and version."""
    return hashlib.sha256(frame.write_csv(null_value="\\N").encode()).hexdigest()
