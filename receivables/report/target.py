"""Put a finished report in its place: all or nothing, and never over somebody else's workbook."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from receivables.errors import LedgerFileError

MARK = "receivables-report"
"""Custom document property that says a workbook is one of ours."""


def check_target(path: Path) -> None:
    """Refuse a target that is not ours to replace.

    Raises:
        LedgerFileError: the folder is missing, the file is open in a spreadsheet program, or it is
            a workbook that this program did not write.
    """
    if not path.parent.is_dir():
        raise LedgerFileError(f"{path.parent}: there is no such folder. Create it first.")
    if path.is_dir():
        raise LedgerFileError(f"{path}: this is a folder. Give the name of a file.")
    if path.suffix.lower() != ".xlsx":
        raise LedgerFileError(
            f"{path}: a report is an .xlsx workbook. Give a name ending in .xlsx."
        )
    for lock in (f"~${path.name}", f".~lock.{path.name}#"):
        if (path.parent / lock).exists():
            raise LedgerFileError(
                f"{path}: the workbook is open. Close it in Excel or LibreOffice and run again; "
                f"if it is not open there, delete the left-over file {lock}."
            )
    if path.exists() and not is_ours(path):
        raise LedgerFileError(
            f"{path}: this file was not written by receivables and is left as it is. Give another name for the report."
        )


def is_ours(path: Path) -> bool:
    """Whether a workbook carries our mark (`docProps/custom.xml`)."""
    try:
        with zipfile.ZipFile(path) as package:
            return f'name="{MARK}"'.encode() in package.read("docProps/custom.xml")
    except (zipfile.BadZipFile, KeyError, OSError):
        return False


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write that takes the target's place once it is complete and on disk."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    except OSError as fault:
        raise LedgerFileError(f"{path.parent}: cannot write here ({fault.strerror}).") from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        _like(temporary, path)
        _replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _like(temporary: Path, path: Path) -> None:
    """Permissions, and owner where the system lets us, of the file that is replaced."""
    if not path.exists():
        temporary.chmod(0o666 & ~_umask())
        return
    was, made = path.stat(), temporary.stat()
    if (was.st_uid, was.st_gid) != (made.st_uid, made.st_gid):
        with suppress(OSError, AttributeError):  # Windows has no owner to give; others may refuse
            os.chown(temporary, was.st_uid, was.st_gid)
    temporary.chmod(was.st_mode & 0o777)


def _replace(temporary: Path, path: Path) -> None:
    try:
        temporary.replace(path)
    except PermissionError:
        raise LedgerFileError(
            f"{path}: the file is locked. Close it in Excel and run again; nothing was changed."
        ) from None
    with suppress(OSError):  # Windows cannot open a folder; elsewhere this makes the name durable
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
