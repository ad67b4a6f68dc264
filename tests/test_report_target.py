"""Saving a report: all or nothing, never over a workbook that is not ours."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from receivables.book.report_file import write
from receivables.errors import LedgerFileError
from receivables.report.build import build
from receivables.report.target import is_ours, replacing
from tests.report_sample import sample


@pytest.fixture(scope="module")
def specs():
    return build(sample(6, 2))


def users_workbook(path: Path) -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = "my own notes"
    book.save(path)
    return path.read_bytes()


def test_a_report_of_ours_is_replaced(specs, tmp_path):
    path = tmp_path / "report.xlsx"
    write(specs, path)
    assert is_ours(path)
    write(specs[1:3], path)
    with path.open("rb") as handle:
        assert openpyxl.load_workbook(handle).sheetnames == ["Aging", "Open items"]


def test_a_workbook_of_the_user_is_left_alone(specs, tmp_path):
    path = tmp_path / "mine.xlsx"
    before = users_workbook(path)
    with pytest.raises(LedgerFileError, match=r"not written by receivables .* another name"):
        write(specs, path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"plain text"])
def test_what_is_no_workbook_is_not_ours(specs, content, tmp_path):
    path = tmp_path / "odd.xlsx"
    path.write_bytes(content)
    with pytest.raises(LedgerFileError, match="not written by receivables"):
        write(specs, path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("lock", ["~$report.xlsx", ".~lock.report.xlsx#"])
def test_an_open_workbook_is_not_touched(specs, lock, tmp_path):
    path = tmp_path / "report.xlsx"
    write(specs, path)
    before = path.read_bytes()
    (tmp_path / lock).write_bytes(b"somebody")
    with pytest.raises(LedgerFileError, match="Close it in Excel"):
        write(specs, path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "message"),
    [("missing/report.xlsx", "no such folder"), ("report.xls", "ending in .xlsx"), ("folder.xlsx", "is a folder")],
)  # fmt: skip
def test_impossible_targets_say_what_to_do(specs, name, message, tmp_path):
    (tmp_path / "folder.xlsx").mkdir()
    with pytest.raises(LedgerFileError, match=message):
        write(specs, tmp_path / name)


def test_a_fault_while_writing_changes_nothing_and_leaves_nothing(tmp_path):
    path = tmp_path / "report.xlsx"
    path.write_bytes(b"before")

    def interrupted() -> None:
        with replacing(path) as handle:
            handle.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_bytes() == b"before"
    assert [file.name for file in tmp_path.iterdir()] == ["report.xlsx"]


def test_a_locked_target_is_reported_and_kept(tmp_path, monkeypatch):
    """Windows refuses to replace a file that Excel holds open; here the refusal is brought about."""
    path = tmp_path / "report.xlsx"
    path.write_bytes(b"before")

    def refused(self: Path, target: Path) -> None:
        raise PermissionError(13, "in use", str(target))

    monkeypatch.setattr(Path, "replace", refused)

    def replaced() -> None:
        with replacing(path) as handle:
            handle.write(b"new")

    with pytest.raises(LedgerFileError, match=r"locked\. Close it in Excel"):
        replaced()
    assert path.read_bytes() == b"before"
    assert [file.name for file in tmp_path.iterdir()] == ["report.xlsx"]


def test_the_report_keeps_the_rights_a_new_file_would_have(specs, tmp_path):
    path, plain = tmp_path / "report.xlsx", tmp_path / "plain"
    plain.touch()
    write(specs, path)
    assert path.stat().st_mode == plain.stat().st_mode
    path.chmod(0o640)
    write(specs, path)
    assert path.stat().st_mode & 0o777 == 0o640
