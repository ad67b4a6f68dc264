"""What a close found, in figures and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from receivables import money
from receivables.ledger.postings import BOOK
from receivables.ledger.tieout import TieOut
from receivables.monitor.movement import MOVES
from receivables.monitor.reported import CHANGES
from receivables.report.pack_data import EXCEPTION_SCHEMA

BALANCES = ("reported", "restated", "opening", *MOVES, "closing", "residual")


@dataclass(frozen=True, slots=True)
class Restated:
    """A closed balance as reported beside as now known.

    `customers`: `monitor.reported.as_reported`; `postings`: the changes that explain it.
    """

    as_of: date
    file: str
    customers: pl.DataFrame
    postings: pl.DataFrame

    @property
    def explained(self) -> bool:
        """Whether reported + Σ postings = now in every company, account and currency."""
        by_book = self.customers.group_by(BOOK).agg(pl.col("matching").sum())
        return not any(by_book["matching"])

    def to_json(self) -> dict[str, Any]:
        """Customers that differ, and the postings behind it; amounts as decimal text."""
        differ = self.customers.filter(
            pl.any_horizontal(pl.col("difference", "postings", "matching") != 0)
        )
        sums = ("reported", "now", "difference", "postings", "matching")
        total = self.customers.group_by(BOOK).agg(pl.col(sums).sum()).sort(BOOK)
        return {
            "as_of": self.as_of.isoformat(),
            "file": self.file,
            "explained": self.explained,
            "books": _rows(total, sums),
            "customers": _rows(differ, sums),
            "postings": _rows(self.postings, ("amount",)),
        }


@dataclass(frozen=True, slots=True)
class CloseAnswer:
    """What a close found and did; money in minor units.

    `state`: `closed`, `reopened`, `unchanged` (run again, nothing new) or `locked` (the period is
    closed and the books say something else by now: nothing was written).
    `movement` is by customer (`monitor.movement`), with `reported` (opening as reported) and
    `restated` = opening − reported where the period before was closed, else null. It is None
    where the ledger is a list of open items, which holds no postings.
    """

    as_of: date
    opening_on: date
    state: str
    snapshot: Path
    ties: list[TieOut]
    labels: tuple[str, ...]
    movement: pl.DataFrame | None = None
    matrix: pl.DataFrame | None = None
    local: pl.DataFrame | None = None
    opening: Restated | None = None
    """The opening balance as reported beside as now known; None without an earlier close."""
    closed_before: Restated | None = None
    """This balance as it was reported, where the period was closed already."""
    back_dated: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CHANGES))
    settings_changed: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    exceptions: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=EXCEPTION_SCHEMA))
    """What is still to explain, with the explanations carried forward."""
    issues: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether tie-out and movement leave nothing over, and every restatement is explained."""
        residual = self.movement is not None and any(self.movement["residual"])
        restated = [one for one in (self.opening, self.closed_before) if one]
        return (
            all(tie.adds_up for tie in self.ties)
            and not residual
            and all(one.explained for one in restated)
        )

    def books(self) -> pl.DataFrame:
        """The movement by company, account and currency."""
        assert self.movement is not None
        return (
            self.movement.group_by(BOOK)
            .agg(
                pl.when(pl.col("reported").is_null().all())
                .then(None)
                .otherwise(pl.col("reported").sum())
                .alias("reported"),
                pl.when(pl.col("restated").is_null().all())
                .then(None)
                .otherwise(pl.col("restated").sum())
                .alias("restated"),
                pl.col(BALANCES[2:]).sum(),
            )
            .sort(BOOK)
        )

    def to_json(self) -> dict[str, Any]:
        """Everything, amounts as decimal text, days as ISO dates."""
        whole = self.movement is not None
        return {
            "as_of": self.as_of.isoformat(),
            "opening_on": self.opening_on.isoformat(),
            "state": self.state,
            "adds_up": self.adds_up,
            "snapshot": str(self.snapshot),
            "files": [str(path) for path in self.files],
            "tie_out": [tie.to_json() for tie in self.ties],
            "movement": _rows(self.books(), BALANCES) if whole else None,
            "customers": _rows(self.movement, BALANCES) if self.movement is not None else None,
            "roll": self._roll_json(),
            "local": _rows(self.local, BALANCES[2:], "local") if self.local is not None else None,
            "opening": self.opening.to_json() if self.opening else None,
            "closed_before": self.closed_before.to_json() if self.closed_before else None,
            "back_dated": _rows(self.back_dated, ("amount",)),
            "exceptions": _rows(self.exceptions, ("amount",)),
            "settings_changed": self.settings_changed,
            "notes": self.notes,
            "issues": self.issues,
        }

    def _roll_json(self) -> list[dict[str, Any]] | None:
        if self.matrix is None:
            return None
        named = {f"b{number}": label for number, label in enumerate(self.labels)}
        renamed = self.matrix.with_columns(
            pl.col("origin").replace(named), pl.col("target").replace(named)
        )
        return _rows(renamed, ("amount",))


def _rows(
    frame: pl.DataFrame, amounts: Sequence[str], currency: str = "currency"
) -> list[dict[str, Any]]:
    """Rows with amounts as decimal text of their currency."""

    def shown(row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: money.text(value, row[currency])
            if name in amounts and value is not None
            else value.isoformat()
            if isinstance(value, date)
            else value
            for name, value in row.items()
        }

    return [shown(row) for row in frame.iter_rows(named=True)]
