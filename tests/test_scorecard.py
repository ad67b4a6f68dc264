"""The scorecard: what it refuses and how it says so, the shipped one, and the score of a customer."""

import tomllib
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.assess.credit_rules import Rules
from receivables.assess.factors import factor_named, known_factors, nearest_factor
from receivables.assess.score import explained, score
from receivables.assess.scorecard import HEADINGS, Scorecard
from receivables.assess.setting_table import rows_of_tables
from receivables.errors import BadValueError, LedgerFileError, NotAvailableError
from receivables.resources import data_path, data_rows
from tests.oracle import credit_oracle

HEAD = list(HEADINGS)
TABLES = (
    "scorecard.csv", "grades.csv", "credit_rules.csv", "credit_factors.csv", "rating_scales.csv",
    "altman.csv", "altman_rules.csv",
)  # fmt: skip


def card(*rows):
    return Scorecard.from_rows([HEAD, *rows])


# ruff: noqa: ISC004 - the messages are whole sentences


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [["late_rate", 0, 0.5, 100, 100, ""], ["late_rate", 0.4, 1, 0, 100, ""]],
            "Scorecard, row 3: late_rate from 0.4 overlaps the bin that ends at 0.5. Let one bin "
            "begin where the other ends.",
        ),
        (
            [["late_rate", 0.6, 1, 0, 100, ""], ["late_rate", 0, 0.5, 100, 100, ""]],
            "Scorecard, row 2: late_rate leaves a hole between 0.5 and 0.6. Let one bin begin where "
            "the other ends.",
        ),
        (
            [["late_rate", 0.1, 1, 0, 100, ""]],
            "Scorecard, row 2: late_rate begins at 0.1; lower values have no points. Leave 'from' "
            "blank in the lowest bin.",
        ),
        (
            [["days_beyond_terms", None, 60, 0, 100, ""]],
            "Scorecard, row 2: days_beyond_terms ends at 60; higher values have no points. Leave "
            "'to' blank in the highest bin.",
        ),
        (
            [["late_rate", 1, 0, 0, 100, ""]],
            "Scorecard, row 2: late_rate runs from 1 down to 0. Swap 'from' and 'to'.",
        ),
        (
            [["late_rate", 0, 1, 100.5, 100, ""]],
            "Scorecard, row 2: late_rate gives 100.5 points. Give 0 to 100.",
        ),
        (
            [["late_rate", 0, 1, -1, 100, ""]],
            "Scorecard, row 2: late_rate gives -1 points. Give 0 to 100.",
        ),
        (
            [["late_rate", 0, 1, None, 100, ""]],
            "Scorecard, row 2: points is blank. Fill it in.",
        ),
        (
            [["late_rate", 0, 1, "many", 100, ""]],
            "Scorecard, row 2, points: 'many' is text, not a number. Write it without grouping, as "
            "1234.56.",
        ),
        (
            [["late_rate", 0, 1, 50, None, ""]],
            "Scorecard, row 2: weight is blank. Fill it in.",
        ),
        (
            [["late_rate", 0, 1, 50, -5, ""]],
            "Scorecard, row 2: late_rate weighs -5. Give more than 0, at most 100.",
        ),
        (
            [["late_rate", 0, 0.5, 50, 20, ""], ["late_rate", 0.5, 1, 0, 25, ""]],
            "Scorecard, row 2: late_rate has the weights 20 and 25. Give one.",
        ),
        (
            [["late_rate", 0, 1, 50, 60, ""], ["days_beyond_terms", None, None, 0, 41, ""]],
            "Scorecard: the weights add up to 101, more than 100. Lower some.",
        ),
        (
            [["late_rat", 0, 1, 50, 100, ""]],
            "Scorecard, row 2: there is no factor 'late_rat'. Did you mean 'late_rate'?",
        ),
        (
            [["insolvency", None, None, 50, 100, ""]],
            "Scorecard, row 2: insolvency earns no points; it only decides caps. Remove it.",
        ),
        (
            [[None, 0, 1, 50, 100, ""]],
            "Scorecard, row 2: factor is blank. Name it on every row.",
        ),
        (
            [["external_rating", 1, 5, 90, 50, ""], ["external_rating", 5, 10, 10, 50, ""]],
            "Scorecard, row 3: external_rating from 5 overlaps the bin that ends at 5. Begin one "
            "higher.",
        ),
        (
            [["external_rating", 1, 5, 90, 50, ""], ["external_rating", 7, 10, 10, 50, ""]],
            "Scorecard, row 3: external_rating leaves a hole between 5 and 7. Begin one higher.",
        ),
        (
            [["external_rating", 2, 10, 90, 50, ""]],
            "Scorecard, row 2: external_rating begins at 2; lower values have no points. Begin at 1.",
        ),
        (
            [["country", "A", None, 90, 50, ""], ["country", "a", None, 10, 50, ""]],
            "Scorecard, row 3: country names A twice. Leave one row.",
        ),
        (
            [["country", "A", "C", 90, 50, ""]],
            "Scorecard, row 2: country is a class: write its name in 'from' and leave 'to' blank.",
        ),
    ],
)  # fmt: skip
def test_a_bad_scorecard_names_row_and_cure(rows, message) -> None:
    with pytest.raises(BadValueError) as fault:
        card(*rows)
    assert str(fault.value) == message


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([["factor", "from", "to", "points"]], "has no column 'weight'"),
        ([[*HEAD, "colour"]], "an unknown column 'colour'. Remove the column."),
        ([[*HEAD, "Points"]], "two columns 'points'. Leave one."),
        ([HEAD, [None] * 6], "has headings and no rows"),
        ([["factors", *HEAD[1:]]], "unknown column 'factors'. Did you mean 'factor'?"),
    ],
)
def test_headings_of_a_setting_table(rows, message) -> None:
    with pytest.raises(BadValueError) as fault:
        Scorecard.from_rows(rows)
    assert message in str(fault.value)


def test_the_shipped_scorecard_survives_its_own_table() -> None:
    shipped = Scorecard.default()
    assert Scorecard.from_rows(shipped.to_rows()) == shipped
    assert Scorecard.from_csv(data_path("scorecard.csv")) == shipped
    assert shipped.weight == 100
    assert not shipped.own


def test_a_scorecard_may_stand_in_toml() -> None:
    text = """
    scorecard = [
      { factor = "late_rate", to = 0.5, points = 80, weight = 60 },
      { factor = "late_rate", from = 0.5, points = 10 },
    ]
    """
    found = Scorecard.from_rows(rows_of_tables(tomllib.loads(text)["scorecard"]))
    assert found.to_rows()[1:] == [
        ["late_rate", None, 0.5, 80, 60, ""], ["late_rate", 0.5, None, 10, 60, ""]
    ]  # fmt: skip


def test_files_that_are_no_scorecard(tmp_path) -> None:
    with pytest.raises(LedgerFileError, match="no such file"):
        Scorecard.from_csv(tmp_path / "none.csv")
    path = tmp_path / "short.csv"
    path.write_text("factor,from,to,points,weight\nlate_rate,0,1\n")
    with pytest.raises(LedgerFileError, match="row 2: 3 cells under 5 headings"):
        Scorecard.from_csv(path)
    path.write_bytes("逾期率".encode("gb18030"))
    with pytest.raises(LedgerFileError, match="Save it as CSV UTF-8"):
        Scorecard.from_csv(path)
    path.write_text("")
    with pytest.raises(LedgerFileError, match="the file is empty"):
        Scorecard.from_csv(path)


def test_an_edge_belongs_to_the_better_bin() -> None:
    """Up or down: 30 days earn what up to 30 earns, a current ratio of 2 what 2 or more earns."""
    rising = card(["current_ratio", None, 1, 10, 50, ""], ["current_ratio", 1, None, 90, 50, ""])
    falling = card(["current_ratio", None, 1, 90, 50, ""], ["current_ratio", 1, None, 10, 50, ""])
    values = (0.999, 1.0, 1 - 1e-12, 1 + 1e-12, 1.001)
    assert [rising.scale("current_ratio").points(v).points for v in values] == [10, 90, 90, 90, 90]
    assert [falling.scale("current_ratio").points(v).points for v in values] == [
        90,
        90,
        90,
        90,
        10,
    ]


@given(
    st.lists(st.integers(-60, 60), min_size=1, max_size=8, unique=True),
    st.lists(st.integers(0, 100), min_size=9, max_size=9),
    st.integers(-70, 70),
)
@settings(max_examples=200, deadline=None)
def test_any_bins_earn_the_best_points_of_those_that_hold_the_value(cuts, points, value) -> None:
    edges = [None, *sorted(cuts), None]
    bins = list(zip(edges, edges[1:], points, strict=False))
    rows = [["days_beyond_terms", low, high, earned, 100, ""] for low, high, earned in bins]
    found = card(*rows).scale("days_beyond_terms").points(float(value)).points
    assert found == max(
        earned
        for low, high, earned in bins
        if (low is None or low <= value) and (high is None or value <= high)
    )


def test_every_row_of_the_tables_has_a_source() -> None:
    for name in TABLES:
        for row in data_rows(name):
            assert row["source"], (name, row)
            assert row["as_of"], (name, row)


def test_names_of_factors_are_unique_in_both_languages() -> None:
    words = [
        word
        for row in data_rows("credit_factors.csv")
        for word in (*row["words_en"].split("|"), *row["words_zh"].split("|"))
    ]
    assert len(words) == len(set(words))
    for name in known_factors():
        assert factor_named(name) == name
    assert factor_named("") == ""
    assert nearest_factor("debt rati") == "debt_ratio"
    assert nearest_factor("zzzz") == ""


# -- the score of one customer ---------------------------------------------------------------


def test_golden_score() -> None:
    found = score({"days_beyond_terms": 12, "late_rate": 0.3})
    clerk = credit_oracle.score_of({"days_beyond_terms": 12, "late_rate": 0.3})
    assert abs(Decimal(found.points) - clerk) < Decimal("1e-12")
    assert (found.grade, found.klass, found.confidence) == (4, "B", 0.6)
    assert found.missing[0] == "worst_age"
    assert len(found.missing) == 7


def test_least_weight() -> None:
    """60 of 100 is enough, 55 is not; an insolvency is a 10 whatever is known."""
    enough = {"late_rate": 0.1, "worst_age": 0, "years_trading": 5, "debt_ratio": 0.4,
              "current_ratio": 2, "cashflow_cover": 1, "country": "A"}  # fmt: skip
    assert score(enough).confidence == 0.6
    with pytest.raises(NotAvailableError) as fault:
        score(enough | {"country": None})
    assert str(fault.value) == (
        "Only 55 % of the weight is known, 60 % is needed. Missing: days_beyond_terms (35), "
        "external_rating (5), country (5)."
    )
    found = score({"insolvency": True})
    assert (found.points, found.grade, found.klass, found.confidence) == (None, 10, "C", 0)
    assert explained(found)[-3] == [
        "score", None, None, None, None, "Σ points × weight ÷ weight known"
    ]  # fmt: skip


def test_caps_say_whether_they_decide() -> None:
    found = score({"days_beyond_terms": 0, "late_rate": 0, "worst_age": 91, "paid_invoices": 2})
    assert [(cap.rule, cap.grade, cap.decides) for cap in found.caps] == [
        ("old_debt", 8, True),
        ("no_financials", 3, False),
        ("few_invoices", 5, False),
    ]
    assert found.grade == 8


def test_contributions_add_up_to_the_score() -> None:
    found = score(
        {"days_beyond_terms": 12, "late_rate": 0.3, "debt_ratio": 0.55, "external_rating": "AZ:4"}
    )
    given_lines = [line for line in found.lines if line.contribution is not None]
    assert abs(sum(line.contribution for line in given_lines) - found.points) < 1e-9
    assert given_lines[-1].reason == "AZ:4 is 4 on our scale of 10"


def test_each_dimension_has_a_score_of_its_own() -> None:
    """Registration, payment history, external rating (S02): one that is missing is said to be."""
    found = score(
        {"days_beyond_terms": 0, "late_rate": 0.3, "external_rating": "own:1", "debt_ratio": 0.9,
         "current_ratio": 2}
    )  # fmt: skip
    rows = {row[0]: row[2:] for row in explained(found) if str(row[0]).startswith("dimension")}
    assert rows == {
        "dimension payment history": [(3500 + 1500) / 60, 60, None, "2 of 3 factors known"],
        "dimension registration": [None, 0, None, "nothing known"],
        "dimension financials": [(25 + 500) / 10, 10, None, "2 of 3 factors known"],
        "dimension external rating": [100, 5, None, "1 of 1 factors known"],
    }


def test_an_unknown_factor_is_not_passed_over() -> None:
    with pytest.raises(BadValueError, match=r"'late_rat' is no factor\. Did you mean 'late_rate'"):
        score({"days_beyond_terms": 1, "late_rat": 0.1})


def test_what_the_scorecard_does_not_weigh_is_shown() -> None:
    own = card(["late_rate", 0, 1, 50, 100, ""])
    found = score({"late_rate": 0.1, "years_trading": 3, "paid_invoices": 9, "name": "Ada"}, own)
    reasons = {line.factor: line.reason for line in found.lines}
    assert reasons["years_trading"] == "not in this scorecard"
    assert reasons["paid_invoices"] == "decides caps only"
    assert "name" not in reasons


def test_the_rules_are_the_rows_of_the_table() -> None:
    rules = Rules.default()
    assert rules.minimum_weight == 0.6
    assert {(rule.id, rule.value) for rule in rules.limits if rule.value} == {
        ("old_debt", 90), ("few_invoices", 3), ("short_history", 6),
    }  # fmt: skip
