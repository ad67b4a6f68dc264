"""Put files in their place and take them away: whole or not at all, nothing of others lost."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from receivables.errors import ReceivablesError
from receivables_addin.excel.manifest import Manifest, Written, sha256, state
from receivables_addin.excel.profile import Profile

Done = Literal["written", "replaced", "unchanged", "removed", "gone already", "kept, was changed"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to be put in its place. `staging` is a folder of the same drive."""

    what: str
    path: Path
    content: bytes
    staging: Path


@dataclass(frozen=True, slots=True)
class Step:
    """What was done with one file."""

    what: str
    path: str
    done: Done
    note: str = ""


def put(profile: Profile, wanted: Wanted, before: Manifest | None) -> tuple[Step, Written]:
    """Put one file in its place; a stranger's file of that name is kept as a backup.

    Raises:
        ReceivablesError: the file is locked or its folder cannot be written.
    """
    digest = hashlib.sha256(wanted.content).hexdigest()
    earlier = before.file(wanted.what) if before else None
    there = sha256(wanted.path) if wanted.path.is_file() else ""
    backup = earlier.backup if earlier else ""
    shown, size = profile.short(wanted.path), len(wanted.content)
    if there == digest:
        step = Step(wanted.what, shown, "unchanged")
        return step, Written(wanted.what, shown, size, digest, backup)
    ours = earlier is not None and earlier.path == shown and earlier.sha256 == there
    aside = _set_aside(profile, wanted.path, there) if there and not ours else None
    try:
        write(wanted)
    except ReceivablesError:
        if aside:
            aside.unlink(missing_ok=True)
        raise
    note = f"the file that stood there is kept as {profile.short(aside)}" if aside else ""
    kept = backup or (profile.short(aside) if aside else "")
    step = Step(wanted.what, shown, "replaced" if there else "written", note)
    return step, Written(wanted.what, shown, size, digest, kept)


def take_away(profile: Profile, written: Written) -> Step:
    """Remove one file that install wrote and put back what stood there; a changed one is kept.

    Raises:
        ReceivablesError: the file is locked.
    """
    path, found = profile.full(written.path), state(profile, written)
    if found == "changed":
        note = "it is not what install wrote; delete it yourself if nobody needs it"
        if written.backup:
            note += f"; what stood there before is kept as {written.backup}"
        return Step(written.what, written.path, "kept, was changed", note)
    if found == "as installed":
        try:
            path.unlink()
        except PermissionError:
            raise ReceivablesError(_locked(path)) from None
    note = ""
    if written.backup and profile.full(written.backup).is_file():
        shutil.move(profile.full(written.backup), path)
        note = "the file that stood there before is back"
    done: Done = "removed" if found == "as installed" else "gone already"
    return Step(written.what, written.path, done, note)


def make_folders(profile: Profile, path: Path) -> list[str]:
    """Create the folders above a file; the names of those that were not there, innermost first."""
    created = [folder for folder in path.parents if not folder.is_dir()]
    path.parent.mkdir(parents=True, exist_ok=True)
    return [profile.short(folder) for folder in created]


def write(wanted: Wanted) -> None:
    """Write a file beside its place, then let it take the place in one step.

    Raises:
        ReceivablesError: the file that stands there is in use.
    """
    handle, name = tempfile.mkstemp(dir=wanted.staging, prefix=".receivables-", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(wanted.content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, wanted.path)  # noqa: PTH105 - the one call that Windows refuses for an open file
    except PermissionError:
        raise ReceivablesError(_locked(wanted.path)) from None
    finally:
        temporary.unlink(missing_ok=True)


def _set_aside(profile: Profile, path: Path, digest: str) -> Path:
    """Copy a file to the backups under a name of its content."""
    target = profile.backups / f"{path.stem}-{digest[:8]}{path.suffix}"
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, target)
    return target


def _locked(path: Path) -> str:
    return (
        f"{path}: the file is in use and was left as it is. Close every Excel window (look for "
        "EXCEL.EXE in the Task Manager too) and run it again."
    )
