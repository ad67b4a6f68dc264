"""The reserve a ledger needs as of a date: pool by pool, case by case, dilution apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import polars as pl

from receivables import money
from receivables.errors import BadValueError, Issue
from receivables.ledger.keys import folded
from receivables.monitor.reserve import NIL, falling
from receivables.monitor.reserve_base import BLOCK, EclBase, portion
from receivables.monitor.reserve_history import ALL, pool_name
from receivables.monitor.reserve_policy import DILUTION, NettingRow, Policy, SpecificRow
from receivables.monitor.reserve_rates import BucketRate, completed


@dataclass(frozen=True, slots=True)
class PoolLine:
    """One bucket of the pool: reserve = (exposure − netted − collected) × effective rate."""

    company: str
    currency: str
    segment: str
    bucket: str
    exposure: int
    netted: int
    collected: int
    insured: int
    secured: int
    rate: Decimal
    effective: Decimal
    reserve: int
    reimbursement: int
    """Insurer's part of the loss expected on insured debt: an asset of its own, never netted."""
    source: str


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One customer or document assessed alone."""

    company: str
    currency: str
    customer_id: str
    name: str
    document_no: str
    exposure: int
    rate: Decimal | None
    reserve: int
    reason: str


@dataclass(frozen=True, slots=True)
class DilutionLine:
    """Disputed debt: what is expected to be credited lowers revenue, it is no credit loss."""

    company: str
    currency: str
    exposure: int
    rate: Decimal | None
    reserve: int


@dataclass(frozen=True, slots=True)
class Reserve:
    """What is required as of a date, in minor units of the document currency."""

    as_of: date
    base: EclBase
    rates: Mapping[str, Sequence[BucketRate]]
    pool: list[PoolLine]
    cases: list[CaseLine]
    dilution: list[DilutionLine]
    issues: list[Issue] = field(default_factory=list)

    def required(self) -> dict[tuple[str, str], tuple[int, int, int]]:
        """(company, currency) → collective, specific, dilution."""
        sums = {(row[0], row[1]): [0, 0, 0] for row in self.base.bridge.select(BLOCK).iter_rows()}
        rows = [
            *((line.company, line.currency, 0, line.reserve) for line in self.pool),
            *((line.company, line.currency, 1, line.reserve) for line in self.cases),
            *((line.company, line.currency, 2, line.reserve) for line in self.dilution),
        ]
        for company, currency, part, amount in rows:
            sums[company, currency][part] += amount
        return {key: (parts[0], parts[1], parts[2]) for key, parts in sums.items()}


def rules_of(policy: Policy, on: date) -> pl.DataFrame:
    """Specific cases as the rules that `ecl_base` asks for; `rule` counts the cases of the day."""
    cases = policy.specific_at(on)
    return pl.DataFrame(
        {
            "rule": pl.Series(range(len(cases)), dtype=pl.Int64),
            "company": pl.Series([case.company for case in cases], dtype=pl.String),
            "currency": pl.Series([case.currency.upper() for case in cases], dtype=pl.String),
            "customer_key": folded(
                pl.Series([case.customer_id for case in cases], dtype=pl.String)
            ),
            "document_key": folded(
                pl.Series([case.document_no for case in cases], dtype=pl.String)
            ),
        }
    )


def assess(
    base: EclBase,
    policy: Policy,
    rates: Mapping[str, Sequence[BucketRate]],
    collected: Mapping[int, int] | None = None,
) -> Reserve:
    """The reserve of an ECL base.

    Args:
        base: result of `ecl_base` with the rules of the policy.
        policy: what the user decided.
        rates: loss rates per pool (currency, or "" for all) and bucket.
        collected: money received after the balance date by item, where CECL lets it count.

    Raises:
        DomainError: money in a bucket without a rate.
        BadValueError: an amount for a case that spans companies or currencies.
    """
    items = _with_cover(base.items, policy.netting, collected or {})
    issues = [*_rate_issues(rates), *_overlay_issues(policy)]
    pool = []
    for key, own in items.filter(pl.col("base") != 0).group_by(
        *BLOCK, "segment", maintain_order=True
    ):
        company, currency, segment = (str(part) for part in key)
        sums = {row["bucket"]: row for row in _by_bucket(own).iter_rows(named=True)}
        exposed = {bucket: row["base"] for bucket, row in sums.items()}
        own_rates = _pool_rates(rates, currency, segment, base.labels)
        where = " ".join(filter(None, (company, currency, segment)))
        kept_apart = {pool_name(currency, segment), currency} & set(rates)
        issues += _thin(own_rates, exposed, currency) if kept_apart else []
        given = {
            _label(name, base.labels): (row.rate, row.source)
            for name, row in policy.at(base.as_of, segment).items()
        }
        lines = completed(own_rates, given, exposed, where)
        pool += [
            _pool_line((company, currency, segment), line, sums[line.bucket], policy)
            for line in lines
            if line.bucket in sums
        ]
    cases, more = _cases(base, policy)
    diluted, worries = _dilution(base, policy)
    pool.sort(
        key=lambda line: (
            line.company, line.currency, line.segment, base.labels.index(line.bucket)
        )
    )  # fmt: skip
    return Reserve(base.as_of, base, rates, pool, cases, diluted, [*issues, *more, *worries])


def note(code: str, level: str, value: object, message: str, cure: str) -> Issue:
    """An Issue about the reserve: it has no cell of its own."""
    return Issue(code, level, "reserve", "", "", "", "", str(value), message, cure)  # type: ignore[arg-type]


def _pool_rates(
    rates: Mapping[str, Sequence[BucketRate]], currency: str, segment: str, labels: Sequence[str]
) -> list[BucketRate]:
    """Rates of the most exact pool: currency and segment, segment, currency, all."""
    names = (pool_name(currency, segment), pool_name(ALL, segment), currency, ALL)
    found = next((rates[name] for name in names if name in rates), None)
    if found is None:
        return [BucketRate(place, label, None, "") for place, label in enumerate(labels)]
    return list(found)


def _thin(lines: Sequence[BucketRate], exposed: Mapping[int, int], currency: str) -> list[Issue]:
    """Buckets in which more stands than ever left: their rate rests on little."""
    return [
        note("reserve_thin_history", "warning", line.rate,
             f"The rate of {line.label} in {currency} rests on "
             f"{money.text(money.half_up(line.seen), currency)} that left the bucket; "
             f"{money.text(exposed[line.bucket], currency)} stands there.",
             "Look at the big cases one by one (specific), or take a longer history.")
        for line in lines
        if line.seen is not None and line.seen < exposed.get(line.bucket, 0)
    ]  # fmt: skip


def _label(name: str, labels: Sequence[str]) -> str:
    """The label a user means, blanks and case aside."""
    plain = "".join(name.casefold().split())
    return next((text for text in labels if "".join(text.casefold().split()) == plain), name)


def _with_cover(
    items: pl.DataFrame, netting: Sequence[NettingRow], collected: Mapping[int, int]
) -> pl.DataFrame:
    """Add `netted` (recorded opt-ins) and `collected`; together never more than the base."""
    parts = [pl.lit(0, pl.Int64)]
    for opt in netting:
        key = folded(pl.Series([opt.customer_id]))[0]
        mine = (pl.col("customer_key") == key) if key else pl.lit(value=True)
        amount = "secured" if opt.kind == "secured" else "insured"
        share = float(opt.share) if opt.share is not None else 1.0
        part = items.with_columns(pl.lit(share).alias("share")).select(portion(amount, "share"))
        parts.append(pl.when(mine).then(pl.lit(part[amount])).otherwise(0))
    money_in = pl.DataFrame(
        {"item": list(collected), "received": list(collected.values())},
        schema={"item": pl.Int64, "received": pl.Int64},
    )
    rest = pl.col("base") - pl.col("netted")
    return (
        items.with_columns(pl.min_horizontal(pl.sum_horizontal(parts), "base").alias("netted"))
        .join(money_in, on="item", how="left", maintain_order="left")
        .with_columns(
            pl.min_horizontal(pl.col("received").fill_null(0).clip(lower_bound=0), rest).alias(
                "collected"
            )
        )
    )


def _by_bucket(items: pl.DataFrame) -> pl.DataFrame:
    names = ("base", "netted", "collected", "insured", "secured")
    return items.group_by("bucket").agg(pl.col(names).sum()).sort("bucket")


def _pool_line(
    key: tuple[str, str, str], line: BucketRate, sums: Mapping[str, int], policy: Policy
) -> PoolLine:
    rate = line.rate if line.rate is not None else NIL
    effective = policy.effective(rate)
    netted = any(row.kind == "insured" for row in policy.netting)
    insured = NIL if netted or policy.insured_share is None else policy.insured_share
    at_risk = sums["base"] - sums["netted"] - sums["collected"]
    return PoolLine(
        company=key[0],
        currency=key[1],
        segment=key[2],
        bucket=line.label,
        exposure=sums["base"],
        netted=sums["netted"],
        collected=sums["collected"],
        insured=sums["insured"],
        secured=sums["secured"],
        rate=rate,
        effective=effective,
        reserve=money.half_up(Decimal(at_risk) * effective),
        reimbursement=money.half_up(Decimal(min(sums["insured"], at_risk)) * effective * insured),
        source=line.source,
    )


def _cases(base: EclBase, policy: Policy) -> tuple[list[CaseLine], list[Issue]]:
    """Reserves of the cases; an amount is never above what is owed."""
    found: list[CaseLine] = []
    issues: list[Issue] = []
    for number, case in enumerate(policy.specific_at(base.as_of)):
        own = base.items.filter(pl.col("rule") == number)
        name = f"{case.customer_id} {case.document_no}".strip()
        groups = own.group_by(*BLOCK, "customer_id").agg(
            pl.col("specific").sum(), pl.col("name").first()
        )
        if groups.is_empty():
            issues.append(
                note("reserve_case_unused", "warning", name,
                     f"Specific case {name}: nothing of it is open on {base.as_of}.",
                     "Delete the row, or correct customer, document, company or currency.")
            )  # fmt: skip
            continue
        if case.amount is not None and groups.height > 1:
            raise BadValueError(
                f"Specific case {name} gives an amount, but stands in {groups.height} companies "
                "or currencies. Name company and currency, one row each."
            )
        for row in groups.sort(BLOCK).iter_rows(named=True):
            line, late = _case_line(case, row)
            found.append(line)
            issues += late
    return found, issues


def _case_line(case: SpecificRow, row: Mapping[str, object]) -> tuple[CaseLine, list[Issue]]:
    exposure, currency = int(str(row["specific"])), str(row["currency"])
    issues = []
    if case.amount is None:
        wanted = money.half_up(Decimal(exposure) * (case.rate or NIL))
    else:
        wanted = money.to_minor(case.amount, currency)
    if wanted > exposure:
        shown = money.text(exposure, currency)
        issues.append(
            note("reserve_case_above", "warning", case.amount,
                 f"The reserve of {case.customer_id} is above the {currency} {shown} it owes; "
                 f"{shown} is used.",
                 "Lower the amount: nobody loses more than is owed.")
        )  # fmt: skip
    line = CaseLine(
        company=str(row["company"]),
        currency=currency,
        customer_id=str(row["customer_id"]),
        name=str(row["name"] or ""),
        document_no=case.document_no,
        exposure=exposure,
        rate=case.rate,
        reserve=min(wanted, exposure),
        reason=case.reason,
    )
    return line, issues


def _dilution(base: EclBase, policy: Policy) -> tuple[list[DilutionLine], list[Issue]]:
    row = policy.at(base.as_of).get(DILUTION)
    found = []
    for company, currency, amount in base.bridge.select(*BLOCK, "dilution").iter_rows():
        if amount:
            reserve = 0 if row is None else money.half_up(Decimal(amount) * row.rate)
            rate = None if row is None else row.rate
            found.append(DilutionLine(company, currency, amount, rate, reserve))
    if not found or row is not None:
        return found, []
    return found, [
        note("reserve_no_dilution", "warning", DILUTION,
             "Disputed debt is in no loss pool, and no rate says what will be credited.",
             f"Add a row with bucket {DILUTION} to the rates.")
    ]  # fmt: skip


def _rate_issues(rates: Mapping[str, Sequence[BucketRate]]) -> list[Issue]:
    issues = []
    for pool, lines in rates.items():
        known = [line for line in lines[:-1] if line.rate is not None]
        shares = [line.rate for line in known if line.rate is not None]
        for place in falling(shares):
            young, old = known[place - 1], known[place]
            issues.append(
                note("reserve_falling", "warning", old.rate,
                     f"{pool or 'Rates'}: {old.label} ({_percent(old.rate)}) has a lower rate than "
                     f"{young.label} ({_percent(young.rate)}).",
                     "Older debt is rarely safer. Check the rates, or say why in the source.")
            )  # fmt: skip
        if known and not any(shares):
            issues.append(
                note("reserve_no_loss_seen", "warning", pool,
                     f"{pool or 'The rates'}: every loss rate is 0.",
                     "No loss in the past is no promise: say what you expect, by overlay or rates.")
            )  # fmt: skip
        issues += [
            note("reserve_no_source", "warning", line.label,
                 f"The rate of {line.label} has no source.",
                 "Write where it comes from: own history, study, decision and date.")
            for line in lines
            if line.rate is not None and not line.source.strip()
        ]  # fmt: skip
    return issues


def _overlay_issues(policy: Policy) -> list[Issue]:
    if policy.overlay in {None, 1} or policy.overlay_reason.strip():
        return []
    return [
        note("reserve_overlay_reason", "warning", policy.overlay,
             f"The overlay of {policy.overlay} has no reason.",
             "Write overlay_reason: an auditor asks for it.")
    ]  # fmt: skip


def _percent(rate: Decimal | None) -> str:
    return f"{float(rate or 0):.2%}"
