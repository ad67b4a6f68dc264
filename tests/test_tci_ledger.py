"""Insurance over the ledger: against an oracle that counts by hand, and at every boundary."""

import random
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from receivables.ledger.link import link
from receivables.ledger.open import open_items
from receivables.rates import Rates
from receivables.transfer.insurance_ledger import insurance
from tests.ledgers import day, invoice, ledger, payment
from tests.oracle.tci_oracle import Sale, Terms, World, judge

AS_OF = date(2026, 10, 31)
POLICY = {
    "policy_no": "P1", "insurer": "Invented", "currency": "EUR", "valid_from": date(2026, 1, 1),
    "valid_to": date(2026, 12, 31), "insured_share": 0.9, "max_terms_days": 90,
    "max_extension_days": 60, "declare_days": 30, "waiting_days": 180, "claim_days": 60,
    "tax_included": True,
}  # fmt: skip
LIMIT = {"customer_id": "C1", "kind": "insured", "amount": 10**9, "currency": "EUR", "valid_from": date(2026, 1, 1)}  # fmt: skip


def asked(as_of=AS_OF, *, rates=None, holidays=(), engine="polars", **tables):
    tables.setdefault("insurance_policies", [POLICY])
    tables.setdefault("limits", [LIMIT])
    books = ledger(**tables)
    posted = link(books)
    opened = open_items(posted, as_of, engine=engine)
    return insurance(posted, books, opened, rates=rates, holidays=holidays, engine=engine)


def rows(found):
    return {row["document_no"]: row for row in found.items.iter_rows(named=True)}


def codes(found):
    return [issue.code for issue in found.issues]


def invented(seed, buyers=300):
    """Sales, receipts and limits of many buyers around every boundary of the policy."""
    chance = random.Random(seed)
    start = date(2026, 1, 1)
    made, receipts, limits = [], {}, {}
    for number in range(buyers):
        who = f"C{number:03}"
        for _ in range(chance.randint(1, 8)):
            shipped = start + timedelta(chance.choice([-1, 0, 1, *range(2, 303, 7)]))
            due = shipped + timedelta(chance.choice([0, 30, 60, 89, 90, 91]))
            amount = chance.randint(1, 500)
            told = chance.choice([None, None, None, 80, 89, 90, 91])
            disputed = chance.choice([0, 0, 0, 0, 5, 600])
            made.append(
                Sale(
                    f"R{len(made):04}", who, amount, shipped, due, chance.randint(0, min(3, amount)),
                    disputed, None if told is None else due + timedelta(told),
                )
            )  # fmt: skip
        owed = sum(one.amount for one in made if one.buyer == who)
        receipts[who] = chance.choice([0, 0, owed // 3, owed - 1])
        days = chance.sample(range(0, 300, 9), chance.choice([0, 1, 2, 3]))
        limits[who] = [(start + timedelta(on), chance.choice([0, 100, 400, 900])) for on in days]
    return made, receipts, limits


def as_documents(made):
    return [
        {
            "document_no": one.number, "kind": "invoice", "customer_id": one.buyer,
            "amount": one.amount, "issued_on": one.shipped, "shipped_on": one.shipped,
            "due_on": one.due, "tax_amount": one.tax, "disputed_amount": one.disputed or None,
            "disputed_on": one.shipped if one.disputed else None,
            "insurer_reported_on": one.reported,
        }
        for one in made
    ]  # fmt: skip


@pytest.mark.parametrize("inclusive", [True, False])
def test_the_ledger_agrees_with_the_oracle(inclusive) -> None:
    made, receipts, dated = invented(seed=11 + inclusive)
    for one in made:
        one.tax = 0 if inclusive else one.tax
    terms = Terms(date(2026, 1, 1), date(2026, 12, 31), Decimal("0.9"), 90, 60, 30, 180, 60)
    expected = judge(World(made, receipts, dated, terms), AS_OF)
    paid = [
        payment(f"P{who}", amount, "2026-10-31", customer_id=who)
        for who, amount in receipts.items()
        if amount
    ]
    limits = [
        LIMIT | {"customer_id": who, "amount": amount, "valid_from": since}
        for who, part in dated.items()
        for since, amount in part
    ]
    policy = POLICY | {"tax_included": inclusive}
    found = rows(
        asked(
            documents=as_documents(made), payments=paid, limits=limits, insurance_policies=[policy]
        )
    )
    owed = {number: row for number, row in found.items() if row["insurer_open"]}
    assert set(owed) == set(expected)
    names = ("insurer_open", "insured", "at_stake")
    for number, answer in expected.items():
        assert [owed[number][name] for name in names] == [answer[name] for name in names], number
        if owed[number]["notify"]:
            assert owed[number]["notify"] == answer["notify"]
        if owed[number]["action"] == "report":
            assert owed[number]["act_by"] == answer["act_by"]
    assert sum(row["insured"] for row in owed.values()) > 10_000
    assert sum(row["action"] == "report" for row in owed.values()) > 30


def sold(number="R1", due="07-01", amount=10_000, shipped="06-01", **more):
    return invoice(number, amount, shipped, due, shipped_on=day(shipped), **more)


def only(**tables):
    [row] = asked(**tables).items.iter_rows(named=True)
    return row


@pytest.mark.parametrize(
    ("as_of", "state", "action"),
    [
        ("2026-06-30", "not_due", ""),
        ("2026-07-01", "not_due", ""),
        ("2026-07-02", "extension", "report"),
        ("2026-08-30", "extension", "report"),
        ("2026-08-31", "report", "report"),
        ("2026-09-29", "report", "report"),
        ("2026-09-30", "missed", ""),
    ],
)
def test_states_at_their_first_and_last_day(as_of, state, action) -> None:
    """Due 1 July, extension 60 days to 30 August, notice by 29 September."""
    row = only(documents=[sold()], as_of=date.fromisoformat(as_of))
    assert (row["state"], row["action"]) == (state, action)
    assert (row["insured"], row["at_stake"]) == ((0, 0) if state == "missed" else (10_000, 9_000))


@pytest.mark.parametrize(
    ("as_of", "state"),
    [("2026-12-27", "reported"), ("2026-12-28", "claim"), ("2027-02-26", "claim"), ("2027-02-27", "expired")],
)  # fmt: skip
def test_a_reported_debt_becomes_a_claim_and_expires(as_of, state) -> None:
    row = only(documents=[sold(insurer_reported_on=day("09-29"))], as_of=date.fromisoformat(as_of))
    assert row["state"] == state
    assert (row["action"] == "claim") == (state == "claim")


def test_a_report_of_tomorrow_is_not_made_yet_and_one_day_late_is_late() -> None:
    late = sold(insurer_reported_on=day("09-30"))
    assert only(documents=[late], as_of=date(2026, 9, 29))["state"] == "report"
    assert only(documents=[late], as_of=date(2026, 10, 31))["state"] == "missed"
    punctual = sold(insurer_reported_on=day("09-29"))
    assert only(documents=[punctual])["reasons"] == "eligible"


@pytest.mark.parametrize(
    ("as_of", "week"), [("2026-09-21", False), ("2026-09-22", True), ("2026-09-28", True), ("2026-09-29", True)]
)  # fmt: skip
def test_the_week_begins_today(as_of, week) -> None:
    """Notice by Tuesday 29 September, so act by Monday 28: six days ahead is within the week."""
    found = asked(documents=[sold()], as_of=date.fromisoformat(as_of))
    assert found.items["act_by"].to_list() == [date(2026, 9, 28)]
    assert (found.week().height == 1) == week


def test_a_holiday_moves_the_day_to_act() -> None:
    found = asked(documents=[sold()], as_of=date(2026, 9, 22), holidays=[date(2026, 9, 28)])
    assert found.items["act_by"].to_list() == [date(2026, 9, 25)]


def test_an_instalment_plan_or_promise_does_not_move_the_clock() -> None:
    promised = sold(promised_on=day("12-01"))
    assert only(documents=[promised])["notify"] == only(documents=[sold()])["notify"]


def test_receipts_fill_the_oldest_invoice_whatever_the_ledger_says() -> None:
    documents = [sold("OLD", "07-01"), sold("NEW", "08-01")]
    paid = [payment("P1", 10_000, "2026-08-15", "NEW")]
    found = rows(asked(documents=documents, payments=paid, as_of=date(2026, 8, 20)))
    assert (found["OLD"]["ledger_open"], found["OLD"]["insurer_open"]) == (10_000, 0)
    assert (found["NEW"]["ledger_open"], found["NEW"]["insurer_open"]) == (0, 10_000)
    assert found["OLD"]["state"] == "settled"


def test_a_cut_leaves_earlier_shipments_covered_and_they_fill_it() -> None:
    limits = [
        LIMIT | {"amount": 15_000},
        LIMIT | {"amount": 5_000, "valid_from": date(2026, 7, 1)},
    ]
    documents = [sold("A", "08-01", shipped="06-30"), sold("B", "08-20", shipped="07-01")]
    found = rows(asked(documents=documents, limits=limits, as_of=date(2026, 8, 20)))
    assert [found[name]["insured"] for name in "AB"] == [10_000, 0]
    alone = rows(asked(documents=documents[1:], limits=limits, as_of=date(2026, 8, 20)))
    assert alone["B"]["insured"] == 5_000


def test_one_limit_serves_two_currencies_at_the_rate_of_the_day() -> None:
    rates = Rates({("USD", "EUR"): ([date(2026, 8, 1)], [Fraction("0.5")])})
    limits = [LIMIT | {"amount": 12_000}]
    documents = [sold("A", "08-01", currency="EUR"), sold("B", "08-20", currency="USD")]
    found = rows(asked(documents=documents, limits=limits, rates=rates, as_of=date(2026, 8, 20)))
    assert [found[name]["insured"] for name in "AB"] == [10_000, 4_000]
    without = asked(documents=documents, limits=limits, as_of=date(2026, 8, 20))
    assert rows(without)["B"]["insured"] == 0
    assert "insured_no_rate" in codes(without)


def test_a_buyer_stops_with_his_first_debt_and_later_shipments_are_bare() -> None:
    documents = [
        sold("A", "06-15", shipped="05-01"),
        sold("B", "10-01", shipped="08-14"),
        sold("C", "10-02", shipped="08-15"),
        sold("D", "10-02", shipped="08-15", customer_id="C2"),
    ]
    limits = [LIMIT, LIMIT | {"customer_id": "C2"}]
    found = asked(documents=documents, limits=limits, as_of=date(2026, 8, 31))
    reasons = {number: row["reasons"] for number, row in rows(found).items()}
    assert reasons == {"A": "eligible", "B": "eligible", "C": "stopped", "D": "eligible"}
    stops = dict(found.buyers.select("customer_id", "stop_now").iter_rows())
    assert stops == {"C1": True, "C2": False}


@pytest.mark.parametrize(
    ("minimum", "state", "stop", "insured"),
    [(None, "missed", True, 0), ("149.99", "missed", True, 0), ("150", "missed", True, 0),
     ("150.01", "small", False, 15_000)],
)  # fmt: skip
def test_the_policy_says_from_which_debt_on_the_insurer_is_told(
    minimum, state, stop, insured
) -> None:
    """Two debts of 100.00 and 50.00, long overdue: the sum of the buyer counts, not the invoice."""
    least = None if minimum is None else int(Decimal(minimum) * 100)
    documents = [sold("A", "06-15", shipped="05-01"), sold("B", "06-20", shipped="05-01", amount=5_000)]  # fmt: skip
    found = asked(documents=documents, insurance_policies=[POLICY | {"min_overdue": least}])
    assert {row["state"] for row in rows(found).values()} == {state}
    assert found.buyers.select("stop_now", "insured").rows() == [(stop, insured)]
    reasons = {row["reasons"] for row in rows(found).values()}
    assert ("below_minimum" in reasons) == (state == "small")


def test_what_is_not_due_reported_or_of_an_insolvent_buyer_is_never_small() -> None:
    least = {"insurance_policies": [POLICY | {"min_overdue": 10**6}]}
    assert only(documents=[sold()], as_of=date(2026, 7, 1), **least)["state"] == "not_due"
    assert only(documents=[sold()], as_of=date(2026, 7, 2), **least)["state"] == "small"
    told = sold(insurer_reported_on=day("09-29"))
    assert only(documents=[told], as_of=date(2026, 10, 31), **least)["state"] == "reported"
    event = {"customer_id": "C1", "on": day("08-01"), "kind": "Insolvency"}
    assert only(documents=[sold()], events=[event], as_of=date(2026, 8, 4), **least)["state"] == "report"  # fmt: skip


def test_two_currencies_of_a_buyer_make_one_minimum_and_without_a_rate_the_clock_runs() -> None:
    documents = [sold("A"), sold("B", currency="USD")]
    least = {"insurance_policies": [POLICY | {"min_overdue": 15_000}], "documents": documents}
    for rate, state in (("0.49", "small"), ("0.50", "report")):
        rates = Rates({("USD", "EUR"): ([date(2026, 8, 1)], [Fraction(rate)])})
        found = asked(date(2026, 9, 1), rates=rates, **least)
        assert {row["state"] for row in rows(found).values()} == {state}
    assert rows(asked(date(2026, 9, 1), **least))["A"]["state"] == "report"


def test_insolvency_known_by_the_date_starts_the_clock_at_once() -> None:
    event = {"customer_id": "C1", "on": day("08-01"), "known_on": day("08-05"), "kind": "Insolvency"}  # fmt: skip
    documents = [sold("A", "09-01", shipped="07-01")]
    early = only(documents=documents, events=[event], as_of=date(2026, 8, 4))
    later = only(documents=documents, events=[event], as_of=date(2026, 8, 5))
    assert early["state"] == "not_due"
    assert (later["state"], later["notify"]) == ("report", date(2026, 9, 4))


def test_the_buyer_adds_up_and_the_indemnity_is_that_of_the_cell() -> None:
    policy = POLICY | {"deductible": 2_000, "deductible_basis": "before"}
    documents = [sold("A", "08-01"), sold("B", "08-02", amount=5_000)]
    found = asked(documents=documents, insurance_policies=[policy], as_of=date(2026, 8, 20))
    [buyer] = found.buyers.iter_rows(named=True)
    assert (buyer["insured"], buyer["uninsured"], buyer["at_stake"]) == (15_000, 0, 13_500)
    assert buyer["indemnity"] == 11_700, "(150.00 − 20.00) × 90 %"
    assert buyer["insurer_open"] == found.items["insurer_open"].sum()


@pytest.mark.parametrize(
    ("tables", "code"),
    [
        ({"insurance_policies": []}, "limit_without_policy"),
        ({"insurance_policies": [POLICY | {"valid_from": date(2027, 1, 1), "valid_to": None}], "limits": [LIMIT | {"valid_to": date(2026, 12, 31)}]}, "limit_without_policy"),
        ({"insurance_policies": [POLICY | {"insured_share": None}]}, "policy_incomplete"),
        ({"insurance_policies": [POLICY | {"valid_to": date(2025, 1, 1)}]}, "policy_impossible"),
        ({"insurance_policies": [POLICY | {"excluded_scopes": "moon"}]}, "policy_impossible"),
        ({"insurance_policies": [POLICY, POLICY | {"policy_no": "P2", "valid_from": date(2026, 6, 1)}]}, "policy_overlap"),
        ({"limits": [LIMIT, LIMIT | {"amount": 5}]}, "limit_twice"),
        ({"documents": [sold(cover_scope="moon")]}, "cover_scope_unknown"),
        ({"insurance_policies": [POLICY | {"tax_included": None}]}, "insured_tax_unknown"),
        ({"documents": [invoice("R1", 5, "06-01", "07-01")]}, "insured_ship_date"),
    ],
)  # fmt: skip
def test_faults_are_listed_and_nothing_is_guessed(tables, code) -> None:
    found = asked(**({"documents": [sold()], "as_of": date(2026, 8, 20)} | tables))
    assert code in codes(found)
    if code in {"limit_without_policy", "policy_impossible", "cover_scope_unknown", "policy_incomplete"}:  # fmt: skip
        assert found.items["at_stake"].sum() == 0
    if code == "limit_twice":
        assert found.items["insured"].sum() == 5


def test_nothing_is_reported_where_all_is_well() -> None:
    found = asked(documents=[sold()], as_of=date(2026, 8, 20))
    assert codes(found) == []


def test_a_ledger_without_policies_is_answered_too() -> None:
    found = asked(documents=[sold(), sold("R2")], insurance_policies=[], limits=[])
    assert found.items["reasons"].to_list() == ["no_policy+no_limit"] * 2
    assert (found.items["insured"].sum(), found.week().height, codes(found)) == (0, 0, [])


@pytest.mark.parametrize("engine", ["duckdb", "pandas"])
def test_every_engine_answers_the_same(engine) -> None:
    made, receipts, dated = invented(seed=3, buyers=20)
    paid = [payment(f"P{who}", amount, "2026-10-31", customer_id=who) for who, amount in receipts.items() if amount]  # fmt: skip
    limits = [LIMIT | {"customer_id": who, "amount": amount, "valid_from": since} for who, part in dated.items() for since, amount in part]  # fmt: skip
    tables = {"documents": as_documents(made), "payments": paid, "limits": limits}
    one, other = asked(**tables), asked(**tables, engine=engine)
    assert one.items.equals(other.items)
    assert one.buyers.equals(other.buyers)
