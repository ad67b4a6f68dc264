"""The buttons from the command line: explain a formula, freeze a workbook, do any action on a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from receivables.commands.month_end import moment
from receivables.commands.options import (
    Json,
    MapFile,
    SettingsFile,
    print_json,
    settings_of,
    values_of,
)

if TYPE_CHECKING:
    from receivables.actions import Report
    from receivables.actions.file_host import FileHost

Workbook = Annotated[
    Path | None,
    typer.Option("--workbook", metavar="FILE.xlsx", help="Workbook the formula stands in."),
]
Sheet = Annotated[str, typer.Option("--sheet", help="Sheet; default the first.")]
Cell = Annotated[
    str, typer.Option("--cell", metavar="C5", help="Cell to explain, or to stand in.")
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="DATE", help="As-of date; default that of the sheet Settings."
    ),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Folder to write to; default beside it."),
]
Pdf = Annotated[bool, typer.Option("--pdf/--no-pdf", help="Print the copy to PDF as well.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(why)
    app.command()(freeze)
    app.command(name="do")(do)


def why(
    formula: Annotated[
        str, typer.Argument(help="Formula, for example '=AGING_BUCKET(B2,$F$1)'; or name --cell.")
    ] = "",
    workbook: Workbook = None,
    sheet: Sheet = "",
    cell: Cell = "",
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Explain a formula: each argument as it is read, the result or the reason of the error, the steps."""
    host, shown = _host(workbook, sheet, cell, settings, quiet=as_json)
    _finish("why", host, shown, {"formula": formula}, as_json=as_json)


def freeze(
    workbook: Annotated[Path, typer.Argument(help="Saved workbook: .xlsx, .xlsm or .ods.")],
    as_of: AsOf = None,
    out: Out = None,
    pdf: Pdf = True,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Copy a workbook with values in place of our formulas, each formula in a note, and a PDF."""
    host, shown = _host(workbook, "", "", settings, quiet=as_json)
    choices = {"as_of": as_of or settings_of(settings).as_of, "out": out, "pdf": pdf}
    _finish("freeze", host, shown, choices, as_json=as_json)


def do(
    action: Annotated[
        str,
        typer.Argument(
            help="check, refresh, undo, freeze, settings, letters-plan, letters-preview, letters-make, why …"
        ),
    ],
    workbook: Annotated[Path, typer.Argument(help="Saved workbook, in place of the open one.")],
    sheet: Sheet = "",
    cell: Cell = "",
    as_of: AsOf = None,
    map_file: MapFile = None,
    out: Out = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Do what a button of the ribbon or the menu does, on a saved workbook."""
    host, shown = _host(workbook, sheet, cell, settings, quiet=as_json)
    choices = {
        "as_of": as_of or settings_of(settings).as_of,
        "map_file": map_file,
        "out": out,
        "values": values_of(settings),
        "at": moment(""),
    }
    _finish(action, host, shown, choices, as_json=as_json)


def _host(
    workbook: Path | None, sheet: str, cell: str, settings: Path | None, *, quiet: bool
) -> tuple[FileHost, dict[str, Any]]:
    """The command line as a host, and the tables it was given to show."""
    from receivables.actions.file_host import FileHost

    shown: dict[str, Any] = {}

    def show(title: str, rows: Sequence[Sequence[Any]]) -> str:
        shown[title] = rows
        if not quiet:
            _print_rows(title, rows)
        return title

    language = values_of(settings).get("language", "")
    host = FileHost(workbook, sheet=sheet, cell=cell, language=language, show=show)
    return host, shown


def _finish(
    name: str, host: FileHost, shown: dict[str, Any], choices: dict[str, Any], *, as_json: bool
) -> None:
    from receivables.actions import find_action

    report = find_action(name).run(host, choices)
    if as_json:
        print_json(_report(report, shown))
        return
    typer.echo(report.line)
    for path in report.changed:
        typer.echo(path)


def _report(report: Report, shown: dict[str, Any]) -> dict[str, Any]:
    from receivables.values import to_json

    return {
        "line": report.line,
        "link": report.link,
        "changed": [str(path) for path in report.changed],
        "tables": {title: to_json(list(rows)) for title, rows in shown.items()},
    }


def _print_rows(title: str, rows: Sequence[Sequence[Any]]) -> None:
    from rich.markup import escape

    from receivables.commands.show import print_texts
    from receivables.values import render

    headings, *body = ([render(cell) for cell in row] for row in rows)
    width = max(map(len, [headings, *body]))
    padded = [[*row, *[""] * (width - len(row))] for row in [headings, *body]]
    print_texts(escape(title), [escape(heading) for heading in padded[0]], padded[1:])
