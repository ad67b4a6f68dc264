"""What is owed as of a date: open items, aging, one customer's statement."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from receivables.commands.options import (
    AsOf,
    Base,
    Credits,
    Currency,
    Cutoff,
    Edges,
    Engine,
    Json,
    Later,
    LedgerPath,
    MapFile,
    OnEdge,
    Prior,
    SettingsFile,
    balance_day,
    books,
    day,
    filters,
    names,
    print_json,
    values_of,
)

SHOWN_ROWS = 50
"""Rows of a table on the terminal; JSON and the workbook have them all."""

By = Annotated[
    list[str] | None,
    typer.Option("--by", help="customer, group, salesperson, country, document or any column."),
]
Where = Annotated[
    list[str] | None, typer.Option("--where", metavar="COLUMN=VALUE", help="Keep only these rows.")
]
Intercompany = Annotated[
    str, typer.Option("--intercompany", help="include, exclude or only group companies.")
]
Future = Annotated[
    bool, typer.Option("--future", help="Add post-dated payments and what remains after them.")
]
Start = Annotated[
    str | None, typer.Option("--start", metavar="DATE", help="First day shown; default all.")
]
Language = Annotated[str, typer.Option("--language", help="en or zh; default the customer's.")]
Form = Annotated[str, typer.Option("--format", help="text or html.")]
StatementOut = Annotated[Path | None, typer.Option("--out", help="Write the statement to a file.")]
OneCurrency = Annotated[str | None, typer.Option("--currency", help="Only this currency.")]
Company = Annotated[str | None, typer.Option("--company", help="Only this company.")]


def register(app: typer.Typer) -> None:
    """Add the commands on balances."""
    app.command(name="open")(open_items)
    app.command()(aging)
    app.command()(statement)


def open_items(
    ledger: LedgerPath,
    as_of: AsOf,
    map_file: MapFile = None,
    future: Future = False,
    match_cutoff: Cutoff = None,
    edges: Edges = None,
    day_on_edge: OnEdge = None,
    base: Base = None,
    engine: Engine = "polars",
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """List what each document still owes as of a date."""
    from receivables.refresh import open_job

    on = balance_day(as_of)
    cutoff = day(match_cutoff, "--match-cutoff")
    values = values_of(settings, edges=edges, day_on_edge=day_on_edge, base=base)
    loaded = books(ledger, map_file, values, on, engine)
    answer = open_job(loaded, on, match_cutoff=cutoff, future=future).to_json()
    if as_json:
        print_json(answer)
    else:
        _print_open(answer, ledger, map_file)


def aging(
    ledger: LedgerPath,
    as_of: AsOf,
    map_file: MapFile = None,
    by: By = None,
    edges: Edges = None,
    base: Base = None,
    credits: Credits = None,  # noqa: A002 - the trade's word
    day_on_edge: OnEdge = None,
    currency: Currency = None,
    match_cutoff: Cutoff = None,
    subsequent_to: Later = None,
    prior: Prior = None,
    where: Where = None,
    intercompany: Intercompany = "include",
    engine: Engine = "polars",
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Age what customers owe, by customer or any column, tied to the books."""
    from receivables.refresh import aging_job

    on = balance_day(as_of)
    dates = {
        "match_cutoff": day(match_cutoff, "--match-cutoff"),
        "subsequent_to": day(subsequent_to, "--subsequent-to"),
        "prior": day(prior, "--prior"),
    }
    values = values_of(
        settings,
        edges=edges,
        base=base,
        credits=credits,
        day_on_edge=day_on_edge,
        currency=currency,
    )
    answer = aging_job(
        books(ledger, map_file, values, on, engine),
        on,
        by=names(by or ["customer"]),
        where=filters(where or []),
        intercompany=intercompany,
        **dates,
    ).to_json()
    if as_json:
        print_json(answer)
    else:
        _print_aging(answer, ledger, map_file)


def statement(
    ledger: LedgerPath,
    customer: Annotated[str, typer.Argument(help="Customer number as in the ledger.")],
    as_of: AsOf,
    map_file: MapFile = None,
    start: Start = None,
    company: Company = None,
    currency: OneCurrency = None,
    edges: Edges = None,
    language: Language = "",
    form: Form = "text",
    out: StatementOut = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Print one customer's statement of account with its running balance."""
    from receivables.monitor.statement_print import render
    from receivables.refresh import statement_job

    on, first = balance_day(as_of), day(start, "--start")
    loaded = books(ledger, map_file, values_of(settings, edges=edges), on)
    found = statement_job(
        loaded, customer, on, start=first, company=company, currency=currency, language=language
    )
    if out:
        out.write_text(render(found, form), encoding="utf-8", newline="\n")
    if as_json:
        print_json(found.to_json())
    elif out:
        typer.echo(f"{out}: statement of {found.name} as of {on}")
    else:
        typer.echo(render(found, form))


def _print_open(answer: Mapping[str, Any], ledger: str, map_file: Path | None) -> None:
    from receivables.commands.show import amount, issues_line, more_line, print_table

    later = (
        ["future_payments", "remaining"]
        if answer["rows"][:1] and "remaining" in answer["rows"][0]
        else []
    )
    texts = ["customer_id", "document_no", "instalment", "kind", "due_on", "bucket", "currency"]
    amounts = ["amount", "paid", "credited", "open", *later]
    rows = [
        [*(str(row[name] or "") for name in texts), *(amount(row[name]) for name in amounts)]
        for row in answer["rows"][:SHOWN_ROWS]
    ]
    title = f"Open items as of {answer['as_of']}"
    print_table(title, [*texts, *amounts], rows, money=len(texts))
    typer.echo(
        more_line(len(answer["rows"]), SHOWN_ROWS)
        + issues_line(answer["issues"], ledger, answer["as_of"], map_file)
    )


def _print_aging(answer: Mapping[str, Any], ledger: str, map_file: Path | None) -> None:
    from receivables.commands.show import issues_line

    for block in answer.get("currencies", [answer]):
        _print_block(block, answer["as_of"])
    for line in answer.get("bridge", []):
        typer.echo(_bridge_line(line))
    if "subsequent" in answer:
        _print_receipts(answer["subsequent"])
    typer.echo(issues_line(answer["issues"], ledger, answer["as_of"], map_file))


def _print_block(block: Mapping[str, Any], as_of: str) -> None:
    from receivables.commands.show import amount, more_line, print_table, tie_out_line

    before = {row["key"]: row for row in block.get("prior", {}).get("rows", [])}
    headings = ["key", "name", "open", *(["change"] if before else []), "unapplied", ">= 30 d"]
    rows = []
    for row in [*block["rows"][:SHOWN_ROWS], {**block["total"], "key": "Total"}]:
        change = [amount(before.get(row["key"], {}).get("change"))] if before else []
        sums = [amount(row["unapplied"]), amount(row["over_30"])]
        spread = [amount(row["buckets"][label]) for label in block["buckets"]]
        rows.append([row["key"], row["name"] or "", amount(row["open"]), *change, *sums, *spread])
    title = f"Aging as of {as_of}, {block['currency'] or 'no currency'}"
    print_table(title, [*headings, *block["buckets"]], rows, money=2)
    typer.echo(more_line(len(block["rows"]), SHOWN_ROWS) + tie_out_line(block["tie_out"]))
    if "unapplied_at_match_cutoff" in block:
        typer.echo(
            f"Unapplied {amount(block['unapplied_at_as_of'])} as matched on the as-of date, "
            f"{amount(block['unapplied_at_match_cutoff'])} by the matching cut-off."
        )


def _bridge_line(line: Mapping[str, Any]) -> str:
    from receivables.commands.show import amount

    carrying = amount(line["carrying"]) or "unknown"
    return (
        f"{line['currency']} {amount(line['open'])} at {line['rate']} of {line['rate_on']} = "
        f"{line['reporting']} {amount(line['closing'])}; carried at {carrying}, "
        f"unrealised {amount(line['unrealised']) or 'unknown'}."
    )


def _print_receipts(later: Mapping[str, Any]) -> None:
    from receivables.commands.show import amount, more_line, print_table

    texts = ["customer_id", "document_no", "currency", "last_on"]
    amounts = ["open", "received", "credited", "remaining"]
    rows = [
        [*(str(row[name] or "") for name in texts), *(amount(row[name]) for name in amounts)]
        for row in later["items"][:SHOWN_ROWS]
    ]
    print_table(f"Came in up to {later['until']}", [*texts, *amounts], rows, money=len(texts))
    typer.echo(more_line(len(later["items"]), SHOWN_ROWS), nl=False)
