"""What a refresh is compared with: the snapshot before it, and the period itself where it is closed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from receivables.days import month_end, previous_month_end
from receivables.ledger.tieout import TieOut
from receivables.monitor.reported import entered_after
from receivables.refresh import snapshots
from receivables.refresh.books import Books
from receivables.refresh.close_answer import CloseAnswer
from receivables.refresh.close_facts import close_facts
from receivables.refresh.explanations import carried
from receivables.refresh.refreshes import FOLDER
from receivables.refresh.restated import restated, state_at
from receivables.refresh.snapshots import Snapshot
from receivables.report.pack_data import CloseFacts


@dataclass(frozen=True, slots=True)
class Past:
    """Snapshots around a date: `before` it, and `closed` of the date itself; with their folders."""

    as_of: date
    folder: Path
    before: Snapshot | None
    before_folder: Path
    closed: Snapshot | None

    @property
    def start(self) -> date:
        """Opening date of the movement: of the snapshot before, else the month end before."""
        return self.before.as_of if self.before else previous_month_end(self.as_of)


def past_of(books: Books, as_of: date, folder: Path) -> Past:
    """The latest earlier snapshot, and the closed one of the date itself.

    Of the earlier ones the latest that was closed or is of a month end; a refresh in the middle of
    a month counts only where there is no other, so that a look during the month does not move the
    opening of the month end. A closed period goes before a refresh of the same date.

    Args:
        books: the loaded ledger.
        as_of: date of the refresh.
        folder: of the ledger's snapshots.

    Raises:
        LedgerFileError: a snapshot is damaged or of another ledger.
    """
    closed = [on for on in snapshots.closed_dates(folder) if on <= as_of]
    refreshed = [on for on in snapshots.closed_dates(folder / FOLDER) if on < as_of]
    earlier = dict.fromkeys(refreshed, folder / FOLDER)
    earlier |= {on: folder for on in closed if on < as_of}
    periods = [on for on, place in earlier.items() if place == folder or on == month_end(on)]
    chosen = max(periods or earlier, default=None)
    place = earlier[chosen] if chosen else folder
    return Past(
        as_of, folder, _read(books, place, chosen), place,
        _read(books, folder, as_of if as_of in closed else None),
    )  # fmt: skip


def facts_of(books: Books, past: Past, ties: list[TieOut]) -> CloseFacts:
    """What the sheets Close and Movement say of the past: restated balances, what came late, exceptions.

    Args:
        books: the loaded ledger.
        past: snapshots to compare with.
        ties: tie-out of the date.
    """
    before, closed = past.before, past.closed
    whole = books.ledger.kind != "open_items"
    now = snapshots.take(books, past.as_of) if before or closed else None
    opening = restated(before, state_at(books, before.as_of), past.before_folder) if before and whole else None  # fmt: skip
    late = opening.postings if opening else entered_after(books.posted, past.start)
    answer = CloseAnswer(
        as_of=past.as_of,
        opening_on=past.start,
        state="",
        snapshot=past.folder / f"{past.as_of}.parquet",
        ties=ties,
        labels=books.buckets().labels,
        opening=opening,
        closed_before=restated(closed, now.frame, past.folder) if closed and now else None,
        settings_changed=snapshots.settings_changed(before, now) if before and now else [],
        back_dated=late if whole else late.clear(),
    )
    facts = close_facts(answer, books.settings.materiality_by_currency())
    return replace(facts, exceptions=carried(facts.exceptions, past.folder, past.as_of))


def with_told(exceptions: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Exceptions with what the accountant typed into the workbook; that wins over what was carried.

    Args:
        exceptions: EXCEPTION_SCHEMA.
        told: exception, place, currency, explanation, owner.
    """
    keys = ["exception", "place", "currency"]
    typed = told.select(*keys, typed="explanation", typed_owner="owner").unique(keys, keep="last")
    return (
        exceptions.join(typed, on=keys, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(
            explanation=pl.coalesce("typed", "explanation"),
            owner=pl.coalesce("typed_owner", "owner"),
        )
        .drop("typed", "typed_owner")
    )


def _read(books: Books, folder: Path, on: date | None) -> Snapshot | None:
    found = snapshots.read_snapshot(folder, on) if on else None
    if found:
        snapshots.check_same_ledger(folder, found, books)
    return found
