"""Grade every customer of a ledger: the command `grade`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from receivables.commands.options import (
    AsOf,
    Engine,
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

if TYPE_CHECKING:
    from receivables.assess.grades import Grades
    from receivables.assess.scorecard import Scorecard

Before = Annotated[
    str | None,
    typer.Option(
        "--before", metavar="DATE", help="Compare with this date, not the last quarter end."
    ),
]
ScorecardFile = Annotated[
    Path | None,
    typer.Option(
        "--scorecard",
        metavar="FILE.csv",
        help="Your scorecard (factor, from, to, points, weight, reason).",
    ),
]
GradesFile = Annotated[
    Path | None,
    typer.Option(
        "--grades",
        metavar="FILE.csv",
        help="Your grades (grade, from_score, class, pd, pd_source).",
    ),
]
History = Annotated[
    int | None,
    typer.Option("--history", min=1, metavar="MONTHS", help="How far back payments count."),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(grade)


def grade(
    ledger: LedgerPath,
    as_of: AsOf,
    map_file: MapFile = None,
    before: Before = None,
    scorecard: ScorecardFile = None,
    grades: GradesFile = None,
    history: History = None,
    engine: Engine = "polars",
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Grade every customer from what the ledger knew on a date, beside the grade of the quarter before."""
    from receivables.refresh.grade import grade_job

    on = balance_day(as_of)
    card, ladder = card_and_ladder(scorecard, grades)
    answer = grade_job(
        books(ledger, map_file, values_of(settings), on, engine),
        on,
        before=day(before, "--before"),
        scorecard=card,
        grades=ladder,
        history_months=history,
    ).to_json()
    if as_json:
        print_json(answer)
    else:
        _print(answer, ledger, map_file)


def card_and_ladder(
    scorecard: Path | None, grades: Path | None
) -> tuple[Scorecard | None, Grades | None]:
    """Scorecard and grades of files; None where none is named."""
    from receivables.assess.grades import Grades
    from receivables.assess.scorecard import Scorecard

    card = Scorecard.from_csv(scorecard) if scorecard else None
    return card, Grades.from_csv(grades) if grades else None


def _print(answer: Mapping[str, Any], ledger: str, map_file: Path | None) -> None:
    from receivables.commands.show import counted, issues_line, print_texts

    rows = answer["rows"]
    done = sorted(
        (row for row in rows if row["grade"] is not None),
        key=lambda row: (-row["grade"], row["score"] or 0, row["customer_id"]),
    )
    headings = [
        "customer",
        "name",
        "grade",
        "before",
        "class",
        "score",
        "known",
        "reasons",
        "caps",
    ]
    title = f"Grades as of {answer['as_of']}, before: {answer['before'] or 'not known'}"
    print_texts(title, headings, [_cells(row) for row in done])
    undone = len(rows) - len(done)
    if undone:
        typer.echo(f"{counted(undone, 'customer')} without a grade: --json says what is missing.")
    for note in answer["notes"][:10]:
        told = f"{note['level']}: {note['where']}: {note['message']} {note['cure']}"
        typer.echo(told.replace(": : ", ": "))
    typer.echo(issues_line(answer["issues"], ledger, answer["as_of"], map_file))


def _cells(row: Mapping[str, Any]) -> list[str]:
    before = "" if row["grade_before"] is None else str(row["grade_before"])
    score = "" if row["score"] is None else f"{row['score']:.1f}"
    return [
        row["customer_id"], row["name"], str(row["grade"]), before, row["class"], score,
        f"{row['confidence']:.0%}", row["reasons"], row["caps"] or "",
    ]  # fmt: skip
