"""Where the office side finds its settings and the local process, and that nobody else wrote them."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

DEFAULTS: dict[str, Any] = {
    "interpreter": "",
    "version": "",
    "timeout_seconds": 60,
    "action_seconds": 900,
    "start_seconds": 20,
}
"""Entries of host.toml; the interpreter has no default."""

CURE = "Run: receivables calc install"


class HostFileError(Exception):
    """host.toml is missing, unreadable, or can be written by others."""


def folder() -> Path:
    """The folder of this user's host.toml."""
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home()) / "receivables"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "receivables"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "receivables"


def host_file() -> Path:
    """The path of host.toml; RECEIVABLES_HOST_FILE names another one."""
    return Path(os.environ.get("RECEIVABLES_HOST_FILE") or folder() / "host.toml")


def read_host_file() -> dict[str, Any]:
    """Entries of host.toml.

    Raises:
        HostFileError: with the sentence a user can act on.
    """
    path = host_file()
    try:
        check_owner(path)
        found = {**DEFAULTS, **parse(path.read_text(encoding="utf-8"))}
    except OSError as fault:
        raise HostFileError(f"{path} cannot be read ({fault.strerror}). {CURE}") from None
    except ValueError as fault:
        raise HostFileError(f"{path}: {fault}. {CURE}") from None
    program = Path(found["interpreter"])
    if not program.is_absolute() or not program.is_file():
        raise HostFileError(f"{path}: there is no Python at '{program}'. {CURE}")
    return found


def parse(text: str) -> dict[str, Any]:
    """Key and value of every line: the part of TOML that is also JSON, which needs no library.

    >>> parse('# ours' + chr(10) + 'timeout_seconds = 60')
    {'timeout_seconds': 60}
    """
    found: dict[str, Any] = {}
    for number, line in enumerate(text.splitlines(), 1):
        body = line.strip()
        if not body or body.startswith("#"):
            continue
        key, _, value = body.partition("=")
        try:
            found[key.strip()] = json.loads(value)
        except ValueError:
            raise ValueError(f"line {number} is not 'name = value'") from None
    wrong = [
        key for key, default in DEFAULTS.items() if not _fits(found.get(key, default), default)
    ]
    if wrong:
        raise ValueError(f"{wrong[0]} has a value of the wrong type")
    return found


def _fits(value: Any, default: Any) -> bool:
    return isinstance(value, (int, float) if default else str)


def extension_version() -> str:
    """The version of the extension we are part of; nothing where we run from the sources."""
    path = Path(__file__).resolve().parents[2] / "description.xml"
    try:
        found = re.search(r'<version value="([^"@]+)"', path.read_text(encoding="utf-8"))
    except OSError:
        return ""
    return found.group(1) if found else ""


def check_owner(path: Path) -> None:
    """Refuse a file that another user owns or may write: it says which program runs.

    On Windows the access list that %APPDATA% hands down keeps others out.
    """
    if os.name != "posix":
        return
    status = path.stat()
    if status.st_uid not in (os.getuid(), 0) or status.st_mode & 0o022:
        raise HostFileError(f"{path} can be changed by other users. {CURE}")


def run_folder() -> Path:
    """The folder of the run files, readable by this user only."""
    path = host_file().parent / "run"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_owner(path)
    return path
