"""Order holds over the ledger: exposure, limits in other currencies, flags, releases."""

import csv
import json
from datetime import date
from fractions import Fraction

import pytest
from typer.testing import CliRunner

from receivables.cli import app
from receivables.ledger.link import link
from receivables.ledger.open import open_items
from receivables.rates import Rates
from receivables.respond.ecommerce import stages
from receivables.respond.flow_match import REASONS
from receivables.respond.holds_ledger import order_holds
from receivables.respond.order_hold import HoldPolicy, reason_texts
from tests.ledgers import day, invoice, ledger

AS_OF = date(2026, 10, 31)
RATES = Rates({("USD", "EUR"): ([AS_OF], [Fraction("0.5")])})


def order(number="O1", amount=1_000, on="10-20", **more):
    return {"order_no": number, "customer_id": "C1", "amount": amount, "currency": "EUR", "ordered_on": day(on), **more}  # fmt: skip


def own(amount, **more):
    return {"customer_id": "C1", "kind": "own", "amount": amount, "currency": "EUR", **more}


def held(rates=None, options=None, **tables):
    tables.setdefault("documents", [invoice("R1", 9_000, "10-01", "11-30")])
    books = ledger(**tables)
    found = order_holds(books, open_items(link(books), AS_OF), rates=rates, **(options or {}))
    return {row["order_no"]: row for row in found.iter_rows(named=True)}


def reasons(**tables):
    return {number: row["reasons"] for number, row in held(**tables).items()}


@pytest.mark.parametrize(("limit", "expected"), [(9_999, "limit"), (10_000, ""), (10_001, "")])
def test_equal_to_the_limit_is_allowed(limit, expected) -> None:
    assert reasons(orders=[order()], limits=[own(limit)]) == {"O1": expected}


def test_earlier_orders_of_the_customer_count() -> None:
    orders = [order("LATE", on="10-21"), order("EARLY", on="10-20")]
    found = held(orders=orders, limits=[own(10_000)])
    assert {number: row["state"] for number, row in found.items()} == {
        "EARLY": "ok",
        "LATE": "hold",
    }
    assert found["LATE"]["exposure"] == 10_000


def test_delivered_and_future_orders_do_not_wait() -> None:
    orders = [
        order("DONE", delivered_on=day("10-31")),
        order("LATER", on="11-01"),
        order("OPEN", delivered_on=day("11-01")),
    ]
    assert set(held(orders=orders)) == {"OPEN"}


def test_a_limit_of_another_day_or_kind_is_not_the_limit() -> None:
    limits = [
        own(1, valid_to=day("10-30")),
        own(50_000, valid_from=day("10-31")),
        own(1, valid_from=day("11-01")),
        own(1) | {"kind": "insured"},
    ]
    assert held(orders=[order()], limits=limits)["O1"]["limit"] == 50_000


def test_currencies_meet_at_the_rate_of_the_day_or_are_not_tested() -> None:
    tables = {"orders": [order(currency="USD", amount=2_001)], "limits": [own(10_000)]}
    row = held(rates=RATES, **tables)["O1"]
    assert (row["exposure"], row["limit"], row["reasons"]) == (18_000, 20_000, "limit")
    without = held(**tables)["O1"]
    assert without["state"] == "ok"
    assert "limit not tested: No rate" in without["note"]


@pytest.mark.parametrize(
    ("due", "expected"), [("10-17", ""), ("10-16", "overdue"), ("10-15", "overdue")]
)
def test_overdue_for_fifteen_days_stops_supply(due, expected) -> None:
    documents = [invoice("R1", 90_000, "09-01", due)]
    assert reasons(orders=[order()], documents=documents) == {"O1": expected}


def test_flags_grades_and_the_insurers_stop() -> None:
    options = {"stops": {"c1": AS_OF}, "insolvent": frozenset({"c1"}), "grades": {"c1": 7}}
    people = [{"customer_id": "C1", "name": "One", "credit_hold": True}]
    row = held(orders=[order()], customers=people, options=options)["O1"]
    assert row["reasons"] == "credit_hold+insolvent+stop_ship+prepay"
    assert row["name"] == "One"
    paid = held(orders=[order(cover="prepaid")], options={"grades": {"c1": 7}})["O1"]
    assert paid["state"] == "ok"


def test_a_release_shows_who_and_keeps_the_reason() -> None:
    released = order(released_by="Chen", released_on=day("10-30"))
    row = held(orders=[released], limits=[own(1)])["O1"]
    assert (row["state"], row["reasons"], row["released_by"]) == ("released", "limit", "Chen")


def test_an_order_that_cannot_be_read_is_held_not_dropped() -> None:
    row = held(orders=[order(escrow_state="somewhere")])["O1"]
    assert (row["state"], row["reasons"]) == ("hold", "unread")
    assert "escrow_state 'somewhere'" in row["note"]
    bare = held(orders=[order(amount=None)], limits=[own(5)])["O1"]
    assert bare["reasons"] == "no_amount"


def test_a_customer_without_balance_or_name_is_tested_too() -> None:
    row = held(orders=[order(customer_id="C9")])["O1"]
    assert (row["exposure"], row["limit"], row["state"]) == (0, None, "ok")


def test_own_thresholds() -> None:
    documents = [invoice("R1", 90_000, "09-01", "10-10")]
    policy = {"policy": HoldPolicy.of({"overdue": 22})}
    assert held(orders=[order()], documents=documents, options=policy)["O1"]["state"] == "ok"


def test_words_in_two_languages() -> None:
    assert all(zh and en for en, zh in [*reason_texts().values(), *REASONS.values()])
    assert all(stage.text_en and stage.text_zh for stage in stages())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("ledger")
    tables = {
        "documents": [["document_no", "customer_id", "kind", "issued_on", "shipped_on", "due_on", "currency", "amount", "tax_amount"],
                      ["00123", "C1", "invoice", "2026-07-01", "2026-07-01", "2026-08-05", "EUR", "1000.00", "0"]],
        "InsurancePolicies": [["policy_no", "insurer", "valid_from", "currency", "insured_share", "max_extension_days", "declare_days"],
                              ["P1", "Invented", "2026-01-01", "EUR", "90%", "60", "30"]],
        "Limits": [["customer_id", "kind", "amount", "currency", "valid_from"],
                   ["C1", "insured", "800", "EUR", "2026-01-01"], ["C1", "own", "900", "EUR", "2026-01-01"]],
        "Orders": [["order_no", "customer_id", "ordered_on", "amount", "currency"], ["O1", "C1", "2026-10-30", "5", "EUR"]],
    }  # fmt: skip
    for name, rows in tables.items():
        with (path / f"{name}.csv").open("w", newline="", encoding="utf-8") as handle:
            csv.writer(handle).writerows(rows)
    return path


def run(*arguments):
    return CliRunner().invoke(app, [str(part) for part in arguments])


def test_the_command_insurance(folder) -> None:
    """Due 5 August: extension to 4 October, notice by 3 November, act by 2 November."""
    shown = run("insurance", folder, "--as-of", "2026-10-31", "--json")
    answer = json.loads(shown.stdout)
    [row] = answer["week"]
    assert (row["document_no"], row["action"], row["act_by"], row["days_left"]) == ("00123", "report", "2026-11-02", 3)  # fmt: skip
    assert (row["insured"], row["at_stake"], row["limit"]) == ("800.00", "720.00", "800.00")
    assert answer["buyers"][0]["stop_ship"] == "2026-10-05"
    text = run("insurance", folder, "--as-of", "2026-10-31").stdout
    assert all(part in text for part in ("00123", "STOP", "720.00", "2026-11-02"))
    moved = run("insurance", folder, "--as-of", "2026-10-31", "--json", "--holiday", "2026-11-02")
    assert json.loads(moved.stdout)["week"][0]["act_by"] == "2026-10-30"


def test_the_command_holds(folder) -> None:
    answer = json.loads(run("holds", folder, "--as-of", "2026-10-31", "--json").stdout)
    assert answer["counts"] == {"ok": 0, "hold": 1, "released": 0}
    assert answer["orders"][0]["reasons"] == "stop_ship+overdue+limit"
    text = run("holds", folder, "--as-of", "2026-10-31").stdout
    assert "Open orders: 0 free, 1 held, 0 released." in text


def test_the_command_says_what_is_missing(folder, tmp_path) -> None:
    (tmp_path / "documents.csv").write_text((folder / "documents.csv").read_text())
    assert (
        "no table InsurancePolicies" in run("insurance", tmp_path, "--as-of", "2026-10-31").stdout
    )
