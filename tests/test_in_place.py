"""The month end in the accountant's own workbook: three months, notes kept, twice is no change."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from typer.testing import CliRunner

from receivables.cli import app
from receivables.errors import BadValueError, LedgerFileError, SettingsError
from receivables.refresh import load, snapshots
from receivables.refresh.close import close_job
from receivables.refresh.in_place import Asked, InPlaceAnswer, refresh_in_place
from receivables.refresh.month_end import month_end_data
from receivables.refresh.previous import past_of
from receivables.refresh.refresh_log import is_living, read_log, read_told
from tests.living_book import invoice, living, payment, put_rows, rows_of

AUG, SEP, OCT = date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31)
AT = {AUG: "2026-09-02T09:00:00", SEP: "2026-10-02T09:00:00", OCT: "2026-11-03T09:00:00"}
TABLES = {
    "Customers": [
        {"customer_id": "00123", "name": "Alpha"},
        {"customer_id": "00456", "name": "Beta"},
    ],
    "Documents": [
        invoice("R1", 500),
        invoice("R2", 300.25, "2026-08-20"),
        invoice("R3", 700, "2026-09-10", customer_id="00456"),
        invoice("R4", 900, "2026-10-05", customer_id="00456"),
    ],
    "Payments": [payment("P1", 500, "2026-09-20", document_no="R1")],
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return living(tmp_path_factory.mktemp("made") / "ledger.xlsx", AUG, TABLES)


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path / "ledger.xlsx"))


def refreshed(path: Path, day: date, **options) -> InPlaceAnswer:
    at = options.pop("at", AT.get(day, ""))
    return refresh_in_place(load(path), day, at=at, **options)


def type_into(path: Path, sheet: str, table: str, row: dict, heading: str, text: str) -> None:
    """Type into the cell of a row, as its user does."""
    book = openpyxl.load_workbook(path)
    worksheet = book[sheet]
    cells = worksheet[worksheet.tables[table].ref]
    names = [cell.value for cell in cells[0]]
    for line in cells[1:]:
        if all(line[names.index(name)].value == value for name, value in row.items()):
            line[names.index(heading)].value = text
            book.save(path)
            return
    raise AssertionError(f"no row {row}")


def folder_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.receivables")


def everything(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield (
                path.relative_to(folder).as_posix(),
                hashlib.sha256(path.read_bytes()).hexdigest(),
            )


def test_three_month_ends(book: Path) -> None:
    """What is typed stays with its customer, the movement of a month begins where the other ended."""
    first = refreshed(book, AUG)
    assert (first.changed, first.previous) == (True, date(2026, 7, 31))
    type_into(
        book, "Movement", "Balance_movement", {"Customer": "00123"}, "Comment", "August sales"
    )
    second = refreshed(book, SEP)
    assert (second.changed, second.previous, second.open_items) == (True, AUG, 2)
    row = {"Customer": "00123"}
    type_into(book, "Worklist", "Worklist", row, "Next step", "Ask Ms Wu on Monday")
    third = refreshed(book, OCT)
    assert (third.changed, third.previous, third.open_items) == (True, SEP, 3)

    moved = {row["Customer"]: row for row in rows_of(book, "Movement", "Balance_movement")}
    assert moved["00123"]["Comment"] == "August sales"
    balances = {name: (row["Opening"], row["Closing"]) for name, row in moved.items()}
    assert balances == {"00123": (300.25, 300.25), "00456": (700, 1600)}
    called = {row["Customer"]: row for row in rows_of(book, "Worklist", "Worklist")}
    assert called["00123"]["Next step"] == "Ask Ms Wu on Monday"
    assert called["00456"]["Next step"] is None
    aged = {row["Customer"]: row["Open"] for row in rows_of(book, "Aging", "Aging")}
    assert aged == {"00123": 300.25, "00456": 1600}
    log = rows_of(book, "Refresh log", "Refresh_log")
    assert [row["Refreshed at"] for row in log] == list(AT.values())
    assert [row["Open items"] for row in log] == [2, 2, 3]
    names = [name for name, _ in everything(folder_of(book))]
    assert names == [
        f"backups/ledger 2026-08-31 {AT[SEP].replace(':', '-')}.xlsx",
        f"backups/ledger 2026-09-30 {AT[OCT].replace(':', '-')}.xlsx",
        f"backups/ledger new {AT[AUG].replace(':', '-')}.xlsx",
        "refreshed/2026-08-31.parquet",
        "refreshed/2026-09-30.parquet",
        "refreshed/2026-10-31.parquet",
        "refreshes.csv",
    ]


def test_the_same_date_again_changes_no_byte_anywhere(book: Path) -> None:
    refreshed(book, SEP)
    before = dict(everything(book.parent))
    again = refreshed(book, SEP, at="2026-10-09T17:00:00")
    assert not again.changed
    assert again.backup is None
    assert dict(everything(book.parent)) == before
    assert [*read_log(book)["as_of"]] == [SEP]


def test_the_same_date_with_new_rows_is_a_refresh_and_keeps_the_earlier_snapshot(
    book: Path,
) -> None:
    refreshed(book, SEP)
    put_rows(book, "Documents", [invoice("R9", 250, "2026-09-29", customer_id="00456")])
    again = refreshed(book, SEP, at="2026-10-05T08:00:00")
    assert (again.changed, again.open_items) == (True, 3)
    folder = folder_of(book) / "refreshed"
    assert sorted(path.name for path in folder.iterdir()) == [
        "2026-09-30.parquet", "2026-09-30.v1.parquet",
    ]  # fmt: skip
    found = snapshots.read_snapshot(folder, SEP)
    assert found is not None
    assert found.open_items == 3
    assert [*read_log(book)["as_of"]] == [SEP, SEP]


def test_what_came_late_stands_beside_what_was_reported(book: Path) -> None:
    """September is refreshed; then an invoice of August is entered in October."""
    refreshed(book, SEP)
    late = invoice("R0", 125, "2026-08-11", entered_on="2026-10-08", due_on="2026-09-11")
    put_rows(book, "Documents", [late])
    refreshed(book, OCT)
    reported = rows_of(book, "Close", "As_reported")
    assert [(row["Customer"], row["As reported"], row["Difference"]) for row in reported] == [
        ("00123", 300.25, 125)
    ]
    came = rows_of(book, "Close", "Back_dated")
    assert [(row["Document"], row["Amount"]) for row in came] == [("R0", 125)]


def test_a_closed_period_shows_as_reported_beside_as_now_known(book: Path) -> None:
    close_job(load(book), SEP, closed_at=AT[SEP])
    put_rows(book, "Documents", [invoice("R0", 125, "2026-08-11", entered_on="2026-10-08")])
    refreshed(book, SEP)
    reported = rows_of(book, "Close", "As_reported")
    assert [(row["As reported"], row["As now known"]) for row in reported] == [(300.25, 425.25)]
    assert close_job(load(book), SEP).state == "locked"


def test_an_explanation_typed_on_the_sheet_goes_to_the_next_close(book: Path) -> None:
    put_rows(book, "Documents", [invoice("R8", "12,x", "2026-09-02")])
    refreshed(book, SEP)
    row = {"Currency": "EUR"}
    type_into(
        book, "Close", "Open_exceptions", row, "Explanation", "Asked the branch for the paper"
    )
    assert read_told(book)["explanation"].to_list() == ["Asked the branch for the paper"]
    refreshed(book, OCT)
    kept = rows_of(book, "Close", "Open_exceptions")
    assert [row["Explanation"] for row in kept] == ["Asked the branch for the paper"]
    assert [row["Since"].date() for row in kept] == [SEP]
    closed = close_job(load(book), OCT)
    assert closed.exceptions["explanation"].to_list() == ["Asked the branch for the paper"]


def test_previous_is_a_period_end_or_a_closed_one(book: Path) -> None:
    middle = date(2026, 9, 15)
    refreshed(book, AUG)
    refreshed(book, middle, at="2026-09-15T12:00:00")
    books, folder = load(book), folder_of(book)
    assert past_of(books, SEP, folder).start == AUG
    (folder / "refreshed" / f"{AUG}.parquet").unlink()
    assert past_of(books, SEP, folder).start == middle
    close_job(books, date(2026, 9, 5))
    assert past_of(books, SEP, folder).start == date(2026, 9, 5)
    assert past_of(books, date(2026, 9, 4), folder).start == AUG


def test_more_rows_than_a_sheet_has_go_beside_whole(book: Path) -> None:
    asked = Asked(sheet_rows=2)
    answer = refreshed(book, OCT, asked=asked)
    beside = book.with_suffix(".open_items.parquet")
    assert beside in answer.files
    assert pl.read_parquet(beside).height == 3
    assert len(rows_of(book, "Open items", "Open_items")) == 2
    texts = [cell.value for row in openpyxl.load_workbook(book)["Open items"].iter_rows(max_row=12) for cell in row]  # fmt: skip
    assert any("open_items" in str(text) and "parquet" in str(text) for text in texts)
    assert not refreshed(book, OCT, asked=asked).changed
    beside.unlink()
    assert refreshed(book, OCT, asked=asked, at="2026-11-04T08:00:00").changed
    assert beside.exists()


def test_a_copy_is_refreshed_and_the_rest_stays_with_the_original(
    book: Path, tmp_path: Path
) -> None:
    before = book.read_bytes()
    copy = Path(shutil.copy(book, tmp_path / "copy.xlsx"))
    answer = refresh_in_place(load(book), SEP, at=AT[SEP], workbook=copy, ledger_path=book)
    assert answer.filled is not None
    assert book.read_bytes() == before
    assert [*read_log(copy)["as_of"]] == [SEP]
    assert (folder_of(book) / "refreshes.csv").exists()
    assert not folder_of(copy).exists()


def test_the_settings_name_the_loss_rates(book: Path) -> None:
    """So that a button, which has no options, gives the reserve too."""
    rates = book.with_name("rates.csv")
    rates.write_text("bucket,rate,source\n" + "\n".join(
        f"{bucket},1%,invented" for bucket in ("Current", "1-30 d", "31-60 d", "61-90 d", "91+ d", "No due date")
    ))  # fmt: skip
    books = load(book, values={"reserve_rates": "rates.csv"})
    answer = refresh_in_place(books, OCT, at=AT[OCT])
    assert answer.changed
    pool = rows_of(book, "Reserve", "Reserve_matrix_EUR")
    assert {value for row in pool for name, value in row.items() if "rate" in name.lower()} == {
        0.01
    }
    for name in ("gone.csv", "../rates.csv"):
        with pytest.raises(SettingsError, match="no file"):
            month_end_data(load(book, values={"reserve_rates": name}), OCT)


def test_a_ledger_without_result_sheets_is_not_written_to(tmp_path: Path) -> None:
    path = tmp_path / "plain.xlsx"
    openpyxl.Workbook().save(path)
    before = path.read_bytes()
    asked = CliRunner().invoke(app, ["refresh", str(path), "--as-of", "2026-10-31"])
    assert asked.exit_code == 2
    assert "--out REPORT.xlsx" in asked.output
    assert "receivables new" in asked.output
    assert path.read_bytes() == before
    assert not is_living(path)


@pytest.mark.parametrize("path", ["sqlite:///books.db", "missing.xlsx"])
def test_what_is_no_workbook(path: str) -> None:
    from receivables.refresh.in_place import living_workbook

    with pytest.raises((BadValueError, LedgerFileError)):
        living_workbook(path)


def test_an_open_workbook_is_left_alone(book: Path) -> None:
    before, books = book.read_bytes(), load(book)
    (book.parent / "~$ledger.xlsx").touch()
    with pytest.raises(LedgerFileError, match="is open"):
        refresh_in_place(books, SEP, at=AT[SEP])
    assert book.read_bytes() == before
    assert not folder_of(book).exists()


def test_a_workbook_saved_after_it_was_read_is_left_alone(book: Path) -> None:
    books = load(book)
    put_rows(book, "Documents", [invoice("R9", 1)])
    before = book.read_bytes()
    with pytest.raises(LedgerFileError, match="saved by somebody else"):
        refresh_in_place(books, SEP, at=AT[SEP])
    assert book.read_bytes() == before
    assert read_log(book).is_empty()


def test_the_command_refreshes_and_says_so_when_there_is_nothing_to_do(book: Path) -> None:
    asked = ["refresh", str(book), "--as-of", "2026-09-30", "--at", "2026-10-02T09:00"]
    told = CliRunner().invoke(app, asked)
    assert told.exit_code == 0, told.output
    assert "Refreshed in place, compared with 2026-08-31." in told.output
    assert "receivables undo puts it back" in told.output
    told = CliRunner().invoke(app, asked)
    assert "not a byte was changed" in told.output
