"""Rows of an export as the input sheets of a workbook take them: every row, understood or not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from receivables import money
from receivables.ledger.check import check
from receivables.ledger.mapping import Mapping as ColumnMapping
from receivables.ledger.model import RawLedger
from receivables.ledger.schema import Column, tables
from receivables.settings import Settings, known_values

PLACE = ("_source", "_row")
TYPED = "·typed"


def export_rows(
    raw: RawLedger, mapping: ColumnMapping | None, values: Mapping[str, Any]
) -> dict[str, pl.DataFrame]:
    """Rows of an export as the input sheets take them: every row of it, understood or not.

    What was understood is written plainly (ISO dates, decimal points, our words); a cell that was
    not stays as it was typed, so that checking names it again.
    """
    settings = Settings().with_values(known_values(raw.settings)).with_values(values)
    ledger = check(raw, mapping, settings)
    return {
        name: _Plain(name, table.frame, ledger.tables[name], settings).rows(
            _constants(mapping, name)
        )
        for name, table in raw.tables.items()
        if name in tables()
    }


def _constants(mapping: ColumnMapping | None, table: str) -> Collection[str]:
    return mapping[table].constants if mapping else ()


@dataclass(frozen=True, slots=True)
class _Plain:
    """One table: as it was read, and as it was understood."""

    table: str
    raw: pl.DataFrame
    typed: pl.DataFrame
    settings: Settings

    def rows(self, constants: Collection[str]) -> pl.DataFrame:
        """Every row that was read, in its order."""
        schema = tables()[self.table]
        given = {*self.raw.columns, *constants, "kind"}
        known = [name for name in schema if name in self.typed.columns and name in given]
        texts = self.typed.select(*PLACE, *(self._text(schema[name]) for name in known))
        found = self.raw.join(
            texts.unique(PLACE, keep="first"), on=PLACE, how="left", suffix=TYPED,
            maintain_order="left",
        )  # fmt: skip
        own = [name for name in self.raw.columns if name not in {*known, *PLACE}]
        rows = found.select([*map(self._cell, known), *map(pl.col, own)])
        return rows.select(name for name in rows.columns if rows[name].null_count() < rows.height)

    def _cell(self, name: str) -> pl.Expr:
        """As it was understood, else as it was typed; what was blank stays so and is derived anew."""
        if name not in self.raw.columns:
            return pl.col(name)
        filled = pl.col(name).is_not_null()
        return pl.when(filled).then(pl.coalesce(f"{name}{TYPED}", name)).alias(name)

    def _text(self, column: Column) -> pl.Expr:
        """A typed column as plain text."""
        cell = pl.col(column.name)
        if column.type == "amount" and self.typed.schema[column.name] == pl.Int64:
            return self._amounts(column).alias(column.name)
        if column.type == "flag":
            return (
                pl.when(cell).then(pl.lit("yes")).when(~cell).then(pl.lit("no")).alias(column.name)
            )
        text = cell.dt.to_string("iso") if column.type == "date" else cell.cast(pl.String)
        return pl.when(text != "").then(text).alias(column.name)

    def _amounts(self, column: Column) -> pl.Expr:
        """Minor units as decimals of the currency that reading took them for."""
        texts = [
            None if minor is None else money.text(minor, code or "")
            for minor, code in zip(self.typed[column.name], self._codes(column), strict=True)
        ]
        return pl.lit(pl.Series(texts, dtype=pl.String))

    def _codes(self, column: Column) -> pl.Series:
        if column.unit != "local currency" and "currency" in self.raw.columns:
            return self.typed["currency"]
        local = self.settings.local_currencies()
        blank = pl.repeat("", self.typed.height, eager=True)
        company = self.typed["company"] if "company" in self.typed.columns else blank
        return company.replace_strict(local, default=local.get("", ""), return_dtype=pl.String)
