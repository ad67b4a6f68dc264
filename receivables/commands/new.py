"""Make a workbook to work in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from receivables.commands.options import Json, MapFile, SettingsFile, print_json, values_of

Target = Annotated[
    Path, typer.Argument(metavar="LEDGER.xlsx", help="Workbook to make; it must not exist yet.")
]
Language = Annotated[
    str | None,
    typer.Option("--lang", metavar="en|zh", help="Language of sheets, headings and notes."),
]
Paper = Annotated[
    str | None, typer.Option("--paper", metavar="A4|Letter", help="Paper of the printed sheets.")
]
Demo = Annotated[bool, typer.Option("--demo", help="With the ledger of an invented firm.")]
Source = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="EXPORT", help="With the rows of an export: file, folder or URL."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(new)


def new(
    workbook: Target,
    language: Language = None,
    demo: Demo = False,
    source: Source = None,
    map_file: MapFile = None,
    paper: Paper = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Make a workbook to work in: Start, input sheets, settings and result sheets that refresh fills."""
    from receivables.commands.show import progress
    from receivables.refresh.new import new_job

    values = values_of(settings, language=language, paper=paper)
    with progress() as tell:
        answer = new_job(
            workbook, demo=demo, source=source, map_file=map_file, values=values, progress=tell
        )
    if as_json:
        print_json(answer.to_json())
        return
    for table, count in answer.rows.items():
        typer.echo(f"{table}: {count:,} rows")
    given = f" --map {answer.mapping}" if answer.mapping else ""
    if answer.mapping:
        typer.echo(f"{answer.mapping}: says that the rows are a list of open items")
    typer.echo(
        f"{answer.path}: open it, read the sheet Start, then: receivables refresh {answer.path} --as-of DATE{given}"
    )
