"""An insolvency is work with a deadline: proof of claim, retention of title, interest, insurer."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from functools import cache
from typing import Any

import polars as pl

from receivables.days import edate
from receivables.errors import NotAvailableError
from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger
from receivables.ledger.open import OpenItems
from receivables.ledger.spelling import fold
from receivables.monitor.country import find_country
from receivables.monitor.warnings_signals import INSOLVENCY, signal_of
from receivables.resources import data_rows

TASKS: dict[str, pl.DataType] = {
    "customer_key": pl.String(), "customer_id": pl.String(), "name": pl.String(),
    "currency": pl.String(), "open": pl.Int64(), "opened_on": pl.Date(), "known_on": pl.Date(),
    "task": pl.String(), "due_on": pl.Date(),
}  # fmt: skip
"""One row per customer, currency and thing to do; `open` in minor units. `due_on` null = the court says."""


def insolvency_tasks(
    ledger: Ledger, opened: OpenItems, *, insured: Collection[str] = ()
) -> pl.DataFrame:
    """What is still to do for customers whose insolvency is known (`data/insolvency_tasks.csv`).

    The proof of claim counts from the opening, by the law of the customer's country; the rest is due
    when the insolvency became known. An event that says so ends a task ("proof of claim filed").

    Args:
        ledger: Events.
        opened: open items as of the date.
        insured: customer_keys with insured debt; only they have an insurer to tell.
    """
    cases = _cases(ledger, opened.as_of)
    owed = _owed(opened)
    rows: list[dict[str, Any]] = []
    for debtor in owed.iter_rows(named=True):
        case = cases.get(debtor["customer_key"])
        if case:
            on, known, ended = case
            tasks = _tasks(_law(debtor["country"]), debtor["customer_key"] in insured)
            rows += [
                debtor | {"opened_on": on, "known_on": known, "task": task, "due_on": _due(task, months, on, known)}
                for task, months in tasks
                if task not in ended
            ]  # fmt: skip
    return pl.DataFrame(rows, schema={**TASKS, "country": pl.String()}, orient="row").select(
        *TASKS
    )


def _law(country: str | None) -> str:
    try:
        return find_country(country or "").alpha2
    except NotAvailableError:
        return ""


def _due(task: str, months: int | None, opened_on: date, known_on: date) -> date | None:
    if months is None:
        return None
    return edate(opened_on, months) if task == "proof_of_claim" else known_on


def _tasks(law: str, insured: bool) -> Iterator[tuple[str, int | None]]:
    """Tasks of a law; the row without a law stands for all others."""
    told = set()
    for row in data_rows("insolvency_tasks.csv"):
        fits = row["law"] in {"", law} and (insured or row["insured_only"] == "no")
        if fits and row["task"] not in told:
            told.add(row["task"])
            yield row["task"], int(row["months"]) if row["months"] else None


def _cases(ledger: Ledger, as_of: date) -> dict[str, tuple[date, date, set[str]]]:
    """By customer: opened on, known on, and the tasks that are done."""
    frame = ledger["events"].with_columns(
        folded(ledger["events"]["customer_id"]).alias("key"),
        pl.max_horizontal("on", pl.coalesce("known_on", "on")).alias("known"),
    )
    rows = frame.filter(pl.col("known") <= as_of).sort("known", "on")
    found: dict[str, tuple[date, date, set[str]]] = {}
    for key, on, known, kind in rows.select("key", "on", "known", "kind").iter_rows():
        if signal_of(kind or "") == INSOLVENCY:
            found.setdefault(key, (on, known, set()))
        elif key in found and fold(kind or "") in _done():
            found[key][2].add(_done()[fold(kind)])
    return found


@cache
def _done() -> dict[str, str]:
    return {
        fold(word): row["task"]
        for row in data_rows("insolvency_tasks.csv")
        for word in row["done_words"].split("|")
    }


def _owed(opened: OpenItems) -> pl.DataFrame:
    frame = opened.frame()
    country = pl.col("country") if "country" in frame.columns else pl.lit(None, pl.String)
    return (
        frame.with_columns(country.alias("country"))
        .group_by("customer_key", "currency")
        .agg(pl.col("customer_id", "name", "country").first(), pl.col("open").sum())
        .filter(pl.col("open") > 0)
        .sort("customer_key", "currency")
    )
