"""Folders laid out like a Windows profile, with a program that answers like a Python for Windows."""

from __future__ import annotations

import json
import shlex
from importlib.metadata import version
from pathlib import Path
from typing import Any

from receivables_addin.excel.profile import Profile, find

from receivables import __version__

BUILT = b"the add-in as built"
XLWINGS = version("xlwings")
ANSWER = {
    "python": "3.12.7", "bits": 64, "windows": True, "receivables": __version__,
    "xlwings": XLWINGS, "pywin32": "ok", "functions": "57 functions", "libraries": "ok", "base": r"C:\Program Files\Python312", "folders": [],
}  # fmt: skip


def make(home: Path, registry: dict[str, Any] | None = None) -> Profile:
    """An empty profile, with a registry if one is given."""
    home.mkdir(parents=True, exist_ok=True)
    if registry is not None:
        (home / "registry.json").write_text(json.dumps(registry), encoding="utf-8")
    return find(home)


def windows_python(profile: Profile, *, dll: bool = True, **said: Any) -> Path:
    """A program in the place of the virtual environment that says what `said` tells it to say."""
    python = profile.local / "receivables" / "Scripts" / "python.exe"
    python.parent.mkdir(parents=True, exist_ok=True)
    answer = shlex.quote(json.dumps(ANSWER | said))
    python.write_text(f"#!/bin/sh\nprintf '%s\\n' {answer}\n", encoding="utf-8")
    python.chmod(0o755)
    if dll:
        (python.parent.parent / f"xlwings64-{XLWINGS}.dll").write_bytes(b"MZ the DLL")
    return python


def interpreter(profile: Profile) -> Path:
    """The interpreter of a profile, made on first use."""
    python = profile.local / "receivables" / "Scripts" / "python.exe"
    return python if python.is_file() else windows_python(profile)


def content(path: Path) -> str:
    """A text file."""
    return path.read_text(encoding="utf-8")
