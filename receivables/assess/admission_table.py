"""Which customers of a ledger are new, whether they pass the admission gate, and where to look them up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from receivables.assess.admission import ADMITTED, Rule, admit, no_registry
from receivables.assess.limit_policy import LimitPolicy
from receivables.ledger.keys import folded
from receivables.ledger.model import Ledger
from receivables.ledger.open import OpenItems
from receivables.monitor.insolvent_customers import insolvent_customers

ADMISSION: dict[str, pl.DataType] = {
    "customer_id": pl.String(),
    "name": pl.String(),
    "country": pl.String(),
    "since": pl.Date(),
    "registration_no": pl.String(),
    "grade": pl.Int64(),
    "decision": pl.String(),
    "codes": pl.String(),
    "reasons": pl.String(),
    "registry": pl.String(),
    "url": pl.String(),
}
ORDER = {"fail": 0, "conditional": 1, ADMITTED: 2}


def new_customers(
    ledger: Ledger,
    opened: OpenItems,
    *,
    grades: pl.DataFrame | None = None,
    rules: Sequence[Rule] | None = None,
    policy: LimitPolicy | None = None,
    language: str = "en",
) -> pl.DataFrame:
    """Customers new as of a date (`ADMISSION`), the refused first.

    Without a register, `registry` says why and `url` is empty.

    New is who has a date since, or a first document, within the last 180 days of the policy.

    Args:
        ledger: checked tables.
        opened: open items, for the date and first documents.
        grades: customer_key, grade_now; without them no grade is known.
        rules: default `data/admission_rules.csv`.
        policy: days for which a customer is new.
        language: of the reasons, en or zh.
    """
    as_of = opened.as_of
    days = int((policy or LimitPolicy.default())["new_customer_days"])
    customers = ledger["customers"]
    keyed = customers.with_columns(folded(customers["customer_id"]).alias("customer_key"))
    rows = (
        keyed.join(_first_documents(ledger, as_of), on="customer_key", how="left")
        .with_columns(since=pl.coalesce("since", "first_on"))
        .filter(pl.col("since") <= as_of, pl.col("since") > as_of - timedelta(days))
        .join(_insolvent(ledger, as_of), on="customer_key", how="left")
    )
    known = pl.DataFrame(schema={"customer_key": pl.String, "grade_now": pl.Int64})
    graded = (known if grades is None else grades).select(
        "customer_key", pl.col("grade_now").cast(pl.Int64).alias("grade")
    )
    rows = rows.join(graded.unique("customer_key"), on="customer_key", how="left")
    told = [_row(row, rules, language) for row in rows.iter_rows(named=True)]
    rank = pl.col("decision").replace_strict(ORDER, return_dtype=pl.Int32)
    return pl.DataFrame(told, schema=ADMISSION, orient="row").sort(rank, "since", "customer_id")


def _row(
    row: dict[str, object], rules: Sequence[Rule] | None, language: str
) -> tuple[object, ...]:
    found = admit(row, rules)
    registry = found.registry
    return (
        row["customer_id"], row["name"], row["country"], row["since"], row["registration_no"],
        row["grade"], found.decision, found.codes,
        "; ".join(rule.reason(language) for rule in found.failed),
        registry.name if registry else no_registry(row["country"], language),
        registry.url if registry else None,
    )  # fmt: skip


def _first_documents(ledger: Ledger, as_of: date) -> pl.DataFrame:
    documents = ledger["documents"]
    issued = pl.coalesce("posted_on", "issued_on")
    return (
        documents.with_columns(folded(documents["customer_id"]).alias("customer_key"))
        .filter(issued <= as_of)
        .group_by("customer_key")
        .agg(issued.min().alias("first_on"))
    )


def _insolvent(ledger: Ledger, as_of: date) -> pl.DataFrame:
    known = insolvent_customers(ledger["events"], as_of)
    return known.select("customer_key", insolvency=pl.lit(value=True))
