"""Who the invented firm is: its companies, its customers, its calendar and its rates."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from receivables import money
from receivables.days import edate, previous_month_end

HERE = Path(__file__).resolve().parent

MONTHS = 24
"""Full months of history before the cut-off date."""


@dataclass(frozen=True, slots=True)
class Customer:
    """One row of `names.csv`."""

    customer_id: str
    company: str
    name: str
    slug: str
    country: str
    city: str
    street: str
    language: str
    currency: str
    currency2: str
    legal_form: str
    size: str
    group_id: str
    intercompany: bool
    terms_days: int | None
    industry: str
    market: str
    since: date
    behaviour: str
    contact: str

    @property
    def account(self) -> str:
        """Receivable account of the general ledger: trade or affiliates."""
        return str(company(self.company)["affiliates" if self.intercompany else "account"])

    @property
    def domestic(self) -> bool:
        """Sits in the country of the company that sells to it."""
        return bool(company(self.company)["home"] == self.country)


@cache
def firm() -> dict[str, Any]:
    """Content of `firm.toml`."""
    return tomllib.loads((HERE / "firm.toml").read_text(encoding="utf-8"))


def company(code: str) -> dict[str, Any]:
    """One of the two companies.

    >>> company("CN01")["currency"]
    'CNY'
    """
    found: dict[str, Any] = firm()["companies"][code]
    return found


@cache
def customers() -> dict[str, Customer]:
    """All 80 customers that were ever sold to, by number.

    >>> customers()["00146"].account, customers()["00101"].account
    ('1270', '1200')
    """
    return {row["customer_id"]: _customer(row) for row in rows_of("names.csv")}


@cache
def prospects() -> dict[str, Customer]:
    """Firms that asked for credit and were sold nothing yet.

    >>> len(prospects()), prospects()["00184"].industry
    (8, 'Bank')
    """
    return {row["customer_id"]: _customer(row) for row in rows_of("prospects.csv")}


def rows_of(name: str) -> list[dict[str, str]]:
    """Rows of a CSV file of this folder."""
    with (HERE / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def months() -> list[date]:
    """First days of the 24 months and of the one the extract was made in.

    >>> months()[0].isoformat(), months()[-1].isoformat(), len(months())
    ('2024-11-01', '2026-11-01', 25)
    """
    return [edate(firm()["first_month"], index) for index in range(MONTHS + 1)]


@cache
def rates() -> dict[tuple[date, str, str], Decimal]:
    """Invented month-end rates: units of the second currency for one of the first."""
    return {
        (date.fromisoformat(row["date"]), row["from"], row["to"]): Decimal(row["rate"])
        for row in rows_of("rates.csv")
    }


def local_amount(minor: int, currency: str, code: str, on: date) -> int:
    """Carrying amount in the company's currency at the rate of the month end before.

    >>> local_amount(108_400, "USD", "DE01", date(2024, 11, 15))
    100000
    """
    local = company(code)["currency"]
    if currency == local:
        return minor
    known, month_end = rates(), previous_month_end(on)
    rate = known.get((month_end, currency, local))
    return money.convert(minor, rate or 1 / known[month_end, local, currency], currency, local)


def tax_rule(customer: Customer) -> tuple[str, int]:
    """Tax code and per cent of a sale to the customer; abroad and within the firm nothing is added.

    >>> tax_rule(customers()["00101"]), tax_rule(customers()["00124"])
    (('A19', 19), ('', 0))
    """
    for rule in firm()["tax"]:
        if (rule["company"], rule["country"]) == (customer.company, customer.country):
            return rule["code"], rule["percent"]
    return "", 0


def _customer(row: dict[str, str]) -> Customer:
    values: dict[str, Any] = dict(row)
    values["intercompany"] = row["intercompany"] == "yes"
    values["terms_days"] = int(row["terms_days"]) if row["terms_days"] else None
    values["since"] = date.fromisoformat(row["since"])
    return Customer(**values)
