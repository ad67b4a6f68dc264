"""What a doctor of a host found: a state for each check, what was seen, the cure, and who can apply it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import typer

from receivables.commands.options import print_json
from receivables.commands.show import print_texts
from receivables.resources import data_rows

State = Literal["ok", "warn", "fail", "not checked"]

NEEDS_A_LOOK = 2
"""Exit code of a command that found something to mend."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer of one check. `who` and `cure` are empty where there is nothing to cure."""

    id: str
    state: State
    seen: str
    title: str
    who: str
    cure: str
    cure_zh: str


def finding(table: str, check: str, state: State, seen: str, variant: str = "") -> Finding:
    """A finding with the texts of a table of checks.

    >>> finding("excel_checks.csv", "dll", "fail", "xlwings64-0.37.8.dll is gone").who
    'helpdesk'
    """
    row = next(
        row for row in data_rows(table) if (row["id"], row.get("variant", "")) == (check, variant)
    )
    needed = state in {"warn", "fail"}
    who, cure, cure_zh = (row[name] if needed else "" for name in ("who", "cure_en", "cure_zh"))
    return Finding(check, state, seen, row["title_en"], who, cure, cure_zh)


def in_state(findings: Sequence[Finding], *states: str) -> list[Finding]:
    """Findings of some states."""
    return [finding for finding in findings if finding.state in states]


def is_healthy(findings: Sequence[Finding]) -> bool:
    """Whether every check that could be made is well."""
    return not in_state(findings, "warn", "fail")


def verdict(findings: Sequence[Finding]) -> str:
    """The examination in one or two sentences; what was not checked is never left out.

    >>> seen = [finding("calc_checks.csv", "office", "ok", "LibreOffice 7.4")]
    >>> verdict([*seen, finding("calc_checks.csv", "private", "not checked", "no host.toml")])
    'Healthy: 1 checks are well. Not checked (1): private.'
    """
    well = f"{len(in_state(findings, 'ok'))} checks are well."
    ill, away = in_state(findings, "warn", "fail"), in_state(findings, "not checked")
    line = f"Needs a look: {_ids(ill)}. {well}" if ill else f"Healthy: {well}"
    return f"{line} Not checked ({len(away)}): {_ids(away)}." if away else line


def show(title: str, findings: Sequence[Finding], *, as_json: bool) -> None:
    """Print an examination as a table with its verdict, or as JSON."""
    if as_json:
        checks = [asdict(finding) for finding in findings]
        healthy = is_healthy(findings)
        print_json({"healthy": healthy, "verdict": verdict(findings), "checks": checks})
        return
    rows = [[one.id, one.state, one.seen, one.who, one.cure] for one in findings]
    print_texts(title, ["Check", "State", "Seen", "Who", "Cure"], rows)
    typer.echo(verdict(findings))


def _ids(findings: Sequence[Finding]) -> str:
    return ", ".join(finding.id for finding in findings)
