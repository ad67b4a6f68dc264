"""From score to grade (1 best), from grade to class A, B, C, and to a default rate where there is one."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from receivables.assess.setting_table import Rows, SettingRow, csv_rows, setting_rows
from receivables.errors import BadValueError, DomainError, NotAvailableError
from receivables.resources import data_path

HEADINGS = ("grade", "from_score", "class", "pd", "pd_source")
ILLUSTRATIVE = "illustrative"
NOISE = 1e-9
"""A weighted mean of 70 may come out a hair below 70 and is still a 70."""


class Grade(NamedTuple):
    """One rung of the ladder; `pd` is the share that defaults within a year."""

    grade: int
    from_score: float
    klass: str
    pd: float | None
    pd_source: str


@dataclass(frozen=True)
class Grades:
    """The ladder from the best grade down."""

    rungs: tuple[Grade, ...]

    @classmethod
    def default(cls) -> Grades:
        """The shipped ladder, `data/grades.csv`: ten grades, A = 1–3, B = 4–6, C = 7–10.

        >>> Grades.default().of(62.9)
        Grade(grade=4, from_score=60.0, klass='B', pd=0.005, pd_source='illustrative')
        """
        return _default()

    @classmethod
    def from_csv(cls, path: Path) -> Grades:
        """A ladder from a CSV file with the headings grade, from_score, class, pd, pd_source."""
        return cls.from_rows(csv_rows(path))

    @classmethod
    def from_rows(cls, rows: Rows) -> Grades:
        """A ladder from rows with headings; `pd` and `pd_source` may be left out.

        Raises:
            BadValueError: grades that do not count up from 1, scores that do not fall, a lowest
                score above 0, a class that is blank, a default rate without its source.
            DomainError: a score outside 0–100, a default rate outside 0–1.
        """
        found = setting_rows("Grades", rows, HEADINGS[:3], HEADINGS[3:])
        rungs = sorted(map(_rung, found), key=lambda rung: rung.grade)
        if [rung.grade for rung in rungs] != list(range(1, len(rungs) + 1)):
            shown = ", ".join(str(rung.grade) for rung in rungs)
            raise BadValueError(f"Grades are {shown}. Number them 1, 2, 3 …, each once.")
        for better, worse in itertools.pairwise(rungs):
            if worse.from_score >= better.from_score:
                raise BadValueError(
                    f"Grades: grade {worse.grade} begins at {worse.from_score:g}, not below grade "
                    f"{better.grade} at {better.from_score:g}. Scores fall as grades get worse."
                )
        if rungs[-1].from_score > 0:
            raise BadValueError(
                f"Grades: the last grade begins at {rungs[-1].from_score:g}; lower scores have none. "
                "Begin it at 0."
            )
        return cls(tuple(rungs))

    def to_rows(self) -> list[list[Any]]:
        """The setting table, headings first; `from_rows` reads it back."""
        return [list(HEADINGS), *(list(rung) for rung in self.rungs)]

    @property
    def worst(self) -> int:
        """Number of the worst grade."""
        return len(self.rungs)

    @cached_property
    def starts(self) -> tuple[float, ...]:
        """The lowest score of each grade, best first, a hair lower for float noise."""
        return tuple(rung.from_score - NOISE for rung in self.rungs)

    def of(self, score: float) -> Grade:
        """The rung of a score of 0–100: the best whose lowest score is reached."""
        return next(
            rung for rung, start in zip(self.rungs, self.starts, strict=True) if score >= start
        )

    def rung(self, grade: float) -> Grade:
        """The rung of a grade.

        Raises:
            DomainError: no such grade.

        >>> Grades.default().rung(7).klass
        'C'
        """
        if grade != int(grade) or not 1 <= grade <= self.worst:
            raise DomainError(f"grade is {grade:g}. Give a whole number from 1 to {self.worst}.")
        return self.rungs[int(grade) - 1]

    def default_rate(
        self, grade: float, *, illustrative: bool = False, defaulted: bool = False
    ) -> float:
        """Probability of default within a year, 0–1. It is an estimate and never feeds a reserve.

        Raises:
            NotAvailableError: the ladder has no calibrated rate and the illustrative one was not
                asked for.
            DomainError: no such grade; a rate of 1 for a customer that has not defaulted.

        >>> Grades.default().default_rate(4, illustrative=True)
        0.005
        """
        rung = self.rung(grade)
        if defaulted:
            return 1.0
        if rung.pd is None:
            raise NotAvailableError(
                f"Grades has no default rate for grade {rung.grade}. Calibrate it."
            )
        if rung.pd_source.casefold() == ILLUSTRATIVE and not illustrative:
            raise NotAvailableError(
                "No default rate has been calibrated. Give Grades with your own rates and where they "
                "come from, or ask for the illustrative ones."
            )
        if rung.pd >= 1:
            raise DomainError(
                f"Grades gives grade {rung.grade} a default rate of 100 %, which only an actual default "
                "has. Say defaulted, or lower the rate."
            )
        return rung.pd


@cache
def _default() -> Grades:
    return Grades.from_csv(data_path("grades.csv"))


def _rung(row: SettingRow) -> Grade:
    grade, start, klass = row.needed("grade"), row.needed("from_score"), row.text("class")
    if not 0 <= start <= 100:
        raise DomainError(f"{row.where}: from_score is {start:g}. Scores run from 0 to 100.")
    if not klass:
        raise BadValueError(f"{row.where}: class is blank. Write A, B or C.")
    rate, source = row.number("pd"), row.text("pd_source")
    if rate is not None and not 0 <= rate <= 1:
        percent = f" {rate:g} means {rate:g} %?" if rate > 1 else " Correct it."
        raise DomainError(f"{row.where}: pd is {rate:g}: a share lies between 0 and 1.{percent}")
    if rate is not None and not source:
        raise BadValueError(
            f"{row.where}: pd has no source. Say where the rate comes from, or '{ILLUSTRATIVE}'."
        )
    if grade != int(grade):
        raise BadValueError(f"{row.where}: grade is {grade:g}. Give a whole number.")
    return Grade(int(grade), start, klass, rate, source)
