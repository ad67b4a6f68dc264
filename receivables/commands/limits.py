"""What the credit manager decides: the commands `limits`, `approvals`, `reviews`, `admit`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
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
    names,
    print_json,
    values_of,
)

if TYPE_CHECKING:
    import polars as pl

    from receivables.assess.limit_policy import LimitPolicy
    from receivables.refresh.books import Books

Policy = Annotated[
    Path | None,
    typer.Option(
        "--policy", metavar="FILE.csv", help="Your figures: name, value (limit_policy.csv)."
    ),
]
Tiers = Annotated[
    Path | None,
    typer.Option(
        "--tiers",
        metavar="FILE.csv",
        help="Your tiers: role, up_to, currency, signatures, worst_grade. There is no default.",
    ),
]
LeaveOut = Annotated[
    list[str] | None,
    typer.Option("--leave-out", help="Components that do not count: orders,drafts,notes …"),
]
Graded = Annotated[
    bool, typer.Option("--suggest", help="Grade the customers and suggest a limit for each.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (limits, approvals, reviews, admit):
        app.command()(command)


def limits(
    ledger: LedgerPath,
    as_of: AsOf,
    map_file: MapFile = None,
    policy: Policy = None,
    leave_out: LeaveOut = None,
    suggest: Graded = False,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Show what every customer uses of his limits: group first, then own, then components."""
    from receivables.refresh.limits import limits_job

    on = balance_day(as_of)
    found = books(ledger, map_file, values_of(settings), on)
    answer = limits_job(
        found,
        on,
        grades=_grades(found, on) if suggest else None,
        policy=_policy(policy),
        leave_out=names(leave_out or ()),
    ).to_json()
    if as_json:
        print_json(answer)
        return
    _print_limits(answer)
    _print_issues(answer["issues"])


def approvals(
    ledger: LedgerPath,
    as_of: AsOf,
    map_file: MapFile = None,
    tiers: Tiers = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Show requests that wait, limits raised without approval, and whether the chain of rows holds."""
    from receivables.assess.approval_tiers import tiers_of
    from receivables.assess.setting_table import csv_rows
    from receivables.refresh.limits import approvals_job, own_tiers

    on = balance_day(as_of)
    found = books(ledger, map_file, values_of(settings), on)
    own = tiers_of(csv_rows(tiers)) if tiers else own_tiers(found)
    answer = approvals_job(found, on, tiers=own).to_json()
    if as_json:
        print_json(answer)
        return
    _print_approvals(answer, asked=bool(own))
    _print_issues(answer["issues"])


def reviews(
    ledger: LedgerPath,
    as_of: AsOf,
    map_file: MapFile = None,
    policy: Policy = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Show customers due for their quarterly review, and whose credit training has run out."""
    from receivables.commands.show import amount, print_table, print_texts
    from receivables.refresh.limits import reviews_job

    on = balance_day(as_of)
    found = books(ledger, map_file, values_of(settings), on)
    answer = reviews_job(found, on, policy=_policy(policy)).to_json()
    if as_json:
        print_json(answer)
        return
    columns = ("customer_id", "name", "last_review", "due_on", "reasons", "currency")
    listed = [[*_texts(row, columns), amount(row["exposure"])] for row in answer["rows"]]
    print_table(f"Reviews due as of {on}", [*columns, "exposure"], listed, money=6)
    person = ("person", "course", "held_on", "valid_to", "state")
    print_texts("Credit training", person, [_texts(row, person) for row in answer["training"]])


def admit(
    ledger: LedgerPath,
    as_of: AsOf,
    map_file: MapFile = None,
    graded: Annotated[
        bool, typer.Option("--grade", help="Grade the customers; else no grade is known.")
    ] = False,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Show new customers with the decision of the admission gate and the register to look them up in."""
    from receivables.commands.show import print_texts
    from receivables.refresh.limits import admission_job, rows

    on = balance_day(as_of)
    found = books(ledger, map_file, values_of(settings), on)
    grades = _grades(found, on) if graded else None
    listed = rows(admission_job(found, on, grades=grades), ())
    if as_json:
        print_json({"as_of": on.isoformat(), "rows": listed})
        return
    columns = ("customer_id", "name", "country", "since", "decision", "codes", "register")
    shown = [row | {"register": row["url"] or row["registry"]} for row in listed]
    print_texts(f"New customers as of {on}", columns, [_texts(row, columns) for row in shown])


def _policy(path: Path | None) -> LimitPolicy | None:
    from receivables.assess.limit_policy import LimitPolicy
    from receivables.assess.setting_table import csv_rows

    return LimitPolicy.from_rows(csv_rows(path)) if path else None


def _grades(found: Books, on: date) -> pl.DataFrame:
    from receivables.refresh.grade import grade_job

    return grade_job(found, on).frame


def _print_limits(answer: Mapping[str, Any]) -> None:
    from receivables.commands.show import amount, print_table

    shown = ["exposure", "limit", "insured_limit", "usable", "headroom"]
    shown += ["suggested"] if answer["rows"] and "suggested" in answer["rows"][0] else []
    columns = ("customer_id", "name", "state", "binding", "currency")
    told = [
        [*_texts(row, columns), *(amount(row[name]) for name in shown), _percent(row["used"])]
        for row in answer["rows"]
    ]
    counts = ", ".join(f"{count} {name}" for name, count in answer["counts"].items() if count)
    title = f"Limits as of {answer['as_of']}: {counts}"
    print_table(title, [*columns, *shown, "used"], told, money=5)
    groups = [
        [*_texts(row, ("group_id", "state", "currency")), *(amount(row[n]) for n in ("exposure", "limit", "headroom")), _percent(row["used"])]
        for row in answer["groups"]
    ]  # fmt: skip
    if groups:
        heads = ["group", "state", "currency", "exposure", "limit", "headroom", "used"]
        print_table("Groups", heads, groups, money=3)
    over = [row for row in answer["rows"] if row["parts"]]
    for row in over:
        typer.echo(f"{row['customer_id']} {row['name']}: {row['parts']}")


def _print_approvals(answer: Mapping[str, Any], *, asked: bool) -> None:
    from receivables.commands.show import amount, print_table, print_texts

    columns = (
        "approval_no",
        "customer_id",
        "name",
        "kind",
        "requested_by",
        "waiting_days",
        "role",
    )
    told = [
        [*_texts(row, columns), f"{row['signed']} of {row['needed']}", row["currency"] or "", amount(row["amount"]), amount(row["total"])]
        for row in answer["waiting"]
    ]  # fmt: skip
    heads = [*columns, "signed", "currency", "amount", "total after"]
    print_table(f"Waiting as of {answer['as_of']}", heads, told, money=9)
    if not asked:
        typer.echo(
            "No tiers given (--tiers or the setting approval_tiers): one signature of another person is taken as enough."
        )
    chain = answer["chain"]
    if chain["last_hash"]:
        held = "holds" if chain["holds"] else "IS BROKEN"
        typer.echo(f"The chain of approvals {held}; its last hash is {chain['last_hash']}.")
    else:
        typer.echo("The rows of Approvals bear no hashes: a change by hand leaves no trace.")
    person = ("salesperson", "overrides", "running", "customers", "without_reason", "last_on")
    listed = [_texts(row, person) for row in answer["by_salesperson"]]
    print_texts("Overrides by salesperson", person, listed)


def _print_issues(issues: Sequence[Mapping[str, str]]) -> None:
    for issue in issues:
        typer.echo(f"{issue['level']} {issue['where']}: {issue['message']} {issue['cure']}")


def _texts(row: Mapping[str, Any], columns: Sequence[str]) -> list[str]:
    return ["" if row[name] is None else str(row[name]) for name in columns]


def _percent(share: float | None) -> str:
    return "n/a" if share is None else f"{share:.1%}"
