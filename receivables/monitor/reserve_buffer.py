"""The management buffer beside the reserve: a share of a year's turnover, in no journal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from receivables import money
from receivables.days import edate, month_end
from receivables.monitor.reserve_tables import BUFFER, rule

MONTHS = 12


def buffers(sales: pl.DataFrame, as_of: date) -> list[dict[str, str]]:
    """Least and most of the buffer per company and currency, of the twelve months to `as_of`.

    Turnover is net where the Sales table has it, else gross. Fewer than twelve months with sales
    give no line: a year is not guessed.

    Returns:
        Rows with heading (not an accounting allowance), company, currency, basis, turnover,
        least, most as decimal text.
    """
    first = month_end(edate(as_of, -MONTHS))
    year = sales.filter((pl.col("month") > pl.lit(first)) & (pl.col("month") <= pl.lit(as_of)))
    found = []
    for (company, currency), own in year.group_by("company", "currency", maintain_order=True):
        if own["month"].n_unique() < MONTHS:
            continue
        basis = "gross" if own["net"].null_count() else "net"
        turnover = int(own[basis].sum())
        found.append(
            {
                "heading": BUFFER,
                "company": str(company or ""),
                "currency": str(currency),
                "basis": basis,
                "turnover": money.text(turnover, str(currency)),
                "least": _part(turnover, "buffer_low", str(currency)),
                "most": _part(turnover, "buffer_high", str(currency)),
            }
        )
    return sorted(found, key=lambda row: (row["company"], row["currency"]))


def _part(turnover: int, name: str, currency: str) -> str:
    return money.text(money.half_up(Decimal(max(turnover, 0)) * rule(name)), currency)
