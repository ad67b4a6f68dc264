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
    owed = _owed(opened)
    events = _events(ledger, opened.as_of)
    paid = _part_payments(opened)
    known: dict[Any, dict[str, Any]] = {}
    told = []
    asked = ("item", "customer_key", "due_on", "governing_law", "country")
    for item, key, due_on, governing, country in owed.select(asked).iter_rows():
        own = (*events.get(key, ()), *paid.get(item, ()))
        question = (due_on, governing or "", country or "", own)
        if question not in known:
            known[question] = _barred(*question, opened.as_of)
        told.append(known[question])
    found = pl.DataFrame(told, schema={name: DATES[name] for name in _TOLD}, orient="row")
    frame = pl.concat([owed, found], how="horizontal")
    return frame.select(pl.col(name).cast(kind) for name, kind in DATES.items()).sort(
        "barred_on", "customer_id", "document_no", "item", nulls_last=True
    )


_TOLD = ("law", "law_from", "event_on", "event", "barred_on", "days_left", "confirmed", "why")


def _owed(opened: OpenItems) -> pl.DataFrame:
    frame = opened.frame().filter(pl.col("open") > 0)
    lacking = [
        pl.lit(None, pl.String).alias(name)
        for name in ("governing_law", "country", "instalment")
        if name not in frame.columns
    ]
    return frame.with_columns(lacking)


def _barred(
    due_on: date | None,
    governing: str,
    country: str,
    events: tuple[tuple[date, str], ...],
    as_of: date,
) -> dict[str, Any]:
    law = known_law(governing) if governing else known_law(country)
    told: dict[str, Any] = dict.fromkeys(_TOLD)
    told |= {"law": law, "law_from": ("contract" if governing else "country") if law else ""}
    if due_on is None:
        return told | {"why": "no_due_date"}
    if law is None:
        return told | {"why": "law_unknown" if governing or country else "no_law"}
    found = _latest(due_on, law, list(events))
    if found is None:
        return told | {"why": "suspended"}
    last, event = found
    on, kind = event or (None, None)
    told |= {"event_on": on, "event": kind, "barred_on": last.on, "confirmed": last.confirmed}
    return told | {"days_left": (last.on - as_of).days}


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
