"""The bridge from the aging total to the ECL base, against an oracle that takes one item at a time."""

from datetime import date
from functools import cache

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.demo import build_firm, write_folder
from receivables.ledger.open import OpenItems
from receivables.monitor.reserve_base import STEPS, ecl_base, portion
from receivables.refresh import load
from tests.oracle import reserve_oracle

AS_OF = date(2026, 10, 31)
RULES = [{"customer": "00168"}, {"customer": "00109", "currency": "EUR"}]


@cache
def demo(folder):
    write_folder(build_firm(), folder)
    return load(folder, as_of=AS_OF)


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    return demo(tmp_path_factory.mktemp("reserve"))


def rules_frame(rules):
    return pl.DataFrame(
        {
            "rule": range(len(rules)),
            "company": [rule.get("company", "") for rule in rules],
            "currency": [rule.get("currency", "") for rule in rules],
            "customer_key": [rule.get("customer", "") for rule in rules],
            "document_key": [rule.get("document", "") for rule in rules],
        },
        schema_overrides={"rule": pl.Int64},
    )


def plain(opened, disputes, as_of):
    """Open items as the oracle reads them, disputes looked up row by row."""
    found = []
    listed = list(disputes.iter_rows(named=True))
    for row in opened.frame().iter_rows(named=True):
        found.append(
            {
                "item": row["item"], "company": row["company"], "currency": row["currency"],
                "customer": row["customer_key"], "document": row["document_key"],
                "kind": row["kind"], "open": row["open"], "day": row["due_on"],
                "intercompany": bool(row["intercompany"]),
                "disputed": disputed(row, listed, as_of),
            }
        )  # fmt: skip
    return found


def disputed(row, listed, as_of):
    if row["disputed_on"]:
        if row["disputed_on"] > as_of or (row["disputed_until"] or as_of) < as_of:
            return 0
        return abs(row["disputed_amount"] or row["open"])
    claims = [
        claim
        for claim in listed
        if (claim["company"], claim["document_no"]) == (row["company"], row["document_no"])
        and claim["opened_on"] <= as_of < (claim["closed_on"] or date.max)
    ]
    return sum(abs(claim["amount"]) for claim in claims)


@pytest.mark.parametrize("on", [date(2026, 3, 31), date(2026, 9, 30), AS_OF])
@pytest.mark.parametrize("rules", [[], RULES])
def test_the_bridge_of_the_demo_firm_agrees_with_the_oracle(books, on, rules) -> None:
    opened = books.open(on)
    found = ecl_base(opened, disputes=books.ledger["disputes"], rules=rules_frame(rules))
    steps, left = reserve_oracle.bridge(plain(opened, books.ledger["disputes"], on), rules)
    assert found.ties
    for row in found.bridge.iter_rows(named=True):
        expected = steps[row["company"], row["currency"]]
        assert {name: row[name] for name in STEPS} == {name: expected[name] for name in STEPS}
    assert dict(found.items.select("item", "base").iter_rows()) == left


def test_the_aging_total_of_the_bridge_is_the_ledger(books) -> None:
    found = ecl_base(books.open(AS_OF))
    assert found.bridge["aging_total"].sum() == books.open(AS_OF).frame()["open"].sum()


def opened_of(rows):
    frame = pl.DataFrame(rows)
    parties = frame.select("party", "company", "customer_key", "currency", "intercompany").unique()
    return OpenItems(
        as_of=AS_OF,
        match_cutoff=AS_OF,
        items=nw.from_native(frame.select("item", "party", "issued_on", "due_on", "open").lazy()),
        applied=nw.from_native(pl.LazyFrame()),
        parties=parties.with_columns(
            customer_id="customer_key", name="customer_key", account=pl.lit("")
        ),
        details=frame.select("item", "kind", "document_no", "document_key", "disputed_amount", "disputed_on", "disputed_until"),
    )  # fmt: skip


item = st.fixed_dictionaries(
    {
        "party": st.integers(0, 3),
        "open": st.integers(-900, 900).filter(bool),
        "day": st.one_of(st.none(), st.dates(date(2026, 5, 1), date(2027, 1, 31))),
        "kind": st.sampled_from(["invoice", "credit_note", "advance", "deposit", "payment"]),
        "disputed": st.sampled_from([0, 0, 50, 2000]),
    }
)


@settings(max_examples=150, deadline=None)
@given(st.lists(item, min_size=1, max_size=14), st.sets(st.integers(0, 3)))
def test_any_ledger_ties_and_agrees_with_the_oracle(rows, alone) -> None:
    """Parties 0 and 1 are one customer with two accounts; party 3 is of our own group."""
    owner = ["c0", "c0", "c2", "c3"]
    built = [
        {
            "item": number, "party": row["party"], "company": "X", "currency": "EUR",
            "customer_key": owner[row["party"]], "intercompany": row["party"] == 3,
            "issued_on": row["day"], "due_on": row["day"], "open": row["open"],
            "kind": row["kind"], "document_no": f"D{number}", "document_key": f"d{number}",
            "disputed_amount": row["disputed"] or None,
            "disputed_on": date(2026, 10, 1) if row["disputed"] else None,
            "disputed_until": None,
        }
        for number, row in enumerate(rows)
    ]  # fmt: skip
    rules = [{"customer": owner[party]} for party in sorted(alone)]
    schema = {"issued_on": pl.Date, "due_on": pl.Date, "disputed_on": pl.Date,
              "disputed_until": pl.Date, "disputed_amount": pl.Int64}  # fmt: skip
    frame = pl.DataFrame(built, schema_overrides=schema)
    found = ecl_base(opened_of(frame), rules=rules_frame(rules))
    plain_items = [
        {**row, "customer": row["customer_key"], "document": row["document_key"],
         "day": row["due_on"], "disputed": row["disputed_amount"] or 0}
        for row in built
    ]  # fmt: skip
    steps, left = reserve_oracle.bridge(plain_items, rules)
    assert found.ties
    row = found.bridge.row(0, named=True)
    assert {name: row[name] for name in STEPS} == {name: steps["X", "EUR"][name] for name in STEPS}
    assert dict(found.items.select("item", "base").iter_rows()) == left
    assert (found.items["base"] >= 0).all()
    parts = found.items["dilution"] + found.items["specific"] + found.items["base"]
    assert (parts == found.items["exposure"]).all()


@pytest.mark.parametrize(
    ("amount", "share", "part"), [(5, 0.5, 3), (-5, 0.5, -3), (100, None, 0), (4, 1.0, 4)]
)
def test_portion_rounds_half_up(amount, share, part) -> None:
    frame = pl.DataFrame({"a": [amount], "s": [share]}, schema={"a": pl.Int64, "s": pl.Float64})
    assert frame.select(portion("a", "s"))["a"].to_list() == [part]
