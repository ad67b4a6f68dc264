"""What the ledger's other tables knew of a customer on a date: accounts, ratings, country, insolvency."""

from __future__ import annotations

from datetime import date

import polars as pl

from receivables.assess import altman
from receivables.assess.factors import known_factors
from receivables.assess.grade_rules import rule
from receivables.assess.ratings import rating
from receivables.errors import NotAvailableError, ReceivablesError
from receivables.ledger.findings import Findings
from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger
from receivables.monitor.country import find_country, successors
from receivables.monitor.country_change import latest
from receivables.monitor.country_ratings import ledger_ratings
from receivables.monitor.country_risk import own_risk
from receivables.monitor.warnings_signals import INSOLVENCY, rules, signal_of

RATIOS = {
    "debt_ratio": ("total_liabilities", "total_assets"),
    "current_ratio": ("current_assets", "current_liabilities"),
    "cashflow_cover": ("operating_cash_flow", "current_liabilities"),
}


def statements(ledger: Ledger, as_of: date, findings: Findings) -> pl.DataFrame:
    """Ratios of each customer's latest statement known on a date: customer_key and `RATIOS`.

    Without known_on a statement counts from some months after its period end. One that is stale, of
    a bank or insurer, or not possible gives no ratio and an Issue. A flow of other than 12 months is
    brought to a year.
    """
    lag = f"{int(rule('statement_lag_months'))}mo"
    heard = pl.coalesce("known_on", pl.col("period_end").dt.offset_by(lag))
    table = ledger["statements"]
    known = (
        table.with_columns(customer_key=folded(table["customer_id"]), heard=heard)
        .filter(pl.max_horizontal("period_end", "heard") <= as_of)
        .sort("period_end", "heard", maintain_order=True)
        .unique("customer_key", keep="last", maintain_order=True)
    )
    ends = {end: altman.is_stale(end, as_of) for end in known["period_end"].unique()}
    old = pl.col("period_end").replace_strict(ends, default=False, return_dtype=pl.Boolean)
    _report("grade_statement_stale", known.filter(old), "period_end", findings)
    known = known.filter(~old).join(_financial_firms(ledger), on="customer_key", how="anti")
    year = pl.when(pl.col("months") > 0).then(12 / pl.col("months")).otherwise(1.0)
    known = known.with_columns(pl.col("operating_cash_flow") * year)
    ratios = known.with_columns(_ratio(name) for name in RATIOS)
    for name, (part, whole) in RATIOS.items():
        given = pl.col(part).is_not_null() & pl.col(whole).is_not_null()
        odd = ratios.filter(given & pl.col(name).is_null()).with_columns(ratio=pl.lit(name))
        _report("grade_ratio", odd, whole, findings)
    return ratios.select("customer_key", *RATIOS)


def ratings(ledger: Ledger, as_of: date, findings: Findings) -> pl.DataFrame:
    """Latest agency rating known on a date: customer_key, external_rating as scale:grade.

    The source names the scale where the rating does not. Of two of the same day the worse counts.
    """
    table = ledger["ratings"]
    known = table.with_columns(
        customer_key=folded(table["subject"]),
        text=pl.when(pl.col("rating").str.contains("[:：]"))
        .then("rating")
        .otherwise(pl.concat_str("source", "rating", separator=":")),
    ).filter(pl.max_horizontal("date", "known_on") <= as_of)
    read: dict[str, tuple[str | None, int | None, str | None]] = {}
    for text in known["text"].drop_nulls().unique():
        try:
            found = rating(text)
            read[text] = (str(found), found.grade, None)
        except ReceivablesError as fault:
            read[text] = (None, None, str(fault))
    columns = {
        name: pl.col("text").replace_strict({text: row[at] for text, row in read.items()}, default=None, return_dtype=kind)
        for at, (name, kind) in enumerate([("external_rating", pl.String), ("rank", pl.Int64), ("why", pl.String)])
    }  # fmt: skip
    known = known.with_columns(**columns)
    unread = known.filter(pl.col("why").is_not_null())
    findings.add("grade_rating_unread", "ratings", unread.with_columns(value="text"), "rating")
    return (
        known.filter(pl.col("external_rating").is_not_null())
        .sort("date", "rank", maintain_order=True)
        .unique("customer_key", keep="last", maintain_order=True)
        .select("customer_key", "external_rating")
    )


def countries(ledger: Ledger, as_of: date, findings: Findings) -> pl.DataFrame:
    """Country class of each customer: customer_key, country; our own table only from its own date on.

    A country that nobody knows gives no class and an Issue at its first customer.
    """
    rated, _ = ledger_ratings(ledger, as_of)
    given = {place.alpha2: one.risk_class for place, one in latest(rated).items()}
    rows = ledger["customers"].drop_nulls("country")
    for first in rows.unique("country", keep="first", maintain_order=True).iter_slices(1):
        _report_country(first, findings)
    customers = rows.select("customer_key", "country").drop_nulls()
    found = {text: _class(text, given, as_of) for text in customers["country"].unique()}
    return (
        customers.with_columns(
            pl.col("country").replace_strict(found, default=None, return_dtype=pl.String)
        )
        .drop_nulls()
        .unique("customer_key", keep="first", maintain_order=True)
    )


def insolvency(ledger: Ledger, as_of: date) -> pl.DataFrame:
    """Customers whose insolvency was known on a date: customer_key, insolvency (yes)."""
    events = ledger["events"]
    kinds = {kind: signal_of(kind) for kind in events["kind"].drop_nulls().unique()}
    signal = pl.col("kind").replace_strict(kinds, default="", return_dtype=pl.String)
    age = (pl.lit(as_of) - pl.col("on")).dt.total_days()
    return (
        events.with_columns(customer_key=folded(events["customer_id"]))
        .filter(
            signal == INSOLVENCY,
            pl.max_horizontal("on", "known_on") <= as_of,
            age <= rules()[INSOLVENCY].window,
        )
        .select("customer_key", insolvency=pl.lit(value=True))
        .unique()
    )


def _ratio(name: str) -> pl.Expr:
    part, whole = RATIOS[name]
    factor = known_factors()[name]
    ratio = pl.col(part).cast(pl.Float64) / pl.col(whole).cast(pl.Float64)
    possible = (pl.col(whole) > 0) & ratio.is_between(factor.least, factor.most)
    return pl.when(possible).then(ratio).alias(name)


def _financial_firms(ledger: Ledger) -> pl.DataFrame:
    """Banks and insurers: their balance sheets say something else."""
    customers = ledger["customers"]
    if "industry" not in customers.columns:
        return customers.select("customer_key").clear()
    refused = []
    for text in customers["industry"].drop_nulls().unique():
        try:
            altman.refuse_industry(text)
        except NotAvailableError:
            refused.append(text)
    return customers.filter(pl.col("industry").is_in(refused)).select("customer_key")


def _report_country(customer: pl.DataFrame, findings: Findings) -> None:
    text = customer["country"][0]
    if len(successors(text)) == 1:
        return
    try:
        find_country(text)
    except ReceivablesError as fault:
        told = customer.select("_source", "_row", value="country", why=pl.lit(str(fault)))
        findings.add("country_unknown", "customers", told, "country")


def _class(text: str, given: dict[str, str], as_of: date) -> str | None:
    heirs = successors(text)
    try:
        one = find_country(heirs[0].alpha2 if len(heirs) == 1 else text)
        if one.alpha2 in given:
            return given[one.alpha2]
        own = own_risk(one)
    except ReceivablesError:
        return None
    return own.risk_class if own.as_of is None or own.as_of <= as_of else None


def _report(code: str, rows: pl.DataFrame, column: str, findings: Findings) -> None:
    told = rows.with_columns(value=pl.col("period_end").cast(pl.String))
    findings.add(code, "statements", told, column)
