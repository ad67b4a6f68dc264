"""The ladder of grades: what it refuses, its classes, and default rates only where they are known."""

import pytest

from receivables.assess.grades import Grades
from receivables.errors import DomainError, NotAvailableError, ReceivablesError

HEAD = ["grade", "from_score", "class", "pd", "pd_source"]


def test_the_shipped_ladder() -> None:
    ladder = Grades.default()
    starts = [90, 80, 70, 60, 50, 40, 30, 20, 10]
    for number, start in enumerate(starts, 1):
        found = [ladder.of(score).grade for score in (start - 0.01, start, start + 0.01)]
        assert found == [number + 1, number, number]
    assert (ladder.of(0).grade, ladder.of(100).grade) == (10, 1)
    assert "".join(rung.klass for rung in ladder.rungs) == "AAABBBCCCC"
    assert ladder.of(69.9999999999).grade == 3
    assert Grades.from_rows(ladder.to_rows()) == ladder


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1, 50, "A"], [3, 0, "C"]], "Grades are 1, 3. Number them 1, 2, 3 …, each once."),
        ([[1, 50, "A"], [1, 0, "C"]], "Grades are 1, 1. Number them 1, 2, 3 …, each once."),
        ([[1.5, 50, "A"], [2, 0, "C"]], "Grades, row 2: grade is 1.5. Give a whole number."),
        (
            [[1, 50, "A"], [2, 50, "C"]],
            "Grades: grade 2 begins at 50, not below grade 1 at 50. Scores fall as grades get worse.",
        ),
        (
            [[1, 50, "A"], [2, 10, "C"]],
            "Grades: the last grade begins at 10; lower scores have none. Begin it at 0.",
        ),
        ([[1, 500, "A"]], "Grades, row 2: from_score is 500. Scores run from 0 to 100."),
        ([[1, 0, None]], "Grades, row 2: class is blank. Write A, B or C."),
        (
            [[1, 0, "A", 5, "own"]],
            "Grades, row 2: pd is 5: a share lies between 0 and 1. 5 means 5 %?",
        ),
        (
            [[1, 0, "A", 0.05, ""]],
            "Grades, row 2: pd has no source. Say where the rate comes from, or 'illustrative'.",
        ),
    ],
)
def test_a_bad_ladder_names_row_and_cure(rows, message) -> None:
    with pytest.raises(ReceivablesError) as fault:
        Grades.from_rows([HEAD, *([*row, None, None][:5] for row in rows)])
    assert str(fault.value) == message


def test_default_rates_are_not_made_up() -> None:
    ladder = Grades.default()
    with pytest.raises(NotAvailableError, match="No default rate has been calibrated"):
        ladder.default_rate(4)
    rates = [ladder.default_rate(grade, illustrative=True) for grade in range(1, 11)]
    assert rates == sorted(rates)
    assert max(rates) < 1
    assert ladder.default_rate(2, defaulted=True) == 1
    own = Grades.from_rows([HEAD, [1, 50, "A", 0.01, "own ledger"], [2, 0, "C", None, None]])
    assert own.default_rate(1) == 0.01
    with pytest.raises(NotAvailableError, match="no default rate for grade 2"):
        own.default_rate(2)


@pytest.mark.parametrize("grade", [0, 11, 2.5, -1])
def test_grades_that_do_not_exist(grade) -> None:
    with pytest.raises(DomainError, match="Give a whole number from 1 to 10"):
        Grades.default().rung(grade)
