"""The job `grade`: score, grade, class and reasons of every customer, with the previous quarter beside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from receivables.assess.factor_rows import FACTORS, WHO, factor_rows
from receivables.assess.grade_table import grade_table
from receivables.assess.grades import Grades
from receivables.assess.reasons import main_reasons
from receivables.assess.scorecard import Scorecard
from receivables.days import month_end, previous_month_end
from receivables.errors import BadValueError, Issue, NotAvailableError
from receivables.refresh.books import Books

GRADED = (
    "grade", "grade_before", "change", "class", "score", "confidence", "reasons", "caps", "missing",
    "problem",
)  # fmt: skip
"""What is said of a customer beside `WHO` and `FACTORS`; change = grade − grade before, above 0 is worse."""


@dataclass(frozen=True, slots=True)
class GradeAnswer:
    """Grades of one date, customers by number; `before` is None where the ledger had not begun.

    `frame`: `WHO`, `GRADED`, `FACTORS`, past_late_rate. A customer who cannot be graded has no grade
    and a `problem`.
    """

    as_of: date
    before: date | None
    frame: pl.DataFrame
    worst: int
    notes: tuple[Issue, ...]
    issues: int

    def distribution(self) -> pl.DataFrame:
        """Customers by grade, now and before; a grade nobody has counts 0."""
        ladder = pl.DataFrame({"grade": range(1, self.worst + 1)}, schema={"grade": pl.Int64})
        now = self.frame.group_by("grade").agg(pl.len().cast(pl.Int64).alias("customers"))
        then = self.frame.group_by(grade="grade_before").agg(
            pl.len().cast(pl.Int64).alias("customers_before")
        )
        return (
            ladder.join(now, on="grade", how="left", maintain_order="left")
            .join(then, on="grade", how="left", maintain_order="left")
            .fill_null(0)
        )

    def migration(self) -> pl.DataFrame:
        """Customers by grade before (rows) and now (columns g1, g2, …); only those with both."""
        both = self.frame.filter(
            pl.col("grade").is_not_null() & pl.col("grade_before").is_not_null()
        )
        counts = [
            (pl.col("grade") == grade).sum().cast(pl.Int64).alias(f"g{grade}")
            for grade in range(1, self.worst + 1)
        ]
        return both.group_by("grade_before").agg(counts).sort("grade_before")

    def to_json(self) -> dict[str, Any]:
        """One row per customer with its factors; null = not known."""
        return {
            "as_of": self.as_of.isoformat(),
            "before": self.before.isoformat() if self.before else None,
            "rows": [_row(row) for row in self.frame.iter_rows(named=True)],
            "distribution": self.distribution().to_dicts(),
            "notes": [
                {
                    "code": note.code,
                    "level": note.level,
                    "where": " ".join(filter(None, (note.file, note.sheet, note.cell))),
                    "message": note.message,
                    "cure": note.cure,
                }
                for note in self.notes
            ],
            "issues": self.issues,
        }


def grade_job(
    books: Books,
    as_of: date,
    *,
    before: date | None = None,
    scorecard: Scorecard | None = None,
    grades: Grades | None = None,
    history_months: int | None = None,
) -> GradeAnswer:
    """Grade every third party from what the ledger knew on a date, and on the quarter end before.

    Args:
        books: the loaded ledger.
        as_of: day of the question.
        before: earlier day to compare with; default the last quarter end before `as_of`.
        scorecard: points and weights; default the shipped ones.
        grades: the ladder; default the shipped one.
        history_months: how far back payments count.

    Raises:
        NotAvailableError: nothing posted by then; a list that cannot be back-dated.
        BadValueError: `before` is not before `as_of`; a scorecard with factors no ledger holds.
    """
    books.open(as_of)
    if before is not None and before >= as_of:
        raise BadValueError(f"--before {before} is not before {as_of}. Give an earlier date.")
    card, ladder = scorecard or Scorecard.default(), grades or Grades.default()
    refuse_foreign(card)
    now, notes = graded(books, as_of, card, ladder, history_months)
    day = before or previous_quarter_end(as_of)
    earlier = _earlier(books, day, card, ladder, history_months)
    then = pl.DataFrame(schema={"customer_key": pl.String, "grade_before": pl.Int64})
    if earlier is not None:
        then = earlier.select("customer_key", grade_before="grade")
    frame = now.join(then, on="customer_key", how="left", maintain_order="left").with_columns(
        change=pl.col("grade") - pl.col("grade_before"), reasons=main_reasons(now, card)
    )
    shown = frame.select(*WHO, *GRADED, *FACTORS, "past_late_rate")
    compared = None if earlier is None else day
    return GradeAnswer(as_of, compared, shown, ladder.worst, notes, len(books.issues) + len(notes))


def graded(
    books: Books, as_of: date, card: Scorecard, ladder: Grades, history_months: int | None = None
) -> tuple[pl.DataFrame, tuple[Issue, ...]]:
    """Factor rows of a date with their grades, and what to know about them."""
    found = factor_rows(
        books.posted,
        books.ledger,
        as_of,
        history_months=history_months,
        engine=books.engine,
        language=books.settings.language,
    )
    return grade_table(found.frame, card, ladder), found.issues


def previous_quarter_end(as_of: date) -> date:
    """The last quarter end before a date.

    >>> previous_quarter_end(date(2026, 10, 31)), previous_quarter_end(date(2026, 9, 30))
    (datetime.date(2026, 9, 30), datetime.date(2026, 6, 30))
    """
    end = previous_month_end(month_end(as_of))
    while end.month % 3:
        end = previous_month_end(end)
    return end


def refuse_foreign(card: Scorecard) -> None:
    """Refuse a scorecard with factors that no ledger holds.

    Raises:
        BadValueError: names them.
    """
    foreign = [scale.factor for scale in card.scales if scale.factor not in FACTORS]
    if foreign:
        raise BadValueError(
            f"The scorecard has factors that a ledger does not hold: {', '.join(foreign)}. A ledger "
            f"holds {', '.join(FACTORS)}. Give others with CREDIT_GRADE_ROW."
        )


def _earlier(
    books: Books, day: date, card: Scorecard, ladder: Grades, history_months: int | None
) -> pl.DataFrame | None:
    """Grades of an earlier day; None where the ledger cannot say."""
    try:
        books.open(day)
    except NotAvailableError:
        return None
    return graded(books, day, card, ladder, history_months)[0]


def _row(row: dict[str, Any]) -> dict[str, Any]:
    named = {name: row[name] for name in (*WHO[1:], *GRADED)}
    return {**named, "factors": {name: row[name] for name in FACTORS}}
