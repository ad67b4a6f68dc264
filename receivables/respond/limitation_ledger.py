"""Which open debts are barred by time, and when: due date, law of the contract, what interrupted it."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from receivables.errors import NotAvailableError
from receivables.ledger.engines import collect
from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger
from receivables.ledger.open import OpenItems
from receivables.respond.limitation import Limitation, event_in_ledger, known_law, limitation_date

DATES: dict[str, pl.DataType] = {
    "item": pl.Int64(), "customer_id": pl.String(), "name": pl.String(), "document_no": pl.String(),
    "instalment": pl.String(), "currency": pl.String(), "open": pl.Int64(), "due_on": pl.Date(),
    "law": pl.String(), "law_from": pl.String(), "event_on": pl.Date(), "event": pl.String(),
    "barred_on": pl.Date(), "days_left": pl.Int64(), "confirmed": pl.Boolean(), "why": pl.String(),
}  # fmt: skip
"""One row per open debit. `barred_on` is the last day to claim it; null with the reason in `why`.
`law_from`: contract (governing_law) or country (of the customer: a guess to be confirmed)."""


def limitation_dates(ledger: Ledger, opened: OpenItems) -> pl.DataFrame:
    """Last day of every open debt before it is barred, soonest first.

    Interrupted by events of the customer (Events: acknowledgement, balance confirmation, demand …)
    and by part-payments that were matched to the document. The event that gives the latest date counts.

    Args:
        ledger: Events.
        opened: open items as of the date.
    """
    owed = opened.frame().filter(pl.col("open") > 0)
    events = _events(ledger, opened.as_of)
    paid = _part_payments(opened)
    rows = [
        _row(row, [*events.get(row["customer_key"], ()), *paid.get(row["item"], ())], opened.as_of)
        for row in owed.iter_rows(named=True)
    ]
    return pl.DataFrame(rows, schema=DATES, orient="row").sort(
        "barred_on", "customer_id", "document_no", nulls_last=True
    )


def _row(row: dict[str, Any], events: list[tuple[date, str]], as_of: date) -> dict[str, Any]:
    told = {name: row.get(name) for name in DATES} | {
        "instalment": str(row.get("instalment") or "") or None
    }
    governing, country = row.get("governing_law"), row.get("country")
    law = known_law(governing or "") or (None if governing else known_law(country or ""))
    told |= {"law": law, "law_from": "contract" if governing and law else "country" if law else ""}
    if row["due_on"] is None:
        return told | {"why": "no_due_date"}
    if law is None:
        return told | {"why": "law_unknown" if governing or country else "no_law"}
    found = _latest(row["due_on"], law, events)
    if found is None:
        return told | {"why": "suspended"}
    last, event = found
    return told | {
        "event_on": event[0] if event else None,
        "event": event[1] if event else None,
        "barred_on": last.on,
        "days_left": (last.on - as_of).days,
        "confirmed": last.confirmed,
    }


def _latest(
    due_on: date, law: str, events: list[tuple[date, str]]
) -> tuple[Limitation, tuple[date, str] | None] | None:
    """The last day after every event in its turn; None where the time is suspended."""
    found, told = limitation_date(due_on, law), None
    for on, kind in sorted(one for one in events if one[0] > due_on):
        if on > found.on:
            break
        try:
            after = limitation_date(due_on, law, on, kind) if told is None else _again(found, law, on, kind, due_on)  # fmt: skip
        except NotAvailableError:
            return None
        if after.on > found.on:
            found, told = after, (on, kind)
    return found, told


def _again(before: Limitation, law: str, on: date, kind: str, due_on: date) -> Limitation:
    """A further event within the time that an earlier one opened: counted from it, not the due date."""
    after = limitation_date(max(before.counted_from, due_on), law, on, kind)
    return after if after.counted_from == on else before


def _events(ledger: Ledger, as_of: date) -> dict[str, list[tuple[date, str]]]:
    frame = ledger["events"]
    rows = frame.with_columns(folded(frame["customer_id"]).alias("key")).filter(
        pl.col("on") <= as_of, pl.coalesce("known_on", "on") <= as_of
    )
    found: dict[str, list[tuple[date, str]]] = {}
    for key, on, kind in rows.select("key", "on", "kind").iter_rows():
        counted = event_in_ledger(kind or "")
        if counted:
            found.setdefault(key, []).append((on, counted))
    return found


def _part_payments(opened: OpenItems) -> dict[int, list[tuple[date, str]]]:
    """Money matched to a document that is still open: a part-payment of that day."""
    rows = collect(opened.applied).filter(pl.col("paid")).select("doc", "matched_on").unique()
    found: dict[int, list[tuple[date, str]]] = {}
    for doc, on in rows.iter_rows():
        found.setdefault(doc, []).append((on, "part_payment"))
    return found
