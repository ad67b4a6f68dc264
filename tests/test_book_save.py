"""A workbook is replaced whole or not at all: killed at any step, disk full, locked, or changed meanwhile."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
import textwrap
from datetime import date, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest

from receivables.book.backups import KEPT, backup_path, prune
from receivables.book.package import Package
from receivables.book.save import keep, restore, save, sha256_of
from receivables.days import month_ends
from receivables.errors import LedgerFileError

PARTS = {"xl/workbook.xml": b"<workbook/>", "xl/notes.bin": bytes(range(256)) * 200}
NEW = b"<workbook>new</workbook>"


def workbook(path: Path) -> Path:
    with ZipFile(path, "w") as book:
        for name, content in PARTS.items():
            book.writestr(name, content)
    return path


def changed(path: Path, book: ZipFile) -> Package:
    package = Package(path, book)
    package.put("xl/workbook.xml", NEW)
    return package


def saved(path: Path, **options):
    with ZipFile(path) as book:
        return save(changed(path, book), path, **options)


def test_the_new_workbook_stands_there_and_the_old_one_is_kept(tmp_path: Path) -> None:
    path = workbook(tmp_path / "ledger.xlsx")
    old = path.read_bytes()
    path.chmod(0o640)
    backup = tmp_path / "kept" / "old.xlsx"
    answer = saved(path, backup=backup)
    with ZipFile(path) as book:
        assert book.read("xl/workbook.xml") == NEW
        assert book.read("xl/notes.bin") == PARTS["xl/notes.bin"]
    assert backup.read_bytes() == old
    assert (answer.before, answer.after) == (hashlib.sha256(old).hexdigest(), sha256_of(path))
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, backup)] == [0o640, 0o640]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["kept", "ledger.xlsx"]


def test_the_owner_stays(tmp_path: Path) -> None:
    """Only root can give files away; for everybody else the owner is who runs."""
    path = workbook(tmp_path / "ledger.xlsx")
    owner = 12345 if os.getuid() == 0 else os.getuid()
    os.chown(path, owner, -1)
    saved(path)
    assert path.stat().st_uid == owner


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    real = workbook(tmp_path / "share" / "ledger.xlsx")
    link = tmp_path / "ledger.xlsx"
    link.symlink_to(real)
    saved(link)
    assert link.is_symlink()
    with ZipFile(real) as book:
        assert book.read("xl/workbook.xml") == NEW


def test_a_restored_backup_is_the_old_file_to_the_byte(tmp_path: Path) -> None:
    path = workbook(tmp_path / "ledger.xlsx")
    old = path.read_bytes()
    backup = tmp_path / "old.xlsx"
    answer = saved(path, backup=backup)
    assert restore(backup, path) == answer.before
    assert path.read_bytes() == old
    backup.unlink()
    with pytest.raises(LedgerFileError, match="backup is gone"):
        restore(backup, path)


@pytest.mark.parametrize("lock", ["~$ledger.xlsx", ".~lock.ledger.xlsx#"])
def test_an_open_workbook_is_left_alone(tmp_path: Path, lock: str) -> None:
    path = workbook(tmp_path / "ledger.xlsx")
    old = path.read_bytes()
    (tmp_path / lock).touch()
    with pytest.raises(LedgerFileError, match="is open"):
        saved(path)
    assert path.read_bytes() == old


def test_a_workbook_that_somebody_saved_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = workbook(tmp_path / "ledger.xlsx")
    read = sha256_of(path)
    with ZipFile(path) as book:
        package = changed(path, book)
        theirs = workbook(tmp_path / "theirs.xlsx")
        with ZipFile(theirs, "a") as more:
            more.writestr("xl/theirs.xml", b"<theirs/>")
        theirs.replace(path)
        kept = path.read_bytes()
        with pytest.raises(LedgerFileError, match="saved by somebody else"):
            save(package, path, expected=read)
    assert path.read_bytes() == kept


DRIVER = textwrap.dedent(
    """
    import os, resource, signal, sys
    from pathlib import Path
    from zipfile import ZipFile
    from receivables.book.package import Package
    from receivables.book.save import save

    class Dying(Package):
        def save(self, stream):
            super().save(Failing(stream, budget) if mode == "bytes" else stream)

    class Failing:
        # Dies after so many bytes were handed over.
        def __init__(self, stream, budget):
            self.stream, self.left = stream, budget

        def write(self, data):
            self.left -= len(data)
            if self.left < 0:
                self.stream.write(data[: self.left])
                self.stream.flush()
                os.kill(os.getpid(), signal.SIGKILL)
            return self.stream.write(data)

        def __getattr__(self, name):
            return getattr(self.stream, name)

    folder, mode, budget = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    path = folder / "ledger.xlsx"
    steps = 0

    def dies(event, arguments):
        # Every file opened, renamed, deleted or given rights in our folder is a step.
        global steps
        if any(isinstance(one, (str, os.PathLike)) and str(folder) in str(one) for one in arguments):
            steps += 1
            if steps > budget:
                os.kill(os.getpid(), signal.SIGKILL)

    with ZipFile(path) as book:
        package = Dying(path, book)
        package.put("xl/workbook.xml", b"<workbook>new</workbook>")
        if mode == "room":
            resource.setrlimit(resource.RLIMIT_FSIZE, (budget, budget))
        if mode == "steps":
            sys.addaudithook(dies)
        save(package, path, backup=folder / "kept" / "old.xlsx")
    os._exit(0)
    """
)


def run(folder: Path, mode: str, budget: int) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", DRIVER, str(folder), mode, str(budget)],
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(("mode", "stride"), [("steps", 2), ("bytes", 16000)])
def test_killed_anywhere_the_workbook_is_the_old_one_or_the_new_one(
    tmp_path: Path, mode: str, stride: int
) -> None:
    path = workbook(tmp_path / "ledger.xlsx")
    old = path.read_bytes()
    died = 0
    for step in range(60):
        ended = run(tmp_path, mode, step * stride)
        if ended.returncode == 0:
            break
        assert ended.returncode == -9, ended.stderr
        died += 1
        with ZipFile(path) as book:
            assert book.testzip() is None
            assert book.read("xl/notes.bin") == PARTS["xl/notes.bin"]
            fresh = book.read("xl/workbook.xml") == NEW
        if fresh:
            assert (tmp_path / "kept" / "old.xlsx").read_bytes() == old
            path.write_bytes(old)
        assert path.read_bytes() == old
        backup = tmp_path / "kept" / "old.xlsx"
        assert not backup.exists() or backup.read_bytes() == old
        backup.unlink(missing_ok=True)
    assert died >= 4
    with ZipFile(path) as book:
        assert book.read("xl/workbook.xml") == NEW


@pytest.mark.parametrize("room", [0, 100, 30_000, 51_000])
def test_without_room_the_old_workbook_stays(tmp_path: Path, room: int) -> None:
    path = workbook(tmp_path / "ledger.xlsx")
    old = path.read_bytes()
    ended = run(tmp_path, "room", room)
    assert ended.returncode == 1
    assert b"there is no room to write" in ended.stderr
    assert path.read_bytes() == old
    assert [one.name for one in tmp_path.rglob("*.tmp")] == []


def test_the_last_twelve_and_every_year_end_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "ledger.xlsx"
    made = []
    for day in month_ends(date(2026, 10, 31), 34):
        place = backup_path(tmp_path, path, day, f"{day + timedelta(days=3)}T08:00:00")
        keep(workbook(tmp_path / "now.xlsx"), place)
        made.append(place)
    other = backup_path(tmp_path, tmp_path / "ledger old.xlsx", None, "2024-01-01T00:00:00")
    keep(tmp_path / "now.xlsx", other)
    prune(tmp_path, path)
    left = {place for place in made if place.exists()}
    ends = {
        place for place in made if " 2024-12-31 " in place.name or " 2025-12-31 " in place.name
    }
    assert len(ends) == 2
    assert left == {*made[-KEPT:], *ends}
    assert other.exists()


def test_two_backups_of_one_second_do_not_meet(tmp_path: Path) -> None:
    path = workbook(tmp_path / "ledger.xlsx")
    names = []
    for _ in range(3):
        place = backup_path(tmp_path, path, None, "2026-11-02T09:15:00+01:00")
        keep(path, place)
        names.append(place.name)
    assert names == [
        "ledger new 2026-11-02T09-15-00.xlsx",
        "ledger new 2026-11-02T09-15-00 2.xlsx",
        "ledger new 2026-11-02T09-15-00 3.xlsx",
    ]
