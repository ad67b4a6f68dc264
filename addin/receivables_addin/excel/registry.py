"""The Windows registry as far as the doctor reads it: for real, or from a file beside a trial profile."""

from __future__ import annotations

import importlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from receivables.errors import NotAvailableError, ReceivablesError

FILE = "registry.json"


class Registry(Protocol):
    """What a check asks for; `key` begins with HKCU or HKLM.

    Both methods raise NotAvailableError for a key that this account may not read: a policy that
    cannot be seen is not a policy that is not set.
    """

    def value(self, key: str, name: str) -> Any:
        """A value by name, None where it is not set."""

    def values(self, key: str) -> dict[str, Any]:
        """Every value of a key."""


@dataclass(frozen=True, slots=True)
class FileRegistry:
    """Keys and values written down as JSON; null for a key that may not be read."""

    content: dict[str, dict[str, Any] | None]

    @classmethod
    def read(cls, path: Path) -> FileRegistry:
        """Read a file.

        Raises:
            ReceivablesError: it is not one.
        """
        try:
            raw = json.loads(path.read_text(encoding="utf-8-sig"))
            found = {
                key.lower(): None if values is None else dict(values)
                for key, values in raw.items()
            }
        except (ValueError, AttributeError, TypeError):
            raise ReceivablesError(
                f'{path}: not a registry file. Write {{"HKCU\\\\Software\\\\…": {{"name": value}}}}.'
            ) from None
        return cls(found)

    def value(self, key: str, name: str) -> Any:
        """A value by name, None where it is not set."""
        return _named(self.values(key), name)

    def values(self, key: str) -> dict[str, Any]:
        """Every value of a key."""
        found = self.content.get(key.lower(), {})
        if found is None:
            raise NotAvailableError(f"{key} may not be read by this account.")
        return dict(found)


class WindowsRegistry:
    """The registry of this machine, opened for reading only."""

    def __init__(self) -> None:
        self._winreg: Any = importlib.import_module("winreg")

    def value(self, key: str, name: str) -> Any:
        """A value by name, None where it is not set."""
        return _named(self.values(key), name)

    def values(self, key: str) -> dict[str, Any]:
        """Every value of a key, in the 64-bit view that both kinds of Office write policies to."""
        winreg = self._winreg
        root, _, path = key.partition("\\")
        hive = {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}[root]
        try:
            handle = winreg.OpenKey(hive, path, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY)
        except FileNotFoundError:
            return {}
        except OSError:
            raise NotAvailableError(f"{key} may not be read by this account.") from None
        with handle:
            rows = (winreg.EnumValue(handle, row) for row in range(winreg.QueryInfoKey(handle)[1]))
            return {name: value for name, value, _ in rows}


def _named(values: dict[str, Any], name: str) -> Any:
    """A value by name; Windows makes no difference between small letters and capitals."""
    return next((value for known, value in values.items() if known.lower() == name.lower()), None)
