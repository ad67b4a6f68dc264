"""The cookbook: every function with a live formula, and every check TRUE in a real LibreOffice."""

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from receivables_addin.calc import hostfile

from receivables.cells import REGISTRY, load_functions
from tests.calc_office import CalcOffice, calc_office
from tests.case_tables import same
from workbooks.cookbook import TARGET, build
from workbooks.examples import Example, NoExampleError, examples, fitting

EXAMPLES = examples()
FIRST = 5
"""First row of the list on the index, counted from 0."""
load_functions()


def one(row: dict[str, str]) -> Example | None:
    return fitting({"tolerance": "", "source": "", "hosts": "python cli calc excel", **row})


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.spec.name)
def test_an_example_is_right(example) -> None:
    from receivables.values import to_json

    assert same(to_json(example.answer), example.expected, max(example.tolerance, 1e-9))


def test_every_function_has_an_example() -> None:
    assert [example.spec.name for example in EXAMPLES] == list(REGISTRY)


def test_a_function_without_an_example_is_named(monkeypatch) -> None:
    from workbooks import examples as module

    monkeypatch.setattr(module, "rows", lambda: iter(()))
    with pytest.raises(
        NoExampleError, match="No example for the cookbook: AGING_BUCKET, AGING_DAYS"
    ):
        examples()


@pytest.mark.parametrize(
    "row",
    [
        {"function": "DSO", "arguments": "[1, 0, 90]", "expected": '{"error": "#DIV/0!"}'},
        {"function": "DSO", "arguments": "[1, 2, 3]", "expected": "null"},
        {"function": "DSO", "arguments": "[[1, 2], 2, 3]", "expected": "[1.5, 3]"},
        {"function": "DSO", "arguments": "[1, 2, 3]", "expected": "1.5", "hosts": "python cli"},
        {"function": "NOSUCH", "arguments": "[]", "expected": "1"},
    ],
)
def test_rows_that_are_no_examples(row) -> None:
    assert one(row) is None


def test_a_row_that_is_one() -> None:
    found = one({"function": "DSO", "arguments": "[1, 2, 3]", "expected": "1.5"})
    assert found.expected == 1.5
    assert not found.is_table


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    return build(tmp_path_factory.mktemp("book") / "cookbook.xlsx")


def test_the_shipped_workbook_is_the_built_one(built) -> None:
    assert built.read_bytes() == TARGET.read_bytes(), "run: python -m workbooks.cookbook"
    assert TARGET.stat().st_size < 250_000


def test_every_function_is_listed_with_its_link_and_its_formula(built) -> None:
    book = openpyxl.load_workbook(built)
    index = book["Index"]
    rows = list(index.iter_rows(min_row=FIRST + 1, max_col=5))
    assert {row[0].value for row in rows} == set(REGISTRY)
    for name, topic, summary, chinese, _check in rows:
        sheet, _, place = name.hyperlink.location.rpartition("!")
        assert book[sheet.strip("'")][place].value == name.value
        assert sheet.strip("'") == topic.value
        spec = REGISTRY[name.value]
        assert (summary.value, chinese.value) == (spec.summary, spec.text("summary", "zh"))


def test_formula_text_and_formula_agree(built) -> None:
    book = openpyxl.load_workbook(built)
    for sheet in book.worksheets[1:]:
        texts, formulas = [], []
        for row in sheet.iter_rows():
            for cell in row:
                text = getattr(cell.value, "text", cell.value)
                if not isinstance(text, str) or not text.startswith("="):
                    continue
                if not any(text.startswith(f"={name}(") for name in REGISTRY):
                    continue
                (formulas if cell.data_type == "f" else texts).append(text)
        assert texts == formulas
        assert texts


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Iterator[CalcOffice]:
    with calc_office(tmp_path_factory.mktemp("cookbook")) as found:
        yield found


def checks(office: CalcOffice, path: Path) -> dict[str, object]:
    """The check of each function, recalculated; `all` is the one for all."""
    office.ask("open", url=path.as_uri())
    office.ask("calculate")
    count = len(EXAMPLES)
    blocks = [[FIRST, 0, count, 1], [FIRST, 4, count, 1], [2, 1, 1, 1]]
    names, found, every = office.ask("read", sheet="Index", blocks=blocks)
    listed = {name[0]: check[0] for name, check in zip(names, found, strict=True)}
    return {**listed, "all": every[0][0]}


def test_every_check_is_true_in_calc(office, built) -> None:
    assert checks(office, built) == dict.fromkeys([*REGISTRY, "all"], 1.0)


def test_a_function_that_is_off_by_one_turns_its_check(office, built) -> None:
    """The same workbook, computed by a process whose functions are all off by one."""
    program = office.host_file.parent / "broken_python"
    script = Path(__file__).parent / "calc_broken_worker.py"
    program.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, str(script)])} "$@"\n')
    program.chmod(0o700)
    hostfile.write(hostfile.HostFile(interpreter=str(program)), office.host_file)
    office.kill_workers()
    # short answers are remembered until another call finds the process gone
    office.ask("open")
    assert office.value("=DSO(1;3;90.125)") == pytest.approx(90.125 / 3 + 1)
    assert checks(office, built) == dict.fromkeys([*REGISTRY, "all"], 0.0)
