"""Promises to pay that were not kept, and how much of each is still missing."""

from __future__ import annotations

import polars as pl

from receivables.ledger.engines import collect
from receivables.ledger.keys import folded
from receivables.ledger.open import OpenItems
from receivables.ledger.posted import Posted

BROKEN: dict[str, pl.DataType] = {
    "customer_key": pl.String(),
    "customer_id": pl.String(),
    "name": pl.String(),
    "document_no": pl.String(),
    "currency": pl.String(),
    "amount": pl.Int64(),
    "pay_on": pl.Date(),
    "days": pl.Int64(),
    "owner": pl.String(),
}
"""`amount` = minor units still missing, `days` = as-of date − promised day; document_no is null
where the promise was for the account as a whole."""

WITHDRAWN = ("withdrawn", "cancelled", "canceled", "void", "已撤回", "撤回", "已取消", "取消")
"""States that end a promise; every other state is worked out from the money."""


def broken_promises(posted: Posted, opened: OpenItems, promises: pl.DataFrame) -> pl.DataFrame:
    """Promises whose day is gone and whose money is not there, oldest first.

    missing = smaller of what is open now and promised − what was settled since it was made. The
    day itself still counts as kept. Of several promises for the same debt the latest stands. The
    columns promised_on and promised_amount of Documents count where Promises has no row of that
    document; as nobody knows when they were made, nothing is taken off for money that came since.

    Args:
        posted: the linked ledger.
        opened: open items as of a date; promises made later are not known yet.
        promises: the Promises table.

    Returns:
        Columns of `BROKEN`, in document currency.
    """
    return live_promises(posted, opened, promises).filter(pl.col("days") > 0)


def live_promises(posted: Posted, opened: OpenItems, promises: pl.DataFrame) -> pl.DataFrame:
    """Promises whose money is not all there yet, the day gone (`days` > 0) or still to come.

    Worked out as in `broken_promises`.

    Args:
        posted: the linked ledger.
        opened: open items as of a date.
        promises: the Promises table.

    Returns:
        Columns of `BROKEN`; `amount` is what is still to come, `days` ≤ 0 until the day is over.
    """
    owed = _owed(posted, opened)
    made = _latest(promises, opened)
    alive = made.filter(~pl.col("ended").is_in(WITHDRAWN), pl.col("pay_on").is_not_null())
    named = pl.col("document_key").is_not_null()
    found = [
        _of_documents(alive.filter(named), owed, opened),
        _of_accounts(alive.filter(~named), owed, opened),
        _on_documents(owed.join(made, on=["customer_key", "document_key"], how="anti")),
    ]
    late = (pl.lit(opened.as_of) - pl.col("pay_on")).dt.total_days()
    return (
        pl.concat(found)
        .filter(pl.col("amount") > 0)
        .with_columns(late.alias("days"))
        .select(pl.col(name).cast(kind) for name, kind in BROKEN.items())
        .sort("pay_on", "customer_id", "document_no")
    )


_FOUND = ("customer_key", "customer_id", "name", "document_no", "currency", "amount", "pay_on", "owner")  # fmt: skip


def _owed(posted: Posted, opened: OpenItems) -> pl.DataFrame:
    """Open debits with their document number and the item that stands for the document."""
    frame = opened.frame().filter(pl.col("open") > 0, pl.col("table") == "documents")
    asked = {
        "instalment": pl.Int64, "salesperson": pl.String, "promised_on": pl.Date, "promised_amount": pl.Int64,
    }  # fmt: skip
    lacking = [pl.lit(None, kind).alias(name) for name, kind in asked.items() if name not in frame.columns]  # fmt: skip
    return (
        frame.with_columns(lacking)
        .select(
            "item", "customer_key", "customer_id", "name", "company", "currency", "document_no",
            "document_key", "posted_on", "open", "promised_on", "promised_amount", "salesperson",
            pl.col("instalment").cast(pl.Int64, strict=False),
        )
        .join(posted.items.select("item", "doc"), on="item", how="left")
    )  # fmt: skip


def _latest(promises: pl.DataFrame, opened: OpenItems) -> pl.DataFrame:
    """The latest promise for each debt, as known on the as-of date."""
    keyed = promises.with_columns(
        folded(promises["customer_id"]).alias("customer_key"),
        folded(promises["document_no"]).alias("document_key"),
        pl.col("company").fill_null("").alias("by"),
        pl.col("instalment").cast(pl.Int64, strict=False),
        pl.col("state").fill_null("").str.strip_chars().str.to_lowercase().alias("ended"),
    )
    same = ["customer_key", "document_key", "instalment", "by"]
    return (
        keyed.filter(pl.col("made_on") <= opened.as_of)
        .sort("made_on", "pay_on", "_row", maintain_order=True)
        .unique(same, keep="last", maintain_order=True)
        .with_row_index("promise")
        .select(
            "promise", "customer_key", "document_key", "by", "made_on", "pay_on", "owner", "ended",
            asked_for="instalment", promised="amount", promised_in="currency",
        )
    )  # fmt: skip


def _of_documents(made: pl.DataFrame, owed: pl.DataFrame, opened: OpenItems) -> pl.DataFrame:
    """Promises for a document: what came for it since is taken off."""
    part = pl.col("asked_for")
    rows = made.join(owed, on=["customer_key", "document_key"], how="inner").filter(
        _same_company(), part.is_null() | (part == pl.col("instalment"))
    )
    came = _settled(rows.unique(["promise", "doc"]), opened)
    return _missing(rows, came)


def _of_accounts(made: pl.DataFrame, owed: pl.DataFrame, opened: OpenItems) -> pl.DataFrame:
    """Promises for an account: they stand for what was posted by the day they were made.

    What was settled of it since is taken off, and money of since then that is not matched yet.
    """
    code = pl.col("promised_in")
    rows = made.join(owed.drop("document_key"), on="customer_key", how="inner").filter(
        _same_company(),
        code.is_null() | (code == pl.col("currency")),
        pl.col("posted_on") <= pl.col("made_on"),
    )
    rows = rows.with_columns(document_no=pl.lit(None, pl.String))
    keys = made.join(_documents(opened, made), on="customer_key", how="inner").filter(
        _same_company(), code.is_null() | (code == pl.col("currency"))
    )
    came = _settled(keys.unique(["promise", "doc"]), opened)
    return _missing(rows, pl.concat([came, _unmatched(made, opened)]))


def _on_documents(owed: pl.DataFrame) -> pl.DataFrame:
    """Promises that stand on the document itself."""
    return (
        owed.filter(pl.col("promised_on").is_not_null())
        .with_columns(
            amount=pl.min_horizontal("open", pl.col("promised_amount").fill_null(pl.col("open"))),
            pay_on="promised_on",
            owner="salesperson",
        )
        .select(*_FOUND)
    )


def _missing(rows: pl.DataFrame, came: pl.DataFrame) -> pl.DataFrame:
    """Smaller of what is open and promised − received, per promise and currency."""
    keys = ["promise", "currency"]
    summed = came.group_by(keys).agg(pl.col("came").sum())
    comparable = pl.col("promised_in").is_null() | (pl.col("promised_in") == pl.col("currency"))
    left = pl.when(comparable).then(pl.col("promised") - pl.col("came").fill_null(0))
    return (
        rows.group_by(keys, maintain_order=True)
        .agg(
            pl.col("customer_key", "customer_id", "name", "document_no", "pay_on", "promised", "promised_in").first(),
            pl.coalesce("owner", "salesperson").first().alias("owner"),
            pl.col("open").sum(),
        )
        .join(summed, on=keys, how="left", maintain_order="left")
        .with_columns(amount=pl.min_horizontal("open", left.fill_null(pl.col("open"))))
        .select(*_FOUND)
    )  # fmt: skip


def _settled(rows: pl.DataFrame, opened: OpenItems) -> pl.DataFrame:
    """What was matched to the documents of each promise since it was made."""
    applied = collect(opened.applied).select("doc", "matched_on", settled="amount")
    return (
        rows.select("promise", "currency", "doc", "made_on")
        .join(applied, on="doc", how="inner")
        .filter(pl.col("matched_on") >= pl.col("made_on"))
        .select("promise", "currency", came=pl.col("settled").abs())
    )


def _unmatched(made: pl.DataFrame, opened: OpenItems) -> pl.DataFrame:
    """Money of the customer that came since and is not matched yet."""
    cash = opened.frame().filter(pl.col("open") < 0, pl.col("table") == "payments")
    rows = made.join(
        cash.select("customer_key", "currency", "company", "posted_on", "open"),
        on="customer_key", how="inner",
    )  # fmt: skip
    return rows.filter(_same_company(), pl.col("posted_on") >= pl.col("made_on")).select(
        "promise", "currency", came=-pl.col("open")
    )


def _documents(opened: OpenItems, made: pl.DataFrame) -> pl.DataFrame:
    """Every document of the customers who promised, settled ones included."""
    own = pl.col("customer_key").is_in(made["customer_key"].unique().to_list())
    rows = opened.details.filter(pl.col("table") == "documents", own)
    return rows.select("customer_key", "company", "currency", doc="item")


def _same_company() -> pl.Expr:
    return (pl.col("by") == "") | (pl.col("by") == pl.col("company"))
