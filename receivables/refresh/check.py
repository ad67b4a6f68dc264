"""The job `check`: what was read, what was set aside, and every fault with its cure."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from receivables import money
from receivables.errors import Issue
from receivables.ledger.model import Source
from receivables.ledger.tieout import PART_OF_A_ROW
from receivables.refresh.books import Books


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """Rows read and set aside by table, and the Issues."""

    path: str
    sources: list[Source]
    rows: dict[str, dict[str, int]]
    set_aside: pl.DataFrame
    issues: list[Issue]

    def counts(self) -> dict[str, int]:
        """Issues by level."""
        found = Counter(issue.level for issue in self.issues)
        return {level: found[level] for level in ("error", "warning", "note")}

    def to_json(self) -> dict[str, Any]:
        """Sources, row counts, amounts set aside by currency, and all Issues."""
        aside = [
            {
                "table": table,
                "currency": currency,
                "rows": rows,
                "amount": money.text(amount, currency),
                "unreadable": unreadable,
            }
            for table, currency, rows, amount, unreadable in self.set_aside.group_by(
                "table", pl.col("currency").fill_null(""), maintain_order=True
            )
            .agg(
                pl.len().alias("rows"),
                pl.col("amount").sum().alias("amount"),
                pl.col("amount").null_count().alias("unreadable"),
            )
            .iter_rows()
        ]
        return {
            "ledger": self.path,
            "sources": [
                {
                    "file": source.file,
                    "sheet": source.sheet,
                    "table": source.table,
                    "heading_row": source.heading_row,
                    "rows": source.rows,
                    "notes": list(source.notes),
                }
                for source in self.sources
            ],
            "rows": self.rows,
            "set_aside": aside,
            "counts": self.counts(),
            "issues": [asdict(issue) for issue in self.issues],
        }


def check_job(books: Books) -> CheckAnswer:
    """What reading and checking found."""
    ledger = books.ledger
    whole = ledger.set_aside.filter(pl.col("code") != PART_OF_A_ROW)
    aside = dict(whole.group_by("table").len().iter_rows())
    rows = {}
    for name, frame in ledger.tables.items():
        used = _listed(frame, name, ledger.sources)
        if used or aside.get(name):
            set_aside = aside.get(name, 0)
            rows[name] = {"read": used + set_aside, "used": used, "set_aside": set_aside}
    return CheckAnswer(books.path, ledger.sources, rows, ledger.set_aside, books.issues)


def _listed(frame: pl.DataFrame, table: str, sources: list[Source]) -> int:
    """Rows that the files hold for a table; customers that only documents name are not among them."""
    own = [number for number, source in enumerate(sources) if source.table == table]
    return frame.filter(pl.col("_source").is_in(own)).height if own else frame.height
