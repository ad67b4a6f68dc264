"""Open items by hand, on any embedded engine, for the tests of aging and what stands on it."""

from datetime import date, timedelta

import duckdb
import narwhals as nw
import polars as pl
from hypothesis import strategies as st

from receivables.ledger.open import OpenItems

AS_OF = date(2026, 10, 31)
ENGINES = ("polars", "duckdb", "pandas", "pandas-numpy")
ITEMS = {
    "item": pl.Int64, "party": pl.Int64, "issued_on": pl.Date, "due_on": pl.Date,
    "credit": pl.Boolean, "amount": pl.Int64, "paid": pl.Int64, "credited": pl.Int64, "open": pl.Int64,
}  # fmt: skip
PARTIES = [
    # party, company, account, customer_id, name, currency, intercompany, country, salesperson
    (1, "A", "1200", "00123", "Ångström AB", "EUR", None, "SE", "Wei"),
    (2, "A", "1200", "123", "Trading Ltd", "EUR", False, "GB", "Wei"),
    (3, "B", "1200", "00123", "Ångström AB", "EUR", None, "SE", "Wei"),
    (4, "A", "1200", "00123", "Ångström AB", "JPY", None, "SE", "Wei"),
    (5, "A", "1210", "Z9", "Sister GmbH", "EUR", True, "DE", None),
]


def native(frame, engine):
    if engine == "polars":
        return frame.lazy()
    if engine == "duckdb":
        return duckdb.connect().from_arrow(frame.to_arrow())
    return frame.to_pandas(use_pyarrow_extension_array=engine == "pandas")


def opened(rows, engine="polars", details=None):
    """Open items from rows of dicts: item, party, due_on, open, and more where a test needs it."""
    full = [
        {
            "issued_on": date(2026, 6, 1),
            "credit": row["open"] < 0,
            "amount": row["open"],
            "paid": 0,
            "credited": 0,
        }
        | row
        for row in rows
    ]
    items = pl.DataFrame(full, schema=ITEMS)
    names = (
        "party",
        "company",
        "account",
        "customer_id",
        "name",
        "currency",
        "intercompany",
        "country",
        "salesperson",
    )
    numbers = [row["item"] for row in rows]
    base = {"item": numbers, "document_no": [f"D{number}" for number in numbers],
            "instalment": ["2" if number == 2 else None for number in numbers]}  # fmt: skip
    return OpenItems(
        as_of=AS_OF,
        match_cutoff=AS_OF,
        items=nw.from_native(native(items, engine)).lazy(),
        applied=None,
        parties=pl.DataFrame(PARTIES, schema=names, orient="row"),
        details=pl.DataFrame(
            base | (details or {}), schema_overrides={"item": pl.Int64, "instalment": pl.String}
        ),
    )


def item(number, party, days, amount):
    """An item some days past due; None = no due date."""
    due_on = None if days is None else AS_OF - timedelta(days)
    return {"item": number, "party": party, "due_on": due_on, "open": amount}


MIXED = [
    item(1, 1, 91, 10_000), item(2, 1, 31, 5_000), item(3, 1, -4, 700), item(4, 1, None, 60),
    item(5, 1, 10, -12_000), item(6, 2, 30, 333), item(7, 2, None, -1_000), item(8, 4, 1, 9),
    item(9, 5, 400, 9_007_199_254_740_993), item(10, 3, 0, 1),
]  # fmt: skip
"""Customer 1 in two companies and two currencies, a credit larger than the oldest item, a surplus,
a sum beyond 2^53 and one cent."""


def table(aged, *columns):
    return aged.frame.select(columns).rows()


@st.composite
def ledgers(draw):
    days = st.one_of(
        st.none(), st.integers(-100, 400), st.sampled_from([0, 1, 29, 30, 31, 60, 61, 90, 91])
    )
    amounts = st.one_of(st.integers(-500, 500), st.integers(-(10**12), 10**12)).filter(bool)
    parts = draw(
        st.lists(st.tuples(st.integers(1, 5), days, amounts, st.integers(0, 900)), max_size=25)
    )
    return [
        item(number, party, past, amount) | {"issued_on": AS_OF - timedelta(ago)}
        for number, (party, past, amount, ago) in enumerate(parts)
    ]
