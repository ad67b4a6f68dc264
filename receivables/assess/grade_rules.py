"""The figures that grading a ledger and testing its grades rest on, `data/grade_rules.csv`."""

from __future__ import annotations

from functools import cache

from receivables.resources import data_rows


@cache
def rule(name: str) -> float:
    """A figure of the table.

    >>> rule("history_months"), rule("least_events")
    (12.0, 30.0)
    """
    rows = data_rows("grade_rules.csv")
    return next(float(row["value"]) for row in rows if row["rule"] == name)
