"""Typed ledgers for tests, from a few words per row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl

from receivables.ledger.frame_types import typed_schema
from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger, Source

KEYS = {
    "documents": {"customer_key": "customer_id", "document_key": "document_no"},
    "payments": {
        "customer_key": "customer_id",
        "payment_key": "payment_no",
        "document_key": "document_no",
    },
    "allocations": {"credit_key": "credit_no", "document_key": "document_no"},
    "customers": {"customer_key": "customer_id"},
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "documents": {"company": "", "account": "", "currency": "EUR", "customer_id": "C1"},
    "payments": {
        "company": "",
        "account": "",
        "currency": "EUR",
        "customer_id": "C1",
        "kind": "payment",
    },
    "bills": {"company": "", "account": "", "currency": "EUR", "customer_id": "C1"},
}


def table(name: str, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """A checked table from rows that give only what matters."""
    schema = typed_schema(name)
    listed = [{**DEFAULTS.get(name, {}), **row} for row in rows]
    if name == "documents":
        listed = [_posted({**row}, "issued_on") for row in listed]
    if name == "payments":
        listed = [_posted({**row}, "paid_on") for row in listed]
    for number, row in enumerate(listed, start=2):
        row.setdefault("_source", 0)
        row.setdefault("_row", number)
    extra = {key: pl.String for row in listed for key in row if key not in schema}
    frame = pl.DataFrame(listed, schema={**schema, **extra}, orient="row")
    return frame.with_columns(
        folded(frame[source]).alias(key) for key, source in KEYS.get(name, {}).items()
    )


def ledger(**tables: Iterable[Mapping[str, Any]]) -> Ledger:
    """A checked ledger of the tables given, in minor units."""
    names = {*tables, "documents", "payments", "allocations", "bills", "customers"}
    return Ledger(
        tables={name: table(name, tables.get(name, [])) for name in names},
        sources=[Source(file="test", sheet="", table="", heading_row=1, letters={})],
    )


def _posted(row: dict[str, Any], fallback: str) -> dict[str, Any]:
    if row.get("posted_on") is None:
        row["posted_on"] = row[fallback]
    if row.get(fallback) is None:
        row[fallback] = row["posted_on"]
    return row


def day(text: str) -> date:
    """31 October 2026 as 2026-10-31, or 10-31 within 2026."""
    return date.fromisoformat(text if len(text) > 5 else f"2026-{text}")


def invoice(number: str, amount: int, on: str = "09-01", due: str | None = "10-01", **more):
    return {
        "document_no": number,
        "kind": "invoice",
        "amount": amount,
        "issued_on": day(on),
        "due_on": day(due) if due else None,
        **more,
    }


def credit(number: str, amount: int, on: str, applies_to: str | None = None, **more):
    return {
        "document_no": number,
        "kind": "credit_note",
        "amount": -amount,
        "issued_on": day(on),
        "applies_to": applies_to,
        **more,
    }


def payment(number: str, amount: int, on: str, document: str | None = None, **more):
    return {
        "payment_no": number,
        "amount": amount,
        "paid_on": day(on),
        "document_no": document,
        **more,
    }


def allocation(credit_no: str, document: str, amount: int, on: str, **more):
    return {
        "credit_no": credit_no,
        "document_no": document,
        "amount": amount,
        "applied_on": day(on),
        **more,
    }
