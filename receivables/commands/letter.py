"""Statements, balance confirmations, plans, notices: letters that are no reminders, the command `letter`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from receivables.commands.letters import (
    FORMS,
    By,
    Dated,
    Draft,
    Forms,
    JournalFolder,
    MadeAt,
    Out,
    TemplateFolder,
    run_of,
    time_of,
)
from receivables.commands.options import (
    AsOf,
    Json,
    LedgerPath,
    MapFile,
    SettingsFile,
    balance_day,
    books,
    day,
    names,
    print_json,
    values_of,
)
from receivables.errors import BadValueError

if TYPE_CHECKING:
    from receivables.refresh.letter_kinds_answer import KindAnswer, Sample
    from receivables.respond.letter_cases import Terms

SHOWN = 50
Kind = Annotated[str, typer.Argument(help="statement, balance_confirmation, plan_offer …")]
Customers = Annotated[
    list[str] | None,
    typer.Option("--customer", metavar="ID", help="These customers only; several with commas."),
]
Facts = Annotated[
    list[str] | None,
    typer.Option("--fact", metavar="NAME=VALUE", help="What the ledger does not know."),
]
Approve = Annotated[bool, typer.Option("--approve", help="Make the letters and journal them.")]
PayBy = Annotated[
    str | None, typer.Option("--pay-by", metavar="DATE", help="Deadline printed on the letters.")
]
Currency = Annotated[str, typer.Option("--currency", help="Accounts in this currency only.")]
Instalments = Annotated[
    int | None, typer.Option("--instalments", help="plan_offer: number of instalments.")
]
First = Annotated[
    str | None, typer.Option("--first", metavar="DATE", help="plan_offer: first due date.")
]
Every = Annotated[
    str, typer.Option("--every", help="plan_offer: weekly, biweekly, monthly, quarterly, yearly.")
]
Drawn = Annotated[
    int | None, typer.Option("--sample", help="balance_confirmation: units of money drawn.")
]
Large = Annotated[
    str | None,
    typer.Option("--large", metavar="AMOUNT", help="balance_confirmation: ask all from here on."),
]
InCredit = Annotated[
    int, typer.Option("--in-credit", help="balance_confirmation: credit balances drawn.")
]
Seed = Annotated[
    str, typer.Option("--seed", help="balance_confirmation: any text; the same draws the same.")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(letter)


def letter(
    kind: Kind,
    ledger: LedgerPath,
    as_of: AsOf,
    customer: Customers = None,
    fact: Facts = None,
    approve: Approve = False,
    draft: Draft = False,
    out: Out = None,
    forms: Forms = FORMS,
    pay_by: PayBy = None,
    dated: Dated = None,
    currency: Currency = "",
    instalments: Instalments = None,
    first: First = None,
    every: Every = "monthly",
    sample: Drawn = None,
    large: Large = None,
    in_credit: InCredit = 0,
    seed: Seed = "",
    by: By = "",
    made_at: MadeAt = "",
    journal: JournalFolder = None,
    templates: TemplateFolder = None,
    map_file: MapFile = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Show or make letters that are no reminders: statement, dispute_ack, undisputed_part, plan_offer, plan_confirmation, plan_breach, terms_change, limit_reduction, security_request, retention_notice, collections_handover, balance_confirmation, proof_of_claim."""
    from receivables.refresh.letter_kinds import make_kind, preview_kind
    from receivables.refresh.letter_kinds_answer import KindChoices

    if approve and out is None:
        raise BadValueError("--out is missing: the folder for the letters.")
    on = balance_day(as_of)
    choices = KindChoices(
        only=frozenset(names(customer or [])),
        facts=_facts(fact or []),
        currency=currency.strip().upper(),
        issued_on=day(dated, "--dated"),
        pay_by=day(pay_by, "--pay-by"),
        terms=_terms(instalments, first, every),
        sample=_sample(sample, large, in_credit, seed),
    )
    loaded = books(ledger, map_file, values_of(settings), on)
    run = run_of(loaded, journal, out, forms, templates, time_of(made_at), by, draft=draft)
    if approve:
        answer = make_kind(loaded, kind, on, run, choices)
    else:
        answer = preview_kind(loaded, kind, on, run.store, choices)
        answer = _pages(answer, out, templates)
    told = answer.to_json()
    if as_json:
        print_json(told)
    else:
        _print(told, ledger, map_file, approve=approve)


def _facts(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise BadValueError(
                f"--fact {pair}: write NAME=VALUE, for example reply_by=2026-11-20."
            )
        found[name.strip()] = value.strip()
    return found


def _terms(count: int | None, first: str | None, every: str) -> Terms | None:
    from receivables.respond.letter_cases import Terms

    on = day(first, "--first")
    if count is None and on is None:
        return None
    if count is None or on is None:
        raise BadValueError("An offer needs both --instalments NUMBER and --first DATE.")
    return Terms(count, on, every)


def _sample(count: int | None, large: str | None, in_credit: int, seed: str) -> Sample | None:
    from receivables.refresh.letter_kinds_answer import Sample

    if count is None and large is None:
        return None
    try:
        least = None if large is None else Decimal(large)
    except InvalidOperation:
        raise BadValueError(f"--large {large}: write the amount as 50000.00.") from None
    return Sample(count or 0, least, in_credit, seed)


def _pages(answer: KindAnswer, out: Path | None, templates: Path | None) -> KindAnswer:
    """Pages to look through before anything is made."""
    from dataclasses import replace

    from receivables.respond.letters.gallery import write_gallery

    if out is None:
        return answer
    out.mkdir(parents=True, exist_ok=True)
    title = f"Letters {answer.kind} as of {answer.as_of}"
    made = write_gallery(answer.letters, out, templates, title)
    return replace(answer, files=(str(made.index),))


def _print(
    answer: Mapping[str, Any], ledger: str, map_file: Path | None, *, approve: bool
) -> None:
    from receivables.commands.show import amount, issues_line, more_line, print_table

    rows = [
        [row["letter_id"], row["customer_id"], row["name"], row["language"], str(row["items"]),
         row["picked"], row["currency"], amount(row["balance"])]
        for row in answer["letters"][:SHOWN]
    ]  # fmt: skip
    headings = ["letter", "customer", "name", "language", "items", "picked", "currency", "balance"]
    if rows:
        print_table(f"{answer['kind']} as of {answer['as_of']}", headings, rows, money=7)
        typer.echo(more_line(len(answer["letters"]), SHOWN), nl=False)
    else:
        typer.echo(f"No letter {answer['kind']} as of {answer['as_of']}.")
    for number, why in answer["refused"].items():
        typer.echo(f"{number}: {why}")
    made = f"Made {len(answer['made'])}, " if approve else ""
    typer.echo(f"{made}made before {len(answer['already'])}, refused {len(answer['refused'])}.")
    for line in (*answer["notes"], *answer["files"]):
        typer.echo(line)
    typer.echo(issues_line(answer["issues"], ledger, answer["as_of"], map_file))
