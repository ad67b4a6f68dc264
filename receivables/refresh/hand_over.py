"""The job `hand-over`: everything a collector or insurer needs of one customer, in one zip."""

from __future__ import annotations

import hashlib
import io
import tempfile
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from receivables import money
from receivables.errors import BadValueError, LedgerFileError
from receivables.ledger.keys import fold
from receivables.ledger.open import OpenItems
from receivables.refresh.books import Books
from receivables.refresh.claims import consents_of
from receivables.refresh.letters_journal import journal_of
from receivables.report.target import replacing
from receivables.resources import data_rows
from receivables.respond.account_letter import Wanted, account_letters, of_customer
from receivables.respond.dunning_items import Debt, Index, credits_of, debts, take_disputes
from receivables.respond.dunning_journal import ISSUED, Journal, JournalStore
from receivables.respond.dunning_rules import insolvent
from receivables.respond.hand_over import (
    COVER,
    INVOICES,
    RECORDED,
    Part,
    instalment_rows,
    invoice_rows,
    journal_rows,
    packed,
    recorded_rows,
    table,
)
from receivables.respond.letters.letter import Fact, Letter
from receivables.respond.letters.plain import clean, file_stem
from receivables.respond.letters.render import Renderer

ROLES = ("collector", "insurer")


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who gets the file: role, name, and the day on which the customer is told that it goes over."""

    role: str
    name: str
    on: date


@dataclass(frozen=True, slots=True)
class HandOver:
    """The zip that was written: its files, and what could not be put in."""

    path: Path
    files: tuple[str, ...]
    missing: tuple[str, ...] = ()
    changed: bool = True

    def to_json(self) -> dict[str, Any]:
        """Path, names, what is missing."""
        return {
            "path": str(self.path), "files": list(self.files), "missing": list(self.missing),
            "changed": self.changed,
        }  # fmt: skip


@dataclass(slots=True)
class _File:
    """Parts so far, and sentences on what is missing."""

    language: str
    parts: list[Part] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def say(self, key: str, **values: object) -> str:
        """A text of `data/hand_over_texts.csv`."""
        return _texts()[key][self.language].format_map(values)

    def add(self, name: str, content: bytes, what: str) -> None:
        """Put a file in."""
        self.parts.append(Part(name, content, what))


def hand_over_job(
    books: Books, customer: str, as_of: date, receiver: Receiver, target: Path,
    store: JournalStore, folders: Sequence[Path] = (), templates: Path | None = None,
) -> HandOver:  # fmt: skip
    """Write the hand-over file of a customer: the same ledger, journal and letters give the same bytes.

    It holds a cover, the statement of account, for a collector the notice to the customer, the open
    invoices, the journal and the letters issued, and what was recorded of plans, promises, disputes,
    contacts, events and bills.

    Args:
        books: the loaded ledger.
        customer: customer number.
        as_of: cut-off; what was recorded later is not there.
        receiver: who gets it.
        target: the zip; one of ours may be replaced.
        store: journal of letters.
        folders: where letters lie; each is searched with the folders right below it.
        templates: a folder of own templates.

    Raises:
        BadValueError: insured debt that is to go to a collector without the insurer's consent.
        NotAvailableError: no such customer, nothing open, or for a collector nothing overdue.
        LedgerFileError: the target is no hand-over file of ours, or cannot be written.
    """
    if receiver.role not in ROLES:
        raise BadValueError(f"--to {receiver.role}: give collector or insurer.")
    if receiver.role == "collector":
        if not receiver.name:
            raise BadValueError("The customer is told to whom the debt goes: --agency NAME.")
        _require_consent(books, customer, as_of)
    _check_target(target)
    opened, key = books.open(as_of), fold(customer)
    journal = journal_of(books, store)
    found = _File("zh" if books.settings.language == "zh" else "en")
    letters = _written(found, books, opened, customer, receiver, templates)
    own = _own(books, opened, key)
    rows = invoice_rows(own, journal.up_to(as_of).standings(), as_of)
    found.add("invoices.csv", table(rows, INVOICES), found.say("invoices"))
    _add_journal(found, journal, key, as_of, folders)
    _add_recorded(found, books, key, as_of)
    if key in insolvent(books.ledger["events"], as_of):
        found.missing.append(found.say("insolvent"))
    found.add(COVER, _cover(found, letters, own, as_of, receiver), "")
    return _write(target, found)


def _require_consent(books: Books, customer: str, as_of: date) -> None:
    why = consents_of(books, as_of).blocked(fold(customer), "hand_over")
    if why:
        raise BadValueError(
            f"Customer {customer}: {why}: in Events a row of the kind 'insurer consent' whose note "
            "names the hand-over."
        )


def _written(
    found: _File, books: Books, opened: OpenItems, customer: str, receiver: Receiver,
    templates: Path | None,
) -> list[Letter]:  # fmt: skip
    """Statement and notice as PDF; as Word where no PDF can be made."""
    statements = account_letters(books.ledger, opened, customer, Wanted("statement", opened.as_of))
    notices: list[Letter] = []
    if receiver.role == "collector":
        facts: dict[str, Fact] = {"agency": receiver.name, "handover_on": receiver.on}
        wanted = Wanted("collections_handover", opened.as_of, receiver.on, facts)
        notices = account_letters(books.ledger, opened, customer, wanted)
    for what, letters in (("statement", statements), ("notice", notices)):
        for letter in letters:
            _add_letter(found, letter, what, templates)
    return statements


def _add_letter(found: _File, letter: Letter, what: str, templates: Path | None) -> None:
    company = f"-{letter.sender.company}" if letter.sender.company else ""
    stem = file_stem(f"{what}{company}-{letter.currency}")
    why = ""
    with tempfile.TemporaryDirectory(prefix="receivables-") as folder:
        for form in ("pdf", "docx"):
            made = Renderer([form], templates).render(letter, Path(folder))
            if made.files:
                found.add(f"{stem}.{form}", made.files[0].read_bytes(), found.say(what))
                return
            why = why or " ".join(one.message for one in made.refusals)
    found.missing.append(found.say("unreadable_form", name=stem, why=why))


def _own(books: Books, opened: OpenItems, key: str) -> list[Debt]:
    own = of_customer(opened, key)
    listed = debts(own)
    take_disputes(Index(listed), own.frame(), books.ledger["disputes"], own.as_of)
    return [*listed, *credits_of(own)]


def _add_journal(
    found: _File, journal: Journal, key: str, as_of: date, folders: Sequence[Path]
) -> None:
    letters, items = journal_rows(journal, key, as_of)
    if not letters:
        return
    found.add("journal.csv", table(letters), found.say("journal"))
    if items:
        found.add("journal_items.csv", table(items), found.say("journal_items"))
    places = list(_places(folders))
    for row in letters:
        if row["state"] != ISSUED:
            continue
        names, sums = (row["file"] or "").split("|"), (row["sha256"] or "").split("|")
        for name, checksum in zip(names, sums, strict=False):
            if name:
                _add_issued(found, places, name, checksum, row["cut_off"])


def _add_issued(
    found: _File, places: Collection[Path], name: str, checksum: str, day: date
) -> None:
    there = [path for folder in places if (path := folder / Path(name).name).is_file()]
    contents = [path.read_bytes() for path in there]
    right = next((one for one in contents if hashlib.sha256(one).hexdigest() == checksum), None)
    if right is not None:
        found.add(f"letters/{Path(name).name}", right, found.say("letter", day=day))
    else:
        found.missing.append(found.say("changed_file" if there else "missing_file", name=name))


def _places(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        if folder.is_dir():
            yield folder
            yield from sorted(one for one in folder.iterdir() if one.is_dir())


def _add_recorded(found: _File, books: Books, key: str, as_of: date) -> None:
    for name in RECORDED:
        rows = recorded_rows(books.ledger, name, key, as_of)
        if rows:
            found.add(f"{name}.csv", table(rows), found.say(name))
        if name == "plans":
            lines = instalment_rows(books.ledger, [row["plan_no"] for row in rows])
            if lines:
                found.add("plan_instalments.csv", table(lines), found.say("plan_instalments"))


def _cover(
    found: _File, letters: Sequence[Letter], own: Sequence[Debt], as_of: date, receiver: Receiver
) -> bytes:
    who, sender = letters[0].customer, letters[0].sender
    address = " ".join(who.address)
    lines = [
        found.say("title", customer_id=clean(who.customer_id), name=clean(who.name)), "",
        found.say("from", name=clean(sender.name)),
        found.say("to", name=f"{clean(receiver.name)} ({found.say(f'role_{receiver.role}')})".strip()),
        found.say("as_of", day=as_of),
    ]  # fmt: skip
    about = {"registration": who.registration_no, "address": address, "contact": f"{who.contact} {who.email}".strip()}  # fmt: skip
    lines += [found.say(key, text=clean(text)) for key, text in about.items() if text]
    lines += ["", *_balances(found, own, as_of), "", found.say("contents")]
    for part in sorted(found.parts, key=lambda one: one.name):
        lines.append(f"  {part.name}: {part.what}, SHA-256 {part.sha256}")
    if found.missing:
        lines += ["", found.say("missing"), *(f"  {text}" for text in found.missing)]
    return "\r\n".join([*lines, ""]).encode("utf-8-sig")


def _balances(found: _File, own: Sequence[Debt], as_of: date) -> list[str]:
    told = []
    for company, currency in sorted({(one.company, one.currency) for one in own}):
        rows = [one for one in own if (one.company, one.currency) == (company, currency)]
        late = [one for one in rows if one.open > 0 and one.overdue(as_of)]
        amounts = {
            "open": sum(one.open for one in rows),
            "overdue": sum(one.claim for one in late),
            "disputed": sum(one.disputed for one in rows),
        }
        shown = {
            name: money.text(amount, currency or money.NO_CURRENCY)
            for name, amount in amounts.items()
        }
        told.append(found.say("balance", company=company, currency=currency, **shown).strip())
    return told


def _write(target: Path, found: _File) -> HandOver:
    content = packed(found.parts)
    names = tuple(sorted(part.name for part in found.parts))
    same = target.exists() and target.read_bytes() == content
    if not same:
        with replacing(target) as stream:
            stream.write(content)
    return HandOver(target, names, tuple(found.missing), not same)


def _check_target(target: Path) -> None:
    if target.suffix.lower() != ".zip":
        raise LedgerFileError(
            f"{target}: the hand-over file is a zip. Give a name ending in .zip."
        )
    if not target.parent.is_dir():
        raise LedgerFileError(f"{target.parent}: there is no such folder. Create it first.")
    if target.exists() and not _is_ours(target):
        raise LedgerFileError(
            f"{target}: this is no hand-over file of ours and is left as it is. Give another name."
        )


def _is_ours(target: Path) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(target.read_bytes())) as package:
            return COVER in package.namelist()
    except (zipfile.BadZipFile, OSError):
        return False


@cache
def _texts() -> dict[str, dict[str, str]]:
    return {row["key"]: row for row in data_rows("hand_over_texts.csv")}
