"""The command `receivables excel build`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from receivables_addin.excel.build import FILE, build_addin


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(build)


def build(
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE.xlam", help="Where to write the add-in.")
    ] = Path(FILE),
) -> None:
    """Build the Excel add-in from its text sources; works on any system, without Excel."""
    made = build_addin(out)
    typer.echo(f"{made}: {made.stat().st_size / 1024:,.0f} KB. Next: receivables excel install")
