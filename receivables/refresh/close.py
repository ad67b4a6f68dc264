"""The job `close`: tie out, explain the movement since the last close, and lock the period."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from receivables.days import previous_month_end
from receivables.errors import LedgerFileError, NotAvailableError
from receivables.ledger.postings import BOOK
from receivables.ledger.tieout import TieOut
from receivables.monitor.buckets import Buckets
from receivables.monitor.movement import BY, MOVES, moved, movement_local, span
from receivables.monitor.movement_roll import roll
from receivables.monitor.reported import entered_after
from receivables.monitor.reserve_policy import Policy
from receivables.refresh import snapshots
from receivables.refresh.aging import tied
from receivables.refresh.books import Books
from receivables.refresh.close_answer import CloseAnswer, Restated
from receivables.refresh.close_facts import close_facts
from receivables.refresh.dso import dso_job
from receivables.refresh.explanations import carried, remember
from receivables.refresh.month_end import refresh_job
from receivables.refresh.restated import opened_at, restated, state_at
from receivables.refresh.snapshots import Snapshot


def close_job(
    books: Books,
    as_of: date,
    *,
    folder: str | Path | None = None,
    reopen: bool = False,
    closed_at: str = "",
    out: str | Path | None = None,
    policy: Policy | None = None,
) -> CloseAnswer:
    """Close a period: tie-out, movement since the last close, restatements, snapshot.

    Closed for the first time, the books as of the date are written to the snapshot folder. Run
    again, nothing is written: what was reported stands beside what is now known. `reopen` writes
    it anew where something changed and keeps the old one.

    Args:
        books: the loaded ledger.
        as_of: last day of the period.
        folder: of the snapshots; default LEDGER.receivables beside the ledger.
        reopen: replace the snapshot of a closed period.
        closed_at: time of the close as text, for the log.
        out: month-end report to write as well, before the period is locked.
        policy: loss rates for the reserve in the report.

    Raises:
        LedgerFileError: a snapshot is damaged or of another ledger, a later period is closed, or
            the report cannot be written; the period is then not closed.
    """
    place = Path(folder) if folder else snapshots.folder_of(books.path)
    dates = snapshots.closed_dates(place)
    ties = tied(books, books.open(as_of))
    now = snapshots.take(
        books,
        as_of,
        tie_out=[tie.to_json() for tie in ties],
        measures=_measures(books, as_of),
        created_at=closed_at,
    )
    before = _read(place, max((on for on in dates if on < as_of), default=None), books)
    standing = _read(place, as_of if as_of in dates else None, books)
    later = [on for on in dates if on > as_of]
    if later and not standing and not reopen:
        raise LedgerFileError(
            f"{place}: {later[-1]} is closed already, and closing {as_of} would change what "
            "stood before it. Close a later date, or use --reopen and then close the later ones again."
        )
    follows = _read(place, later[0] if later else None, books)
    snapshots.check_one_lineage(place, before, standing, follows)
    state = _state(now, standing, reopen=reopen)
    measured = _measured(books, now, before, standing, ties, place)
    notes = snapshots.what_differs(standing, now) if standing and state != "unchanged" else []
    notes = [*measured.notes, *notes, *_lineage_notes(before, standing, follows, state)]
    answer = replace(measured, state=state, notes=notes)
    facts = close_facts(answer, books.settings.materiality_by_currency())
    facts = replace(facts, exceptions=carried(facts.exceptions, place, as_of))
    answer = replace(answer, exceptions=facts.exceptions)
    if out:
        made = refresh_job(books, as_of, out, prior=answer.opening_on, policy=policy, close=facts)
        answer = replace(answer, files=made.files)
    if state in {"closed", "reopened"}:
        _write(place, now, state, before, standing or follows)
        remember(facts.exceptions, place, as_of)
    return answer


def _measures(books: Books, as_of: date) -> list[dict[str, Any]]:
    """Speed of collection of the month; nothing where the date is no month end of the ledger."""
    try:
        rows = dso_job(books, as_of, by="company", months=1).to_json()["rows"]
    except NotAvailableError:
        return []
    return [row for row in rows if row["month_end"] == as_of.isoformat()]


def _read(place: Path, on: date | None, books: Books) -> Snapshot | None:
    found = snapshots.read_snapshot(place, on) if on else None
    if found:
        snapshots.check_same_ledger(place, found, books)
    return found


def _state(now: Snapshot, standing: Snapshot | None, *, reopen: bool) -> str:
    if standing is None:
        return "closed"
    if standing.same_as(now):
        return "unchanged"
    return "reopened" if reopen else "locked"


def _write(
    place: Path, now: Snapshot, state: str, before: Snapshot | None, kin: Snapshot | None
) -> None:
    """Write with the lineage of the other snapshots; the first one founds it."""
    relative = before or kin
    previous = (
        {"as_of": before.as_of.isoformat(), "content_sha256": before.content_sha256}
        if before
        else {}
    )
    lineage = relative.lineage if relative else now.content_sha256
    snapshots.write_snapshot(place, replace(now, lineage=lineage, previous=previous), state)


def _measured(
    books: Books,
    now: Snapshot,
    before: Snapshot | None,
    standing: Snapshot | None,
    ties: list[TieOut],
    place: Path,
) -> CloseAnswer:
    """Everything that a close shows, before anything is written."""
    as_of = now.as_of
    start = before.as_of if before else previous_month_end(as_of)
    buckets = books.buckets()
    answer = CloseAnswer(
        as_of=as_of,
        opening_on=start,
        state="",
        snapshot=place / f"{as_of}.parquet",
        ties=ties,
        labels=buckets.labels,
        closed_before=restated(standing, now.frame, place) if standing else None,
        settings_changed=snapshots.settings_changed(before, now) if before else [],
        issues=len(books.issues),
    )
    if books.ledger.kind == "open_items":
        note = "A list of open items holds no postings: there is no movement to show."
        return replace(answer, notes=[note])
    opening = restated(before, state_at(books, start), place) if before else None
    back_dated = opening.postings if opening else entered_after(books.posted, start)
    return replace(
        answer,
        opening=opening,
        back_dated=back_dated,
        **_movement(books, start, as_of, buckets, opening),
    )


def _movement(
    books: Books, start: date, end: date, buckets: Buckets, opening: Restated | None
) -> dict[str, Any]:
    cutoffs = (books.cutoff(start), books.cutoff(end))
    whole = span(books.posted, start, end, cutoffs=cutoffs, engine=books.engine)
    settings = books.settings
    found: dict[str, Any] = {
        "movement": _with_reported(moved(whole, BY), opening),
        "matrix": roll(whole, buckets, base=books.base(), unapplied=settings.unapplied),
    }
    try:
        found["local"] = movement_local(
            books.posted, opened_at(books, start), books.open(end), books.rates(), books.local()
        )
    except NotAvailableError as fault:
        found["notes"] = [f"The movement in local currency is left out. {fault}"]
    return found


def _with_reported(movement: pl.DataFrame, opening: Restated | None) -> pl.DataFrame:
    """Add the opening as reported, customers that only stood there included."""
    keys = [*BOOK, "customer_key"]
    if opening is None:
        nothing = pl.lit(None, pl.Int64)
        return movement.with_columns(reported=nothing, restated=nothing)
    then = opening.customers.filter(pl.col("reported") != 0).select(
        *keys, "reported", then_id="customer_id", then_name="name"
    )
    joined = movement.join(then, on=keys, how="full", coalesce=True, nulls_equal=True)
    amounts = ["opening", *MOVES, "closing", "residual", "reported"]
    return (
        joined.with_columns(
            pl.coalesce("customer_id", "then_id").alias("customer_id"),
            pl.coalesce("name", "then_name").alias("name"),
            pl.col(amounts).fill_null(0),
        )
        .with_columns(restated=pl.col("opening") - pl.col("reported"))
        .drop("then_id", "then_name")
        .sort(keys, nulls_last=True)
    )


def _lineage_notes(
    before: Snapshot | None, standing: Snapshot | None, follows: Snapshot | None, state: str
) -> list[str]:
    """Say where a period was closed on figures that were replaced since."""
    notes = []
    if before and standing and state != "reopened":
        known = standing.previous.get("content_sha256")
        if known != before.content_sha256:
            notes.append(
                f"{standing.as_of} was closed before {before.as_of} was closed as it stands now. "
                "Close it again with --reopen."
            )
    if follows and state in {"closed", "reopened"}:
        notes.append(
            f"{follows.as_of} was closed on the earlier figures. Close it again with --reopen."
        )
    return notes
