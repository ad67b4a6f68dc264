"""What the checks of the Excel installation look at, and their findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from receivables.errors import NotAvailableError
from receivables_addin import findings
from receivables_addin.excel import conf, interpreter, manifest
from receivables_addin.excel.manifest import Manifest
from receivables_addin.excel.profile import Profile
from receivables_addin.findings import Finding, State

TABLE = "excel_checks.csv"
NEEDS_RECORD = "nothing is installed"
NEEDS_REGISTRY = "needs the registry of Windows"


@dataclass(frozen=True, slots=True)
class Case:
    """What the checks look at, gathered once."""

    profile: Profile
    record: Manifest | None
    settings: Mapping[str, str] | None
    python: Path | None
    answer: interpreter.Answer | None
    trouble: str
    environment: Mapping[str, str] | None

    @property
    def dll(self) -> Path | None:
        """The DLL that the add-in would load."""
        if self.python is None or self.record is None:
            return None
        bits = interpreter.excel_bits(self.profile.registry) or 64
        return interpreter.dll_beside(self.python, interpreter.dll_name(self.record.xlwings, bits))


def gather(profile: Profile, environment: Mapping[str, str] | None) -> Case:
    """Read the record and the settings and ask the interpreter; `environment` is None in a trial."""
    record = manifest.read(profile)
    settings = conf.read(profile)
    named = (settings or {}).get(conf.INTERPRETER) or (record.interpreter if record else "")
    python = profile.full(named) if named else None
    answer, trouble = None, "no interpreter is named"
    if python is not None:
        try:
            answer, trouble = interpreter.ask(python), ""
        except NotAvailableError as fault:
            trouble = str(fault).replace(str(python), profile.short(python))
    return Case(profile, record, settings, python, answer, trouble, environment)


def finding(check: str, state: State, seen: str, variant: str = "") -> Finding:
    """A finding with the texts of `data/excel_checks.csv`.

    >>> finding("dll", "fail", "xlwings64-0.37.8.dll is gone").who
    'helpdesk'
    """
    return findings.finding(TABLE, check, state, seen, variant)


def ok(check: str, seen: str) -> Finding:
    """All is well."""
    return finding(check, "ok", seen)


def not_checked(check: str, why: str) -> Finding:
    """It could not be looked at here: never taken for well."""
    return finding(check, "not checked", why)
