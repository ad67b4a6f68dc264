"""Hand a customer's file to a collector or insurer: the command `hand-over`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from receivables.commands.options import (
    AsOf,
    Json,
    LedgerPath,
    MapFile,
    SettingsFile,
    balance_day,
    books,
    day,
    print_json,
    values_of,
)

Customer = Annotated[str, typer.Option("--customer", metavar="ID", help="Customer number.")]
Zip = Annotated[Path, typer.Option("--out", metavar="FILE.zip", help="The file to write.")]
To = Annotated[str, typer.Option("--to", metavar="collector|insurer", help="Who gets it.")]
Agency = Annotated[str, typer.Option("--agency", help="Name of the collector or insurer.")]
On = Annotated[
    str | None,
    typer.Option("--on", metavar="DATE", help="Day of the hand-over; default the as-of date."),
]
Letters = Annotated[
    list[Path] | None,
    typer.Option(
        "--letters", metavar="DIR", help="Where issued letters lie; default beside the ledger."
    ),
]
JournalFolder = Annotated[
    Path | None,
    typer.Option("--journal", metavar="DIR", help="Journal; default LEDGER.receivables/letters."),
]
TemplateFolder = Annotated[
    Path | None, typer.Option("--templates", metavar="DIR", help="Your own letter templates.")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="hand-over")(hand_over)


def hand_over(
    ledger: LedgerPath,
    customer: Customer,
    to: To,
    as_of: AsOf,
    out: Zip,
    agency: Agency = "",
    on: On = None,
    letters: Letters = None,
    journal: JournalFolder = None,
    templates: TemplateFolder = None,
    map_file: MapFile = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Pack a customer's statement, invoices, letters, journal, plans, promises and disputes into a zip."""
    from receivables.refresh.hand_over import Receiver, hand_over_job
    from receivables.refresh.letters_journal import store_of

    cut_off = balance_day(as_of)
    loaded = books(ledger, map_file, values_of(settings), cut_off)
    receiver = Receiver(to, agency, day(on, "--on") or cut_off)
    beside = [] if "://" in ledger else [Path(ledger).parent]
    found = hand_over_job(
        loaded, customer, cut_off, receiver, out, store_of(loaded, journal),
        letters or beside, templates,
    )  # fmt: skip
    if as_json:
        print_json(found.to_json())
        return
    typer.echo(f"{found.path}: {len(found.files)} files")
    for text in found.missing:
        typer.echo(f"Not in it: {text}")
    if to == "collector":
        typer.echo("Set dunning_hold_until of the customer, so that no letter of ours crosses the collector's.")  # fmt: skip
