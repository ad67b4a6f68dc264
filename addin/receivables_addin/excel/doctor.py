"""Look through an installation and say what is wrong, what to do and who can do it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from receivables import __version__
from receivables.errors import NotAvailableError
from receivables_addin import findings
from receivables_addin.excel import check_files, check_python, check_windows
from receivables_addin.excel.case import Case, gather, not_checked
from receivables_addin.excel.manifest import Manifest
from receivables_addin.excel.profile import Profile
from receivables_addin.findings import Finding

WIDTH = 96


@dataclass(frozen=True, slots=True)
class Examination:
    """Every finding, and the files that were installed."""

    findings: tuple[Finding, ...]
    record: Manifest | None

    def in_state(self, *states: str) -> list[Finding]:
        """Findings of some states."""
        return findings.in_state(self.findings, *states)

    @property
    def healthy(self) -> bool:
        """Every check that could be made is well."""
        return findings.is_healthy(self.findings)

    @property
    def verdict(self) -> str:
        """The examination in one or two sentences."""
        return findings.verdict(self.findings)


def examine(profile: Profile, environment: Mapping[str, str] | None = None) -> Examination:
    """Run every check. `environment` are the variables of the Windows user, None in a trial.

    Raises:
        ReceivablesError: the record of the installation is damaged.
    """
    case = gather(profile, environment)
    checks = {**check_files.CHECKS, **check_python.CHECKS, "excel": check_windows.excel_is_there}
    made = (_made(name, check, case) for name, check in checks.items())
    return Examination(tuple(chain(made, check_windows.policies(case))), case.record)


def _made(name: str, check: Callable[[Case], Finding], case: Case) -> Finding:
    try:
        return check(case)
    except NotAvailableError as fault:
        return not_checked(name, str(fault))


def report(examination: Examination) -> str:
    """The examination as a text to send to a helpdesk: no person's name, cures in two languages."""
    return "\n".join(_lines(examination)) + "\n"


def _lines(examination: Examination) -> Iterator[str]:
    yield f"receivables {__version__}: examination of the Excel add-in / Excel 加载项检查报告"
    yield ""
    yield from textwrap.wrap(examination.verdict, WIDTH)
    for title, states in (
        ("NEEDS A LOOK / 需要处理", ("fail", "warn")),
        ("NOT CHECKED / 未检查", ("not checked",)),
        ("WELL / 正常", ("ok",)),
    ):
        found = examination.in_state(*states)
        yield from ("", f"{title}: {len(found)}") if found else ()
        for finding in found:
            yield from _entry(finding)
    yield from _files(examination.record)


def _entry(finding: Finding) -> Iterator[str]:
    yield f"  [{finding.state}] {finding.id}: {finding.title}"
    yield f"      seen: {finding.seen}"
    if finding.cure:
        yield f"      who:  {finding.who}"
        yield f"      cure: {finding.cure}"
        yield f"      办法: {finding.cure_zh}"


def _files(record: Manifest | None) -> Iterator[str]:
    if record is None:
        return
    yield ""
    yield f"FILES AS INSTALLED / 安装的文件 (xlwings {record.xlwings}, {record.interpreter})"
    for file in record.files:
        yield f"  {file.path}"
        yield f"      {file.size:,} bytes, SHA-256 {file.sha256}"
