"""Refresh of the open workbook in a real headless LibreOffice: the menu entry pressed, cells compared with the file's."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from receivables.cli import app
from tests.calc_office import calc_office, python_with_uno

DRIVER = Path(__file__).with_name("actions_driver.py")


def command(*given: str) -> None:
    told = CliRunner().invoke(app, list(given))
    assert told.exit_code == 0, told.output


def run(office, folder: Path, steps: dict[str, list]) -> dict:
    path = folder / "steps.json"
    path.write_text(json.dumps(list(steps.values())), encoding="utf-8")
    done = subprocess.run(
        [python_with_uno(), str(DRIVER), office.pipe, str(path)],
        capture_output=True, text=True, timeout=400, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(zip(steps, json.loads(done.stdout), strict=True))


@pytest.fixture(scope="module")
def months(tmp_path_factory):
    """A demo workbook open in Calc over two month-ends, and the same refreshed as a file."""
    folder = tmp_path_factory.mktemp("live")
    book, twin = folder / "L.xlsx", folder / "twin" / "L.xlsx"
    command("new", str(book), "--demo")
    twin.parent.mkdir()
    with calc_office(folder) as office:
        first = run(office, folder, {
            "open": ["open", {"url": book.as_uri()}],
            "date": ["setting", {"name": "as_of", "value": "2026-08-31"}],
            "unsaved": ["modified", {}],
            "august": ["press", {"action": "refresh"}],
            "aging": ["rows", {"table": "Aging"}],
            "steps": ["undo_titles", {}],
            "own": ["own_column", {"table": "Aging", "heading": "My note", "row": 3, "note": "=call"}],
            "september": ["setting", {"name": "as_of", "value": "2026-09-30"}],
            "store": ["store", {}],
        })  # fmt: skip
        shutil.copy(book, twin)
        shutil.copytree(f"{book}.receivables", f"{twin}.receivables")
        command("refresh", str(twin), "--as-of", "2026-09-30")
        second = run(office, folder, {
            "open": ["open", {"url": book.as_uri()}],
            "select": ["select", {"sheet": "Aging", "address": "C40"}],
            "before": ["view", {}],
            "refresh": ["press", {"action": "refresh"}],
            "after": ["view", {}],
            "aging": ["rows", {"table": "Aging"}],
            "log": ["rows", {"table": "Refresh_log"}],
            "different": ["compare", {"url": twin.as_uri(), "skipped": ["Refresh log"]}],
            "store": ["store", {}],
            "stored": ["open", {"url": book.as_uri()}],
            "reloaded": ["rows", {"table": "Aging"}],
        })  # fmt: skip
        told = office.said()
    return first, second, told, folder


def test_changes_that_are_not_saved_are_no_obstacle(months):
    first, _, told, _ = months
    assert first["unsaved"] is True
    assert told[0].startswith("L.xlsx: refreshed on the screen for 2026-08-31, 310 open items")
    assert first["august"] == []


def close(rows: list[list]) -> list[list]:
    """Calc writes fifteen digits to a file."""
    return [[round(cell, 9) if isinstance(cell, float) else cell for cell in row] for row in rows]


def test_no_step_is_left_that_the_office_would_undo_in_other_rows(months):
    """Undoing cells set as one array over formulas kills LibreOffice 7.4."""
    first, _, told, _ = months
    assert first["steps"] == []
    assert "it is kept as L new" in told[0]


def test_every_cell_is_that_of_the_file_engine(months):
    _, second, _, _ = months
    assert second["different"] == [True]


def test_a_note_goes_with_its_customer_and_stays_text(months):
    first, second, _, _ = months
    customer = first["aging"][3][:5]
    noted = [row for row in second["aging"] if row[-1] == "=call"]
    assert [row[:5] for row in noted] == [customer]


def test_the_view_stays(months):
    _, second, _, _ = months
    assert second["after"] == second["before"]


def test_saved_and_loaded_again_it_is_the_same(months):
    _, second, _, _ = months
    assert close(second["reloaded"]) == close(second["aging"])
    assert [row[1] for row in second["log"][1:]][-1] == 46295
