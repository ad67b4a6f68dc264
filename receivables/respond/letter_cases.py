"""What a ledger has to say in each further kind of letter: whose letter, about what, which facts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from receivables import money
from receivables.ledger.keys import fold, folded
from receivables.ledger.model import Ledger
from receivables.ledger.open import OpenItems
from receivables.respond.disputes_ledger import dispute_clocks
from receivables.respond.dunning_rules import Party
from receivables.respond.insolvency import insolvency_tasks
from receivables.respond.letter_accounts import Account, AccountKey
from receivables.respond.letters.letter import Fact, Instalment
from receivables.respond.letters.tables import words
from receivables.respond.plans import regular, schedule
from receivables.respond.plans_ledger import STANDING, plan_states


@dataclass(frozen=True, slots=True)
class Case:
    """One letter before it is written; `about` tells it from another of the same kind and day.

    `on` is the day that the matter bears: the same matter gets the same number on every later day.
    """

    account: Account
    parts: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    about: tuple[str, ...] = ()
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of an instalment plan that is offered."""

    count: int
    first_on: date
    every: str = "monthly"


@dataclass(frozen=True, slots=True)
class Source:
    """Where cases come from: the ledger as of a day, its accounts, and the language of each letter."""

    ledger: Ledger
    opened: OpenItems
    accounts: Mapping[AccountKey, Account]
    wanted: Collection[str] = ()
    terms: Terms | None = None
    currency: str = ""

    def rows(self, frame: pl.DataFrame) -> Iterator[tuple[dict[str, Any], Account]]:
        """Rows of a frame about customers wanted, each with the account that it is about."""
        for row in frame.iter_rows(named=True):
            if self.wants(row["customer_key"]):
                own = [one for one in self.of(row["customer_key"]) if self._fits(row, one)]
                yield from ((row, one) for one in own[:1])

    def of(self, customer_key: str) -> list[Account]:
        """Accounts of a customer."""
        return [one for key, one in self.accounts.items() if key[1] == customer_key]

    def all(self) -> Iterator[Account]:
        """Accounts of the customers wanted, in the currency wanted."""
        for (_company, customer, code), account in self.accounts.items():
            if self.wants(customer) and self.currency in {"", code}:
                yield account

    def wants(self, customer_key: str) -> bool:
        """Whether a customer is asked for; none named = every one."""
        return not self.wanted or customer_key in self.wanted

    def _fits(self, row: Mapping[str, Any], account: Account) -> bool:
        same = (row.get("company") or "") in {"", account.party.company}
        code = row.get("currency") or money.NO_CURRENCY
        return same and code in {account.currency, money.NO_CURRENCY}


def cases(kind: str, source: Source) -> list[Case]:
    """The letters of a kind that a ledger asks for.

    Args:
        kind: of `letters.letter.KINDS`, but for dunning.
        source: ledger, open items, accounts, customers wanted.
    """
    return list(_KINDS[kind](source))


def _statement(source: Source) -> Iterator[Case]:
    for account in source.all():
        yield Case(account, account.whole())


def _demanded(source: Source) -> Iterator[Case]:
    for account in source.all():
        parts = account.demanded()
        if parts["items"]:
            yield Case(account, parts)


def _dispute_ack(source: Source) -> Iterator[Case]:
    clocks = dispute_clocks(source.ledger, source.opened)
    known = _acknowledged(source.ledger, source.opened.as_of)
    for row, account in source.rows(clocks):
        number = row["dispute_no"] or row["document_no"] or ""
        if fold(number) in known:
            continue
        document = fold(row["document_no"] or "")
        lines = account.whole()["disputed"]
        meant = tuple(one for one in lines if document in {"", fold(one.document_no)})
        facts = {"case_no": number, "received_on": row["opened_on"], "answer_by": row["handle_by"]}
        yield Case(account, {"disputed": meant}, facts, (number,), row["opened_on"])


def _undisputed_part(source: Source) -> Iterator[Case]:
    numbers: dict[AccountKey, list[str]] = {}
    for row, account in source.rows(dispute_clocks(source.ledger, source.opened)):
        number = row["dispute_no"] or row["document_no"] or ""
        numbers.setdefault(account.key, []).append(number)
    for key, told in numbers.items():
        parts = source.accounts[key].demanded()
        if parts["items"]:
            case_no = ", ".join(dict.fromkeys(filter(None, told)))
            yield Case(source.accounts[key], parts, {"case_no": case_no}, (case_no,))


def _plan_offer(source: Source) -> Iterator[Case]:
    terms = source.terms
    for case in _demanded(source):
        items, unused = case.parts["items"], case.parts["credits"]
        owed = sum(one.open for one in (*items, *unused))
        if owed <= 0:
            continue
        parts = {"items": items, "credits": unused}
        about: tuple[str, ...] = ()
        if terms is not None:
            parts["instalments"] = _offered(owed, case.account.currency, terms)
            about = (str(terms.count), terms.first_on.isoformat(), terms.every)
        yield Case(case.account, parts, about=about)


def _offered(owed: int, currency: str, terms: Terms) -> tuple[Instalment, ...]:
    days = regular(terms.first_on, terms.count, terms.every)
    plan = schedule(money.to_decimal(owed, currency), days, currency=currency)
    return tuple(
        Instalment(str(one.number), one.due_on, money.to_minor(one.amount, currency))
        for one in plan
    )


def _plan_confirmation(source: Source) -> Iterator[Case]:
    for row, account, lines in _plans(source, STANDING):
        facts = {"plan_no": row["plan_no"], "agreed_on": row["agreed_on"]}
        parts = {"items": account.of(row["documents"], row["agreed_on"]), "instalments": lines}
        yield Case(account, parts, facts, (row["plan_no"],), row["agreed_on"])


def _plan_breach(source: Source) -> Iterator[Case]:
    for row, account, lines in _plans(source, ("late", "breached")):
        facts = {"plan_no": row["plan_no"], "missed_on": row["late_since"], "missed_amount": row["missing"]}  # fmt: skip
        items = account.of(row["documents"], row["agreed_on"])
        yield Case(account, {"items": items, "instalments": lines}, facts, (row["plan_no"],), row["late_since"])  # fmt: skip


def _plans(
    source: Source, states: Sequence[str]
) -> Iterator[tuple[dict[str, Any], Account, tuple[Instalment, ...]]]:
    frame = plan_states(source.ledger, source.opened)
    for row, account in source.rows(frame.filter(pl.col("state").is_in(states))):
        yield row, account, _instalments(source.ledger, row["plan_no"], row["paid"] or 0)


def _instalments(ledger: Ledger, plan_no: str, paid: int) -> tuple[Instalment, ...]:
    """Instalments of a plan with what came in, the oldest first."""
    frame = ledger["plan_instalments"]
    rows = frame.filter(folded(frame["plan_no"]) == fold(plan_no), pl.col("amount") > 0)
    made = []
    for row in rows.sort("due_on", "instalment").iter_rows(named=True):
        part = min(paid, row["amount"])
        paid -= part
        made.append(Instalment(str(row["instalment"]), row["due_on"], row["amount"], part))
    return tuple(made)


def _terms_change(source: Source) -> Iterator[Case]:
    for account in _largest(source):
        own = _of_customer(source.ledger, "customers", account.party)
        days = own["terms_days"][0] if own.height and "terms_days" in own.columns else None
        yield Case(account, facts={} if days is None else {"old_terms": str(days)})


def _limit_reduction(source: Source) -> Iterator[Case]:
    for account in _largest(source):
        rows = _of_customer(source.ledger, "limits", account.party)
        own = rows.filter(
            pl.col("kind").fill_null("own") == "own",
            pl.col("currency").fill_null(account.currency) == account.currency,
        )
        facts: dict[str, Fact] = {}
        if own.height > 1:
            old, new = own.sort("valid_from", nulls_last=False).tail(2).to_dicts()
            if new["amount"] < old["amount"] and new["valid_from"]:
                facts = {"old_limit": old["amount"], "new_limit": new["amount"], "effective_on": new["valid_from"]}  # fmt: skip
        yield Case(account, facts=facts)


def _security_request(source: Source) -> Iterator[Case]:
    for account in source.all():
        whole = account.whole()
        parts = {name: whole[name] for name in ("items", "not_due")}
        yield Case(account, parts, {"amount": account.balance} if account.balance > 0 else {})


def _retention_notice(source: Source) -> Iterator[Case]:
    frame = source.opened.frame()
    kept: set[int] = set()
    if "retention_of_title" in frame.columns:
        kept = set(frame.filter(pl.col("retention_of_title"))["item"])
    for account in source.all():
        lines = [debt for debt in account.debts if debt.overdue(account.as_of)]
        under = {debt.key[2] for debt in lines if debt.item in kept}
        # a ledger that marks no document does not say that none is under retention of title
        chosen = account.of(under or {debt.key[2] for debt in lines})
        if not lines or not chosen:
            continue
        yield Case(account, {"items": chosen}, _clause(source.ledger, account))


def _clause(ledger: Ledger, account: Account) -> dict[str, Fact]:
    rows = _of_customer(ledger, "contracts", account.party)
    day = account.as_of
    valid = rows.filter(
        pl.col("retention_of_title"),
        pl.col("valid_from").is_null() | (pl.col("valid_from") <= day),
        pl.col("valid_to").is_null() | (pl.col("valid_to") >= day),
    )
    return {"contract": f"#{valid['contract_no'][-1]}"} if valid.height else {}


def _proof_of_claim(source: Source) -> Iterator[Case]:
    tasks = insolvency_tasks(source.ledger, source.opened)
    opened = dict(tasks.select("customer_key", "opened_on").iter_rows())
    for account in source.all():
        if account.party.customer_key in opened:
            day = opened[account.party.customer_key]
            yield Case(account, account.claimed(), {"opened_on": day}, on=day)


def _largest(source: Source) -> Iterator[Account]:
    """One account of each customer and company: these letters are about no currency."""
    best: dict[tuple[str, str], Account] = {}
    for account in source.all():
        key = account.key[:2]
        if key not in best or abs(account.balance) > abs(best[key].balance):
            best[key] = account
    yield from best.values()


def _of_customer(ledger: Ledger, table: str, party: Party) -> pl.DataFrame:
    frame = ledger[table]
    return frame.filter(folded(frame["customer_id"]) == party.customer_key)


def _acknowledged(ledger: Ledger, as_of: date) -> set[str]:
    frame = ledger["disputes"]
    if "acknowledged_on" not in frame.columns:
        return set()
    return {fold(number) for number in frame.filter(pl.col("acknowledged_on") <= as_of)["dispute_no"]}  # fmt: skip


def in_words(kind: str, name: str, value: Fact, language: str) -> Fact:
    """A fact of the ledger in the language of the letter: days of terms, number of a contract.

    >>> in_words("terms_change", "new_terms", "30", "de"), in_words("terms_change", "new_terms", "prepayment", "de")
    ('30 Tage netto', 'prepayment')
    """
    if kind == "terms_change" and name in {"old_terms", "new_terms"} and str(value).isdigit():
        return words(language)["terms_net"].format(days=value)
    if kind == "retention_notice" and name == "contract" and str(value).startswith("#"):
        return words(language)["clause_of"].format(no=str(value)[1:])
    return value


_KINDS: dict[str, Callable[[Source], Iterator[Case]]] = {
    "statement": _statement,
    "dispute_ack": _dispute_ack,
    "undisputed_part": _undisputed_part,
    "plan_offer": _plan_offer,
    "plan_confirmation": _plan_confirmation,
    "plan_breach": _plan_breach,
    "terms_change": _terms_change,
    "limit_reduction": _limit_reduction,
    "security_request": _security_request,
    "retention_notice": _retention_notice,
    "collections_handover": _demanded,
    "balance_confirmation": _statement,
    "proof_of_claim": _proof_of_claim,
}
KINDS = tuple(_KINDS)
"""Kinds of letter beside dunning."""
