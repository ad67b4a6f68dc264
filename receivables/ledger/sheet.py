"""One table while it is read, and what every step of a check needs to know."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import polars as pl

from receivables.ledger.findings import Findings
from receivables.ledger.mapping import Mapping
from receivables.ledger.schema import Column
from receivables.settings import Settings

KEYS = {
    "customers": {"customer_key": "customer_id"},
    "documents": {"customer_key": "customer_id", "document_key": "document_no"},
    "payments": {
        "customer_key": "customer_id",
        "payment_key": "payment_no",
        "document_key": "document_no",
    },
    "allocations": {"credit_key": "credit_no", "document_key": "document_no"},
}
"""Helper columns of a table: folded key → column."""

FORGIVEN = {("payments", "payment_no"), ("customers", "name")}
"""Required columns whose blank cell is only a warning."""

MONEY_TABLES = ("documents", "payments", "bills")
"""Tables whose rows move a balance, so that each needs a currency of its own."""


@dataclass(slots=True)
class Run:
    """What every step of a check needs to know."""

    mapping: Mapping
    settings: Settings
    findings: Findings
    currency: str = ""
    """The one currency of all documents; empty where there are several."""
    document_currency: dict[str, str] = field(default_factory=dict)
    """Currency by document key, for allocations that name none."""

    def cells(self, source: int) -> bool:
        """Whether the source stores numbers as numbers (a workbook or database, not a text)."""
        found = self.findings.sources[source]
        if any(note.startswith("HTML") for note in found.notes):
            return False
        return not re.search(r"\.(csv|tsv|txt|html?|asc|dat)(\.gz)?$", found.file.lower())


@dataclass(slots=True)
class Sheet:
    """One table while its columns are read one after the other."""

    run: Run
    table: str
    frame: pl.DataFrame
    had: frozenset[str]
    """Columns that the file has, with at least one value."""

    def essential(self, column: Column) -> bool:
        """Whether a row without this value is of no use."""
        if (self.table, column.name) in FORGIVEN:
            return False
        always = {"kind", "currency"} if self.table in MONEY_TABLES else set()
        return column.required or column.name in always

    def fault(
        self, column: Column, code: str, wrong: pl.Series | pl.Expr, **extra: pl.Expr | str
    ) -> None:
        """Report rows; those that lack something essential are set aside."""
        rows = self.frame.filter(wrong)
        if rows.is_empty():
            return
        values = [
            pl.lit(v).alias(n) if isinstance(v, str) else v.alias(n) for n, v in extra.items()
        ]
        rows = rows.select("_source", "_row", pl.col(column.name).alias("value"), *values)
        grave = self.essential(column)
        self.run.findings.add(code, self.table, rows, column.name, "error" if grave else "warning")
        if grave:
            self.aside(code, wrong)

    def aside(self, code: str, wrong: pl.Series | pl.Expr) -> None:
        """Mark rows as not used; the first reason stays."""
        self.frame = self.frame.with_columns(
            pl.when(pl.col("_aside").is_null() & wrong)
            .then(pl.lit(code))
            .otherwise("_aside")
            .alias("_aside")
        )

    def put(self, name: str, values: pl.Series) -> None:
        """Replace the text of a column by its values; that of the amount stays as `_amount`."""
        if name == "amount":
            self.frame = self.frame.with_columns(pl.col(name).alias("_amount"))
        self.frame = self.frame.with_columns(values.alias(name))
