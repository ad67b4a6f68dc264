"""Credit sales of each month: from the Sales table, and from the documents where it is silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from receivables.ledger.model import Ledger
from receivables.ledger.posted import Posted

SALES_KINDS = ("invoice", "debit_note", "credit_note", "retention")
"""Documents that are sales. A reversal of one of them takes it back; a write-off is no sale."""

KEYS: dict[str, tuple[str, ...]] = {
    "month": ("currency",),
    "company": ("company", "currency"),
    "customer": ("customer_key", "currency"),
}
"""What a table by month, company or customer is kept apart by; currencies always."""

BOOK = ["company", "currency", "month_end"]


@dataclass(frozen=True, slots=True)
class MonthlySales:
    """Sales per key and month, and what has to be said about them.

    `frame`: the key columns, month_end, `sales` (int64 minor units; null = not known), `source`
    (table, documents or both) and `untaxed`, the documents whose tax is not known. `untaxed`: sales documents whose tax is not known, though the net
    was asked for. `filled`: months taken from the documents although there is a Sales table.
    `unsplit`: the Sales table names no companies, so it could not serve.
    """

    frame: pl.DataFrame
    untaxed: int = 0
    filled: int = 0
    unsplit: bool = False


def monthly_sales(ledger: Ledger, posted: Posted, by: str, basis: str, last: date) -> MonthlySales:
    """Credit sales per month: invoices, debit notes and retentions less credit notes, as posted.

    The Sales table (company, month, currency) wins; it knows no customers, so these are read from
    the documents. An open-item list is no record of sales: there the table alone counts.

    Args:
        ledger: checked tables.
        posted: the linked ledger.
        by: month, company or customer.
        basis: `gross` (with tax) or `net`.
        last: last month end; sales of later months are not there yet.
    """
    documents = document_sales(posted).filter(pl.col("month_end") <= last)
    whole = ledger.kind == "full"
    table = pl.DataFrame() if by == "customer" else table_sales(ledger["sales"], basis, last)
    unsplit = _unsplit(table, documents)
    if unsplit and by == "company":
        table = pl.DataFrame()
    book = [name for name in BOOK if name != "company"] if unsplit and by == "month" else BOOK
    keys = [*KEYS[by], "month_end"]
    used = documents if whole else documents.clear()
    level = keys if by == "customer" else book
    own = _from_documents(used, level, basis)
    merged, filled = (own, 0) if table.is_empty() else _merged(own, table, book, whole=whole)
    summed = merged.group_by(keys).agg(
        pl.when(pl.col("sales").is_not_null().all()).then(pl.col("sales").sum()).alias("sales"),
        pl.col("untaxed").sum(),
        pl.col("source").unique().sort(),
    )
    labels = pl.when(pl.col("source").list.len() > 1).then(pl.lit("both"))
    frame = summed.with_columns(labels.otherwise(pl.col("source").list.first()).alias("source"))
    untaxed = int(merged["untaxed"].sum()) if basis == "net" else 0
    return MonthlySales(frame, untaxed, filled, unsplit and by == "company")


def document_sales(posted: Posted) -> pl.DataFrame:
    """Every sales document: company, currency, customer_key, month_end, amount, tax_amount."""
    rows = posted.details.filter(pl.col("table") == "documents")
    sold = rows.filter(pl.col("kind").is_in(SALES_KINDS))
    keys = ["company", "account", "currency", "customer_key"]
    targets = sold.select(*keys, pl.col("document_key").alias("reverses")).unique()
    taken_back = rows.filter(pl.col("kind") == "reversal").join(
        targets, on=[*keys, "reverses"], how="semi"
    )
    return pl.concat([sold, taken_back]).select(
        "item",
        "company",
        "currency",
        "customer_key",
        pl.col("posted_on").dt.month_end().alias("month_end"),
        "amount",
        pl.col("tax_amount").cast(pl.Int64),
    )


def table_sales(sales: pl.DataFrame, basis: str, last: date) -> pl.DataFrame:
    """The Sales table per company, currency and month; rows without a figure on this basis go."""
    return (
        sales.with_columns(
            pl.col("month").dt.month_end().alias("month_end"), pl.col("company").fill_null("")
        )
        .filter(pl.col(basis).is_not_null() & (pl.col("month_end") <= last))
        .group_by(BOOK)
        .agg(pl.col(basis).sum().alias("listed"))
    )


def first_months(frame: pl.DataFrame) -> dict[str, date]:
    """First month with known sales per currency."""
    known = frame.filter(pl.col("sales").is_not_null())
    return dict(known.group_by("currency").agg(pl.col("month_end").min()).iter_rows())


def _from_documents(documents: pl.DataFrame, level: list[str], basis: str) -> pl.DataFrame:
    tax = pl.col("tax_amount").fill_null(0).abs() * pl.col("amount").sign()
    worth = pl.col("amount") if basis == "gross" else pl.col("amount") - tax
    unknown = pl.col("tax_amount").is_null().sum().cast(pl.Int64)
    return (
        documents.group_by(level)
        .agg(
            worth.sum().alias("sales"),
            unknown.alias("untaxed"),
            pl.lit("documents").alias("source"),
        )
        .with_columns(pl.col("source").cast(pl.String))
    )


def _merged(
    own: pl.DataFrame, table: pl.DataFrame, book: list[str], *, whole: bool
) -> tuple[pl.DataFrame, int]:
    """Table rows, and documents where the table has no row for a book and month."""
    listed = table.group_by(book).agg(pl.col("listed").sum())
    both = own.join(listed, on=book, how="full", coalesce=True)
    there = pl.col("listed").is_not_null()
    merged = both.with_columns(
        pl.coalesce("listed", "sales").alias("sales"),
        pl.when(there).then(0).otherwise(pl.col("untaxed").fill_null(0)).alias("untaxed"),
        pl.when(there).then(pl.lit("table")).otherwise(pl.lit("documents")).alias("source"),
    )
    filled = both.filter(~there).height if whole else 0
    return merged.drop("listed"), filled


def _unsplit(table: pl.DataFrame, documents: pl.DataFrame) -> bool:
    if table.is_empty():
        return False
    return "" in table["company"] and bool((documents["company"] != "").any())
