"""The plan: who is written to, who is not and why, each boundary by the day before, on, after."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.respond.dunning import PLANS, Known
from receivables.respond.dunning_journal import ISSUED, RENDERED, Journal, row_of
from receivables.respond.dunning_letters import LetterFacts, letter_of
from receivables.respond.dunning_policy import policies
from receivables.respond.dunning_table import DUNNING, dunning_frame, items_frame
from tests.dunning_books import AS_OF, customer, outcome, plan_of
from tests.ledgers import allocation, credit, day, invoice, payment

R1 = invoice("R1", 1000_00)


def claims(plan):
    return {
        debt.document_no: debt.claim for one in plan.letters for debt in one.planned.debts
    }  # fmt: skip


def journal(level, items, on="10-15", state=ISSUED, currency="EUR", number="L1", raised=True):
    letters = [row_of("letters", letter_id=number, kind="dunning", company="", customer_id="C1", currency=currency, level=level, cut_off=day(on), state=state)]  # fmt: skip
    lines = [row_of("letter_items", letter_id=number, document_no=item, level=level if raised else None, open=1, currency=currency) for item in items]  # fmt: skip
    empty = Journal()
    return Journal.of(
        pl.DataFrame(letters, schema=empty.letters.schema, orient="row"),
        pl.DataFrame(lines, schema=empty.items.schema, orient="row"),
    )


def test_an_overdue_invoice_gets_the_first_letter():
    assert outcome([R1]) == (1, ())
    assert claims(plan_of([R1])) == {"R1": 1000_00}


@pytest.mark.parametrize(("due", "level"), [("10-30", 1), ("10-31", 0), ("11-01", 0)])
def test_overdue_begins_the_day_after_the_due_date(due, level):
    plan = plan_of([invoice("R1", 1000_00, due=due)])
    assert [one.planned.level.level for one in plan.overdue_letters] == [1] * level
    assert len(plan.decided) == level


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"dunning_hold_until": day("10-30")}, ()),
        ({"dunning_hold_until": day("10-31")}, ("held",)),
        ({"dunning_hold_until": day("11-01")}, ("held",)),
        ({"address": " "}, ("no_address",)),
        ({"legal_form": "consumer"}, ("consumer",)),
        ({"legal_form": "sole_trader"}, ()),
        ({"intercompany": True}, ("intercompany",)),
        ({"dunning_policy": "none"}, ("no_policy",)),
        ({"dunning_policy": "gentle"}, ("unknown_policy",)),
        ({"min_letter_amount": 1000_00, "currency": "EUR"}, ()),
        ({"min_letter_amount": 1000_01, "currency": "EUR"}, ("below_minimum",)),
        ({"min_letter_amount": 1000_01, "currency": "USD"}, ()),
    ],
)
def test_what_the_customer_row_says(more, reason):
    assert outcome([R1], [customer(**more)])[1] == reason


@pytest.mark.parametrize(("amount", "level"), [(24_99, 0), (25_00, 1), (25_01, 1)])
def test_the_smallest_amount_is_inclusive(amount, level):
    assert outcome([invoice("R1", amount)])[0] == level


@pytest.mark.parametrize(
    ("cash", "reason"),
    [(999_99, ("below_minimum",)), (1000_00, ("credits",)), (1000_01, ("credits",)), (975_00, ()), (975_01, ("below_minimum",))],
)  # fmt: skip
def test_unapplied_credits_of_the_debt_or_more(cash, reason):
    assert outcome([R1], payments=[payment("P1", cash, "10-20")])[1] == reason


@pytest.mark.parametrize(
    ("on", "until", "amount", "left"),
    [
        ("10-31", None, None, 0), ("11-01", None, None, 1000_00), ("10-05", "10-30", None, 1000_00),
        ("10-05", "10-31", None, 0), ("10-05", None, 400_00, 600_00),
    ],
)  # fmt: skip
def test_a_dispute_on_the_document(on, until, amount, left):
    own = R1 | {"disputed_on": day(on), "disputed_until": until and day(until), "disputed_amount": amount}  # fmt: skip
    plan = plan_of([own])
    assert claims(plan) == ({"R1": left} if left else {})
    if not left:
        assert plan.decided[0][1].reasons == ("disputed",)


@pytest.mark.parametrize(
    ("opened", "closed", "amount", "left"),
    [
        ("10-31", None, None, 0), ("11-01", None, None, 1000_00), ("10-05", "10-31", None, 1000_00),
        ("10-05", "11-01", None, 0), ("10-05", None, 400_00, 600_00), ("10-05", None, 2000_00, 0),
    ],
)  # fmt: skip
def test_a_dispute_in_disputes(opened, closed, amount, left):
    row = {"dispute_no": "D1", "customer_id": "C1", "document_no": "r1", "amount": amount, "opened_on": day(opened), "closed_on": closed and day(closed)}  # fmt: skip
    assert claims(plan_of([R1], disputes=[row])) == ({"R1": left} if left else {})


def test_the_undisputed_part_is_demanded_and_the_rest_shown_apart():
    own = R1 | {"disputed_on": day("10-05"), "disputed_amount": 400_00, "dispute_reason": "short"}
    plan = plan_of([own])
    letter = letter_of(plan.letters[0], AS_OF, AS_OF, LetterFacts())
    assert (letter.overdue, letter.in_dispute, letter.disputed[0].reason) == (600_00, 400_00, "short")  # fmt: skip


@pytest.mark.parametrize(
    ("pay_on", "state", "amount", "left"),
    [
        ("10-30", None, None, 1000_00), ("10-31", None, None, 0), ("11-15", None, None, 0),
        ("11-15", "withdrawn", None, 1000_00), ("11-15", None, 300_00, 700_00),
    ],
)  # fmt: skip
def test_a_promise(pay_on, state, amount, left):
    row = {"customer_id": "C1", "document_no": "R1", "made_on": day("10-05"), "pay_on": day(pay_on), "state": state, "amount": amount}  # fmt: skip
    assert claims(plan_of([R1], promises=[row])) == ({"R1": left} if left else {})


def test_of_two_promises_the_latest_stands_and_a_later_one_is_not_known():
    first = {"customer_id": "C1", "document_no": "R1", "made_on": day("10-05"), "pay_on": day("11-20")}  # fmt: skip
    second = first | {"made_on": day("10-20"), "pay_on": day("10-25")}
    assert outcome([R1], promises=[first, second])[0] == 1
    assert outcome([R1], promises=[first | {"made_on": day("11-02")}])[0] == 1
    assert outcome([R1], promises=[first, second | {"made_on": day("11-02")}])[1] == ("promised",)


def test_a_promise_for_the_account_holds_what_was_posted_by_then_oldest_first():
    items = [R1, invoice("R2", 500_00, due="10-10"), invoice("R3", 70_00, on="10-08", due="10-20")]
    row = {"customer_id": "C1", "made_on": day("10-05"), "pay_on": day("11-20")}
    assert claims(plan_of(items, promises=[row])) == {"R3": 70_00}
    some = row | {"amount": 1200_00, "currency": "EUR"}
    assert claims(plan_of(items, promises=[some])) == {"R2": 300_00, "R3": 70_00}


def test_a_plan_in_good_standing():
    rows = pl.DataFrame([{"customer_key": "c1", "company": "", "document_no": "R1", "currency": "EUR", "agreed_on": day("10-01")}], schema=PLANS)  # fmt: skip
    assert outcome([R1], known=Known(plans=rows))[1] == ("plan",)
    account = rows.with_columns(pl.lit(None, pl.String).alias("document_no"))
    assert outcome([R1], known=Known(plans=account))[1] == ("plan",)
    early = account.with_columns(pl.lit(day("08-31")).alias("agreed_on"))
    assert outcome([R1], known=Known(plans=early))[0] == 1


@pytest.mark.parametrize(
    ("on", "known_on", "reason"),
    [("10-31", None, ("insolvent",)), ("11-01", None, ()), ("10-20", "11-01", ())],
)
def test_insolvency_counts_from_the_day_it_is_known(on, known_on, reason):
    row = {"customer_id": "c1", "on": day(on), "known_on": known_on and day(known_on), "kind": "破产清算"}  # fmt: skip
    assert outcome([R1], events=[row])[1] == reason


def test_an_invoice_without_due_date_is_not_passed_over():
    assert outcome([invoice("R1", 1000_00, due=None)])[1] == ("no_due_date",)


def test_what_was_paid_after_the_cut_off_is_not_demanded():
    plan = plan_of([R1], known=Known(later={}))
    assert plan.decided[0][1].reasons == ("paid_since",)
    half = plan_of([R1], known=Known(later={plan.decided[0][0].debts[0].item: 400_00}))
    assert claims(half) == {"R1": 400_00}
    cash = Known(credit_later={("", "c1", "EUR"): 1000_00})
    assert outcome([R1], known=cash)[1] == ("credits",)


def test_a_ledger_older_than_the_bank_writes_to_nobody():
    assert outcome([R1], known=Known(stale=True))[1] == ("stale",)


def test_reasons_stand_together_gravest_first():
    who = customer(dunning_hold_until=day("12-31"), address="")
    row = {"customer_id": "C1", "on": day("10-20"), "kind": "Insolvency"}
    assert outcome([R1], [who], events=[row])[1] == ("insolvent", "held", "no_address")


def test_younger_debts_join_at_their_own_level_and_one_letter_goes_out():
    items = [R1, invoice("R2", 500_00, due="10-28")]
    known = Known(journal=journal(2, ["R1"]))
    plan = plan_of(items, known=known)
    [one] = plan.letters
    assert (one.planned.level.level, one.planned.levels) == (3, {0: 3, 1: 1})
    assert claims(plan) == {"R1": 1000_00, "R2": 500_00}


def test_a_debt_whose_turn_is_not_yet_only_joins():
    items = [R1, invoice("R2", 500_00, due="10-28")]
    plan = plan_of(items, known=Known(journal=journal(3, ["R1"], on="10-20")))
    [one] = plan.letters
    assert (one.planned.level.level, [d.document_no for d in one.planned.joined]) == (1, ["R1"])
    letter = letter_of(one, AS_OF, AS_OF, LetterFacts())
    assert [(item.document_no, item.level) for item in letter.items] == [("R1", 0), ("R2", 1)]


def test_apart_each_level_has_its_letter_and_what_waits_waits():
    known = Known(
        journal=journal(2, ["R1"]),
        policies={"standard": replace(policies()["standard"], younger="apart")},
    )
    items = [R1, invoice("R2", 500_00, due="10-28"), invoice("R3", 90_00, due="10-31")]
    plan = plan_of(items, known=known)
    assert [(one.planned.level.level, one.planned.claim) for one in plan.letters] == [(3, 1000_00), (1, 500_00)]  # fmt: skip
    assert len({one.letter_id for one in plan.letters}) == 2


@pytest.mark.parametrize(
    ("mode", "found"),
    [("stay", {"R2": 500_00}), ("replace", {"R1": 1000_00, "R2": 500_00}), ("block", {})],
)
def test_an_unsent_draft_stays_is_replaced_or_blocks(mode, found):
    known = Known(
        journal=journal(1, ["R1"], on="10-20", state=RENDERED),
        policies={"standard": replace(policies()["standard"], drafts=mode)},
    )
    plan = plan_of([R1, invoice("R2", 500_00, due="10-28")], known=known)
    assert claims(plan) == found
    if mode == "block":
        assert plan.decided[0][1].reasons == ("blocked",)


def test_a_draft_is_no_level():
    known = Known(journal=journal(2, ["R1"], state=RENDERED), policies={"standard": replace(policies()["standard"], drafts="replace")})  # fmt: skip
    assert plan_of([R1], known=known).letters[0].planned.level.level == 1


def test_a_letter_later_than_the_cut_off_is_not_known_yet():
    known = Known(journal=journal(1, ["R1"], on="11-05"))
    assert outcome([R1], known=known)[0] == 1
    assert outcome([R1], known=known, as_of=day("11-05"))[1] == ("too_soon",)


def test_document_policy_before_customer_before_company_before_standard():
    early = invoice("R1", 1000_00, due="10-28")
    assert outcome([early])[0] == 1
    assert outcome([early], known=Known(company_policy="uk"))[1] == ("not_reached",)
    held = customer(dunning_policy="none")
    assert outcome([early], [held], known=Known(company_policy="uk"))[1] == ("no_policy",)
    own = early | {"dunning_policy": "standard"}
    assert outcome([own], [held])[0] == 1


def test_two_currencies_are_two_letters_and_a_change_of_currency_starts_anew():
    items = [R1, invoice("R2", 800_00, currency="USD")]
    known = Known(journal=journal(1, ["R1"], on="10-20"))
    plan = plan_of(items, known=known)
    found = {one.planned.group.currency: one.planned.level.level for one in plan.letters}
    assert found == {"EUR": 2, "USD": 1}


def test_instalments_of_one_invoice_have_their_own_levels():
    parts = [
        R1 | {"instalment": 1, "amount": 400_00},
        R1 | {"instalment": 2, "amount": 600_00, "due_on": day("10-28")},
    ]
    [one] = plan_of(parts).letters
    letter = letter_of(one, AS_OF, AS_OF, LetterFacts())
    assert [(item.instalment, item.open) for item in letter.items] == [
        ("1", 400_00),
        ("2", 600_00),
    ]


@pytest.mark.parametrize(("form", "last", "level"), [("sole_trader", 4, 0), ("company", 4, 5)])
def test_no_letter_before_action_to_a_sole_trader(form, last, level):
    who = [customer(legal_form=form)]
    known = Known(journal=journal(last, ["R1"], on="11-15"))
    found = outcome([R1], who, as_of=day("11-30"), known=known)
    assert found == (level, () if level else ("person",))


def test_persons_have_longer_to_pay():
    known = Known(journal=journal(2, ["R1"]))
    for form, days in (("company", 10), ("sole_trader", 14)):
        [one] = plan_of([R1], [customer(legal_form=form)], known=known).letters
        assert one.planned.pay_by(date(2026, 11, 2)) == date(2026, 11, 2) + timedelta(days)


@pytest.mark.parametrize(("due", "notes"), [("11-03", 1), ("11-04", 0), ("10-31", 1)])
def test_a_note_before_the_due_date_only_to_who_owes_nothing_overdue(due, notes):
    soon = invoice("R9", 300_00, on="10-01", due=due)
    plan = plan_of([soon])
    assert [one.planned.level.stage for one in plan.letters] == ["pre_due"] * notes
    assert not plan.overdue_letters
    both = plan_of([soon, R1])
    assert [one.planned.level.level for one in both.letters] == [1]


def test_the_note_before_the_due_date_goes_out_once_and_is_no_level():
    soon = invoice("R9", 300_00, on="10-01", due="11-03")
    sent = Known(journal=journal(0, ["R9"], on="10-31"))
    assert not plan_of([soon], known=sent, as_of=day("11-01")).letters
    assert outcome([soon], known=sent, as_of=day("11-04")) == (1, ())


def test_the_letter_shows_what_is_not_yet_due_and_the_unapplied_credit():
    items = [R1, invoice("R2", 500_00, on="10-20", due="11-20"), credit("G1", 30_00, "10-10")]
    [one] = plan_of(items).letters
    letter = letter_of(one, AS_OF, date(2026, 11, 2), LetterFacts())
    assert (letter.overdue, letter.falling_due, letter.unapplied, letter.payable) == (1000_00, 500_00, 30_00, 970_00)  # fmt: skip
    assert (letter.pay_by, letter.stage) == (date(2026, 11, 9), "reminder")


def test_paid_and_credited_add_up_to_what_is_open():
    docs = [R1, credit("G1", 100_00, "10-05", "R1")]
    paid = {"payments": [payment("P1", 250_00, "10-06")], "allocations": [allocation("P1", "R1", 250_00, "10-06")]}  # fmt: skip
    [one] = plan_of(docs, **paid).letters
    [item] = letter_of(one, AS_OF, AS_OF, LetterFacts()).items
    assert (item.original, item.paid, item.credited, item.open) == (1000_00, 250_00, 100_00, 650_00)  # fmt: skip


def test_the_same_plan_gives_the_same_numbers_and_another_set_another():
    first = [one.letter_id for one in plan_of([R1]).letters]
    assert first == [one.letter_id for one in plan_of([R1]).letters]
    assert first != [one.letter_id for one in plan_of([R1, invoice("R2", 1)]).letters]


AMOUNTS = st.integers(1, 3000_00)
DOCUMENT = st.tuples(
    st.sampled_from(["C1", "C2", "C3", "C4"]), st.sampled_from(["EUR", "USD"]), AMOUNTS,
    st.integers(-5, 90), st.sampled_from(["", "", "", "dispute", "part", "promise", "hold", "undated"]),
)  # fmt: skip
CREDITS = st.lists(st.tuples(st.sampled_from(["C1", "C2"]), st.sampled_from(["EUR", "USD"]), AMOUNTS), max_size=3)  # fmt: skip


def rows_of(documents):
    for number, (who, currency, amount, days, state) in enumerate(documents):
        more = {
            "dispute": {"disputed_on": day("10-01")},
            "part": {"disputed_on": day("10-01"), "disputed_amount": 10_00},
            "promise": {"promised_on": day("11-11")},
            "hold": {"dunning_hold_until": day("11-11")},
        }.get(state, {})
        due = None if state == "undated" else (AS_OF - timedelta(days)).isoformat()
        yield invoice(f"R{number}", amount, on="06-01", due=due, customer_id=who, currency=currency, **more)  # fmt: skip


def expected(documents, cash):
    """Demanded by customer and currency, told in other words than the program's."""
    rest: defaultdict[tuple[str, str], int] = defaultdict(int)
    for who, currency, amount, days, state in documents:
        free = {
            "dispute": 0,
            "promise": 0,
            "hold": 0,
            "undated": 0,
            "part": max(0, amount - 10_00),
        }
        if days > 0:
            rest[who, currency] += free.get(state, amount)
    credits_: defaultdict[tuple[str, str], int] = defaultdict(int)
    for who, currency, amount in cash:
        credits_[who, currency] += amount
    stopped = {"C4"}
    return {
        key: sum_
        for key, sum_ in rest.items()
        if sum_ - credits_[key] >= 25_00 and key[0] not in stopped
    }


@settings(max_examples=60, deadline=None)
@given(st.lists(DOCUMENT, min_size=1, max_size=14), CREDITS)
def test_letters_demand_exactly_what_is_eligible_and_nobody_is_missing(documents, cash):
    docs = list(rows_of(documents))
    people = [customer(name) for name in ("C1", "C2", "C3")] + [customer("C4", dunning_hold_until=day("12-31"))]  # fmt: skip
    paid = [payment(f"P{n}", amount, "10-20", customer_id=who, currency=code) for n, (who, code, amount) in enumerate(cash)]  # fmt: skip
    plan = plan_of(docs, people, payments=paid)
    demanded = {(one.planned.group.party.customer_id, one.planned.group.currency): one.planned.claim for one in plan.overdue_letters}  # fmt: skip
    assert demanded == expected(documents, cash)
    made = {one.letter_id: letter_of(one, AS_OF, AS_OF, LetterFacts()) for one in plan.letters}
    frame, items = dunning_frame(plan, made), items_frame(plan)
    late = [row for row in docs if row["due_on"] is None or row["due_on"] < AS_OF]
    assert sorted(items["document_no"]) == sorted(row["document_no"] for row in late)
    assert items.filter(pl.col("letter_id").is_null() == (pl.col("reason") == "")).is_empty()
    assert items["demanded"].sum() == sum(demanded.values())
    overdue = frame.filter(pl.col("outcome") != "courtesy")
    assert overdue["overdue"].sum() == sum(row["amount"] for row in late)
    who = {(row["customer_id"], row["currency"]) for row in late}
    assert set(overdue.select("customer_id", "currency").iter_rows()) == who
    assert overdue.height == len(who)
    assert overdue.filter(pl.col("letter_id").is_null() == (pl.col("reasons") == "")).is_empty()


def test_an_empty_ledger_has_an_empty_plan():
    plan = plan_of([invoice("R1", 100, due="12-31")])
    assert not plan.letters
    assert dunning_frame(plan, {}).schema == DUNNING
