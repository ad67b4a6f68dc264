"""The commands `receivables excel install`, `uninstall`, `status` and `doctor`."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from receivables.commands.options import Json, print_json
from receivables.commands.show import print_texts
from receivables_addin.excel import doctor as examination
from receivables_addin.excel import install as installation
from receivables_addin.excel.profile import Profile, find
from receivables_addin.findings import NEEDS_A_LOOK, show

ProfileFolder = Annotated[
    Path | None,
    typer.Option(
        "--profile",
        metavar="FOLDER",
        help="Dry run in a folder laid out like a Windows profile, on any system.",
    ),
]
Interpreter = Annotated[
    Path | None,
    typer.Option(
        "--interpreter", metavar="PATH", help="Python that answers Excel; default: this one."
    ),
]
ReportFile = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="Write a text for the helpdesk as well."),
]


def register(app: typer.Typer) -> None:
    """Add the four commands."""
    for command in (install, uninstall, status, doctor):
        app.command()(command)


def install(
    profile: ProfileFolder = None, interpreter: Interpreter = None, as_json: Json = False
) -> None:
    """Build the add-in and put it where Excel finds it: for this user, no admin, Excel not started."""
    place = find(profile)
    outcome = installation.install(place, interpreter or Path(sys.executable))
    _tell(outcome, as_json)
    if not as_json:
        done = "Start Excel." if outcome.changed else "Nothing to do: it is installed."
        typer.echo(f"{done} To look it through: {_command('doctor', profile)}")


def uninstall(profile: ProfileFolder = None, as_json: Json = False) -> None:
    """Remove what install wrote, put back what stood there; a file changed since is kept and named."""
    outcome = installation.uninstall(find(profile))
    _tell(outcome, as_json)
    if not as_json and not outcome.steps:
        typer.echo("The add-in is not installed here.")
    if any(step.done == "kept, was changed" for step in outcome.steps):
        raise typer.Exit(NEEDS_A_LOOK)


def status(profile: ProfileFolder = None, as_json: Json = False) -> None:
    """Show which files of the add-in are there and whether they are as installed."""
    found = installation.status(find(profile))
    if as_json:
        print_json(found)
    elif not found["files"]:
        typer.echo("The add-in is not installed here. To install it: receivables excel install")
    else:
        rows = [[file["what"], file["state"], file["path"]] for file in found["files"]]
        title = f"Add-in of receivables {found['installed_by']}, xlwings {found['xlwings']}"
        print_texts(title, ["File", "State", "Place"], rows)
        typer.echo(f"Python: {found['interpreter']}")
    if not found["installed"]:
        raise typer.Exit(NEEDS_A_LOOK)


def doctor(
    profile: ProfileFolder = None, report: ReportFile = None, as_json: Json = False
) -> None:
    """Look for everything known to keep the add-in from working; say what to do and who can do it."""
    place = find(profile)
    result = examination.examine(place, _environment(place))
    if report:
        # Notepad and Excel take a file without this mark for the code page of the system
        report.write_text(examination.report(result), encoding="utf-8-sig")
    show("Excel add-in", result.findings, as_json=as_json)
    if report and not as_json:
        typer.echo(f"Report: {report}")
    if not result.healthy:
        raise typer.Exit(NEEDS_A_LOOK)


def _tell(outcome: installation.Outcome, as_json: bool) -> None:
    if as_json:
        steps = [asdict(step) for step in outcome.steps]
        print_json({"changed": outcome.changed, "steps": steps, "notes": list(outcome.notes)})
        return
    for step in outcome.steps:
        note = f" ({step.note})" if step.note else ""
        typer.echo(f"{step.what}: {step.done} {step.path}{note}")
    for note in outcome.notes:
        typer.echo(f"Note: {note}")


def _environment(place: Profile) -> dict[str, str] | None:
    return None if place.trial else dict(os.environ)


def _command(name: str, profile: Path | None) -> str:
    import shlex

    words = ["receivables", "excel", name]
    return shlex.join([*words, "--profile", str(profile)] if profile else words)
