"""The close pack in the report: live sums that tie, what is said where nothing was given."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from receivables.book.report_file import write
from receivables.errors import BadValueError
from receivables.report import pack_data as pack
from receivables.report.build import build
from receivables.resources import data_rows
from receivables.settings import Settings
from tests.report_book import opened, recalculated, table_rows
from tests.report_pack import ALONE, pack_sample
from tests.report_sample import sample

PACK = ["Reserve", "DSO", "Disclosure", "Movement"]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    path = tmp_path_factory.mktemp("pack") / "report.xlsx"
    write(build(pack_sample()), path)
    return path


@pytest.fixture(scope="module")
def book(report):
    return opened(report, data_only=True)


@pytest.fixture(scope="module")
def patterns(report):
    return opened(report)


def written(tmp_path, **changes):
    path = tmp_path / "report.xlsx"
    write(build(pack_sample(**changes)), path)
    return opened(path, data_only=True)


def texts(book, sheet: str) -> list[str]:
    return [
        str(cell.value)
        for row in book[sheet].iter_rows()
        for cell in row
        if cell.value is not None
    ]


def test_all_sheets_stand_in_the_order_of_the_table(book):
    rows = sorted(data_rows("sheets.csv"), key=lambda row: int(row["order"]))
    names = [row["en"] for row in rows]
    assert book.sheetnames == [name for name in names if name in book.sheetnames]
    assert {*PACK, "Close", "Aging", "Open items", "Issues"} <= {*book.sheetnames}
    assert "This week" not in book.sheetnames


def test_without_pack_data_there_are_no_pack_sheets():
    names = [spec.label for spec in build(sample(4, 1))]
    assert not set(names) & set(PACK)


def test_recalculation_gives_the_stored_results(report, patterns, book, tmp_path):
    fresh = recalculated(report, tmp_path)
    found = {
        (sheet, cell.coordinate): cell.value
        for sheet in [*PACK, "Close"]
        for row in patterns[sheet].iter_rows()
        for cell in row
        if cell.data_type == "f"
    }
    assert len(found) > 800
    for (sheet, address), text in found.items():
        was, now = book[sheet][address].value, fresh[sheet][address].value
        same = (was or "") == (now or "") if isinstance(was, str | None) else now == pytest.approx(was, abs=1e-6)  # fmt: skip
        assert same, f"{sheet}!{address} {text}: stored {was}, recalculated {now}"


def test_the_bridge_ties_to_aging_and_to_the_matrices(book, patterns):
    rows = table_rows(book, "Reserve", "Reserve_bridge")
    assert len(rows) == 6
    assert {row["Aging sheet − total"] for row in rows} == {0}
    assert {row["Matrices − base"] for row in rows} == {0}
    for row in rows:
        less = sum(value for name, value in row.items() if name.startswith("Less "))
        whole = row["Aging total"] + row["Plus credit balances reclassed"] - less
        assert row["ECL base"] == pytest.approx(whole, abs=1e-6)
    first = table_rows(patterns, "Reserve", "Reserve_bridge")[0]
    assert first["ECL base"].startswith("=ROUND(")
    assert "'Aging'!" in first["Aging sheet − total"]


def test_a_cent_missing_from_the_matrix_shows_in_the_bridge(tmp_path):
    data = pack_sample().reserve
    pool = data.pool.with_columns(
        pl.col("exposure") - (pl.int_range(pl.len()) == 0).cast(pl.Int64)
    )
    book = written(tmp_path, reserve=replace(data, pool=pool))
    gaps = [row["Matrices − base"] for row in table_rows(book, "Reserve", "Reserve_bridge")]
    assert sorted(gaps) == [-0.01, 0, 0, 0, 0, 0]


def test_the_matrix_is_exposure_times_rate_in_each_row(book, patterns):
    rows = table_rows(book, "Reserve", "Reserve_matrix_EUR")
    assert [row["Bucket"] for row in rows[:5]] == ["Current", "1-30 d", "31-60 d", "61-90 d", "91+ d"]  # fmt: skip
    for row in rows:
        assert row["Allowance"] == pytest.approx(row["Exposure"] * row["Rate after overlay"], abs=0.005001)  # fmt: skip
    live = table_rows(patterns, "Reserve", "Reserve_matrix_EUR")[0]["Allowance"]
    assert live.startswith("=ROUND((")
    japanese = table_rows(book, "Reserve", "Reserve_matrix_JPY")
    assert all(row["Allowance"] == int(row["Allowance"]) for row in japanese)


def test_half_a_cent_rounds_up_stored_and_recalculated(tmp_path):
    """12.50 at 1.8 % is 0.225: money rounds half up, and so must the sheet."""
    base = pack.empty(pack.POOL_SCHEMA)
    rows = [("", "EUR", "Current", 12_50, 0, 0, 0, 0, 0.018, 0.018, 23, "own"),
            ("", "EUR", "1-30 d", 1_00, 0, 0, 0, 0, 0.285, 0.285, 29, "own")]  # fmt: skip
    pool = pl.DataFrame(rows, schema=base.schema, orient="row")
    bridge = pl.DataFrame([("", "EUR", 13_50, 0, 0, 0, 0, 0, 13_50)], schema=pack.BRIDGE_SCHEMA, orient="row")  # fmt: skip
    path = tmp_path / "report.xlsx"
    data = pack.ReserveData(bridge, method="matrix", pool=pool)
    write(build(sample(4, 1, reserve=data)), path)
    for book in (opened(path, data_only=True), recalculated(path, tmp_path)):
        found = table_rows(book, "Reserve", "Reserve_matrix_EUR")
        assert [row["Allowance"] for row in found] == [0.23, 0.29]


def test_cases_stay_out_of_the_pool_and_print_as_text(book):
    rows = table_rows(book, "Reserve", "Reserve_specific")
    assert [row["Customer"] for row in rows] == [*ALONE]
    assert rows[0]["Loss rate"] == 0.5
    assert rows[1]["Loss rate"] is None
    assert rows[1]["Reason"] == "=cmd litigation"


def test_insured_and_secured_parts_are_shown_not_deducted(book):
    rows = table_rows(book, "Reserve", "Reserve_cover")
    required = table_rows(book, "Reserve", "Reserve_required")
    assert all(row["Insured"] > 0 and row["Secured"] > 0 for row in rows)
    matrix = table_rows(book, "Reserve", "Reserve_matrix_EUR")
    mine = sum(row["Allowance"] for row in matrix if row["Company"] == "1000")
    euro = next(row for row in required if (row["Company"], row["Currency"]) == ("1000", "EUR"))
    assert euro["Collective"] == pytest.approx(mine, abs=1e-6)


def test_a_recorded_decision_nets_and_is_named(tmp_path):
    data = pack_sample().reserve
    pool = data.pool.with_columns(
        pl.col("secured").alias("netted"),
        reserve=((pl.col("exposure") - pl.col("secured")) * pl.col("effective") + 0.5)
        .floor()
        .cast(pl.Int64),
    )
    path = tmp_path / "report.xlsx"
    write(build(pack_sample(reserve=replace(data, pool=pool))), path)
    row = table_rows(opened(path), "Reserve", "Reserve_matrix_EUR")[0]
    assert "Netted by decision" in row
    assert row["Allowance"].count("-") == 1


def test_the_buffer_is_headed_as_no_allowance_and_flagged_outside_its_range(book):
    assert any("Management buffer: not an accounting allowance" in text for text in texts(book, "Reserve"))  # fmt: skip
    rows = table_rows(book, "Reserve", "Management_buffer")
    assert [row["Buffer"] for row in rows] == [480_000, 270_000]
    assert [row["Finding"] for row in rows] == [None, "outside the range"]


def test_roll_forward_closes_against_the_ledger(book):
    first, second = table_rows(book, "Reserve", "Allowance_movement")
    assert first["Closing"] == pytest.approx(483_353.78)
    assert first["To be booked"] == pytest.approx(13_353.78)
    assert second["To be booked"] is None
    again = table_rows(book, "Disclosure", "Disclosure_movement")
    assert [row["Closing"] for row in again] == [first["Closing"], second["Closing"]]


def test_the_journal_balances_and_asks_for_the_missing_account(book):
    rows = table_rows(book, "Reserve", "Proposed_journal")
    assert sum(row["Debit"] or 0 for row in rows) == sum(row["Credit"] or 0 for row in rows)
    assert [row["Dr/Cr"] for row in rows] == ["Dr", "Cr", "Dr", "Cr"]
    assert rows[2]["Account"] == "– to be named –"


def test_without_rates_the_sheet_says_what_to_do_and_shows_the_bridge_only(tmp_path):
    data = pack_sample().reserve
    bare = pack.ReserveData(data.bridge, rated=False)
    book = written(tmp_path, reserve=bare, disclosure=pack.Disclosure())
    assert list(book["Reserve"].tables) == ["Reserve_bridge"]
    said = texts(book, "Reserve")
    assert any(text.startswith("No loss rates were given") for text in said)
    assert any("--rates FILE" in text for text in said)
    assert "Disclosure" not in book.sheetnames


def test_speed_has_a_line_chart_per_table_and_says_why_a_figure_is_blank(patterns, book):
    sheet = patterns["DSO"]
    assert [type(chart).__name__ for chart in sheet._charts] == ["LineChart"] * 3
    assert [len(chart.series) for chart in sheet._charts] == [3, 3, 3]
    rows = table_rows(book, "DSO", "Collection_speed_EUR")
    assert len(rows) == 12
    assert rows[0]["DSO countback"] is None
    assert "more months" in rows[0]["Why blank"]
    last = rows[-1]
    assert last["DSO"] == pytest.approx(
        last["Receivables"] / last["Sales"] * last["Days in month"]
    )
    assert any("gross/gross" in text for text in texts(book, "DSO"))


def test_disclosure_by_bucket_is_the_sum_of_the_companies(book):
    matrix = table_rows(book, "Reserve", "Reserve_matrix_EUR")
    rows = table_rows(book, "Disclosure", "Disclosure_matrix_EUR")
    assert rows[-1]["Past due"] == "Individually assessed"
    for row in rows[:-1]:
        mine = [line for line in matrix if line["Bucket"] == row["Past due"]]
        assert row["Gross carrying amount"] == pytest.approx(
            sum(line["Exposure"] for line in mine)
        )
        assert row["Loss allowance"] == pytest.approx(sum(line["Allowance"] for line in mine))
        assert row["Average loss rate"] == pytest.approx(row["Loss allowance"] / row["Gross carrying amount"])  # fmt: skip


def test_classes_add_up_to_the_receivables_after_reclass(book):
    bridge = table_rows(book, "Reserve", "Reserve_bridge")
    rows = table_rows(book, "Disclosure", "Disclosure_classes")
    for currency in ("CNY", "EUR", "JPY"):
        gross = sum(row["Gross carrying amount"] for row in rows if row["Currency"] == currency)
        whole = sum(
            row["Aging total"] + row["Plus credit balances reclassed"]
            for row in bridge
            if row["Currency"] == currency
        )
        assert gross == pytest.approx(whole)


def test_five_largest_come_with_share_and_allowance(book):
    rows = table_rows(book, "Disclosure", "Disclosure_top")
    assert [row["No."] for row in rows[:6]] == [1, 2, 3, 4, 5, 1]
    assert all(row["Share"] == pytest.approx(row["Balance"] / row["Debit balances in all"]) for row in rows)  # fmt: skip


def test_chinese_notes_are_headed_as_in_chinese_accounts(tmp_path):
    book = written(tmp_path, settings=Settings(language="zh"))
    said = " ".join(texts(book, "附注披露"))
    for words in ("按账龄披露", "按单项计提", "按组合计提", "期末余额前五名", "坏账准备变动"):
        assert words in said
    assert "管理缓冲：非会计坏账准备" in " ".join(texts(book, "坏账准备"))


def test_movement_ties_to_aging_and_marks_what_is_material(book):
    totals = table_rows(book, "Movement", "Movement_totals")
    assert {row["Aging sheet − closing"] for row in totals} == {0}
    rows = table_rows(book, "Movement", "Balance_movement")
    limits = {row["Currency"]: row["Materiality"] for row in totals}
    assert limits["JPY"] is None
    for row in rows:
        limit = limits[row["Currency"]]
        assert bool(row["Above materiality"]) == (
            limit is not None and abs(row["Change"]) >= limit
        )
    assert {bool(row["Above materiality"]) for row in rows} == {True, False}
    for currency in limits:
        sizes = [abs(row["Change"]) for row in rows if row["Currency"] == currency]
        assert sizes == sorted(sizes, reverse=True)
    assert "seasonal order, paid in November" in {row["Comment"] for row in rows}


def test_materiality_marks_from_the_very_cent(tmp_path):
    frame = pack_sample().movement.frame.head(3)
    change = pl.Series([99_99, 100_00, -100_01])
    frame = frame.with_columns(
        pl.lit("EUR").alias("currency"), opening=pl.col("closing") - change, new=change,
        **{name: pl.lit(0, pl.Int64) for name in pack.MOVES if name != "new"},
    )  # fmt: skip
    moved = pack.MovementData(sample().prior_as_of, frame, {"EUR": 100_00})
    rows = table_rows(written(tmp_path, movement=moved), "Movement", "Balance_movement")
    assert {row["Change"]: row["Above materiality"] for row in rows} == {
        99.99: None, 100: "comment", -100.01: "comment",
    }  # fmt: skip


def test_the_sign_off_names_what_is_signed(book):
    said = texts(book, "Close")
    for words in ("9f2c" * 16, "A. Clerk", "CNY 5,000.00, EUR 1,500.00",
                  "1 changed since the close of 2026-09-30", "1 open", "rates 2026-10"):  # fmt: skip
        assert any(words in text for text in said), words
    (change,) = table_rows(book, "Close", "Changed_settings")
    assert list(change.values()) == ["credits", "oldest", "separate"]
    (exception,) = table_rows(book, "Close", "Open_exceptions")
    assert exception["Explanation"] == "posted by hand, reversed in November"


def test_a_closed_period_shows_what_changed_since_and_why(book):
    rows = table_rows(book, "Close", "As_reported")
    assert [row["Difference"] for row in rows] == [-250, 99_999.99, 0.01]
    assert all(row["As now known"] - row["As reported"] == pytest.approx(row["Difference"]) for row in rows)  # fmt: skip
    assert any("3 others are unchanged" in text for text in texts(book, "Close"))
    (late,) = table_rows(book, "Close", "Back_dated")
    assert (late["Document"], late["Amount"], late["Why it came later"]) == ("CN-77", -250, "not there at the close")  # fmt: skip


def test_a_missing_column_of_the_pack_is_named():
    frame = pack_sample().movement.frame.drop("paid")
    with pytest.raises(BadValueError, match=r"ReportData\.movement: .*paid"):
        build(pack_sample(movement=pack.MovementData(sample().prior_as_of, frame)))


def test_an_empty_pack_still_opens(tmp_path):
    data = pack_sample()
    empty = {
        "reserve": pack.ReserveData(pack.empty(pack.BRIDGE_SCHEMA)),
        "speed": data.speed.clear(),
        "movement": pack.MovementData(data.prior_as_of, data.movement.frame.clear()),
        "close": pack.CloseFacts(),
        "disclosure": pack.Disclosure(),
    }
    book = written(tmp_path, **empty)
    assert "DSO" not in book.sheetnames
    assert "Reserve" in book.sheetnames
