"""Which debts an instalment plan protects: those of plans that are kept as of a day."""

from __future__ import annotations

from typing import Any

import polars as pl

from receivables.ledger.model import Ledger
from receivables.ledger.open import OpenItems
from receivables.respond.dunning import PLANS
from receivables.respond.plans_ledger import STANDING, plan_states


def plans_kept(ledger: Ledger, opened: OpenItems) -> pl.DataFrame:
    """Plans in good standing: columns `PLANS`, one row per document of a plan.

    A plan without documents protects everything posted by the day it was agreed; one that was
    withdrawn, is paid, or is in breach protects nothing.

    Args:
        ledger: Plans and PlanInstalments.
        opened: open items as of the day.
    """
    kept = plan_states(ledger, opened).filter(pl.col("state").is_in(STANDING))
    rows: list[dict[str, Any]] = [
        {name: plan.get(name) for name in PLANS} | {"document_no": document}
        for plan in kept.iter_rows(named=True)
        for document in plan["documents"] or [None]
    ]
    return pl.DataFrame(rows, schema=PLANS, orient="row")
