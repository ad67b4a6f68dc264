"""The command `approve`: sealed rows behind one another in Approvals.csv."""

import json

import pytest
from typer.testing import CliRunner

from receivables.cli import app

WHO = ["--customer", "00123", "--kind", "limit", "--amount", "1000.50", "--currency", "EUR"]


def approve(file, no, *args, asks="Ida"):
    return CliRunner().invoke(
        app, ["approve", str(file), "--no", no, *WHO, "--requested-by", asks, *args]
    )


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "Approvals.csv"
    assert approve(path, "F1", "--decided-by", "Mo", "--on", "2026-09-21").exit_code == 0
    return path


def hashes(file) -> list[str]:
    headings, *rows = [line.split(",") for line in file.read_text().splitlines()]
    return [row[headings.index("row_hash")] for row in rows]


def test_rows_hang_together(file) -> None:
    file.write_text(file.read_text().rstrip("\n"))
    answer = approve(file, "F1", "--decided-by", "Ed", "--json")
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.output)["row_hash"] == hashes(file)[1]
    headings, first, second = [line.split(",") for line in file.read_text().splitlines()]
    assert second[headings.index("prev_hash")] == first[headings.index("row_hash")]
    assert second[headings.index("requested_on")] == "2026-09-21"
    assert "1000.50" in second
    assert second[headings.index("os_user")]
    assert second[headings.index("recorded_at")]


@pytest.mark.parametrize(
    ("args", "asks", "says"),
    [
        (["--decided-by", " mo "], "Ida", "signed request F1 already"),
        (["--decided-by", "Ida"], "ida", "asks and decides"),
        (["--decided-by", "Ed", "--decision", "maybe"], "Ida", "granted or refused"),
        (["--amount", "1.005"], "Ida", "more decimals"),
        (["--currency", "EURO"], "Ida", "ISO 4217"),
        (["--on", "01/02/2026"], "Ida", "--on"),
    ],
)
def test_what_is_refused_leaves_the_file_as_it_was(file, args, asks, says) -> None:
    before = file.read_bytes()
    answer = approve(file, "F1", *args, asks=asks)
    assert answer.exit_code == 2
    assert says in answer.output
    assert file.read_bytes() == before


def test_nothing_is_added_to_a_broken_chain_or_to_another_file(file, tmp_path) -> None:
    file.write_text(file.read_text().replace("1000.50", "9000.50"))
    assert "not what was recorded" in approve(file, "F2").output
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    assert "no columns approval_no" in approve(other, "F2").output


def test_chinese_headings_are_known_and_a_missing_column_is_named(file, tmp_path) -> None:
    text = file.read_text()
    file.write_text(
        text.replace("requested_by", "申请人").replace(",role,", ",角色,"), encoding="utf-8"
    )
    answer = approve(file, "F2", "--role", "CFO")
    assert answer.exit_code == 0, answer.output
    file.write_text(
        file.read_text(encoding="utf-8").replace(",reason,", ",grund,", 1), encoding="utf-8"
    )
    assert "no column reason" in approve(file, "F3", "--reason", "more trade").output
