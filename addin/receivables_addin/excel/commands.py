"""The commands `receivables excel …`."""

from __future__ import annotations

import typer

from receivables_addin.excel import install_commands

app = typer.Typer(
    help="Excel through xlwings: binding, add-in file, installation.", no_args_is_help=True
)


@app.callback()
def _group() -> None:
    """Excel through xlwings: binding, add-in file, installation."""


install_commands.register(app)
