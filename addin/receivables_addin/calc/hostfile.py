"""host.toml of this user: which Python the office starts, and how long it waits for it."""

from __future__ import annotations

import json
import os
import sys
import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from receivables import __version__
from receivables.errors import SettingsError

CURE = "Run: receivables calc install"


@dataclass(frozen=True, slots=True)
class HostFile:
    """Entries of host.toml; the office reads them without a TOML library (`receivables_shim.files`)."""

    interpreter: str = sys.executable
    version: str = __version__
    timeout_seconds: float = 60
    """How long a cell waits for its answer before the process is ended."""
    action_seconds: float = 900
    """How long a button may be silent before it is given up."""
    start_seconds: float = 20
    """How long the first cell waits for the process."""


def default_path() -> Path:
    """Where host.toml stands; RECEIVABLES_HOST_FILE names another place.

    Linux ~/.config/receivables, Windows %APPDATA%/receivables, macOS ~/Library/Application Support/receivables.
    """
    given = os.environ.get("RECEIVABLES_HOST_FILE")
    if given:
        return Path(given)
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA") or Path.home())
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "receivables" / "host.toml"


def write(host: HostFile, path: Path | None = None) -> Path:
    """Write host.toml in one step, for this user only (0600; on Windows the folder's access list)."""
    path = path or default_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = [f"{name} = {json.dumps(value)}" for name, value in asdict(host).items()]
    text = "\n".join(["# Written by `receivables calc install`.", *lines, ""])
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)
    return path


def read(path: Path | None = None) -> HostFile:
    """The entries of host.toml.

    Raises:
        SettingsError: the file is missing or wrong; the message says what to do.
    """
    path = path or default_path()
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise SettingsError(f"{path} cannot be read ({fault.strerror}). {CURE}") from None
    except ValueError as fault:
        raise SettingsError(f"{path}: {fault}. {CURE}") from None
    known = {field.name for field in fields(HostFile)}
    unknown = sorted(found.keys() - known)
    if unknown:
        raise SettingsError(f"{path}: '{unknown[0]}' is not an entry of host.toml. {CURE}")
    return HostFile(**found)


def remove(path: Path | None = None) -> list[Path]:
    """Delete host.toml and the run files of processes; what was deleted."""
    path = path or default_path()
    found = [path, *sorted((path.parent / "run").glob("worker-*"))]
    gone = [item for item in found if item.is_file()]
    for item in gone:
        item.unlink()
    return gone
