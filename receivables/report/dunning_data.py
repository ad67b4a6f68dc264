"""What the sheet Dunning is given."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from receivables.respond.dunning_table import DUNNING


@dataclass(frozen=True, slots=True)
class DunningData:
    """Letters due and customers left out (`respond.dunning_table.DUNNING`); money in minor units."""

    frame: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DUNNING))
