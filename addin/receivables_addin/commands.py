"""What this machine can run: the command `receivables hosts`."""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

import typer

BUILD_HERE = "The add-in file can be built here: receivables excel build"


@dataclass(frozen=True, slots=True)
class Host:
    """One program that could show our functions, and what of it is there."""

    host: str
    found: str
    cell_functions: str
    note: str


def register(app: Any) -> None:
    """Add the commands of every host."""
    from receivables_addin.calc import commands as calc_commands
    from receivables_addin.calc.fixxlsx import fix_xlsx
    from receivables_addin.excel import commands as excel_commands

    app.command()(hosts)
    app.command("fix-xlsx")(fix_xlsx)
    app.add_typer(excel_commands.app, name="excel")
    app.add_typer(calc_commands.app, name="calc")


def hosts(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="FILE.toml", help="Settings file (TOML).")
    ] = None,
) -> None:
    """Show which spreadsheet programs this machine has and what works in them."""
    from receivables.settings import load_settings

    if settings:
        load_settings(settings)
    found = [command_line(), excel(), calc()]
    if as_json:
        typer.echo(json.dumps([asdict(host) for host in found], ensure_ascii=False, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("Host", "Found", "Cell functions", "What that means")
    for host in found:
        table.add_row(host.host, host.found, host.cell_functions, host.note)
    Console(highlight=False).print(table)


def command_line() -> Host:
    """Python and the command line: the one place where every function runs today."""
    return Host(
        "Command line",
        f"Python {platform.python_version()} on {platform.system()}",
        "yes: receivables call",
        "Every function and every report runs here, without a spreadsheet program.",
    )


def excel() -> Host:
    """Excel through xlwings, as far as it can be told without starting it."""
    found = f"xlwings {_package('xlwings')}"
    if sys.platform != "win32":
        return Host(
            "Excel", found, "no", f"Cell functions in Excel are Windows only. {BUILD_HERE}"
        )
    from receivables_addin.excel.install import status
    from receivables_addin.excel.profile import find

    if not status(find())["installed"]:
        note = "For functions in cells and the ribbon: receivables excel install"
        return Host("Excel", found, "no", note)
    note = "The add-in is installed; receivables excel doctor looks it through."
    return Host("Excel", found, "installed", note)


def calc() -> Host:
    """LibreOffice Calc and our extension in this user's profile; it is not started."""
    from receivables.errors import NotAvailableError
    from receivables_addin.calc.install import Place, status

    try:
        found = status(Place.find())
    except NotAvailableError:
        return Host(
            "LibreOffice Calc", "not found", "no", "Install LibreOffice to open the reports."
        )
    office = f"LibreOffice {found['office_version']}".strip()
    if not found["installed"]:
        note = "For functions in cells, menu and toolbar: receivables calc install"
        return Host("LibreOffice Calc", office, "no", note)
    note = (
        f"Extension {found['extension']} is installed; receivables calc doctor looks it through."
    )
    return Host("LibreOffice Calc", office, f"yes: {found['functions']}", note)


def _package(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
