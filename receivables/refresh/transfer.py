"""The jobs `insurance` and `holds`: what to tell the insurer this week, and which orders wait."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from receivables import money
from receivables.refresh.books import Books
from receivables.respond.holds_ledger import order_holds
from receivables.respond.order_hold import HoldPolicy
from receivables.transfer.instruments import instrument
from receivables.transfer.insurance_ledger import Insurance, insurance

ITEM_MONEY = ("ledger_open", "insurer_open", "disputed", "insured", "at_stake")
BUYER_MONEY = (
    "ledger_open", "insurer_open", "insured", "uninsured", "at_stake", "to_report", "missed",
    "indemnity",
)  # fmt: skip
HOLD_MONEY = ("amount", "exposure", "limit")


@dataclass(frozen=True, slots=True)
class InsuranceAnswer:
    """Insurance of a date as the command shows it."""

    found: Insurance
    issues: int

    def to_json(self) -> dict[str, Any]:
        """Amounts as decimal text, days as ISO dates; `week` is what must be done by then."""
        week = self.found.week()
        return {
            "as_of": self.found.as_of.isoformat(),
            "policies": [_policy(one.policy) for one in self.found.policies],
            "week": _rows(week, ITEM_MONEY, limits=True),
            "items": _rows(self.found.items, ITEM_MONEY, limits=True),
            "buyers": _rows(self.found.buyers, BUYER_MONEY),
            "insurance_issues": [
                {"code": one.code, "level": one.level, "text": str(one)}
                for one in self.found.issues
            ],
            "issues": self.issues,
        }


@dataclass(frozen=True, slots=True)
class HoldsAnswer:
    """Open orders with their decisions."""

    as_of: date
    frame: pl.DataFrame
    issues: int

    def to_json(self) -> dict[str, Any]:
        """Counts by state and one row per order."""
        states = self.frame["state"].to_list()
        return {
            "as_of": self.as_of.isoformat(),
            "counts": {name: states.count(name) for name in ("ok", "hold", "released")},
            "orders": _rows(self.frame, HOLD_MONEY),
            "issues": self.issues,
        }


def insurance_job(
    books: Books, as_of: date, *, holidays: Collection[date] = ()
) -> InsuranceAnswer:
    """Insured debt, deadlines and stop-ship of the ledger.

    Args:
        books: the loaded ledger.
        as_of: day of the question.
        holidays: days nobody works, besides Saturday and Sunday.

    Raises:
        NotAvailableError: nothing posted by then; a list that cannot be back-dated.
    """
    found = _insured(books, as_of, holidays)
    return InsuranceAnswer(found, len(books.issues) + len(found.issues))


def holds_job(
    books: Books,
    as_of: date,
    *,
    grades: Mapping[str, int] | None = None,
    policy: HoldPolicy | None = None,
) -> HoldsAnswer:
    """Orders not yet delivered: which are held, why, and who released them.

    Args:
        books: the loaded ledger.
        as_of: day of the question.
        grades: grade by customer_key, where they were worked out.
        policy: thresholds, default `data/ecom_holds.csv`.
    """
    found = _insured(books, as_of, ())
    buyers = found.buyers.filter(pl.col("stop_ship").is_not_null())
    stops = dict(buyers.group_by("customer_key").agg(pl.col("stop_ship").min()).iter_rows())
    gone = found.buyers.filter(pl.col("insolvent_on").is_not_null())["customer_key"]
    frame = order_holds(
        books.ledger, books.open(as_of), stops=stops, insolvent=frozenset(gone), grades=grades,
        rates=books.rates(), policy=policy,
    )  # fmt: skip
    return HoldsAnswer(as_of, frame, len(books.issues))


def _insured(books: Books, as_of: date, holidays: Collection[date]) -> Insurance:
    asked = ("insurance", as_of, frozenset(holidays))
    if asked not in books.kept:
        books.kept[asked] = insurance(
            books.posted,
            books.ledger,
            books.open(as_of),
            rates=books.rates(),
            holidays=holidays,
            engine=books.engine,
            language=books.settings.language,
        )
    found: Insurance = books.kept[asked]
    return found


def _policy(policy: Any) -> dict[str, Any]:
    return {
        "policy_no": policy.policy_no,
        "insurer": policy.insurer,
        "valid_from": policy.valid_from.isoformat() if policy.valid_from else None,
        "valid_to": policy.valid_to.isoformat() if policy.valid_to else None,
        "insured_share": None if policy.insured_share is None else float(policy.insured_share),
    }


def _rows(
    frame: pl.DataFrame, amounts: Collection[str], *, limits: bool = False
) -> list[dict[str, Any]]:
    return [_row(row, amounts, limits=limits) for row in frame.iter_rows(named=True)]


def _row(row: dict[str, Any], amounts: Collection[str], *, limits: bool) -> dict[str, Any]:
    currency = row["currency"] or money.NO_CURRENCY
    told = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in row.items()
    }
    told |= {
        name: None if row[name] is None else money.text(row[name], currency) for name in amounts
    }
    if limits and row["limit"] is not None:
        told["limit"] = money.text(row["limit"], row["limit_currency"] or currency)
    return told


def instrument_rows(
    books: Books,
    as_of: date,
    found: Insurance | None = None,
    grades: Mapping[str, int] | None = None,
) -> pl.DataFrame:
    """What each customer who owes should be sold on, by class of market and grade, largest debt first.

    Args:
        books: the loaded ledger.
        as_of: day of the question.
        found: insurance of that day, for what is insured.
        grades: grade by customer_key.
    """
    frame = books.open(as_of).frame()
    wanted = ("country", "market")
    known = [
        pl.col(name).first() if name in frame.columns else pl.lit(None, pl.String).alias(name)
        for name in wanted
    ]
    who = ["customer_key", "currency"]
    sums = frame.group_by(who).agg(
        pl.col("customer_id", "name").first(), *known, pl.col("open").sum()
    )
    insured = pl.DataFrame(
        schema={"customer_key": pl.String, "currency": pl.String, "insured": pl.Int64}
    )
    if found is not None:
        insured = found.buyers.group_by(who).agg(pl.col("insured").sum())
    rows = sums.filter(pl.col("open") > 0).join(insured, on=who, how="left")
    graded = grades or {}
    told = [
        (graded.get(key), None if market is None else instrument(market, graded.get(key)))
        for key, market in rows.select("customer_key", "market").iter_rows()
    ]
    return rows.with_columns(
        pl.Series("grade", [grade for grade, _ in told], dtype=pl.Int64),
        pl.Series("instrument", [name for _, name in told], dtype=pl.String),
        pl.col("insured").fill_null(0),
    ).sort("open", "customer_id", descending=[True, False])
