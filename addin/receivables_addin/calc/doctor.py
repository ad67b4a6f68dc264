"""Look through the installation in LibreOffice: what is well, what is not, and the cure."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from receivables import __version__
from receivables.errors import ReceivablesError, SettingsError
from receivables.resources import asset_path
from receivables_addin.calc import hostfile
from receivables_addin.calc.install import Place, installed
from receivables_addin.findings import Finding, State, finding

TABLE = "calc_checks.csv"
OLDEST_OFFICE = (7, 0)
TIME_OUT = 60
_ASK_VERSION = "import receivables, receivables_addin; print(receivables.__version__)"
_ASK_WORKER = """
import sys
sys.path.insert(0, sys.argv[1])
import receivables_shim
answer = receivables_shim.call("AGING_DAYS", (46295.0, 46326.0))
print(answer if answer == 31 else receivables_shim.fault() or answer)
receivables_shim.stop()
"""


def examine(place: Place) -> list[Finding]:
    """Run every check; none starts LibreOffice."""
    return [finding(TABLE, name, *check(place)) for name, check in _CHECKS.items()]


Answer = tuple[State, str]


def _office(place: Place) -> Answer:
    seen = f"LibreOffice {place.office.version} in {place.office.program}"
    digits = [int(part) for part in re.findall(r"\d+", place.office.version)]
    if not digits:
        return "not checked", f"{place.office.program} does not say its version"
    return ("ok" if tuple(digits) >= OLDEST_OFFICE else "fail"), seen


def _python(place: Place) -> Answer:
    if place.office.has_python:
        return "ok", "its Python loader is there"
    return "fail", f"no pythonloader.py in {place.office.program}"


def _extension(place: Place) -> Answer:
    found = installed(place.profile)
    if found is None:
        return "fail", f"not in {place.profile}"
    return "ok", f"version {found.version} in {place.profile}"


def _current(place: Place) -> Answer:
    found = installed(place.profile)
    if found is None:
        return "not checked", "the extension is not installed"
    if found.version != __version__:
        return "fail", f"extension {found.version}, program {__version__}"
    if not found.is_current:
        return "fail", "files differ from those of this program"
    return "ok", f"version {__version__}, every file as built"


def _host_file(_place: Place) -> Answer:
    path = hostfile.default_path()
    try:
        host = hostfile.read(path)
    except SettingsError as fault:
        return "fail", str(fault)
    if not Path(host.interpreter).is_file():
        return "fail", f"{path}: there is no {host.interpreter}"
    return "ok", f"{path}: {host.interpreter}"


def _private(_place: Place) -> Answer:
    path = hostfile.default_path()
    if sys.platform == "win32":
        return "not checked", "on Windows the access list of the folder decides"
    if not path.is_file():
        return "not checked", "there is no host.toml"
    found = path.stat()
    if found.st_mode & 0o077 or found.st_uid not in {os.getuid(), 0}:
        return (
            "fail",
            f"{path} has the mode {found.st_mode & 0o777:o} and the owner {found.st_uid}",
        )
    return "ok", "only its user can read and change it"


def _interpreter(_place: Place) -> Answer:
    try:
        program = hostfile.read().interpreter
        version = _run([program, "-P", "-c", _ASK_VERSION])
    except (ReceivablesError, OSError) as fault:
        return "fail", str(fault)
    if version != __version__:
        return "fail", f"{program}: {version or 'no answer'}, this program is {__version__}"
    return "ok", f"{program}: receivables {version}"


def _worker(_place: Place) -> Answer:
    """A call as the office makes it, with the very files it uses."""
    folder = str(asset_path("calc", "pythonpath"))
    try:
        answer = _run([sys.executable, "-I", "-c", _ASK_WORKER, folder])
    except OSError as fault:
        return "fail", str(fault)
    if answer != "31.0":
        return "fail", f"a test call gave: {answer or 'nothing'}"
    return "ok", "AGING_DAYS of a month is 31"


def _language(place: Place) -> Answer:
    registry = place.office.program.parent / "share" / "registry"
    if (registry / "Langpack-zh-CN.xcd").is_file():
        return "ok", "English and, in a Chinese LibreOffice, Chinese"
    return "ok", "English; Chinese texts show once LibreOffice has its Chinese language pack"


_CHECKS: dict[str, Callable[[Place], Answer]] = {
    "office": _office,
    "python": _python,
    "extension": _extension,
    "current": _current,
    "host_file": _host_file,
    "private": _private,
    "interpreter": _interpreter,
    "worker": _worker,
    "language": _language,
}


def _run(command: list[str]) -> str:
    """What a program prints, its last line of complaint if it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - interpreters of ours, no shell, no text of a document
            command,
            capture_output=True,
            text=True,
            timeout=TIME_OUT,
            check=False,
            errors="replace",
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {TIME_OUT} seconds"
    said = (done.stdout.strip() or done.stderr.strip()).splitlines()
    return said[-1] if said else ""
