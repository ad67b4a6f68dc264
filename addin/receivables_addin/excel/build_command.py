"""The command `receivables excel build`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from receivables_addin.excel.build import FILE, build_addin
from receivables_addin.excel.twin import build_twin


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(build)


def build(
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE.xlam", help="Where to write the add-in.")
    ] = Path(FILE),
    xlsm_twin: Annotated[
        bool, typer.Option("--xlsm-twin", help="Write the twin for LibreOffice beside it as well.")
    ] = False,
) -> None:
    """Build the Excel add-in from its text sources; works on any system, without Excel."""
    made = build_addin(out)
    typer.echo(f"{made}: {made.stat().st_size / 1024:,.0f} KB. Next: receivables excel install")
    if xlsm_twin:
        typer.echo(f"{build_twin(out.with_suffix('.xlsm'))}: the twin, for tests in LibreOffice")
