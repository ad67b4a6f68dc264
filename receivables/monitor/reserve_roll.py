"""The allowance from one balance date to the next, and the journal that brings the books to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from receivables import money
from receivables.errors import Issue, NotAvailableError
from receivables.ledger.posted import Posted
from receivables.monitor.reserve_ledger import Reserve, note
from receivables.rates import Rates

RECOVERED_IN_ALLOWANCE = ("CECL", "CAS22")
"""Frameworks in which a recovery goes back to the allowance; under IFRS it goes to profit or loss."""

TEXTS = {
    "credit_loss": "Credit loss to required level",
    "dilution": "Dilution: expected credit notes",
}


@dataclass(frozen=True, slots=True)
class Movement:
    """Roll-forward of the allowance of one company in its local currency, in minor units.

    opening + charge − reversal − written_off + recovered + fx = closing. `recovered_in_income` is
    a recovery that the framework takes to profit or loss: shown, not part of the sum.
    """

    company: str
    currency: str
    start: date
    end: date
    opening: int
    charge: int
    reversal: int
    written_off: int
    recovered: int
    fx: int
    closing: int
    recovered_in_income: int = 0

    @property
    def ties(self) -> bool:
        """Whether the movement adds up."""
        moved = self.charge - self.reversal - self.written_off + self.recovered + self.fx
        return self.opening + moved == self.closing


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One line of a proposed journal; `account` is empty where nobody named it."""

    company: str
    entry: str
    side: str
    account: str
    role: str
    currency: str
    amount: int
    text: str


@dataclass(frozen=True, slots=True)
class Booked:
    """Allowance of a company: what the general ledger holds (a credit is positive here)."""

    company: str
    currency: str
    account: str
    balance: int
    required: int

    @property
    def adjustment(self) -> int:
        """What is still to be booked: required − booked."""
        return self.required - self.balance


def in_local(
    reserve: Reserve, local: Mapping[str, str], rates: Rates, on: date, part: str = "allowance"
) -> dict[str, int]:
    """Required allowance (collective + specific) or dilution by company, in local currency.

    Raises:
        NotAvailableError: a currency without rate, or a company whose local currency is unknown.
    """
    found: dict[str, int] = {}
    for (company, currency), (collective, specific, dilution) in reserve.required().items():
        amount = dilution if part == "dilution" else collective + specific
        target = local_of(company, currency, local, reserve)
        moved = money.convert(amount, rates.find(currency, target, on).value, currency, target)
        found[company] = found.get(company, 0) + moved
    return found


def local_of(company: str, currency: str, local: Mapping[str, str], reserve: Reserve) -> str:
    """Local currency of a company: as known, else the only one it has."""
    known = local.get(company, local.get("", ""))
    if known:
        return known
    used = {pair[1] for pair in reserve.required() if pair[0] == company}
    if len(used) == 1:
        return currency
    raise NotAvailableError(
        f"The local currency of company '{company}' is not known, and it owes nothing in one "
        f"currency only ({', '.join(sorted(used))}). Set local_currency, for example "
        f"{company or 'DE01'}=EUR."
    )


def roll_forward(
    opening: Reserve,
    closing: Reserve,
    posted: Posted,
    local: Mapping[str, str],
    rates: Rates,
    framework: str,
) -> list[Movement]:
    """Movement of the required allowance per company between two balance dates.

    Both ends are computed by the same rule, so the closing of one month is the opening of the
    next. Exchange difference: the opening at the closing rate less the opening. Write-offs and
    recoveries are those posted in between. What is left is the charge, or the reversal.
    """
    start, end = opening.as_of, closing.as_of
    first, last = in_local(opening, local, rates, start), in_local(closing, local, rates, end)
    retold = in_local(opening, local, rates, end)
    used = _posted_between(posted, start, end, local, rates, closing)
    found = []
    for company in sorted({*first, *last}):
        begun, ended = first.get(company, 0), last.get(company, 0)
        written, recovered = (
            used.get((company, "write_off"), 0),
            used.get((company, "recovery"), 0),
        )
        inside = recovered if framework in RECOVERED_IN_ALLOWANCE else 0
        fx = retold.get(company, 0) - begun
        rest = ended - (begun - written + inside + fx)
        code = local_of(company, _any_currency(company, closing, opening), local, closing)
        found.append(
            Movement(
                company, code, start, end, begun, max(rest, 0), max(-rest, 0), written, inside, fx,
                ended, recovered - inside,
            )
        )  # fmt: skip
    return found


def booked(
    reserve: Reserve, controls: pl.DataFrame, local: Mapping[str, str], rates: Rates
) -> tuple[list[Booked], list[Issue]]:
    """Allowance per company: required beside what Controls (kind allowance) holds on the day.

    A company without such a row, with one in another currency, or with a debit balance gets no
    journal but an Issue: its allowance is not known.
    """
    required = in_local(reserve, local, rates, reserve.as_of)
    rows = controls.filter(
        (pl.col("kind") == "allowance") & (pl.col("as_of") == pl.lit(reserve.as_of))
    )
    found: list[Booked] = []
    issues: list[Issue] = []
    for company, wanted in sorted(required.items()):
        code = local_of(company, _any_currency(company, reserve), local, reserve)
        own = rows.filter(pl.col("company").fill_null("") == company)
        fault = _fault(company, code, own, reserve.as_of)
        if fault:
            issues.append(fault)
            continue
        accounts = sorted({str(name or "") for name in own["account"]})
        balance = -sum(_local_balance(row, code) for row in own.iter_rows(named=True))
        found.append(Booked(company, code, ", ".join(accounts), balance, wanted))
    return found, issues


def journal(
    allowances: Sequence[Booked],
    dilution: Mapping[str, tuple[str, int]],
    accounts: Mapping[str, str],
) -> tuple[list[JournalLine], list[Issue]]:
    """Proposed journal: Dr impairment loss, Cr allowance, or the other way round; dilution apart.

    Args:
        allowances: what is required and what is booked, by company.
        dilution: company → currency and movement of the refund liability since the opening.
        accounts: account by role, or by `company.role`; the allowance account stands in Controls.
    """
    lines: list[JournalLine] = []
    for item in allowances:
        known = {"allowance": item.account} if item.account else {}
        lines += _entry(
            item.company, "credit_loss", item.currency, item.adjustment,
            ("impairment_loss", "allowance"), {**accounts, **known},
        )  # fmt: skip
    for company, (currency, amount) in sorted(dilution.items()):
        roles = ("revenue", "refund_liability")
        lines += _entry(company, "dilution", currency, amount, roles, accounts)
    missing = sorted({(line.company, line.role) for line in lines if not line.account})
    issues = [
        note("reserve_no_account", "warning", role,
             f"Nobody named the account for {role} of company '{company}'.",
             f"Write {role} under [accounts] of the file of --rates.")
        for company, role in missing
    ]  # fmt: skip
    return lines, issues


def _entry(
    company: str,
    entry: str,
    currency: str,
    amount: int,
    roles: tuple[str, str],
    accounts: Mapping[str, str],
) -> list[JournalLine]:
    if not amount:
        return []
    debit, credit = roles if amount > 0 else roles[::-1]
    return [
        JournalLine(
            company=company,
            entry=entry,
            side=side,
            account=accounts.get(f"{company}.{role}", accounts.get(role, "")),
            role=role,
            currency=currency,
            amount=abs(amount),
            text=TEXTS[entry],
        )
        for side, role in (("Dr", debit), ("Cr", credit))
    ]


def _posted_between(
    posted: Posted,
    start: date,
    end: date,
    local: Mapping[str, str],
    rates: Rates,
    reserve: Reserve,
) -> dict[tuple[str, str], int]:
    """Write-offs (less those reversed) and recoveries after `start` up to `end`, local currency."""
    kinds = posted.details.with_columns(_kind(posted.details))
    rows = kinds.filter(
        pl.col("kind").is_in(("write_off", "recovery"))
        & (pl.col("posted_on") > pl.lit(start))
        & (pl.col("posted_on") <= pl.lit(end))
    )
    found: dict[tuple[str, str], int] = {}
    for row in rows.select(
        "company", "currency", "kind", "amount", "amount_lc", "posted_on"
    ).iter_rows(named=True):
        target = local_of(row["company"], row["currency"], local, reserve)
        amount = row["amount_lc"]
        if amount is None:
            rate = rates.find(row["currency"], target, row["posted_on"]).value
            amount = money.convert(row["amount"], rate, row["currency"], target)
        key = (row["company"], row["kind"])
        found[key] = found.get(key, 0) + (-amount if row["kind"] == "write_off" else amount)
    return found


def _kind(details: pl.DataFrame) -> pl.Expr:
    """The kind of a row; the reversal of a write-off counts as a write-off taken back."""
    written = details.filter(pl.col("kind") == "write_off")["document_key"].drop_nulls()
    undone = (pl.col("kind") == "reversal") & pl.col("reverses").is_in(written.implode())
    return pl.when(undone).then(pl.lit("write_off")).otherwise("kind").alias("kind")


def _any_currency(company: str, *reserves: Reserve) -> str:
    pairs = (pair for reserve in reserves for pair in reserve.required())
    return next((currency for owner, currency in pairs if owner == company), "")


def _local_balance(row: Mapping[str, Any], currency: str) -> int:
    return int(row["balance"] if row["currency"] == currency else row["balance_lc"])


def _fault(company: str, code: str, own: pl.DataFrame, on: date) -> Issue | None:
    """Why the booked allowance of a company is not known."""
    if own.is_empty():
        return note(
            "reserve_no_allowance", "warning", company,
            f"Controls hold no allowance of company '{company}' on {on}: no journal is proposed.",
            f"Add a row to Controls: kind allowance, account, {code}, {on}, balance (0 if none).",
        )  # fmt: skip
    for row in own.iter_rows(named=True):
        if row["currency"] != code and row["balance_lc"] is None:
            return note(
                "reserve_allowance_currency", "error", row["currency"],
                f"The allowance {row['account']} of company '{company}' is in {row['currency']}, "
                f"its books are in {code}: no journal is proposed.",
                f"Fill balance_lc with the {code} amount, or give the balance in {code}.",
            )  # fmt: skip
    if sum(_local_balance(row, code) for row in own.iter_rows(named=True)) > 0:
        return note(
            "reserve_allowance_debit", "error", company,
            f"The allowance of company '{company}' has a debit balance on {on}: no journal is "
            "proposed.",
            "An allowance is a credit: type it below 0, or look into the account.",
        )  # fmt: skip
    return None
