"""The terms of a credit insurance policy: every one a parameter, none assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from receivables import money
from receivables.errors import BadValueError
from receivables.ledger.schema import tables
from receivables.ledger.spelling import fold, known_columns
from receivables.transfer.headed import Rows, one_record, read_cell
from receivables.transfer.rules import scope_of

TABLE = "insurance_policies"
ZERO = Decimal(0)
BUYERS = ("company", "sole_trader", "consumer", "public_body", "intercompany")
"""Kinds of buyers a policy can leave out: legal forms, and affiliates."""
LISTS = ("excluded_scopes", "excluded_buyers")


@dataclass(frozen=True, slots=True)
class InsurancePolicy:
    """Terms of one policy; None = the policy does not say, which is not 0.

    Amounts in major units of the policy's currency, shares 0–1, periods in days.
    """

    policy_no: str = ""
    company: str = ""
    insurer: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    currency: str = ""
    insured_share: Decimal | None = None
    deductible: Decimal = ZERO
    deductible_basis: str = "before"
    loss_threshold: Decimal = ZERO
    min_retention: Decimal = ZERO
    aggregate_first_loss: Decimal = ZERO
    max_liability: Decimal | None = None
    max_liability_times: Decimal | None = None
    annual_premium: Decimal | None = None
    max_terms_days: int | None = None
    max_extension_days: int | None = None
    min_overdue: Decimal | None = None
    declare_days: int | None = None
    insolvency_days: int | None = None
    collect_days: int | None = None
    waiting_days: int | None = None
    waiting_from: str = "due"
    claim_days: int | None = None
    premium_rate: Decimal | None = None
    tax_included: bool | None = None
    excluded_scopes: frozenset[str] = frozenset()
    excluded_buyers: frozenset[str] = frozenset()

    @classmethod
    def from_range(cls, rows: Rows) -> InsurancePolicy:
        """A policy given as one headed range.

        Raises:
            BadValueError: an unknown heading, several rows, dates or amounts that cannot be.
            DomainError: a share outside 0–1.

        >>> policy = InsurancePolicy.from_range([["insured_share", "90%"], ["deductible", 5000]])
        >>> policy.insured_share, policy.deductible, policy.max_liability
        (Decimal('0.9'), Decimal('5000'), None)
        """
        record = one_record(rows, known_columns(TABLE), "The range", strict=True)
        columns = tables()[TABLE]
        return cls.from_values(
            {name: read_cell(cell, columns[name]) for name, cell in record.items()}
        )

    @classmethod
    def from_ledger(cls, row: Mapping[str, Any], currency: str) -> InsurancePolicy:
        """A row of the table InsurancePolicies; its amounts are minor units of `currency`."""
        columns = tables()[TABLE]
        values = {
            name: money.to_decimal(value, currency)
            if columns[name].type == "amount" and value is not None
            else value
            for name, value in row.items()
            if name in columns
        }
        return cls.from_values(values | {"currency": currency})

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> InsurancePolicy:
        """A policy of read values; None leaves a term unsaid.

        Raises:
            BadValueError: it ends before it begins, an amount is below 0, an unknown exclusion.
        """
        names = {item.name for item in fields(cls)}
        given = {
            name: value for name, value in values.items() if name in names and value is not None
        }
        for name in LISTS:
            if name in given:
                given[name] = _excluded(name, str(given[name]))
        for name in ("insured_share", "max_liability_times", "premium_rate"):
            if name in given:
                given[name] = Decimal(repr(float(given[name])))
        policy = cls(**given)
        policy.check()
        return policy

    def check(self) -> None:
        """Refuse terms that cannot be."""
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise BadValueError(
                f"policy {self.policy_no} ends on {self.valid_to}, before it begins on "
                f"{self.valid_from}. Correct valid_from or valid_to."
            )
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, Decimal) and value < 0:
                raise BadValueError(
                    f"policy {self.policy_no}, {item.name} is {value:f}: an amount below 0. Correct it."
                )

    def needed(self, *names: str) -> None:
        """Refuse a question that the policy cannot answer.

        Raises:
            BadValueError: names the terms that are missing.

        >>> InsurancePolicy().needed("insured_share")
        Traceback (most recent call last):
        receivables.errors.BadValueError: The policy does not say insured_share (Insured part of a loss). Add it to the range.
        """
        missing = [name for name in names if getattr(self, name) is None]
        if missing:
            told = ", ".join(f"{name} ({tables()[TABLE][name].help_en})" for name in missing)
            raise BadValueError(f"The policy does not say {told}. Add it to the range.")

    def ceiling(self) -> Decimal | None:
        """Most the insurer pays in the year: the amount, the multiple of the premium, or the lower.

        Raises:
            BadValueError: a multiple without a premium.
        """
        if self.max_liability_times is None:
            return self.max_liability
        if self.annual_premium is None:
            raise BadValueError(
                "The policy limits the liability to a multiple of the premium (max_liability_times), "
                "but does not say annual_premium. Add it to the range."
            )
        multiple = self.max_liability_times * self.annual_premium
        return multiple if self.max_liability is None else min(multiple, self.max_liability)


def _excluded(name: str, text: str) -> frozenset[str]:
    parts = [part.strip() for part in text.replace(",", "|").split("|") if part.strip()]
    if name == "excluded_scopes":
        return frozenset(scope_of(part) for part in parts)
    return frozenset(_buyer(part) for part in parts)


def _buyer(text: str) -> str:
    from receivables.ledger.choices import choice_of

    if fold(text) in {"intercompany", "affiliate", "affiliates", "关联方", "关联企业"}:
        return "intercompany"
    found = choice_of("customers", "legal_form", text)
    if found is None:
        raise BadValueError(
            f"excluded_buyers names '{text}', which is no kind of buyer. Use {', '.join(BUYERS)}."
        )
    return found
