"""What is still to explain at a close, and what was said about it last month."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from receivables.errors import LedgerFileError
from receivables.refresh.books import load
from receivables.refresh.close import close_job
from receivables.refresh.explanations import FILE, carried, remember
from receivables.report.pack_data import EXCEPTION_SCHEMA

AUG, SEP, OCT = date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31)


def found(*rows: tuple[str, str, int | None]) -> pl.DataFrame:
    """Exceptions: (exception, place, amount) in euro."""
    full = [
        dict.fromkeys(EXCEPTION_SCHEMA)
        | {"exception": name, "place": place, "amount": amount, "currency": "EUR"}
        for name, place, amount in rows
    ]
    return pl.DataFrame(full, schema=EXCEPTION_SCHEMA)


def told(frame: pl.DataFrame) -> list[tuple]:
    return frame.select("exception", "place", "amount", "since", "explanation").rows()


def explain(folder, text: str) -> None:
    """What the accountant types into the file."""
    path = folder / FILE
    frame = pl.read_csv(path, infer_schema=False)
    frame.with_columns(explanation=pl.lit(text)).write_csv(path)


def test_an_explanation_is_carried_forward_with_its_first_day(tmp_path):
    first = carried(found(("difference", "DE01 1200", 500)), tmp_path, AUG)
    assert told(first) == [("difference", "DE01 1200", 500, AUG, None)]
    remember(first, tmp_path, AUG)
    explain(tmp_path, "invoice without currency, asked the branch")
    second = carried(
        found(("difference", "DE01 1200", 700), ("unreadable", "", None)), tmp_path, SEP
    )
    assert told(second) == [
        ("difference", "DE01 1200", 700, AUG, "invoice without currency, asked the branch"),
        ("unreadable", "", None, SEP, None),
    ]


def test_what_is_over_keeps_its_line_and_does_not_come_back_explained(tmp_path):
    remember(carried(found(("difference", "DE01", 5)), tmp_path, AUG), tmp_path, AUG)
    explain(tmp_path, "timing")
    remember(carried(found(), tmp_path, SEP), tmp_path, SEP)
    line = pl.read_csv(tmp_path / FILE).row(0, named=True)
    assert (line["until"], line["explanation"]) == ("2026-09-30", "timing")
    again = carried(found(("difference", "DE01", 9)), tmp_path, OCT)
    assert told(again) == [("difference", "DE01", 9, OCT, None)]
    remember(again, tmp_path, OCT)
    assert pl.read_csv(tmp_path / FILE).height == 2


def test_the_same_close_twice_changes_no_byte(tmp_path):
    rows = carried(found(("difference", "DE01", 5)), tmp_path, AUG)
    remember(rows, tmp_path, AUG)
    before = (tmp_path / FILE).read_bytes()
    remember(carried(found(("difference", "DE01", 5)), tmp_path, AUG), tmp_path, AUG)
    assert (tmp_path / FILE).read_bytes() == before


def test_a_file_that_lost_a_heading_is_refused(tmp_path):
    (tmp_path / FILE).write_text("exception,place\ndifference,DE01\n")
    with pytest.raises(LedgerFileError, match="column currency is gone"):
        carried(found(), tmp_path, AUG)


def test_a_date_that_cannot_be_read_is_refused(tmp_path):
    remember(carried(found(("difference", "DE01", 5)), tmp_path, AUG), tmp_path, AUG)
    text = (tmp_path / FILE).read_text(encoding="utf-8-sig").replace("2026-08-31", "31/08/26")
    (tmp_path / FILE).write_text(text)
    with pytest.raises(LedgerFileError, match="Write dates as 2026-10-31"):
        carried(found(), tmp_path, SEP)


def test_a_close_asks_for_and_shows_the_explanation(tmp_path):
    (tmp_path / "documents.csv").write_text(
        "document_no,customer_id,kind,issued_on,due_on,currency,amount\n"
        "A,C1,invoice,2026-08-01,2026-08-31,EUR,100.00\n"
    )
    (tmp_path / "controls.csv").write_text(
        "as_of,currency,balance\n2026-08-31,EUR,90.00\n2026-09-30,EUR,95.00\n"
    )
    books, folder = load(tmp_path), tmp_path / "closed"
    close_job(books, AUG, folder=folder)
    explain(folder, "bank charge")
    (one,) = close_job(books, SEP, folder=folder).to_json()["exceptions"]
    assert (one["exception"], one["amount"], one["since"], one["explanation"]) == (
        "difference",
        "5.00",
        "2026-08-31",
        "bank charge",
    )
