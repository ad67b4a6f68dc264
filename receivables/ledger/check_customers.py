"""Customers: who is missing, who stands twice, and whose numbers or names look alike."""

from __future__ import annotations

from collections import defaultdict

import polars as pl

from receivables.ledger.frame_types import typed_schema
from receivables.ledger.keys import loose_name, loosened
from receivables.ledger.sheet import Run

NAMED = ("documents", "payments")
"""Tables whose customers must exist."""


def customers(used: dict[str, pl.DataFrame], given: bool, run: Run) -> pl.DataFrame:
    """The Customers table, one row per number, with those that only documents name."""
    frame = _named(used["customers"], run)
    seen = _seen(used)
    _spellings(frame, seen, run)
    missing = seen.join(frame.select("customer_key"), on="customer_key", how="anti")
    _report_missing(missing, given, run)
    frame = pl.concat([frame, _made(missing, frame)], how="diagonal")
    _near_keys(frame, run)
    _near_names(frame, run)
    return frame


def once(frame: pl.DataFrame, run: Run) -> pl.DataFrame:
    """Mark the later rows of a customer number as not used."""
    free = pl.col("_aside").is_null()
    later = free & (free.cum_sum().over("customer_key") > 1)
    twice = frame.with_columns(
        pl.col("_row").filter(free).first().over("customer_key").alias("first"),
        pl.col("customer_id").alias("value"),
    ).filter(later)
    run.findings.add("customer_twice", "customers", twice, "customer_id")
    mark = pl.when(later).then(pl.lit("customer_twice")).otherwise("_aside")
    return frame.with_columns(mark.alias("_aside"))


def _named(frame: pl.DataFrame, run: Run) -> pl.DataFrame:
    nameless = frame.filter(pl.col("name").is_null())
    rows = nameless.with_columns(pl.col("customer_id").alias("value"))
    run.findings.add("name_missing", "customers", rows, "name")
    return frame.with_columns(pl.col("name").fill_null(pl.col("customer_id")))


def _seen(used: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Every customer that documents and payments name: first spelling, name, place, rows."""
    parts = [
        used[table].select(
            pl.lit(table).alias("table"),
            "customer_key",
            "customer_id",
            "customer_name",
            "_source",
            "_row",
        )
        for table in NAMED
    ]
    return (
        pl.concat(parts)
        .group_by("customer_key", maintain_order=True)
        .agg(
            pl.col("table").first(),
            pl.col("customer_id").first(),
            pl.col("customer_name").drop_nulls().first().alias("name"),
            pl.col("_source").first(),
            pl.col("_row").first(),
            pl.len().alias("count"),
            pl.col("customer_id").unique(maintain_order=True).alias("written"),
            pl.col("customer_name").drop_nulls().unique(maintain_order=True).alias("names"),
        )
    )


def _report_missing(missing: pl.DataFrame, given: bool, run: Run) -> None:
    if not given:
        if missing.height:
            run.findings.one("no_customers", "documents", "customer_id", count=missing.height)
        return
    for table in NAMED:
        rows = missing.filter(pl.col("table") == table)
        rows = rows.with_columns(pl.col("customer_id").alias("value"))
        run.findings.add("unknown_customer", table, rows, "customer_id")


def _made(missing: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    columns = {n: t for n, t in typed_schema("customers").items() if n in frame.columns}
    made = missing.select(
        "customer_key",
        "customer_id",
        pl.coalesce("name", "customer_id").alias("name"),
        pl.lit("").alias("company"),
        "_source",
        "_row",
    )
    return made.cast({n: t for n, t in columns.items() if n in made.columns})


def _spellings(frame: pl.DataFrame, seen: pl.DataFrame, run: Run) -> None:
    """One number or one customer's name written in several ways."""
    listed = frame.select(
        "customer_key", pl.col("customer_id").alias("listed"), pl.col("name").alias("known")
    )
    both = seen.join(listed, on="customer_key", how="left", maintain_order="left")
    for code, column, texts, first in (
        ("key_spelling", "customer_id", "written", "listed"),
        ("name_spellings", "customer_name", "names", "known"),
    ):
        every = pl.concat_list(pl.concat_list(first).list.drop_nulls(), texts)
        rows = both.with_columns(every.list.unique(maintain_order=True).alias("all"))
        rows = rows.filter(pl.col("all").list.len() > 1).with_columns(
            pl.col("all").list.head(5).list.join(" · ").alias("spellings"),
            pl.col("customer_id").alias("value"),
        )
        for table in NAMED:
            run.findings.add(code, table, rows.filter(pl.col("table") == table), column)


def _near_keys(frame: pl.DataFrame, run: Run) -> None:
    """Numbers that differ in leading zeros or punctuation only."""
    near = (
        frame.with_columns(loosened(frame["customer_key"]).alias("_loose"))
        .filter(pl.col("_loose").is_duplicated())
        .group_by("_loose", maintain_order=True)
        .agg(
            pl.col("_source").last(),
            pl.col("_row").last(),
            pl.col("customer_id").last().alias("value"),
            pl.col("customer_id").head(5).str.join(" · ").alias("spellings"),
        )
    )
    run.findings.add("near_key", "customers", near, "customer_id")


def _near_names(frame: pl.DataFrame, run: Run) -> None:
    """Names that are one without case, punctuation and accents; legal forms must not differ."""
    groups: dict[str, list[int]] = defaultdict(list)
    forms: list[str] = []
    names = frame["name"].to_list()
    for at, name in enumerate(names):
        base, form = loose_name(name)
        forms.append(form)
        groups[base].append(at)
    found = []
    for base, places in groups.items():
        alike = _same_form(places, forms) if base and len(places) > 1 else []
        if len(alike) > 1:
            found.append(_name_row(frame, alike))
    if found:
        run.findings.add("near_name", "customers", pl.DataFrame(found), "name")


def _same_form(places: list[int], forms: list[str]) -> list[int]:
    """Those of a group whose legal form is that of another, or not given."""
    known = [forms[at] for at in places]
    return [at for at in places if not forms[at] or known.count(forms[at]) > 1 or "" in known]


def _name_row(frame: pl.DataFrame, places: list[int]) -> dict[str, object]:
    rows = frame.select("_source", "_row", "customer_id", "name")[places]
    return {
        "_source": rows["_source"][-1],
        "_row": rows["_row"][-1],
        "value": rows["name"][-1],
        "numbers": " · ".join(rows["customer_id"].head(5)),
        "spellings": " · ".join(rows["name"].head(5)),
    }
