"""Payment data of an alliance of suppliers: `alliance export`, `alliance import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from receivables.commands.options import (
    AsOf,
    Json,
    LedgerPath,
    MapFile,
    balance_day,
    books,
    print_json,
)

group = typer.Typer(
    help="Share payment data without names, and read what others share.", no_args_is_help=True
)
Secret = Annotated[
    Path, typer.Option("--secret", metavar="FILE", help="Text file with the alliance's secret.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="alliance")


@group.command("export")
def export(
    ledger: LedgerPath,
    as_of: AsOf,
    secret: Secret,
    out: Annotated[Path, typer.Option("--out", help="File to write (csv).")],
    map_file: MapFile = None,
    least: Annotated[
        int, typer.Option("--least", min=2, help="Fewest customers of a group that is shown.")
    ] = 5,
    as_json: Json = False,
) -> None:
    """Write anonymous payment figures of the customers who agreed (share_consent)."""
    from receivables.refresh.alliance import alliance_export

    on = balance_day(as_of)
    found = alliance_export(books(ledger, map_file, {}, on), on, _read(secret), least=least)
    found.frame.write_csv(out)
    if as_json:
        print_json({"file": str(out), "rows": found.frame.height, "left_out": found.left_out})
        return
    typer.echo(f"{out}: {found.frame.height:,} customers, without names.")
    reasons = ", ".join(f"{name} {count:,}" for name, count in found.left_out.items() if count)
    if reasons:
        typer.echo(f"Left out: {reasons}.")


@group.command("import")
def import_(
    ledger: LedgerPath,
    files: Annotated[list[Path], typer.Argument(help="Exports of other members (csv).")],
    secret: Secret,
    map_file: MapFile = None,
    as_json: Json = False,
) -> None:
    """Show what other members report of our customers."""
    from receivables.commands.show import print_table
    from receivables.refresh.alliance import alliance_import

    found = alliance_import(books(ledger, map_file, {}, None), files, _read(secret))
    rows = [
        {name: str(row[name]) if name == "as_of" else row[name] for name in
         ("customer_id", "name", "reports", "days_beyond_terms", "late_rate", "as_of")}
        for row in found.iter_rows(named=True)
    ]  # fmt: skip
    if as_json:
        print_json({"customers": rows})
        return
    if rows:
        headings = ["customer", "name", "reports", "days beyond terms, from", "late rate, from", "as of"]  # fmt: skip
        print_table("Reported by others", headings, [[str(cell or 0) for cell in row.values()] for row in rows], money=2)  # fmt: skip
    typer.echo(f"{len(rows):,} of our customers are in the files. None may mean another secret.")


def _read(path: Path) -> str:
    from receivables.errors import LedgerFileError

    try:
        return path.read_text(encoding="utf-8-sig").strip()
    except FileNotFoundError:
        raise LedgerFileError(f"{path}: no such file. It holds the alliance's secret.") from None
