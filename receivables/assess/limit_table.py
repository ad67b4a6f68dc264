"""Every customer beside his limits as of a date: exposure, group first, then own, then components."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from receivables import money
from receivables.assess.dated_limits import limits_at
from receivables.assess.exposure import component_names, components
from receivables.assess.limit_currency import Missing, converted, in_limit_currency
from receivables.assess.limit_policy import LimitPolicy
from receivables.errors import BadValueError, Issue
from receivables.ledger.findings import Findings
from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger
from receivables.ledger.open import OpenItems
from receivables.rates import Rates

ORDER = {"hold": 0, "alert": 1, "none set": 2, "unlimited": 3, "": 4}
"""States, gravest first."""
ROW = ("customer_key", "currency")


@dataclass(frozen=True, slots=True)
class LimitTable:
    """Customers and groups with their limits as of a date; money is int64 minor units of `currency`.

    `frame`, gravest first, one row per customer (per currency where no limit names one): customer_key,
    customer_id, name, group_id, currency, a column per component, exposure (Σ of those that count,
    not below 0), limit (own), limit_from, decided_by, source (limits, customers, ""), insured_limit,
    usable, insured_part, own_part (exposure = their sum), headroom, used (share), own_state,
    group_state, parts (component limits exceeded, in words), state (the gravest), binding (group,
    own, component: which limit decides).
    `groups`: group_id, currency, members, exposure, limit, headroom, used, state.
    """

    as_of: date
    frame: pl.DataFrame
    groups: pl.DataFrame
    counted: tuple[str, ...]
    issues: tuple[Issue, ...]


def limit_table(
    opened: OpenItems,
    ledger: Ledger,
    rates: Rates,
    *,
    policy: LimitPolicy | None = None,
    leave_out: Collection[str] = (),
    language: str = "en",
) -> LimitTable:
    """Exposure against limits, converted into the currency of the limit at the rate of the date.

    Sums of a component are converted, not documents one by one. Where a rate is missing the row stays
    in its own currency without limit, and an Issue says so.

    Args:
        opened: open items in document currency.
        ledger: checked tables.
        rates: the Rates table.
        policy: thresholds, default the shipped ones.
        leave_out: components whose switch is off, beside those that are off in the shipped list.
        language: of Issues, en or zh.

    Raises:
        BadValueError: an unknown component.
    """
    rules = policy or LimitPolicy.default()
    counts = _switches(leave_out)
    findings = Findings(ledger.sources, language)
    limits = limits_at(ledger, opened.as_of, findings)
    who = _who(opened, ledger)
    parts = components(opened, ledger, rules).filter(pl.col("component").is_in(list(counts)))
    parts = in_limit_currency(parts, limits, who, rates, opened.as_of, findings)
    frame = _wide(parts, limits, who, counts)
    frame = _own(frame, limits, rates, opened.as_of, rules)
    groups = _groups(frame, limits, rates, opened.as_of, rules, findings)
    frame = _judged(_with_parts(frame, parts, limits, rates, opened.as_of), groups)
    return LimitTable(opened.as_of, frame, groups, tuple(counts), tuple(findings.all()))


def _switches(leave_out: Collection[str]) -> dict[str, str]:
    names = component_names()
    unknown = [name for name in leave_out if name not in names]
    if unknown:
        raise BadValueError(f"There is no component '{unknown[0]}'. Give {', '.join(names)}.")
    return {n: how for n, how in names.items() if how != "off" and n not in leave_out}


def _who(opened: OpenItems, ledger: Ledger) -> pl.DataFrame:
    """Customers by key: those of the file, then those that only documents name."""
    customers = ledger["customers"]
    own = customers.select(
        folded(customers["customer_id"]).alias("customer_key"),
        "customer_id",
        "name",
        "group_id",
    )
    seen = opened.parties.select(
        "customer_key", "customer_id", "name", pl.lit(None, pl.String).alias("group_id")
    )
    found = pl.concat([own, seen]).unique("customer_key", keep="first", maintain_order=True)
    return found.with_columns(folded(found["group_id"].fill_null("")).alias("group_key"))


def _wide(
    parts: pl.DataFrame, limits: pl.DataFrame, who: pl.DataFrame, counts: dict[str, str]
) -> pl.DataFrame:
    """A row per customer and currency; customers with a limit and nothing owed are there too."""
    base = parts.select(*ROW).unique()
    idle = limits.filter(pl.col("kind") == "own").select(
        pl.col("subject").alias("customer_key"), "currency"
    )
    base = pl.concat([base, idle.join(base, on="customer_key", how="anti")])
    for name in counts:
        one = parts.filter(pl.col("component") == name).select(*ROW, pl.col("amount").alias(name))
        base = base.join(one, on=ROW, how="left")
    sign = {"added": 1, "less": -1}
    total = pl.sum_horizontal(pl.col(n) * sign[how] for n, how in counts.items() if how in sign)
    return (
        base.with_columns(pl.col(list(counts)).fill_null(0))
        .with_columns(exposure=total.clip(lower_bound=0).cast(pl.Int64))
        .join(who, on="customer_key", how="left")
        .with_columns(
            pl.col("customer_id").fill_null(pl.col("customer_key")),
            pl.col("group_key").fill_null(""),
        )
    )


def _own(
    frame: pl.DataFrame, limits: pl.DataFrame, rates: Rates, as_of: date, rules: LimitPolicy
) -> pl.DataFrame:
    """Own and insured limit, what is usable of them, and the use of it."""
    own = limits.filter(pl.col("kind") == "own").select(
        pl.col("subject").alias("customer_key"),
        pl.col("currency"),
        pl.col("amount").alias("limit"),
        pl.col("valid_from").alias("limit_from"),
        "decided_by",
        "source",
    )
    insured = limits.filter(pl.col("kind") == "insured").select(
        pl.col("subject").alias("customer_key"),
        pl.col("amount").alias("insured_limit"),
        pl.col("currency").alias("_insured_in"),
    )
    frame = frame.join(own, on=ROW, how="left").join(insured, on="customer_key", how="left")
    frame = converted(frame, "insured_limit", "_insured_in", "currency", rates, as_of, {})
    frame = frame.with_columns(
        insured_limit=pl.col("moved"), source=pl.col("source").fill_null("")
    )
    frame = frame.drop("moved", "_insured_in").with_columns(usable=_usable(rules))
    covered = pl.min_horizontal("exposure", pl.col("insured_limit").fill_null(0))
    return frame.with_columns(
        insured_part=covered,
        own_part=pl.col("exposure") - covered,
        headroom=pl.col("usable") - pl.col("exposure"),
        used=_share("usable"),
        own_state=state("usable", rules),
    )


def _usable(rules: LimitPolicy) -> pl.Expr:
    own, insured = pl.col("limit"), pl.col("insured_limit")
    return {
        "lower": pl.when(own.is_not_null()).then(pl.min_horizontal(own, insured)),
        "own": own,
        "insured": insured,
        "sum": own + insured.fill_null(0),
    }[rules.words["usable_rule"]]


def state(limit: str, rules: LimitPolicy) -> Any:
    """State of an exposure against a limit column, in whole numbers: no division, no edge lost."""
    exposure, bound = pl.col("exposure"), pl.col(limit)
    alert, hold = rules["alert_share"], rules["hold_share"]
    near = (exposure > 0) & (exposure * alert.denominator >= bound * alert.numerator)
    found: Any = pl.when(bound.is_null()).then(pl.lit("none set"))
    if rules.words["zero_limit"] == "unlimited":
        found = found.when(bound == 0).then(pl.lit("unlimited"))
    return (
        found.when(exposure * hold.denominator > bound * hold.numerator).then(pl.lit("hold"))
        .when(near).then(pl.lit("alert"))
        .otherwise(pl.lit(""))
    )  # fmt: skip


def _share(limit: str) -> pl.Expr:
    return pl.when(pl.col(limit) > 0).then(pl.col("exposure") / pl.col(limit))


def _groups(
    frame: pl.DataFrame,
    limits: pl.DataFrame,
    rates: Rates,
    as_of: date,
    rules: LimitPolicy,
    findings: Findings,
) -> pl.DataFrame:
    """Groups with a limit: exposures of the members in its currency; a member's credit helps no other."""
    bound = limits.filter(pl.col("kind") == "group").select(
        pl.col("subject").alias("group_key"),
        pl.col("amount").alias("limit"),
        pl.col("currency").alias("group_currency"),
    )
    rows = frame.drop("limit").join(bound, on="group_key", how="inner")
    missing: Missing = {}
    rows = converted(rows, "exposure", "currency", "group_currency", rates, as_of, missing)
    for (source, target), why in missing.items():
        findings.one("limit_rate", "rates", "rate", value=source, target=target, why=why)
    sums = rows.group_by("group_key", "limit", currency=pl.col("group_currency")).agg(
        pl.col("group_id").first(),
        pl.col("customer_key").n_unique().cast(pl.Int64).alias("members"),
        pl.col("moved").sum().alias("exposure"),
    )
    return sums.with_columns(
        headroom=pl.col("limit") - pl.col("exposure"),
        used=_share("limit"),
        state=state("limit", rules),
    ).sort("exposure", "group_key", descending=[True, False])


def _with_parts(
    frame: pl.DataFrame, parts: pl.DataFrame, limits: pl.DataFrame, rates: Rates, as_of: date
) -> pl.DataFrame:
    """Component limits that are exceeded, in words."""
    bound = limits.filter(pl.col("kind") == "component").select(
        pl.col("subject").alias("customer_key"),
        "component",
        pl.col("amount").alias("bound"),
        pl.col("currency").alias("bound_in"),
    )
    rows = parts.join(bound, on=("customer_key", "component"), how="inner")
    rows = converted(rows, "amount", "currency", "bound_in", rates, as_of, {})
    over = rows.filter(pl.col("moved") > pl.col("bound")).sort(*ROW, "component")
    words = [
        f"{name} {money.text(size, code)} > {money.text(limit, code)} {code}"
        for name, size, limit, code in over.select(
            "component", "moved", "bound", "bound_in"
        ).iter_rows()
    ]
    told = (
        over.with_columns(pl.Series("parts", words, dtype=pl.String))
        .group_by(ROW)
        .agg(pl.col("parts").sort().str.join("; "))
    )
    return frame.join(told, on=ROW, how="left").with_columns(pl.col("parts").fill_null(""))


def _judged(frame: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """The gravest of group, own and components; the group's limit is asked first."""
    group = groups.select("group_key", pl.col("state").alias("group_state"))
    frame = frame.join(group, on="group_key", how="left").with_columns(
        pl.col("group_state").fill_null("")
    )
    exceeded = pl.col("parts") != ""
    rank = {name: pl.lit(at) for name, at in ORDER.items()}
    held = pl.when(exceeded).then(rank["hold"]).otherwise(rank[""])
    own = pl.col("own_state").replace_strict(ORDER, return_dtype=pl.Int32)
    shared = pl.col("group_state").replace_strict(ORDER, return_dtype=pl.Int32)
    worst = pl.min_horizontal(own, shared, held)
    back = {at: name for name, at in ORDER.items()}
    binding = (
        pl.when(worst == rank[""]).then(pl.lit(""))
        .when(shared == worst).then(pl.lit("group"))
        .when(own == worst).then(pl.lit("own"))
        .otherwise(pl.lit("component"))
    )  # fmt: skip
    frame = frame.with_columns(_rank=worst, binding=binding)
    frame = frame.with_columns(state=pl.col("_rank").replace_strict(back, return_dtype=pl.String))
    return frame.sort("_rank", "exposure", "customer_key", descending=[False, True, False]).drop(
        "_rank", "group_key"
    )
