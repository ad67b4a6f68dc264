"""The job `refresh` on a living workbook: our tables anew, everything else as it was, undoable."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import polars as pl

from receivables import __version__
from receivables.book.backups import backup_path, prune
from receivables.book.fill import Filled, fill
from receivables.book.package import Package
from receivables.book.refuse import check_file, check_free
from receivables.book.save import Saved, save
from receivables.book.structure import render
from receivables.errors import BadValueError, LedgerFileError
from receivables.ledger.tieout import TieOut
from receivables.monitor.reserve_policy import Policy
from receivables.refresh import snapshots
from receivables.refresh.aging import tied
from receivables.refresh.beside import stale, write_beside
from receivables.refresh.books import Books
from receivables.refresh.explanations import remember
from receivables.refresh.month_end import month_end_data
from receivables.refresh.previous import Past, facts_of, past_of, with_told
from receivables.refresh.refresh_log import is_living, read_log, read_told
from receivables.refresh.refreshes import (
    BEGUN,
    DONE,
    FOLDER,
    Refresh,
    finished,
    free_version,
    pending_snapshot,
    settled,
    write_journal,
)
from receivables.report.build import build
from receivables.report.data import ReportData
from receivables.report.labels import label
from receivables.report.page import Page
from receivables.report.refresh_log_sheet import refresh_log_sheet
from receivables.report.spec import SHEET_ROWS, SheetSpec
from receivables.report.worklist_data import LOG_SCHEMA

LOG_SHEET = "refresh_log"


@dataclass(frozen=True, slots=True)
class InPlaceAnswer:
    """What a refresh in place did; `changed` False = everything stood there already, nothing was written.

    `previous` is the date compared with, `files` the workbook and what is kept beside it, `notes`
    what the user should know of his own columns, cells and charts.
    """

    as_of: date
    path: Path
    changed: bool
    previous: date
    ties: list[TieOut]
    open_items: int
    issues: int
    backup: Path | None = None
    files: list[Path] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    archived: int = 0
    filled: Filled | None = None

    def to_json(self) -> dict[str, Any]:
        """Files, tie-out per book and counts."""
        return {
            "as_of": self.as_of.isoformat(),
            "changed": self.changed,
            "previous": self.previous.isoformat(),
            "files": [str(path) for path in self.files],
            "backup": str(self.backup) if self.backup else None,
            "tie_out": [tie.to_json() for tie in self.ties],
            "open_items": self.open_items,
            "issues": self.issues,
            "notes": list(self.notes),
            "archived": self.archived,
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """Options of a refresh, as in `month_end.refresh_job`; `sheet_rows` is for tests."""

    match_cutoff: date | None = None
    subsequent_to: date | None = None
    prior: date | None = None
    policy: Policy | None = None
    credit: bool | None = None
    sheet_rows: int = SHEET_ROWS


def refresh_in_place(
    books: Books,
    as_of: date,
    *,
    at: str = "",
    asked: Asked | None = None,
    workbook: str | Path | None = None,
    ledger_path: str | Path | None = None,
    checked: Callable[[Package, Filled], None] | None = None,
) -> InPlaceAnswer:
    """Refresh the result sheets of a living workbook; run again for the same date it changes nothing.

    The old workbook is kept as a backup first, the new one takes its place whole, the books of the
    date are kept as a snapshot, and the sheet Refresh log gets a line.

    Args:
        books: the ledger, loaded from the workbook.
        as_of: balance date.
        at: time of the refresh as text, for the log and the names of backups.
        asked: options of the report.
        workbook: file to rewrite; default the ledger's.
        ledger_path: file beside which snapshots, backups and the journal are kept; default the
            ledger's. They differ where a program has the workbook open and hands over a copy.
        checked: is given the filled workbook before anything is written, and may raise.

    Raises:
        LedgerFileError: no living workbook, open elsewhere, protected, signed; no room on the disk.
            Nothing is changed then.
    """
    path = living_workbook(workbook or books.path)
    books = replace(books, ledger_path=str(ledger_path or books.home))
    folder = snapshots.folder_of(books.home)
    journal = settled(folder, path)
    past = past_of(books, as_of, folder)
    log = read_log(path, journal)
    data = _data(books, as_of, asked or Asked(), past, read_told(path))
    specs = build(data, sheet_rows=(asked or Asked()).sheet_rows, living=True)
    with ZipFile(path) as archive:
        book = Package(path, archive)
        check_free(book, [table.name for spec in specs for table in spec.tables])
        filled = _filled(book, [spec for spec in specs if spec.id != LOG_SHEET], as_of)
        answer = InPlaceAnswer(
            as_of, path, changed=False, previous=asked.prior if asked and asked.prior else past.start,
            ties=list(data.tie_outs), open_items=data.items.height, issues=len(books.issues),
            notes=filled.notes, files=[path], filled=filled,
        )  # fmt: skip
        if not filled.changed and not stale(path, specs):
            return answer
        line = _line(answer, books, at)
        logged = _filled(book, [_log_sheet(data, pl.concat([log, line]))], as_of)
        if checked:
            checked(book, filled.with_more(logged))
        shown = log["as_of"][-1] if log.height else None
        done = _Writing(books, path, folder, journal, past, line, at, data)
        beside = write_beside(path, specs)
        saved = done.save(book, backup_path(folder, path, shown, at))
    return replace(
        answer, changed=True, backup=saved.backup, archived=filled.archived, files=[path, *beside]
    )


@dataclass(frozen=True, slots=True)
class _Writing:
    """The steps of a refresh that touch the disk, in an order in which none of them can be lost."""

    books: Books
    path: Path
    folder: Path
    journal: list[Refresh]
    past: Past
    line: pl.DataFrame
    at: str
    data: ReportData

    def save(self, book: Package, backup: Path) -> Saved:
        """Backup, journal and snapshot first; the workbook; then the journal's last word."""
        try:
            saved = save(
                book, self.path, expected=self._expected(), backup=backup, ready=self._begin
            )
        except BaseException:
            settled(self.folder, self.path)
            raise
        rows = finished(self.folder, [*self.journal, self._entry(saved, BEGUN)])
        needed = [Path(row.backup).name for row in rows if row.state == DONE][-1:]
        prune(self.folder, self.path, needed)
        if self.data.close:
            remember(self.data.close.exceptions, self.folder, self.past.as_of)
        return saved

    def _expected(self) -> str:
        """The workbook must be what was read; a copy handed over is nobody else's."""
        return self.books.sha256 if self.path == Path(self.books.path) else ""

    def _begin(self, saved: Saved) -> None:
        """The journal first: it names all that a broken run would leave behind."""
        write_journal(self.folder, [*self.journal, self._entry(saved, BEGUN)])
        snapshot = snapshots.take(
            self.books, self.past.as_of, tie_out=[tie.to_json() for tie in self.data.tie_outs],
            measures=_measures(self.data, self.past.as_of), created_at=self.at,
        )  # fmt: skip
        before = self.past.before
        known = (
            {"as_of": before.as_of.isoformat(), "content_sha256": before.content_sha256}
            if before
            else {}
        )
        lineage = before.lineage if before else snapshot.content_sha256
        waiting = pending_snapshot(self.folder, self.past.as_of)
        waiting.parent.mkdir(parents=True, exist_ok=True)
        snapshots.put_snapshot(waiting, replace(snapshot, lineage=lineage, previous=known))

    def _entry(self, saved: Saved, state: str) -> Refresh:
        row = {
            name: "" if value is None else str(value)
            for name, value in self.line.row(0, named=True).items()
            if name != "ledger_sha256"
        }
        snapshot = f"{FOLDER}/{self.past.as_of}.parquet"
        assert saved.backup
        return Refresh(
            state=state, workbook=self.path.name, before=saved.before, after=saved.after,
            backup=saved.backup.relative_to(self.folder).as_posix(), snapshot=snapshot,
            replaced=free_version(self.folder, snapshot), **row,
        )  # fmt: skip


def _measures(data: ReportData, as_of: date) -> list[dict[str, Any]]:
    """Speed of collection of the date, as a snapshot keeps it."""
    if data.speed is None:
        return []
    rows = data.speed.filter(pl.col("month_end") == as_of)
    return rows.with_columns(pl.col("month_end").dt.to_string("iso")).to_dicts()


def living_workbook(workbook: str | Path) -> Path:
    """The file of a workbook that can be refreshed in place.

    Raises:
        BadValueError: a database.
        LedgerFileError: no result sheets of ours in it, open elsewhere, or no xlsx.
    """
    if "://" in str(workbook):
        raise BadValueError("A database holds no result sheets. Name a workbook with --out.")
    path = Path(workbook)
    if path.exists() and not is_living(path):
        raise LedgerFileError(
            f"{path}: there are no result sheets of receivables in it, so it is not written to. "
            "Write the report to a workbook of its own with --out REPORT.xlsx; or make a workbook "
            f"that is refreshed in place: receivables new NEW.xlsx --from {path.name}."
        )
    check_file(path)
    return path


def _data(books: Books, as_of: date, asked: Asked, past: Past, told: pl.DataFrame) -> ReportData:
    ties = tied(books, books.open(as_of, asked.match_cutoff))
    facts = facts_of(books, past, ties)
    data = month_end_data(
        books, as_of, match_cutoff=asked.match_cutoff, subsequent_to=asked.subsequent_to,
        prior=asked.prior or past.start, policy=asked.policy, credit=asked.credit,
        close=replace(facts, exceptions=with_told(facts.exceptions, told)),
    )  # fmt: skip
    # The file's own hash changes with every refresh; what it was made from does not.
    digest = f"{inputs_sha256(books)} ({label('sign.inputs', books.settings.language)})"
    sources = [replace(source, sha256=digest if source.sha256 else "") for source in data.sources]
    return replace(data, sources=sources)


def inputs_sha256(books: Books) -> str:
    """SHA-256 of the input tables as they were read: the same for the same rows, whatever file they stand in."""
    digest = hashlib.sha256()
    for name, frame in sorted(books.ledger.tables.items()):
        plain = frame.drop("_source", strict=False)
        digest.update(f"{name}\n{plain.write_csv(null_value='')}".encode())
    return digest.hexdigest()


def _filled(book: Package, specs: list[SheetSpec], as_of: date) -> Filled:
    stream = BytesIO()
    made = render(specs, stream)
    with ZipFile(stream) as archive:
        return fill(book, Package(Path("donor.xlsx"), archive), specs, as_of=as_of, made=made)


def _log_sheet(data: ReportData, log: pl.DataFrame) -> SheetSpec:
    return refresh_log_sheet(Page(data, living=True), log)


def _line(answer: InPlaceAnswer, books: Books, at: str) -> pl.DataFrame:
    lights = {tie.light for tie in answer.ties}
    states = {"red": "bad", "amber": "neutral", "green": "good"}
    worst = next((states[light] for light in states if light in lights), "neutral")
    row = {
        "refreshed_at": at, "as_of": answer.as_of, "previous": answer.previous,
        "open_items": answer.open_items, "issues": answer.issues, "tie_out": worst,
        "ledger_sha256": books.sha256, "program": f"receivables {__version__}",
    }  # fmt: skip
    return pl.DataFrame([row], schema=LOG_SCHEMA)
