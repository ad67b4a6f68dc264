"""Undo: the file of before to the byte, again the one before, and nobody's work lost; runs broken off."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from typer.testing import CliRunner

from receivables.book.save import sha256_of
from receivables.cli import app
from receivables.errors import LedgerFileError, NotAvailableError
from receivables.refresh import load, snapshots
from receivables.refresh.in_place import refresh_in_place
from receivables.refresh.refresh_log import read_log
from receivables.refresh.refreshes import read_journal, settled
from receivables.refresh.undo import undo_job
from tests.living_book import living, put_rows
from tests.test_in_place import AT, AUG, OCT, SEP, TABLES, everything, folder_of, invoice


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[bytes]]:
    """A workbook refreshed for August and September, and what it held before and after each."""
    path = living(tmp_path_factory.mktemp("made") / "ledger.xlsx", AUG, TABLES)
    held = [path.read_bytes()]
    for day in (AUG, SEP):
        refresh_in_place(load(path), day, at=AT[day])
        held.append(path.read_bytes())
    return path, held


@pytest.fixture
def book(made: tuple[Path, list[bytes]], tmp_path: Path) -> tuple[Path, list[bytes]]:
    path, held = made
    shutil.copytree(folder_of(path), folder_of(tmp_path / path.name))
    return Path(shutil.copy(path, tmp_path / path.name)), held


def test_undo_goes_back_one_refresh_at_a_time(book: tuple[Path, list[bytes]]) -> None:
    path, (new, august, _) = book
    answer = undo_job(path)
    assert (answer.as_of, answer.shows, answer.kept) == (SEP, AUG, None)
    assert path.read_bytes() == august
    assert [row.state for row in read_journal(folder_of(path))] == ["done", "undone"]
    assert snapshots.closed_dates(folder_of(path) / "refreshed") == [AUG]
    answer = undo_job(path)
    assert (answer.as_of, answer.shows) == (AUG, None)
    assert path.read_bytes() == new
    assert snapshots.closed_dates(folder_of(path) / "refreshed") == []
    before = dict(everything(path.parent))
    with pytest.raises(NotAvailableError, match="no refresh to take back"):
        undo_job(path)
    assert dict(everything(path.parent)) == before


def test_after_undo_the_same_refresh_gives_the_same_workbook(
    book: tuple[Path, list[bytes]],
) -> None:
    path, held = book
    undo_job(path)
    refresh_in_place(load(path), SEP, at=AT[SEP])
    assert path.read_bytes() == held[-1]
    assert [*read_log(path, read_journal(folder_of(path)))["as_of"]] == [AUG, SEP]


def test_work_done_since_is_never_taken_away(book: tuple[Path, list[bytes]]) -> None:
    path, (_, august, _) = book
    put_rows(path, "Documents", [invoice("R9", 77, "2026-10-01")])
    theirs = path.read_bytes()
    before = dict(everything(path.parent))
    with pytest.raises(LedgerFileError, match="mere save in a spreadsheet counts too"):
        undo_job(path)
    assert dict(everything(path.parent)) == before
    answer = undo_job(path, force=True, at="2026-10-06T10:00:00")
    assert path.read_bytes() == august
    assert answer.kept is not None
    assert answer.kept.read_bytes() == theirs


def test_a_refresh_of_the_same_date_gives_its_snapshot_back(
    book: tuple[Path, list[bytes]],
) -> None:
    path, _ = book
    folder = folder_of(path) / "refreshed"
    first = sha256_of(folder / f"{SEP}.parquet")
    put_rows(path, "Documents", [invoice("R9", 77, "2026-09-01")])
    refresh_in_place(load(path), SEP, at="2026-10-06T10:00:00")
    assert sha256_of(folder / f"{SEP}.parquet") != first
    undo_job(path)
    assert sha256_of(folder / f"{SEP}.parquet") == first


def test_a_workbook_put_back_by_hand_is_as_good_as_undo(book: tuple[Path, list[bytes]]) -> None:
    path, (_, august, _) = book
    path.write_bytes(august)
    answer = refresh_in_place(load(path), OCT, at=AT[OCT])
    assert answer.previous == AUG
    assert [row.state for row in read_journal(folder_of(path))] == ["done", "undone", "done"]
    assert [*read_log(path)["as_of"]] == [AUG, OCT]


def test_a_backup_that_is_gone_or_was_changed_is_not_put_in_place(
    book: tuple[Path, list[bytes]],
) -> None:
    path, held = book
    backup = folder_of(path) / read_journal(folder_of(path))[-1].backup
    backup.write_bytes(b"something else")
    with pytest.raises(LedgerFileError, match="changed after it was made"):
        undo_job(path)
    backup.unlink()
    with pytest.raises(LedgerFileError, match="backup is gone"):
        undo_job(path)
    assert path.read_bytes() == held[-1]
    assert [row.state for row in read_journal(folder_of(path))] == ["done", "done"]


def test_an_open_workbook_is_left_alone(book: tuple[Path, list[bytes]]) -> None:
    path, held = book
    (path.parent / ".~lock.ledger.xlsx#").touch()
    with pytest.raises(LedgerFileError, match="is open"):
        undo_job(path)
    assert path.read_bytes() == held[-1]


def test_the_command(book: tuple[Path, list[bytes]]) -> None:
    path, (_, august, _) = book
    told = CliRunner().invoke(app, ["undo", str(path)])
    assert told.exit_code == 0, told.output
    assert "the refresh of 2026-09-30 is taken back" in told.output
    assert "It shows 2026-08-31 again." in told.output
    assert path.read_bytes() == august


DRIVER = textwrap.dedent(
    """
    import os, shutil, signal, sys
    from datetime import date
    from pathlib import Path
    from receivables.refresh import load
    from receivables.refresh.in_place import refresh_in_place
    from receivables.refresh.undo import undo_job

    path, job, mode, budget = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
    books = load(path) if job == "refresh" else None
    WRITES = {"os.rename", "os.remove", "os.mkdir", "os.chmod", "tempfile.mkstemp"}
    steps, copying = 0, False

    def watched(event, arguments):
        # What stands on the disk before each step is what a killed run leaves there.
        global steps, copying
        if copying or event not in WRITES or str(path.parent) + os.sep not in str(arguments):
            return
        steps += 1
        if mode == "kill" and steps > budget:
            os.kill(os.getpid(), signal.SIGKILL)
        if mode == "watch":
            copying = True
            shutil.copytree(path.parent, path.parent.parent / f"step{steps:03}")
            copying = False

    sys.addaudithook(watched)
    if books:
        refresh_in_place(books, date(2026, 10, 31), at="2026-11-03T09:00:00")
    else:
        undo_job(path)
    os._exit(0)
    """
)


def run(path: Path, job: str, mode: str, step: int = 0) -> int:
    command = [sys.executable, "-c", DRIVER, str(path), job, mode, str(step)]
    return subprocess.run(command, capture_output=True, timeout=120, check=False).returncode


def copied(path: Path, folder: Path) -> Path:
    """The workbook and what is kept beside it, under the same name."""
    folder.mkdir()
    shutil.copytree(folder_of(path), folder_of(folder / path.name))
    return Path(shutil.copy(path, folder / path.name))


def left_over(path: Path) -> list[str]:
    names = [name for name, _ in everything(path.parent)]
    return [name for name in names if name.endswith((".tmp", ".pending"))]


def test_a_refresh_broken_off_at_any_step_is_finished_or_forgotten(
    book: tuple[Path, list[bytes]], tmp_path: Path
) -> None:
    """What stands on the disk before every rename, deletion and new file; the next run tidies up."""
    path, held = book
    whole = copied(path, tmp_path / "whole")
    assert run(whole, "refresh", "watch") == 0
    fresh = set()
    for trial in sorted(tmp_path.glob("step*/ledger.xlsx")):
        done = trial.read_bytes() == whole.read_bytes()
        assert done or trial.read_bytes() == held[-1]
        fresh.add(done)
        rows = settled(folder_of(trial), trial)
        assert [row.state for row in rows] == ["done"] * (3 if done else 2)
        assert read_journal(folder_of(trial)) == rows
        assert not left_over(trial)
        dates = snapshots.closed_dates(folder_of(trial) / "refreshed")
        assert dates == ([AUG, SEP, OCT] if done else [AUG, SEP])
        if done:
            assert undo_job(trial).shows == SEP
            assert trial.read_bytes() == held[-1]
    assert fresh == {False, True}
    assert len([*tmp_path.glob("step*")]) > 20


@pytest.mark.parametrize("step", [14, 22])
def test_a_refresh_killed_and_run_again_ends_as_one_that_never_died(
    book: tuple[Path, list[bytes]], tmp_path: Path, step: int
) -> None:
    path, _ = book
    whole, trial = copied(path, tmp_path / "whole"), copied(path, tmp_path / "trial")
    refresh_in_place(load(whole), OCT, at=AT[OCT])
    assert run(trial, "refresh", "kill", step) == -9
    refresh_in_place(load(trial), OCT, at=AT[OCT])
    assert dict(everything(trial.parent)) == dict(everything(whole.parent))


def test_an_undo_broken_off_at_any_step_is_finished_by_the_next(
    book: tuple[Path, list[bytes]], tmp_path: Path
) -> None:
    path, (new, august, _) = book
    whole = copied(path, tmp_path / "whole")
    assert run(whole, "undo", "watch") == 0
    for trial in sorted(tmp_path.glob("step*/ledger.xlsx")):
        if trial.read_bytes() != august:
            assert undo_job(trial).as_of == SEP
        assert trial.read_bytes() == august
        assert undo_job(trial).as_of == AUG
        assert trial.read_bytes() == new
        assert not left_over(trial)
    assert len([*tmp_path.glob("step*")]) > 5
