"""The job behind `letter`: statements, confirmations, plans and the other letters that are no reminders."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal, InvalidOperation

import polars as pl

from receivables import money
from receivables.errors import BadValueError
from receivables.ledger.keys import fold
from receivables.refresh.books import Books
from receivables.refresh.claims import consents_of
from receivables.refresh.letter_kinds_answer import KindAnswer, KindChoices, Sample
from receivables.refresh.letters_journal import enter, journal_of
from receivables.refresh.letters_run import STAGING, Outcome, Run, make_letters
from receivables.respond.dunning_journal import (
    ISSUED,
    RENDERED,
    Journal,
    JournalStore,
    free_number,
    letter_number,
)
from receivables.respond.dunning_letters import language, recipient
from receivables.respond.dunning_plans import plans_kept
from receivables.respond.dunning_rules import Party, insolvent
from receivables.respond.dunning_senders import last_payments, sender_of, senders
from receivables.respond.letter_accounts import Account, AccountKey, accounts
from receivables.respond.letter_cases import KINDS, Case, Source, cases, in_words
from receivables.respond.letters.confirmations import Balance, pick
from receivables.respond.letters.letter import Fact, Letter
from receivables.respond.letters.render import refusals
from receivables.respond.letters.variables import declared, missing_facts
from receivables.values import parse_day

DATED = {
    "terms_change": "effective_on",
    "limit_reduction": "effective_on",
    "security_request": "provide_by",
    "collections_handover": "handover_on",
}
"""Kinds whose matter bears a day that the user gives."""

DEADLINES = ("undisputed_part", "plan_breach", "retention_notice")
"""Kinds that set a deadline of their own."""

AHEAD = ("answer_by", "accept_by", "reply_by", "provide_by", "handover_on")
"""Facts that are days to come."""

NAMED = ("plan_offer", "terms_change", "limit_reduction", "security_request", "retention_notice",
         "collections_handover")  # fmt: skip
"""Kinds that somebody decides on customer by customer."""

CONSENT = {"plan_offer": "plan", "plan_confirmation": "plan", "collections_handover": "hand_over"}
"""Kinds to which the insurer of the debt must have agreed, and to what."""

STAYED = (
    "undisputed_part",
    "plan_offer",
    "plan_breach",
    "security_request",
    "collections_handover",
)
"""Kinds that an insolvency forbids."""


def preview_kind(
    books: Books, kind: str, as_of: date, store: JournalStore, choices: KindChoices | None = None
) -> KindAnswer:
    """Letters of a kind that would be made as of a day; nothing is written.

    Args:
        books: the loaded ledger.
        kind: of `respond.letter_cases.KINDS`.
        as_of: cut-off.
        store: journal of the letters.
        choices: customers, facts, deadline, sample.

    Raises:
        BadValueError: an unknown kind, customer or fact; a kind that needs customers named.
        NotAvailableError: nothing posted by then; a list that cannot be back-dated.
    """
    return _found(books, kind, as_of, journal_of(books, store), choices or KindChoices())[0]


def make_kind(
    books: Books, kind: str, as_of: date, run: Run, choices: KindChoices | None = None
) -> KindAnswer:
    """Make the letters of a kind and journal them; one that was made is not made again.

    Args:
        books: the loaded ledger.
        kind: of `respond.letter_cases.KINDS`.
        as_of: cut-off.
        run: journal, renderer, folder, name and time.
        choices: as `preview_kind`.

    Raises:
        BadValueError: as `preview_kind`.
        LedgerFileError: another run is at work, or the folder cannot be written to.
    """
    with run.store.alone():
        journal = journal_of(books, run.store)
        answer, replaces = _found(books, kind, as_of, journal, choices or KindChoices())
        answer = replace(answer, already=_complete(answer.already, journal, run))
        over = {*answer.already, *answer.refused}
        todo = [letter for letter in answer.letters if letter.letter_id not in over]
        outcome: Outcome = make_letters(todo, replaces, journal, run)
        note = enter(books, journal_of(books, run.store))
    refused = {**answer.refused, **outcome.refused}
    return replace(
        answer, made=tuple(outcome.made), refused=refused, notes=(note,) if note else ()
    )


def _found(
    books: Books, kind: str, as_of: date, journal: Journal, choices: KindChoices
) -> tuple[KindAnswer, dict[str, str]]:
    _check(kind, choices)
    source = _source(books, as_of, choices)
    found, why = _sampled(cases(kind, source), choices.sample)
    letters, replaces = [], {}
    picked, blocked = {}, {}
    stops = _stops(books, kind, as_of)
    made = _Making(books, kind, as_of, journal, choices)
    for case in found:
        letter, before = made.letter(case)
        letters.append(letter)
        replaces[letter.letter_id] = before
        picked[letter.letter_id] = why.get(case.account.key, "")
        faults = [stops.get(case.account.party.customer_key, ""), *_faults(letter)]
        if any(faults):
            blocked[letter.letter_id] = " ".join(filter(None, faults))
    done = _done(journal, [letter.letter_id for letter in letters])
    answer = KindAnswer(
        kind, as_of, tuple(letters), already=done, picked=picked, issues=len(books.issues),
        refused={number: text for number, text in blocked.items() if number not in done},
    )  # fmt: skip
    return answer, replaces


def _check(kind: str, choices: KindChoices) -> None:
    if kind not in KINDS:
        raise BadValueError(
            f"There is no letter '{kind}': give one of {', '.join(KINDS)}. Reminders are made by "
            "the command letters."
        )
    known = declared()["fact"].get(kind, {})
    unknown = sorted(set(choices.facts) - set(known))
    if unknown:
        raise BadValueError(
            f"--fact {unknown[0]}: a letter {kind} has no such fact; it has {', '.join(known) or 'none'}."
        )
    if kind in NAMED and not choices.only:
        raise BadValueError(
            f"A letter {kind} is decided customer by customer: give --customer ID."
        )
    if choices.sample is not None and kind != "balance_confirmation":
        raise BadValueError("--sample and --large are for balance_confirmation only.")


def _source(books: Books, as_of: date, choices: KindChoices) -> Source:
    opened = books.open(as_of)
    found = accounts(books.ledger, opened, plans_kept(books.ledger, opened))
    wanted = {fold(one): one for one in choices.only}
    idle = _idle(books.ledger["customers"], {*wanted} - {key[1] for key in found})
    gone = sorted({*wanted} - {key[1] for key in found} - {party.customer_key for party in idle})
    if gone:
        raise BadValueError(
            f"--customer {wanted[gone[0]]}: the ledger has no such customer as of {as_of}."
        )
    for party in idle:
        code = choices.currency or party.currency or money.NO_CURRENCY
        account = Account(party, code, as_of)
        found[account.key] = account
    return Source(books.ledger, opened, found, frozenset(wanted), choices.terms, choices.currency)


def _idle(customers: pl.DataFrame, wanted: Collection[str]) -> list[Party]:
    """Customers who owe nothing; letters about terms and limits go to them, too."""
    names = [one.name for one in fields(Party) if one.name in customers.columns]
    made = []
    for row in customers.iter_rows(named=True):
        key = fold(row["customer_id"])
        if key in wanted:
            told = {name: row[name] for name in names if row[name] is not None}
            made.append(Party(**{"company": "", **told, "customer_key": key}))
    return made


def _sampled(
    found: Sequence[Case], sample: Sample | None
) -> tuple[list[Case], dict[AccountKey, str]]:
    """Cases of the sample and why each is in it; all where no sample is asked for.

    Each company and currency is drawn for itself; only balances, not items, are drawn.
    """
    if sample is None:
        return list(found), {}
    groups: dict[tuple[str, str], dict[str, Case]] = {}
    for case in found:
        company, customer, code = case.account.key
        groups.setdefault((company, code), {})[customer] = case
    chosen, why = [], {}
    for (_company, code), rows in groups.items():
        balances = [Balance(key, code, one.account.balance) for key, one in rows.items()]
        large = None if sample.large is None else money.to_minor(sample.large, code)
        for one in pick(balances, sample.count, large, in_credit=sample.in_credit, seed=sample.seed):  # fmt: skip
            case = rows[one.balance.customer_id]
            chosen.append(case)
            why[case.account.key] = one.reason
    return chosen, why


def _stops(books: Books, kind: str, as_of: date) -> dict[str, str]:
    """Customers to whom this kind may not go, and why."""
    found: dict[str, str] = {}
    if kind in CONSENT:
        known = consents_of(books, as_of)
        for key in known.insured:
            if why := known.blocked(key, CONSENT[kind]):
                found[key] = f"{why[0].upper()}{why[1:]}."
    if kind in STAYED:
        for key in insolvent(books.ledger["events"], as_of):
            found[key] = "The customer is insolvent: file the claim instead (letter proof_of_claim)."  # fmt: skip
    return found


def _faults(letter: Letter) -> list[str]:
    """Why a letter cannot be made, with what to type."""
    told = [one.message for one in refusals(letter) if not _of_facts(letter, one.message)]
    asked = declared()["fact"].get(letter.kind, {})
    for name in missing_facts(letter):
        form = {"day": "2026-11-30", "money": "20000.00"}.get(asked[name]["type"], "TEXT")
        told.append(f"{asked[name]['en']}: not in the ledger; give --fact {name}={form}.")
    told += _past(letter)
    if letter.kind in DEADLINES and letter.pay_by is None:
        told.append("The deadline is missing; give --pay-by DATE.")
    if letter.kind == "plan_offer" and not letter.instalments:
        told.append("The instalments are missing; give --instalments NUMBER and --first DATE.")
    if letter.kind == "dispute_ack" and not letter.disputed:
        told.append(
            "The document in dispute is not open; close the dispute or correct its number."
        )
    if letter.kind == "limit_reduction" and not _lower(letter):
        told.append("The new limit is not below the old one: this letter is about a reduction.")
    return told


def _past(letter: Letter) -> list[str]:
    """Days by which something is promised or asked for that are over when the letter is dated."""
    days = {f"--fact {name}": letter.facts.get(name) for name in AHEAD} | {
        "--pay-by": letter.pay_by
    }
    return [
        f"{name.removeprefix('--fact ')} is {day}, before the date of the letter; give {name}{'=' if 'fact' in name else ' '}DATE."
        for name, day in days.items()
        if isinstance(day, date) and day < letter.issued_on
    ]


def _of_facts(letter: Letter, message: str) -> bool:
    gone = missing_facts(letter)
    return bool(gone) and f"{', '.join(gone)} missing" in message


def _lower(letter: Letter) -> bool:
    old, new = letter.facts.get("old_limit"), letter.facts.get("new_limit")
    return not (isinstance(old, int) and isinstance(new, int)) or new < old


def _done(journal: Journal, numbers: Sequence[str]) -> tuple[str, ...]:
    """Letters that were made: issued, or drafts."""
    states = journal.letters.filter(pl.col("state").is_in([ISSUED, RENDERED]))
    known = set(states["letter_id"])
    return tuple(number for number in numbers if number in known)


def _complete(numbers: Sequence[str], journal: Journal, run: Run) -> tuple[str, ...]:
    """Those but drafts whose files a crash left in the making: they are made again."""
    drafts = journal.letters.filter(pl.col("state") == RENDERED)
    torn = {
        number
        for number, files in drafts.select("letter_id", "file").iter_rows()
        if any(
            (run.folder / STAGING / name).is_file() for name in (files or "").split("|") if name
        )
    }
    return tuple(number for number in numbers if number not in torn)


class _Making:
    """Turns cases into letters; senders and last payments are read once."""

    def __init__(
        self, books: Books, kind: str, as_of: date, journal: Journal, choices: KindChoices
    ) -> None:
        self.kind, self.as_of, self.choices = kind, as_of, choices
        self.gone = journal.taken_back()
        self.senders = senders(books.ledger)
        self.paid = last_payments(books.open(as_of).details, as_of)

    def letter(self, case: Case) -> tuple[Letter, str]:
        """The letter, and the number of the cancelled one that it replaces."""
        party, code = case.account.party, case.account.currency
        tongue = language(party)[0]
        facts = self._facts(case, code, tongue)
        number, before = free_number(self._number(case, facts, code), self.gone)
        letter = Letter(
            letter_id=number,
            kind=self.kind,
            language=tongue,
            sender=sender_of(party.company, self.senders),
            customer=recipient(party),
            currency=code,
            cut_off=self.as_of,
            issued_on=self.choices.issued_on or self.as_of,
            pay_by=self.choices.pay_by,
            governing_law=party.governing_law,
            last_payment_on=self.paid.get(party.customer_key),
            facts=facts,
            **case.parts,
        )
        return letter, before

    def _number(self, case: Case, facts: Mapping[str, Fact], code: str) -> str:
        """The same matter has the same number on every day; an account is a new matter each day."""
        day = facts.get(DATED.get(self.kind, ""), case.on)
        about = [(text, 0) for text in case.about]
        if self.kind in NAMED:
            about += [(f"{name}={facts[name]}", 0) for name in sorted(self.choices.facts)]
        on = day if isinstance(day, date) else self.as_of
        party = case.account.party
        return letter_number(self.kind, party.company, party.customer_id, code, "", 0, on, about)

    def _facts(self, case: Case, code: str, tongue: str) -> dict[str, Fact]:
        told = {name: value for name, value in case.facts.items() if value not in {None, ""}}
        asked = declared()["fact"].get(self.kind, {})
        for name, text in self.choices.facts.items():
            told[name] = _typed(name, text, asked[name]["type"], code)
        return {name: in_words(self.kind, name, value, tongue) for name, value in told.items()}


def _typed(name: str, text: str, kind: str, currency: str) -> Fact:
    if kind == "day":
        return parse_day(text, f"--fact {name}")
    if kind != "money":
        return text.strip()
    try:
        return money.to_minor(Decimal(text.replace(" ", "")), currency)
    except InvalidOperation:
        raise BadValueError(f"--fact {name}={text}: write the amount as 20000.00.") from None
