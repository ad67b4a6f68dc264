"""What a single row or column gives away: dates out of order, cut texts, formulas, noughts."""

from __future__ import annotations

from datetime import date

import polars as pl

from receivables.ledger.schema import tables
from receivables.ledger.sheet import Run

LIMITS = (10, 15, 16, 20, 24, 25, 30, 32, 35, 40, 50, 60, 64, 80, 100, 128, 250, 254, 255, 256)
"""Widths at which exports usually cut a text."""

DATED = {"documents": ("issued_on", "posted_on"), "payments": ("paid_on", "posted_on")}
FORMULA = r"^(?:[=@]|[+-]\s*[^\d\s.,(+-])"
FORMULA_DIGITS = r"^[+-].*[=@!|]"
FORMULA_SKIP = {"phone"}


def filled(used: dict[str, pl.DataFrame], run: Run) -> pl.DataFrame:
    """Documents and payments with posting dates, and due dates from the customer's terms."""
    payments = used["payments"]
    used["payments"] = payments.with_columns(
        pl.coalesce("posted_on", "paid_on").alias("posted_on")
    )
    terms = used["customers"].select("customer_key", pl.col("terms_days").alias("_terms"))
    documents = used["documents"].join(
        terms.drop_nulls(), on="customer_key", how="left", maintain_order="left"
    )
    days = pl.duration(days=pl.col("_terms"))
    owed = pl.col("amount") > 0  # nobody grants terms on a credit
    made = pl.col("due_on").is_null() & pl.col("_terms").is_not_null() & owed
    count = int(documents.select(made.sum()).item() or 0)
    if count:
        run.findings.one("due_from_terms", "documents", "due_on", count=f"{count:,}")
    return documents.with_columns(
        pl.coalesce("posted_on", "issued_on").alias("posted_on"),
        pl.when(made).then(pl.col("issued_on") + days).otherwise("due_on").alias("due_on"),
    ).drop("_terms")


def rows(
    used: dict[str, pl.DataFrame], run: Run, extracted_on: date | None, as_of: date | None
) -> None:
    """Report what single rows and columns give away."""
    documents = used["documents"]
    early = documents.filter(pl.col("due_on") < pl.col("issued_on")).with_columns(
        pl.col("due_on").cast(pl.String).alias("value"), pl.col("issued_on").alias("issued")
    )
    run.findings.add("due_before_issue", "documents", early, "due_on")
    settled = documents.filter(pl.col("settled_on") < pl.col("issued_on")).with_columns(
        pl.col("settled_on").cast(pl.String).alias("value"), pl.col("issued_on").alias("issued")
    )
    run.findings.add("paid_before_issue", "documents", settled, "settled_on")
    numberless = used["payments"].filter(pl.col("payment_no").is_null())
    run.findings.add("payment_no_missing", "payments", numberless, "payment_no")
    for table, columns in DATED.items():
        frame = used[table]
        nought = frame.filter(pl.col("amount") == 0).with_columns(pl.lit("0").alias("value"))
        run.findings.add("amount_zero", table, nought, "amount")
        _future(frame, table, columns, extracted_on, as_of, run)
    for table in ("customers", "documents", "payments"):
        _texts(used[table], table, run)


def _future(
    frame: pl.DataFrame,
    table: str,
    columns: tuple[str, ...],
    extracted_on: date | None,
    as_of: date | None,
    run: Run,
) -> None:
    if extracted_on is not None:
        for name in columns:
            late = frame.filter(pl.col(name) > extracted_on)
            if name == "posted_on":
                late = late.filter(~(pl.col(columns[0]) > extracted_on))
            late = late.with_columns(
                pl.col(name).cast(pl.String).alias("value"),
                pl.lit(extracted_on).alias("extracted"),
            )
            run.findings.add("future_date", table, late, name)
    if as_of is not None:
        after = int(frame.select((pl.col("posted_on") > as_of).sum()).item() or 0)
        if after:
            run.findings.one("after_as_of", table, "posted_on", count=f"{after:,}", as_of=as_of)


def _texts(frame: pl.DataFrame, table: str, run: Run) -> None:
    """Texts that look like formulas, and columns that an export has cut."""
    columns = tables()[table]
    for name, kind in frame.schema.items():
        own = name in columns
        if kind != pl.String or name.startswith("_") or name.endswith("_key"):
            continue
        if own and columns[name].type not in {"text", "key"}:
            continue
        texts = frame[name]
        if texts.null_count() == texts.len():
            continue
        if name not in FORMULA_SKIP:
            _formulas(frame, table, name, run)
        if not own or columns[name].type == "text":
            _cut(frame, table, name, run)


def _formulas(frame: pl.DataFrame, table: str, name: str, run: Run) -> None:
    text = pl.col(name)
    sign = text.str.head(1).is_in(["=", "@", "+", "-"])
    found = frame.filter(sign)
    if found.is_empty():
        return
    found = found.filter(text.str.contains(FORMULA) | text.str.contains(FORMULA_DIGITS))
    run.findings.add("formula_text", table, found.with_columns(text.alias("value")), name)


def _cut(frame: pl.DataFrame, table: str, name: str, run: Run) -> None:
    """At least three different texts end at one usual width, more than just below it.

    Texts that differ in their digits only are numbered, not cut.
    """
    lengths = pl.col(name).str.len_chars()
    parts = frame.select("_source", pl.col(name).alias("text"), lengths.alias("size")).drop_nulls()
    longest = parts.group_by("_source").agg(pl.col("size").max().alias("most"))
    longest = longest.filter(pl.col("most").is_in(LIMITS))
    for source, most in longest.sort("_source").rows():
        near = parts.filter((pl.col("_source") == source) & (pl.col("size") >= most - 2))
        near = near.with_columns(pl.col("text").str.replace_all(r"\d", "0")).unique("text")
        at_end = near.filter(pl.col("size") == most)
        below = near.height - at_end.height
        wordy = at_end["text"].str.contains(r"\S\s+\S|\p{Han}").sum()
        shorter = parts.filter((pl.col("_source") == source) & (pl.col("size") < most)).height
        if at_end.height < 3 or at_end.height <= below or wordy * 2 < at_end.height or not shorter:
            continue
        first = frame.filter(
            (pl.col("_source") == source) & (pl.col(name).str.len_chars() == most)
        ).head(1)
        first = first.with_columns(
            pl.col(name).alias("value"),
            pl.lit(at_end.height).alias("count"),
            pl.lit(most).alias("length"),
        )
        run.findings.add("cut_text", table, first, name)
