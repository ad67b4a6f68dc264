"""From an empty workbook to three closed month ends through the commands: the story that the workbook is made for."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from typer.testing import CliRunner

from receivables.cli import app
from receivables.demo import build_firm
from tests.pasted import add_column, paste, type_into
from tests.zoo.bag import Bag
from tests.zoo.lint import faults

MONTHS = [date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31)]
KEYS = ("Customer", "Currency")
STAYS = ("00101", "EUR")
"""Owes at the end of each month."""
KEPT, MOVED = "call Ms Wu & Co", "two deliveries moved to September"
ITEM = ("Company", "Account", "Document", "Inst.", "Kind", "Customer", "Currency", "Issued")
CENT = Decimal("0.01")
Rows = list[dict[str, object]]


def run(*words: object) -> str:
    told = CliRunner().invoke(app, [str(word) for word in words])
    assert told.exit_code == 0, told.output
    return told.output


@dataclass
class Read:
    """A workbook as another program reads it."""

    content: bytes

    def __post_init__(self) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(self.content), data_only=True)

    def rows(self, sheet: str, table: str) -> Rows:
        """Rows of a table by heading; `row` is the row on the sheet."""
        head, *body = self.book[sheet][self.book[sheet].tables[table].ref]
        names = [cell.value for cell in head]
        return [
            dict(zip(names, (cell.value for cell in line), strict=True)) | {"row": line[0].row}
            for line in body
        ]

    def column(self, sheet: str, table: str, title: str) -> str:
        """Letters of a column."""
        head = self.book[sheet][self.book[sheet].tables[table].ref][0]
        return next(get_column_letter(cell.column) for cell in head if cell.value == title)


def money(value: object) -> Decimal:
    return Decimal(str(value or 0)).quantize(CENT)


def by(rows: Rows, column: str, *keys: str) -> dict[tuple, Decimal]:
    """Sums of a column; nil ones do not count."""
    sums: dict[tuple, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[tuple(row[key] for key in keys)] += money(row[column])
    return {key: value for key, value in sums.items() if value}


@dataclass
class Story:
    """The workbook after each month end, and as it was before it, and what `aging` answers."""

    path: Path
    before: list[bytes]
    after: list[Read]
    aging: list[Rows]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The controller's three months; after the first she writes notes on two customers."""
    path = tmp_path_factory.mktemp("months") / "L.xlsx"
    run("new", path)
    paste(path, build_firm())
    before, after, aging = [], [], []
    for month in MONTHS:
        before.append(path.read_bytes())
        run("refresh", path, "--as-of", month, "--at", f"{month}T18:00")
        after.append(Read(path.read_bytes()))
        aging.append(_aging(path, month))
        if month == MONTHS[0]:
            _notes(path, after[0])
    return Story(path, before, after, aging)


def _aging(path: Path, month: date) -> Rows:
    """The answer of the command `aging`."""
    told = json.loads(run("aging", path, "--as-of", month, "--json"))
    return [
        {"Customer": row["key"], "Currency": group["currency"], "Open": row["open"]}
        for group in told["currencies"]
        for row in group["rows"]
    ]


def _key(row: dict[str, object]) -> tuple:
    return row["Customer"], row["Currency"]


def _notes(path: Path, read: Read) -> None:
    """Columns of her own in Aging and beside every open item, a comment on a movement."""
    items = {row["row"]: _note(row) for row in read.rows("Open items", "Open_items")}
    add_column(path, "Open items", "Open_items", "My note", items)
    places = {_key(row): row["row"] for row in read.rows("Aging", "Aging")}
    add_column(path, "Aging", "Aging", "My note", {places[STAYS]: KEPT})
    letters = read.column("Movement", "Balance_movement", "Comment")
    moves = {_key(row): row["row"] for row in read.rows("Movement", "Balance_movement")}
    type_into(path, "Movement", {f"{letters}{moves[STAYS]}": MOVED})


def _note(row: dict[str, object]) -> str:
    """What she writes beside an open item; no two alike."""
    return " ".join(str(row[name]) for name in ITEM)


def test_what_she_typed_stays_with_its_customer(story: Story) -> None:
    for read in story.after[1:]:
        assert _words(read.rows("Aging", "Aging"), "My note") == {STAYS: KEPT}
        moves = read.rows("Movement", "Balance_movement")
        assert _words(moves, "Comment") == {STAYS: MOVED}


def test_each_note_on_an_open_item_stays_with_it_or_is_archived_when_it_is_paid(
    story: Story,
) -> None:
    noted = {_note(row) for row in story.after[0].rows("Open items", "Open_items")}
    gone: list[tuple[str, str]] = []
    for month, read in zip(MONTHS[1:], story.after[1:], strict=True):
        rows = read.rows("Open items", "Open_items")
        kept = {_note(row): row["My note"] for row in rows if row["My note"]}
        assert all(item == note for item, note in kept.items())
        before = noted
        noted = before & {_note(row) for row in rows}
        assert set(kept) == noted
        gone += [(month.isoformat(), note) for note in before - noted]
        archive = read.book["Archived notes"].iter_rows(min_row=2, values_only=True)
        lines = [(row[0], row[1], row[-2], row[-1]) for row in archive]
        assert sorted(lines) == sorted((on, "Open items", "My note", note) for on, note in gone)
    assert len(gone) > 100
    assert len(noted) > 20


def _words(rows: Rows, column: str) -> dict[tuple, object]:
    return {_key(row): row[column] for row in rows if row[column]}


def test_one_month_begins_where_the_other_ended_to_the_cent(story: Story) -> None:
    moves = [read.rows("Movement", "Balance_movement") for read in story.after]
    for earlier, later in pairwise(moves):
        assert by(earlier, "Closing", *KEYS) == by(later, "Opening", *KEYS)
    for rows, aging in zip(moves, story.aging, strict=True):
        assert by(rows, "Closing", *KEYS) == by(aging, "Open", *KEYS)


def test_the_sheets_hold_what_the_command_answers(story: Story) -> None:
    """`aging` reads the workbook anew: the same open amounts, customer by customer."""
    for read, aging in zip(story.after, story.aging, strict=True):
        told = by(aging, "Open", *KEYS)
        assert len(told) > 50
        assert by(read.rows("Aging", "Aging"), "Open", *KEYS) == told
        items = read.rows("Open items", "Open_items")
        assert by(items, "Open", *KEYS) == told


def test_the_same_month_again_changes_no_byte(story: Story) -> None:
    held = everything(story.path.parent)
    told = run("refresh", story.path, "--as-of", MONTHS[-1], "--at", "2026-11-05T09:00")
    assert "not a byte was changed" in told
    assert everything(story.path.parent) == held


def test_nothing_is_left_for_a_program_to_repair(story: Story) -> None:
    for content in (*story.before, story.path.read_bytes()):
        assert faults(Bag.of(content)) == []


def test_what_was_pasted_stands_there_as_it_was(story: Story) -> None:
    """No refresh touches a part of the input sheets."""
    pasted, last = Bag.of(story.before[0]), Bag.of(story.path.read_bytes())
    for name in ("Customers", "Documents", "Payments", "Allocations", "Settings"):
        assert last.parts[last.sheet(name)] == pasted.parts[pasted.sheet(name)]


def test_three_times_undo_leads_back_to_the_empty_results(story: Story, tmp_path: Path) -> None:
    """What she typed after August is not taken away unasked, and even then kept."""
    folder = tmp_path / "copy"
    shutil.copytree(story.path.parent, folder)
    path = folder / story.path.name
    run("undo", path)
    assert path.read_bytes() == story.before[2]
    run("undo", path)
    assert path.read_bytes() == story.before[1]
    refused = CliRunner().invoke(app, ["undo", str(path)])
    assert refused.exit_code == 2
    assert "was saved after" in " ".join(refused.output.split())
    assert path.read_bytes() == story.before[1]
    run("undo", path, "--force")
    assert path.read_bytes() == story.before[0]
    assert hashlib.sha256(story.before[1]).hexdigest() in everything(folder).values()


def everything(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
