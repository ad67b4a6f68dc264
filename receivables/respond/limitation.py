"""When a debt is barred by time: the law's period, counted anew after what interrupts it."""

from __future__ import annotations

import difflib
from datetime import date
from functools import cache
from typing import NamedTuple

from receivables.days import edate
from receivables.errors import NotAvailableError
from receivables.ledger.spelling import fold
from receivables.resources import data_rows


class Limitation(NamedTuple):
    """Last day on which a debt can be claimed; `counted_from` the due date or the event."""

    on: date
    counted_from: date
    law: str
    confirmed: bool
    rule: str


def limitation_date(
    due_on: date, law: str, last_event: date | None = None, event_kind: str | None = None
) -> Limitation:
    """Last day before the debt is barred (`data/limitation.csv`).

    An event counts if the law says that its kind starts the time anew, after the due date and
    before the time is over. A demand does so in China, not in Germany or England.

    Args:
        due_on: due date.
        law: code or name of the law of the contract.
        last_event: day of the event.
        event_kind: kind of it; blank = an acknowledgement is not assumed, nothing restarts.

    Raises:
        NotAvailableError: unknown law or kind; an event that suspends, whose end nobody can compute.

    >>> limitation_date(date(2026, 3, 31), "England").on
    datetime.date(2032, 3, 31)
    >>> limitation_date(date(2026, 3, 31), "DE", date(2027, 5, 4), "Mahnung").on
    datetime.date(2029, 12, 31)
    >>> limitation_date(date(2026, 3, 31), "DE", date(2027, 5, 4), "part payment").on
    datetime.date(2030, 5, 4)
    """
    row = _law(law)
    months = 12 * int(row["years"])
    end = edate(due_on, months)
    if row["counted_from"] == "year_end":
        end = date(end.year, 12, 31)
    sure = row["confirmed"] == "yes"
    first = Limitation(end, due_on, row["law"], sure, row["help_en"])
    if last_event is None:
        return first
    kind = event_of(event_kind or "")
    if kind in row["suspends"].split("|"):
        raise NotAvailableError(
            f"Under the law {row['law']} a {kind} suspends the time; when it goes on is for a lawyer to say."
        )
    if kind in row["restarts"].split("|") and due_on < last_event <= end:
        return first._replace(on=edate(last_event, months), counted_from=last_event)
    return first


def known_law(text: str) -> str | None:
    """Code of a law by code or name; None if the table does not know it.

    >>> known_law("中国"), known_law("Texas")
    ('CN', None)
    """
    found = _laws().get(fold(text))
    return found["law"] if found else None


def event_of(text: str) -> str:
    """What an event counts as: demand, acknowledgement, part_payment, lawsuit.

    Raises:
        NotAvailableError: a kind that the table does not know.

    >>> event_of("对账函"), event_of("Mahnung")
    ('acknowledgement', 'demand')
    """
    found = _events().get(fold(text))
    if found is None:
        known = ", ".join(row["event"] for row in data_rows("limitation_events.csv"))
        raise NotAvailableError(f"'{text}' is no kind of event. Use {known}.")
    return found


def event_in_ledger(text: str) -> str | None:
    """As `event_of` for a row of Events; None for others, such as a lawsuit of somebody else.

    >>> event_in_ledger("诉讼"), event_in_ledger("我方起诉")
    (None, 'lawsuit')
    """
    return _events(ledger=True).get(fold(text))


@cache
def watch_days() -> int:
    """Days ahead that the Limitation sheet looks (`data/limitation_rules.csv`).

    >>> watch_days()
    365
    """
    rows = data_rows("limitation_rules.csv")
    return next(int(row["value"]) for row in rows if row["rule"] == "watch_days")


def _law(text: str) -> dict[str, str]:
    found = _laws().get(fold(text))
    if found is not None:
        return found
    near = difflib.get_close_matches(fold(text), _laws(), n=1)
    hint = f"Did you mean {_laws()[near[0]]['law']}?" if near else ""
    known = ", ".join(row["law"] for row in data_rows("limitation.csv"))
    raise NotAvailableError(
        f"The limitation of the law '{text}' is not known. Known: {known}. {hint}".strip()
    )


@cache
def _laws() -> dict[str, dict[str, str]]:
    rows = data_rows("limitation.csv")
    return {fold(word): row for row in rows for word in (row["law"], *row["words"].split("|"))}


@cache
def _events(*, ledger: bool = False) -> dict[str, str]:
    return {
        fold(word): row["counts_as"]
        for row in data_rows("limitation_events.csv")
        for word in (row["event"], *row["words_en"].split("|"), *row["words_zh"].split("|"))
        if not ledger or row["in_events"] == "yes"
    }
