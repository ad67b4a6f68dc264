"""The firm's bookkeeping: enters documents, payments, matchings and bills with all their columns."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from receivables import money
from receivables.demo.chance import Chance
from receivables.demo.firm import Customer, company, customers, firm, local_amount, tax_rule

Row = dict[str, Any]

SCRIPTED = 9000
"""Numbers of scripted cases begin above this one in each month, so that no draw moves them."""

CLAIMS = ("invoice", "debit_note", "opening", "deposit", "retention")
"""Kinds that ask for money and so carry a due date."""

TAXED = ("invoice", "debit_note", "credit_note", "deposit", "retention", "reversal")


class Books:
    """All entries of both companies. Money is in minor units until the tables are made."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.rows: dict[str, list[Row]] = {}
        self.owed: dict[tuple[str, int | None], int] = {}
        """Unpaid rest by document and instalment."""
        self.cases: dict[str, list[str]] = {}
        """Scripted case → numbers of the rows that make it up."""
        self.scripted = False
        self._last: dict[tuple[str, int], int] = {}

    def add(self, table: str, row: Row) -> Row:
        """Append a row to a table."""
        self.rows.setdefault(table, []).append(row)
        return row

    def case(self, name: str, *rows: Row | str) -> None:
        """Remember which rows show a scripted case."""
        keys = ("bill_no", "payment_no", "document_no")
        found = self.cases.setdefault(name, [])
        for row in rows:
            number = row if isinstance(row, str) else next(row[k] for k in keys if k in row)
            if number not in found:
                found.append(number)

    def number(self, prefix: str, on: date) -> str:
        """Next number of a series: prefix, year and month, running number."""
        series = (f"{prefix}{on:%y%m}", SCRIPTED if self.scripted else 0)
        self._last[series] = self._last.get(series, series[1]) + 1
        return f"{series[0]}-{self._last[series]:04d}"

    def document(
        self, kind: str, customer_id: str, on: date, amount: int | str, **more: Any
    ) -> Row:
        """Enter a document; `more` overrides any column. Text amounts are in major units."""
        customer = customers()[customer_id]
        currency = more.get("currency", customer.currency)
        minor = money.to_minor(amount, currency) if isinstance(amount, str) else amount
        posted_on = more.get("posted_on", on)
        row: Row = {
            "document_no": more.get("document_no") or self.number(_prefix(customer, kind), on),
            "company": customer.company,
            "account": customer.account,
            "customer_id": customer_id,
            "kind": kind,
            "issued_on": on,
            "posted_on": posted_on,
            "entered_on": posted_on,
            "due_on": due_on(customer, on) if kind in CLAIMS else None,
            "period": f"{posted_on:%Y-%m}",
            "currency": currency,
            "amount": minor,
            "amount_lc": local_amount(minor, currency, customer.company, posted_on),
            "salesperson": salesperson(customer),
            "branch": branch(customer),
            **_tax(customer, kind, minor),
            **(self._delivery(customer, on) if kind in {"invoice", "retention"} else {}),
            **_cover(customer, kind),
        }
        row |= more
        if kind in CLAIMS:
            self.owed[row["document_no"], row.get("instalment")] = minor
        return self.add("documents", row)

    def payment(self, customer_id: str, on: date, amount: int | str, **more: Any) -> Row:
        """Enter money that came in, came back or was paid out; positive, as a bank book shows it."""
        customer = customers()[customer_id]
        currency = more.get("currency", customer.currency)
        kind = more.get("kind", "payment")
        series = "returned" if kind in {"bounced", "refund"} else "received"
        minor = money.to_minor(amount, currency) if isinstance(amount, str) else amount
        row: Row = {
            "payment_no": self.number(_prefix(customer, series), on),
            "company": customer.company,
            "account": customer.account,
            "customer_id": customer_id,
            "kind": kind,
            "paid_on": on,
            "posted_on": on,
            "entered_on": on,
            "currency": currency,
            "amount": minor,
            "amount_lc": local_amount(
                minor, currency, customer.company, more.get("posted_on", on)
            ),
            **more,
        }
        settled = (row.get("document_no", ""), row.get("instalment"))
        if settled in self.owed and kind == "payment":
            self.owed[settled] -= min(minor, self.owed[settled])
        return self.add("payments", row)

    def allocate(self, credit: Row, document: Row, amount: int | str, on: date) -> Row:
        """Match a payment or credit note with a document."""
        currency = document["currency"]
        minor = money.to_minor(amount, currency) if isinstance(amount, str) else amount
        key = (document["document_no"], document.get("instalment"))
        self.owed[key] -= min(minor, self.owed[key])
        row: Row = {
            "company": document["company"],
            "customer_id": document["customer_id"],
            "credit_no": credit.get("payment_no") or credit.get("document_no"),
            "document_no": document["document_no"],
            "instalment": document.get("instalment"),
            "currency": currency,
            "amount": minor,
            "applied_on": on,
            "entered_on": on,
        }
        return self.add("allocations", row)

    def _delivery(self, customer: Customer, on: date) -> Row:
        order_no = self.number(_prefix(customer, "order"), on)
        delivered_on = on + timedelta(days=self.chance.whole(1, 4 if customer.domestic else 9))
        return {
            "order_no": order_no,
            "po_no": f"{self.chance.whole(0, 99999):07d}",
            "shipped_on": on,
            "delivered_on": delivered_on,
            "received_on": on + timedelta(days=self.chance.whole(1, 3)),
        }


def due_on(customer: Customer, on: date) -> date | None:
    """Due date by the customer's terms; none where no terms were agreed."""
    return None if customer.terms_days is None else on + timedelta(days=customer.terms_days)


def salesperson(customer: Customer) -> str:
    """Who sells to the customer, by company and country."""
    people = firm()["salespeople"]
    found = people.get(customer.country) or people[f"{customer.company} other"]
    return str(found[int(customer.customer_id) % len(found)])


def branch(customer: Customer) -> str:
    """The firm's own branch: a column of the user's, outside the schema."""
    return str(company(customer.company)["branch"]) if customer.domestic else "Export"


def _prefix(customer: Customer, kind: str) -> str:
    return str(firm()["prefix"][customer.company][kind])


def _tax(customer: Customer, kind: str, gross: int) -> Row:
    code, percent = tax_rule(customer)
    if kind not in TAXED or not code:
        return {}
    return {
        "tax_code": code,
        "tax_amount": money.half_up(Decimal(gross * percent) / (100 + percent)),
    }


def _cover(customer: Customer, kind: str) -> Row:
    if kind not in CLAIMS or customer.intercompany:
        return {}
    private = customer.legal_form in {"consumer", "public_body"}
    insured = not private and customer.market != "high_risk" and customer.size == "large"
    scope = "domestic" if customer.domestic else "export-commercial"
    return {
        "insured": insured,
        "cover_scope": scope if insured else None,
        "retention_of_title": customer.company == "DE01" and not private,
    }
