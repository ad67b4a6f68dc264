"""The jobs behind `letters`: the plan of a day, letters made once, and letters taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from receivables.assess.setting_table import csv_rows
from receivables.days import add_working_days
from receivables.errors import BadValueError, SettingsError
from receivables.ledger.keys import fold
from receivables.refresh.books import Books
from receivables.refresh.letters_answer import LettersAnswer
from receivables.refresh.letters_journal import enter, journal_of
from receivables.refresh.letters_run import Outcome, Run, drop, make_letters, unfinished
from receivables.refresh.letters_ticks import Ticks, ticks_of
from receivables.respond.dunning import Known, Plan, make_plan
from receivables.respond.dunning_charges import charges_of, fees_of
from receivables.respond.dunning_journal import (
    CANCELLED,
    DROPPED,
    ISSUED,
    OVER,
    PLANNED,
    RENDERED,
    REPLACED,
    Journal,
    JournalStore,
)
from receivables.respond.dunning_letters import LetterFacts, language, letter_of
from receivables.respond.dunning_plans import plans_kept
from receivables.respond.dunning_policy import DEFAULT, Policy, policies, with_levels
from receivables.respond.dunning_senders import last_payments, senders
from receivables.respond.dunning_table import dunning_frame, items_frame
from receivables.respond.letters.letter import Letter
from receivables.respond.letters.render import refusals


@dataclass(frozen=True, slots=True)
class Planning:
    """The plan of a day with its letters, its tables, and what must be said about them."""

    plan: Plan
    letters: Mapping[str, Letter]
    frame: pl.DataFrame
    items: pl.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def replaces(self) -> dict[str, str]:
        """Number of a letter → number of the cancelled one whose place it takes."""
        return {one.letter_id: one.replaces for one in self.plan.letters}


@dataclass(frozen=True, slots=True)
class Choices:
    """What the user says of a run.

    `bank_to` is the day up to which bank statements are posted, None = as the ledger shows;
    `issued_on` the date printed on the letters, None = the as-of date; `only` customers, empty = all.
    """

    bank_to: date | None = None
    issued_on: date | None = None
    only: Collection[str] = field(default_factory=frozenset)
    assume_last: bool = False


def planning(
    books: Books, as_of: date, journal: Journal, choices: Choices | None = None
) -> Planning:
    """The dunning plan of a day with its letters; a past day is planned as it was known then.

    Args:
        books: the loaded ledger.
        as_of: cut-off.
        journal: letters so far.
        choices: bank cut-off, date of the letters.

    Raises:
        NotAvailableError: nothing posted by then; a list that cannot be back-dated.
    """
    choices = choices or Choices()
    opened = books.open(as_of)
    known = _known(books, as_of, journal, choices.bank_to)
    plan = make_plan(books.ledger, opened, known)
    issued_on = choices.issued_on or as_of
    charges, notes = charges_of(plan, opened, assume_last=choices.assume_last)
    facts = LetterFacts(
        senders(books.ledger), charges, fees_of(plan), last_payments(opened.details, as_of)
    )
    made = {one.letter_id: letter_of(one, as_of, issued_on, facts) for one in plan.letters}
    told = _languages(plan) | notes
    return Planning(plan, made, dunning_frame(plan, made, told), items_frame(plan), _notes(books, plan))  # fmt: skip


def preview_job(books: Books, as_of: date, store: JournalStore, choices: Choices | None = None) -> LettersAnswer:  # fmt: skip
    """What would be sent as of a day and why not to everybody else; nothing is written.

    Raises:
        BadValueError: a run of a later day was made already.
    """
    choices = choices or Choices()
    journal = journal_of(books, store)
    _forward(journal, as_of)
    found = planning(books, as_of, _unmade(journal, as_of), choices)
    kept, ticks = _wanted(books, found, journal, choices)
    faults = {one: refusals(found.letters[one]) for one in kept}
    told = {one: " ".join(each.message for each in why) for one, why in faults.items() if why}
    return _answer(found, kept, Outcome(refused=told), books, ticks)


def approve_job(
    books: Books, as_of: date, run: Run, choices: Choices | None = None
) -> LettersAnswer:
    """Make the letters of a day and journal them; what an earlier attempt began is finished.

    Args:
        books: the loaded ledger.
        as_of: cut-off; runs go forward in time.
        run: journal, renderer, folder, name and time.
        choices: customers, bank cut-off, date of the letters.

    Raises:
        BadValueError: a run of a later day was made already.
        LedgerFileError: another run is at work, or the folder cannot be written to.
    """
    choices = choices or Choices()
    with run.store.alone():
        journal = journal_of(books, run.store)
        _forward(journal, as_of)
        found = planning(books, as_of, _unmade(journal, as_of), choices)
        kept, ticks = _wanted(books, found, journal, choices)
        dropped = _clear(found, kept, journal, run)
        outcome = make_letters([found.letters[one] for one in kept], found.replaces, journal, run)
        outcome.dropped += dropped
        _enter(books, run)
    return _answer(found, kept, outcome, books, ticks, run.notes)


def issue_job(books: Books, numbers: Collection[str], run: Run) -> list[str]:
    """Say of drafts that they were sent; only then do they count for the next level.

    Args:
        books: the loaded ledger.
        numbers: letters; empty = every draft.
        run: journal, name and time.

    Raises:
        BadValueError: a number that is no draft.
    """
    with run.store.alone():
        letters = journal_of(books, run.store).letters
        made = letters.filter(pl.col("state") == RENDERED)
        drafts = {row["letter_id"]: row for row in made.iter_rows(named=True)}
        wrong = sorted(set(numbers) - set(drafts))
        if wrong:
            raise BadValueError(
                f"{', '.join(wrong)}: not among the drafts. Drafts are {', '.join(drafts) or 'none'}."
            )
        chosen = [drafts[number] for number in (numbers or drafts)]
        done = {"state": ISSUED, "approved_by": run.by, "sent_at": run.at}
        run.store.append([row | done for row in chosen])
        _enter(books, run)
    return [row["letter_id"] for row in chosen]


def cancel_job(books: Books, number: str, reason: str, run: Run) -> None:
    """Take a letter back: its items stand where they stood before it; number and reason stay.

    Raises:
        BadValueError: no such letter, one that is over, or no reason.
    """
    if not reason.strip():
        raise BadValueError("Say why the letter is cancelled: --reason TEXT.")
    with run.store.alone():
        letters = journal_of(books, run.store).letters
        rows = letters.filter(pl.col("letter_id") == number).to_dicts()
        if not rows:
            raise BadValueError(
                f"{number}: the journal has no such letter. See the sheet Letters or letters.csv."
            )
        row = rows[0]
        if row["state"] in OVER:
            raise BadValueError(f"{number} is {row['state']} already.")
        told = f"{reason.strip()} ({run.by}, {run.at})" if run.by else reason.strip()
        run.store.append([row | {"state": CANCELLED, "reason": told}])
        _enter(books, run)


def _enter(books: Books, run: Run) -> None:
    """The journal in the workbook, too; a workbook that is open elsewhere gets it later."""
    note = enter(books, journal_of(books, run.store))
    if note:
        run.notes.append(note)


def own_policies(books: Books) -> Mapping[str, Policy]:
    """The shipped policies with the levels of the setting dunning_levels, a file beside the ledger.

    Raises:
        SettingsError: the setting is a path, or there is no such file.
    """
    name = books.settings.dunning_levels.strip()
    if not name:
        return policies()
    ledger = Path(books.home)
    file = (ledger if ledger.is_dir() else ledger.parent) / name
    # a workbook may name its neighbour, not any file of the machine
    if Path(name).name != name or not file.is_file():
        raise SettingsError(
            f"Setting dunning_levels: there is no file '{name}' beside the ledger. Put the table "
            "there and name it without a folder, or leave the setting blank."
        )
    return with_levels(csv_rows(file))


def known_until(books: Books) -> date | None:
    """Last day on which somebody posted something: what came later nobody can know."""
    if books.ledger.kind == "open_items":
        return books.ledger.extracted_on
    details = books.posted.details
    entered = pl.col("entered_on") if "entered_on" in details.columns else pl.lit(None, pl.Date)
    day = details.select(pl.coalesce(entered, "posted_on").max()).item()
    return day if isinstance(day, date) else None


def _known(books: Books, as_of: date, journal: Journal, bank_to: date | None) -> Known:
    until, own = known_until(books), own_policies(books)
    seen = bank_to or until
    stale = seen is not None and seen < _needed(as_of, own[DEFAULT].stale_days)
    later: dict[int, int] | None = None
    credit: dict[tuple[str, str, str], int] = {}
    if until and until > as_of and books.ledger.kind != "open_items":
        frame = books.open(until).frame()
        later = dict(frame.filter(pl.col("open") > 0).select("item", "open").iter_rows())
        rest = frame.filter(pl.col("open") < 0).group_by("company", "customer_key", "currency")
        credit = {(a or "", b, c or ""): -d for a, b, c, d in rest.agg(pl.col("open").sum()).iter_rows()}  # fmt: skip
    return Known(
        journal, own, books.settings.dunning_policy, plans_kept(books.ledger, books.open(as_of)), later, credit,
        stale,
    )  # fmt: skip


def _needed(as_of: date, days: int) -> date:
    """Day up to which the bank must be posted: so many working days before the last one.

    >>> _needed(date(2026, 10, 31), 1), _needed(date(2026, 11, 2), 1)
    (datetime.date(2026, 10, 29), datetime.date(2026, 10, 30))
    """
    last = add_working_days(as_of + timedelta(1), -1)
    return add_working_days(last, -days)


def _forward(journal: Journal, as_of: date) -> None:
    last = journal.last_run
    if last and as_of < last:
        raise BadValueError(
            f"Letters as of {last} were made already, so {as_of} is over: runs go forward in time. "
            f"Give {last} or a later day, or cancel those letters first."
        )


def _unmade(journal: Journal, as_of: date) -> Journal:
    """The journal without what this run has to finish or to clear away: it is planned anew."""
    day, state = pl.col("cut_off"), pl.col("state")
    open_ = (state == PLANNED) | ((state == RENDERED) & (day == as_of))
    letters = journal.letters.filter(~open_)
    return replace(journal, letters=letters)


def _clear(found: Planning, kept: Collection[str], journal: Journal, run: Run) -> list[str]:
    """Unfinished letters that the plan of today does not ask for any more.

    Those of an earlier day are drafts: they stay unless a letter of today takes their items over.
    """
    made = [one.planned for one in found.plan.letters if one.letter_id in set(kept)]
    taken = {debt.key for planned in made for debt in planned.debts}
    over = {number for key, number in journal.drafts().items() if key in taken}
    gone, replaced = [], []
    for row in unfinished(journal):
        if row["letter_id"] in found.letters:
            continue
        if row["state"] == PLANNED or row["cut_off"] == found.plan.as_of:
            gone.append(row)
        elif row["letter_id"] in over:
            replaced.append(row)
    numbers = drop(gone, run, DROPPED, "never finished; the ledger does not ask for it any more")
    return numbers + drop(
        replaced, run, REPLACED, f"replaced by a letter as of {found.plan.as_of}"
    )


def _wanted(
    books: Books, found: Planning, journal: Journal, choices: Choices
) -> tuple[list[str], Ticks]:
    """Numbers of the letters to make: of the customers named, else of the ticked ones, else all."""
    if choices.only:
        return _chosen(found, choices.only), Ticks()
    ticks = ticks_of(books.path, found.frame, journal, found.plan.as_of)
    if ticks.any:
        return [number for number in found.letters if number in ticks.taken], ticks
    return list(found.letters), ticks


def _chosen(found: Planning, only: Collection[str]) -> list[str]:
    """Numbers of the letters to the customers named.

    Raises:
        BadValueError: a customer who gets no letter; says why.
    """
    wanted = {fold(one): one for one in only}
    there = {one.planned.group.party.customer_key for one in found.plan.letters}
    for key, name in wanted.items():
        if key not in there:
            rows = found.frame.filter(pl.col("customer_key") == key)
            why = rows["reasons"][0] if rows.height else "nothing of theirs is overdue"
            raise BadValueError(f"--only {name}: no letter is due to this customer ({why}).")
    return [one.letter_id for one in found.plan.letters if one.planned.group.party.customer_key in wanted]  # fmt: skip


def _languages(plan: Plan) -> dict[str, str]:
    """What to say where nobody writes in a customer's language."""
    return {
        one.letter_id: f"language '{one.planned.group.party.language or '?'}' is not written: English"
        for one in plan.letters
        if not language(one.planned.group.party)[1]
    }


def _notes(books: Books, plan: Plan) -> tuple[str, ...]:
    known = senders(books.ledger)
    lacking = sorted({one.planned.group.party.company for one in plan.letters if not (known.get("") or known.get(fold(one.planned.group.party.company)))})  # fmt: skip
    return tuple(
        f"Companies has no row for {company or 'the own company'}: the letterhead lacks address and bank "
        "account. Add it to the tables Companies and BankAccounts."
        for company in lacking
    )


def _answer(found: Planning, kept: Collection[str], outcome: Outcome, books: Books, ticks: Ticks, notes: Collection[str] = ()) -> LettersAnswer:  # fmt: skip
    chosen = found.frame.filter(pl.col("letter_id").is_null() | pl.col("letter_id").is_in(list(kept)))  # fmt: skip
    return LettersAnswer(
        as_of=found.plan.as_of,
        frame=chosen,
        items=found.items,
        letters=tuple(found.letters[number] for number in kept),
        made=tuple(outcome.made),
        finished=tuple(outcome.finished),
        dropped=tuple(outcome.dropped),
        refused=outcome.refused,
        notes=tuple(filter(None, (*found.notes, ticks.note(), *notes))),
        not_taken=ticks.not_taken,
        issues=len(books.issues),
    )
