"""Many customers in one pass: every row as the scalar path and the clerk's paper grade it."""

import random
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.assess.grade_table import ADDED, grade_table
from receivables.assess.grades import Grades
from receivables.assess.score import score
from receivables.assess.scorecard import Scorecard
from receivables.errors import BadValueError, ReceivablesError
from tests.oracle import credit_oracle

CENTS = {
    "days_beyond_terms": [-3, 0, 1, 5, 6, 15, 16, 30, 31, 60, 61],
    "late_rate": [0, 0.05, 0.06, 0.15, 0.3, 0.31, 0.5, 0.51, 0.75, 0.76, 1],
    "worst_age": [0, 1, 15, 16, 30, 31, 60, 61, 90, 91],
    "years_trading": [0, 0.99, 1, 2, 5, 10, 40],
    "debt_ratio": [0, 0.4, 0.41, 0.5, 0.6, 0.7, 0.8, 1, 1.01],
    "current_ratio": [0.5, 0.8, 1, 1.2, 1.5, 2, 3],
    "cashflow_cover": [-0.2, 0, 0.05, 0.15, 0.25, 0.4, 1],
    "paid_invoices": [0, 2, 3, 90],
    "months_known": [0, 5, 6, 60],
}
AGENCY = {"own:1": 1, "S&P:BBB": 3, "AZ:7": 7, "Coface:7": 4, "own:10": 10}
FACTORS = st.fixed_dictionaries(
    {name: st.none() | st.sampled_from(values) for name, values in CENTS.items()}
    | {
        "external_rating": st.none() | st.sampled_from(sorted(AGENCY)),
        "country": st.none() | st.sampled_from("ABCD"),
        "insolvency": st.sampled_from([None, None, None, True, False]),
        "accounts_withheld": st.sampled_from([None, None, True]),
    }
)
SCHEMA = (
    dict.fromkeys(CENTS, pl.Float64)
    | dict.fromkeys(("external_rating", "country"), pl.String)
    | dict.fromkeys(("insolvency", "accounts_withheld"), pl.Boolean)
)


def by_row(row: dict, *tables):
    try:
        found = score(row, *tables)
    except ReceivablesError as fault:
        return None, None, None, str(fault)
    return found.points, found.grade, found.klass, None


@given(st.lists(FACTORS, min_size=1, max_size=25))
@settings(max_examples=60, deadline=None)
def test_table_row_and_clerk_agree(rows) -> None:
    found = grade_table(pl.DataFrame(rows, schema=SCHEMA))
    for row, graded in zip(rows, found.iter_rows(named=True), strict=True):
        assert (
            graded["score"], graded["grade"], graded["class"], graded["problem"],
        ) == by_row(row)  # fmt: skip
        paper = row | {"external_rating": AGENCY.get(row["external_rating"])}
        assert graded["grade"] == credit_oracle.grade_of(paper)
        points = credit_oracle.score_of(paper)
        if graded["score"] is not None:
            assert abs(Decimal(graded["score"]) - points) < Decimal("1e-9")


@given(FACTORS)
@settings(max_examples=60, deadline=None)
def test_withholding_accounts_never_helps(row) -> None:
    """With accounts refused, no figure that could be shown makes the grade worse."""
    hidden = row | dict.fromkeys(credit_oracle.FINANCIAL) | {"accounts_withheld": True}
    shown = row | {"accounts_withheld": True}
    before, after = by_row(hidden)[1], by_row(shown)[1]
    assert after is None or before is None or after <= before


def test_faults_stay_in_their_row() -> None:
    frame = pl.DataFrame(
        {
            "customer_id": ["00123", "C2", "C3", "C4", "C5", "C6"],
            "days_beyond_terms": [12.0, 12.0, float("nan"), 12.0, 12.0, 12.0],
            "late_rate": ["0.3", "30%", "0.3", "30", "n/a", "#N/A"],
            "country": [None, "Q", "A", "A", "A", "A"],
            "note": ["kept"] * 6,
        }
    )
    found = grade_table(frame)
    assert found.columns == [*frame.columns, *ADDED]
    assert found["grade"].to_list() == [4, None, None, None, None, None]
    assert found["customer_id"][0] == "00123"
    problems = found["problem"].to_list()
    assert problems[0] is None
    assert problems[1] == ("country is 'Q', which the scorecard does not name. It has A, B, C, D.")
    assert problems[2].startswith(
        "Only 30 % of the weight is known, 60 % is needed. Missing: days_"
    )
    assert problems[3] == "late_rate is 30: a share lies between 0 and 1. 30 means 30 %?"
    assert problems[4].startswith("late_rate: 'n/a' is text")
    assert problems[5] == "late_rate: the cell holds #N/A."


def test_numbers_out_of_bounds_name_their_row() -> None:
    found = grade_table(pl.DataFrame({"days_beyond_terms": [12, 46295], "late_rate": [0.3, 0.3]}))
    assert found["grade"].to_list() == [4, None]
    assert (
        found["problem"][1] == "days_beyond_terms is 46295, above 3650. Is it a date? Give days."
    )


def test_own_factors_of_a_scorecard() -> None:
    rows = [
        ["factor", "from", "to", "points", "weight", "reason"],
        ["orders", None, 10, 20, 60, "few"],
        ["orders", 10, None, 90, 60, "many"],
        ["channel", "web", None, 50, 40, ""],
        ["channel", "shop", None, 100, 40, ""],
    ]
    card = Scorecard.from_rows(rows)
    frame = pl.DataFrame({"orders": [9, 10, 11, None], "channel": ["web", "Shop", "shop", "web"]})
    found = grade_table(frame, card)
    wanted = [by_row(row, card) for row in frame.iter_rows(named=True)]
    assert found.select("score", "grade", "class", "problem").rows() == wanted
    assert found["score"].to_list() == [32.0, 94.0, 94.0, None]
    with pytest.raises(BadValueError, match="factor 'channel' is not known"):
        grade_table(frame.drop("channel"), card)


def test_own_ladder_and_no_rows() -> None:
    ladder = Grades.from_rows([["grade", "from_score", "class"], [1, 50, "go"], [2, 0, "stop"]])
    frame = pl.DataFrame({"days_beyond_terms": [0, 61], "late_rate": [0, 1]})
    assert grade_table(frame, grades=ladder)["class"].to_list() == ["stop", "stop"]
    assert grade_table(frame.head(0)).height == 0


def test_a_table_without_factors_has_no_grades() -> None:
    found = grade_table(pl.DataFrame({"customer_id": ["C1", "C2"]}))
    assert found["grade"].to_list() == [None, None]
    assert found["problem"][1].startswith("Only 0 % of the weight is known")


def test_a_column_of_the_result_is_not_overwritten() -> None:
    with pytest.raises(BadValueError, match="a column 'grade' already"):
        grade_table(pl.DataFrame({"late_rate": [0.1], "grade": [3]}))


def test_a_hundred_thousand_customers_at_once() -> None:
    """Ten customers repeated: the long table says of each what the short one says."""
    chance = random.Random(5)
    rows = [{name: chance.choice(values) for name, values in CENTS.items()} for _ in range(10)]
    short = grade_table(pl.DataFrame(rows))
    long = grade_table(pl.concat([pl.DataFrame(rows)] * 10_000))
    assert long.height == 100_000
    assert long["grade"].to_list() == short["grade"].to_list() * 10_000
