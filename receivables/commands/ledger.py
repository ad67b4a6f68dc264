"""Look at an export: propose a mapping, check it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from receivables.commands.options import Json, LedgerPath, SettingsFile, print_json, settings_of
from receivables.errors import LedgerFileError


def register(app: typer.Typer) -> None:
    """Add the commands on an export."""
    app.command(name="map")(propose_mapping)


def propose_mapping(
    ledger: LedgerPath,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the mapping to this new file.")
    ] = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Propose a mapping file for an export: which heading is which column, and what to decide."""
    from receivables.ledger.propose import propose

    settings_of(settings)
    proposal = propose(ledger)
    text = proposal.to_toml()
    if out:
        _write_new(out, text)
    if as_json:
        tables = {name: asdict(part) for name, part in proposal.mapping.tables.items()}
        print_json({"tables": tables, "comments": proposal.comments, "toml": text})
    elif out:
        typer.echo(f"{out}: read it, correct it, then use it with --map {out}")
    else:
        typer.echo(text, nl=False)


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8", newline="\n") as handle:
            handle.write(text)
    except FileExistsError:
        raise LedgerFileError(
            f"{path} exists already: it may hold your corrections. Choose another name."
        ) from None
