"""The dashboard: figures that tie to the sheets, one screen that is the same each month, words for gaps."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from openpyxl.utils import range_boundaries

from receivables.book.report_file import write
from receivables.report.build import build
from receivables.report.dashboard_figures import CURRENCIES, MONTHS, TOP, figures
from receivables.report.dashboard_parts import STEPS, reserve_part, steps_of
from receivables.report.dashboard_screen import SCREEN, at
from receivables.report.dashboard_sheet import dashboard_sheet
from receivables.report.data import TieOut
from receivables.report.labels import label
from receivables.report.page import Page
from receivables.report.spec import ChartSpec, PictureSpec, SheetSpec, TextSpec
from receivables.settings import Settings
from tests.dashboard_data import AS_OF, BEFORE, demo_data
from tests.filling import refreshed
from tests.report_book import opened, table_rows
from tests.report_sample import sample

PANELS = ("ages", "share", "speed", "top", "reserve", "grades", "map")
FEEDING = ("ages", "currencies", "trend", "top", "reserve", "grades")


@pytest.fixture(scope="module")
def data():
    return demo_data()


@pytest.fixture(scope="module")
def found(data):
    return figures(data)


@pytest.fixture(scope="module")
def report(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("dashboard") / "report.xlsx"
    write(build(data), path)
    return path


@pytest.fixture(scope="module")
def book(report):
    return opened(report, data_only=True)


def said(spec: SheetSpec) -> str:
    """Every text of the screen."""
    screen = spec.blocks[0]
    assert isinstance(screen, TextSpec)
    return "\n".join(str(cell.value) for line in screen.lines for cell in line)


def test_ages_add_up_to_the_open_balance_of_the_sheet_aging(data, found):
    own = data.aging.filter(pl.col("currency") == "EUR")
    assert found.currency == "EUR"
    assert found.main["open"] == own["open"].sum() == found.ages["amount"].sum()
    assert found.ages["bucket"].to_list() == [*data.bucket_labels, "unapplied"]


def test_the_share_of_the_day_is_the_last_point_of_its_trend(found):
    assert found.trend["month_end"][-1] == AS_OF
    assert found.main["overdue_share"] == found.trend["overdue_share"][-1]
    assert found.main["overdue_share"] == pytest.approx(710_158.23 / 1_555_530.45)
    assert found.main["dso"] == found.trend["dso"][-1]


def test_the_largest_are_those_of_the_sheet_concentration(data, found):
    own = next(part for part in data.concentration if part.currency == "EUR")
    assert found.top["balance"].to_list() == own.frame["open"].head(TOP).to_list()
    assert (found.top["late"] + found.top["rest"] == found.top["balance"]).all()
    assert found.top["balance"].is_sorted(descending=True)


def test_the_steps_of_the_reserve_lead_from_opening_to_closing(data, found):
    roll = data.reserve.roll.filter(pl.col("currency") == "EUR")
    amounts = dict(found.reserve.steps.select("step", "amount").iter_rows())
    assert [*amounts] == [*STEPS]
    assert amounts["closing"] == roll["closing"].sum() == 108_437_88
    assert sum(amounts[step] for step in STEPS[:-1]) == amounts["closing"]
    assert found.reserve.elsewhere == ("CNY",)


def test_each_step_begins_where_the_one_before_ended():
    sums = dict(zip(STEPS, (100, 30, 10, 25, 5, -2, 98), strict=True))
    steps = steps_of(sums)
    assert steps["foot"].to_list() == [None, 100, 120, 95, 95, 98, None]
    assert steps["up"].to_list() == [None, 30, None, None, 5, None, None]
    assert steps["down"].to_list() == [None, None, 10, 25, None, 2, None]


@pytest.mark.parametrize(
    ("differences", "state", "failing"),
    [((0, 0), "good", 0), ((0, None), "neutral", 0), ((0, -5), "bad", 1), ((7, -5), "bad", 2)],
)
def test_the_light_is_that_of_the_worst_book(differences, state, failing):
    ties = [
        TieOut(
            "1000", str(n), "EUR", 9, 9, 0, 0, 0, 0, 9, 9, 9, None if gap is None else 9 - gap, gap
        )
        for n, gap in enumerate(differences)
    ]
    light = figures(sample(tie_outs=ties)).light
    assert (light.state, light.failing, light.books) == (state, failing, 2)
    assert sum(amount for _, amount in light.differences) == sum(gap or 0 for gap in differences)


def test_currencies_stay_apart_and_the_one_most_customers_owe_leads(found):
    assert found.currencies["currency"].to_list() == ["EUR", "CNY", "USD", "JPY"]
    assert found.currencies["open"].to_list() == [1515943_45, 8871004_65, 324698_65, 24587357]


def test_the_currency_of_the_report_leads_where_it_is_owed():
    assert figures(sample(settings=Settings(currency="JPY"))).currency == "JPY"
    assert figures(sample(settings=Settings(currency="CHF"))).currency == "EUR"


def test_more_currencies_than_rows_are_named():
    data = sample()
    names = ["EUR", "CNY", "JPY", "USD", "GBP", "SEK"]
    every = [
        data.aging.head(len(names) - n).with_columns(pl.lit(name).alias("currency"))
        for n, name in enumerate(names)
    ]
    found = figures(replace(data, aging=pl.concat(every)))
    assert found.currencies["currency"].to_list() == names[:CURRENCIES]
    assert found.further == ("GBP", "SEK")


def test_what_is_not_known_is_said_in_words():
    spec = dashboard_sheet(Page(sample()))
    words = said(spec)
    keys = ("no_rates", "no_speed", "no_warnings", "no_grades", "no_insurance", "not_known")
    for key in keys:
        assert label(f"screen.{key}", "en") in words, key
    maps = [block for block in spec.blocks if isinstance(block, PictureSpec)]
    assert maps[0].words.endswith(label("screen.no_map", "en"))


def test_a_reserve_in_another_currency_is_not_taken_for_this_one(data):
    part = reserve_part(data.reserve, "USD")
    assert (part.closing, part.why, part.elsewhere) == (None, "no_book", ("CNY", "EUR"))


def test_an_empty_ledger_has_a_screen_too():
    data = sample()
    none = replace(
        data, aging=data.aging.clear(), items=data.items.clear(), concentration=(), tie_outs=()
    )
    assert figures(none).main["open"] is None
    assert label("screen.not_known", "en") in said(dashboard_sheet(Page(none)))


def shape(spec: SheetSpec) -> list[object]:
    """All that must not differ from one month to the next, so that a refresh changes values only."""
    found: list[object] = []
    for block in spec.blocks:
        if isinstance(block, TextSpec):
            found.append(
                [[(cell.column, cell.style, cell.until) for cell in line] for line in block.lines]
            )
        elif isinstance(block, ChartSpec):
            found.append(
                (block.kind, block.at, block.table, block.series, block.category, block.limit)
            )
        elif isinstance(block, PictureSpec):
            found.append((block.name, block.at))
        elif block.name.removeprefix("Dashboard_") in FEEDING:
            found.append((block.name, block.frame.height, block.names))
    return found


def test_the_screen_is_the_same_each_month():
    now, then, bare = (
        dashboard_sheet(Page(one)) for one in (demo_data(), demo_data(BEFORE), sample())
    )
    place = re.compile(r"list_late")
    one, two = (place.sub("list_text", repr(shape(spec))) for spec in (now, then))
    assert one == two
    rows = {block.name: block.frame.height for block in bare.tables}
    assert rows["Dashboard_trend"] == MONTHS
    assert rows["Dashboard_top"] == TOP
    assert rows["Dashboard_currencies"] == CURRENCIES
    assert [block.at for block in bare.blocks if isinstance(block, ChartSpec)] == [
        at(name) for name in PANELS[:-1]
    ]


def test_it_prints_on_one_page_and_no_panel_covers_another(book):
    sheet = book["Dashboard"]
    assert sheet.print_area.replace("$", "").endswith(f"!A1:O{SCREEN.rows}")
    assert (sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage) == (
        None,
        True,
    )
    taken: set[tuple[int, int]] = set()
    for name in PANELS:
        row, column, rows, columns = at(name)
        cells = {(r, c) for r in range(row, row + rows) for c in range(column, column + columns)}
        assert not cells & taken, name
        taken |= cells
    filled = {
        (cell.row - 1, cell.column - 1)
        for row in sheet.iter_rows(max_row=SCREEN.rows)
        for cell in row
        if cell.value is not None
    }
    assert not filled & taken
    assert max(row for row, _ in taken) < SCREEN.rows


def test_charts_are_bound_to_the_tables_below_the_screen(report, book):
    sheet = book["Dashboard"]
    areas = {name: range_boundaries(ref) for name, ref in sheet.tables.items()}
    with zipfile.ZipFile(report) as package:
        charts = [
            package.read(name).decode() for name in package.namelist() if "/charts/chart" in name
        ]
    ours = [xml for xml in charts if "<c:f>Dashboard!" in xml]
    assert len(ours) == len(PANELS) - 1
    for xml in ours:
        for reference in re.findall(r"<c:f>Dashboard!([^<]+)</c:f>", xml):
            left, top, right, bottom = range_boundaries(reference.replace("$", ""))
            assert any(
                a <= left and b <= top and right <= c and bottom <= d
                for a, b, c, d in areas.values()
            ), reference


def test_tiles_show_the_figures(book, found):
    cells = {cell.value for row in book["Dashboard"].iter_rows(max_row=7) for cell in row}
    assert {1515943.45, 710158.23, 108437.88, found.main["dso"], 5, 38, 8} <= cells
    assert label("light.bad", "en") in cells
    rows = table_rows(book, "Dashboard", "Dashboard_currencies")
    assert [row["Currency"] for row in rows] == ["EUR", "CNY", "USD", "JPY"]


def test_days_that_are_over_stand_out(data):
    screen = dashboard_sheet(Page(data)).blocks[0]
    late = [cell.value for line in screen.lines for cell in line if cell.style == "list_late"]
    assert late == ["2026-10-30"]


def test_refreshed_in_place_it_is_that_of_a_fresh_report(tmp_path):
    first, second = (build(demo_data(day), living=True) for day in (BEFORE, AS_OF))
    old, new = tmp_path / "old.xlsx", tmp_path / "new.xlsx"
    write(first, old)
    write(second, new)
    content, _, _ = refreshed(old.read_bytes(), *second)
    old.write_bytes(content)
    was, now = (
        [[cell.value for cell in row] for row in opened(path)["Dashboard"].iter_rows()]
        for path in (old, new)
    )
    assert was == now
    assert refreshed(content, *second)[2] == {}


def test_in_chinese_no_english_word_of_ours_stands_on_the_screen():
    words = said(dashboard_sheet(Page(demo_data(language="zh"))))
    own = {
        value
        for key in ("screen.watch", "screen.currencies", "screen.act_by")
        for value in [label(key, "en")]
    }
    assert not any(text in words for text in own)
    assert label("screen.watch", "zh") in words


def test_between_month_ends_the_month_of_the_dso_is_said():
    day = date(2026, 10, 15)
    spec = dashboard_sheet(Page(demo_data(day)))
    assert "2026-09: best possible" in said(spec)
