"""What the sheets Letters and Letter items are given."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from receivables.respond.dunning_journal import schema


@dataclass(frozen=True, slots=True)
class LettersData:
    """The journal of letters (SCHEMA §10), each letter in its latest state; money in minor units."""

    letters: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=schema("letters")))
    items: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema=schema("letter_items"))
    )
