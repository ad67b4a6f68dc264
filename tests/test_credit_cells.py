"""Credit functions as a user meets them: messages in cells, the question Why?, a bare interpreter."""

import subprocess
import sys
import textwrap
from datetime import date

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.actions.explain import explain
from receivables.actions.file_host import FileHost
from receivables.actions.host import Selection
from receivables.cells import REGISTRY, CellError, find_function, load_functions

load_functions()
GRADE = find_function("CREDIT_GRADE")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [["days_beyond_terms", "late rat"], [12, 0.3]],
            "The heading 'late rat' names no factor. Did you mean 'late_rate'?",
        ),
        (
            [["dbt", "days_beyond_terms"], [12, 13]],
            "Two headings stand for days_beyond_terms. Leave one.",
        ),
        ([["late_rate", "colour"], [0.3, 1]], "The heading 'colour' names no factor. Leave the "),
        (
            [["dbt", "late_rate", None], [12, 0.3, 91]],
            "Column 3 of the range has values and no heading. Give it one, or leave it out.",
        ),
        (
            [["dbt", "late_rate"], [12]],
            "days_beyond_terms: The rows of the range differ in length.",
        ),
        ([["dbt", "late_rate"], [12, 30]], "late_rate is 30: a share lies between 0 and 1."),
        (
            [["dbt", "late_rate"], ["soon", 0.3]],
            "days_beyond_terms: 'soon' is text, not a number.",
        ),
        ([["dbt", "late_rate", "rating"], [12, 0.3, 7]], "external_rating: '7' names no scale: "),
        (
            [["dbt", "late_rate", "insolvency"], [12, 0.3, "maybe"]],
            "insolvency: 'maybe' is neither",
        ),
        (
            [[12, 0.3, 5, 0.4, 1, 0.1, "AZ:4", 9]],
            "The row has 8 cells for 7 factors. Give headings",
        ),
    ],
)
def test_faults_of_a_range_name_the_cure(rows, message) -> None:
    assert GRADE.call(rows).why.startswith(message)


def test_a_blank_column_between_is_no_fault() -> None:
    assert GRADE.call([["dbt", None, "late_rate"], [12, None, 0.3]]) == 4
    ratio = find_function("DEBT_RATIO")
    assert ratio.call([["total_assets", "", "total_liabilities"], [1000, "", 550]]) == 0.55
    nameless = [["total_assets", None, "total_liabilities"], [1000, 5, 550]]
    assert ratio.call(nameless).why.startswith("Column 2 of the range has values and no heading.")


def test_single_faults() -> None:
    assert (
        GRADE.call(12, 30).why == "late_rate is 30: a share lies between 0 and 1. 30 means 30 %?"
    )
    assert (
        GRADE.call(12, -0.1).why == "late_rate is -0.1: a share lies between 0 and 1. Correct it."
    )
    beside = GRADE.call([["dbt", "late_rate"], [12, 0.3]], None, 5)
    assert beside.why.startswith("years_trading is given beside a range of factors.")
    many = find_function("CREDIT_EXPLAIN").call([["dbt", "late_rate"], [12, 0.3], [5, 0.1]])
    assert many.why == "CREDIT_EXPLAIN explains one customer, the range holds 2."


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_blank_rows_stay_blank(rows) -> None:
    table = [["dbt", "late_rate"], *([[None, None]] * (rows - 1)), [12, 0.3]]
    answer = GRADE.call(table)
    assert answer == (4 if rows == 1 else [[None]] * (rows - 1) + [[4]])
    assert GRADE.call([["dbt", "late_rate"], [None, ""], [None, None]]) is None


def test_a_range_is_one_value_or_a_column_of_one_factor() -> None:
    both = [[12, 0.3], [12, 0.31]]
    assert GRADE.call(both) == [[4], [5]]
    assert GRADE.call([[12, 15]], [[0.3, 0.3]]) == [[4, 4]]
    assert GRADE.call([[12], [16]], 0.3) == [[4], [5]]
    assert GRADE.call([[12, 0.3]], 0.3) == [[4, 3]], "0.3 days late, given beside late_rate"


def test_words_among_the_values_do_not_turn_the_range() -> None:
    beside = [["external_rating", "AZ:4"], ["customer", "00123"], ["late_rate", 0.3], ["dbt", 12]]
    above = [["customer", "external_rating", "late_rate", "dbt"], ["00123", "AZ:4", 0.3, 12]]
    assert GRADE.call(beside) == GRADE.call(above) == 4
    assert GRADE.call([["customer", "rating", "country"], ["C1", "AZ:4", "B"]]).code == "#N/A"


@pytest.fixture
def book(tmp_path):
    made = openpyxl.Workbook()
    made.active.title = "S"
    for row in (["dbt", "late rate"], [12, 0.3], ["factor", "from", "to", "points", "weight"],
                ["late_rate", 0, 1, 50, 60], ["dbt", None, None, 50, 40]):  # fmt: skip
        made.active.append(row)
    made.save(tmp_path / "book.xlsx")
    return tmp_path / "book.xlsx"


@pytest.mark.parametrize("formula", ["=CREDIT_GRADE(A1:B2)", "=CREDIT_GRADE(A2,B2)"])
def test_why_shows_the_range_and_the_reasons(book, formula) -> None:
    found = explain(formula, FileHost(book, sheet="S"), Selection("S", "F1"))[0]
    assert found.result == 4
    read = found.arguments[0]
    assert read.read == ([["dbt", "late rate"], [12, 0.3]] if ":" in formula else 12)
    assert found.steps[-2:] == [
        ["grade", 4, None, None, None, "1 is best"],
        ["class", "B", None, None, None, "A open terms, B reduced terms, C prepayment"],
    ]


def test_why_shows_a_scorecard_as_the_range_it_is(book) -> None:
    host = FileHost(book, sheet="S")
    found = explain("=CREDIT_GRADE(A2,B2,,,,,,A3:E5)", host, Selection("S", "G1"))[0]
    assert found.result == 5
    assert found.arguments[-1].read[1] == ["late_rate", 0, 1, 50, 60]


def test_scalars_run_without_numpy_and_polars() -> None:
    program = textwrap.dedent(
        """
        import sys
        for name in ("numpy", "pandas", "polars", "pyarrow", "narwhals", "openpyxl", "xlwings"):
            sys.modules[name] = None
        from receivables.cells import REGISTRY, load_functions
        load_functions()
        print(REGISTRY["CREDIT_GRADE"].call(12, "30%"))
        print(REGISTRY["CREDIT_GRADE"].call([["dbt", "late rate"], [12, 0.3], [12, 0.31]]))
        print(REGISTRY["CREDIT_EXPLAIN"].call(12, 0.3)[-1][1])
        print(REGISTRY["ALTMAN_ZONE"].call([3, 2, 1], "z"))
        print(REGISTRY["DEBT_RATIO"].call([["负债合计", "资产总计"], [550, 1000]]))
        """
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout.split("\n")[:5] == [
        "4", "[[4], [5]]", "B", "['safe', 'grey', 'distress']", "0.55",
    ], done.stderr  # fmt: skip


WORDS = [
    "dbt",
    "late_rate",
    "insolvency",
    "rating",
    "country",
    "total_assets",
    "ebit",
    "AZ:4",
    "A",
]
JUNK = st.sampled_from(
    [
        None,
        "",
        0,
        1,
        -1,
        0.3,
        30,
        1e300,
        float("nan"),
        True,
        "x",
        "#N/A",
        "30%",
        date(2026, 1, 1),
        *WORDS,
    ]
)
RANGES = st.lists(st.lists(JUNK, min_size=0, max_size=4), max_size=4)
HEADED = st.builds(
    lambda names, rows: [names, *(row[: len(names)] for row in rows)],
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
    st.lists(st.lists(JUNK, min_size=4, max_size=4), max_size=3),
)
NAMES = sorted(name for name, spec in REGISTRY.items() if spec.topic in {"credit", "ratios"})


@given(
    st.sampled_from(NAMES),
    st.lists(JUNK | RANGES | HEADED | st.lists(JUNK | st.lists(JUNK), max_size=3), max_size=8),
)
@settings(max_examples=300, deadline=None)
def test_nothing_that_can_be_typed_raises(name, cells) -> None:
    answer = REGISTRY[name].call(*cells)
    if isinstance(answer, CellError) and answer.code != "#N/A":
        assert answer.why
