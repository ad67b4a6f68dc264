"""What rows say about each other: payments, credits, allocations, bills and the documents they name."""

from __future__ import annotations

import polars as pl

from receivables.ledger.check_documents import shown_money
from receivables.ledger.keys import folded, loosened
from receivables.ledger.sheet import Run


def links(used: dict[str, pl.DataFrame], aside: pl.DataFrame, run: Run) -> None:
    """Report every reference that leads nowhere or contradicts its target."""
    known = _known(used["documents"])
    gone = folded(aside.filter(pl.col("table") == "documents")["document_no"].drop_nulls())
    payments, documents = used["payments"], used["documents"]
    _unknown(payments, "document_no", payments["document_key"], known, gone, "payments", run)
    applied = folded(documents["applies_to"])
    _unknown(documents, "applies_to", applied, known, gone, "documents", run)
    allocations = used["allocations"]
    if allocations.height:
        keys = allocations["document_key"]
        _unknown(allocations, "document_no", keys, known, gone, "allocations", run)
        _credits(used, run)
    bills = used["bills"]
    if bills.height:
        _unknown(bills, "document_no", folded(bills["document_no"]), known, gone, "bills", run)
        _bills(bills, payments, run)
    _early(payments, known, run)
    _shared(documents, run)
    _near_documents(documents, run)


def _known(documents: pl.DataFrame) -> pl.DataFrame:
    return documents.group_by("document_key").agg(
        pl.col("issued_on").min().alias("issued"), pl.col("document_no").first().alias("known")
    )


def _unknown(
    frame: pl.DataFrame,
    column: str,
    keys: pl.Series,
    known: pl.DataFrame,
    gone: pl.Series,
    table: str,
    run: Run,
) -> None:
    """Rows that name a document which is not there: set aside, spelt otherwise, or unknown."""
    rows = frame.select("_source", "_row", pl.col(column).alias("value")).with_columns(
        keys.alias("document_key")
    )
    rows = rows.filter(pl.col("document_key").is_not_null())
    rows = rows.join(known, on="document_key", how="anti", maintain_order="left")
    if rows.is_empty():
        return
    was_aside = pl.col("document_key").is_in(gone.implode())
    run.findings.add("document_aside", table, rows.filter(was_aside), column)
    rows = rows.filter(~was_aside)
    near = known.select(
        loosened(known["document_key"]).alias("_loose"), pl.col("known").alias("near")
    )
    rows = rows.with_columns(loosened(rows["document_key"]).alias("_loose")).join(
        near.unique("_loose", keep="first", maintain_order=True),
        on="_loose", how="left", maintain_order="left",
    )  # fmt: skip
    spelt = pl.col("near").is_not_null()
    run.findings.add("document_spelling", table, rows.filter(spelt), column)
    run.findings.add("unknown_document", table, rows.filter(~spelt), column)


def _credits(used: dict[str, pl.DataFrame], run: Run) -> None:
    """Allocations from credits that are not there, or beyond what the credit is worth."""
    payments = used["payments"].select(
        pl.col("payment_key").alias("credit_key"),
        "currency",
        pl.col("amount").abs().alias("worth"),
    )
    notes = used["documents"].filter(pl.col("amount") < 0).select(
        pl.col("document_key").alias("credit_key"), "currency", pl.col("amount").abs().alias("worth")
    )  # fmt: skip
    worth = (
        pl.concat([payments, notes])
        .group_by("credit_key")
        .agg(pl.col("worth").sum(), pl.col("currency").first().alias("credit_currency"))
    )
    rows = used["allocations"].with_columns(pl.col("credit_no").alias("value"))
    rows = rows.join(worth, on="credit_key", how="left", maintain_order="left")
    lost = rows.filter(pl.col("worth").is_null())
    run.findings.add("unknown_credit", "allocations", lost, "credit_no")
    over = (
        rows.filter(pl.col("worth").is_not_null())
        .group_by("credit_key", maintain_order=True)
        .agg(
            pl.col("amount").sum().alias("given"),
            pl.col("worth").first(),
            pl.col("credit_currency").first().alias("currency"),
            pl.col("value").first(),
            pl.col("_source").last(),
            pl.col("_row").last(),
        )
        .filter(pl.col("given") > pl.col("worth"))
        .with_columns(
            shown_money("given", "currency").alias("allocated"),
            shown_money("worth", "currency").alias("amount"),
        )
    )
    run.findings.add("over_allocated", "allocations", over, "amount")


def _bills(bills: pl.DataFrame, payments: pl.DataFrame, run: Run) -> None:
    """Bills that Payments list too, by payment number or reference: the payment counts."""
    listed = pl.concat([payments["payment_key"], folded(payments["reference"])]).drop_nulls()
    twice = bills.filter(folded(bills["bill_no"]).is_in(listed.implode()))
    rows = twice.with_columns(pl.col("bill_no").alias("value"))
    run.findings.add("bill_twice", "bills", rows, "bill_no")
    bounced = payments.filter(pl.col("kind") == "bounced")
    named = pl.concat([folded(bounced["reverses"]), folded(bounced["reference"])]).drop_nulls()
    broken = rows.filter((pl.col("state") == "dishonoured").fill_null(value=False))
    open_ = broken.filter(~folded(broken["bill_no"]).is_in(named.implode()))
    run.findings.add("bill_bounced", "bills", open_, "state")


def _early(payments: pl.DataFrame, known: pl.DataFrame, run: Run) -> None:
    """Payments before their document was issued; advances may."""
    rows = payments.filter(pl.col("kind") == "payment").join(
        known, on="document_key", maintain_order="left"
    )
    rows = rows.filter(pl.col("paid_on") < pl.col("issued")).with_columns(
        pl.col("paid_on").cast(pl.String).alias("value")
    )
    run.findings.add("paid_before_issue", "payments", rows, "paid_on")


def _shared(documents: pl.DataFrame, run: Run) -> None:
    """One document number under several customers of a company: both count."""
    owners = documents.select("company", "document_key", "customer_key", "customer_id").unique(
        ["company", "document_key", "customer_key"], keep="first", maintain_order=True
    )
    key = ["company", "document_key"]
    shared = owners.filter(pl.struct(key).is_duplicated())
    if shared.is_empty():
        return
    every = shared.group_by(key, maintain_order=True).agg(pl.col("customer_id").alias("all"))
    rows = documents.join(every, on=key, maintain_order="left").unique(
        [*key, "customer_key"], keep="first", maintain_order=True
    )
    rows = rows.filter(pl.int_range(pl.len()).over(key) > 0).with_columns(
        pl.col("all").list.head(5).list.join(", ").alias("others"),
        pl.col("document_no").alias("value"),
    )
    run.findings.add("number_shared", "documents", rows, "document_no")


def _near_documents(documents: pl.DataFrame, run: Run) -> None:
    """Numbers of one customer that differ in leading zeros or punctuation only."""
    keys = documents.unique(["customer_key", "document_key"], keep="first", maintain_order=True)
    keys = keys.with_columns(loosened(keys["document_key"]).alias("_loose"))
    near = keys.filter(pl.struct("customer_key", "_loose").is_duplicated())
    if near.is_empty():
        return
    rows = near.group_by("customer_key", "_loose", maintain_order=True).agg(
        pl.col("_source").last(),
        pl.col("_row").last(),
        pl.col("document_no").last().alias("value"),
        pl.col("document_no").head(5).str.join(" · ").alias("spellings"),
    )
    run.findings.add("near_document", "documents", rows, "document_no")
