"""Checks of what Windows and the firm's policies allow, read from the registry."""

from __future__ import annotations

from itertools import groupby

from receivables.errors import NotAvailableError
from receivables.resources import data_rows
from receivables_addin.excel.case import (
    NEEDS_REGISTRY,
    Case,
    finding,
    not_checked,
    ok,
)
from receivables_addin.excel.interpreter import CLICK_TO_RUN, from_the_store
from receivables_addin.excel.registry import Registry
from receivables_addin.findings import Finding, State

APP_PATHS = r"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
INTUNE = r"HKLM\SOFTWARE\Microsoft\Windows Defender\Policy Manager"
STATES: dict[str, State] = {"ok": "ok", "warn": "warn", "fail": "fail"}
WORST: tuple[State, ...] = ("fail", "warn", "ok")


def excel_is_there(case: Case) -> Finding:
    """A desktop Excel is registered."""
    registry = case.profile.registry
    if registry is None:
        return not_checked("excel", NEEDS_REGISTRY)
    paths = (registry.value(f"{hive}\\{APP_PATHS}", "") for hive in ("HKCU", "HKLM"))
    path = next((str(path) for path in paths if path), "")
    if not path:
        return finding("excel", "fail", "Windows knows no excel.exe")
    if from_the_store(path):
        return finding("excel", "fail", path, "store")
    version = registry.value(CLICK_TO_RUN, "VersionToReport")
    return ok("excel", f"{path}, {version}" if version else path)


def policies(case: Case) -> list[Finding]:
    """One finding per group of policies in `data/excel_policies.csv`."""
    rows = data_rows("excel_policies.csv")
    return [
        _policy(case.profile.registry, check, list(group))
        for check, group in groupby(rows, key=lambda row: row["check"])
    ]


def _policy(registry: Registry | None, check: str, rows: list[dict[str, str]]) -> Finding:
    if registry is None:
        return not_checked(check, NEEDS_REGISTRY)
    try:
        met = [(STATES[row["state"]], row["meaning"]) for row in rows if _is_set(registry, row)]
    except NotAvailableError as fault:
        return not_checked(check, str(fault))
    if not met:
        return ok(check, "not set")
    worst = next(state for state in WORST if state in {state for state, _ in met})
    return finding(check, worst, "; ".join(meaning for _, meaning in met))


def _is_set(registry: Registry, row: dict[str, str]) -> bool:
    if str(registry.value(row["key"], row["name"])) == row["value"]:
        return True
    if row["check"] != "child_processes":
        return False
    # device management writes all rules into one text: GUID=1|GUID=2
    rules = str(registry.value(INTUNE, "ASRRules") or "").upper().split("|")
    return f"{row['name']}={row['value']}" in rules
