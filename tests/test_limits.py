"""Limits: suggested, used, in force on a date, and every component of the exposure."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.assess.dated_limits import limits_at
from receivables.assess.exposure import component_names, component_words, components
from receivables.assess.limit_policy import LimitPolicy
from receivables.assess.limit_table import limit_table
from receivables.assess.limit_use import used
from receivables.assess.suggested_limits import suggested
from receivables.errors import BadValueError
from receivables.ledger.findings import Findings
from receivables.ledger.link import link
from receivables.ledger.open import open_items
from receivables.ledger.spelling import fold
from receivables.rates import Rates
from receivables.resources import data_rows
from tests.ledgers import day, invoice, ledger, payment
from tests.oracle import limit_oracle

AS_OF = date(2026, 10, 31)
POLICY = LimitPolicy.default()
AMOUNTS = st.decimals(0, 10**9, places=2)


def table(as_of=AS_OF, policy=None, leave_out=(), **tables):
    books = ledger(**tables)
    opened = open_items(link(books), as_of)
    rates = Rates.from_table(books["rates"])
    return limit_table(opened, books, rates, policy=policy, leave_out=leave_out)


def own(amount, customer="C1", **more):
    return {"customer_id": customer, "kind": "own", "amount": amount, "currency": "EUR"} | more


def policy(**values):
    return LimitPolicy.from_rows([["name", "value"], *map(list, values.items())])


def only(found):
    assert found.frame.height == 1
    return found.frame.row(0, named=True)


@given(exposure=AMOUNTS, limit=st.decimals(1, 10**9, places=2))
def test_state_follows_the_thresholds(exposure, limit) -> None:
    assert used(exposure, limit, "state") == limit_oracle.use(exposure, limit)


@pytest.mark.parametrize(
    ("owed", "state", "headroom"),
    [(6999, "", 3001), (7000, "alert", 3000), (10000, "alert", 0), (10001, "hold", -1)],
)
def test_states_over_the_ledger(owed, state, headroom) -> None:
    row = only(table(documents=[invoice("R1", owed)], limits=[own(10000)]))
    assert (row["state"], row["headroom"]) == (state, headroom)
    assert row["binding"] == ("own" if state else "")


def test_a_limit_of_nil_and_no_limit_at_all() -> None:
    documents = [invoice("R1", 1)]
    nil, none = table(documents=documents, limits=[own(0)]), table(documents=documents)
    assert (only(nil)["state"], only(none)["state"]) == ("hold", "none set")
    free = table(documents=documents, limits=[own(0)], policy=policy(zero_limit="unlimited"))
    assert only(free)["state"] == "unlimited"


@pytest.mark.parametrize(
    ("as_of", "limit"),
    [
        ("08-31", None),
        ("09-01", 100),
        ("10-14", 100),
        ("10-15", 300),
        ("10-31", 300),
        ("11-01", 50),
    ],
)
def test_the_dated_limit_in_force(as_of, limit) -> None:
    rows = [
        own(100, valid_from=day("09-01")),
        own(300, valid_from=day("10-15"), valid_to=day("10-31")),
        own(50, valid_from=day("11-01")),
    ]
    books = ledger(limits=rows)
    found = limits_at(books, day(as_of), Findings(books.sources))
    assert (found["amount"].to_list() or [None]) == [limit]


def test_an_ended_limit_leaves_none() -> None:
    rows = [own(300, valid_from=day("09-01"), valid_to=day("10-30"))]
    assert only(table(documents=[invoice("R1", 5)], limits=rows))["limit"] is None


def test_a_dated_limit_wins_over_the_customer_file() -> None:
    customers = [
        {"customer_id": name, "credit_limit": 900, "currency": "EUR"} for name in ("C1", "C2")
    ]
    rows = [own(300, valid_to=day("10-01"), valid_from=day("09-01"))]
    found = table(
        customers=customers, limits=rows,
        documents=[invoice("R1", 5), invoice("R2", 5, customer_id="C2")],
    ).frame.sort("customer_id")  # fmt: skip
    assert found["limit"].to_list() == [None, 900]
    assert found["source"].to_list() == ["", "customers"]


@pytest.mark.parametrize(
    ("currencies", "filed", "limit"),
    [
        (["EUR"], None, 900),
        (["JPY"], None, 9),
        (["EUR", "USD"], None, None),
        (["USD"], "EUR", 900),
    ],
)
def test_the_customer_file_without_currency(currencies, filed, limit) -> None:
    """Read with two decimals, as no currency says; yen have none. Two currencies: nothing is guessed."""
    books = ledger(
        customers=[{"customer_id": "C1", "credit_limit": 900, "currency": filed}],
        documents=[invoice(f"R{code}", 5, currency=code) for code in currencies],
    )
    findings = Findings(books.sources)
    found = limits_at(books, AS_OF, findings)
    assert (found["amount"].to_list() or [None]) == [limit]
    assert [issue.code for issue in findings.all()] == ([] if limit else ["limit_no_currency"])


def test_a_dated_limit_without_currency_bounds_nothing_and_says_so() -> None:
    found = table(documents=[invoice("R1", 5)], limits=[own(300, currency=None)])
    assert only(found)["state"] == "none set"
    assert [issue.code for issue in found.issues] == ["limit_no_currency"]


def test_two_limits_of_one_day_take_the_lower_and_say_so() -> None:
    found = table(documents=[invoice("R1", 5)], limits=[own(300), own(200)])
    assert only(found)["limit"] == 200
    assert {issue.code for issue in found.issues} == {"limit_double"}


def components_of(as_of=AS_OF, **tables):
    books = ledger(**tables)
    found = components(open_items(link(books), as_of), books, POLICY)
    return dict(found.select("component", "amount").iter_rows())


START = {"customer_id": "C9", "document_no": "R0", "kind": "invoice", "amount": 1,
         "issued_on": day("01-01"), "due_on": day("12-31")}  # fmt: skip


def order(amount, **more):
    return {"order_no": "A1", "customer_id": "C1", "amount": amount, "currency": "EUR"} | more


def test_orders_until_and_after_delivery() -> None:
    orders = [
        order(10, ordered_on=day("10-31")),
        order(20, ordered_on=day("11-01")),
        order(40, ordered_on=day("10-01"), delivered_on=day("10-31")),
        order(80, ordered_on=day("10-01"), delivered_on=day("11-01")),
        order(160, ordered_on=day("10-01"), state="Cancelled"),
        order(320, ordered_on=day("10-01"), state="已开票"),
    ]
    found = components_of(documents=[START], orders=orders)
    assert {name: found[name] for name in ("orders", "delivered")} == {
        "orders": 90,
        "delivered": 40,
    }


def test_overdue_is_a_part_of_open_and_knows_grace() -> None:
    documents = [invoice("R1", 100, due="10-30"), invoice("R2", 50, due="10-31")]
    found = only(table(documents=documents, limits=[own(500)]))
    assert (found["open"], found["overdue"], found["exposure"]) == (150, 100, 150)
    late = only(table(documents=documents, limits=[own(500)], policy=policy(grace_days=1)))
    assert late["overdue"] == 0


def test_credits_and_unapplied_cash_come_off() -> None:
    found = only(table(documents=[invoice("R1", 100)], payments=[payment("P1", 130, "10-20")]))
    assert (found["open"], found["exposure"]) == (-30, 0)


def test_drafts_are_entered_and_not_posted() -> None:
    draft = invoice("R2", 70, on="11-02", entered_on=day("10-30"))
    later = invoice("R3", 900, on="11-02", entered_on=day("11-01"))
    posted = invoice("R4", 30, on="10-31", entered_on=day("10-30"))
    found = components_of(documents=[draft, later, posted])
    assert (found["drafts"], found["open"]) == (70, 30)


def bill(amount, **more):
    return {"bill_no": "B1", "customer_id": "C1", "amount": amount, "currency": "EUR", "kind": "commercial",
            "received_on": day("10-01"), "matures_on": day("12-31"), "state": "held", "company": "",
            "account": ""} | more  # fmt: skip


@pytest.mark.parametrize(
    ("change", "component"),
    [
        ({}, "notes"),
        ({"kind": "bank"}, "bank_notes"),
        ({"received_on": day("11-01")}, ""),
        ({"state": "paid"}, "notes"),
        ({"state": "paid", "matures_on": day("10-31")}, ""),
        ({"state": "endorsed"}, "notes"),
        ({"state": "endorsed", "recourse": False}, ""),
        ({"state": "discounted", "matures_on": day("10-31")}, ""),
        ({"state": "dishonoured", "dishonoured_on": day("10-31")}, ""),
        ({"state": "dishonoured", "dishonoured_on": day("11-01")}, "notes"),
    ],
)
def test_notes_count_until_they_are_cleared(change, component) -> None:
    found = components_of(documents=[START], bills=[bill(60, bill_no="B7", **change)])
    noted = {name: amount for name, amount in found.items() if "notes" in name}
    assert noted == ({component: 60} if component else {})


def test_a_bounced_payment_shows_as_a_part_of_open() -> None:
    rows = [
        payment("P1", 80, "10-05", "R1"),
        {
            "payment_no": "P2",
            "kind": "bounced",
            "amount": 80,
            "paid_on": day("10-20"),
            "document_no": "R1",
        },
    ]
    found = components_of(documents=[invoice("R1", 80)], payments=rows)
    assert (found["open"], found["bounced"]) == (80, 80)


def test_secured_parts_come_off_rounded_down() -> None:
    documents = [invoice("R1", 101, secured_share=0.57), invoice("R2", 100)]
    found = only(table(documents=documents, limits=[own(500)]))
    assert (found["secured"], found["exposure"]) == (57, 144)
    found = only(table(documents=[invoice("R1", 10_000, secured_share=0.57)], limits=[own(500)]))
    assert found["secured"] == 5700, "0.57 × 10,000 is 5699.99… in binary"


def test_a_component_can_be_left_out() -> None:
    orders = [order(10, ordered_on=day("10-01"))]
    assert only(table(documents=[invoice("R1", 5)], orders=orders))["exposure"] == 15
    without = only(table(documents=[invoice("R1", 5)], orders=orders, leave_out=["orders"]))
    assert without["exposure"] == 5
    with pytest.raises(BadValueError, match="There is no component 'ordres'"):
        table(documents=[invoice("R1", 5)], leave_out=["ordres"])


@pytest.mark.parametrize(("owed", "parts"), [(100, ""), (101, "orders 1.01 > 1.00 EUR")])
def test_a_component_limit_of_its_own(owed, parts) -> None:
    limits = [own(10**6), own(100, kind="component", component="Aufträge"), own(100, kind="component", component="orders")]  # fmt: skip
    row = table(
        documents=[invoice("R1", 5)], orders=[order(owed, ordered_on=day("10-01"))], limits=limits
    )
    assert only(row)["parts"] == parts
    assert (only(row)["state"], only(row)["binding"]) == (
        ("hold", "component") if parts else ("", "")
    )
    assert {issue.code for issue in row.issues} == {"limit_component"}


def test_the_group_is_asked_first() -> None:
    customers = [{"customer_id": name, "group_id": "G"} for name in ("C1", "C2", "C3")]
    limits = [own(900), own(900, "C2"), own(1000, "G", kind="group")]
    documents = [
        invoice("R1", 600),
        invoice("R2", 401, customer_id="C2"),
        invoice("R3", -500, customer_id="C3") | {"kind": "credit_note"},
    ]
    found = table(customers=customers, limits=limits, documents=documents)
    [group] = found.groups.to_dicts()
    assert (group["exposure"], group["state"], group["members"], group["headroom"]) == (1001, "hold", 3, -1)  # fmt: skip
    assert set(found.frame["binding"]) == {"group"}
    assert found.frame.filter(pl.col("customer_id") == "C1")["own_state"].item() == ""


def test_where_both_are_near_the_group_decides() -> None:
    limits = [own(1000, "C1"), own(1000, "G", kind="group")]
    customers = [{"customer_id": "C1", "group_id": "G"}]
    row = only(table(customers=customers, limits=limits, documents=[invoice("R1", 800)]))
    assert (row["state"], row["own_state"], row["binding"]) == ("alert", "alert", "group")


def test_insured_and_own_part() -> None:
    limits = [own(1000), own(600, kind="insured")]
    row = only(table(documents=[invoice("R1", 700)], limits=limits))
    assert [row[name] for name in ("usable", "insured_part", "own_part", "state")] == [600, 600, 100, "hold"]  # fmt: skip
    row = only(
        table(documents=[invoice("R1", 700)], limits=limits, policy=policy(usable_rule="sum"))
    )
    assert (row["usable"], row["state"]) == (1600, "")


RATE = {"date": day("10-30"), "from": "USD", "to": "EUR", "rate": "0.8"}


def test_everything_is_brought_into_the_limit_s_currency() -> None:
    documents = [invoice("R1", 500), invoice("R2", 1001, currency="USD")]
    row = only(table(documents=documents, limits=[own(1300)], rates=[RATE]))
    assert (row["currency"], row["exposure"], row["state"]) == ("EUR", 500 + 801, "hold")


def test_without_a_rate_nothing_is_guessed() -> None:
    documents = [invoice("R1", 500), invoice("R2", 1001, currency="USD")]
    found = table(documents=documents, limits=[own(1300)])
    states = dict(found.frame.select("currency", "state").iter_rows())
    assert states == {"EUR": "", "USD": "none set"}
    [issue] = found.issues
    assert issue.code == "limit_rate"
    assert "No rate USD to EUR" in issue.message


def test_a_customer_who_owes_nothing_keeps_his_limit() -> None:
    found = table(documents=[START], limits=[own(100, "00123")]).frame
    row = found.filter(
        pl.col("customer_id").is_in(["00123"]) | (pl.col("customer_key") == "00123")
    )
    assert row["headroom"].to_list() == [100]


def test_what_counts_is_what_the_switches_say() -> None:
    row = only(
        table(
            documents=[invoice("R1", 100)],
            orders=[order(10, ordered_on=day("10-01"))],
            bills=[bill(60, bill_no="B7")],
            limits=[own(10000)],
        )
    )
    signs = {"added": 1, "less": -1}
    total = sum(
        row[name] * signs.get(how, 0) for name, how in component_names().items() if how != "off"
    )
    assert row["exposure"] == total == row["open"] + 10 + 60


@pytest.mark.parametrize(
    "row", data_rows("exposure_components.csv"), ids=lambda row: row["component"]
)
def test_every_word_of_a_component_leads_to_it(row) -> None:
    for word in (row["component"], *row["words_en"].split("|"), *row["words_zh"].split("|")):
        assert component_words()[fold(word)] == row["component"], word


def test_suggested_limits_over_the_ledger() -> None:
    customers = [{"customer_id": "C1", "terms_days": 30, "country": "DE"}, {"customer_id": "C2"}]
    documents = [
        invoice(f"R{month}", 1_200_000, on=f"{month:02}-15", due=None) for month in range(1, 11)
    ] + [invoice("R99", 5, customer_id="C2")]
    books = ledger(customers=customers, documents=documents)
    frame = limit_table(open_items(link(books), AS_OF), books, Rates()).frame.sort("customer_id")
    grades = pl.DataFrame({"customer_key": ["c1", "c2"], "grade": [4, 4]})
    # 10 months × 12,000 ÷ 10 a month; × (30 + 15) ÷ 30 × 0.8 = 14,400 → 14,000
    assert suggested(frame, books, AS_OF, grades).to_list() == [1_400_000, None]
