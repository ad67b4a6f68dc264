"""What the sheets Plan status, Dispute clocks and Limitation are given."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class PlansData:
    """Instalment plans: the columns of `respond.plans_ledger.PLANS`; money in minor units."""

    frame: pl.DataFrame


@dataclass(frozen=True, slots=True)
class DisputesData:
    """Open disputes: the columns of `respond.disputes_ledger.CLOCKS`; money in minor units."""

    frame: pl.DataFrame


@dataclass(frozen=True, slots=True)
class LimitationData:
    """Debts that are barred soon (`respond.limitation_ledger.DATES`), and how many have no known day."""

    frame: pl.DataFrame
    unknown: int = 0
    guessed: int = 0
    watch_days: int = 0
