"""Tables of a letter as text: which columns, which rows, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from receivables.resources import data_rows
from receivables.respond.letters.interest_words import in_language
from receivables.respond.letters.letter import BankAccount, Item, Letter
from receivables.respond.letters.locale import Locale, locale
from receivables.respond.letters.plain import clean, cleaned

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table ready to print: `numbers` are the columns set to the right."""

    name: str
    title: str
    headings: Row
    numbers: frozenset[int]
    rows: tuple[Row, ...]
    total: Row = ()
    widths: tuple[float, ...] = ()
    """Shares of the width of the page."""


@cache
def words(language: str) -> dict[str, str]:
    """Words of tables and letterhead in a language (`data/letter_words.csv`)."""
    return {row["key"]: row[language] for row in data_rows("letter_words.csv")}


def tables(letter: Letter) -> dict[str, Table]:
    """Every table that the letter has rows for, by name.

    A column that is empty in every row is left out, so that few columns stay wide.
    """
    names = locale(letter.language)
    made = [
        _items("items", letter.items, letter, names),
        _items("disputed", letter.disputed, letter, names),
        _items("not_due", letter.not_due, letter, names),
        _credits(letter, names),
        _sums(letter, names),
        _interest(letter, names),
        _instalments(letter, names),
        _bank(letter),
    ]
    return {table.name: table for table in made if table is not None}


WIDTHS = {
    "document_no": 1.5, "reference": 1.3, "issued_on": 1.3, "due_on": 1.3, "original": 1.25,
    "settled": 1.25, "open": 1.3, "days_overdue": 0.85, "reason": 2.0, "credit_no": 2.0,
    "received_on": 1.3, "unused": 1.4, "from_on": 1.3, "to_on": 1.3, "principal": 1.3,
    "rate": 1.0, "days": 0.7, "amount": 1.2, "number": 0.7, "paid": 1.2,
}  # fmt: skip
"""How wide a column is beside the others."""

_TEXT = frozenset({"document_no", "reference", "reason", "credit_no", "number"})
_DAYS = frozenset({"issued_on", "due_on", "received_on", "from_on", "to_on"})


def _items(name: str, items: Sequence[Item], letter: Letter, names: Locale) -> Table | None:
    if not items:
        return None
    amount, day = names.writer(letter.currency), names.table_day
    numbers = cleaned(
        [
            f"{one.document_no}/{one.instalment}" if one.instalment else one.document_no
            for one in items
        ]
    )
    references = cleaned([one.reference for one in items])
    reasons = cleaned([one.reason for one in items])
    rows = [
        (
            number,
            reference,
            day(item.issued_on),
            day(item.due_on),
            amount(item.original),
            amount(item.paid + item.credited) if item.paid or item.credited else "",
            amount(item.open),
            str(item.days_overdue) if item.days_overdue > 0 else "",
            reason,
        )
        for item, number, reference, reason in zip(
            items, numbers, references, reasons, strict=True
        )
    ]
    total = {"open": amount(sum([item.open for item in items]))}
    if name == "disputed":
        few = [tuple([row[place] for place in _DISPUTED]) for row in rows]
        return _table(name, _title(name, letter), DISPUTED, few, letter, total)
    return _table(name, _title(name, letter), ITEMS, rows, letter, total)


ITEMS = ("document_no", "reference", "issued_on", "due_on", "original", "settled", "open",
         "days_overdue", "reason")  # fmt: skip


DISPUTED = ("document_no", "reference", "issued_on", "due_on", "original", "open", "reason")
"""The reason needs the room of what was paid and of the days."""

_DISPUTED = tuple(ITEMS.index(column) for column in DISPUTED)


def _title(name: str, letter: Letter) -> str:
    if name in {"disputed", "not_due"} and letter.kind not in DEMANDING:
        return f"{name}_shown"
    if name != "items" or (letter.kind in DEMANDING and letter.stage != "pre_due"):
        return name
    return "upcoming" if letter.stage == "pre_due" else "open_items"


DEMANDING = ("dunning", "undisputed_part", "plan_breach", "collections_handover")
"""Kinds whose items are demanded; the others list them as open items."""


def _credits(letter: Letter, names: Locale) -> Table | None:
    if not letter.credits:
        return None
    code = letter.currency
    rows = [
        (clean(item.document_no), names.table_day(item.issued_on), names.amount(-item.open, code))
        for item in letter.credits
    ]
    total = {"unused": names.amount(letter.unapplied, code)}
    return _table(
        "credits", "credits", ("credit_no", "received_on", "unused"), rows, letter, total
    )


def _sums(letter: Letter, names: Locale) -> Table | None:
    """From what is overdue to what is to be paid; nothing where both are one."""
    if letter.payable == letter.overdue:
        return None
    said = words(letter.language)
    parts = (
        ("overdue" if letter.stage != "pre_due" else "upcoming", letter.overdue),
        ("less_unapplied", -letter.unapplied),
        ("interest", letter.interest.amount if letter.interest else 0),
        ("fixed_sum", letter.fixed_sum),
        ("fee", letter.fee),
    )
    rows = tuple(
        (said[key], names.amount(minor, letter.currency)) for key, minor in parts if minor
    )
    total = (said["payable"], names.amount(letter.payable, letter.currency))
    title = f"{said['sum']} · {said['amounts_in'].format(currency=letter.currency)}"
    return Table("sums", title, (), frozenset({1}), rows, total, (3.0, 1.0))


def _interest(letter: Letter, names: Locale) -> Table | None:
    if letter.interest is None or not letter.interest.segments:
        return None
    code = letter.currency
    rows = [
        (
            clean(part.document_no),
            names.table_day(part.from_on),
            names.table_day(part.to_on),
            names.amount(part.principal, code),
            in_language(clean(part.rate), letter.language),
            str(part.days),
            names.amount(part.amount, code),
        )
        for part in letter.interest.segments
    ]
    columns = ("document_no", "from_on", "to_on", "principal", "rate", "days", "amount")
    total = {"amount": names.amount(letter.interest.amount, code)}
    return _table("interest", "interest_title", columns, rows, letter, total)


def _instalments(letter: Letter, names: Locale) -> Table | None:
    if not letter.instalments:
        return None
    code = letter.currency
    rows = [
        (
            clean(part.number),
            names.table_day(part.due_on),
            names.amount(part.amount, code),
            names.amount(part.paid, code) if part.paid else "",
        )
        for part in letter.instalments
    ]
    total = {"amount": names.amount(sum(part.amount for part in letter.instalments), code)}
    columns = ("number", "due_on", "amount", "paid")
    return _table("instalments", "instalments", columns, rows, letter, total)


def _bank(letter: Letter) -> Table | None:
    """Where to pay, in the letter's currency."""
    account = account_of(letter)
    if account is None:
        return None
    said = words(letter.language)
    is_iban = account.account[:2].isalpha()
    rows = (
        (said["holder"], clean(account.holder or letter.sender.name)),
        (said["bank"], clean(account.bank)),
        (said["branch"], clean(account.branch)),
        (said["iban" if is_iban else "account_no"], clean(account.account)),
        (said["bic"], clean(account.bic)),
        (said["purpose"], f"{clean(letter.letter_id)} / {clean(letter.customer.customer_id)}"),
    )
    shown = tuple(row for row in rows if row[1])
    return Table("bank", said["bank_title"], (), frozenset(), shown, (), (1.0, 3.0))


def account_of(letter: Letter) -> BankAccount | None:
    """The sender's account in the letter's currency, else the one for every currency."""
    own = [one for one in letter.sender.accounts if one.currency == letter.currency]
    any_currency = [one for one in letter.sender.accounts if not one.currency]
    return next(iter(own + any_currency), None)


def _table(
    name: str,
    title: str,
    columns: Row,
    rows: Sequence[Row],
    letter: Letter,
    total: dict[str, str],
) -> Table:
    """A table without its empty columns; the sums stand in the last row."""
    kept = tuple(place for place, cells in enumerate(zip(*rows, strict=True)) if any(cells))
    frame = _frame(name, title, columns, kept, letter.language, letter.currency)
    picked = rows if len(kept) == len(columns) else [tuple([row[p] for p in kept]) for row in rows]
    return Table(
        name,
        frame.title,
        frame.headings,
        frame.numbers,
        tuple(picked),
        tuple([total.get(key) or first for key, first in frame.bottom]),
        frame.widths,
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    title: str
    headings: Row
    numbers: frozenset[int]
    widths: tuple[float, ...]
    bottom: tuple[tuple[str, str], ...]
    """Column and the word that stands in its last row where no sum does."""


@cache
def _frame(
    name: str, title: str, columns: Row, kept: tuple[int, ...], language: str, currency: str
) -> _Frame:
    """What all tables of one make have in common."""
    said = words(language)
    keys = [columns[place] for place in kept]
    heading = {"open": "disputed_open"} if name == "disputed" else {}
    return _Frame(
        title=f"{said[title]} · {said['amounts_in'].format(currency=currency)}",
        headings=tuple(said[heading.get(key, key)] for key in keys),
        numbers=frozenset(
            place for place, key in enumerate(keys) if key not in _TEXT and key not in _DAYS
        ),
        widths=tuple(WIDTHS[key] for key in keys),
        bottom=tuple((key, said["total"] if place == 0 else "") for place, key in enumerate(keys)),
    )
