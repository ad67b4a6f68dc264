"""The add-in's settings for one user: which Python it starts, and nothing a workbook could change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from receivables.errors import BadValueError
from receivables_addin.excel.profile import Profile

INTERPRETER = "INTERPRETER_WIN"
FIXED = {"ADD_WORKBOOK_TO_PYTHONPATH": "false", "USE UDF SERVER": "true"}
FORBIDDEN = ("LICENSE_KEY", "PYTHONPATH")
"""Keys that would bring in code or a licence from elsewhere."""
KEPT = ("LANGUAGE", "SHOW CONSOLE", "DEBUG UDFS")
"""Keys a person may add by hand; a later installation carries them over."""
UNSAFE = re.compile(r'["\x00-\x1f\x7f\u2028\u2029]')
LINE = re.compile(r'"([^"]*)","([^"]*)"')


def settings(profile: Profile, interpreter: Path) -> dict[str, str]:
    """The settings install writes. A folder of the profile is named by its variable.

    The file is read by VBA in the code page of the system; a variable keeps the person's name,
    which may be 陈 or Müller, out of it.
    """
    there = read(profile) or {}
    kept = {key: there[key] for key in KEPT if there.get(key)}
    return {INTERPRETER: profile.short(interpreter), **FIXED, **kept}


def read(profile: Profile) -> dict[str, str] | None:
    """The settings of a profile, None where it has none."""
    return parse(profile.conf.read_bytes(), profile.code_page) if profile.conf.is_file() else None


def render(values: Mapping[str, str], code_page: str) -> bytes:
    r"""The settings file: one quoted pair a line.

    >>> render({"USE UDF SERVER": "true"}, "cp1252")
    b'"USE UDF SERVER","true"\r\n'

    Raises:
        BadValueError: a value with a quote, a line break, or a character the code page lacks.
    """
    lines = []
    for key, value in values.items():
        _check(key, value)
        lines.append(f'"{key}","{value}"\r\n')
    try:
        return "".join(lines).encode(code_page)
    except UnicodeEncodeError as fault:
        raise BadValueError(
            f"{fault.object[fault.start : fault.end]!r} in {fault.object.strip()!r}: the add-in reads its settings in the "
            f"system's code page ({code_page}), which lacks it. Install Python's environment in a "
            "folder of plain letters and give it with --interpreter."
        ) from None


def parse(content: bytes, code_page: str) -> dict[str, str]:
    r"""Read a settings file as the add-in does; the first line of a key counts.

    >>> parse(b'"INTERPRETER_WIN","C:\\py\\python.exe"\r\n', "cp1252")
    {'INTERPRETER_WIN': 'C:\\py\\python.exe'}
    """
    found: dict[str, str] = {}
    for key, value in LINE.findall(content.decode(code_page, errors="replace")):
        found.setdefault(key.upper(), value)
    return found


def _check(key: str, value: str) -> None:
    if UNSAFE.search(key + value):
        raise BadValueError(
            f"{key} = {value!r}: a quote, line break or control character cannot stand in the settings. "
            "Use a path without them."
        )
    if key.upper() in FORBIDDEN:
        raise BadValueError(f"{key} is not a setting of this add-in. Leave it out.")
    rest = re.sub(r"^%(LOCALAPPDATA|APPDATA|USERPROFILE)%", "", value)
    if "%" in rest:
        raise BadValueError(
            f"{key} = {value!r}: Windows would read the percent sign as a variable. Use a path without it."
        )
