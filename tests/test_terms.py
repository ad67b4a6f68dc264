"""Days to pay and the ABC policy: ranges of the trade, grades, countries."""

from datetime import date

import pytest

from receivables.assess.abc import class_policy
from receivables.assess.contracts import clauses_of, contract_check, default_clauses
from receivables.assess.grades import Grades
from receivables.assess.terms import credit_terms
from receivables.errors import BadValueError, DomainError, NotAvailableError
from receivables.ledger.schema import tables
from receivables.resources import data_rows
from tests.oracle import limit_oracle


@pytest.mark.parametrize("industry", ["fmcg", "machinery", "heavy_machinery"])
@pytest.mark.parametrize("country", ["", "A", "B", "C", "D"])
def test_terms_are_those_of_a_second_reckoning(industry, country) -> None:
    for grade in range(1, 11):
        assert credit_terms(industry, grade, country).days == limit_oracle.terms(industry, grade, country)  # fmt: skip


def test_a_worse_grade_never_gets_longer_terms() -> None:
    for row in data_rows("terms.csv"):
        days = [credit_terms(row["industry"], grade).days for grade in range(1, 11)]
        assert days == sorted(days, reverse=True)
        assert days[-1] == 0


def test_prepayment_is_what_class_c_gets() -> None:
    """The ABC policy and the terms by grade say the same."""
    for grade in range(1, 11):
        policy = class_policy(Grades.default().rung(grade).klass)
        assert (policy.terms == "prepay") == (credit_terms("fmcg", grade).days == 0)
    assert class_policy("B").cover
    assert 0 < class_policy("B").deposit_share < 1
    with pytest.raises(BadValueError, match="A, B, C"):
        class_policy("D")


def test_terms_say_why() -> None:
    found = credit_terms("fmcg", 6, "KE", language="zh")
    assert (found.days, found.usual, found.country_cap) == (15, (30, 60), 30)
    assert found.grade_reason == "高风险缩短"


@pytest.mark.parametrize(
    ("args", "error", "says"),
    [
        (("fmgc", 4), NotAvailableError, "Did you mean 'fmcg'"),
        (("fmcg", 4.5), DomainError, "whole grade"),
        (("fmcg", 4, "", 46000), DomainError, "Is it a date"),
        (("fmcg", 4, "Atlantis"), NotAvailableError, "Atlantis"),
    ],
)
def test_terms_that_cannot_be(args, error, says) -> None:
    with pytest.raises(error, match=says):
        credit_terms(*args)


@pytest.mark.parametrize("clause", default_clauses(), ids=lambda clause: clause.code)
def test_every_clause_counts_by_itself(clause) -> None:
    """Each column of a clause is one of Contracts and makes that clause present, and no other."""
    for column in clause.columns:
        assert column in tables()["contracts"]
        check = contract_check({column: True})
        assert [one.code for one, has in check.found if has] == [clause.code]
        assert check.share == 1 / len(default_clauses())


def test_tables_of_clauses_have_source_and_date() -> None:
    for name in (
        "contract_clauses",
        "approval_tiers",
        "approval_words",
        "admission_rules",
        "framework",
    ):
        for row in data_rows(f"{name}.csv"):
            assert row["source"], (name, row)
            assert date.fromisoformat(row["as_of"])


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([["x", "law", "maybe"]], "present or yes"),
        ([["x", "law", ""], ["x", "law", ""]], "twice"),
        ([["x", "", ""]], "name the clause"),
    ],
)
def test_clauses_that_cannot_be(rows, says) -> None:
    with pytest.raises(BadValueError, match=says):
        clauses_of([["clause", "columns", "test"], *rows])
