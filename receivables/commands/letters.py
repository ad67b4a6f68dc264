"""Plan, preview and make the letters of a day; take one back: the command `letters`."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from receivables.commands.options import (
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
    from receivables.refresh import Books
    from receivables.refresh.letters import Choices
    from receivables.refresh.letters_answer import LettersAnswer
    from receivables.refresh.letters_run import Run

SHOWN = 50
FORMS = "eml,docx,pdf"
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Folder for the letters or the preview."),
]
Forms = Annotated[
    str, typer.Option("--format", help="eml, docx, pdf, print (one PDF a language), html, txt.")
]
Dated = Annotated[
    str | None,
    typer.Option("--dated", metavar="DATE", help="Date on the letters; default the as-of date."),
]
BankTo = Annotated[
    str | None,
    typer.Option("--bank-to", metavar="DATE", help="Bank statements are posted up to this day."),
]
Only = Annotated[
    list[str] | None, typer.Option("--only", metavar="CUSTOMER", help="These customers only.")
]
Preview = Annotated[bool, typer.Option("--preview", help="Show the plan; nothing is journaled.")]
Approve = Annotated[bool, typer.Option("--approve", help="Make the letters and journal them.")]
Draft = Annotated[
    bool, typer.Option("--draft", help="With --approve: make them, but they are not sent yet.")
]
Issue = Annotated[
    list[str] | None,
    typer.Option(
        "--issue", metavar="LETTER", help="Say of drafts that they were sent; all: each."
    ),
]
Cancel = Annotated[
    str | None, typer.Option("--cancel", metavar="LETTER", help="Take a letter back.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why it is taken back.")]
By = Annotated[
    str, typer.Option("--by", help="Who approves; default the user account of this computer.")
]
MadeAt = Annotated[
    str, typer.Option("--at", metavar="TIME", help="Time for the journal, 2026-11-02T09:15; default now.")
]  # fmt: skip
AssumeLast = Annotated[
    bool, typer.Option("--assume-last", help="Interest goes on with the last known rate.")
]
JournalFolder = Annotated[
    Path | None,
    typer.Option("--journal", metavar="DIR", help="Journal; default LEDGER.receivables/letters."),
]
TemplateFolder = Annotated[
    Path | None, typer.Option("--templates", metavar="DIR", help="Your own letter templates.")
]
Day = Annotated[str, typer.Option("--as-of", metavar="DATE", help="Cut-off date, 2026-10-31.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(letters)


def letters(
    ledger: LedgerPath,
    as_of: Day = "",
    preview: Preview = False,
    approve: Approve = False,
    draft: Draft = False,
    only: Only = None,
    out: Out = None,
    forms: Forms = FORMS,
    dated: Dated = None,
    bank_to: BankTo = None,
    issue: Issue = None,
    cancel: Cancel = None,
    reason: Reason = "",
    by: By = "",
    made_at: MadeAt = "",
    assume_last: AssumeLast = False,
    journal: JournalFolder = None,
    templates: TemplateFolder = None,
    map_file: MapFile = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Show who gets which letter and why not; make them once; take one back."""
    from receivables.refresh.letters import Choices

    if sum(map(bool, (preview, approve, issue, cancel))) > 1:
        raise BadValueError("Give one of --preview, --approve, --issue and --cancel.")
    on = balance_day(as_of) if as_of else None
    if on is None and not (issue or cancel):
        raise BadValueError("--as-of is missing: the day up to which the ledger counts.")
    loaded = books(ledger, map_file, values_of(settings), on)
    run = run_of(loaded, journal, out, forms, templates, time_of(made_at), by, draft=draft)
    if issue or cancel:
        _take(loaded, run, issue or [], cancel, reason, as_json=as_json)
        return
    choices = Choices(
        bank_to=day(bank_to, "--bank-to"),
        issued_on=day(dated, "--dated"),
        only=frozenset(names(only or [])),
        assume_last=assume_last,
    )
    answer = _made(loaded, run, choices, on, out, forms, templates, approve=approve)
    told = answer.to_json(loaded.settings.language)
    if as_json:
        print_json(told)
    else:
        _print(told, ledger, map_file, approve=approve)


def _made(
    loaded: Books, run: Run, choices: Choices, on: Any, out: Path | None, forms: str,
    templates: Path | None, *, approve: bool,
) -> LettersAnswer:  # fmt: skip
    from receivables.refresh.letters import approve_job, preview_job
    from receivables.refresh.letters_files import batches, preview_pages

    if not approve:
        answer = preview_job(loaded, on, run.store, choices)
        return preview_pages(answer, out, templates) if out else answer
    if out is None:
        raise BadValueError("--out is missing: the folder for the letters.")
    answer = approve_job(loaded, on, run, choices)
    return (
        batches(loaded, answer, run, choices, templates) if "print" in names([forms]) else answer
    )


def run_of(
    loaded: Books, journal: Path | None, out: Path | None, forms: str, templates: Path | None,
    made_at: str, by: str, *, draft: bool,
) -> Run:  # fmt: skip
    """Where letters go, in which forms, and who made them when."""
    from receivables.refresh.letters_journal import store_of
    from receivables.refresh.letters_run import Run
    from receivables.respond.letters.render import Renderer

    asked = [form for form in names([forms]) if form != "print"] or ["pdf"]
    return Run(
        store_of(loaded, journal), Renderer(asked, templates), out or Path(), made_at,
        by or getpass.getuser(), draft,
    )  # fmt: skip


def _take(
    loaded: Books, run: Run, issue: list[str], cancel: str | None, reason: str, *, as_json: bool
) -> None:
    from receivables.refresh.letters import cancel_job, issue_job

    if cancel:
        cancel_job(loaded, cancel, reason, run)
        told: dict[str, Any] = {"cancelled": cancel, "notes": run.notes}
        text = f"{cancel} is cancelled: its items stand where they stood before it."
    else:
        numbers = [] if issue == ["all"] else names(issue)
        done = issue_job(loaded, numbers, run)
        told = {"issued": done, "notes": run.notes}
        text = f"Sent: {', '.join(done) or 'none, there are no drafts'}."
    if as_json:
        print_json(told)
    else:
        typer.echo("\n".join([text, *run.notes]))


def time_of(text: str) -> str:
    """Time for the journal as ISO text, now where none was given: nothing is computed from it."""
    try:
        time = datetime.fromisoformat(text) if text else datetime.now().astimezone()
        return time.isoformat(timespec="seconds")
    except ValueError:
        raise BadValueError(f"--at {text}: write the time as 2026-11-02T09:15.") from None


def _print(
    answer: Mapping[str, Any], ledger: str, map_file: Path | None, *, approve: bool
) -> None:
    from receivables.commands.show import amount, issues_line, more_line, print_table

    rows = [
        [str(row["level"]), row["stage"], row["letter_id"], row["customer_id"], row["name"] or "", str(row["oldest_days"]),
         row["currency"], *(amount(row[name]) for name in ("demanded", "interest", "payable")), row["note"] or ""]
        for row in answer["letters"][:SHOWN]
    ]  # fmt: skip
    headings = ["level", "stage", "letter", "customer", "name", "days", "currency", "demanded", "interest", "payable", "note"]  # fmt: skip
    if rows:
        print_table(f"Letters as of {answer['as_of']}", headings, rows, money=7)
        typer.echo(more_line(len(answer["letters"]), SHOWN), nl=False)
    else:
        typer.echo(f"No letters as of {answer['as_of']}.")
    _print_why_not(answer)
    for number, why in answer["refused"].items():
        typer.echo(f"{number}: {why}")
    for note in answer["notes"]:
        typer.echo(note)
    for row in answer["totals"]:
        typer.echo(
            f"{row['currency']}: {row['letters']} letters demand {amount(row['demanded'])} of "
            f"{amount(row['overdue'])} overdue; {row['left_out']} customers are left out."
        )
    if approve:
        typer.echo(
            f"Made {len(answer['made'])}, finished from an earlier attempt {len(answer['finished'])}, "
            f"dropped {len(answer['dropped'])}, refused {len(answer['refused'])}."
        )
    for path in answer["files"]:
        typer.echo(path)
    typer.echo(issues_line(answer["issues"], ledger, answer["as_of"], map_file))


def _print_why_not(answer: Mapping[str, Any]) -> None:
    from receivables.commands.show import amount, more_line, print_table

    rows = [
        [row["customer_id"], row["name"] or "", str(row["oldest_days"]), row["currency"], amount(row["overdue"]),
         row["why"], row["cure"]]
        for row in answer["why_not"][:SHOWN]
    ]  # fmt: skip
    if rows:
        headings = ["customer", "name", "days", "currency", "overdue", "why not", "what to do"]
        print_table("Overdue and no letter", headings, rows, money=4)
        typer.echo(more_line(len(answer["why_not"]), SHOWN), nl=False)
