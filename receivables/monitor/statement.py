"""The statement of account of one customer: every posting, the running balance, what is open."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import narwhals as nw
import polars as pl

from receivables.errors import BadValueError, NotAvailableError
from receivables.ledger.keys import fold
from receivables.ledger.open import OpenItems
from receivables.ledger.posted import Posted
from receivables.monitor.aging import AgingTable, age
from receivables.monitor.buckets import CURRENT, NO_DATE, Buckets
from receivables.monitor.statement_shape import Account, Line, OpenLine, Statement, clean

ABOUT = ("address", "contact", "email", "phone", "registration_no", "tax_no")
"""What is printed of the customer beside number and name."""

REFERENCES = ("po_no", "order_no", "reference", "applies_to", "reverses")
"""Where a line's reference comes from, first that is filled."""

LANGUAGES = ("en", "zh")


def statement(
    posted: Posted,
    opened: OpenItems,
    customer: str,
    *,
    start: date | None = None,
    company: str | None = None,
    currency: str | None = None,
    buckets: Buckets | None = None,
    language: str = "",
) -> Statement:
    """Opening balance, every posting from `start` to the as-of date, closing balance, aging.

    Documents, payments, reversals and bills come in the order of their posting date; money noted
    on a document itself and dishonoured bills are lines of their own. Each company and currency
    has its own account, for currencies never add up.

    Args:
        posted: the linked ledger.
        opened: its open items as of the last day of the statement.
        customer: customer number; case, width and outer blanks do not matter, zeros do.
        start: first day shown; default the first posting.
        company: one company only.
        currency: one currency only.
        buckets: of the aged summary, by due date unless the preset says otherwise.
        language: en or zh; default the customer's language.

    Raises:
        NotAvailableError: no such customer among the postings; the message names the nearest.
        BadValueError: `start` after the as-of date, or an unknown language.
    """
    if start and start > opened.as_of:
        raise BadValueError(
            f"The statement starts {start}, after its last day {opened.as_of}. Give an earlier start."
        )
    parties = _parties(posted, customer, company, currency)
    who = parties.row(0, named=True)
    found = replace(
        opened, items=opened.items.filter(nw.col("party").is_in(parties["party"].to_list()))
    )
    aged = age(found, by=("company",), buckets=buckets)
    lines = _postings(posted, who["customer_key"], opened.as_of)
    items = found.frame()
    books = parties.select("company", "currency").unique().sort("company", "currency")
    accounts = [
        _account(company, code, start, lines, items, aged) for company, code in books.iter_rows()
    ]
    return Statement(
        customer_id=who["customer_id"],
        name=who["name"],
        about={name: clean(who[name]) for name in ABOUT if who.get(name)},
        as_of=opened.as_of,
        start=start
        or min((line.on for account in accounts for line in account.lines), default=None),
        language=_language(language, who.get("language")),
        accounts=tuple(account for account in accounts if account.lines or account.opening),
    )


def _parties(
    posted: Posted, customer: str, company: str | None, currency: str | None
) -> pl.DataFrame:
    parties = posted.parties.filter(pl.col("customer_key") == fold(customer)).sort("party")
    if parties.is_empty():
        known = posted.parties["customer_id"].unique().to_list()
        names = dict(posted.parties.select("name", "customer_id").iter_rows())
        near = (
            [names[customer]]
            if customer in names
            else difflib.get_close_matches(customer, known, n=1)
        )
        hint = (
            f"Did you mean '{near[0]}'?"
            if near
            else "Give the customer number as the ledger writes it."
        )
        raise NotAvailableError(f"No posting for the customer '{customer}'. {hint}")
    chosen = parties
    for column, value in (("company", company), ("currency", currency)):
        if value is not None:
            chosen = chosen.filter(pl.col(column) == value)
    if chosen.is_empty():
        there = ", ".join(
            f"{row[0] or '(none)'} {row[1]}"
            for row in parties.select("company", "currency")
            .unique()
            .sort("company", "currency")
            .rows()
        )
        raise NotAvailableError(
            f"Customer '{customer}' has no account with that company and currency. Accounts: {there}."
        )
    return chosen


def _postings(posted: Posted, customer_key: str, as_of: date) -> pl.DataFrame:
    """All rows that move the balance, and what is noted on them, in the order of their days."""
    details = posted.details.filter(pl.col("customer_key") == customer_key)
    references = [pl.col(name).cast(pl.String) for name in REFERENCES if name in details.columns]
    rows = details.select(
        "item", "table", "kind", "company", "currency", "document_no",
        pl.col("instalment").cast(pl.String),
        pl.coalesce(*references, pl.lit("")).alias("reference"),
        pl.col("posted_on").alias("on"),
        "due_on", "amount",
    )  # fmt: skip
    notes = posted.adjustments.filter("external").select("item", note="amount", note_on="ready_on")
    noted = (
        rows.join(notes, on="item")
        .with_columns(
            kind=pl.when(pl.col("table") == "bills")
            .then(pl.lit("dishonoured"))
            .otherwise(pl.lit("noted_payment")),
            amount="note",
            on="note_on",
            due_on=pl.lit(None, pl.Date),
        )
        .select(rows.columns)
    )
    due = pl.when((pl.col("table") == "documents") & (pl.col("amount") > 0)).then("due_on")
    listed = pl.concat([rows.with_columns(due.alias("due_on")), noted])
    return listed.filter(pl.col("on") <= as_of).sort("on", "item", maintain_order=True)


def _account(
    company: str,
    currency: str,
    start: date | None,
    lines: pl.DataFrame,
    items: pl.DataFrame,
    aged: AgingTable,
) -> Account:
    mine = (pl.col("company") == company) & (pl.col("currency") == currency)
    own = lines.filter(mine)
    before = pl.col("on") < start if start else pl.lit(value=False)
    opening = int(own.filter(before)["amount"].sum())
    shown = own.filter(~before).with_columns(balance=pl.col("amount").cum_sum() + opening)
    amounts = shown["amount"]
    buckets = aged.frame.filter(mine)
    sums = {name: int(buckets[name].sum()) for name in aged.amounts}
    spans = dict(zip(aged.labels, (sums[name] for name in aged.bucket_columns), strict=True))
    still = items.filter(mine)
    return Account(
        company=clean(company),
        currency=currency,
        opening=opening,
        lines=tuple(_line(row) for row in shown.iter_rows(named=True)),
        closing=opening + int(amounts.sum()),
        charges=int(amounts.filter(amounts > 0).sum()),
        settlements=int(amounts.filter(amounts < 0).sum()),
        overdue=int(
            still.filter((pl.col("days_past_due") > 0) & (pl.col("open") > 0))["open"].sum()
        ),
        unapplied=sums["unapplied"],
        aged={
            label: amount
            for label, amount in spans.items()
            if amount or _always(label, aged.labels)
        },
        open_items=_open_lines(still),
    )


def _always(label: str, labels: Iterable[str]) -> bool:
    """Buckets printed even when nil: all but `No due date` and those before Current."""
    ahead = label.startswith("Due in") and CURRENT in labels
    return label != NO_DATE and not ahead


def _line(row: dict[str, Any]) -> Line:
    return Line(
        on=row["on"],
        kind=row["kind"],
        document_no=clean(row["document_no"]),
        instalment=clean(row["instalment"]),
        reference=clean(row["reference"]),
        due_on=row["due_on"],
        amount=row["amount"],
        balance=row["balance"],
    )


def _open_lines(items: pl.DataFrame) -> tuple[OpenLine, ...]:
    ordered = items.sort("credit", "due_on", "item", nulls_last=True)
    return tuple(
        OpenLine(
            document_no=clean(row["document_no"]),
            instalment=clean(row["instalment"]),
            kind=row["kind"],
            issued_on=row["issued_on"],
            due_on=None if row["credit"] else row["due_on"],
            days_past_due=None if row["credit"] else row["days_past_due"],
            amount=row["amount"],
            open=row["open"],
        )
        for row in ordered.iter_rows(named=True)
    )


def _language(asked: str, spoken: str | None) -> str:
    if asked and asked not in LANGUAGES:
        raise BadValueError(
            f"There is no statement in '{asked}': give one of {', '.join(LANGUAGES)}."
        )
    return asked or ("zh" if (spoken or "").casefold().startswith(("zh", "chin", "中")) else "en")
