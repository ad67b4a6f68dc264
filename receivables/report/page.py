"""What every sheet shares: titles, columns in the report's language, print lines, row limits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from receivables import __version__
from receivables.report.cells import exact_note_needed
from receivables.report.data import NEVER, ReportData
from receivables.report.labels import bucket_text, label, sheet, term, terms
from receivables.report.spec import (
    SHEET_ROWS,
    Block,
    Cell,
    ColumnSpec,
    Kind,
    Overflow,
    SheetSpec,
    TableSpec,
    TextSpec,
)
from receivables.report.sums import POLARS_TYPES

_SPARE_ROWS = 200
"""Rows of a sheet kept for titles, totals and notes."""
_IDENTITY = (
    "company", "account", "order_no", "document_no", "instalment", "customer_id", "group_id", "currency",
)  # fmt: skip
"""What tells the rows of most tables apart, as far as a table has it."""
_FOOTER = 150
"""Characters of the settings in the footer; Excel takes 255 in all."""


@dataclass(frozen=True, slots=True)
class Page:
    """A report being laid out."""

    data: ReportData
    row_limit: int = SHEET_ROWS - _SPARE_ROWS
    living: bool = False
    """The workbook is refreshed month after month: a column that may be filled one day is there from
    the start, hidden, and keeps its place."""

    @property
    def language(self) -> str:
        """Language of labels."""
        return self.data.settings.language

    def text(self, key: str, **values: object) -> str:
        """Label of a key."""
        return label(key, self.language, **values)

    def column(
        self, name: str, kind: Kind = "text", heading: str = "", **options: Any
    ) -> ColumnSpec:
        """Column whose heading is the label of its name."""
        return ColumnSpec(name, heading or self.text(name), kind, **options)

    def optional(self, column: ColumnSpec, *, used: bool) -> list[ColumnSpec]:
        """A column that has nothing to show every month: left out, or hidden in a living workbook."""
        if used:
            return [column]
        return [replace(column, unused=True)] if self.living else []

    def if_filled(
        self,
        frame: pl.DataFrame,
        name: str,
        kind: Kind = "text",
        heading: str = "",
        **options: Any,
    ) -> list[ColumnSpec]:
        """A column where it holds anything."""
        column = self.column(name, kind, heading, **options)
        return self.optional(column, used=filled(frame, name))

    def keys(self, frame: pl.DataFrame) -> list[ColumnSpec]:
        """Company and account, where there is more than one."""
        return [
            column
            for name in ("company", "account")
            for column in self.optional(self.column(name), used=distinguishes(frame, name))
        ]

    def words(self, column: str, prefix: str) -> pl.Expr:
        """A column of codes in words."""
        return pl.col(column).replace(terms(prefix, self.language))

    def term(self, prefix: str, value: str) -> str:
        """A word of the trade in the report's language."""
        return term(prefix, value, self.language)

    @staticmethod
    def numbered(blocks: list[Block]) -> list[Block]:
        """Tables numbered from top to bottom, whichever are there."""
        tables = [block for block in blocks if isinstance(block, TableSpec)]
        titles = {table.name: f"{number} {table.title}" for number, table in enumerate(tables, 1)}
        return [
            replace(block, title=titles[block.name]) if isinstance(block, TableSpec) else block
            for block in blocks
        ]

    def bucket(self, name: str) -> str:
        """Heading of a bucket."""
        return bucket_text(name, self.language)

    def head(self, key: str, *lines: str) -> TextSpec:
        """Title, the line of settings, further lines."""
        firm = f"{self.data.firm}: " if self.data.firm else ""
        title = (Cell(0, firm + self.text(key), "title"),)
        rest = [(Cell(0, line, "subtitle"),) for line in (self.basis(), *lines) if line]
        return TextSpec((title, *rest, ()))

    def main_currency(self) -> str:
        """The currency that most customers owe in; the first of them by name."""
        counts = (
            self.data.aging.group_by("currency")
            .agg(pl.col("customer_id").n_unique().alias("count"))
            .sort("count", "currency", descending=[True, False])
        )
        return str(counts["currency"][0] or "") if counts.height else ""

    def dated(self, key: str, **values: object) -> str:
        """Label that names days; nothing before the first refresh, when there is no day to name."""
        return "" if self.data.as_of == NEVER else self.text(key, **values)

    def basis(self) -> str:
        """As-of date, currency, base, edges and credit mode in one line."""
        if self.data.as_of == NEVER:
            return self.text("never")
        settings = self.data.settings
        parts = [
            f"{self.text('as_of')} {self.data.as_of}",
            self._currencies(),
            f"{self.text('base')}: {self.text(f'base.{settings.base}')}",
            f"{self.text('edges')}: {settings.edges}",
            f"{self.text('credit_mode')}: {self.text(f'credits.{settings.credits}')}",
            f"{self.text('day_on_edge')}: {self.text(f'day_on_edge.{settings.day_on_edge}')}",
        ]
        return " · ".join(parts)

    def _currencies(self) -> str:
        """The currency of the figures: the only one, or each apart with the bridge's target."""
        found = self.data.aging["currency"].unique().to_list()
        if len(found) == 1:
            return str(found[0])
        bridged = self.data.settings.currency
        return self.text("currency.all") + (f" → {bridged}" if bridged else "")

    def sheet(self, sheet_id: str, blocks: list[Block], **options: Any) -> SheetSpec:
        """A sheet with header and footer."""
        name, _ = sheet(sheet_id, self.language)
        firm = self.data.firm[:60]
        return SheetSpec(
            id=sheet_id,
            label=name,
            blocks=tuple(blocks),
            header=(firm, name, self._day()),
            footer=(
                self.basis()[:_FOOTER],
                "",
                f"receivables {__version__} · {self.text('page')}",
            ),
            paper=self.data.settings.paper,
            as_of=self.data.as_of,
            **options,
        )

    def _day(self) -> str:
        return "" if self.data.as_of == NEVER else f"{self.text('as_of')} {self.data.as_of}"

    def table(
        self, name: str, columns: list[ColumnSpec], frame: pl.DataFrame, **options: Any
    ) -> TableSpec:
        """A table with the notes it needs: nothing in it, or amounts too large for a cell."""
        notes = list(options.pop("notes", ()))
        if frame.is_empty():
            notes.append(self.text("rows.none"))
        names = [column.name for column in columns]
        options["key"] = tuple(name for name in options.get("key", _IDENTITY) if name in names)
        frame = _with_unused(frame, columns)
        helpers = [column.formula for column in columns if column.formula]
        helpers += [column.currency_column for column in columns if column.currency_column]
        helpers += [options["currency_column"]] if options.get("currency_column") else []
        helpers += [options["tint"].where] if options.get("tint") else []
        spec = TableSpec(
            name, tuple(columns), frame.select(*dict.fromkeys([*names, *helpers])),
            total_label=self.text("total"), **options,
        )  # fmt: skip
        if exact_note_needed(spec):
            notes.append(self.text("rows.exact"))
        return replace(spec, notes=tuple(notes))

    def fit(
        self, frame: pl.DataFrame, name: str, limit: int = 0, key: str = "rows.cut"
    ) -> tuple[pl.DataFrame, tuple[str, ...], tuple[Overflow, ...]]:
        """Rows that the sheet lists, the line that says so, and the whole table for the file beside."""
        limit = min(limit or self.row_limit, self.row_limit)
        if frame.height <= limit:
            return frame, (), ()
        note = self.text(key, shown=f"{limit:,}", count=f"{frame.height:,}", file=name)
        return frame.head(limit), (note,), (Overflow(name, frame),)


def _with_unused(frame: pl.DataFrame, columns: list[ColumnSpec]) -> pl.DataFrame:
    """The frame with blank columns for those that have nothing to show."""
    missing = [column for column in columns if column.unused and column.name not in frame.columns]
    blank = [
        pl.lit(None, POLARS_TYPES.get(item.kind, pl.String())).alias(item.name) for item in missing
    ]
    held = [
        pl.lit(None, pl.String).alias(item.formula)
        for item in columns
        if item.unused and item.formula and item.formula not in frame.columns
    ]
    return frame.with_columns(*blank, *held)


def distinguishes(frame: pl.DataFrame, column: str) -> bool:
    """Whether a column has more than one value.

    >>> distinguishes(pl.DataFrame({"company": ["1000", "2000"]}), "company")
    True
    """
    return column in frame.columns and frame[column].n_unique() > 1


def filled(frame: pl.DataFrame, column: str) -> bool:
    """Whether a column is there and holds anything."""
    if column not in frame.columns:
        return False
    values = frame[column].drop_nulls()
    if values.dtype == pl.String:
        return bool((values != "").any())
    if values.dtype == pl.Int64:
        return bool((values != 0).any())
    return not values.is_empty()
