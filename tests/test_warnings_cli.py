"""The commands `warnings` and `countries`: what they print and the shape of their JSON."""

import json

import pytest
from typer.testing import CliRunner

from receivables.cli import app
from receivables.demo import build_firm, write_folder

ASKED = ["--as-of", "2026-10-31"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("firm")
    write_folder(build_firm(), path)
    return str(path)


def said(*arguments):
    done = CliRunner().invoke(app, [*arguments])
    assert done.exit_code == 0, done.output
    return done.output


def test_warnings(folder) -> None:
    told = json.loads(said("warnings", folder, *ASKED, "--json"))
    assert set(told) == {"as_of", "counts", "rows", "actions", "issues"}
    assert set(told["counts"]) == {"red", "yellow", "blue"}
    worst = next(row for row in told["rows"] if row["customer_id"] == "00177")
    assert worst["level"] == "red"
    assert {"terms", "bank", "lawsuits", "grade_now", "within"} <= set(worst)
    assert all(row["owner"] for row in told["actions"])
    shown = said("warnings", folder, *ASKED)
    assert "00177" in shown
    assert "never applied by itself" in shown


def test_countries(folder) -> None:
    told = json.loads(said("countries", folder, *ASKED, "--since", "2026-09-30", "--json"))
    assert {row["country"]: row["direction"] for row in told["moves"]}["Senegal"] == "down"
    assert {issue["code"] for issue in told["issues"]} == {"country_old"}
    german = next(row for row in told["rows"] if (row["alpha2"], row["currency"]) == ("DE", "EUR"))
    assert german["risk_class"] == "A"
    shown = said("countries", folder, *ASKED)
    assert "Germany" in shown
    assert "Moved since" not in shown
