"""Score and grade of many customers in one pass over columns; each row as `score` grades it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from receivables.assess.credit_rules import Rule, Rules
from receivables.assess.factors import Value, known_factors, read_factor
from receivables.assess.grades import Grades
from receivables.assess.ratings import Rating
from receivables.assess.score import too_little
from receivables.assess.scorecard import NOISE, Scale, Scorecard, class_name
from receivables.cells.faults import IncomingError
from receivables.errors import BadValueError, ReceivablesError

ADDED = ("score", "confidence", "grade", "class", "caps", "missing", "problem")
"""Columns that `grade_table` adds; `problem` says why a row has no grade."""


def grade_table(
    frame: pl.DataFrame,
    scorecard: Scorecard | None = None,
    grades: Grades | None = None,
    rules: Rules | None = None,
) -> pl.DataFrame:
    """The frame with score, confidence, grade, class, caps, missing and problem added.

    Columns named after a factor (`data/credit_factors.csv`, or one of the scorecard's own) are
    scored; all others are carried along. A row that cannot be graded has no grade and a problem.

    Raises:
        BadValueError: a factor of the scorecard's own without a column; a column the result adds.

    >>> frame = pl.DataFrame({"customer_id": ["00123"], "days_beyond_terms": [12], "late_rate": [0.3]})
    >>> grade_table(frame).select("customer_id", "grade", "class", "confidence").row(0)
    ('00123', 4, 'B', 0.6)
    """
    card, ladder = scorecard or Scorecard.default(), grades or Grades.default()
    rules = rules or Rules.default()
    _refuse_taken(frame)
    names = [name for name in frame.columns if _is_factor(name, card)]
    card.refuse_own(names)
    values, problems = _values(frame, names, card)
    points, unknown = _points(values, card)
    rows = pl.Series("row", range(frame.height), dtype=pl.Int64)
    work = pl.DataFrame([rows, *values.values(), *points]).with_columns(
        *_weights(card, rules, values), *_limits(rules, ladder, values)
    )
    graded = _graded(work, card, ladder, rules)
    faults = [*problems, *unknown, _too_little(graded, ladder, rules)]
    problem = pl.DataFrame(faults).select(pl.coalesce(pl.all()).alias("problem"))["problem"]
    spoiled = problem.is_not_null()
    added = graded.select(
        pl.when(spoiled).then(None).otherwise(pl.col(name)).alias(name)
        if name in {"score", "grade", "class", "caps"}
        else pl.col(name)
        for name in ADDED[:-1]
    )
    return frame.hstack([*added.get_columns(), problem])


def _refuse_taken(frame: pl.DataFrame) -> None:
    for name in ADDED:
        if name in frame.columns:
            raise BadValueError(f"The table has a column '{name}' already. Rename it first.")


def _is_factor(name: str, card: Scorecard) -> bool:
    factor = known_factors().get(name)
    return name in card.by_factor or (factor is not None and factor.kind != "label")


def _values(
    frame: pl.DataFrame, names: list[str], card: Scorecard
) -> tuple[dict[str, pl.Series], list[pl.Series]]:
    """Columns as read, None where missing or faulty; and the faults in words."""
    values, problems = {}, []
    for number, name in enumerate(names):
        found, fault = _read_column(name, frame[name], card.by_factor.get(name))
        values[name] = found.alias(f"v:{name}")
        problems.append(fault.alias(f"f{number}"))
    return values, problems


def _read_column(name: str, column: pl.Series, scale: Scale | None) -> tuple[pl.Series, pl.Series]:
    factor = known_factors().get(name)
    if column.dtype.is_numeric() and (factor is None or factor.kind in {"number", "share"}):
        numbers = column.cast(pl.Float64).fill_nan(None)
        fine = numbers.is_between(factor.least, factor.most) if factor else numbers.is_finite()
        if fine.fill_null(value=True).all():
            return numbers, pl.Series([None], dtype=pl.String).new_from_index(0, len(column))
    known = {cell: _read_cell(name, cell, scale) for cell in column.unique().to_list()}
    cells = [known[cell] for cell in column.to_list()]
    kind = factor.kind if factor else scale.kind if scale else ""
    return _typed([value for value, _ in cells], kind), pl.Series(
        [why for _, why in cells], dtype=pl.String
    )


def _read_cell(name: str, cell: Any, scale: Scale | None) -> tuple[Value | None, str | None]:
    try:
        value = read_factor(name, cell)
        if isinstance(value, str) and scale and scale.kind != "class":
            scale.points(value)
    except IncomingError as fault:
        return None, f"{name}: the cell holds {fault.error.code}."
    except ReceivablesError as fault:
        return None, str(fault)
    return value, None


def _typed(cells: list[Value | None], kind: str) -> pl.Series:
    """A rating is scored by its grade, a class by its name."""
    if kind == "class":
        names = [None if cell is None else class_name(cell) for cell in cells]
        return pl.Series(names, dtype=pl.String)
    plain = [float(cell.grade) if isinstance(cell, Rating) else cell for cell in cells]
    return pl.Series(plain, dtype=pl.Boolean if kind == "flag" else pl.Float64)


def _points(
    values: dict[str, pl.Series], card: Scorecard
) -> tuple[list[pl.Series], list[pl.Series]]:
    """Points of every factor the scorecard weighs; and values it does not know, in words."""
    points, problems = [], []
    for scale in card.scales:
        if scale.factor in values:
            found, fault = _points_of(scale, values[scale.factor])
            points.append(found.alias(f"p:{scale.factor}"))
            problems.append(fault.alias(f"u:{scale.factor}"))
    return points, problems


def _points_of(scale: Scale, column: pl.Series) -> tuple[pl.Series, pl.Series]:
    if column.dtype == pl.Float64 and scale.kind != "class":
        earned = pl.Series([item.points for item in scale.earned])
        cuts = pl.Series(scale.cuts, dtype=pl.Float64)
        place = cuts.search_sorted(column.fill_null(0.0), side="left")
        found = earned.gather(place).zip_with(column.is_not_null(), _blank(column, pl.Float64))
        return found, _blank(column, pl.String)
    known: dict[Any, tuple[float | None, str | None]] = {None: (None, None)}
    for cell in column.drop_nulls().unique().to_list():
        try:
            known[cell] = (scale.points(cell).points, None)
        except BadValueError as fault:
            known[cell] = (None, str(fault))
    cells = [known[cell] for cell in column.to_list()]
    return (
        pl.Series([earned_points for earned_points, _ in cells], dtype=pl.Float64),
        pl.Series([why for _, why in cells], dtype=pl.String),
    )


def _blank(like: pl.Series, dtype: Any) -> pl.Series:
    return pl.Series([None], dtype=dtype).new_from_index(0, len(like))


def _weights(card: Scorecard, rules: Rules, values: Mapping[str, pl.Series]) -> list[pl.Expr]:
    """Points × weight, the weight known, the weight it counts for, and the names of what is missing."""
    earned, known, withheld = pl.lit(0.0), pl.lit(0.0), pl.lit(0.0)
    missing, weighed = [], []
    flags = {name: flag for name, flag, _ in rules.nil}
    for scale in card.scales:
        name = scale.factor
        here = pl.col(f"v:{name}").is_not_null() if name in values else pl.lit(value=False)
        if name in values:
            earned += pl.col(f"p:{name}").fill_null(0.0) * scale.weight
        known += pl.when(here).then(scale.weight).otherwise(0.0)
        if flags.get(name) in values:
            refused = pl.col(f"v:{flags[name]}").fill_null(value=False)
            withheld += pl.when(refused & ~here).then(scale.weight).otherwise(0.0)
        missing.append(pl.when(~here).then(pl.lit(name)))
        weighed.append(pl.when(~here).then(pl.lit(f"{name} ({scale.weight:g})")))
    return [
        earned.alias("earned"),
        known.alias("known"),
        (known + withheld).alias("counted"),
        pl.concat_str(missing, separator=", ", ignore_nulls=True).alias("missing"),
        pl.concat_str(weighed, separator=", ", ignore_nulls=True).alias("weighed"),
    ]


def _limits(rules: Rules, ladder: Grades, values: Mapping[str, pl.Series]) -> list[pl.Expr]:
    """The best grade the rules allow, and which rules are met."""
    met = [(rule, _met(rule, values)) for rule in rules.limits]
    grades = [pl.when(test).then(min(rule.grade, ladder.worst)).otherwise(1) for rule, test in met]
    names = [pl.when(test).then(pl.lit(rule.id)) for rule, test in met]
    return [
        pl.max_horizontal(pl.lit(1), *grades).cast(pl.Int64).alias("limit"),
        pl.concat_str([pl.lit(None, pl.String), *names], separator=", ", ignore_nulls=True).alias(
            "caps"
        ),
    ]


def _met(rule: Rule, values: Mapping[str, pl.Series]) -> pl.Expr:
    given = [pl.col(f"v:{name}") for name in rule.factors if name in values]
    if rule.test == "missing":
        return pl.all_horizontal(pl.lit(value=True), *(column.is_null() for column in given))
    if not given:
        return pl.lit(value=False)
    if rule.test == "yes":
        return given[0].fill_null(value=False)
    met = given[0] > rule.value if rule.test == "above" else given[0] < rule.value
    return met.fill_null(value=False)


def _graded(work: pl.DataFrame, card: Scorecard, ladder: Grades, rules: Rules) -> pl.DataFrame:
    enough = pl.col("confidence") >= rules.minimum_weight - NOISE
    score = (pl.col("earned") / pl.col("counted")).clip(0.0, 100.0)
    below = [(pl.col("score") < start).cast(pl.Int64) for start in ladder.starts]
    own = pl.sum_horizontal(pl.lit(1), *below)
    classes = {rung.grade: rung.klass for rung in ladder.rungs}
    return (
        work.with_columns((pl.col("known") / card.weight).alias("confidence"))
        .with_columns(pl.when(enough).then(score).alias("score"))
        .with_columns(
            pl.when(enough).then(own).otherwise(ladder.worst).cast(pl.Int64).alias("own")
        )
        .with_columns(pl.max_horizontal("own", "limit").alias("grade"))
        .with_columns(
            pl.col("grade").replace_strict(classes, return_dtype=pl.String).alias("class")
        )
    )


def _too_little(graded: pl.DataFrame, ladder: Grades, rules: Rules) -> pl.Series:
    """Why a row has no grade although every cell could be read."""
    known = {share: f"{100 * share:.0f}" for share in graded["confidence"].unique().to_list()}
    return graded.select(
        pl.when(pl.col("score").is_null() & (pl.col("limit") < ladder.worst)).then(
            pl.format(
                too_little("{}", "{}", rules),
                pl.col("confidence").replace_strict(known, return_dtype=pl.String),
                "weighed",
            )
        )
    ).to_series()
