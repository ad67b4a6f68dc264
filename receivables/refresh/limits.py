"""The jobs `limits`, `approvals`, `reviews` and `admission`: what the credit manager has to decide."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from receivables import money
from receivables.assess.admission_table import new_customers
from receivables.assess.approval_tiers import Tier, tiers_of
from receivables.assess.approvals import HASH, Break, chain_findings
from receivables.assess.limit_policy import LimitPolicy
from receivables.assess.limit_table import LimitTable, limit_table
from receivables.assess.overrides import by_salesperson, overrides
from receivables.assess.raised_limits import raised_limits
from receivables.assess.requests import requests
from receivables.assess.reviews import reviews
from receivables.assess.setting_table import csv_rows
from receivables.assess.suggested_limits import suggested
from receivables.assess.training import training
from receivables.errors import Issue, SettingsError
from receivables.ledger.findings import Findings
from receivables.refresh.books import Books

MONEY = (
    "exposure", "limit", "insured_limit", "usable", "insured_part", "own_part", "headroom",
    "suggested", "amount", "total",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LimitsAnswer:
    """Limits of one date. `frame` is that of `LimitTable` with `suggested` where grades were given."""

    as_of: date
    frame: pl.DataFrame
    groups: pl.DataFrame
    counted: tuple[str, ...]
    issues: tuple[Issue, ...]

    def counts(self) -> dict[str, int]:
        """Customers by state, each once, under the gravest of theirs."""
        seen = self.frame.unique("customer_key", keep="first", maintain_order=True)
        found = dict(seen.group_by("state").len().iter_rows())
        names = ("hold", "alert", "none set", "unlimited", "")
        return {name or "within": int(found.get(name, 0)) for name in names}

    def to_json(self) -> dict[str, Any]:
        """Amounts as decimal text in the currency of the row, shares as numbers, null = not known."""
        return {
            "as_of": self.as_of.isoformat(),
            "counted": list(self.counted),
            "counts": self.counts(),
            "rows": rows(self.frame.drop("customer_key"), (*MONEY, *self.counted)),
            "groups": rows(self.groups.drop("group_key"), MONEY),
            "issues": [_issue(issue) for issue in self.issues],
        }


@dataclass(frozen=True, slots=True)
class ApprovalsAnswer:
    """Requests that wait, limits without signatures, the chain of the rows, overrides by salesperson."""

    as_of: date
    waiting: pl.DataFrame
    unapproved: pl.DataFrame
    breaks: tuple[Break, ...]
    last_hash: str
    overrides: pl.DataFrame
    by_salesperson: pl.DataFrame
    issues: tuple[Issue, ...]

    def to_json(self) -> dict[str, Any]:
        """`last_hash` is worth keeping elsewhere: it shows rows cut off at the end."""
        return {
            "as_of": self.as_of.isoformat(),
            "waiting": rows(self.waiting, MONEY),
            "unapproved": rows(self.unapproved, MONEY),
            "chain": {
                "holds": not self.breaks,
                "breaks": [
                    {"approval_no": one.approval_no, "why": one.why} for one in self.breaks
                ],
                "last_hash": self.last_hash or None,
            },
            "overrides": rows(self.overrides, ()),
            "by_salesperson": rows(self.by_salesperson, ()),
            "issues": [_issue(issue) for issue in self.issues],
        }


@dataclass(frozen=True, slots=True)
class ReviewsAnswer:
    """Customers due for a review, and salespeople beside the training register."""

    as_of: date
    frame: pl.DataFrame
    training: pl.DataFrame

    def to_json(self) -> dict[str, Any]:
        """Null days = never reviewed."""
        return {
            "as_of": self.as_of.isoformat(),
            "rows": rows(self.frame.drop("customer_key"), MONEY),
            "training": rows(self.training, ()),
        }


def limits_job(
    books: Books,
    as_of: date,
    *,
    grades: pl.DataFrame | None = None,
    policy: LimitPolicy | None = None,
    leave_out: Collection[str] = (),
) -> LimitsAnswer:
    """Exposure of every customer against group, own, insured and component limits.

    Args:
        books: the loaded ledger.
        as_of: day of the question.
        grades: customer_key and grade, for the suggested limit beside the one in force.
        policy: default the shipped one.
        leave_out: components that do not count.

    Raises:
        NotAvailableError: nothing posted by then; a list that cannot be back-dated.
        BadValueError: an unknown component.
    """
    table = _table(books, as_of, policy, leave_out)
    frame = table.frame
    if grades is not None:
        frame = frame.with_columns(suggested(frame, books.ledger, as_of, grades, policy))
    return LimitsAnswer(as_of, frame, table.groups, table.counted, table.issues)


def own_tiers(books: Books) -> tuple[Tier, ...]:
    """Approval tiers of the setting `approval_tiers`, a file beside the ledger; none where it is blank.

    Raises:
        SettingsError: the setting is a path, or there is no such file.
    """
    name = books.settings.approval_tiers.strip()
    if not name:
        return ()
    ledger = Path(books.home)
    file = (ledger if ledger.is_dir() else ledger.parent) / name
    # a workbook may name its neighbour, not any file of the machine
    if Path(name).name != name or not file.is_file():
        raise SettingsError(
            f"Setting approval_tiers: there is no file '{name}' beside the ledger. "
            "Put the table there and name it without a folder, or leave the setting blank."
        )
    return tiers_of(csv_rows(file))


def approvals_job(
    books: Books, as_of: date, *, tiers: Sequence[Tier] | None = None
) -> ApprovalsAnswer:
    """What waits for a signature, limits raised without, and whether the rows of Approvals hold.

    Args:
        books: the loaded ledger.
        as_of: day of the question.
        tiers: the firm's own (`tiers_of`); None = those of the settings; without any, one signature
            of another person is enough.
    """
    tiers = own_tiers(books) if tiers is None else tiers
    findings = Findings(books.ledger.sources, books.settings.language)
    quiet = Findings(books.ledger.sources, books.settings.language)
    table = _table(books, as_of, None, ())
    waiting = requests(books.ledger, table.frame, as_of, quiet, tiers)
    unapproved = raised_limits(books.ledger, as_of, findings, tiers)
    approvals = books.ledger["approvals"]
    breaks = chain_findings(approvals, findings)
    hashes = approvals.sort("_source", "_row")[HASH].drop_nulls()
    listed = overrides(books.ledger, as_of)
    return ApprovalsAnswer(
        as_of,
        waiting,
        unapproved,
        tuple(breaks),
        hashes[-1] if hashes.len() else "",
        listed,
        by_salesperson(listed),
        tuple(findings.all()),
    )


def reviews_job(
    books: Books, as_of: date, *, policy: LimitPolicy | None = None, all_rows: bool = False
) -> ReviewsAnswer:
    """Reviews due as of a date with their reasons, and the credit training of everybody who sells."""
    table = _table(books, as_of, policy, ())
    found = reviews(table.frame, books.ledger, as_of, policy=policy, all_rows=all_rows)
    return ReviewsAnswer(as_of, found, training(books.ledger, as_of, policy))


def admission_job(
    books: Books, as_of: date, *, grades: pl.DataFrame | None = None
) -> pl.DataFrame:
    """New customers with the decision of the gate (`assess.admission_table.ADMISSION`).

    Args:
        books: the loaded ledger.
        as_of: day of the question.
        grades: customer_key and grade.
    """
    graded = None if grades is None else grades.select("customer_key", grade_now="grade")
    opened = books.open(as_of)
    return new_customers(books.ledger, opened, grades=graded, language=books.settings.language)


def rows(frame: pl.DataFrame, amounts: Collection[str]) -> list[dict[str, Any]]:
    """Rows as JSON: amounts in the row's currency as decimal text, dates as ISO text."""
    kept = [name for name in amounts if name in frame.columns]
    found = []
    for row in frame.iter_rows(named=True):
        code = row.get("currency") or money.NO_CURRENCY
        told = {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in row.items()
        }
        told |= {n: None if row[n] is None else money.text(row[n], code) for n in kept}
        found.append(told)
    return found


def _table(
    books: Books, as_of: date, policy: LimitPolicy | None, leave_out: Collection[str]
) -> LimitTable:
    asked = ("limits", as_of, *sorted(leave_out))
    if policy is None and asked in books.kept:
        kept: LimitTable = books.kept[asked]
        return kept
    found = limit_table(
        books.open(as_of),
        books.ledger,
        books.rates(),
        policy=policy,
        leave_out=leave_out,
        language=books.settings.language,
    )
    if policy is None:
        books.kept[asked] = found
    return found


def _issue(issue: Issue) -> dict[str, str]:
    return {
        "code": issue.code,
        "level": issue.level,
        "where": " ".join(part for part in (issue.file, issue.sheet, issue.cell) if part),
        "message": issue.message,
        "cure": issue.cure,
    }
