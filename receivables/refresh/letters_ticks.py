"""Approval by a tick in the column Approve of the sheet Dunning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import polars as pl

from receivables import money
from receivables.book.table_rows import table_rows
from receivables.ledger.choices import flag_of
from receivables.refresh.refresh_log import is_living
from receivables.report.labels import label
from receivables.respond.dunning_journal import ISSUED, RENDERED, Journal

SHEET = TABLE = "Dunning"
COLUMNS = (
    "approve",
    "letter_id",
    "customer_id",
    "currency",
    "level",
    "items",
    "demanded",
    "payable",
)
LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Ticks:
    """Letters that are ticked and still say what they said; number → why a tick is not taken."""

    taken: frozenset[str] = frozenset()
    not_taken: Mapping[str, str] = field(default_factory=dict)
    any: bool = False
    """Whether anything is ticked: then nothing else is made."""

    def note(self) -> str:
        """What to tell the user; blank where nothing is ticked."""
        if not self.any:
            return ""
        told = f"Only letters ticked on the sheet {SHEET} are made: {len(self.taken)}."
        left = [f"{number}: {why}" for number, why in self.not_taken.items()]
        return "\n".join([told, *left])


def ticks_of(workbook: str | Path, frame: pl.DataFrame, journal: Journal, as_of: date) -> Ticks:
    """Ticks on the sheet Dunning of a living workbook, held against the plan of today.

    A tick approves what the row showed: a letter that asks for another amount or other items now is
    not made. One that was made already is passed over.

    Args:
        workbook: the ledger; a file that is no living workbook has no ticks.
        frame: the plan (`respond.dunning_table.DUNNING`).
        journal: letters so far.
        as_of: day of the plan.
    """
    path = Path(workbook)
    if "://" in str(workbook) or not is_living(path):
        return Ticks()
    due = {row["letter_id"]: row for row in frame.drop_nulls("letter_id").iter_rows(named=True)}
    taken, refused, some = set(), {}, False
    for row in table_rows(path, "dunning", TABLE, _headings()).iter_rows(named=True):
        number, text = row.get("letter_id") or "", (row.get("approve") or "").strip()
        flag = flag_of(text) if text else False
        if flag is False:
            continue
        some = True
        why = _why_not(row, text, flag, due.get(number), journal.state(number), as_of)
        if why:
            refused[number or f"customer {row.get('customer_id') or '?'}"] = why
        elif number in due:
            taken.add(number)
    return Ticks(frozenset(taken), refused, some)


def _why_not(
    row: Mapping[str, Any], text: str, flag: bool | None, due: Mapping[str, Any] | None, state: str,
    as_of: date,
) -> str:  # fmt: skip
    """Why a tick is not taken; blank if it is, or if its letter was made already."""
    if flag is None:
        return (
            f"'{text}' in the column Approve is neither yes nor no. Write x to approve the letter."
        )
    if due is None:
        if state in {ISSUED, RENDERED}:
            return ""
        return f"no such letter is due as of {as_of}. Refresh the workbook as of that day and tick again."
    then, now = _ticked(row), _planned(due)
    if then != now:
        return f"ticked as {then}, but today it is {now}. Refresh the workbook, look at the letter and tick it again."
    return ""


def _planned(due: Mapping[str, Any]) -> str:
    currency = due["currency"] or money.NO_CURRENCY
    amounts = [money.text(due[name] or 0, currency) for name in ("demanded", "payable")]
    return _told(due["level"], due["items"], due["currency"] or "", *amounts)


def _ticked(row: Mapping[str, Any]) -> str:
    currency = row.get("currency") or money.NO_CURRENCY
    return _told(
        _whole(row.get("level")), _whole(row.get("items")), row.get("currency") or "",
        *(_amount(row.get(name), currency) for name in ("demanded", "payable")),
    )  # fmt: skip


def _told(level: Any, items: Any, currency: str, *amounts: str) -> str:
    return f"level {level}, {items} items, {currency} {' demanded, '.join(amounts)} payable"


def _whole(text: str | None) -> Any:
    try:
        return int(Decimal(text or "0"))
    except (InvalidOperation, ValueError):
        return text


def _amount(text: str | None, currency: str) -> str:
    try:
        return money.text(money.to_minor(text or "0", currency), currency)
    except (InvalidOperation, ValueError):
        return text or ""


def _headings() -> dict[str, str]:
    keys = {
        name: name if name in {"customer_id", "currency"} else f"dunning.{name}"
        for name in COLUMNS
    }
    return {label(key, language): name for name, key in keys.items() for language in LANGUAGES}
