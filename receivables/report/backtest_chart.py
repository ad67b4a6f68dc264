"""A backtest as a picture: the ROC curve, and what came of each grade."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from receivables.assess.backtest import BASELINE, Backtest
from receivables.errors import BadValueError

KINDS = ("png", "svg")
OWN, PLAIN, GREY = "#0B5394", "#B45F06", "#777777"


def kind_of(path: Path) -> str:
    """Kind of a picture by the end of its name.

    Raises:
        BadValueError: neither png nor svg.

    >>> kind_of(Path("roc.PNG"))
    'png'
    """
    kind = path.suffix.removeprefix(".").lower()
    if kind not in KINDS:
        raise BadValueError(f"A chart is png or svg, not '{kind}'. Name the file so.")
    return kind


def backtest_chart(found: Backtest, kind: str = "png") -> bytes:
    """Picture of a backtest, png or svg; the same figures give the same bytes."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with rc_context({"svg.hashsalt": "receivables", "svg.fonttype": "none"}):
        figure = Figure(figsize=(11, 4.8), layout="constrained")
        FigureCanvasAgg(figure)
        curve, grades = figure.subplots(1, 2)
        _roc(curve, found)
        _rates(grades, found)
        figure.suptitle(
            f"{found.outcome.text}\n{found.observations:,} observations, {found.events:,} events, month ends "
            f"{found.dates[0]} to {found.dates[-1]}",
            fontsize=10,
        )
        out = io.BytesIO()
        metadata: dict[str, Any] = {"Date": None} if kind == "svg" else {"Software": None}
        figure.savefig(out, format=kind, dpi=120, metadata=metadata)
    return out.getvalue()


def _roc(axes: Any, found: Backtest) -> None:
    for ranking, measure, name, colour, style in (
        (found.ranking, found.auc, "score", OWN, "-"),
        (found.baseline_ranking, found.baseline, BASELINE, PLAIN, "--"),
    ):
        others, events = ranking.curve()
        text = f"{name}: AUC {measure.value:.3f} ({measure.low:.3f}–{measure.high:.3f})"
        axes.plot(others, events, style, color=colour, label=text)
    axes.plot([0, 1], [0, 1], ":", color=GREY, label="chance: 0.500")
    axes.set(
        xlabel="share of others ranked as risky", ylabel="share of events found", title="ROC curve"
    )
    axes.legend(loc="lower right", fontsize=9)


def _rates(axes: Any, found: Backtest) -> None:
    """Event rate of each grade with its interval; the number of observations below."""
    rows = found.by_grade.to_dicts()
    for row in rows:
        error = [[row["rate"] - row["rate_low"]], [row["rate_high"] - row["rate"]]]
        axes.bar(row["grade"], row["rate"], color=OWN, width=0.7)
        axes.errorbar(row["grade"], row["rate"], yerr=error, color="black", capsize=3)
    expected = [(row["grade"], row["pd"]) for row in rows if row["pd"] is not None]
    if expected:
        axes.plot(*zip(*expected, strict=True), "D", color=PLAIN, label="rate in Grades")
        axes.legend(loc="upper left", fontsize=9)
    axes.set_xticks(
        [row["grade"] for row in rows],
        [f"{row['grade']}\nn={row['count']}" for row in rows],
        fontsize=8,
    )
    axes.set(xlabel="grade", ylabel="event rate", title="What came of each grade")
    axes.set_ylim(0, 1)
