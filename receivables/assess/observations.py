"""What was known of each customer at past month ends, and what came after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from receivables.assess.factor_rows import factor_rows
from receivables.assess.grade_rules import rule
from receivables.assess.known import known_at
from receivables.assess.outcomes import Outcome, lateness, of_customers, of_invoices
from receivables.assess.pay_history import settled
from receivables.days import edate, month_end
from receivables.errors import NotAvailableError
from receivables.ledger.model import Ledger
from receivables.ledger.posted import Posted
from receivables.monitor.warnings_periods import claims

Told = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Observations:
    """What was known at past month ends, and what came.

    `frame`: as_of, customer_key, event, already, every factor, past_late_rate. One row per customer
    and month end, or per invoice of the month after it.
    """

    outcome: Outcome
    until: date
    frame: pl.DataFrame


def observations(
    posted: Posted,
    ledger: Ledger,
    outcome: Outcome,
    until: date,
    *,
    first: date | None = None,
    last: date | None = None,
    history_months: int | None = None,
    engine: str = "polars",
    told: Told | None = None,
) -> Observations:
    """Factor rows at past month ends with what came after, as known `until` a date.

    Args:
        posted: the linked ledger.
        ledger: its checked tables.
        outcome: what is looked for.
        until: last day that is known; nothing later is used, neither for factors nor for outcomes.
        first: first month end, default some months after the first posting.
        last: last month end, default the last whose outcome is known.
        history_months: how far back payments count.
        engine: polars, duckdb, pandas or pyspark.
        told: called with (what, done, of how many).

    Raises:
        NotAvailableError: a list of open items; no month end with a known outcome.
    """
    if ledger.kind == "open_items":
        raise NotAvailableError(
            "A list of open items holds no past to test grades on. Export all postings."
        )
    there = known_at(ledger, posted, until)
    found = settled(there, until, disputes=ledger["disputes"], engine=engine)
    late = lateness(found, outcome.days, claims(there, ledger["disputes"]))
    ends = _month_ends(posted, outcome, until, first, last)
    parts = []
    for number, end in enumerate(ends, 1):
        came = (
            of_invoices(late, end)
            if outcome.per == "invoice"
            else of_customers(late, end, outcome.horizon)
        )
        known = factor_rows(
            posted, ledger, end, history_months=history_months, engine=engine
        ).frame
        rows = came.join(known, on="customer_key", how="left", maintain_order="left")
        parts.append(rows.select(pl.lit(end).alias("as_of"), pl.all()))
        if told:
            told("grading month ends", number, len(ends))
    frame = pl.concat(parts).sort("as_of", "customer_key", "event", maintain_order=True)
    return Observations(outcome, until, frame)


def last_known(ledger: Ledger, posted: Posted) -> date:
    """The last day that a ledger can speak of: its extract, else its last posting or settlement.

    Raises:
        NotAvailableError: nothing was posted.
    """
    days = [
        ledger.extracted_on, posted.items["posted_on"].max(), posted.adjustments["ready_on"].max(),
        posted.details["posted_on"].max(),
    ]  # fmt: skip
    known = [day for day in days if isinstance(day, date)]
    if not known:
        raise NotAvailableError("Nothing was posted: there is no past to test grades on.")
    return ledger.extracted_on or max(known)


def enough(events: pl.Series, outcome: Outcome) -> None:
    """Refuse to measure on a handful of events.

    Raises:
        NotAvailableError: fewer events, or fewer others, than `data/grade_rules.csv` asks for.
    """
    needed, count = int(rule("least_events")), int(events.sum())
    others = len(events) - count
    if min(count, others) < needed:
        raise NotAvailableError(
            f"{count} events and {others} others for {outcome.name} ({outcome.text}): at least {needed} "
            "of each are needed, else the figures say nothing. Give a longer export, more customers, "
            "or another outcome."
        )


def _month_ends(
    posted: Posted, outcome: Outcome, until: date, first: date | None, last: date | None
) -> list[date]:
    begun = posted.items["posted_on"].min()
    if not isinstance(begun, date):
        raise NotAvailableError("Nothing was posted: there is no past to test grades on.")
    start = first or edate(begun, int(rule("warm_up_months")))
    stop = until - timedelta(days=outcome.horizon or 1)
    stop = min(stop, last) if last else stop
    found, end = [], month_end(start)
    while end <= stop:
        found.append(end)
        end = month_end(edate(end.replace(day=1), 1))
    if not found:
        raise NotAvailableError(
            f"There is no month end from {start} to {stop} whose outcome is known by {until}: a backtest "
            f"needs {int(rule('warm_up_months'))} months of history and {outcome.horizon} days after. "
            "Give a longer export."
        )
    return found
