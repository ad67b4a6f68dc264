"""Invented ledgers of any size that behave like real ones, kept as parquet in `benchmarks/.cache`.

Customers follow a Zipf law; 3 % of the documents are credit notes, two thirds of them applied to an
invoice; invoices are paid in none to three parts with the customer's own delay; 7 % of the payments
are matched days after they came, 0.3 % are too large, one in fifty is on account.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

CACHE = Path(__file__).parent / ".cache"
SEED = 2026
FIRST_DAY = np.datetime64("2023-11-01", "D")
DAYS = 1096
CURRENCIES = {"EUR": 2, "USD": 2, "CNY": 2, "JPY": 0}
NAMES = ("Aster", "Birke", "Cedro", "Dahlia", "Erle", "Fresno", "Ginkgo", "华松", "东杉", "Linde")
FORMS = ("GmbH", "S.A.", "Ltd", "有限公司", "AB", "S.L.")

Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Tables:
    """The generated ledger: keys are row numbers, amounts minor units, credit notes negative.

    `customers`: customer, customer_id, name, currency, terms_days. `documents`: document, customer,
    currency, issued_on, due_on, amount. `payments`: payment, document (null = on account),
    customer, currency, paid_on, matched_on (null = never), amount. `applied` (credit notes
    matched with invoices): credit, document, applied_on, amount.
    """

    customers: pl.DataFrame
    documents: pl.DataFrame
    payments: pl.DataFrame
    applied: pl.DataFrame


def tables(count: int) -> Tables:
    """The ledger with about that many documents, generated once and then read from the cache."""
    folder = CACHE / f"ledger_{count}"
    names = ("customers", "documents", "payments", "applied")
    if not (folder / "done").exists():
        folder.mkdir(parents=True, exist_ok=True)
        made = generate(count)
        for name in names:
            getattr(made, name).write_parquet(folder / f"{name}.parquet")
        (folder / "done").touch()
    return Tables(*(pl.read_parquet(folder / f"{name}.parquet") for name in names))


def generate(count: int) -> Tables:
    """Invent a ledger; the same count gives the same ledger on every machine."""
    rng = np.random.default_rng(SEED)
    customers, weights = _customers(rng, count)
    invoices = _invoices(rng, customers, weights, count - 3 * count // 100)
    parts = rng.choice([0, 1, 2, 3], size=len(invoices), p=[0.12, 0.74, 0.09, 0.05])
    notes, applied = _credit_notes(rng, invoices, parts, 3 * count // 100)
    payments = _payments(rng, customers, invoices, parts, applied)
    loose = _on_account(rng, customers, weights, max(50, count // 50))
    paid = pl.concat([payments, loose]).sort("paid_on", maintain_order=True)
    documents = pl.concat([invoices, notes]).with_columns(pl.col("document").cast(pl.Int64))
    return Tables(customers, documents, paid.with_row_index("payment"), applied)


def _customers(rng: np.random.Generator, count: int) -> tuple[pl.DataFrame, NDArray[np.float64]]:
    size = max(200, min(200_000, count // 100))
    weights = 1 / np.arange(1, size + 1) ** 0.8
    code = rng.choice(len(CURRENCIES), size=size, p=[0.6, 0.2, 0.15, 0.05])
    number = np.arange(size)
    frame = pl.DataFrame(
        {
            "customer": number,
            "customer_id": [f"{n:06d}" for n in number],
            "name": [f"{NAMES[n % 10]} {n:06d} {FORMS[n % 6]}" for n in number],
            "currency": np.array(list(CURRENCIES))[code],
            "terms_days": rng.choice(
                [0, 14, 30, 45, 60, 90], size=size, p=[0.05, 0.1, 0.5, 0.1, 0.2, 0.05]
            ),
            "delay": rng.gamma(2.0, 12.0, size),
        }
    )
    return frame, weights / weights.sum()


def _invoices(
    rng: np.random.Generator,
    customers: pl.DataFrame,
    weights: NDArray[np.float64],
    count: int,
) -> pl.DataFrame:
    customer = rng.choice(len(weights), size=count, p=weights)
    issued = np.sort(rng.integers(0, DAYS, count)).astype("timedelta64[D]") + FIRST_DAY
    terms = customers["terms_days"].to_numpy()[customer].astype("timedelta64[D]")
    amount = np.exp(rng.normal(11.6, 1.3, count)).astype(np.int64) + 100
    return _documents(
        customers,
        number=np.arange(count),
        customer=customer,
        issued=issued,
        due=issued + terms,
        amount=amount,
    )


def _documents(
    customers: pl.DataFrame, *, number: Ints, customer: Ints, issued: Days, due: Days, amount: Ints
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "document": number,
            "customer": customer,
            "currency": customers["currency"].gather(customer),
            "issued_on": issued,
            "due_on": due,
            "amount": amount,
        }
    )


def _credit_notes(
    rng: np.random.Generator, invoices: pl.DataFrame, parts: Ints, count: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Credit notes of a quarter of an invoice that is paid at most once; two thirds are applied."""
    target = np.sort(rng.choice(np.flatnonzero(parts <= 1), size=count, replace=False))
    wait = rng.integers(1, 41, count).astype("timedelta64[D]")
    gap = np.where(rng.random(count) < 0.6, 0, rng.integers(1, 31, count)).astype("timedelta64[D]")
    base = invoices[target]
    number = len(invoices) + np.arange(count)
    issued = base["issued_on"].to_numpy() + wait
    amount = base["amount"].to_numpy() // 4
    notes = base.with_columns(
        document=pl.Series(number),
        issued_on=pl.Series(issued),
        due_on=pl.Series(issued),
        amount=pl.Series(-amount),
    )
    applied = pl.DataFrame(
        {"credit": number, "document": target, "applied_on": issued + gap, "amount": amount}
    )
    return notes, applied.filter(rng.random(count) < 0.67)


def _payments(
    rng: np.random.Generator,
    customers: pl.DataFrame,
    invoices: pl.DataFrame,
    parts: Ints,
    applied: pl.DataFrame,
) -> pl.DataFrame:
    row = np.repeat(np.arange(len(invoices)), parts)
    turn = np.arange(len(row)) - np.repeat(np.cumsum(parts) - parts, parts)
    customer = invoices["customer"].to_numpy()[row]
    issued, due = (invoices[name].to_numpy()[row] for name in ("issued_on", "due_on"))
    delay = (
        customers["delay"].to_numpy()[customer] * rng.exponential(1.0, len(row)) - 5 + 25 * turn
    )
    paid_on = np.maximum(due + delay.astype("timedelta64[D]"), issued + 1)
    late = np.where(rng.random(len(row)) < 0.07, rng.integers(1, 21, len(row)), 0)
    return pl.DataFrame(
        {
            "document": row,
            "customer": customer,
            "currency": invoices["currency"].gather(row),
            "paid_on": paid_on,
            "matched_on": paid_on + late.astype("timedelta64[D]"),
            "amount": _paid_amounts(rng, invoices, applied, row=row, parts=parts[row], turn=turn),
        }
    ).filter(pl.col("amount") > 0)


def _paid_amounts(
    rng: np.random.Generator,
    invoices: pl.DataFrame,
    applied: pl.DataFrame,
    *,
    row: Ints,
    parts: Ints,
    turn: Ints,
) -> Ints:
    """One payment settles what credit notes leave; two settle all; three leave a twentieth."""
    due = invoices["amount"].to_numpy().copy()
    due[applied["document"].to_numpy()] -= applied["amount"].to_numpy()
    whole = due[row]
    first = whole * 2 // 5
    last = np.where(parts == 2, whole - first, whole * 3 // 20)
    amount = np.where(parts == 1, whole, np.where(turn < parts - 1, first, last))
    return np.where((parts == 1) & (rng.random(len(row)) < 0.003), amount + 5_000, amount)


def _on_account(
    rng: np.random.Generator,
    customers: pl.DataFrame,
    weights: NDArray[np.float64],
    count: int,
) -> pl.DataFrame:
    customer = rng.choice(len(weights), size=count, p=weights)
    paid_on = rng.integers(30, DAYS, count).astype("timedelta64[D]") + FIRST_DAY
    return pl.DataFrame(
        {
            "document": pl.Series([None] * count, dtype=pl.Int64),
            "customer": customer,
            "currency": customers["currency"].gather(customer),
            "paid_on": paid_on,
            "matched_on": pl.Series([None] * count, dtype=pl.Date),
            "amount": np.exp(rng.normal(12.0, 1.0, count)).astype(np.int64),
        }
    )
