"""Test past grades against what came, and fit a scorecard: the commands `backtest` and `calibrate`."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from receivables.commands.grade import GradesFile, History, ScorecardFile, card_and_ladder
from receivables.commands.options import (
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
from receivables.errors import LedgerFileError

Outcome = Annotated[
    str,
    typer.Option(
        "--outcome", help="customer-15, customer-30 (days late within 90 days) or invoice-late."
    ),
]
First = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="First month end that is tested.")
]
Last = Annotated[
    str | None, typer.Option("--to", metavar="DATE", help="Last month end that is tested.")
]
Known = Annotated[
    str | None,
    typer.Option(
        "--until",
        metavar="DATE",
        help="Last day the export can speak of; default its last posting.",
    ),
]
Chart = Annotated[
    Path | None, typer.Option("--chart", metavar="FILE", help="Write a picture (.png or .svg).")
]
Until = Annotated[
    str, typer.Option("--until", metavar="DATE", help="Last day of the training period.")
]
Out = Annotated[
    Path,
    typer.Option("-o", "--out", metavar="FILE.csv", help="Write the scorecard to this new file."),
]
GradesOut = Annotated[
    Path | None,
    typer.Option(
        "--grades-out",
        metavar="FILE.csv",
        help="Write the grades with their rates to this new file.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(backtest)
    app.command()(calibrate)


def backtest(
    ledger: LedgerPath,
    map_file: MapFile = None,
    outcome: Outcome = "customer-15",
    first: First = None,
    last: Last = None,
    until: Known = None,
    scorecard: ScorecardFile = None,
    grades: GradesFile = None,
    history: History = None,
    chart: Chart = None,
    engine: Engine = "polars",
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Grade at past month ends with what was known then, and compare with what came after."""
    from receivables.commands.show import progress
    from receivables.refresh.backtest import backtest_job
    from receivables.report.backtest_chart import backtest_chart, kind_of

    kind = kind_of(chart) if chart else ""
    card, ladder = card_and_ladder(scorecard, grades)
    loaded = books(ledger, map_file, values_of(settings), None, engine)
    with progress() as tell:
        answer = backtest_job(
            loaded,
            outcome=outcome,
            first=day(first, "--from"),
            last=day(last, "--to"),
            until=day(until, "--until"),
            scorecard=card,
            grades=ladder,
            history_months=history,
            progress=tell,
        )
    if chart:
        chart.write_bytes(backtest_chart(answer.found, kind))
    if as_json:
        print_json(answer.to_json())
    else:
        _print(answer.to_json())


def calibrate(
    ledger: LedgerPath,
    until: Until,
    out: Out,
    map_file: MapFile = None,
    grades_out: GradesOut = None,
    outcome: Outcome = "customer-15",
    first: First = None,
    history: History = None,
    engine: Engine = "polars",
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Fit a points scorecard to the ledger's history up to a day, and write it as a Scorecard table."""
    from receivables.commands.show import progress
    from receivables.refresh.backtest import calibrate_job

    for path in filter(None, (out, grades_out)):
        _refuse_existing(path)
    loaded = books(ledger, map_file, values_of(settings), None, engine)
    with progress() as tell:
        answer = calibrate_job(
            loaded,
            balance_day(until),
            outcome=outcome,
            first=day(first, "--from"),
            history_months=history,
            progress=tell,
        ).to_json()
    _write(out, answer["scorecard"])
    if grades_out:
        _write(grades_out, answer["grades"])
    if as_json:
        print_json(answer)
    else:
        _print_fitted(answer, out, grades_out)


def _print(answer: Mapping[str, Any]) -> None:
    from receivables.commands.show import print_table

    typer.echo(f"Outcome {answer['outcome']}: {answer['outcome_text']}.")
    typer.echo(
        f"Month ends {answer['from']} to {answer['to']}: {answer['observations']:,} observations of "
        f"{answer['customers']:,} customers, {answer['events']:,} events. Left out: "
        f"{answer['ungraded']:,} without a grade, {answer['already_late']:,} that late already. Known until {answer['known_until']}."
    )
    rows = [
        ["AUC", *_ends(answer, "auc")],
        [f"AUC of the {answer['baseline']}", *_ends(answer, "baseline_auc")],
        ["difference", *_ends(answer, "difference")],
        ["Brier score of the rates by grade", *_ends(answer, "brier")],
        [f"Brier score of the {answer['baseline']}", *_ends(answer, "baseline_brier")],
        ["difference of Brier scores, below 0 is better", *_ends(answer, "brier_difference")],
        ["AUC of the grades, caps included", _figure(answer["grade_auc"]), "", ""],
        ["Gini", _figure(answer["gini"]), "", ""],
        ["KS", _figure(answer["ks"]), "", ""],
        [f"lift of the worst {answer['lift_share']:.0%}", _figure(answer["lift"]), "", ""],
        ["PSI, earlier against later half", _figure(answer["psi"]), "", ""],
    ]
    shown = [row for row in rows if row[1]]
    print_table("Figures", ["figure", "value", "95 % from", "to"], shown, money=1)
    grades = [
        [str(row["grade"]), f"{row['count']:,}", f"{row['events']:,}"]
        + [_figure(row[name]) for name in ("rate", "rate_low", "rate_high", "pd")]
        for row in answer["by_grade"]
    ]
    headings = ["grade", "observations", "events", "rate", "95 % from", "to", "rate in Grades"]
    print_table("By grade", headings, grades, money=1)


def _print_fitted(answer: Mapping[str, Any], out: Path, grades_out: Path | None) -> None:
    folds = answer["cv_auc"]
    judged = f"AUC {folds:.3f} in {answer['folds']} time folds" if folds else "too short to judge"
    typer.echo(
        f"{out}: fitted to {answer['observations']:,} observations with {answer['events']:,} events "
        f"known by {answer['until']}, outcome {answer['outcome']}; {judged} (of the training period: the "
        "proof is a backtest of the time after)."
    )
    for name, why in answer["left_out"].items():
        typer.echo(f"Left out: {name}, {why}.")
    if grades_out:
        typer.echo(f"{grades_out}: grades with the rate of the outcome in each.")


def _ends(answer: Mapping[str, Any], name: str) -> list[str]:
    return [_figure(answer[name + end]) for end in ("", "_low", "_high")]


def _figure(value: float | None) -> str:
    return "" if value is None or value != value else f"{value:.3f}"  # noqa: PLR0124 - NaN


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise LedgerFileError(f"{path} exists already. Choose another name.")


def _write(path: Path, rows: Sequence[Sequence[Any]]) -> None:
    with path.open("x", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(rows)
