"""The invented firm through every job of assess, warn and transfer: each has something to say."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from receivables.assess.approval_tiers import tiers_of
from receivables.assess.setting_table import csv_rows
from receivables.demo import build_firm, write_folder
from receivables.monitor.country_ledger import country_exposure
from receivables.monitor.warnings import warnings
from receivables.refresh.books import load
from receivables.refresh.grade import grade_job
from receivables.refresh.limits import admission_job, approvals_job, limits_job, reviews_job
from receivables.refresh.transfer import holds_job, insurance_job

AS_OF = date(2026, 10, 31)
SAMPLES = Path(__file__).parents[1] / "receivables" / "demo" / "samples"


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    path = tmp_path_factory.mktemp("demo") / "ledger"
    write_folder(build_firm(), path)
    return load(path, as_of=AS_OF)


def test_three_debts_must_be_told_to_the_insurer_this_week(books):
    found = insurance_job(books, AS_OF).to_json()
    assert {(row["customer_id"], row["act_by"]) for row in found["week"]} == {
        ("00138", "2026-10-30"),
        ("00152", "2026-11-03"),
        ("00125", "2026-11-04"),
    }
    stopped = {row["customer_id"] for row in found["buyers"] if row["stop_now"]}
    assert stopped == {"00125", "00130", "00138", "00152", "00168"}
    missed = {row["customer_id"] for row in found["buyers"] if row["missed"] != "0.00"}
    assert "00130" in missed
    reasons = {code for row in found["items"] for code in row["reasons"].split("+")}
    assert {"eligible", "scope", "disputed", "no_limit", "stopped", "late_report"} <= reasons


def test_orders_are_held_for_every_reason_but_prepayment(books):
    found = holds_job(books, AS_OF).to_json()
    reasons = {code for row in found["orders"] for code in row["reasons"].split("+")}
    assert reasons >= {
        "credit_hold", "stop_ship", "overdue", "limit", "identity", "escrow", "no_amount",
    }  # fmt: skip
    assert found["counts"]["released"] == 1
    assert found["counts"]["ok"] > 15


def test_limits_are_kept_neared_exceeded_and_not_set(books):
    found = limits_job(books, AS_OF)
    counts = found.counts()
    assert counts["within"] > counts["alert"] > 5
    assert counts["hold"] > 5
    assert counts["none set"] > 0
    parts = {row["customer_id"] for row in found.to_json()["rows"] if row["parts"]}
    assert parts == {"00110"}


def test_approvals_tell_who_waits_and_which_signatures_do_not_count(books):
    tiers = tiers_of(csv_rows(SAMPLES / "approval_tiers.csv"))
    found = approvals_job(books, AS_OF, tiers=tiers).to_json()
    waiting = {row["approval_no"]: (row["signed"], row["needed"]) for row in found["waiting"]}
    assert waiting["FA-2026-002"] == waiting["FA-2026-006"] == (1, 2)
    assert waiting["FA-2026-005"] == (0, 1)
    assert not found["chain"]["holds"]
    told = " ".join(issue["message"] for issue in found["issues"])
    for number in ("FA-2026-002", "FA-2026-003", "FA-2026-010", "00129"):
        assert number in told


def test_reviews_and_training_are_overdue(books):
    found = reviews_job(books, AS_OF).to_json()
    due = {row["customer_id"] for row in found["rows"] if "quarter" in row["reasons"]}
    assert due == {"00101", "00125", "00151", "00176"}


def test_prospects_pass_wait_and_fail(books):
    frame = admission_job(books, AS_OF)
    decided = dict(frame.select("customer_id", "decision").iter_rows())
    assert decided["00183"] == decided["00182"] == "fail"
    assert decided["00184"] == "conditional"


def test_grades_are_of_every_class(books):
    frame = grade_job(books, AS_OF).frame
    assert set(frame["class"].drop_nulls()) == {"A", "B", "C"}
    worst = frame.filter(frame["customer_id"] == "00168")
    assert worst["grade"].to_list() == [10]
    assert 0 < (frame["grade"] != frame["grade_before"]).sum() < frame.height


def test_an_old_country_code_is_named_and_two_countries_moved(books):
    owed = warnings(books.posted, books.ledger, AS_OF).frame
    found = country_exposure(owed, books.posted, books.ledger, AS_OF, previous=date(2026, 9, 30))
    old = {issue.value for issue in found.issues if issue.code == "country_old"}
    assert old == {"FX", "ROM", "ZR"}
    moved = {one.country.alpha2: one.move for one in found.moves}
    assert (moved["SN"], moved["VN"]) == ("down", "up")
    assert "GB" not in moved


def test_warnings_stand_at_every_level(books):
    frame = warnings(books.posted, books.ledger, AS_OF).frame
    assert {"red", "yellow", "blue"} <= set(frame["level"].drop_nulls())
    for signal in ("cycle", "terms", "management", "lawsuits", "bank", "insolvency"):
        assert frame[signal].any(), signal
