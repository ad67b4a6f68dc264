"""The commands `receivables calc …`."""

from __future__ import annotations

import typer

app = typer.Typer(
    help="LibreOffice Calc: extension, local process, installation.", no_args_is_help=True
)


@app.callback()
def _group() -> None:
    """LibreOffice Calc: extension, local process, installation."""
