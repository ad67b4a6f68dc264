"""The credit file of the invented firm: every row the page names is there and shows what it says."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from receivables.assess.altman import is_stale
from receivables.assess.approval_tiers import tiers_of
from receivables.assess.approvals import CHANGED, verify
from receivables.assess.ratings import rating
from receivables.cells import find_function, load_functions
from receivables.demo import build_firm
from receivables.demo.tables import SHEETS, build_books
from receivables.ledger.schema import tables
from receivables.monitor.country import successors
from receivables.monitor.reviews import review_days
from receivables.monitor.warnings_signals import signal_of
from receivables.respond import ecommerce
from receivables.transfer.policy import InsurancePolicy
from receivables.transfer.rules import scope_of

ROOT = Path(__file__).parents[1]
AS_OF = date(2026, 10, 31)

KEYS = {
    "approvals": "approval_no", "bank_accounts": "company account", "bills": "bill_no",
    "companies": "company", "contacts": "contact_no",
    "contracts": "contract_no", "country_ratings": "subject source date",
    "customers": "customer_id", "disputes": "dispute_no", "documents": "document_no",
    "events": "customer_id on", "insurance_policies": "policy_no",
    "limits": "customer_id kind valid_from", "orders": "order_no", "overrides": "override_no",
    "plan_instalments": "plan_no instalment", "plans": "plan_no", "ratings": "subject source date",
    "sales": "month company currency", "statements": "customer_id period_end",
    "training": "training_no",
}  # fmt: skip
NO_ROWS = {"S13", "S23", "S24", "S27", "S28", "S45"}
"""Requirements that no row can show, as the page says."""


@pytest.fixture(scope="module")
def firm():
    return build_firm()


@pytest.fixture(scope="module")
def cases():
    return build_books().cases


def section(heading: str) -> list[list[str]]:
    """Cells of the table under a heading of the page."""
    page = (ROOT / "docs" / "demo.md").read_text(encoding="utf-8")
    part = page.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def labels(firm, table: str) -> set[str]:
    frame = firm[table].select(KEYS[table].split())
    return {" ".join(str(cell) for cell in row) for row in frame.iter_rows()}


def rows(firm, table: str, **equal) -> list[dict]:
    return firm[table].filter(**equal).to_dicts()


def one(firm, table: str, **equal) -> dict:
    (found,) = rows(firm, table, **equal)
    return found


def policy(firm, number: str) -> InsurancePolicy:
    row = one(firm, "insurance_policies", policy_no=number)
    amounts = {name for name, column in tables()["insurance_policies"].items()
               if column.type == "amount"}  # fmt: skip
    return InsurancePolicy.from_values(
        {name: Decimal(cell) if name in amounts and cell else cell for name, cell in row.items()}
    )


@pytest.mark.parametrize("line", section("Which row shows which requirement"), ids=lambda x: x[0])
def test_every_row_that_shows_a_requirement_is_there(firm, line):
    _, _, table, named = line
    assert {name.strip() for name in named.split(",")} <= labels(firm, table)


def test_every_requirement_is_shown_or_named_as_no_data():
    shown = {line[0] for line in section("Which row shows which requirement")}
    wanted = {f"S{n:02d}" for n in range(1, 46)} | {f"R{n}" for n in range(1, 7)}
    assert wanted - shown == NO_ROWS


@pytest.mark.parametrize("line", section("The credit file"), ids=lambda x: x[0])
def test_every_case_of_the_credit_file_is_there(firm, cases, line):
    case, sheets, named, _ = line
    by_sheet = {sheet: table for table, sheet in SHEETS.items()}
    known = set().union(*(labels(firm, by_sheet[sheet.strip()]) for sheet in sheets.split(",")))
    assert {name.strip() for name in named.split(",")} == set(cases[case]) <= known


def test_statements_balance_and_show_the_odd_ones(firm, cases):
    statements = firm["statements"].to_dicts()
    customers = {row["customer_id"] for row in statements}
    assert 25 <= len(customers) <= 35
    for row in statements:
        held = Decimal(row["equity"]) + Decimal(row["total_liabilities"])
        assert held == Decimal(row["total_assets"])
        assert row["known_on"] is None or row["known_on"] > row["period_end"]
    assert all(len(rows(firm, "statements", customer_id=no)) == 2 for no in customers)
    latest = {row["customer_id"]: row for row in statements}
    assert Decimal(latest["00130"]["equity"]) < 0
    assert latest["00138"]["unit"] == "1000"
    assert latest["00125"]["known_on"] > AS_OF
    assert is_stale(latest["00129"]["period_end"], AS_OF)
    assert one(firm, "customers", customer_id="00184")["industry"] == "Bank"
    assert latest["00184"]["ebit"] is None


def test_ratings_name_a_scale_and_two_are_not_known_at_the_month_end(firm):
    ratings = firm["ratings"].to_dicts()
    for row in ratings:
        text = row["rating"] if ":" in row["rating"] else f"{row['source']}:{row['rating']}"
        assert 1 <= rating(text).grade <= 10
    late = [row for row in ratings if max(row["date"], row["known_on"]) > AS_OF]
    assert [(row["subject"], row["date"] > AS_OF) for row in late] == [
        ("00110", False),
        ("00176", True),
    ]
    before, now = rows(firm, "ratings", subject="00118")
    assert (
        rating(f"Coface:{now['rating']}").grade - rating(f"Coface:{before['rating']}").grade == 2
    )


def test_events_speak_to_every_signal(firm):
    known = firm["events"].filter(pl.max_horizontal("on", "known_on") <= AS_OF).to_dicts()
    found = {signal_of(row["kind"]) for row in known}
    assert found >= {"terms", "management", "lawsuits", "bank", "insolvency"}
    asked = [row["on"] for row in rows(firm, "events", customer_id="00151")]
    assert len(asked) == 2
    assert (AS_OF - min(asked)).days < 90
    assert one(firm, "events", customer_id="00126")["known_on"] > AS_OF


def test_limits_of_every_kind_cut_ended_nought_and_raised_without_approval(firm):
    assert set(firm["limits"]["kind"]) == {"own", "insured", "group", "component"}
    before, cut = rows(firm, "limits", customer_id="00118", kind="insured")
    assert Decimal(cut["amount"]) < Decimal(before["amount"])
    assert one(firm, "limits", customer_id="00139", kind="own")["valid_to"] < AS_OF
    assert one(firm, "limits", customer_id="00145", kind="insured")["amount"] == "0.00"
    assert rows(firm, "limits", customer_id="00116") == []
    _, raised = rows(firm, "limits", customer_id="00129", kind="own")
    granted = rows(firm, "approvals", customer_id="00129", kind="limit", decision="granted")
    assert (raised["decided_by"], granted) == ("Diego Serrano", [])
    sellers = set(firm["customers"]["salesperson"])
    assert raised["decided_by"] in sellers


def test_approvals_with_two_signatures_one_person_twice_and_the_requester(firm):
    def signed(number: str) -> list[str]:
        return [row["decided_by"] for row in rows(firm, "approvals", approval_no=number)]

    assert len(set(signed("FA-2026-001"))) == 2
    assert signed("FA-2026-002") == ["Miriam Frey"] * 2
    own = one(firm, "approvals", approval_no="FA-2026-003")
    assert own["requested_by"] == own["decided_by"]
    assert signed("FA-2026-005") == [None]


def test_approvals_are_chained_and_one_was_changed_later(firm):
    money = {"amount", "exposure_after"}
    read = [
        {name: int(Decimal(cell) * 100) if name in money and cell else cell
         for name, cell in row.items()}
        for row in firm["approvals"].to_dicts()
    ]  # fmt: skip
    assert [(one.approval_no, one.why) for one in verify(read)] == [("FA-2026-010", CHANGED)]


def test_reviews_are_in_date_due_overdue_and_never_made(firm):
    last = {
        row["customer_id"]: row["decided_on"] for row in rows(firm, "approvals", kind="review")
    }
    days = {no: review_days(on, AS_OF) for no, on in last.items()}
    assert days["00101"] == 0
    assert {no for no, late in days.items() if late > 0} == {"00125", "00151", "00176"}
    assert {"00106", "00179"}.isdisjoint(last)
    assert len(last) > 60


def test_policies_differ_in_their_windows_and_their_deductible(firm):
    first, second = policy(firm, "KV-DE-2026"), policy(firm, "XB-CN-2025")
    assert (first.deductible_basis, second.deductible_basis) == ("before", "after")
    assert (first.max_extension_days, first.declare_days) == (30, 15)
    assert (second.max_extension_days, second.declare_days) == (45, 7)
    assert second.ceiling() == 25 * 260000


def test_reports_to_the_insurer_came_in_time(firm):
    told = firm["documents"].drop_nulls("insurer_reported_on").to_dicts()
    assert {row["customer_id"] for row in told} == {"00130", "00168"}
    for row in told:
        terms = policy(firm, "KV-DE-2026" if row["company"] == "DE01" else "XB-CN-2025")
        last = timedelta(days=terms.max_extension_days + terms.declare_days)
        assert row["insurer_reported_on"] < row["due_on"] + last


def test_one_invoice_is_of_a_scope_the_policy_leaves_out(firm, cases):
    (number,) = cases["insured invoice of an excluded scope"]
    scope = scope_of(one(firm, "documents", document_no=number)["cover_scope"])
    assert scope in policy(firm, "KV-DE-2026").excluded_scopes
    others = firm["documents"].filter(pl.col("document_no") != number)["cover_scope"].drop_nulls()
    assert {scope_of(text) for text in others} == {"domestic", "export_commercial"}


@pytest.mark.parametrize(
    ("order_no", "stage"),
    [
        ("AU2610-7012", "identity"),
        ("AU2610-7013", "escrow"),
        ("DD2610-7014", "cover"),
        ("DD2610-7015", "complete+released_early"),
        ("DD2610-7016", "complete"),
    ],
)
def test_online_orders_stand_at_their_stage(firm, order_no, stage):
    assert ecommerce.stage(one(firm, "orders", order_no=order_no)) == stage


def test_orders_of_every_state(firm):
    assert set(firm["orders"]["state"]) >= {"open", "confirmed", "delivered", "draft"}
    assert one(firm, "orders", order_no="AU2610-7010")["amount"] is None
    assert ecommerce.prepaid(one(firm, "orders", order_no="AU2610-7011"))
    released = firm["orders"].drop_nulls("released_by")["released_on"].to_list()
    assert [(AS_OF - on).days for on in released] == [8, 26]


def test_prospects_bought_nothing_and_stand_under_old_country_codes(firm):
    asked = firm["customers"].filter(status="prospect")
    assert asked["customer_id"].to_list() == [f"00{n}" for n in range(181, 189)]
    sold = firm["documents"].filter(pl.col("customer_id").is_in(asked["customer_id"].implode()))
    assert sold.is_empty()
    old = {code: [one.alpha2 for one in successors(code)] for code in asked["country"]}
    assert {code: now for code, now in old.items() if now} == {"ROM": ["RO"], "ZR": ["CD"]}
    assert one(firm, "customers", customer_id="00126")["country"] == "FX"
    assert one(firm, "customers", customer_id="00183")["block_listed"]
    assert one(firm, "customers", customer_id="00182")["registration_no"] is None


def test_plans_add_up_and_one_instalment_was_missed(firm):
    for plan in firm["plans"].to_dicts():
        parts = rows(firm, "plan_instalments", plan_no=plan["plan_no"])
        assert sum(Decimal(part["amount"]) for part in parts) == Decimal(plan["amount"])
    down = one(firm, "plan_instalments", plan_no="ZP-2026-002", instalment=1)
    assert (down["paid_on"], down["due_on"] < AS_OF) == (None, True)


def test_training_leaves_out_one_who_sells(firm):
    trained = set(firm["training"]["person"])
    assert set(firm["customers"]["salesperson"]) - trained == {"Henry Walsh"}


def sample(name: str) -> list[list[str]]:
    path = ROOT / "receivables" / "demo" / "samples" / name
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))


def test_samples_of_tables_without_default_can_be_used_and_say_what_they_are():
    tiers = tiers_of(sample("approval_tiers.csv"))
    assert [tier.signatures for tier in tiers] == [1, 1, 1, 2, 2]
    load_functions()
    found = find_function("INSOLVENCY_TREND").call(sample("sector_failures.csv"))
    assert [row[0] for row in found[1:] if row[-1] is True] == ["Construction"]
    for name in ("approval_tiers.csv", "sector_failures.csv"):
        assert all("nvented" in row[-1] for row in sample(name)[1:])
