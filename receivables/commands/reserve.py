"""The reserve on the command line: bridge, pool, cases, dilution, roll-forward, journal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from receivables.commands.options import (
    AsOf,
    Currency,
    Edges,
    Engine,
    Json,
    LedgerPath,
    MapFile,
    OnEdge,
    RatesFile,
    SettingsFile,
    SpecificFile,
    balance_day,
    books,
    day,
    print_json,
    values_of,
)

Method = Annotated[
    str, typer.Option("--method", help="matrix, roll, markov, cohort, cecl or cas22.")
]
Months = Annotated[
    int | None,
    typer.Option("--months", min=1, help="Months of history for the rates, 12 unless given."),
]
PriorDate = Annotated[
    str | None,
    typer.Option(
        "--prior",
        metavar="DATE",
        help="Start of the roll-forward, the month end before unless given.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(reserve)


def reserve(
    ledger: LedgerPath,
    as_of: AsOf,
    map_file: MapFile = None,
    rates: RatesFile = None,
    method: Method = "",
    specific: SpecificFile = None,
    months: Months = None,
    prior: PriorDate = None,
    edges: Edges = None,
    day_on_edge: OnEdge = None,
    currency: Currency = None,
    engine: Engine = "polars",
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Work out the allowance: ECL base, loss rates, specific cases, roll-forward, proposed journal."""
    from dataclasses import replace

    from receivables.monitor.reserve_policy import load_policy
    from receivables.refresh.reserve import reserve_job

    on = balance_day(as_of)
    policy = load_policy(rates, specific)
    policy = replace(policy, months=months) if months else policy
    values = values_of(settings, edges=edges, day_on_edge=day_on_edge, currency=currency)
    loaded = books(ledger, map_file, values, on, engine)
    answer = reserve_job(loaded, on, policy, method=method, prior=day(prior, "--prior")).to_json()
    if as_json:
        print_json(answer)
    else:
        _print(answer, ledger, map_file)


def _print(answer: Mapping[str, Any], ledger: str, map_file: Path | None) -> None:
    from receivables.commands.show import issues_line

    for block in answer["currencies"]:
        _print_block(block, answer)
    _print_movements(answer)
    _print_journal(answer)
    for notice in answer["notices"]:
        typer.echo(f"{notice['level']}: {notice['message']} {notice['cure']}")
    typer.echo(issues_line(answer["issues"], ledger, answer["as_of"], map_file))


def _print_block(block: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    from receivables.commands.show import amount, print_table

    title = f"Reserve as of {answer['as_of']}, {answer['method']}, {block['company']} {block['currency']}".rstrip()
    bridge = block["bridge"]
    typer.echo(
        f"{title}: aging {amount(bridge['aging_total'])} + credit balances "
        f"{amount(bridge['reclassed'])} - intercompany {amount(bridge['intercompany'])} - advances "
        f"{amount(bridge['advances'])} - dilution {amount(bridge['dilution'])} - specific "
        f"{amount(bridge['specific'])} = ECL base {amount(bridge['ecl_base'])}"
    )
    rows = [
        [
            " ".join(filter(None, (line["segment"], line["bucket"]))),
            f"{float(line['effective']):.4%}",
            *(amount(line[name]) for name in ("exposure", "insured", "secured", "reserve")),
        ]
        for line in block["pool"]
    ]
    rows += [
        [
            f"specific {line['customer_id']}",
            "",
            amount(line["exposure"]),
            "",
            "",
            amount(line["reserve"]),
        ]
        for line in block["specific"]
    ]
    rows.append(["allowance", "", "", "", "", amount(block["allowance"])])
    rows += [
        ["dilution (refunds)", "", amount(line["exposure"]), "", "", amount(line["reserve"])]
        for line in block["dilution"]
    ]
    print_table("", ["bucket", "rate", "exposure", "insured", "secured", "reserve"], rows, money=1)


def _print_movements(answer: Mapping[str, Any]) -> None:
    from receivables.commands.show import amount, print_table

    names = ("opening", "charge", "reversal", "written_off", "recovered", "fx", "closing")
    rows = [
        [f"{line['company']} {line['currency']}", *(amount(line[name]) for name in names)]
        for line in answer["roll_forward"]
    ]
    if rows:
        first = answer["roll_forward"][0]
        title = f"Allowance required, {first['start']} to {first['end']}"
        print_table(title, ["book", *names], rows, money=1)


def _print_journal(answer: Mapping[str, Any]) -> None:
    from receivables.commands.show import amount, print_table

    for item in answer["allowances"]:
        typer.echo(
            f"{item['company']} {item['currency']} allowance {item['account']}: booked "
            f"{amount(item['booked'])}, required {amount(item['required'])}, to book "
            f"{amount(item['adjustment'])}."
        )
    names = ("company", "side", "account", "role", "currency", "text")
    rows = [
        [*(line[name] for name in names), amount(line["amount"])] for line in answer["journal"]
    ]
    if rows:
        print_table("Proposed journal", [*names, "amount"], rows, money=6)
