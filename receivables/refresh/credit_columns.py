"""Columns of the credit manager beside the customers of Aging and the documents of Open items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from receivables.refresh.credit_found import Found
from receivables.report.data import ReportData

INSURED_ITEM = ["company", "customer_id", "document_no", "instalment"]


def with_columns(data: ReportData, found: Found) -> ReportData:
    """Aging with limit, share used, insured and grade; open items with the end of cover and the day to act.

    A limit stands only in rows of its own currency: the share used, worked out in the limit's
    currency, stands in all rows of the customer. Insured is of the row's company and currency.
    """
    aging = data.aging
    if found.limits:
        aging = _joined(aging, _limits(found.limits.frame), ["customer_id", "currency"])
        aging = _joined(aging, _used(found.limits.frame), ["customer_id"])
    if found.insurance:
        buyers = found.insurance.buyers.select("company", "customer_id", "currency", "insured")
        aging = _joined(aging, buyers, ["company", "customer_id", "currency"])
    if found.grades:
        aging = _joined(aging, found.grades.frame.select("customer_id", "grade"), ["customer_id"])
    items = data.items
    if found.insurance:
        items = _joined(items, _covered(found.insurance.items), INSURED_ITEM)
    return replace(data, aging=aging, items=items)


def _limits(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select("customer_id", "currency", credit_limit="limit")


def _used(frame: pl.DataFrame) -> pl.DataFrame:
    """The greatest share used of a customer's limits."""
    return frame.group_by("customer_id").agg(pl.col("used").max().alias("limit_used"))


def _covered(items: pl.DataFrame) -> pl.DataFrame:
    """Day by which to report and the working day before it, of what is under cover."""
    under = items.filter(pl.col("insured") > 0)
    return under.select(
        *INSURED_ITEM[:3], pl.col("instalment").cast(pl.String), report_by="notify", act_by="act_by",
    )  # fmt: skip


def _joined(frame: pl.DataFrame, more: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Columns of another table beside the rows of this one: no row more, none less."""
    single = more.unique(list(keys), keep="first", maintain_order=True)
    return frame.join(single, on=list(keys), how="left", nulls_equal=True, maintain_order="left")
