"""Terms on which instruments are offered, read from one headed range; none is assumed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from receivables.errors import BadValueError
from receivables.ledger.schema import Column
from receivables.ledger.spelling import fold
from receivables.resources import data_rows
from receivables.transfer.headed import Rows, one_record, read_cell

Terms = dict[str, Any]


def terms_of(rows: Rows) -> Terms:
    """Terms of a range by name; what is blank or left out is absent, conventions have a default.

    Raises:
        BadValueError: an unknown heading, a cell that cannot be read.
        DomainError: a share outside 0–1.

    >>> terms = terms_of([["funding_rate", "5%"], ["premium_rate", 0.003]])
    >>> terms["premium_rate"], terms["year_days"]
    (Decimal('0.003'), 365)
    """
    record = one_record(rows, _known(), "The range", strict=True)
    found: Terms = dict(_conventions())
    for name, cell in record.items():
        value = read_cell(cell, _columns()[name])
        if value is not None:
            found[name] = Decimal(repr(value)) if isinstance(value, float) else value
    for name in ("year_days", "lc_quarter_days", "first_days", "step_days"):
        if found.get(name) == 0:
            raise BadValueError(f"terms, {name} is 0. Give days above 0, or leave it out.")
    return found


def missing(terms: Terms, *names: str) -> list[str]:
    """Those of the names that the terms do not say.

    >>> missing({"pd": 1}, "pd", "lgd")
    ['lgd']
    """
    return [name for name in names if name not in terms]


def needed(terms: Terms, *names: str) -> None:
    """Refuse terms that leave out what the question needs.

    Raises:
        BadValueError: names what is missing and what it means.
    """
    gaps = missing(terms, *names)
    if gaps:
        told = ", ".join(f"{name} ({_columns()[name].help_en})" for name in gaps)
        raise BadValueError(f"The terms do not say {told}. Add it to the range.")


def unusual(terms: Terms, names: Sequence[str]) -> list[str]:
    """Terms outside the range that published offers have; they are used all the same.

    >>> unusual({"premium_rate": Decimal("0.03")}, ["premium_rate"])
    ['premium_rate 0.03 is outside the usual 0.001 to 0.015']
    """
    found = []
    for row in data_rows("instrument_costs.csv"):
        value = terms.get(row["term"])
        if row["term"] not in names or value is None or not row["low"]:
            continue
        if value and not Decimal(row["low"]) <= value <= Decimal(row["high"]):
            found.append(
                f"{row['term']} {value:f} is outside the usual {row['low']} to {row['high']}"
            )
    return found


@cache
def _columns() -> dict[str, Column]:
    return {
        row["term"]: Column(
            "instrument_costs",
            row["term"],
            row["type"],
            False,
            (),
            (),
            row["help_en"],
            row["help_zh"],
        )
        for row in data_rows("instrument_costs.csv")
    }


@cache
def _known() -> dict[str, str]:
    return {
        fold(word): row["term"]
        for row in data_rows("instrument_costs.csv")
        for word in (row["term"], *row["words_en"].split("|"), *row["words_zh"].split("|"))
    }


@cache
def _conventions() -> dict[str, int]:
    return {
        row["term"]: int(row["default"])
        for row in data_rows("instrument_costs.csv")
        if row["default"]
    }
