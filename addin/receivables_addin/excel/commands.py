"""The commands `receivables excel …`."""

from __future__ import annotations

import typer

from receivables_addin.excel import build_command, install_commands

app = typer.Typer(
    help="Excel through xlwings: binding, add-in file, installation.", no_args_is_help=True
)


@app.callback()
def _group() -> None:
    """Excel through xlwings: binding, add-in file, installation."""


build_command.register(app)
install_commands.register(app)
