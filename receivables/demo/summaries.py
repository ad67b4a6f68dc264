"""Tables drawn from the entries: customers, rates, monthly sales, control balances, settings."""

from __future__ import annotations

from datetime import date

from receivables import money
from receivables.days import month_end
from receivables.demo.books import Books, Row, salesperson
from receivables.demo.firm import (
    Customer,
    company,
    customers,
    firm,
    months,
    prospects,
    rows_of,
)
from receivables.resources import data_rows

SALES_KINDS = ("invoice", "debit_note", "credit_note", "retention", "reversal")

ISO = 2
"""Letters of a country code in use."""

SHOWN_SETTINGS = ("edges", "base", "credits", "day_on_edge", "top_n", "cut_off_days")


def summarise(books: Books) -> None:
    """Add every table that follows from the entries; call it before any row is spoilt."""
    everybody = [*customers().values(), *prospects().values()]
    for index, customer in enumerate(everybody):
        books.add("customers", _customer(customer, index))
    for customer in prospects().values():
        books.case(_asked_by(customer), customer.customer_id)
    books.case("customer under an old country code", *firm()["old_codes"])
    for rate in rows_of("rates.csv"):
        books.add("rates", {**rate, "date": date.fromisoformat(rate["date"])})
    for first in months()[:-1]:
        _sales(books, month_end(first))
    for as_of in firm()["month_ends"]:
        _controls(books, as_of)
    _allowances(books)
    known = {row["name"]: row for row in data_rows("settings.csv")}
    for name in SHOWN_SETTINGS:
        line = known[name]
        books.add(
            "settings",
            {
                "name": name,
                "value": line["default"],
                "unit": line["unit"],
                "note": line["help_en"],
            },
        )


def balance(books: Books, book: tuple[str, str, str], as_of: date) -> int:
    """Balance of one account in one currency: every posting up to the day, added up in order.

    A bill counts from its receipt and comes back when it is dishonoured; one that is in Payments
    too counts there. Nothing here uses the ledger code, so the two can be held against each other.
    """
    total = 0
    entered_as_payment = {row.get("reference") for row in books.rows["payments"]}
    for row in books.rows["documents"]:
        if _book(row) == book and row["posted_on"] <= as_of:
            total += row["amount"]
    for row in books.rows["payments"]:
        if _book(row) == book and row["posted_on"] <= as_of:
            total += row["amount"] if row["kind"] in {"bounced", "refund"} else -row["amount"]
    for row in books.rows["bills"]:
        if _book(row) == book and row["bill_no"] not in entered_as_payment:
            total -= row["amount"] if row["received_on"] <= as_of else 0
            back_on = row["dishonoured_on"]
            total += row["amount"] if back_on and back_on <= as_of else 0
    return total


def _book(row: Row) -> tuple[str, str, str]:
    return row["company"], row["account"], row["currency"]


def _controls(books: Books, as_of: date) -> None:
    for book in sorted({_book(row) for row in books.rows["documents"]}):
        code, account, currency = book
        amount = balance(books, book, as_of)
        books.add(
            "controls",
            {
                "company": code,
                "account": account,
                "currency": currency,
                "as_of": as_of,
                "balance": amount,
                "balance_lc": amount if currency == company(code)["currency"] else None,
                "kind": "receivable",
            },
        )


def _allowances(books: Books) -> None:
    for line in firm()["allowances"]:
        code = line["company"]
        currency = company(code)["currency"]
        for as_of, amount in zip(firm()["month_ends"], line["balances"], strict=True):
            books.add(
                "controls",
                {
                    "company": code,
                    "account": company(code)["allowance"],
                    "currency": currency,
                    "as_of": as_of,
                    "balance": money.to_minor(amount, currency),
                    "balance_lc": money.to_minor(amount, currency),
                    "kind": "allowance",
                },
            )


def _sales(books: Books, end: date) -> None:
    """Credit sales posted in the month: invoices and debit notes less credit notes and reversals."""
    posted: dict[tuple[str, str], list[Row]] = {}
    for row in books.rows["documents"]:
        if row["kind"] in SALES_KINDS and month_end(row["posted_on"]) == end:
            posted.setdefault((row["company"], row["currency"]), []).append(row)
    for (code, currency), rows in sorted(posted.items()):
        gross = sum(row["amount"] for row in rows)
        local = currency == company(code)["currency"]
        books.add(
            "sales",
            {
                "company": code,
                "month": end,
                "currency": currency,
                "net": gross - sum(row.get("tax_amount", 0) for row in rows),
                "gross": gross,
                "cash_sales": gross * books.chance.whole(2, 6) // 100 if local else 0,
            },
        )


def _customer(customer: Customer, index: int) -> Row:
    stopped = customer.behaviour == "broken"
    range_ = firm()["dialling"].get(customer.country)
    number = customer.customer_id
    return {
        "customer_id": number,
        "name": customer.name,
        "company": customer.company,
        "group_id": customer.group_id or None,
        "country": firm()["old_codes"].get(number, customer.country),
        "currency": customer.currency,
        "language": customer.language,
        "email": f"accounts@{customer.slug}.example.com",
        "address": f"{customer.street}\n{customer.city}",
        "contact": customer.contact,
        "phone": range_.format(index) if range_ else None,
        "registration_no": f"{customer.country}-REG-0{number}" if _registered(customer) else None,
        "tax_no": f"{customer.country}0000{number}" if _registered(customer) else None,
        "legal_form": customer.legal_form,
        "size": customer.size,
        "intercompany": customer.intercompany,
        "governing_law": company(customer.company)["home"],
        "terms_days": customer.terms_days,
        "industry": customer.industry,
        "market": customer.market,
        "since": customer.since,
        "status": _status(customer),
        "block_listed": number in firm()["block_list"],
        "sanctions_checked_on": _checked_on(customer),
        "salesperson": salesperson(customer),
        "credit_hold": stopped,
        "dunning_policy": "none" if customer.intercompany else "standard",
        "dunning_hold_until": date(2026, 11, 30) if number == "00164" else None,
        "min_letter_amount": money.to_minor(
            firm()["letters"][customer.currency], customer.currency
        ),
    }


def _registered(customer: Customer) -> bool:
    return customer.legal_form == "company" and customer.behaviour != "unregistered"


def _asked_by(customer: Customer) -> str:
    """Case that a prospect shows."""
    if customer.customer_id in firm()["block_list"]:
        return "prospect on the block list"
    if customer.behaviour == "unregistered":
        return "prospect without registration"
    return "prospect under an old country code" if len(customer.country) > ISO else "prospect"


def _checked_on(customer: Customer) -> date | None:
    """Day of the check against sanctions lists: of all once, of prospects when they ask."""
    if customer.customer_id in customers():
        return date(2026, 1, 15)
    return None if customer.behaviour == "unregistered" else customer.since


def _status(customer: Customer) -> str:
    insolvent = {row["customer_id"] for row in firm()["events"] if "Insolvency" in row["kind"]}
    if customer.customer_id in insolvent:
        return "insolvent"
    if customer.customer_id in prospects():
        return "prospect"
    return "blocked" if customer.behaviour == "broken" else "active"
