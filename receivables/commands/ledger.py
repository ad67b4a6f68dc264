"""Look at an export: propose a mapping, check it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from receivables.commands.options import (
    Json,
    LedgerPath,
    MapFile,
    SettingsFile,
    books,
    day,
    print_json,
    settings_of,
    values_of,
)
from receivables.errors import BadValueError, Issue, LedgerFileError

LEVELS = ("error", "warning", "note")
CheckDay = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="Also count what is dated later.")
]
Level = Annotated[
    str, typer.Option("--level", help="List issues from this level on: error, warning or note.")
]
Limit = Annotated[int, typer.Option("--limit", min=0, help="Issues to list; --json has them all.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write the mapping to this new file.")]


def register(app: typer.Typer) -> None:
    """Add the commands on an export."""
    app.command(name="map")(propose_mapping)
    app.command()(check)


def propose_mapping(
    ledger: LedgerPath, out: Out = None, as_json: Json = False, settings: SettingsFile = None
) -> None:
    """Propose a mapping file for an export: which heading is which column, and what to decide."""
    from receivables.ledger.propose import propose

    settings_of(settings)
    proposal = propose(ledger)
    text = proposal.to_toml()
    if out:
        _write_new(out, text)
    if as_json:
        tables = {name: asdict(part) for name, part in proposal.mapping.tables.items()}
        print_json({"tables": tables, "comments": proposal.comments, "toml": text})
    elif out:
        typer.echo(f"{out}: read it, correct it, then use it with --map {out}")
    else:
        typer.echo(text, nl=False)


def check(
    ledger: LedgerPath,
    map_file: MapFile = None,
    as_of: CheckDay = None,
    level: Level = "note",
    limit: Limit = 100,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """List what is wrong with a ledger: file, sheet, cell, value, and what to do."""
    from receivables.refresh import check_job

    if level not in LEVELS:
        raise BadValueError(f"--level {level}: give one of {', '.join(LEVELS)}.")
    found = check_job(books(ledger, map_file, values_of(settings), day(as_of, "--as-of")))
    if as_json:
        print_json(found.to_json())
        return
    answer = found.to_json()
    _print_rows(answer)
    wanted = [issue for issue in found.issues if LEVELS.index(issue.level) <= LEVELS.index(level)]
    _print_issues(sorted(wanted, key=lambda issue: LEVELS.index(issue.level))[:limit])
    from receivables.commands.show import counted

    counts = ", ".join(counted(count, name) for name, count in answer["counts"].items())
    hidden = (
        f" ({len(wanted) - limit:,} are not listed: raise --limit)" if len(wanted) > limit else ""
    )
    typer.echo(f"{counts}.{hidden}")


def _print_rows(answer: Mapping[str, Any]) -> None:
    from receivables.commands.show import amount, counted, print_table

    rows = [
        [table, *(f"{count:,}" for count in counts.values())]
        for table, counts in answer["rows"].items()
    ]
    print_table("Rows", ["table", "read", "used", "set aside"], rows, money=1)
    for aside in answer["set_aside"]:
        unread = (
            f", {aside['unreadable']} of them without a readable amount"
            if aside["unreadable"]
            else ""
        )
        typer.echo(
            f"Set aside in {aside['table']}: {counted(aside['rows'], 'row')}, "
            f"{amount(aside['amount'])} {aside['currency'] or '(no currency)'}{unread}"
        )


def _print_issues(issues: Sequence[Issue]) -> None:
    from receivables.commands.show import print_texts

    if not issues:
        return
    rows = [
        [
            issue.level,
            " ".join(filter(None, [issue.sheet or issue.file, issue.cell])),
            f"{issue.message} {issue.cure}",
        ]
        for issue in issues
    ]
    print_texts("Issues", ["level", "where", "what is wrong, and what to do"], rows)


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8", newline="\n") as handle:
            handle.write(text)
    except FileExistsError:
        raise LedgerFileError(
            f"{path} exists already: it may hold your corrections. Choose another name."
        ) from None
