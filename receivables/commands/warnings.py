"""Who shows signs of failing and what each country is worth: `warnings`, `countries`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from receivables.commands.options import (
    AsOf,
    Json,
    LedgerPath,
    MapFile,
    SettingsFile,
    balance_day,
    books,
    day,
    print_json,
    values_of,
)

if TYPE_CHECKING:
    from receivables.errors import Issue

WARNED = ("exposure", "disputed", "overdue", "materiality")
SHOWN = ("customer_id", "name", "level", "trigger", "days_late", "evidence")
ADVICE = ("customer_id", "level", "recommendation", "currency", "amount", "owner", "act_by")
PLACES = (
    "country", "currency", "exposure", "overdue", "risk_class", "terms_cap", "limit_factor",
    "instrument", "rated_on",
)  # fmt: skip
MOVED = ("country", "before_rating", "after_rating", "direction", "notches")
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="DATE", help="Show ratings that moved since this day."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(warnings)
    app.command()(countries)


def warnings(
    ledger: LedgerPath,
    as_of: AsOf,
    map_file: MapFile = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Show who gives warning signals, at which level, and what is recommended."""
    from receivables.refresh.credit_found import warnings_job
    from receivables.refresh.limits import rows

    on = balance_day(as_of)
    found = warnings_job(books(ledger, map_file, values_of(settings), on), on)
    listed, actions = rows(found.frame, WARNED), rows(found.actions, ("amount",))
    if as_json:
        print_json(
            {
                "as_of": on.isoformat(),
                "counts": found.counts(),
                "rows": listed,
                "actions": actions,
                "issues": _issues(found.issues),
            }
        )
        return
    counts = ", ".join(f"{count} {level}" for level, count in found.counts().items())
    warned = [row for row in listed if row["level"]]
    _print(f"Warnings as of {on}: {counts}", SHOWN, warned)
    _print("Recommended, never applied by itself", ADVICE, actions)
    _tell(found.issues)


def countries(
    ledger: LedgerPath,
    as_of: AsOf,
    map_file: MapFile = None,
    since: Since = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Show what customers owe by country, with risk class, policy and ratings that moved."""
    from receivables.refresh.credit_found import countries_job
    from receivables.refresh.limits import rows

    on = balance_day(as_of)
    before = day(since, "--since")
    found = countries_job(books(ledger, map_file, values_of(settings), on), on, before)
    listed, moves = rows(found.frame, ("exposure", "overdue")), found.moved().to_dicts()
    if as_json:
        print_json(
            {
                "as_of": on.isoformat(),
                "since": before.isoformat() if before else None,
                "rows": listed,
                "moves": moves,
                "issues": _issues(found.issues),
            }
        )
        return
    _print(f"Countries as of {on}", PLACES, listed)
    if before:
        _print(f"Moved since {before}", MOVED, moves)
    _tell(found.issues)


def _print(title: str, columns: Sequence[str], listed: list[dict[str, Any]]) -> None:
    from receivables.commands.show import print_texts

    texts = [["" if row[name] is None else str(row[name]) for name in columns] for row in listed]
    print_texts(title, list(columns), texts)


def _issues(found: Sequence[Issue]) -> list[dict[str, str]]:
    return [{"code": one.code, "level": one.level, "text": str(one)} for one in found]


def _tell(found: Sequence[Issue]) -> None:
    for one in found[:20]:
        typer.echo(f"{one.level} {one}")
