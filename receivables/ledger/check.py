"""Check a ledger: typed tables, everything that is wrong with them, and the rows not used."""

from __future__ import annotations

import difflib
from dataclasses import fields
from datetime import date
from functools import cache

import polars as pl

from receivables.errors import Issue, SettingsError
from receivables.ledger import (
    check_credit,
    check_customers,
    check_documents,
    check_links,
    check_rows,
)
from receivables.ledger.findings import Findings
from receivables.ledger.frame_types import typed_schema
from receivables.ledger.mapping import Mapping
from receivables.ledger.model import SET_ASIDE_SCHEMA, Ledger, RawLedger, RawTable
from receivables.ledger.schema import tables
from receivables.ledger.sheet import KEYS, MONEY_TABLES, Run
from receivables.ledger.typed import ERROR_CELL, typed
from receivables.settings import Settings


def check(
    raw: RawLedger,
    mapping: Mapping | None = None,
    settings: Settings | None = None,
    as_of: date | None = None,
) -> Ledger:
    """Turn the text of a ledger into typed tables; collect Issues; set aside what cannot be used.

    Nothing is dropped: for documents and payments, rows read = rows used + rows set aside, and
    so do the amounts.

    Args:
        raw: result of `read`.
        mapping: the mapping file, for codes, constants, decimal mark and date format.
        settings: settings of the run; those of the workbook fill what is at its default.
        as_of: only to count the rows that lie after it.
    """
    findings = Findings(raw.sources)
    settings = _settings(raw, settings or Settings(), findings)
    findings.language, findings.limit = settings.language, settings.max_issue_rows
    run = Run(mapping or Mapping(), settings, findings)
    found = _typed_tables(raw, run)
    found["customers"] = check_customers.once(found["customers"], run)
    found["documents"] = check_documents.documents(found["documents"], run)
    found["payments"] = check_documents.payments(found["payments"], run)
    check_documents.reversals(found, run)
    aside = pl.concat([_set_aside(name, frame) for name, frame in found.items()])
    parts = check_documents.undated_paid(found, run)
    used = {name: _used(name, frame) for name, frame in found.items()}
    used["customers"] = check_customers.customers(used, "customers" in raw.tables, run)
    used["documents"] = check_rows.filled(used, run)
    check_links.links(used, aside, run)
    check_rows.rows(used, run, run.mapping.extracted_on, as_of)
    check_credit.credit_file(used, run, as_of)
    return Ledger(
        tables=used,
        sources=raw.sources,
        issues=[*raw.issues, *findings.all()],
        set_aside=pl.concat([aside, parts]).sort("_source", "_row", maintain_order=True),
        kind=run.mapping.ledger_kind,
        extracted_on=run.mapping.extracted_on,
    )


def _typed_tables(raw: RawLedger, run: Run) -> dict[str, pl.DataFrame]:
    """Documents first: other tables lean on their currencies."""
    order = ["documents", *(name for name in tables() if name != "documents")]
    found: dict[str, pl.DataFrame] = {}
    for name in order:
        if name not in raw.tables:
            found[name] = _empty(name)
            continue
        part = raw.tables[name]
        if name == "customers":
            part = _without_errors(part, raw)
        found[name] = typed(part, run)
        if name == "documents":
            pairs = found[name].select("document_key", "currency").drop_nulls()
            codes = pairs["currency"].unique()
            run.currency = codes[0] if codes.len() == 1 else ""
            if "allocations" in raw.tables:
                run.document_currency = dict(pairs.iter_rows())
    return found


def _without_errors(part: RawTable, raw: RawLedger) -> RawTable:
    """Customers that reading took from another table: its faulty cells are reported there."""
    if "customer_id" not in part.frame.columns:
        return part
    own = [at for at, source in enumerate(raw.sources) if source.table == "customers"]
    faulty = pl.col("customer_id").str.contains(ERROR_CELL).fill_null(value=True)
    return RawTable(part.name, part.frame.filter(pl.col("_source").is_in(own) | ~faulty))


@cache
def _empty(name: str) -> pl.DataFrame:
    """A table that the file does not have, in the shape of a typed one."""
    texts: dict[str, pl.DataType] = dict.fromkeys(
        (*KEYS.get(name, {}), "_aside", "_amount"), pl.String()
    )
    return pl.DataFrame(schema=typed_schema(name) | texts)


def _used(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Rows that count, columns of the schema first, then keys, the user's own, and the place."""
    kept = frame.filter(pl.col("_aside").is_null()).drop("_aside", "_amount", strict=False)
    own = [column for column in typed_schema(name) if column not in {"_source", "_row"}]
    keys = list(KEYS.get(name, {}))
    extra = [column for column in kept.columns if column not in {*own, *keys, "_source", "_row"}]
    blank = [column for column in ("company", "account") if column in kept.columns]
    return kept.select(*own, *keys, *extra, "_source", "_row").with_columns(
        pl.col(blank).fill_null("")
    )


def _set_aside(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    rows = frame.filter(pl.col("_aside").is_not_null())
    nothing = pl.lit(None, pl.String)

    def text(column: str, blank: pl.Expr = nothing) -> pl.Expr:
        found = pl.col(column) if column in frame.columns else nothing
        return found.fill_null(blank).alias(column)

    moves = name in MONEY_TABLES
    amount = check_documents.acting(name) if moves else pl.lit(0, pl.Int64)
    number = {"payments": "payment_no", "bills": "bill_no"}.get(name, "document_no")
    shown = pl.col("_amount") if "_amount" in frame.columns else nothing
    return rows.select(
        pl.lit(name).alias("table"),
        pl.col("_aside").alias("code"),
        text("company", pl.lit("")),
        text("account", pl.lit("")),
        text("currency", pl.lit("")),
        text("customer_id"),
        text(number).alias("document_no"),
        amount.alias("amount"),
        shown.alias("amount_text"),
        "_source",
        "_row",
    ).cast(SET_ASIDE_SCHEMA)  # type: ignore[arg-type]


def _settings(raw: RawLedger, settings: Settings, findings: Findings) -> Settings:
    """The workbook's own settings, where the caller left the default."""
    default = Settings()
    known = {field.name for field in fields(Settings)}
    place = next((source.file for source in raw.sources), "")
    for name, value in raw.settings.items():
        if name in known and getattr(settings, name) != getattr(default, name):
            continue
        try:
            settings = settings.with_values({name: value})
        except SettingsError as fault:
            code = "bad_setting" if name in known else "unknown_setting"
            findings.found.append(
                ("settings", None, None, _setting_issue(code, name, place, fault))
            )
    return settings


def _setting_issue(code: str, name: str, file: str, fault: SettingsError) -> Issue:
    near = difflib.get_close_matches(name, [field.name for field in fields(Settings)], n=1)
    cure = f"Write {near[0]} in the Settings table." if near else "Correct the Settings table."
    return Issue(code, "error", "settings", file, "Settings", "", "name", name, str(fault), cure)
