"""The dashboard as a page to forward: the command `report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from receivables.commands.options import (
    AsOf,
    Currency,
    Cutoff,
    Edges,
    Engine,
    Json,
    LedgerPath,
    MapFile,
    Prior,
    RatesFile,
    SettingsFile,
    SpecificFile,
    balance_day,
    books,
    day,
    print_json,
    values_of,
)

PagePath = Annotated[
    Path, typer.Option("--html", metavar="OUT.html", help="Page to write: one file, no network.")
]
Language = Annotated[str | None, typer.Option("--lang", help="en or zh; default the setting.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(report)


def report(
    ledger: LedgerPath,
    as_of: AsOf,
    html: PagePath,
    lang: Language = None,
    map_file: MapFile = None,
    edges: Edges = None,
    currency: Currency = None,
    match_cutoff: Cutoff = None,
    prior: Prior = None,
    rates: RatesFile = None,
    specific: SpecificFile = None,
    engine: Engine = "polars",
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Write the dashboard as one HTML page for those who read mail rather than workbooks."""
    from receivables.monitor.reserve_policy import load_policy
    from receivables.refresh.dashboard_page import check_page_target, page_job

    on = balance_day(as_of)
    check_page_target(html)
    values = values_of(settings, language=lang, edges=edges, currency=currency)
    answer = page_job(
        books(ledger, map_file, values, on, engine),
        on,
        html,
        match_cutoff=day(match_cutoff, "--match-cutoff"),
        prior=day(prior, "--prior"),
        policy=load_policy(rates, specific) if rates or specific else None,
    ).to_json()
    if as_json:
        print_json(answer)
        return
    from receivables.commands.show import amount, issues_line, print_table

    rows = [
        [row["currency"], amount(row["open"]), amount(row["overdue"])]
        for row in answer["currencies"]
    ]
    print_table(
        f"Dashboard as of {answer['as_of']}", ["currency", "open", "overdue"], rows, money=1
    )
    typer.echo(f"{answer['file']}: the dashboard, light {answer['light']}")
    typer.echo(issues_line(answer["issues"], ledger, answer["as_of"], map_file))
