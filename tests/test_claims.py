"""Plans, disputes, limitation and insured debt over a ledger, from small books told row by row."""

from __future__ import annotations

import json
from datetime import date

import polars as pl
import pytest
from typer.testing import CliRunner

from receivables.cli import app
from receivables.errors import BadValueError
from receivables.ledger.link import link
from receivables.ledger.open import open_items
from receivables.refresh.claims_tasks import dispute_tasks, plan_tasks
from receivables.respond.disputes_ledger import dispute_clocks
from receivables.respond.insolvency import insolvency_tasks
from receivables.respond.insured_debt import actions, consents, insured_customers
from receivables.respond.limitation_ledger import limitation_dates
from receivables.respond.plans_ledger import STANDING, plan_states
from tests.ledgers import allocation, day, invoice, ledger, payment

AS_OF = date(2026, 10, 31)
INVOICE = invoice("R1", 1000_00, on="07-01", due="07-31")
EMPTY = {"plans": (), "plan_instalments": (), "disputes": (), "events": ()}


def asked(function, as_of=AS_OF, *, documents=(INVOICE,), more=None, **tables):
    books = ledger(**{**EMPTY, "documents": documents, **tables})
    return function(books, open_items(link(books), as_of), **(more or {}))


def plan(**more):
    own = {
        "plan_no": "P-1",
        "customer_id": "C1",
        "currency": "EUR",
        "agreed_on": day("09-01"),
        "amount": 1000_00,
    }
    return own | more


def line(number, due, amount, **more):
    return {
        "plan_no": "P-1",
        "instalment": number,
        "due_on": day(due),
        "amount": amount,
        "currency": "EUR",
    } | more


LINES = (line(1, "09-30", 400_00), line(2, "10-31", 300_00), line(3, "11-30", 300_00))
NAMED = tuple(one | {"document_no": "R1"} for one in LINES)


def states(lines=LINES, as_of=AS_OF, plans=None, **tables):
    return asked(plan_states, as_of, plans=plans or [plan()], plan_instalments=lines, **tables)


@pytest.mark.parametrize(
    ("as_of", "state", "called"),
    [("09-30", "good", 0), ("10-01", "late", 400_00), ("10-03", "late", 400_00), ("10-04", "breached", 1000_00)],
)  # fmt: skip
def test_a_missed_instalment_calls_in_the_rest(as_of, state, called) -> None:
    row = states(as_of=day(as_of)).row(0, named=True)
    assert (row["state"], row["called"]) == (state, called)
    assert (row["state"] in STANDING) == (state != "breached")


def test_money_noted_on_the_plan_counts_from_its_day() -> None:
    lines = (LINES[0] | {"paid_on": day("10-03"), "paid_amount": 400_00}, *LINES[1:])
    assert states(lines, day("10-02"))["state"].to_list() == ["late"]
    row = states(lines).row(0, named=True)
    assert (row["state"], row["paid"], row["paid_from"]) == ("good", 400_00, "noted")
    assert (row["next_on"], row["next_amount"]) == (day("10-31"), 300_00)


def test_money_of_the_ledger_counts_where_nothing_is_noted() -> None:
    paid = payment("X1", 400_00, "09-29", "R1")
    for lines in (LINES, NAMED):
        row = states(lines, payments=[paid]).row(0, named=True)
        assert (row["state"], row["paid"], row["paid_from"]) == ("good", 400_00, "ledger")


def test_money_from_before_the_agreement_or_for_another_document_does_not_count() -> None:
    before = payment("X1", 400_00, "08-31", "R1")
    assert states(NAMED, payments=[before])["paid"].to_list() == [0]
    other = invoice("R2", 400_00, due="09-30")
    paid = payment("X2", 400_00, "09-29", "R2")
    assert states(NAMED, documents=(INVOICE, other), payments=[paid])["paid"].to_list() == [0]


def test_unmatched_money_counts_for_a_plan_of_the_account_only() -> None:
    loose = payment("X1", 400_00, "09-29")
    assert states(LINES, payments=[loose])["paid"].to_list() == [400_00]
    assert states(NAMED, payments=[loose])["paid"].to_list() == [0]
    matched = [loose, allocation("X1", "R1", 400_00, "09-30")]
    assert states(NAMED, payments=[loose], allocations=matched[1:])["paid"].to_list() == [400_00]


def test_plans_that_are_over_not_begun_or_empty() -> None:
    assert states(plans=[plan(agreed_on=day("11-01"))]).is_empty()
    gone = states(plans=[plan(state="Withdrawn")]).row(0, named=True)
    assert (gone["state"], gone["called"]) == ("withdrawn", 0)
    none = states(lines=()).row(0, named=True)
    assert (none["state"], none["total"]) == ("", None)
    assert states(plans=[plan(amount=900_00)])["difference"].to_list() == [100_00]
    full = payment("X1", 1000_00, "09-29", "R1")
    assert states(payments=[full])["state"].to_list() == ["done"]


def test_a_plan_over_insured_debt_waits_for_the_insurer() -> None:
    insured = {"insured": {"c1"}}
    assert states(more=insured)["blocked"].to_list() == [True]
    assert states(plans=[plan(insurer_consent="EK-7")], more=insured)["blocked"].to_list() == [
        False
    ]
    assert states()["blocked"].to_list() == [False]


def test_consents_are_for_what_they_name_and_from_their_day() -> None:
    events = [
        {"customer_id": "C1", "on": day("10-01"), "kind": "Consent of insurer", "note": "hand-over to agency X"},
        {"customer_id": "C2", "on": day("10-01"), "kind": "保险人同意", "note": ""},
        {"customer_id": "C3", "on": day("11-01"), "kind": "insurer consent", "note": ""},
        {"customer_id": "C4", "on": day("10-01"), "kind": "phone call", "note": "consent to plan"},
    ]  # fmt: skip
    books = ledger(
        **{**EMPTY, "plans": [plan(customer_id="C5", insurer_consent="EK")], "events": events}
    )
    known = consents(books, {"c1", "c2", "c3", "c4", "c5"}, AS_OF)
    wanted = {
        "c1": "hand_over",
        "c2": "plan waiver hand_over",
        "c3": "",
        "c4": "",
        "c5": "plan",
        "c9": "plan waiver hand_over",
    }
    for key, free in wanted.items():
        found = [
            action for action in ("plan", "waiver", "hand_over") if not known.blocked(key, action)
        ]
        assert " ".join(found) == free, key
    assert consents(books, {"c3"}, date(2026, 11, 1)).blocked("c3", "plan") == ""
    with pytest.raises(BadValueError, match="no action on insured debt"):
        known.blocked("c1", "dance")
    assert all(row["source"] for row in actions().values())


def test_customers_with_insured_debt() -> None:
    items = pl.DataFrame({"customer_key": ["a", "b", None], "insured": [5, 0, 3]})
    assert insured_customers(items) == {"a"}


def dispute(opened="10-01", **more):
    return {
        "dispute_no": "D-1",
        "customer_id": "C1",
        "document_no": "R1",
        "opened_on": day(opened),
        "currency": "EUR",
    } | more


@pytest.mark.parametrize(
    ("as_of", "more", "step", "left"),
    [
        ("10-04", {}, "handle", 18),
        ("10-22", {"acknowledged_on": day("10-02")}, "handle", 0),
        ("10-23", {"acknowledged_on": day("10-02")}, "handle", -1),
        ("10-23", {"decided_on": day("10-22")}, "resolve", 23),
        ("10-02", {"acknowledged_on": day("10-03")}, "acknowledge", 1),
    ],
)
def test_the_clock_that_runs_out_next(as_of, more, step, left) -> None:
    row = asked(dispute_clocks, day(as_of), disputes=[dispute(**more)]).row(0, named=True)
    assert (row["next_step"], row["days_left"]) == (step, left)


def test_who_notes_acknowledgements_is_asked_for_them() -> None:
    rows = [
        dispute(),
        dispute(dispute_no="D-2", document_no=None, acknowledged_on=day("10-02"), amount=1_00),
    ]
    for as_of, left in (("10-03", 0), ("10-04", -1)):
        found = asked(dispute_clocks, day(as_of), disputes=rows).row(0, named=True)
        assert (found["dispute_no"], found["next_step"], found["days_left"]) == (
            "D-1",
            "acknowledge",
            left,
        )


def test_what_is_disputed_and_what_stays_payable() -> None:
    def amounts(**more):
        return (
            asked(dispute_clocks, disputes=[dispute(**more)])
            .select("open", "disputed", "undisputed")
            .row(0)
        )

    assert amounts(amount=300_00) == (1000_00, 300_00, 700_00)
    assert amounts() == (1000_00, 1000_00, 0)
    assert amounts(amount=5000_00) == (1000_00, 1000_00, 0)
    assert amounts(document_no=None, amount=50_00) == (None, 50_00, None)


def test_closed_and_future_disputes_are_not_there() -> None:
    assert asked(dispute_clocks, disputes=[dispute(closed_on=day("10-31"))]).is_empty()
    assert asked(dispute_clocks, disputes=[dispute(closed_on=day("11-01"))]).height == 1
    assert asked(dispute_clocks, disputes=[dispute("11-01")]).is_empty()


def test_a_document_that_names_its_own_dispute() -> None:
    own = INVOICE | {
        "disputed_on": day("10-01"),
        "disputed_amount": 200_00,
        "dispute_reason": "late",
    }
    row = asked(dispute_clocks, documents=(own,)).row(0, named=True)
    assert (row["document_no"], row["undisputed"], row["reason"]) == ("R1", 800_00, "late")
    listed = asked(dispute_clocks, documents=(own,), disputes=[dispute(amount=1_00)])
    assert listed["disputed"].to_list() == [1_00]
    over = own | {"disputed_until": day("10-30")}
    assert asked(dispute_clocks, documents=(over,)).is_empty()


def barred(law="CN", events=(), documents=(INVOICE,), **tables):
    customers = [{"customer_id": "C1", "name": "One", "governing_law": law}]
    rows = [{"customer_id": "C1", "on": day(on), "kind": kind} for on, kind in events]
    found = asked(
        limitation_dates, documents=documents, customers=customers, events=rows, **tables
    )
    return found.row(0, named=True)


@pytest.mark.parametrize(
    ("law", "events", "expected", "why"),
    [
        ("CN", [], date(2029, 7, 31), None),
        ("CN", [("09-15", "催款函")], date(2029, 9, 15), None),
        ("CN", [("09-15", "催款函"), ("10-02", "对账函")], date(2029, 10, 2), None),
        ("DE", [("09-15", "Mahnung")], date(2029, 12, 31), None),
        ("CN", [("07-15", "催款函")], date(2029, 7, 31), None),
        ("CN", [("11-15", "催款函")], date(2029, 7, 31), None),
        ("UK", [("09-15", "Lawsuit")], date(2032, 7, 31), None),
        ("DE", [("09-15", "Mahnbescheid")], None, "suspended"),
        ("Utah", [], None, "law_unknown"),
        (None, [], None, "no_law"),
    ],
)
def test_when_a_debt_is_barred(law, events, expected, why) -> None:
    row = barred(law, events)
    assert (row["barred_on"], row["why"]) == (expected, why)


def test_a_part_payment_starts_the_time_anew() -> None:
    row = barred("UK", payments=[payment("X1", 400_00, "09-29", "R1")])
    assert (row["barred_on"], row["event"], row["open"]) == (
        date(2032, 9, 29),
        "part_payment",
        600_00,
    )


def test_a_chain_of_events_keeps_an_old_debt_alive() -> None:
    old = invoice("R1", 1000_00, due="07-31") | {
        "due_on": date(2018, 5, 1),
        "issued_on": date(2018, 4, 1),
        "posted_on": date(2018, 4, 1),
    }
    rows = [
        {"customer_id": "C1", "on": date(year, 4, 30), "kind": "对账函"} for year in (2021, 2024)
    ]
    customers = [{"customer_id": "C1", "name": "One", "governing_law": "CN"}]
    found = asked(limitation_dates, documents=(old,), customers=customers, events=rows)
    assert found["barred_on"].to_list() == [date(2027, 4, 30)]
    broken = asked(limitation_dates, documents=(old,), customers=customers, events=rows[1:])
    assert broken["barred_on"].to_list() == [date(2021, 5, 1)]


def test_the_country_stands_in_for_a_law_that_no_contract_names() -> None:
    customers = [{"customer_id": "C1", "name": "One", "country": "FR"}]
    row = asked(limitation_dates, customers=customers).row(0, named=True)
    assert (row["law"], row["law_from"], row["confirmed"]) == ("FR", "country", False)


LEDGER = {
    "customers.csv": "customer_id,name,governing_law\nC1,One,CN\n",
    "documents.csv": "document_no,customer_id,kind,issued_on,due_on,currency,amount\nR1,C1,invoice,2026-07-01,2026-07-31,EUR,1000.00\n",
    "plans.csv": "plan_no,customer_id,amount,currency,agreed_on\nP-1,C1,900.00,EUR,2026-09-01\n",
    "plan_instalments.csv": "plan_no,instalment,due_on,amount,currency\nP-1,1,2026-09-30,500.00,EUR\nP-1,2,2026-11-30,500.00,EUR\n",
    "disputes.csv": "dispute_no,customer_id,document_no,opened_on,acknowledged_on,amount,currency\nD-1,C1,R1,2026-10-01,2026-10-02,300.00,EUR\n",
}


@pytest.fixture
def books(tmp_path):
    for name, text in LEDGER.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return str(tmp_path)


def run(*words):
    done = CliRunner().invoke(app, [*words, "--as-of", "2026-10-31"])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_commands_print_what_they_found(books) -> None:
    told = run("plans", books)
    assert "breached" in told
    assert "1,000.00" in told
    assert "make 100.00, not nil" in told
    assert "handle" in run("disputes", books)
    assert "2029-07-31" in run("limitation", books)


def test_the_commands_as_json(books) -> None:
    plans = json.loads(run("plans", books, "--json"))
    assert plans["counts"] == {"breached": 1}
    assert plans["plans"][0]["called"] == "1000.00"
    disputes = json.loads(run("disputes", books, "--json"))
    assert disputes["disputes"][0]["undisputed"] == "700.00"
    debts = json.loads(run("limitation", books, "--json"))
    assert debts["debts"][0]["barred_on"] == "2029-07-31"


def insolvencies(events, *, country="FR", insured=()):
    rows = [
        {"customer_id": "C1", "on": day(on), "known_on": known and day(known), "kind": kind}
        for on, known, kind in events
    ]
    customers = [{"customer_id": "C1", "name": "One", "country": country}]
    found = asked(insolvency_tasks, customers=customers, events=rows, more={"insured": insured})
    return dict(found.select("task", "due_on").iter_rows())


def test_an_insolvency_is_work_with_a_deadline() -> None:
    opened = ("10-01", "10-05", "Insolvency opened")
    assert insolvencies([opened]) == {
        "proof_of_claim": date(2026, 12, 1), "retention": day("10-05"), "interest": day("10-05"),
    }  # fmt: skip
    assert insolvencies([opened], country="US")["proof_of_claim"] is None
    assert insolvencies([opened], country="Atlantis")["proof_of_claim"] is None
    assert "insurer" in insolvencies([opened], insured={"c1"})
    assert insolvencies([("10-20", "11-05", "Insolvency opened")]) == {}
    filed = [opened, ("10-20", None, "Proof of claim filed"), ("10-21", None, "已停止计息")]
    assert list(insolvencies(filed)) == ["retention"]


def test_tasks_of_the_week_name_plan_dispute_and_insolvency() -> None:
    plans = pl.concat(
        [
            states(),
            states(
                plans=[plan(plan_no="P-2")],
                lines=(line(1, "11-30", 1000_00, plan_no="P-2"),),
                more={"insured": {"c1"}},
            ),
        ]
    )
    made = plan_tasks(plans, "en")
    assert made["what"].to_list() == [
        "P-1: breached, all that is left falls due",
        "P-2: insured debt, get the insurer's consent",
    ]
    assert made["amount"].to_list() == [1000_00, 1000_00]
    disputes = dispute_tasks(asked(dispute_clocks, disputes=[dispute()]), "zh")
    assert disputes.select("what", "act_by").row(0) == ("D-1 R1: 处理", day("10-22"))
