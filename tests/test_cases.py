"""The case tables of `tests/cases`: every row through Python and through the command line."""

import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from receivables.cells import REGISTRY
from receivables.cli import app
from receivables.values import from_json, to_json
from tests.case_tables import HOSTS, ROWS, check


@pytest.mark.parametrize("row", ROWS)
def test_in_python(row) -> None:
    cells = from_json(json.loads(row["arguments"]))
    result = to_json(REGISTRY[row["function"]].call(*cells))
    check(row, result)
    assert (
        all(fault["why"] for fault in errors(result) if "errors go through" not in row["source"])
        or "own row" in row["source"]
    )


def errors(result) -> list[dict[str, str]]:
    if isinstance(result, list):
        return [fault for item in result for fault in errors(item)]
    return [result] if isinstance(result, dict) else []


@pytest.mark.parametrize("row", ROWS)
def test_on_the_command_line(row) -> None:
    arguments = [json.dumps(cell) for cell in json.loads(row["arguments"])]
    done = CliRunner().invoke(app, ["call", "--json", row["function"], *arguments])
    result = json.loads(done.stdout)["result"]
    check(row, result)
    assert done.exit_code == (2 if isinstance(result, dict) else 0)


@pytest.mark.parametrize("index", [0, 40, -1])
def test_in_a_process_of_its_own(index) -> None:
    row = ROWS[index].values[0]
    arguments = [json.dumps(cell) for cell in json.loads(row["arguments"])]
    program = "from receivables.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "call", "--json", row["function"], *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    check(row, json.loads(done.stdout)["result"])


def test_every_row_says_where_it_comes_from() -> None:
    for case in ROWS:
        row = case.values[0]
        assert row["source"], row
        assert row["function"] in REGISTRY, row
        assert set(row["hosts"].split()) <= HOSTS, row
        assert {"python", "cli"} <= set(row["hosts"].split()), row


def test_every_function_has_cases() -> None:
    tested = {case.values[0]["function"] for case in ROWS}
    assert set(REGISTRY) == tested
