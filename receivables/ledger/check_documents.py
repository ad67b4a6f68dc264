"""Documents and payments: totals among the data, signs, duplicates, reversals, undated money."""

from __future__ import annotations

import polars as pl

from receivables import money
from receivables.ledger.keys import folded
from receivables.ledger.model import SET_ASIDE_SCHEMA
from receivables.ledger.sheet import Run

NEGATIVE = ("credit_note", "write_off")
"""Kinds that lower the balance: a file that types them all positive means them negative."""

ONE_SIGN = (*NEGATIVE, "invoice", "debit_note", "recovery")
RECEIVED = ("payment", "advance", "on_account")
PAID_BACK = ("bounced", "refund")


def acting(table: str) -> pl.Expr:
    """Amount signed as the row acts on the balance.

    >>> acting("documents").meta.output_name()
    'amount'
    """
    if table == "documents":
        return pl.col("amount")
    if table == "bills":
        return -pl.col("amount")
    back = pl.col("kind").is_in(PAID_BACK).fill_null(value=False)
    return pl.when(back).then(pl.col("amount").abs()).otherwise(-pl.col("amount"))


def documents(frame: pl.DataFrame, run: Run) -> pl.DataFrame:
    """Documents with totals, duplicates and unnumbered rows marked, and signs as they act."""
    if frame.is_empty():
        return frame
    frame = _unnumbered(frame, run)
    for kind in ONE_SIGN:
        frame = _one_sign(frame, run, "documents", (kind,), turn=kind in NEGATIVE, negative=True)
    return _duplicates(frame, run)


def payments(frame: pl.DataFrame, run: Run) -> pl.DataFrame:
    """Payments with duplicates marked and money received positive."""
    if frame.is_empty():
        return frame
    frame = _one_sign(frame, run, "payments", RECEIVED, turn=True, negative=False, least=2)
    for kind in PAID_BACK:
        frame = _one_sign(frame, run, "payments", (kind,), turn=True, negative=False)
    return _duplicate_payments(frame, run)


def _mark(frame: pl.DataFrame, code: str, wrong: pl.Expr) -> pl.DataFrame:
    marked = pl.when(pl.col("_aside").is_null() & wrong).then(pl.lit(code)).otherwise("_aside")
    return frame.with_columns(marked.alias("_aside"))


def _unnumbered(frame: pl.DataFrame, run: Run) -> pl.DataFrame:
    """Rows without a number: totals where the amount is the sum above, else no document."""
    unnumbered = pl.col("document_no").is_null()
    if not frame["document_no"].null_count():
        return frame
    numbered = pl.when(~unnumbered).then("amount").fill_null(0)
    above = numbered.cum_sum().over("_source")
    block = unnumbered.cast(pl.Int32).cum_sum().shift(1, fill_value=0).over("_source")
    rows = pl.len().over("_source", block)
    since = numbered.sum().over("_source", block)
    total = (
        unnumbered
        & (pl.col("amount") != 0)
        & (
            ((pl.col("amount") == above) & (pl.int_range(pl.len()).over("_source") > 0))
            | ((pl.col("amount") == since) & (rows > 1))
        )
    )
    frame = frame.with_columns(total.fill_null(value=False).alias("_total"))
    totals = frame.filter("_total").with_columns(pl.col("_amount").alias("value"))
    run.findings.forget("documents", totals)
    run.findings.add("total_row", "documents", totals, "amount")
    known = pl.col("currency").replace("", None)
    only = pl.when(known.drop_nulls().n_unique().over("_source") == 1).then(
        known.max().over("_source")
    )
    frame = frame.with_columns(
        pl.when("_total").then(pl.lit("total_row")).otherwise("_aside").alias("_aside"),
        pl.when("_total").then(pl.coalesce(known, only)).otherwise("currency").alias("currency"),
    ).drop("_total")
    missing = frame.filter(unnumbered & (pl.col("_aside").fill_null("") != "total_row"))
    missing = missing.with_columns(pl.lit("").alias("value"))
    run.findings.add("key_missing", "documents", missing, "document_no")
    return _mark(frame, "key_missing", unnumbered)


def _one_sign(
    frame: pl.DataFrame,
    run: Run,
    table: str,
    kinds: tuple[str, ...],
    *,
    turn: bool,
    negative: bool,
    least: int = 1,
) -> pl.DataFrame:
    """Turn a kind that a file types throughout with the other sign; warn where it has both."""
    mine = frame.filter(pl.col("kind").is_in(kinds) & (pl.col("amount") != 0))
    if mine.is_empty():
        return frame
    below = pl.col("amount") < 0
    counts = mine.group_by("_source", maintain_order=True).agg(
        pl.len().alias("rows"), below.sum().alias("below")
    )
    turned = []
    for source, rows, under in counts.rows():
        here = mine.filter(pl.col("_source") == source)
        if 0 < under < rows:
            rarer = below if under * 2 <= rows else ~below
            _warn_mixed(run, table, kinds[0], here.filter(rarer), rows)
        elif turn and (under == 0) == negative and rows >= least:
            turned.append(source)
            run.findings.one(
                "signs_turned",
                table,
                "amount",
                kind=kinds[0],
                typed="positive" if negative else "negative",
                counted="negative" if negative else "positive",
            )
    if not turned:
        return frame
    flip = pl.col("_source").is_in(turned) & pl.col("kind").is_in(kinds)
    wrong = 1 if negative else -1
    names = [name for name in ("amount", "amount_lc", "tax_amount") if name in frame.columns]
    return frame.with_columns(
        pl.when(flip & (pl.col(name).sign() == wrong))
        .then(-pl.col(name))
        .otherwise(name)
        .alias(name)
        for name in names
    )


def _warn_mixed(run: Run, table: str, kind: str, rarer: pl.DataFrame, rows: int) -> None:
    first = rarer.head(1).with_columns(
        pl.col("_amount").alias("value"),
        pl.lit(kind).alias("kind"),
        pl.lit(rarer.height).alias("minority"),
        pl.lit(rows).alias("rows"),
        pl.when(pl.col("amount") < 0)
        .then(pl.lit("negative"))
        .otherwise(pl.lit("positive"))
        .alias("typed"),
    )
    run.findings.add("signs_mixed", table, first, "amount")


def _contents(frame: pl.DataFrame) -> list[str]:
    return [name for name in frame.columns if not name.startswith("_")]


def _first_row(twice: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Rows that share a key, with the row of the first and whether they equal it."""
    same = pl.struct(_contents(twice))
    return twice.with_columns(
        pl.col("_row").first().over(key).alias("first"),
        (pl.int_range(pl.len()).over(key) > 0).alias("later"),
        (same == same.first().over(key)).alias("equal"),
    ).filter("later")


def _duplicates(frame: pl.DataFrame, run: Run) -> pl.DataFrame:
    """The same number again: an equal row or another content, the later one is set aside."""
    key = ["company", "customer_key", "document_key", "instalment"]
    used = frame.filter(pl.col("_aside").is_null())
    twice = used.filter(pl.struct(key).is_duplicated())
    if twice.is_empty():
        return frame
    later = _first_row(twice, key).with_columns(pl.col("document_no").alias("value"))
    equal = pl.col("equal")
    for code, rows in (
        ("duplicate_row", later.filter(equal)),
        ("duplicate_number", later.filter(~equal)),
    ):
        run.findings.add(code, "documents", rows, "document_no")
        frame = _mark_rows(frame, code, rows)
    return frame


def _duplicate_payments(frame: pl.DataFrame, run: Run) -> pl.DataFrame:
    """Equal rows under one payment number. One number over several invoices is an ordinary split."""
    used = frame.filter(pl.col("_aside").is_null() & pl.col("payment_key").is_not_null())
    key = ["company", "customer_key", "payment_key"]
    twice = used.filter(pl.struct(key).is_duplicated())
    twice = twice.filter(pl.struct(_contents(twice)).is_duplicated())
    if twice.is_empty():
        return frame
    later = _first_row(twice, _contents(twice)).with_columns(pl.col("payment_no").alias("value"))
    run.findings.add("duplicate_payment", "payments", later, "payment_no")
    return _mark_rows(frame, "duplicate_payment", later)


def _mark_rows(frame: pl.DataFrame, code: str, rows: pl.DataFrame) -> pl.DataFrame:
    if rows.is_empty():
        return frame
    place = rows.select("_source", "_row", pl.lit(code).alias("_code"))
    joined = frame.join(place, on=["_source", "_row"], how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("_aside", "_code").alias("_aside")).drop("_code")


def reversals(found: dict[str, pl.DataFrame], run: Run) -> None:
    """Give each reversal the sign opposite to what it reverses; report other amounts."""
    targets = pl.concat(
        [
            _targets(found["documents"], "document_key", "documents"),
            _targets(found["payments"], "payment_key", "payments"),
        ]
    )
    for table in ("documents", "payments"):
        frame = found[table]
        rows = frame.filter(pl.col("reverses").is_not_null() & pl.col("_aside").is_null())
        if rows.is_empty():
            continue
        rows = rows.with_columns(folded(rows["reverses"]).alias("key"))
        rows = rows.join(
            targets.sort(pl.col("table") != table).unique(["key", "customer_key"], keep="first"),
            on=["key", "customer_key"], how="left", maintain_order="left",
        ).with_columns(pl.col("reverses").alias("value"))  # fmt: skip
        run.findings.add(
            "unknown_reversed", table, rows.filter(pl.col("worth").is_null()), "reverses"
        )
        _other_amount(rows, table, run)
        if table == "documents":
            found[table] = _opposed(frame, rows)


def _targets(frame: pl.DataFrame, key: str, table: str) -> pl.DataFrame:
    used = frame.filter(pl.col("_aside").is_null() & pl.col(key).is_not_null())
    wanted = used.group_by(key, "customer_key").agg(
        acting(table).sum().alias("worth"), pl.len().alias("parts")
    )
    return wanted.select(pl.col(key).alias("key"), "customer_key", "worth", "parts",
                         pl.lit(table).alias("table"))  # fmt: skip


def _other_amount(rows: pl.DataFrame, table: str, run: Run) -> None:
    differ = rows.filter(pl.col("amount").abs() != pl.col("worth").abs())
    if differ.is_empty():
        return
    shown = differ.with_columns(
        shown_money("amount", "currency").alias("value"),
        shown_money("worth", "currency").alias("amount"),
        pl.col("reverses").alias("target"),
    )
    run.findings.add("reversal_amount", table, shown, "amount")


def _opposed(frame: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    wanted = rows.filter((pl.col("kind") == "reversal") & (pl.col("worth") != 0)).select(
        "_source", "_row", (-pl.col("worth").sign()).alias("_sign")
    )
    if wanted.is_empty():
        return frame
    joined = frame.join(wanted, on=["_source", "_row"], how="left", maintain_order="left")
    turn = (pl.col("amount").sign() * pl.col("_sign") < 0).fill_null(value=False)
    return joined.with_columns(
        pl.when(turn).then(-pl.col(name)).otherwise(name).alias(name)
        for name in ("amount", "amount_lc", "tax_amount")
    ).drop("_sign")


def undated_paid(found: dict[str, pl.DataFrame], run: Run) -> pl.DataFrame:
    """Set aside money noted on a document without a day; the document then counts in full."""
    frame = found["documents"]
    nothing = pl.DataFrame(schema=SET_ASIDE_SCHEMA)
    paid = pl.col("paid_amount").fill_null(0) != 0
    used = pl.col("_aside").is_null()
    over = frame.filter(used & (pl.col("paid_amount").abs() > pl.col("amount").abs()))
    shown = over.with_columns(
        shown_money("paid_amount", "currency").alias("value"),
        shown_money("amount", "currency").alias("amount"),
    )
    run.findings.add("paid_too_much", "documents", shown, "paid_amount")
    if run.mapping.extracted_on is not None:
        return nothing
    undated = used & paid & pl.col("settled_on").is_null()
    rows = frame.filter(undated)
    if rows.is_empty():
        return nothing
    text = shown_money("paid_amount", "currency")
    run.findings.add(
        "paid_undated", "documents", rows.with_columns(text.alias("value")), "paid_amount"
    )
    found["documents"] = frame.with_columns(
        pl.when(~undated).then("paid_amount").alias("paid_amount")
    )
    return rows.select(
        pl.lit("documents").alias("table"),
        pl.lit("paid_undated").alias("code"),
        pl.col("company").fill_null(""),
        pl.col("account").fill_null(""),
        "currency",
        "customer_id",
        "document_no",
        (-pl.col("amount").sign() * pl.col("paid_amount").abs()).alias("amount"),
        text.alias("amount_text"),
        "_source",
        "_row",
    ).cast(SET_ASIDE_SCHEMA)  # type: ignore[arg-type]


def shown_money(column: str, currency: str) -> pl.Expr:
    """Minor units as a plain decimal text, for messages.

    >>> pl.DataFrame({"m": [-5, 1234], "c": ["EUR", "JPY"]}).select(shown_money("m", "c")).to_series().to_list()
    ['-0.05', '1234']
    """
    digits = pl.col(currency).replace_strict(money.exponents(), default=2, return_dtype=pl.Int64)
    unit = pl.lit(10, pl.Int64).pow(digits).cast(pl.Int64)
    size = pl.col(column).abs()
    part = (size % unit).cast(pl.String).str.zfill(digits)
    tail = pl.when(digits > 0).then(pl.lit(".") + part).otherwise(pl.lit(""))
    sign = pl.when(pl.col(column) < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return (sign + (size // unit).cast(pl.String) + tail).alias(column)
