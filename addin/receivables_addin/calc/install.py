"""Put the extension into this user's LibreOffice and take it out again; say what is there."""

from __future__ import annotations

import json
import re
import tempfile
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from receivables import __version__
from receivables.errors import NotAvailableError, SettingsError
from receivables_addin.calc import build, hostfile
from receivables_addin.calc.names import EXTENSION
from receivables_addin.calc.office import (
    Office,
    OfficeError,
    default_profile,
    find_office,
    is_open,
    unopkg,
)

PYTHON_CURE = (
    "Install it (Debian and Ubuntu: sudo apt-get install python3-uno; Windows and macOS: repair the "
    "LibreOffice installation with the part Python), then run: receivables calc install"
)
CLOSE = (
    "Close every LibreOffice window and the quick starter, then run it again. If none is open, "
    "LibreOffice ended badly: start and close it once"
)
_DESCRIPTION = "{http://openoffice.org/extensions/description/2006}"
_ENTRY = re.compile(
    rb"\xff?" + re.escape(EXTENSION.encode()) + rb"\n([^\xff\n]+)\xff([^\xff\n]+)\xff"
)
"""Our line in the list of the extension manager: the folder, and the file name in it."""


@dataclass(frozen=True, slots=True)
class Place:
    """One LibreOffice and the profile of one user."""

    office: Office
    profile: Path

    @classmethod
    def find(cls, office: Path | None = None, profile: Path | None = None) -> Place:
        """The installation named, or that of this user.

        Raises:
            NotAvailableError: no LibreOffice.
        """
        return cls(find_office(office), (profile or default_profile()).absolute())


@dataclass(frozen=True, slots=True)
class Installed:
    """The extension found in a profile."""

    version: str
    folder: Path

    @property
    def is_current(self) -> bool:
        """Whether every file is what this version of the program would install."""
        return all(
            (self.folder / name).is_file() and (self.folder / name).read_bytes() == content
            for name, content in build.parts().items()
        )


def install(place: Place, host: hostfile.HostFile | None = None) -> Path:
    """Build the extension, register it for this user, and write host.toml; the path of that.

    Raises:
        OfficeError: LibreOffice is open, has no Python, or refused the extension.
    """
    if not place.office.has_python:
        raise OfficeError(f"{place.office.program} has no Python for extensions. {PYTHON_CURE}.")
    _refuse_open(place)
    with tempfile.TemporaryDirectory() as folder:
        extension = build.build(Path(folder) / build.FILE_NAME)
        unopkg(place.office, place.profile, "add", "--force", "--suppress-license", str(extension))
    return hostfile.write(host or hostfile.HostFile())


def uninstall(place: Place) -> list[str]:
    """Take the extension, host.toml and the run files away; what was removed.

    Raises:
        OfficeError: LibreOffice is open or refused.
    """
    gone = []
    found = installed(place.profile)
    if found:
        _refuse_open(place)
        unopkg(place.office, place.profile, "remove", EXTENSION)
        gone.append(f"extension {EXTENSION} {found.version}")
    return gone + [str(path) for path in hostfile.remove()]


def installed(profile: Path) -> Installed | None:
    """The extension as it stands in a profile, read from the files; LibreOffice may be open."""
    cache = profile / "user" / "uno_packages" / "cache"
    listed = cache / "uno_packages.pmap"
    # folders of removed versions stay until the next start, so the list decides
    entry = _ENTRY.search(listed.read_bytes()) if listed.is_file() else None
    if entry is None:
        return None
    folder, name = (part.decode() for part in entry.groups())
    found = cache / "uno_packages" / f"{folder}_" / name
    return Installed(_version(found / "description.xml"), found)


def status(place: Place) -> dict[str, Any]:
    """What is installed where, as the command prints it."""
    found = installed(place.profile)
    path = hostfile.default_path()
    try:
        interpreter = hostfile.read(path).interpreter
    except SettingsError:
        interpreter = ""
    return {
        "installed": found is not None and bool(interpreter),
        "extension": found.version if found else "",
        "current": found is not None and found.is_current,
        "program": __version__,
        "functions": len(_functions(found)) if found else 0,
        "office": str(place.office.program),
        "office_version": place.office.version,
        "office_open": is_open(place.profile),
        "profile": str(place.profile),
        "host_file": str(path) if path.is_file() else "",
        "interpreter": interpreter,
    }


def _functions(found: Installed) -> dict[str, Any]:
    path = found.folder / "functions.json"
    if not path.is_file():
        raise NotAvailableError(f"{path} is missing. Run: receivables calc install")
    listed: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return listed


def _version(description: Path) -> str:
    if not description.is_file():
        return ""
    root = ET.parse(description).getroot()  # noqa: S314 - a file of the user's own profile
    found = root.find(f"{_DESCRIPTION}version")
    return "" if found is None else found.get("value", "")


def _refuse_open(place: Place) -> None:
    if is_open(place.profile):
        raise OfficeError(f"LibreOffice is open ({place.profile / '.lock'}). {CLOSE}.")
