"""The buttons Refresh and Undo on a workbook that has our result sheets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from receivables.actions import find_action
from receivables.actions.file_host import FileHost
from receivables.actions.host import Document
from receivables.cli import app
from receivables.errors import NotAvailableError
from tests.living_book import living
from tests.test_in_place import AUG, TABLES, folder_of


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return living(tmp_path / "ledger.xlsx", AUG, TABLES)


class OpenHost(FileHost):
    """A program that has the workbook open."""

    def document(self) -> Document:
        return replace(super().document(), is_open=True)


def test_the_buttons_refresh_in_place_and_take_it_back(book: Path) -> None:
    before = book.read_bytes()
    told = CliRunner().invoke(app, ["do", "refresh", str(book), "--as-of", "2026-09-30"])
    assert told.exit_code == 0, told.output
    assert "ledger.xlsx: refreshed for 2026-09-30, 2 open items" in told.output
    after = book.read_bytes()
    assert after != before
    told = CliRunner().invoke(app, ["do", "refresh", str(book), "--as-of", "2026-09-30"])
    assert "nothing was changed" in told.output
    assert book.read_bytes() == after
    told = CliRunner().invoke(app, ["do", "undo", str(book)])
    assert "the refresh of 2026-09-30 is taken back; it shows no date yet again." in told.output
    assert book.read_bytes() == before
    with pytest.raises(NotAvailableError, match="no refresh to take back"):
        find_action("undo").run(FileHost(book))


def test_while_a_program_has_it_open_the_report_is_written_beside(book: Path) -> None:
    before = book.read_bytes()
    report = find_action("refresh").run(OpenHost(book), {"as_of": "2026-09-30"})
    assert [path.name for path in report.changed] == ["ledger report 2026-09-30.xlsx"]
    assert book.read_bytes() == before
    assert not folder_of(book).exists()
