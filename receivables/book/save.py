"""Put a changed workbook in the place of the old one: whole, with a copy of the old one kept first."""

from __future__ import annotations

import errno
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile

from receivables.book.package import Package
from receivables.errors import LedgerFileError
from receivables.report.target import replacing

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""What the system says when there is no room: disk, quota, size of a file."""


@dataclass(frozen=True, slots=True)
class Saved:
    """SHA-256 of the workbook before and after, and where the old one is kept."""

    path: Path
    before: str
    after: str
    backup: Path | None = None


def save(
    book: Package,
    path: Path,
    *,
    expected: str = "",
    backup: Path | None = None,
    ready: Callable[[Saved], None] | None = None,
) -> Saved:
    """Write a package over its workbook, all or nothing.

    The new workbook is written beside the old one, forced to disk and read back; only then does it
    take the old one's place. Whatever ends the run before that leaves the old workbook whole.

    Args:
        book: the package with its changes.
        path: workbook to replace; of a link, the file it leads to.
        expected: SHA-256 that the workbook had when it was read; blank = whatever stands there.
        backup: copy of the old workbook to make first.
        ready: called before anything is kept or replaced, to write down what is about to happen.

    Raises:
        LedgerFileError: the disk is full, the folder is not to be written to, the workbook is open
            or was saved by somebody else meanwhile. Nothing is changed then.
    """
    real = path.resolve()
    before = sha256_of(real)
    _check_unchanged(path, before, expected)
    with _explained(path), replacing(real) as stream:
        book.save(stream)
        stream.flush()
        after = _read_back(stream)
        if ready:
            ready(Saved(path, before, after, backup))
        if backup:
            keep(real, backup)
        _check_free(path, real)
        _check_unchanged(path, sha256_of(real), before)
    return Saved(path, before, after, backup)


def keep(path: Path, backup: Path) -> None:
    """Copy a file, whole or not at all; its permissions go with it.

    Raises:
        LedgerFileError: the copy cannot be written.
    """
    with _explained(path):
        backup.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as source, replacing(backup) as stream:
            shutil.copyfileobj(source, stream)
        backup.chmod(path.stat().st_mode & 0o777)


def restore(backup: Path, path: Path) -> str:
    """Put a kept copy back in the place of the workbook, all or nothing; its SHA-256.

    Raises:
        LedgerFileError: the workbook is open, the copy is gone, or there is no room.
    """
    real = path.resolve()
    if not backup.is_file():
        raise LedgerFileError(
            f"{backup}: this backup is gone. Put it back from your own backup; {path} stays as it is."
        )
    _check_free(path, real)
    with _explained(path), backup.open("rb") as source, replacing(real) as stream:
        shutil.copyfileobj(source, stream)
    return sha256_of(real)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _read_back(stream: IO[bytes]) -> str:
    """Digest of what was written, once every part of it could be read again."""
    stream.seek(0)
    try:
        with ZipFile(stream) as written:
            broken = written.testzip()
    except BadZipFile as fault:
        broken = str(fault)
    if broken:
        raise LedgerFileError(
            f"The new workbook could not be read back ({broken}); the old one stays. Check the disk and run again."
        )
    stream.seek(0)
    return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]


def _check_unchanged(path: Path, now: str, expected: str) -> None:
    if expected and now != expected:
        raise LedgerFileError(
            f"{path}: the workbook was saved by somebody else while it was being read. Nothing was changed; run again."
        )


def _check_free(path: Path, real: Path) -> None:
    """Marks that a spreadsheet program leaves beside a workbook it has open."""
    for place in {path, real}:
        # Excel leaves out the first two letters of a long name in that of its lock.
        for lock in (f"~${place.name}", f"~${place.name[2:]}", f".~lock.{place.name}#"):
            if (place.parent / lock).exists():
                raise LedgerFileError(
                    f"{path}: the workbook is open. Close it in Excel or LibreOffice and run again; "
                    f"if it is not open there, delete the left-over file {lock}. Nothing was changed."
                )


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        if fault.errno in FULL:
            raise LedgerFileError(
                f"{path}: there is no room to write ({fault.strerror}). Nothing was changed; make room and run again."
            ) from None
        raise LedgerFileError(
            f"{path}: cannot be written ({fault.strerror}). Nothing was changed."
        ) from None
