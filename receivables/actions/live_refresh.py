"""Refresh of a living workbook while a program has it open: a copy is refreshed, its changes applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from receivables.actions.asked import as_of, values
from receivables.actions.host import Host, Report
from receivables.actions.lights import light
from receivables.actions.texts import say
from receivables.errors import LedgerFileError

if TYPE_CHECKING:
    from receivables.book.fill import Filled
    from receivables.book.live_ops import LivePlan
    from receivables.book.package import Package
    from receivables.refresh.in_place import InPlaceAnswer


def is_open_and_living(host: Host) -> Path | None:
    """File of the workbook that a program shows, if it has our result sheets."""
    from receivables.refresh.refresh_log import is_living

    document = host.document()
    there = document.is_open and document.path is not None and is_living(document.path)
    return document.path if there else None


def refresh_live(host: Host, path: Path, choices: Mapping[str, Any]) -> Report | None:
    """Refresh the workbook on the screen, changes that are not saved included; None = no copy to be had.

    Raises:
        LedgerFileError: the refresh does what only a file can take, or the program failed half-way;
            the message says what to do.
    """
    with TemporaryDirectory(prefix="receivables-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / path.name
        if not host.save_copy(copy):
            return None
        answer, plan = _refreshed_copy(host, path, copy, choices)
        line = "refreshed_same"
        if plan is not None:
            _apply(host, path, plan, answer)
            line = "refreshed_live"
    host.progress("", 1, 1)
    text = say(
        line,
        host.language,
        name=path.name,
        day=answer.as_of,
        items=f"{answer.open_items:,}",
        light=light(answer.ties, host.language),
        issues=f"{answer.issues:,}",
        backup=answer.backup.name if answer.backup else "",
    )
    return Report(" ".join((text, *answer.notes)), str(path))


def _refreshed_copy(
    host: Host, path: Path, copy: Path, choices: Mapping[str, Any]
) -> tuple[InPlaceAnswer, LivePlan | None]:
    from receivables.book.live import live_plan
    from receivables.book.package import Package
    from receivables.refresh import load
    from receivables.refresh.in_place import refresh_in_place

    day = as_of(host, choices, say("refresh_title", host.language))
    books = load(
        copy,
        map_file=choices.get("map_file"),
        values=values(host, choices),
        as_of=day,
        progress=host.progress,
    )
    host.progress(say("writing", host.language), 0, 1)
    plans: list[LivePlan] = []

    def checked(filled_book: Package, filled: Filled) -> None:
        with ZipFile(copy) as archive:
            plans.append(live_plan(Package(copy, archive), filled_book, filled))

    answer = refresh_in_place(
        replace(books, path=str(path)), day, at=str(choices.get("at") or ""), workbook=copy,
        ledger_path=path, checked=checked,
    )  # fmt: skip
    return answer, plans[-1] if answer.changed and plans else None


def _apply(host: Host, path: Path, plan: LivePlan, answer: InPlaceAnswer) -> None:
    try:
        host.apply(plan)
    except Exception as fault:
        raise LedgerFileError(
            f"{path.name}: the refresh stopped half-way ({fault}). Close the workbook WITHOUT saving and "
            f"open it again. As it stood on the screen before, it is kept as {answer.backup}."
        ) from fault
