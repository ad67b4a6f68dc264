"""The generated ledger as the program's own tables, linked as the program links it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl

import receivables.ledger
from benchmarks import numbered
from benchmarks.generate import CACHE, Tables, tables
from receivables.ledger.frame_types import typed_schema
from receivables.ledger.link import link
from receivables.ledger.model import Ledger
from receivables.ledger.posted import Posted

LINK_LIMIT = 2_000_000
FRAMES = ("items", "adjustments", "applications", "parties")
HELPERS = {
    "customers": {"customer_key": "customer_id"},
    "documents": {"customer_key": "customer_id", "document_key": "document_no"},
    "payments": {"customer_key": "customer_id", "payment_key": "payment_no", "document_key": "document_no"},
    "allocations": {"credit_key": "credit_no", "document_key": "document_no"},
}  # fmt: skip


def posted(count: int) -> Posted:
    """The linked ledger with about that many documents, without the details of each item.

    Linking 10 million documents by their text numbers takes more memory than a small machine has;
    from two million on the same frames are made from the row numbers (`benchmarks.numbered`).
    """
    folder = CACHE / f"posted_{count}_{_program_version()}"
    if not (folder / "done").exists():
        folder.mkdir(parents=True, exist_ok=True)
        linked = numbered.posted(tables(count)) if count > LINK_LIMIT else linked_by_program(count)
        for name in FRAMES:
            getattr(linked, name).write_parquet(folder / f"{name}.parquet")
        linked.items.select("item").write_parquet(folder / "details.parquet")
        (folder / "done").touch()
    return Posted(*(pl.read_parquet(folder / f"{name}.parquet") for name in (*FRAMES, "details")))


def linked_by_program(count: int) -> Posted:
    """What `link` makes of the checked tables."""
    return link(ledger(tables(count)))


def ledger(made: Tables) -> Ledger:
    """The checked tables that a file with this ledger would give."""
    parts = {
        "customers": made.customers.select("customer_id", "name", "terms_days"),
        "documents": documents(made),
        "payments": payments(made),
        "allocations": allocations(made),
    }
    typed = {name: _typed(name, frame) for name, frame in parts.items()}
    return Ledger(typed, sources=[])


def documents(made: Tables) -> pl.DataFrame:
    """Documents with their numbers as text."""
    return made.documents.select(
        number("INV", "document").alias("document_no"),
        customer_id(made),
        pl.when(pl.col("amount") < 0)
        .then(pl.lit("credit_note"))
        .otherwise(pl.lit("invoice"))
        .alias("kind"),
        "issued_on",
        pl.col("issued_on").alias("posted_on"),
        "due_on",
        "currency",
        "amount",
    )


def payments(made: Tables) -> pl.DataFrame:
    """Payments; one that is matched on a later day names no document."""
    at_once = pl.col("matched_on") == pl.col("paid_on")
    return made.payments.select(
        number("PAY", "payment").alias("payment_no"),
        customer_id(made),
        pl.lit("payment").alias("kind"),
        "paid_on",
        pl.col("paid_on").alias("posted_on"),
        "currency",
        "amount",
        pl.when(at_once).then(number("INV", "document")).alias("document_no"),
    )


def allocations(made: Tables) -> pl.DataFrame:
    """Credit notes applied, and payments matched on a later day than they came."""
    later = made.payments.filter(pl.col("matched_on") > pl.col("paid_on"))
    return pl.concat(
        [
            made.applied.select(
                number("INV", "credit").alias("credit_no"),
                number("INV", "document").alias("document_no"),
                "amount",
                "applied_on",
            ),
            later.select(
                number("PAY", "payment").alias("credit_no"),
                number("INV", "document").alias("document_no"),
                "amount",
                pl.col("matched_on").alias("applied_on"),
            ),
        ]
    )


def number(prefix: str, column: str) -> pl.Expr:
    """A document number as an ERP prints it: INV-0000042."""
    return pl.format("{}-{}", pl.lit(prefix), pl.col(column).cast(pl.String).str.zfill(8))


def customer_id(made: Tables) -> pl.Expr:
    """The customer's key with its leading zeros."""
    return pl.lit(made.customers["customer_id"]).gather(pl.col("customer")).alias("customer_id")


def _typed(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    schema = typed_schema(name)
    given = {
        "company": pl.lit(""),
        "account": pl.lit(""),
        "_source": pl.lit(0, pl.Int32),
        "_row": pl.int_range(2, pl.len() + 2, dtype=pl.Int64),
    }
    columns = [
        pl.col(column).cast(kind)
        if column in frame.columns
        else given.get(column, pl.lit(None)).cast(kind).alias(column)
        for column, kind in schema.items()
    ]
    typed = frame.select(columns)
    helpers = [
        pl.col(source).str.to_lowercase().alias(key) for key, source in HELPERS[name].items()
    ]
    return typed.with_columns(helpers)


def _program_version() -> str:
    """Hash of the code that links, so that a change of it makes the ledger anew."""
    folder = Path(receivables.ledger.__file__).parent
    names = ("link", "linking", "postings", "posted")
    text = b"".join((folder / f"{name}.py").read_bytes() for name in names)
    return hashlib.sha256(text).hexdigest()[:8]
