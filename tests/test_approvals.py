"""Approvals: tiers, the chain of rows, signatures that count, limits raised without them."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.assess.approval_tiers import approver, tiers_of, words
from receivables.assess.approvals import (
    CHANGED,
    MOVED,
    UNSEALED,
    append,
    chain_findings,
    sealed,
    signatures,
    verify,
)
from receivables.assess.limit_table import limit_table
from receivables.assess.overrides import by_salesperson, overrides
from receivables.assess.raised_limits import raised_limits
from receivables.assess.requests import requests
from receivables.assess.reviews import reviews
from receivables.assess.training import training
from receivables.errors import BadValueError, NotAvailableError
from receivables.ledger.findings import Findings
from receivables.ledger.link import link
from receivables.ledger.open import open_items
from receivables.rates import Rates
from receivables.resources import data_rows
from tests.ledgers import day, invoice, ledger

AS_OF = date(2026, 10, 31)
TIERS = tiers_of(
    [
        ["role", "up_to", "currency", "signatures"],
        ["Sales", 0, "EUR", 1],
        ["Credit manager", 2500, "EUR", 1],
        ["Committee", None, "EUR", 2],
    ]
)


def request(number="A1", by="Li", decides="Mo", decision="granted", **more):
    return {
        "approval_no": number, "customer_id": "C1", "kind": "limit", "amount": 100_000,
        "currency": "EUR", "requested_by": by, "requested_on": day("09-01"), "decided_by": decides,
        "decided_on": day("09-02"), "decision": decision,
    } | more  # fmt: skip


def limit(amount, on, customer="C1", **more):
    return {
        "customer_id": customer, "kind": "own", "amount": amount, "currency": "EUR",
        "valid_from": day(on) if on else None,
    } | more  # fmt: skip


def found_in(**tables):
    books = ledger(**tables)
    return books, Findings(books.sources)


def codes(findings):
    return sorted(issue.code for issue in findings.all())


def test_the_sample_tiers_can_be_read_and_say_that_they_are_a_sample() -> None:
    rows = data_rows("approval_tiers.csv")
    assert all("SAMPLE" in row["source"] for row in rows)
    tiers = tiers_of([[*rows[0]], *[[*row.values()] for row in rows]])
    assert approver(Decimal(1), Decimal(0), tiers).role == "Assistant credit manager"
    assert approver(Decimal(2_000_000), Decimal(0), tiers).signatures == 2


@given(st.decimals(0, 10**7, places=2), st.decimals(0, 10**7, places=2))
def test_the_total_decides_not_the_increment(amount, exposure) -> None:
    tier = approver(amount, exposure, TIERS)
    total = amount + exposure
    assert tier.role == (
        "Sales" if total == 0 else "Credit manager" if total <= 2500 else "Committee"
    )


def test_there_are_no_tiers_of_ours() -> None:
    with pytest.raises(BadValueError, match="the firm's own"):
        approver(Decimal(1), Decimal(0), ())
    with pytest.raises(NotAvailableError, match="Nobody"):
        approver(Decimal(1), Decimal(2500), TIERS[:2])


def chain(count=4):
    rows = []
    for number in range(count):
        rows.append(append(rows, request(f"A{number}", amount=number * 100)))
    return rows


def test_a_chain_holds_and_notices_every_change() -> None:
    rows = chain()
    assert verify(rows) == []
    for at in range(4):
        for column, value in (("amount", 999), ("decided_by", "Ed"), ("decided_on", day("09-03")), ("reason", "x")):  # fmt: skip
            forged = [{**row} for row in rows]
            forged[at][column] = value
            assert [(one.at, one.why) for one in verify(forged)] == [(at, CHANGED)]


def test_a_chain_notices_rows_removed_moved_or_slipped_in() -> None:
    rows = chain()
    assert [one.why for one in verify([rows[0], *rows[2:]])] == [MOVED]
    assert {one.why for one in verify([rows[0], rows[2], rows[1], rows[3]])} == {MOVED}
    assert [one.at for one in verify(rows[1:])] == [0]
    slipped = [rows[0], request("A9"), *rows[1:]]
    assert [(one.at, one.why) for one in verify(slipped)] == [(1, UNSEALED)]
    resealed = sealed(request("A1", amount=10**9), rows[0]["row_hash"])
    assert [one.at for one in verify([rows[0], resealed, *rows[2:]])] == [2]


def test_rows_from_before_the_chain_are_passed_over() -> None:
    assert verify([request("A0"), *chain()]) == []
    assert verify([request("A0"), request("A1")]) == []


def test_what_cannot_be_appended() -> None:
    rows = chain(2)
    with pytest.raises(BadValueError, match="asks and decides"):
        append(rows, request("A7", by=" mo ", decides="Mo"))
    with pytest.raises(BadValueError, match="signed request A1 already"):
        append(rows, request("A1", decides="MO"))
    with pytest.raises(BadValueError, match="granted or refused"):
        append(rows, request("A7", decision="maybe"))
    with pytest.raises(BadValueError, match="names nobody"):
        append(rows, request("A7", decides=None))
    with pytest.raises(BadValueError, match="broken chain"):
        append(rows[1:], request("A7"))
    assert verify([*rows, append(rows, request("A1", decides="Ed"))]) == []


def test_a_chain_survives_the_file() -> None:
    """Minor units and dates come back as they went in, so the hash of the read row is the same."""
    books, findings = found_in(approvals=chain(3))
    assert chain_findings(books["approvals"], findings) == []
    forged = chain(3)
    forged[1]["amount"] = 7
    books, findings = found_in(approvals=forged)
    assert [one.approval_no for one in chain_findings(books["approvals"], findings)] == ["A1"]
    assert codes(findings) == ["approval_chain"]


def test_only_one_signature_per_person_and_none_of_the_one_who_asks() -> None:
    rows = [
        request("A1"),
        request("A1", decides="MO "),
        request("A1", decides="Ed"),
        request("A2", by="Ann", decides="ann"),
        request("A3", decision="perhaps"),
        request("A4", decides=None),
        request("A5", decision="refused"),
        request("A6", decided_on=day("11-01")),
    ]
    books, findings = found_in(approvals=rows)
    counted = signatures(books["approvals"], AS_OF, findings)
    assert counted.select("approval_no", "decided_by").rows() == [("A1", "Mo"), ("A1", "Ed")]
    assert codes(findings) == [
        "approval_own_request", "approval_signed_twice", "approval_unread", "approval_unsigned",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("approvals", "code"),
    [
        ([request(amount=300_000), request(amount=300_000, decides="Ed")], None),
        ([request(amount=300_000)], "limit_signatures"),
        ([request(amount=300_000), request(amount=300_000, decides="mo")], "limit_signatures"),
        ([request(amount=299_999), request(amount=299_999, decides="Ed")], "limit_unapproved"),
        ([request(amount=300_000, decided_on=day("10-02"))], "limit_unapproved"),
        ([request(amount=300_000, kind="terms")], "limit_unapproved"),
        ([request(amount=300_000, customer_id="C2")], "limit_unapproved"),
        ([request(amount=300_000, currency="USD")], "limit_unapproved"),
        ([request(amount=300_000, decision="refused")], "limit_unapproved"),
        ([], "limit_unapproved"),
    ],
)
def test_a_raised_limit_needs_its_signatures(approvals, code) -> None:
    rows = [limit(200_000, "01-01"), limit(300_000, "10-01")]
    books, findings = found_in(limits=rows, approvals=approvals)
    short = raised_limits(books, AS_OF, findings, TIERS)
    assert [row["amount"] for row in short.to_dicts()] == ([300_000] if code else [])
    raised = [
        issue for issue in codes(findings) if issue in {"limit_unapproved", "limit_signatures"}
    ]
    assert raised == ([code] if code else [])


@pytest.mark.parametrize(
    ("rows", "short"),
    [
        ([limit(300, "01-01"), limit(200, "10-01")], 0),
        ([limit(200, "01-01"), limit(300, "11-01")], 0),
        ([limit(200, "01-01"), limit(300, "10-31")], 1),
        ([limit(200, "01-01"), limit(200, "10-01")], 0),
        ([limit(200, "01-01", kind="insured"), limit(900, "10-01", kind="insured")], 0),
        ([limit(200, "09-15")], 1),
        ([limit(200, "08-31")], 0),
    ],
)
def test_which_limits_were_raised(rows, short) -> None:
    """A first limit counts from the first approval on record on; a cut and the insurer's never."""
    books, findings = found_in(limits=rows, approvals=[request(customer_id="C9")])
    assert raised_limits(books, AS_OF, findings, TIERS).height == short


def exposures(books):
    return limit_table(open_items(link(books), AS_OF), books, Rates()).frame


def test_requests_that_wait() -> None:
    asked = {"decides": None, "decision": None, "decided_on": None}
    rows = [
        request("A1", amount=300_000),
        request("A2", kind="order", amount=200_000, **asked),
        request("A3", kind="order", amount=150_000, **asked),
        request("A4", decision="refused"),
        request("A5", amount=200_000),
        request("A6", requested_on=day("11-01"), **asked),
        request("A7", kind="review", **asked),
    ]
    books, findings = found_in(
        customers=[{"customer_id": "C1", "name": "Nord"}],
        documents=[invoice("R1", 100_000)],
        approvals=rows,
    )
    found = requests(books, exposures(books), AS_OF, findings, TIERS).to_dicts()
    told = [
        [row[name] for name in ("approval_no", "total", "signed", "needed", "role")]
        for row in found
    ]
    assert told == [
        ["A1", 300_000, 1, 2, "Committee"],
        ["A2", 300_000, 0, 2, "Committee"],
        ["A3", 250_000, 0, 1, "Credit manager"],
    ]
    assert (found[1]["name"], found[1]["waiting_days"]) == ("Nord", 60)


def reviewed(on, **more):
    return request("V1", kind="复核", decided_on=day(on), amount=None, **more)


@pytest.mark.parametrize(
    ("approvals", "reasons"),
    [
        ([], "never reviewed"),
        ([reviewed("07-30")], "quarter"),
        ([reviewed("07-31")], "quarter"),
        ([reviewed("08-01")], None),
        ([reviewed("08-01", decision="refused")], "never reviewed"),
        ([reviewed("11-01")], "never reviewed"),
    ],
)
def test_reviews_fall_due_after_three_months(approvals, reasons) -> None:
    books, _ = found_in(
        documents=[invoice("R1", 60)], approvals=approvals, limits=[limit(100, "01-01")]
    )
    found = reviews(exposures(books), books, AS_OF)
    assert (found["reasons"].to_list() or [None]) == [reasons]


def test_reviews_at_70_percent_and_after_a_change_of_owners() -> None:
    events = [
        {"customer_id": "C1", "on": day("09-15"), "kind": "股权变更", "known_on": day("10-01")}
    ]
    common = {"approvals": [reviewed("09-01")], "documents": [invoice("R1", 70)]}
    books, _ = found_in(**common, limits=[limit(100, "01-01")], events=events)
    assert reviews(exposures(books), books, AS_OF)["reasons"].to_list() == ["limit, ownership"]
    books, _ = found_in(**common, limits=[limit(101, "01-01")])
    for on, due in (("10-01", 1), ("10-02", 0)):
        again, _ = found_in(**common | {"approvals": [reviewed(on)]}, limits=[limit(100, "01-01")])
        assert reviews(exposures(again), again, AS_OF).height == due
    assert reviews(exposures(books), books, AS_OF).is_empty()
    every = reviews(exposures(books), books, AS_OF, all_rows=True)
    assert every["due_on"].to_list() == [day("12-01")]


def test_companies_of_the_own_group_are_not_reviewed() -> None:
    for own, due in ((True, 0), (False, 1), (None, 1)):
        customers = [{"customer_id": "C1", "intercompany": own}]
        books, _ = found_in(customers=customers, documents=[invoice("R1", 60)])
        assert reviews(exposures(books), books, AS_OF).height == due


def test_overrides_by_salesperson() -> None:
    rows = [
        {"customer_id": "C1", "kind": "limit", "value": "500", "decided_on": day("10-01")},
        {"customer_id": "C1", "kind": "terms", "value": "90", "reason": "fair", "decided_on": day("10-02"),
         "valid_to": day("10-30")},
        {"customer_id": "C1", "kind": "terms", "value": "99", "decided_on": day("11-02")},
    ]  # fmt: skip
    books, _ = found_in(customers=[{"customer_id": "C1", "salesperson": "Ida"}], overrides=rows)
    [one] = by_salesperson(overrides(books, AS_OF)).to_dicts()
    assert one == {
        "salesperson": "Ida", "overrides": 2, "running": 1, "customers": 1, "without_reason": 1,
        "last_on": day("10-02"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({"held_on": day("10-01")}, "valid"),
        ({"held_on": date(2025, 10, 31)}, "valid"),
        ({"held_on": date(2025, 10, 30)}, "run out"),
        ({"held_on": date(2025, 1, 1), "valid_to": AS_OF}, "valid"),
        ({"held_on": day("11-01")}, "none"),
        ({"held_on": day("10-01"), "passed": False}, "none"),
    ],
)
def test_training_lasts_twelve_months(row, state) -> None:
    books, _ = found_in(
        customers=[{"customer_id": "C1", "salesperson": "Ida"}, {"customer_id": "C2", "salesperson": "IDA "}],
        training=[{"person": "ida", "course": "Credit"} | row],
    )  # fmt: skip
    assert training(books, AS_OF)["state"].to_list() == [state]


def test_words_lead_to_one_meaning_only() -> None:
    meanings = [row["meaning"] for row in data_rows("approval_words.csv")]
    every = [word for meaning in meanings for word in words(meaning)]
    assert len(every) == len(set(every))


def test_empty_books_give_empty_answers() -> None:
    books, findings = found_in(documents=[invoice("R1", 5)])
    assert requests(books, exposures(books), AS_OF, findings).is_empty()
    assert raised_limits(books, AS_OF, findings).is_empty()
    assert isinstance(training(books, AS_OF), pl.DataFrame)
    assert codes(findings) == []
