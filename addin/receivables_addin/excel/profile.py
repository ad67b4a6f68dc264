"""Where Windows keeps a person's Excel files: the real profile, or a folder laid out like one."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from receivables.errors import ReceivablesError
from receivables_addin.excel.registry import FILE, FileRegistry, Registry, WindowsRegistry

ADDIN_NAME = "receivables.xlam"
CONF_NAME = "receivables.conf"
MANIFEST_NAME = "excel-install.json"
CODE_PAGE_KEY = r"HKLM\SYSTEM\CurrentControlSet\Control\Nls\CodePage"
DEFAULT_CODE_PAGE = "1252"


@dataclass(frozen=True, slots=True)
class Profile:
    """The folders of one Windows user. `trial` is a folder laid out like a profile: a dry run."""

    home: Path
    roaming: Path
    local: Path
    trial: bool
    registry: Registry | None

    @property
    def excel(self) -> Path:
        """Excel's own folder; a half-written file here is not opened when Excel starts."""
        return self.roaming / "Microsoft" / "Excel"

    @property
    def startup(self) -> Path:
        """Excel opens every file of this folder when it starts, and trusts it by default."""
        return self.excel / "XLSTART"

    @property
    def addin(self) -> Path:
        """The add-in where Excel finds it."""
        return self.startup / ADDIN_NAME

    @property
    def own(self) -> Path:
        """Our folder; the add-in looks for its settings here and nowhere else."""
        return self.home / ".receivables"

    @property
    def conf(self) -> Path:
        """Settings of the add-in for this user."""
        return self.own / CONF_NAME

    @property
    def manifest(self) -> Path:
        """What install wrote."""
        return self.own / MANIFEST_NAME

    @property
    def backups(self) -> Path:
        """Files of others that stood in our place."""
        return self.own / "excel-backup"

    @property
    def code_page(self) -> str:
        """Codec of the characters that VBA can read and write in a text file."""
        if not self.trial:
            return "mbcs"
        set_to = self.registry.value(CODE_PAGE_KEY, "ACP") if self.registry else None
        return f"cp{set_to or DEFAULT_CODE_PAGE}".replace("cp65001", "utf-8")

    def roots(self) -> Mapping[str, Path]:
        """Environment variables of Windows for our folders, the innermost first."""
        return {
            "%LOCALAPPDATA%": self.local,
            "%APPDATA%": self.roaming,
            "%USERPROFILE%": self.home,
        }

    def short(self, path: Path) -> str:
        r"""A path as Windows writes it, with variables: fit for a report, no person's name in it.

        >>> home = Path("/trial")
        >>> Profile(home, home / "AppData/Roaming", home / "AppData/Local", True, None).short(
        ...     home / "AppData/Roaming/Microsoft/Excel"
        ... )
        '%APPDATA%\\Microsoft\\Excel'
        """
        for variable, root in self.roots().items():
            if path.is_relative_to(root):
                return str(PureWindowsPath(variable, *path.relative_to(root).parts))
        return str(path)

    def full(self, text: str) -> Path:
        """The path behind a text with variables, in either kind of slash."""
        for variable, root in self.roots().items():
            if text.upper().startswith(variable):
                return root.joinpath(*PureWindowsPath(text[len(variable) :].lstrip("\\/")).parts)
        return Path(text)


def find(folder: Path | None = None) -> Profile:
    """The profile of this user, or a trial one in a folder.

    Raises:
        ReceivablesError: not on Windows and no folder given.
    """
    if folder is not None:
        home = folder.expanduser().absolute()
        written = home / FILE
        known = FileRegistry.read(written) if written.is_file() else None
        app_data = home / "AppData"
        return Profile(home, app_data / "Roaming", app_data / "Local", True, known)
    if sys.platform != "win32":
        raise ReceivablesError(
            "Cell functions in Excel are Windows only, and this is not Windows. "
            "Add --profile FOLDER for a dry run in a folder laid out like a Windows profile."
        )
    return of_windows(os.environ, WindowsRegistry())


def of_windows(environment: Mapping[str, str], registry: Registry) -> Profile:
    """The profile that the variables of Windows name.

    Raises:
        ReceivablesError: a variable is missing, as in a service account.
    """
    names = ("USERPROFILE", "APPDATA", "LOCALAPPDATA")
    missing = [name for name in names if not environment.get(name)]
    if missing:
        raise ReceivablesError(
            f"{', '.join(missing)} is not set: this account has no profile of its own. "
            "Sign in to Windows as the person who uses Excel and run it again."
        )
    home, roaming, local = (Path(environment[name]) for name in names)
    return Profile(home, roaming, local, False, registry)
