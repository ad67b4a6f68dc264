"""What the command `letters` shows: who gets which letter, why the others get none, what was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from receivables import money
from receivables.respond.dunning_rules import cure_of, text_of
from receivables.respond.letters.letter import Letter

MONEY = (
    "overdue", "demanded", "disputed", "held", "since", "credit", "interest", "fee", "fixed_sum",
    "payable",
)  # fmt: skip
ITEM_MONEY = ("open", "demanded", "disputed")


@dataclass(frozen=True, slots=True)
class LettersAnswer:
    """The Dunning table of a day (`respond.dunning_table`) and, after a run, what became of it.

    `made` was rendered now, `finished` had been rendered by an attempt that died, `dropped` was
    never finished or was replaced, `refused` could not be rendered: number → why.
    """

    as_of: date
    frame: pl.DataFrame
    items: pl.DataFrame
    letters: tuple[Letter, ...]
    made: tuple[str, ...] = ()
    finished: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    issues: int = 0
    files: tuple[str, ...] = ()
    not_taken: Mapping[str, str] = field(default_factory=dict)
    """Letters ticked on the sheet Dunning that are not made: number → why."""

    def totals(self) -> pl.DataFrame:
        """Letters and amounts by currency: overdue, demanded, and what is left out."""
        rows = self.frame.filter(pl.col("outcome") != "courtesy")
        letter = pl.col("outcome") == "letter"
        return (
            rows.group_by("currency")
            .agg(
                letter.sum().cast(pl.Int64).alias("letters"),
                (~letter).sum().cast(pl.Int64).alias("left_out"),
                pl.col("overdue", "demanded").fill_null(0).sum(),
            )
            .sort("currency")
        )

    def to_json(self, language: str = "en") -> dict[str, Any]:
        """Amounts as decimal text in the currency of the row; reasons as codes and in words."""
        return {
            "as_of": self.as_of.isoformat(),
            "totals": [_row(row, ("overdue", "demanded")) for row in self.totals().to_dicts()],
            "letters": self._rows(("letter", "courtesy"), language),
            "why_not": self._rows(("none",), language),
            "items": [_row(row, ITEM_MONEY) for row in self.items.iter_rows(named=True)],
            "made": list(self.made),
            "finished": list(self.finished),
            "dropped": list(self.dropped),
            "refused": dict(self.refused),
            "files": list(self.files),
            "not_taken": dict(self.not_taken),
            "notes": list(self.notes),
            "issues": self.issues,
        }

    def _rows(self, outcomes: tuple[str, ...], language: str) -> list[dict[str, Any]]:
        rows = self.frame.filter(pl.col("outcome").is_in(outcomes)).drop("customer_key")
        return [
            _row(row, MONEY)
            | {"why": text_of(row["reasons"] or "", language), "cure": cure_of(row["reasons"] or "", language)}
            for row in rows.iter_rows(named=True)
        ]  # fmt: skip


def _row(row: Mapping[str, Any], amounts: tuple[str, ...]) -> dict[str, Any]:
    currency = row["currency"] or money.NO_CURRENCY
    told = {name: cell.isoformat() if isinstance(cell, date) else cell for name, cell in row.items()}  # fmt: skip
    return told | {
        name: None if row[name] is None else money.text(row[name], currency) for name in amounts
    }
