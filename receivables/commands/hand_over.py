"""Hand a customer's file to a collector or insurer; write one letter about an account."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    names,
    print_json,
    values_of,
)
from receivables.errors import BadValueError

if TYPE_CHECKING:
    from receivables.respond.letters.letter import Fact

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
Kind = Annotated[
    str, typer.Option("--kind", help="statement, plan_offer, balance_confirmation and so on.")
]
Facts = Annotated[
    list[str] | None,
    typer.Option(
        "--fact", metavar="NAME=VALUE", help="What the kind needs, accept_by=2026-11-09."
    ),
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the letter.")]
Forms = Annotated[str, typer.Option("--format", help="eml, docx, pdf, html, txt.")]
Dated = Annotated[
    str | None,
    typer.Option("--dated", metavar="DATE", help="Date on the letter; default the as-of date."),
]
PayBy = Annotated[str | None, typer.Option("--pay-by", metavar="DATE", help="New deadline.")]
PlanNo = Annotated[str, typer.Option("--plan", help="Plan whose instalments the letter lists.")]
Code = Annotated[str, typer.Option("--currency", help="One currency only.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(name="hand-over")(hand_over)
    app.command()(letter)


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
    from receivables.refresh.letters import store_of

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


def letter(
    ledger: LedgerPath,
    customer: Customer,
    kind: Kind,
    as_of: AsOf,
    out: Out,
    fact: Facts = None,
    plan: PlanNo = "",
    forms: Forms = "pdf",
    dated: Dated = None,
    pay_by: PayBy = None,
    currency: Code = "",
    templates: TemplateFolder = None,
    map_file: MapFile = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Write a statement, plan offer, balance confirmation or any other kind of letter to one customer."""
    from receivables.refresh.account_letters import account_letter_job
    from receivables.respond.account_letter import Wanted
    from receivables.respond.letters.render import Renderer

    cut_off = balance_day(as_of)
    code = currency.strip().upper()
    wanted = Wanted(
        kind, day(dated, "--dated") or cut_off, day(pay_by, "--pay-by"),
        facts_of(kind, fact or [], code), plan, code,
    )  # fmt: skip
    loaded = books(ledger, map_file, values_of(settings), cut_off)
    made = account_letter_job(
        loaded, customer, cut_off, wanted, Renderer(names([forms]), templates), out
    )
    if as_json:
        print_json(made.to_json())
        return
    for path in made.files:
        typer.echo(path)
    for refusal in made.refusals:
        typer.echo(refusal.message)


def facts_of(kind: str, given: list[str], currency: str) -> dict[str, Fact]:
    """Facts as they are declared in `templates/variables.toml`: text, day or amount.

    Raises:
        BadValueError: a kind without letters, a fact it does not know, or a value of another type.

    >>> facts_of("plan_offer", ["accept_by=2026-11-09"], "")
    {'accept_by': datetime.date(2026, 11, 9)}
    """
    from receivables.respond.letters.letter import KINDS

    if kind not in KINDS or kind == "dunning":
        known = ", ".join(one for one in KINDS if one != "dunning")
        raise BadValueError(f"--kind {kind}: give one of {known}. Reminders come from: receivables letters")  # fmt: skip
    asked = _declared(kind)
    found: dict[str, Fact] = {}
    for text in given:
        name, sign, value = (part.strip() for part in text.partition("="))
        if not sign or name not in asked:
            raise BadValueError(f"--fact {text}: write NAME=VALUE; {kind} knows {', '.join(asked) or 'none'}.")  # fmt: skip
        found[name] = _fact(name, asked[name], value, currency)
    return found


def _declared(kind: str) -> dict[str, str]:
    from receivables.resources import asset_path

    text = asset_path("templates", "variables.toml").read_text(encoding="utf-8")
    asked: dict[str, Any] = tomllib.loads(text)["fact"].get(kind, {})
    return {name: str(fact["type"]) for name, fact in asked.items()}


def _fact(name: str, kind: str, value: str, currency: str) -> Fact:
    from receivables import money

    if kind == "day":
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise BadValueError(f"--fact {name}={value}: write the day as 2026-11-09.") from None
    if kind != "money":
        return value
    if not currency:
        raise BadValueError(f"--fact {name}: an amount needs --currency.")
    try:
        return money.to_minor(value, currency)
    except (InvalidOperation, ValueError):
        raise BadValueError(f"--fact {name}={value}: write the amount as 1500.00.") from None
