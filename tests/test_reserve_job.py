"""The reserve of whole ledgers: lines apart, nothing twice, nothing guessed."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.days import month_ends
from receivables.errors import BadValueError, DomainError, NotAvailableError
from receivables.monitor.reserve_policy import policy_of
from receivables.refresh import reserve_job
from tests.ledgers import credit, day, invoice, payment
from tests.reserve_books import books, sample

AS_OF = date(2026, 10, 31)


def block(answer, currency="EUR"):
    return next(item for item in answer.to_json()["currencies"] if item["currency"] == currency)


def codes(answer):
    return {issue.code for issue in answer.issues}


def test_the_sample_matrix_by_hand() -> None:
    """100,000.00 at 31-60 d × 3.6 % + 200,000.00 current × 0.3 % = 3,600 + 600."""
    found = books(
        documents=[
            invoice("A", 100_000_00, "08-01", "09-15"),
            invoice("B", 200_000_00, "10-01", "11-30"),
        ]
    )
    shown = block(reserve_job(found, AS_OF, sample()))
    assert [(line["bucket"], line["reserve"]) for line in shown["pool"]] == [
        ("Current", "600.00"),
        ("31-60 d", "3600.00"),
    ]
    assert shown["allowance"] == "4200.00"


def test_halves_round_away_from_nothing() -> None:
    found = books(documents=[invoice("A", 125, "10-01", "10-15")])
    policy = sample(overlay="1", overlay_reason="none")
    assert block(reserve_job(found, AS_OF, policy))["allowance"] == "0.02", "1.25 × 1.6 % = 0.02"
    rows = [{"bucket": "1-30 d", "rate": "50%", "source": "s"}]
    assert block(reserve_job(found, AS_OF, policy_of({"matrix": rows})))["allowance"] == "0.63"


def test_no_amount_stands_in_two_lines() -> None:
    """One invoice is disputed in part, its customer assessed alone: dilution first, then specific."""
    found = books(
        documents=[
            invoice(
                "A", 1000_00, "08-01", "09-15", disputed_on=day("10-01"), disputed_amount=300_00
            ),
            invoice("B", 500_00, "08-01", "09-15", customer_id="C2"),
        ]
    )
    policy = sample(specific=[{"customer_id": "c1", "rate": "50%", "reason": "insolvent"}])
    shown = block(reserve_job(found, AS_OF, policy))
    assert shown["bridge"] == {
        "aging_total": "1500.00", "reclassed": "0.00", "intercompany": "0.00", "advances": "0.00",
        "dilution": "300.00", "specific": "700.00", "ecl_base": "500.00",
    }  # fmt: skip
    assert (shown["specific_reserve"], shown["refund_liability"]) == ("350.00", "75.00")
    assert shown["collective_reserve"] == "18.00"


def test_a_specific_case_of_nil_still_leaves_the_pool() -> None:
    found = books(documents=[invoice("A", 1000_00), invoice("B", 500_00, customer_id="C2")])
    shown = block(reserve_job(found, AS_OF, sample(specific=[{"customer_id": "C1", "rate": "0"}])))
    assert shown["bridge"]["specific"] == "1000.00"
    assert shown["bridge"]["ecl_base"] == "500.00"
    assert shown["specific_reserve"] == "0.00"


def test_lines_before_customers_and_never_more_than_is_owed() -> None:
    found = books(documents=[invoice("A", 1000_00), invoice("B", 500_00)])
    policy = sample(
        specific=[
            {"customer_id": "C1", "rate": "10%"},
            {"customer_id": "C1", "document_no": "B", "amount": "600", "currency": "EUR"},
        ]
    )
    answer = reserve_job(found, AS_OF, policy)
    cases = {line["document_no"]: line for line in block(answer)["specific"]}
    assert cases[""]["reserve"] == "100.00"
    assert cases["B"]["reserve"] == "500.00"
    assert "reserve_case_above" in codes(answer)


def test_a_case_that_owes_nothing_is_said() -> None:
    found = books(documents=[invoice("A", 1000_00)])
    answer = reserve_job(found, AS_OF, sample(specific=[{"customer_id": "C9", "rate": "1"}]))
    assert "reserve_case_unused" in codes(answer)
    two = books(documents=[invoice("A", 10), invoice("B", 10, currency="USD")])
    with pytest.raises(BadValueError, match="2 companies or currencies"):
        reserve_job(two, AS_OF, sample(specific=[{"customer_id": "C1", "amount": "5"}]))


def test_credits_never_make_a_negative_reserve() -> None:
    found = books(
        documents=[invoice("A", 100_00, "07-01", "08-01"), credit("K", 300_00, "10-05")],
        payments=[payment("P", 50_00, "10-20", customer_id="C2", kind="advance")],
    )
    shown = block(reserve_job(found, AS_OF, sample()))
    assert shown["bridge"]["reclassed"] == "200.00"
    assert shown["bridge"]["advances"] == "-50.00"
    assert shown["bridge"]["ecl_base"] == "0.00"
    assert shown["allowance"] == "0.00"


def test_secured_and_insured_are_shown_and_netted_only_on_record() -> None:
    found = books(
        documents=[
            invoice("A", 1000_00, "08-01", "09-15", insured=True),
            invoice("B", 1000_00, "08-01", "09-15", secured_share=0.4),
        ]
    )
    line = block(reserve_job(found, AS_OF, sample()))["pool"][0]
    assert (line["insured"], line["secured"], line["netted"]) == ("1000.00", "400.00", "0.00")
    assert line["reserve"] == "72.00"
    opt = {"kind": "secured", "reason": "mortgage is part of the terms", "decided_by": "CFO"}
    answer = reserve_job(found, AS_OF, sample(netting=[opt]))
    assert block(answer)["pool"][0]["reserve"] == "57.60", "(2,000 − 400) × 3.6 %"
    assert "reserve_netted" in codes(answer)
    cover = {**opt, "kind": "insured", "share": "0.9"}
    with pytest.raises(BadValueError, match="Under CECL freestanding insurance never nets"):
        reserve_job(found, AS_OF, sample(netting=[cover]), method="cecl")


def test_scenarios_weigh_the_rates() -> None:
    found = books(documents=[invoice("A", 1000_00, "08-01", "09-15")])
    views = [
        {"name": "base", "weight": "0.7", "factor": "1"},
        {"name": "worse", "weight": "0.3", "factor": "2"},
    ]
    assert block(reserve_job(found, AS_OF, sample(scenarios=views)))["allowance"] == "46.80"


CECL = [
    {"bucket": "1-30 d", "rate": "8%", "conditions": "2%", "forecast": "5%", "source": "sample"},
]


def test_cecl_adjusts_and_the_elections_have_conditions() -> None:
    found = books(
        documents=[invoice("A", 1000_00, "09-01", "10-10")],
        payments=[payment("P", 400_00, "11-05", "A")],
    )
    policy = {"matrix": CECL}
    shown = block(reserve_job(found, AS_OF, policy_of(policy), method="cecl"))
    assert shown["allowance"] == "150.00", "8 + 2 + 5 %"
    with pytest.raises(BadValueError, match="some rates carry a forecast"):
        reserve_job(found, AS_OF, policy_of({**policy, "conditions_persist": True}), method="cecl")
    plain = {**CECL[0], "forecast": "0"}
    elected = {"matrix": [plain], "conditions_persist": True}
    answer = reserve_job(found, AS_OF, policy_of(elected), method="cecl")
    assert block(answer)["allowance"] == "100.00"
    later = {**elected, "collections_until": "2026-11-10"}
    with pytest.raises(BadValueError, match="not public"):
        reserve_job(found, AS_OF, policy_of(later), method="cecl")
    with pytest.raises(BadValueError, match="elections of ASU 2025-05"):
        reserve_job(found, AS_OF, policy_of(elected))
    answer = reserve_job(found, AS_OF, policy_of({**later, "public": False}), method="cecl")
    line = block(answer)["pool"][0]
    assert (line["collected"], line["reserve"]) == ("400.00", "60.00"), "(1,000 − 400) × 10 %"


def test_rates_have_no_default_and_every_bucket_needs_one() -> None:
    found = books(documents=[invoice("A", 100_00, "07-01", "08-01")])
    with pytest.raises(BadValueError, match="None are shipped"):
        reserve_job(found, AS_OF)
    young = policy_of({"matrix": [{"bucket": "Current", "rate": "1%", "source": "s"}]})
    with pytest.raises(DomainError, match=r"EUR: there is no loss rate for 91\+ d"):
        reserve_job(found, AS_OF, young)
    odd = policy_of({"matrix": [{"bucket": "1-29 d", "rate": "1%", "source": "s"}]})
    with pytest.raises(BadValueError, match="no bucket '1-29 d' with these edges"):
        reserve_job(found, AS_OF, odd)


def test_rates_that_fall_with_age_and_rates_without_source_warn() -> None:
    rows = [{"bucket": "1-30 d", "rate": "5%"}, {"bucket": "31-60 d", "rate": "3%", "source": "s"}]
    answer = reserve_job(
        books(documents=[invoice("A", 100_00)]),
        AS_OF,
        policy_of({"matrix": rows, "overlay": "1.1"}),
    )
    assert {"reserve_falling", "reserve_no_source", "reserve_overlay_reason"} <= codes(answer)


def test_disputes_without_a_rate_are_said() -> None:
    rows = [{"bucket": "1-30 d", "rate": "5%", "source": "s"}]
    found = books(documents=[invoice("A", 100_00, disputed_on=day("10-10"))])
    answer = reserve_job(found, AS_OF, policy_of({"matrix": rows}))
    assert "reserve_no_dilution" in codes(answer)


def test_rates_change_from_a_day_on() -> None:
    rows = [
        {"bucket": "1-30 d", "rate": "5%", "source": "s"},
        {"bucket": "1-30 d", "rate": "8%", "source": "s", "valid_from": "2026-10-31"},
    ]
    found = books(documents=[invoice("A", 100_00, "09-01", "10-05")])
    assert block(reserve_job(found, AS_OF, policy_of({"matrix": rows})))["allowance"] == "8.00"
    early = reserve_job(found, date(2026, 10, 30), policy_of({"matrix": rows}))
    assert block(early)["allowance"] == "5.00"


def test_a_list_of_open_items_has_no_history() -> None:
    found = books(documents=[invoice("A", 100_00)])
    found.ledger.kind, found.ledger.extracted_on = "open_items", AS_OF
    answer = reserve_job(found, AS_OF, sample())
    assert "reserve_no_opening" in codes(answer)
    with pytest.raises(NotAvailableError, match="no history"):
        reserve_job(found, AS_OF, sample(), method="roll")


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 5000_00), st.integers(0, 4), st.sampled_from(["C1", "C2", "C3"])),
        min_size=1,
        max_size=8,
    ),
    st.lists(st.tuples(st.integers(1, 3000_00), st.sampled_from(["C1", "C2", "C3"])), max_size=4),
    st.sets(st.sampled_from(["C1", "C2"])),
    st.integers(1, 300),
)
def test_specific_and_collective_never_exceed_the_exposure(bills, notes, alone, factor) -> None:
    dues = ["11-15", "10-15", "09-15", "08-15", "06-15"]
    documents = [
        invoice(f"I{n}", amount, "06-01", dues[age], customer_id=who)
        for n, (amount, age, who) in enumerate(bills)
    ]
    documents += [
        {**credit(f"K{n}", amount, "10-01"), "customer_id": who}
        for n, (amount, who) in enumerate(notes)
    ]
    policy = sample(
        specific=[{"customer_id": who, "rate": "100%"} for who in sorted(alone)],
        overlay=str(factor),
        overlay_reason="stress",
    )
    answer = reserve_job(books(documents=documents), AS_OF, policy)
    assert answer.reserve.base.ties
    for key, (collective, specific, dilution) in answer.reserve.required().items():
        own = answer.reserve.base.items
        assert key == ("", "EUR")
        assert 0 <= collective + specific + dilution <= own["exposure"].sum()


def test_the_insurers_part_is_an_asset_of_its_own() -> None:
    found = books(documents=[invoice("A", 1000_00, "08-01", "09-15", insured=True)])
    shown = block(reserve_job(found, AS_OF, sample(insured_share="90%")))
    assert (shown["allowance"], shown["reimbursement_asset"]) == ("36.00", "32.40")
    assert block(reserve_job(found, AS_OF, sample()))["reimbursement_asset"] == "0.00"


def test_the_management_buffer_stands_outside_every_sum() -> None:
    sales = [
        {"company": "", "month": end, "currency": "EUR", "net": 100_000_00, "gross": 119_000_00}
        for end in month_ends(AS_OF, 13)
    ]
    rows = [invoice("A", 100_000_00)]
    with_sales = reserve_job(books(documents=rows, sales=sales), AS_OF, sample()).to_json()
    (line,) = with_sales.pop("management_buffer")
    assert line["heading"] == "not an accounting allowance"
    assert (line["turnover"], line["least"], line["most"]) == ("1200000.00", "6000.00", "24000.00")
    without = reserve_job(books(documents=rows, sales=sales[2:]), AS_OF, sample()).to_json()
    assert without.pop("management_buffer") == [], "eleven months are no year"
    assert with_sales == without
