"""The ledger's tables and columns, read from `data/columns.csv`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from receivables.resources import data_rows


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an input table."""

    table: str
    name: str
    type: str
    required: bool
    choices: tuple[str, ...]
    synonyms: tuple[str, ...]
    help_en: str
    help_zh: str
    unit: str = ""


@cache
def tables() -> dict[str, dict[str, Column]]:
    """All input tables: name → column name → Column, in the order of the file.

    >>> tables()["documents"]["amount"].type
    'amount'
    """
    found: dict[str, dict[str, Column]] = {}
    for row in data_rows("columns.csv"):
        column = Column(
            table=row["table"],
            name=row["column"],
            type=row["type"],
            required=row["required"] == "yes",
            choices=_parts(row["choices"]),
            synonyms=_parts(row["synonyms_en"]) + _parts(row["synonyms_zh"]),
            help_en=row["help_en"],
            help_zh=row["help_zh"],
            unit=row["unit"],
        )
        found.setdefault(column.table, {})[column.name] = column
    return found


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|") if part.strip())
