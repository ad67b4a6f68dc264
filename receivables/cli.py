"""The command line: parse, call one function of the core, print; one clear line on a mistake."""

from __future__ import annotations

import os
import sys
from importlib.metadata import entry_points
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from receivables import __version__
from receivables.commands import (
    actions,
    approve,
    backtest,
    balances,
    claims,
    close,
    dso,
    exposure,
    functions,
    grade,
    hand_over,
    ledger,
    letter,
    letters,
    limits,
    month_end,
    new,
    report,
    reserve,
    transfer,
    warnings,
    worklist,
)
from receivables.errors import ReceivablesError, sentence

USER_ERROR = 2
PROGRAM_ERROR = 70


class Commands(TyperGroup):
    """Our commands, those of installed hosts, and one line instead of a traceback."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command by name; hosts are asked only for names we do not have."""
        return super().get_command(ctx, cmd_name) or _host_commands().get(cmd_name)

    def list_commands(self, ctx: Any) -> list[str]:
        """Every command, ours first."""
        return [*super().list_commands(ctx), *_host_commands()]

    def main(self, args: Any = None, *, standalone_mode: bool = True, **extra: Any) -> Any:  # type: ignore[override]
        """Run a command; exit code 2 is the user's mistake, 70 ours."""
        try:
            code = super().main(args, standalone_mode=False, **extra)
        except (ReceivablesError, OSError) as fault:
            code = _say(sentence(fault))
        except typer.Abort:
            code = _say("Stopped.", 130)
        except Exception as fault:  # noqa: BLE001 - users get one line, never a traceback
            code = _unforeseen(fault)
        if standalone_mode:
            sys.exit(code if isinstance(code, int) else 0)
        return code


app = typer.Typer(
    name="receivables",
    help="Accounts receivable from a ledger export: checks, open items, aging, report workbooks.",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for group in (
    month_end,
    report,
    new,
    close,
    ledger,
    balances,
    dso,
    exposure,
    reserve,
    transfer,
    letter,
    letters,
    hand_over,
    grade,
    backtest,
    limits,
    approve,
    warnings,
    worklist,
    claims,
    functions,
    actions,
):
    group.register(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"receivables {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version and stop."
        ),
    ] = False,
) -> None:
    del version  # answered by its callback, before a command is looked for


def main() -> None:
    """Entry point of the command `receivables`."""
    app()


def _host_commands() -> dict[str, Any]:
    hosts = typer.Typer(cls=TyperGroup)
    for entry in entry_points(group="receivables.commands"):
        entry.load().register(hosts)
    if not hosts.registered_commands:
        return {}
    hosts.callback()(lambda: None)
    found: dict[str, Any] = getattr(typer.main.get_command(hosts), "commands", {})
    return found


def _unforeseen(fault: Exception) -> int:
    if hasattr(fault, "format_message"):
        if type(fault).__name__ == "NoArgsIsHelpError":
            typer.echo(fault.format_message())
            return 0
        return _say(fault.format_message().replace("\n", " "))
    if os.environ.get("RECEIVABLES_DEBUG"):
        raise fault
    return _say(
        f"{sentence(fault)} Please report it; RECEIVABLES_DEBUG=1 shows where it happened.",
        PROGRAM_ERROR,
    )


def _say(message: str, code: int = USER_ERROR) -> int:
    typer.echo(f"receivables: {' '.join(message.split())}", err=True)
    return code
