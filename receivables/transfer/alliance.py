"""Payment data shared in an alliance: without names, coarse, only with consent, never below a group's floor."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import polars as pl

from receivables.errors import BadValueError
from receivables.resources import data_rows

SHARED: dict[str, pl.DataType] = {
    "subject": pl.String(), "as_of": pl.Date(), "country": pl.String(), "industry": pl.String(),
    "days_beyond_terms": pl.Int64(), "late_rate": pl.Float64(), "consent": pl.String(),
}  # fmt: skip
"""One row per customer. `subject` is a keyed hash of the company number; figures are lower ends of steps."""
WHO = ("customer_key", "registration_no", "tax_no", "country", "industry", "share_consent")
KEPT = "yes"


@dataclass(frozen=True, slots=True)
class Export:
    """Rows to share (SHARED), and how many customers stayed out, by reason."""

    frame: pl.DataFrame
    left_out: dict[str, int]


def export(
    customers: pl.DataFrame, history: pl.DataFrame, as_of: date, salt: str, *, least: int = 0
) -> Export:
    """Rows of those customers who agreed, with what could single one out taken away.

    A customer needs consent, a company or tax number (his number with us means nothing to others)
    and three paid invoices. Country and industry are shown only where as many customers share
    them as the floor; else the industry goes, then the country, then the row.

    Args:
        customers: `WHO`, one row per customer_key.
        history: customer_key, days_beyond_terms, late_rate, paid_invoices (`assess.pay_history`).
        as_of: day of the figures.
        salt: secret of the alliance; the same one at every member.
        least: floor of a group, 0 = `data/alliance.csv`.

    Raises:
        BadValueError: the secret is too short.
    """
    _check(salt)
    floor = least or int(rule("least_group"))
    rows = customers.join(history, on="customer_key", how="left")
    number = pl.coalesce(_filled("registration_no"), _filled("tax_no"))
    rows = rows.with_columns(number.alias("number"))
    left: dict[str, int] = {}
    tests = {
        "no_consent": pl.col("share_consent").fill_null(value=False),
        "no_number": pl.col("number").is_not_null(),
        "few_invoices": pl.col("paid_invoices").fill_null(0) >= int(rule("least_invoices")),
        "no_figures": pl.col("days_beyond_terms").is_not_null()
        & pl.col("late_rate").is_not_null(),
    }
    for name, test in tests.items():
        kept = rows.filter(test)
        left[name] = rows.height - kept.height
        rows = kept
    grouped = _generalised(rows, floor)
    left["small_group"] = rows.height - grouped.height
    return Export(_coarse(grouped, as_of, salt), left)


def matched(
    files: Sequence[tuple[str, pl.DataFrame]], customers: pl.DataFrame, salt: str
) -> pl.DataFrame:
    """What the others report of our customers: customer_key, reports, days_beyond_terms, late_rate.

    The worst days and rate of all reports.

    Args:
        files: name and rows of each member's export, as text.
        customers: `WHO`.
        salt: secret of the alliance.

    Raises:
        BadValueError: a column is missing, a row without consent, figures that cannot be; names it.
    """
    _check(salt)
    found = pl.concat([_read(name, frame) for name, frame in files]) if files else pl.DataFrame(schema=SHARED)  # fmt: skip
    number = pl.coalesce(_filled("registration_no"), _filled("tax_no")).alias("number")
    own = customers.with_columns(number).filter(pl.col("number").is_not_null())
    known = {subject(number, salt): key for key, number in own.select("customer_key", "number").iter_rows()}  # fmt: skip
    return (
        found.with_columns(
            pl.col("subject").replace_strict(known, default=None, return_dtype=pl.String).alias("customer_key")
        )
        .filter(pl.col("customer_key").is_not_null())
        .group_by("customer_key")
        .agg(
            pl.len().cast(pl.Int64).alias("reports"),
            pl.col("days_beyond_terms", "late_rate").max(),
            pl.col("as_of").max(),
        )
        .sort("customer_key")
    )  # fmt: skip


def subject(number: str, salt: str) -> str:
    """Keyed hash of a company number: the same at every member, of no use without the secret.

    >>> subject("HRB 12345", "a secret of enough letters") == subject("hrb12345", "a secret of enough letters")
    True
    """
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", number).casefold() if sign.isalnum())  # fmt: skip
    return hmac.new(salt.encode(), plain.encode(), hashlib.sha256).hexdigest()


@cache
def rule(name: str) -> float:
    """A number of `data/alliance.csv`.

    >>> rule("least_group")
    5.0
    """
    return next(float(row["value"]) for row in data_rows("alliance.csv") if row["rule"] == name)


def _check(salt: str) -> None:
    least = int(rule("salt_length"))
    if len(salt) < least:
        raise BadValueError(
            f"The secret of the alliance has {len(salt)} characters; give {least} or more, the same "
            "at every member. With a short one company numbers can be guessed."
        )


def _filled(name: str) -> pl.Expr:
    text = pl.col(name).str.strip_chars()
    return pl.when(text != "").then(text)


def _generalised(rows: pl.DataFrame, floor: int) -> pl.DataFrame:
    """Rows whose country and industry at least `floor` customers share; less detail, then none."""
    kept = []
    left = rows.with_columns(pl.col("country", "industry").fill_null(""))
    for hidden in ((), ("industry",), ("industry", "country")):
        left = left.with_columns(pl.lit("").alias(name) for name in hidden)
        many = left.filter(pl.len().over("country", "industry") >= floor)
        kept.append(many)
        left = left.join(many.select("customer_key"), on="customer_key", how="anti")
    return pl.concat(kept)


def _coarse(rows: pl.DataFrame, as_of: date, salt: str) -> pl.DataFrame:
    days, share = int(rule("days_step")), int(1 / rule("share_step"))
    stepped = (pl.col("days_beyond_terms") / days).floor().cast(pl.Int64) * days
    # 0.3 × 10 is a hair below 3 in binary
    steps = {number: number / share for number in range(share + 1)}
    step = (pl.col("late_rate") * share + 1e-9).floor().cast(pl.Int64)
    rate = step.replace_strict(steps, return_dtype=pl.Float64)
    return (
        rows.with_columns(
            pl.col("number").map_elements(lambda text: subject(text, salt), return_dtype=pl.String).alias("subject"),
            pl.lit(as_of).alias("as_of"),
            stepped.alias("days_beyond_terms"),
            rate.alias("late_rate"),
            pl.lit(KEPT).alias("consent"),
        )
        .select(*SHARED)
        .sort("subject")
    )  # fmt: skip


def _read(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    missing = [column for column in SHARED if column not in frame.columns]
    if missing:
        raise BadValueError(
            f"{name}: no column {missing[0]}. Use a file that `alliance export` wrote."
        )
    agreed = frame["consent"].fill_null("").str.strip_chars().str.to_lowercase() == KEPT
    if not agreed.all():
        row = agreed.arg_min()
        raise BadValueError(
            f"{name}, row {(row or 0) + 2}: consent is not yes. Such rows may not be used: ask the "
            "member for a new file."
        )
    read = frame.select(
        pl.col(column).cast(pl.String).str.strip_chars().cast(kind, strict=False)
        if kind != pl.Date()
        else pl.col(column).cast(pl.String).str.to_date("%Y-%m-%d", strict=False)
        for column, kind in SHARED.items()
    )
    wrong = read.with_row_index("at", 2).filter(
        pl.col("as_of").is_null()
        | pl.col("days_beyond_terms").is_null()
        | ~pl.col("late_rate").is_between(0, 1).fill_null(value=False)
        | (pl.col("subject").str.len_chars() != 64).fill_null(value=True)
    )
    if wrong.height:
        raise BadValueError(
            f"{name}, row {wrong['at'][0]}: subject, as_of, days_beyond_terms or late_rate cannot be "
            "read. Use a file that `alliance export` wrote."
        )
    return read
