"""LibreOffice on this machine: where it is, which profile it uses, and its extension manager."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from receivables.errors import NotAvailableError, ReceivablesError

NOBODY = 65534
TIME_OUT = 180
"""Seconds for one run of the extension manager; the first one builds a profile."""


class OfficeError(ReceivablesError):
    """LibreOffice or its extension manager refused; the message carries what it said and the cure."""


@dataclass(frozen=True, slots=True)
class Office:
    """A LibreOffice by its folder `program`."""

    program: Path

    @property
    def soffice(self) -> Path:
        """The program itself."""
        return self.program / ("soffice.exe" if sys.platform == "win32" else "soffice")

    @property
    def unopkg(self) -> Path:
        """The extension manager; on Windows the variant that waits and prints."""
        return self.program / ("unopkg.com" if sys.platform == "win32" else "unopkg")

    @property
    def version(self) -> str:
        """Version as `7.4`, from the start-up file; empty where it does not say."""
        for path in self._start_files("bootstrap"):
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                key, _, value = line.partition("=")
                if key.strip() == "ProductKey":
                    return value.strip().rpartition(" ")[2]
        return ""

    @property
    def has_python(self) -> bool:
        """Whether the office can run components in Python (Debian: the package python3-uno)."""
        folders = (self.program, self.program.parent / "Resources")
        return any((folder / "pythonloader.py").is_file() for folder in folders)

    def _start_files(self, name: str) -> list[Path]:
        folders = (self.program, self.program.parent / "Resources")
        paths = [folder / f"{name}{tail}" for folder in folders for tail in ("rc", ".ini")]
        return [path for path in paths if path.is_file()]


def find_office(given: Path | None = None) -> Office:
    """The LibreOffice named, or the one installed.

    Args:
        given: the folder `program`, the program soffice itself, or a folder above.

    Raises:
        NotAvailableError: none found; the message names the places looked at.
    """
    places = [given] if given else list(_usual_places())
    for place in places:
        for folder in (place, place / "program", place.parent, place / "Contents" / "MacOS"):
            office = Office(folder)
            if office.unopkg.is_file() and office.soffice.is_file():
                return office
    looked = ", ".join(map(str, places)) or "the usual folders"
    raise NotAvailableError(
        f"LibreOffice was not found in {looked}. Install it, or name its folder with --office."
    )


def default_profile() -> Path:
    """Profile folder of the user, as LibreOffice chooses it."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", home / "AppData/Roaming")) / "LibreOffice" / "4"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "LibreOffice" / "4"
    return Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "libreoffice" / "4"


def is_open(profile: Path) -> bool:
    """Whether an office uses the profile now (or died in it): its lock file is there."""
    return (profile / ".lock").exists()


def unopkg(office: Office, profile: Path, *arguments: str) -> str:
    """Run the extension manager on a profile and give back what it printed.

    The manager refuses to work for root. A build server that has nothing else gets a copy of the
    profile made as nobody, and put back.

    Raises:
        OfficeError: the manager refused or did not end.
    """
    if sys.platform != "win32" and os.geteuid() == 0:
        with _as_nobody(profile, arguments) as (copy, seen, prefix):
            return _run(office, copy, seen, prefix)
    profile.mkdir(parents=True, exist_ok=True)
    return _run(office, profile, arguments, [])


def _run(office: Office, profile: Path, arguments: tuple[str, ...], prefix: list[str]) -> str:
    where = f"-env:UserInstallation={profile.resolve().as_uri()}"
    command = [*prefix, str(office.unopkg), *arguments, where]
    try:
        done = subprocess.run(  # noqa: S603 - a program of the office found above, no shell
            command,
            capture_output=True,
            text=True,
            timeout=TIME_OUT,
            check=False,
            errors="replace",
        )
    except subprocess.TimeoutExpired:
        raise OfficeError(
            f"The extension manager did not end within {TIME_OUT} seconds. Close LibreOffice and run it again."
        ) from None
    except OSError as fault:
        raise OfficeError(f"{office.unopkg} does not start: {fault}.") from None
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1]
        raise OfficeError(
            f"The extension manager refused (code {done.returncode}). It said: {said} "
            "Close every LibreOffice window, the quick starter too, and run it again."
        )
    return done.stdout


@contextmanager
def _as_nobody(
    profile: Path, arguments: tuple[str, ...]
) -> Iterator[tuple[Path, tuple[str, ...], list[str]]]:
    setpriv = shutil.which("setpriv")
    if not setpriv:
        raise OfficeError(
            "LibreOffice's extension manager does not work for root. Run this as the user who works "
            "with LibreOffice (without sudo)."
        )
    with tempfile.TemporaryDirectory(prefix="receivables-") as folder:
        home = Path(folder)
        copy = home / "profile"
        if profile.exists():
            shutil.copytree(profile, copy, symlinks=True)
        copy.mkdir(exist_ok=True)
        seen = tuple(
            str(shutil.copy(item, home)) if Path(item).is_file() else item for item in arguments
        )
        _give(home, NOBODY)
        same = [setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        yield copy, seen, [*same, "env", f"HOME={home}", f"TMPDIR={home}"]
        _give(copy, 0)
        profile.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(profile, ignore_errors=True)
        shutil.copytree(copy, profile, symlinks=True)


def _give(folder: Path, owner: int) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner, owner, follow_symlinks=False)


def _usual_places() -> Iterator[Path]:
    for name in ("soffice", "libreoffice"):
        found = shutil.which(name)
        if found:
            yield Path(found).resolve().parent
    if sys.platform == "win32":
        for key in ("PROGRAMFILES", "PROGRAMFILES(X86)"):
            if os.environ.get(key):
                yield Path(os.environ[key]) / "LibreOffice"
    elif sys.platform == "darwin":
        yield Path("/Applications/LibreOffice.app")
    else:
        yield Path("/usr/lib/libreoffice")
        yield from sorted(Path("/opt").glob("libreoffice*"), reverse=True)
