"""Collect what is wrong with a ledger's rows and word it from `data/issues.csv`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

import polars as pl

from receivables.errors import Issue, Level
from receivables.ledger.model import Source
from receivables.resources import data_rows

ORDER = {"error": 0, "warning": 1, "note": 2}


@dataclass(slots=True)
class Findings:
    """The Issues of one run, capped per code; what exceeds the cap is counted."""

    sources: Sequence[Source]
    language: str = "en"
    limit: int = 10_000
    found: list[tuple[str, int | None, int | None, Issue]] = field(default_factory=list)
    """Table, source, row and the Issue."""
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Rows found by table and code, beyond the cap too."""

    def add(
        self, code: str, table: str, rows: pl.DataFrame, column: str = "", level: str = ""
    ) -> None:
        """One Issue for each row of a frame.

        Args:
            code: row of `data/issues.csv`.
            table: input table.
            rows: `_source`, `_row`, `value` and what the texts name in braces.
            column: column at fault; `_column` in the frame wins.
            level: only for codes whose level varies.
        """
        room = self.limit - self.counts[table, code]
        self.counts[table, code] += rows.height
        for row in rows.head(max(room, 0)).iter_rows(named=True):
            issue = self._issue(code, table, row, row.get("_column", column), level)
            self.found.append((table, row["_source"], row["_row"], issue))

    def one(self, code: str, table: str, column: str = "", **values: Any) -> None:
        """One Issue about a whole table or column, placed at its first source."""
        found = next((at for at, source in enumerate(self.sources) if source.table == table), None)
        row = {"_source": found, "_row": None} | values
        self.counts[table, code] += 1
        issue = self._issue(code, table, row, column, values.get("level", ""))
        self.found.append((table, found, None, issue))

    def forget(self, table: str, rows: pl.DataFrame) -> None:
        """Take back what was said about rows that turned out to be no data."""
        gone = set(rows.select("_source", "_row").rows())
        kept = []
        for item in self.found:
            if item[0] == table and item[1:3] in gone:
                self.counts[table, item[3].code] -= 1
            else:
                kept.append(item)
        self.found = kept

    def all(self) -> list[Issue]:
        """Every Issue, gravest first, with one line for what exceeds the cap of its kind."""
        found = [issue for *_, issue in self.found]
        for (table, code), count in self.counts.items():
            if count > self.limit:
                level = next((i.level for i in found if i.code == code), "warning")
                more = {"value": f"{count - self.limit:,}", "kind": code}
                found.append(self._issue("more_of_kind", table, more, "", level))
        return sorted(found, key=lambda issue: ORDER[issue.level])

    def _issue(self, code: str, table: str, row: dict[str, Any], column: str, level: str) -> Issue:
        text = texts()[code]
        at, line = row.get("_source"), row.get("_row")
        source = self.sources[at] if at is not None else None
        file = source.file if source else ""
        names = {
            "table": table,
            "column": column,
            "file_table": _named(source, table),
            "value": "",
        }
        shown = names | {name: "" if value is None else value for name, value in row.items()}
        cell = source.cell(line, column) if source and line is not None else ""
        return Issue(
            code=code,
            level=cast("Level", level or text["level"]),
            table=table,
            file=file,
            sheet=source.sheet if source else "",
            cell=cell,
            column=column,
            value=str(shown["value"]),
            message=text[f"message_{self.language}"].format_map(shown),
            cure=text[f"cure_{self.language}"].format_map(shown),
        )


@cache
def texts() -> dict[str, dict[str, str]]:
    """Rows of `data/issues.csv` by code.

    >>> texts()["duplicate_row"]["level"]
    'error'
    """
    return {row["code"]: row for row in data_rows("issues.csv")}


def _named(source: Source | None, table: str) -> str:
    if source is None:
        return table
    return " ".join(part for part in (source.file, source.sheet) if part) or table
