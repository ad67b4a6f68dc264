"""An invented month end for the report tests: many customers, three currencies, awkward names."""

from __future__ import annotations

import random
from datetime import date, timedelta

import polars as pl

from receivables.errors import Issue
from receivables.monitor.buckets import Buckets
from receivables.report.data import (
    AGING_SCHEMA,
    CREDIT_SCHEMA,
    CUT_OFF_SCHEMA,
    ITEMS_SCHEMA,
    BridgeLine,
    Concentration,
    ReportData,
    SourceFile,
    TieOut,
)
from receivables.settings import Settings

AS_OF = date(2026, 10, 31)
TRAPS = ["=1+1", "+SUM(A1)", "-2", "@cmd", "<r><t>x</t></r>", "A&B <Ltd>", "bell\x07", "_x0041_"]
NAMES = [
    "上海东方国际贸易有限公司", "Müller & Söhne GmbH", "Łódzkie Zakłady Przemysłu Bawełnianego",
    "Société Générale de Distribution et de Représentation Européenne S.A.R.L.", "深圳市华强电子",
    "Brown Bros Ltd", "Óptica Ibérica SA", "株式会社山田製作所", "O'Neill Traders", "Aalto Oy",
]  # fmt: skip
SIZES = {"CNY": 6_000_000, "EUR": 800_000, "JPY": 9_000_000}


def sample(
    customers: int = 84, items_each: int = 4, seed: int = 7, **changes: object
) -> ReportData:
    """A report whose sums tie; `changes` replace fields of ReportData."""
    chance = random.Random(seed)
    settings = changes.pop("settings", Settings())
    buckets = Buckets.parse(settings.edges)
    rows = [row for n in range(customers) for row in _customer(n, items_each, chance, buckets)]
    items = pl.DataFrame(rows, schema=ITEMS_SCHEMA, orient="row")
    fields = {
        "as_of": AS_OF,
        "settings": settings,
        "bucket_labels": buckets.labels,
        "tie_outs": tie_outs(items),
        "aging": aging(items, buckets.labels),
        "items": items,
        "concentration": concentration(items, settings.top_n),
        "credit_balances": credit_balances(items),
        "cut_off": cut_off(items),
        "issues": issues(),
        "set_aside": set_aside(),
        "bridge": bridge(items),
        "sources": (SourceFile("ledger & co.xlsx", "9f2c" * 16, 4512),),
        "firm": "Harbour Trading",
        "prior_as_of": date(2026, 9, 30),
    }
    return ReportData(**(fields | changes))


def _customer(n: int, count: int, chance: random.Random, buckets: Buckets) -> list[tuple]:
    name = TRAPS[n] if n < len(TRAPS) else f"{NAMES[n % len(NAMES)]} {n}"
    company = "1000" if n % 3 else "2000"
    currency = ("EUR", "EUR", "CNY", "JPY")[n % 4]
    scale = SIZES[currency] // (1 + n // 5)
    return [_item(n, k, name, company, currency, scale, chance, buckets) for k in range(count)]


def _item(
    n: int, k: int, name: str, company: str, currency: str, scale: int, chance: random.Random,
    buckets: Buckets,
) -> tuple:  # fmt: skip
    kind = (
        "payment"
        if k == 3 and n % 5 == 0
        else "credit_note"
        if k == 3 and n % 7 == 0
        else "invoice"
    )
    due = None if chance.random() < 0.02 else AS_OF - timedelta(chance.randint(-45, 150))
    amount = chance.randint(scale // 4, scale) * (1 if kind == "invoice" else -3)
    paid = amount // 3 if chance.random() < 0.2 else 0
    disputed = amount // 2 if chance.random() < 0.05 else None
    return (
        f"{n * 10 + k:08d}", None, kind, company, "1131", f"{n:05d}", name, currency,
        (due or AS_OF) - timedelta(30), due, (AS_OF - due).days if due else None,
        buckets.label(due, AS_OF), amount, paid, 0, amount - paid, disputed,
        AS_OF + timedelta(9) if disputed else None, "short delivery" if disputed else None,
        f"S{n % 4}", None,
    )  # fmt: skip


def aging(items: pl.DataFrame, labels: tuple[str, ...]) -> pl.DataFrame:
    """Aging with credits in a column of their own."""
    debit = pl.col("amount") > 0
    sums = [
        pl.col("open").filter(debit & (pl.col("bucket") == text)).sum().alias(f"b{index}")
        for index, text in enumerate(labels)
    ]
    late = debit & (pl.col("days_past_due") >= 30)
    keys = ["company", "account", "customer_id", "name", "currency"]
    found = items.group_by(keys).agg(
        pl.col("open").sum(),
        pl.col("open").filter(~debit).sum().alias("unapplied"),
        pl.col("open").filter(late).sum().alias("over_30"),
        *sums,
    )
    return found.select(
        *AGING_SCHEMA, *(f"b{i}" for i in range(len(labels))), (pl.col("open") * 9 // 10).alias("prior")
    ).sort("customer_id")  # fmt: skip


def tie_outs(items: pl.DataFrame) -> tuple[TieOut, ...]:
    """One block per company, account and currency."""
    blocks = items.group_by("company", "account", "currency").agg(
        pl.col("open").sum(), pl.col("open").filter(pl.col("open") > 0).sum().alias("debits")
    )
    found = []
    order = ("company", "account", "currency")
    for company, account, currency, open_, debits in blocks.sort(order).rows():
        settled, after, aside = open_ * 3, open_ // 7, 12_345
        found.append(
            TieOut(
                company, account, currency, open_ + settled + after + aside, open_ + settled, after,
                aside, 0, settled, open_, open_, open_, open_ if company == "1000" else None, None,
                debits, open_ - debits,
            )
        )  # fmt: skip
    return tuple(found)


def concentration(items: pl.DataFrame, top: int) -> tuple[Concentration, ...]:
    """Largest debit balances by currency."""
    found = []
    for (currency,), part in sorted(items.group_by("currency")):
        sums = part.group_by("customer_id", "name").agg(pl.col("open").sum())
        sums = sums.filter(pl.col("open") > 0).sort(
            "open", "customer_id", descending=[True, False]
        )
        total = int(sums["open"].sum())
        share = (pl.col("open") / total).alias("share")
        full = sums.with_columns(share).with_columns(pl.col("share").cum_sum().alias("cumulative"))
        hhi = float((full["share"] ** 2).sum())
        found.append(Concentration(str(currency), full.head(top), hhi, total, full.height))
    return tuple(found)


def credit_balances(items: pl.DataFrame) -> pl.DataFrame:
    """Customers in credit."""
    debit = pl.col("open") > 0
    keys = ["company", "account", "customer_id", "name", "currency"]
    sums = items.group_by(keys).agg(
        pl.col("open").filter(debit).sum().alias("debits"),
        pl.col("open").filter(~debit).sum().alias("credits"),
        pl.col("open").sum().alias("balance"),
    )
    return sums.filter(pl.col("balance") < 0).select(*CREDIT_SCHEMA)


def cut_off(items: pl.DataFrame) -> pl.DataFrame:
    """A few documents around the as-of date."""
    near = items.head(9).with_columns(
        pl.lit(AS_OF + timedelta(2)).alias("posted_on"),
        pl.lit(AS_OF - timedelta(1)).alias("delivered_on"),
        pl.lit(None, pl.Date).alias("entered_on"),
        pl.lit(2, pl.Int64).alias("days"),
        pl.lit("posted_after").alias("finding"),
    )
    return near.select(*CUT_OFF_SCHEMA)


def issues() -> list[Issue]:
    """One of each level, notes first, so that sorting shows."""
    note = Issue("no_due_date", "note", "documents", "ledger.xlsx", "Documents", "H12", "due_on", "",
                 "Document 00000012 has no due date.", "It is shown under No due date.")  # fmt: skip
    warn = Issue("near_duplicate", "warning", "customers", "ledger.xlsx", "Customers", "A7",
                 "customer_id", "123", "Customers 00123 and 123 look like one.", "Check; they are kept apart.")  # fmt: skip
    fault = Issue("bad_amount", "error", "documents", "ledger.xlsx", "Documents", "K5004", "amount",
                  "12,3.4", "The amount '12,3.4' cannot be read.", "Correct the cell; the row is set aside.")  # fmt: skip
    return [note, warn, fault, warn]


def set_aside() -> pl.DataFrame:
    """Two rows not used, one of them unreadable."""
    return pl.DataFrame(
        {
            "table": ["documents", "payments"], "code": ["bad_amount", "unknown_currency"],
            "company": ["1000", "1000"], "account": ["1131", "1131"], "currency": ["EUR", ""],
            "customer_id": ["00007", "00009"], "document_no": ["=HYPERLINK(1)", "P-1"],
            "amount": [None, 12345], "amount_text": ["12,3.4", "123.45"],
            "_source": [0, 0], "_row": [5004, 17],
        }
    )  # fmt: skip


def bridge(items: pl.DataFrame) -> tuple[BridgeLine, ...]:
    """Carrying and closing amounts in EUR."""
    rates = {"EUR": "1", "CNY": "0.1205", "JPY": "0.0058"}
    found = []
    for (company, currency), part in sorted(items.group_by("company", "currency")):
        total = int(part["open"].sum())
        closing = total if currency == "EUR" else total // 8
        carrying = closing if currency == "EUR" else closing * 98 // 100
        found.append(
            BridgeLine(
                str(company),
                "1131",
                str(currency),
                total,
                "EUR",
                carrying,
                rates[str(currency)],
                closing,
            )
        )
    return tuple(found)
