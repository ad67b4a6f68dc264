"""What install wrote, with a hash of each file, so that uninstall removes that and nothing else."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from receivables.errors import ReceivablesError
from receivables_addin.excel.profile import Profile

State = Literal["as installed", "changed", "gone"]


@dataclass(frozen=True, slots=True)
class Written:
    """One file: its place (with variables of Windows), size, hash, and what stood there before."""

    what: str
    path: str
    size: int
    sha256: str
    backup: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The record of one installation."""

    program: str
    xlwings: str
    interpreter: str
    files: tuple[Written, ...]
    folders: tuple[str, ...] = ()

    def file(self, what: str) -> Written | None:
        """The file of a kind: add-in, settings or DLL."""
        return next((written for written in self.files if written.what == what), None)


def sha256(path: Path) -> str:
    """Hash of a file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def state(profile: Profile, written: Written) -> State:
    """Whether a file is still what install wrote."""
    path = profile.full(written.path)
    if not path.is_file():
        return "gone"
    same = path.stat().st_size == written.size and sha256(path) == written.sha256
    return "as installed" if same else "changed"


def read(profile: Profile) -> Manifest | None:
    """The record of a profile, None where nothing was installed.

    Raises:
        ReceivablesError: the record is damaged.
    """
    if not profile.manifest.is_file():
        return None
    try:
        raw = json.loads(profile.manifest.read_text(encoding="utf-8"))
        files = tuple(Written(**row) for row in raw.pop("files"))
        return Manifest(files=files, folders=tuple(raw.pop("folders")), **raw)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ReceivablesError(
            f"{profile.manifest}: the record of the installation is damaged. Delete it and run "
            "'receivables excel install' again; files of the old installation are then kept as backups."
        ) from None


def render(manifest: Manifest) -> bytes:
    """The record as a JSON file."""
    return (json.dumps(asdict(manifest), ensure_ascii=False, indent=2) + "\n").encode()
