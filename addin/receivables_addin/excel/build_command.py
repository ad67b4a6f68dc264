"""The command `receivables excel build`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

import receivables
from receivables.commands.options import Json, print_json
from receivables_addin.excel.build import FILE, all_functions, build_addin
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
    as_json: Json = False,
) -> None:
    """Build the Excel add-in from its text sources; works on any system, without Excel."""
    content = build_addin(out).read_bytes()
    twin = build_twin(out.with_suffix(".xlsm")) if xlsm_twin else None
    if as_json:
        print_json(
            {
                "file": str(out),
                "version": receivables.__version__,
                "functions": len(all_functions()),
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
                "twin": str(twin) if twin else None,
            }
        )
        return
    typer.echo(f"{out}: {len(content) / 1024:,.0f} KB. Next: receivables excel install")
    if twin:
        typer.echo(f"{twin}: the twin, for tests in LibreOffice")
