"""From one balance to the next: every posting between two dates in one column, nothing left over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from receivables import money
from receivables.errors import BadValueError
from receivables.ledger.engines import collect
from receivables.ledger.fx import revalued
from receivables.ledger.open import OpenItems, positions
from receivables.ledger.posted import Posted
from receivables.ledger.postings import BOOK
from receivables.rates import Rates

BY = (*BOOK, "customer")
"""One row per company, account, currency and customer."""

MOVES = (
    "new", "other", "paid", "credited", "written_off", "recovered", "bounced", "transferred", "fx",
)  # fmt: skip
"""Columns between opening and closing, signed as they act on the balance:
opening + Σ moves = closing."""

MOVE_OF_KIND = {
    "invoice": "new",
    "debit_note": "new",
    "retention": "new",
    "opening": "other",
    "journal": "other",
    "deposit": "other",
    "reversal": "other",
    "credit_note": "credited",
    "write_off": "written_off",
    "recovery": "recovered",
    "payment": "paid",
    "advance": "paid",
    "on_account": "paid",
    "bill": "paid",
    "bounced": "bounced",
    "refund": "bounced",
}
"""Kind of posting → column. A dishonoured bill is `bounced`, money noted on a document `paid`."""


@dataclass(frozen=True, slots=True)
class Span:
    """Two balances of one ledger and every posting between them.

    `early` and `late` hold every item posted by then: item, doc, party, due_on, issued_on, paid,
    credited, open. `postings` has item, party, move, posted_on, amount, amount_lc.
    """

    posted: Posted
    start: date
    end: date
    early: pl.DataFrame
    late: pl.DataFrame
    early_applied: pl.DataFrame
    late_applied: pl.DataFrame
    postings: pl.DataFrame


def span(
    posted: Posted,
    start: date,
    end: date,
    *,
    cutoffs: tuple[date, date] | None = None,
    engine: str = "polars",
) -> Span:
    """The two balances and what was posted after `start` up to `end`.

    Args:
        posted: the linked ledger.
        start: date of the opening balance, its own postings included.
        end: date of the closing balance.
        cutoffs: matching cut-off of either balance; default the dates themselves.
        engine: engine for the two balances.

    Raises:
        BadValueError: `end` is not after `start`.
    """
    if end <= start:
        raise BadValueError(f"The period from {start} to {end} is empty. Give a later end.")
    cut_start, cut_end = cutoffs or (start, end)
    early, early_applied = _standing(posted, start, cut_start, engine)
    late, late_applied = _standing(posted, end, cut_end, engine)
    postings = _postings(posted, start, end)
    return Span(posted, start, end, early, late, early_applied, late_applied, postings)


def movement(
    posted: Posted,
    start: date,
    end: date,
    *,
    by: Sequence[str] = BY,
    cutoffs: tuple[date, date] | None = None,
    engine: str = "polars",
) -> pl.DataFrame:
    """Opening + new + other + paid + credited + written_off + recovered + bounced + transferred + fx = closing.

    Opening and closing are the open items of the two dates as now known; the moves are the
    postings between them by kind, signed as they act on the balance. `transferred` is what
    settled another customer's document: nil per company, account and currency. `fx` is nil in
    document currency (`movement_local` has it). `residual` = closing − opening − Σ moves, and
    must be nil.

    Args:
        posted: the linked ledger.
        start: date of the opening balance.
        end: date of the closing balance.
        by: company, account, currency, customer or any column of Customers; the currency is
            always kept apart.
        cutoffs: matching cut-off of either balance; default the dates themselves.
        engine: engine for the two balances.

    Returns:
        The keys (for `customer`: customer_key, customer_id, name), opening, the moves, closing and
        residual in minor units. Rows where nothing stood and nothing moved are left out.

    Raises:
        BadValueError: an empty period or an unknown key.
    """
    whole = span(posted, start, end, cutoffs=cutoffs, engine=engine)
    return moved(whole, by)


def moved(whole: Span, by: Sequence[str] = BY) -> pl.DataFrame:
    """The movement of a span, as `movement` gives it."""
    parties = whole.posted.parties
    keys = _keys(parties, by)
    parts = [
        whole.early.group_by("party").agg(pl.col("open").sum().alias("opening")),
        whole.late.group_by("party").agg(pl.col("open").sum().alias("closing")),
        _by_move(whole.postings),
        _transfers(whole),
    ]
    wide = parties.select("party", *dict.fromkeys([*keys, "customer_id", "name"]))
    for part in parts:
        wide = wide.join(part, on="party", how="left", maintain_order="left")
    amounts = ["opening", *MOVES, "closing"]
    wide = wide.with_columns(
        (pl.col(name) if name in wide.columns else pl.lit(0)).cast(pl.Int64).fill_null(0).alias(name)
        for name in amounts
    )  # fmt: skip
    labels = ["customer_id", "name"] if "customer_key" in keys else []
    return (
        wide.group_by(keys)
        .agg(pl.col(labels).first(), pl.col(amounts).sum())
        .filter(pl.any_horizontal(pl.col(amounts) != 0))
        .with_columns(residual=pl.col("closing") - pl.col("opening") - pl.sum_horizontal(MOVES))
        .sort(keys, nulls_last=True)
        .select(*keys, *labels, *amounts, "residual")
    )


def movement_local(
    posted: Posted,
    opened: OpenItems,
    closed: OpenItems,
    rates: Rates,
    local: Mapping[str, str],
) -> pl.DataFrame:
    """The movement per company, account and currency in the company's local currency.

    Opening and closing are the open items at the rate of their own date (advances keep theirs);
    a posting counts with its local amount, or at the rate of its day. `fx` = closing − opening −
    Σ other moves: realised and unrealised exchange difference with its rounding, so `residual` is
    nil by definition here and proves nothing.

    Args:
        posted: the linked ledger.
        opened: open items of the opening date, in document currency.
        closed: open items of the closing date.
        rates: the Rates table.
        local: local currency by company; companies without one are left out.

    Returns:
        company, account, currency, local (currency code), opening, the moves, closing, residual.

    Raises:
        NotAvailableError: a currency without rate; names the row to add.
    """
    amounts = ["opening", *MOVES, "closing"]
    balances = [
        pl.DataFrame(
            [
                (line.company, line.account, line.currency, line.reporting, name, line.closing)
                for line in revalued(items, rates, local)
            ],
            schema=_LOCAL,
            orient="row",
        )
        for name, items in (("opening", opened), ("closing", closed))
    ]
    between = _postings(posted, opened.as_of, closed.as_of)
    named = between.join(posted.parties.select("party", *BOOK), on="party")
    rows = pl.concat([*balances, _local_moves(named, rates, local)])
    wide = rows.group_by(*BOOK, "local").agg(
        pl.col("amount").filter(pl.col("column") == name).sum().alias(name) for name in amounts
    )
    fx = pl.col("closing") - pl.sum_horizontal(amounts[:-2])
    return (
        wide.with_columns(fx=fx)
        .with_columns(residual=pl.col("closing") - pl.col("opening") - pl.sum_horizontal(MOVES))
        .sort(BOOK)
        .select(*BOOK, "local", *amounts, "residual")
    )


_LOCAL = pl.Schema(
    {
        **dict.fromkeys((*BOOK, "local", "column"), pl.String()),
        "amount": pl.Int64(),
    }
)


def _local_moves(named: pl.DataFrame, rates: Rates, local: Mapping[str, str]) -> pl.DataFrame:
    """Postings in local currency: as booked, else their day's sum at the rate of the day."""
    target = pl.col("company").replace_strict(
        dict(local), default=local.get("", ""), return_dtype=pl.String
    )
    known = named.with_columns(local=target).filter(pl.col("local") != "")
    booked = known.filter(pl.col("amount_lc").is_not_null())
    days = (
        known.filter(pl.col("amount_lc").is_null())
        .group_by(*BOOK, "local", "move", "posted_on")
        .agg(pl.col("amount").sum())
    )
    at_rate = [
        (*book, own, move, money.convert(amount, rates.find(book[2], own, on).value, book[2], own))
        for *book, own, move, on, amount in days.iter_rows()
    ]
    return pl.concat(
        [
            booked.select(*BOOK, "local", column="move", amount="amount_lc").cast(_LOCAL),
            pl.DataFrame(at_rate, schema=_LOCAL, orient="row"),
        ]
    )


def _standing(
    posted: Posted, on: date, cutoff: date, engine: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    items, applied = positions(posted, on, cutoff, engine=engine)
    amounts = ("paid", "credited", "open")
    frame = collect(items.select("item", "doc", "party", "due_on", "issued_on", *amounts))
    standing = frame.with_columns(pl.col(amounts).cast(pl.Int64))
    return standing, collect(applied.select("source", "doc", "amount"))


def party_of_items(posted: Posted) -> pl.DataFrame:
    """Party of every posted row, payments that can never be open included: item, party."""
    who = [*BOOK, "customer_key"]
    return posted.details.select("item", *who).join(
        posted.parties.select("party", *who), on=who, how="left", nulls_equal=True
    )[["item", "party"]]


def _postings(posted: Posted, start: date, end: date) -> pl.DataFrame:
    """Every posting after `start` up to `end`, with the one column it belongs to."""
    names = ("item", "move", "posted_on", "amount", "amount_lc")
    kind = pl.col("kind").replace_strict(MOVE_OF_KIND, default=None, return_dtype=pl.String)
    fallback = pl.when(pl.col("table") == "documents").then(pl.lit("other"))
    move = pl.coalesce(kind, fallback.otherwise(pl.lit("paid")))
    rows = posted.details.filter(
        pl.col("posted_on").is_between(start, end, closed="right")
    ).with_columns(move=move)
    worth = posted.details.select("item", "table", whole="amount", whole_lc="amount_lc")
    noted = (
        posted.adjustments.filter(
            pl.col("external") & pl.col("ready_on").is_between(start, end, closed="right")
        )
        .join(worth, on="item")
        .with_columns(
            move=pl.when(pl.col("table") == "bills")
            .then(pl.lit("bounced"))
            .otherwise(pl.lit("paid")),
            posted_on="ready_on",
            amount_lc=pl.when(pl.col("amount") == -pl.col("whole")).then(-pl.col("whole_lc")),
        )
    )
    found = pl.concat([rows.select(names), noted.select(names)], how="vertical_relaxed")
    return found.join(party_of_items(posted), on="item", how="left")


def _by_move(postings: pl.DataFrame) -> pl.DataFrame:
    return postings.group_by("party").agg(
        pl.col("amount").filter(pl.col("move") == name).sum().alias(name)
        for name in MOVES
        if name not in {"transferred", "fx"}
    )


def _transfers(whole: Span) -> pl.DataFrame:
    """What one customer's credit settled of another's document, by party; nil in sum."""
    posted, party = whole.posted, party_of_items(whole.posted)
    crossing = (
        posted.applications.select("source", "doc", "sign")
        .unique()
        .join(party.rename({"item": "source", "party": "giver"}), on="source")
        .join(party.rename({"item": "doc", "party": "taker"}), on="doc")
        .filter(pl.col("giver") != pl.col("taker"))
    )
    sides = []
    for applied, way in ((whole.late_applied, 1), (whole.early_applied, -1)):
        crossed = applied.join(crossing, on=["source", "doc"])
        effect = pl.col("amount") * pl.col("sign") * way
        sides += [crossed.select(party="giver", transferred=-effect)]
        sides += [crossed.select(party="taker", transferred=effect)]
    pairs = (
        posted.adjustments.filter(
            ~pl.col("external")
            & pl.col("ready_on").is_between(whole.start, whole.end, closed="right")
        )
        .join(party, on="item")
        .select("party", transferred="amount")
    )
    return pl.concat([*sides, pairs]).group_by("party").agg(pl.col("transferred").sum())


def _keys(parties: pl.DataFrame, by: Sequence[str]) -> list[str]:
    keys = ["customer_key" if name == "customer" else name for name in by]
    unknown = [name for name in keys if name not in parties.columns]
    if unknown:
        raise BadValueError(
            f"The movement cannot be shown by '{unknown[0]}'. Give company, account, currency, "
            "customer, or a column of Customers."
        )
    return list(dict.fromkeys([*keys, "currency"]))
