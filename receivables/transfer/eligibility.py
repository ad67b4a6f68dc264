"""Whether one invoice is covered by a policy, and if not, why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from receivables.errors import BadValueError
from receivables.ledger.schema import Column, tables
from receivables.ledger.spelling import fold, known_columns
from receivables.transfer.headed import Record, Rows, read_cell, records
from receivables.transfer.policy import InsurancePolicy
from receivables.transfer.rules import reasons, scope_of

OWN = {
    "insured_limit": ("amount", "insured limit|limit|信保额度|额度"),
    "stop_ship_on": ("date", "stop ship|stop ship on|stop shipping from|停止发货日"),
}
"""Columns of the range besides those of Documents and Customers: type and headings."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """What decides the cover of one invoice; None = not said. `tested` names the columns given."""

    shipped_on: date | None = None
    issued_on: date | None = None
    due_on: date | None = None
    amount: Decimal | None = None
    disputed_amount: Decimal | None = None
    cover_scope: str = ""
    insured: bool | None = None
    legal_form: str = ""
    intercompany: bool | None = None
    insurer_reported_on: date | None = None
    insured_limit: Decimal | None = None
    stop_ship_on: date | None = None
    tested: frozenset[str] = frozenset()

    @property
    def delivered(self) -> date | None:
        """Day the risk began: of shipment, else of issue."""
        return self.shipped_on or self.issued_on


def invoices_of(rows: Rows) -> list[Record]:
    """The cells of each invoice of a headed range, by column."""
    return records(rows, _known(), "invoice")


def invoice_of(record: Mapping[str, Any], where: str = "invoice") -> Invoice:
    """An invoice of the cells of one row.

    Raises:
        BadValueError: a cell cannot be read, an unknown scope, shipped after due date and terms.
    """
    columns = _columns()
    names = {item.name for item in fields(Invoice)}
    read = {name: read_cell(cell, columns[name], where) for name, cell in record.items()}
    given = {name: value for name, value in read.items() if name in names and value is not None}
    if "cover_scope" in given:
        given["cover_scope"] = scope_of(given["cover_scope"])
    found = Invoice(**given, tested=frozenset(record))
    if found.due_on and found.delivered and found.due_on < found.delivered:
        raise BadValueError(
            f"{where}: due on {found.due_on}, before it was shipped or issued on {found.delivered}. "
            "Correct the date that is wrong."
        )
    return found


def blocked(invoice: Invoice, policy: InsurancePolicy, as_of: date) -> list[str]:
    """Codes of the reasons that apply, in the order of `data/tci_reasons.csv`; none = covered.

    Args:
        invoice: what is known of it.
        policy: the policy asked about.
        as_of: day of the question; what is reported later is not reported yet.

    >>> policy = InsurancePolicy(valid_from=date(2026, 1, 1), max_terms_days=90)
    >>> late = Invoice(shipped_on=date(2025, 12, 31), due_on=date(2026, 4, 1))
    >>> blocked(late, policy, date(2026, 10, 31))
    ['before_policy', 'terms']
    """
    found = {
        *_period(invoice, policy),
        *_kind(invoice, policy),
        *_dispute(invoice),
        *_limits(invoice),
        *_reporting(invoice, policy, as_of),
    }
    return [code for code in reasons() if code in found]


def _period(invoice: Invoice, policy: InsurancePolicy) -> Collection[str]:
    day = invoice.delivered
    found = set()
    if invoice.due_on is None:
        found.add("no_due_date")
    if day is None:
        return found | {"no_ship_date"}
    if policy.valid_from and day < policy.valid_from:
        found.add("before_policy")
    if policy.valid_to and day > policy.valid_to:
        found.add("after_policy")
    longest = policy.max_terms_days
    if invoice.due_on and longest is not None and (invoice.due_on - day).days > longest:
        found.add("terms")
    return found


def _kind(invoice: Invoice, policy: InsurancePolicy) -> Collection[str]:
    found = set()
    if invoice.insured is False:
        found.add("not_insured")
    if policy.excluded_scopes:
        if not invoice.cover_scope:
            found.add("scope_missing")
        elif invoice.cover_scope in policy.excluded_scopes:
            found.add("scope")
    if invoice.legal_form in policy.excluded_buyers or (
        invoice.intercompany and "intercompany" in policy.excluded_buyers
    ):
        found.add("buyer")
    return found


def _dispute(invoice: Invoice) -> Collection[str]:
    disputed = invoice.disputed_amount
    if not disputed:
        return ()
    partly = invoice.amount is not None and disputed < invoice.amount
    return ("part_disputed",) if partly else ("disputed",)


def _limits(invoice: Invoice) -> Collection[str]:
    found = set()
    if "insured_limit" in invoice.tested and not invoice.insured_limit:
        found.add("no_limit")
    stop, day = invoice.stop_ship_on, invoice.delivered
    if stop and day and day >= stop:
        found.add("stopped")
    return found


def _reporting(invoice: Invoice, policy: InsurancePolicy, as_of: date) -> Collection[str]:
    extension, declare = policy.max_extension_days, policy.declare_days
    if invoice.due_on is None or extension is None or declare is None:
        return ()
    last = invoice.due_on + timedelta(extension + declare)
    reported = invoice.insurer_reported_on
    if reported is None or reported > as_of:
        reported = as_of
    return ("late_report",) if reported > last else ()


@cache
def _known() -> dict[str, str]:
    own = {fold(word): name for name, (_, words) in OWN.items() for word in words.split("|")}
    own |= {fold(name): name for name in OWN}
    names = {item.name for item in fields(Invoice)} - set(OWN) - {"tested"}
    known = known_columns("customers") | known_columns("documents")
    return {word: name for word, name in known.items() if name in names} | own


@cache
def _columns() -> dict[str, Column]:
    own = {
        name: Column("documents", name, kind, False, (), (), name, name)
        for name, (kind, _) in OWN.items()
    }
    return dict(tables()["customers"]) | dict(tables()["documents"]) | own
