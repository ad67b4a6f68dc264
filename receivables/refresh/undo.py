"""The job `undo`: the last refresh of a living workbook taken back, whatever else was done since kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from receivables.book.backups import backup_path
from receivables.book.refuse import check_file
from receivables.book.save import keep, restore, sha256_of
from receivables.errors import LedgerFileError, NotAvailableError
from receivables.refresh import snapshots
from receivables.refresh.letters_journal import enter_in, language_of, letters_known
from receivables.refresh.refresh_log import read_log
from receivables.refresh.refreshes import (
    DONE,
    UNDONE,
    Refresh,
    put_back,
    settled,
    write_journal,
)
from receivables.settings import Settings


@dataclass(frozen=True, slots=True)
class UndoAnswer:
    """The refresh that was taken back.

    `shows` is the date of the workbook now, None = not refreshed yet; `kept` the workbook as it
    stood, where it was changed since.
    """

    path: Path
    as_of: date
    refreshed_at: str
    shows: date | None
    kept: Path | None

    def to_json(self) -> dict[str, Any]:
        """What was taken back, and where the workbook of before is kept."""
        return {
            "file": str(self.path),
            "as_of": self.as_of.isoformat(),
            "refreshed_at": self.refreshed_at,
            "shows_now": self.shows.isoformat() if self.shows else None,
            "kept": str(self.kept) if self.kept else None,
        }


def undo_job(
    workbook: str | Path,
    *,
    force: bool = False,
    at: str = "",
    ledger_path: str | Path | None = None,
) -> UndoAnswer:
    """Put the workbook back as it was before its last refresh, byte by byte; again, the one before.

    Letters that were made since are out: they are entered in the workbook again.

    Args:
        workbook: the living workbook.
        force: take it back although the workbook was changed since; it is kept as a backup first.
        at: time as text, for the name of that backup.
        ledger_path: file beside which the journal is kept; default the workbook.

    Raises:
        NotAvailableError: there is nothing to take back.
        LedgerFileError: changed since the refresh, open elsewhere, or its backup is gone or is not
            what was kept. Nothing is changed then.
    """
    path = Path(workbook)
    check_file(path)
    folder = snapshots.folder_of(ledger_path or path)
    rows = settled(folder, path)
    number = _last(rows)
    if number is None:
        raise NotAvailableError(
            f"{path}: there is no refresh to take back. The journal {folder / 'refreshes.csv'} knows of none."
        )
    one = rows[number]
    now = sha256_of(path.resolve())
    if now != one.after and not force:
        raise LedgerFileError(
            f"{path}: the workbook was saved after the refresh of {one.refreshed_at or one.as_of}; undo "
            "would take away what was typed since. A mere save in a spreadsheet counts too. Nothing "
            "was changed. With --force it goes back all the same, and the workbook as it stands is "
            "kept as a backup."
        )
    backup = folder / one.backup
    _check_backup(backup, one)
    kept = None
    if now != one.after:
        kept = backup_path(folder, path, date.fromisoformat(one.as_of), at)
        keep(path.resolve(), kept)
    letters = letters_known(path, folder)
    restore(backup, path)
    write_journal(folder, [*rows[:number], replace(one, state=UNDONE), *rows[number + 1 :]])
    put_back(folder, one)
    enter_in(path, folder, letters, Settings(language=language_of(path)))
    log = read_log(path)
    shows = log["as_of"][-1] if log.height else None
    return UndoAnswer(path, date.fromisoformat(one.as_of), one.refreshed_at, shows, kept)


def _last(rows: list[Refresh]) -> int | None:
    """Place of the last refresh that still stands."""
    return next((n for n in reversed(range(len(rows))) if rows[n].state == DONE), None)


def _check_backup(backup: Path, one: Refresh) -> None:
    if backup.is_file() and sha256_of(backup) != one.before:
        raise LedgerFileError(
            f"{backup}: this backup was changed after it was made. Put it back by hand if it is what "
            "you want; nothing was changed."
        )
