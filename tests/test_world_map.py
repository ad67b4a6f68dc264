"""The risk map and the two sheets of the credit manager, rendered and read back."""

import io
import zipfile
from datetime import date
from itertools import pairwise
from xml.etree import ElementTree as ET

import openpyxl
import polars as pl
import pytest
from matplotlib import colors, image

from receivables.book.report_file import write
from receivables.errors import BadValueError
from receivables.monitor.country import countries
from receivables.monitor.country_ledger import risk_map
from receivables.report.countries_sheet import countries_sheet
from receivables.report.credit_tables import (
    ACTION_SCHEMA,
    COUNTRY_SCHEMA,
    MOVE_SCHEMA,
    WARNING_SCHEMA,
    CountriesData,
    WarningsData,
)
from receivables.report.page import Page
from receivables.report.warnings_sheet import warnings_sheet
from receivables.report.world_map import CLASSES, Bubble, MapFacts, world_map
from receivables.resources import data_path
from receivables.settings import Settings
from tests.report_sample import AS_OF, sample

FACTS = MapFacts(AS_OF, "EUR", date(2018, 12, 31), "World Bank")
SOLD = [Bubble("DE", 607_000_00), Bubble("CN", 1_200_000_00), Bubble("SG", 90_000_00)]


@pytest.fixture(scope="module")
def picture() -> bytes:
    return world_map(SOLD, risk_map(), FACTS)


def test_the_picture_is_large_enough_and_always_the_same(picture) -> None:
    high, wide, _ = image.imread(io.BytesIO(picture)).shape
    assert (wide, high) == (1800, 960)
    assert world_map(SOLD, risk_map(), FACTS) == picture


def test_every_class_is_on_the_map(picture) -> None:
    """Thousands of pixels of each colour, and of the bubbles' edge."""
    pixels = image.imread(io.BytesIO(picture))[:, :, :3]
    for name in CLASSES.values():
        same = abs(pixels - colors.to_rgb(name)).sum(axis=2) < 0.02
        assert same.sum() > 5_000, name
    edge = abs(pixels - colors.to_rgb("#003A5C")).sum(axis=2) < 0.1
    assert edge.sum() > 100


def test_without_sales_there_are_no_bubbles() -> None:
    pixels = image.imread(io.BytesIO(world_map([], risk_map(), FACTS)))[:, :, :3]
    assert (abs(pixels - colors.to_rgb("#003A5C")).sum(axis=2) < 0.1).sum() == 0


def test_classes_are_told_apart_in_grey() -> None:
    """Relative luminance falls from class to class by a clear step: print and every eye see four."""
    parts = [
        [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colors.to_rgb(name)]
        for name in CLASSES.values()
    ]
    light = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in parts]
    contrast = [(a + 0.05) / (b + 0.05) for a, b in pairwise(light)]
    assert min(contrast) > 1.4


def test_a_vector_picture_names_no_day_of_its_making() -> None:
    text = world_map(SOLD, risk_map(), FACTS, kind="svg")
    assert ET.fromstring(text).tag.endswith("svg")
    assert b"<dc:date>" not in text
    assert world_map(SOLD, risk_map(), FACTS, kind="svg") == text


def test_what_the_map_cannot_show_is_refused() -> None:
    with pytest.raises(BadValueError, match="no place for 'ZZ'"):
        world_map([Bubble("ZZ", 1)], {}, FACTS)
    with pytest.raises(BadValueError, match="no colour for class E"):
        world_map([], {"DE": "E"}, FACTS)
    with pytest.raises(BadValueError, match="give png or svg"):
        world_map([], {}, FACTS, kind="pdf")


def test_every_rated_country_has_a_shape_or_a_dot() -> None:
    placed = [countries()[code] for code in risk_map()]
    assert [one.name_en for one in placed if one.lat is None] == []


def test_the_shapes_stay_small() -> None:
    assert data_path("world.json").stat().st_size < 400_000
    assert "Permission to use" in data_path("world.LICENSE.txt").read_text(encoding="utf-8")


def warning_rows() -> WarningsData:
    rows = [
        ("00153", "青岛海风", "CN", "CNY", 35742984, 33573882, 0, 162, 2, 6, 4, None, 0.0, None, "possible", "days+grade", "red", "evidence & more"),
        ("00110", "=1+1", "DE", "EUR", 10165768, 3275990, 100, 682, 1, None, None, 12.4, 0.0, 90.0, "yes", "days", "yellow", ""),
        ("00111", "Quiet", "DE", "EUR", 500, 0, 0, 0, 0, None, None, None, None, None, "", "", "", ""),
    ]  # fmt: skip
    actions = [
        ("00153", "青岛海风", "CNY", "red", "reduce", "No new exposure", 1.0, 35742984, "Credit committee", date(2026, 11, 2)),
    ]  # fmt: skip
    return WarningsData(
        pl.DataFrame(rows, schema=WARNING_SCHEMA, orient="row"),
        pl.DataFrame(actions, schema=ACTION_SCHEMA, orient="row"),
    )


def country_rows() -> CountriesData:
    source, rated = "World Bank (CC BY 4.0)", date(2018, 12, 31)
    rows = [
        ("DE", "Germany", "EUR", 19, 60688417, 21838541, "A", "1.50", 90, 1.0, "open account", source, rated, True),
        ("SN", "Senegal", "EUR", 1, 2827459, 2362350, "C", "OECD:5", 30, 0.5, "insurance", "OECD", AS_OF, False),
        ("CN", "China", "CNY", 25, 853816050, 1, "C", "-0.31", 30, 0.5, "insurance", source, rated, True),
        ("", "Atlantis", "EUR", 2, 202300, 83300, None, None, None, None, None, None, None, None),
    ]  # fmt: skip
    moves = pl.DataFrame(
        [("SN", "Senegal", "OECD:4", "OECD:5", "down", 1)], schema=MOVE_SCHEMA, orient="row"
    )
    frame = pl.DataFrame(rows, schema=COUNTRY_SCHEMA, orient="row")
    return CountriesData(frame, risk_map(), 92, moves, date(2026, 9, 30))


@pytest.fixture(scope="module", params=["en", "zh"])
def book(request, tmp_path_factory):
    page = Page(sample(4, 1, settings=Settings(language=request.param)))
    path = tmp_path_factory.mktemp("sheets") / "credit.xlsx"
    specs = [warnings_sheet(page, warning_rows()), countries_sheet(page, country_rows())]
    write(specs, path)
    return request.param, path, openpyxl.load_workbook(path)


def cells(sheet) -> list[list]:
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_the_warnings_sheet(book) -> None:
    language, _, found = book
    sheet = found[{"en": "Warnings", "zh": "预警"}[language]]
    rows = cells(sheet)
    table = sheet.tables["Warnings"].ref
    first = int(table.split(":")[0][1:])
    red, yellow = {"en": ("red", "yellow"), "zh": ("红", "黄")}[language]
    assert [row[0] for row in rows[first : first + 2]] == [red, yellow]
    assert rows[first][1:3] == ["00153", "青岛海风"]
    assert rows[first + 1][2] == "=1+1"
    assert "Quiet" not in {row[2] for row in rows}
    assert 357429.84 in rows[first]
    assert "0–90" in rows[first + 1]
    assert "Warning_actions" in sheet.tables


def test_the_countries_sheet_has_map_table_and_moves(book) -> None:
    language, path, found = book
    sheet = found[{"en": "Countries", "zh": "国家风险"}[language]]
    texts = {str(cell) for row in cells(sheet) for cell in row if cell is not None}
    unknown = {"en": "Atlantis no country in the ledger", "zh": "Atlantis 账上无国家"}[language]
    assert {unknown, "OECD:5", "OECD:4", {"en": "riskier", "zh": "变差"}[language]} <= texts
    assert any("CNY" in text and "EUR" in text for text in texts), "which currency the map shows"
    with zipfile.ZipFile(path) as archive:
        pictures = [name for name in archive.namelist() if name.startswith("xl/media/")]
        drawing = archive.read("xl/drawings/drawing1.xml").decode()
        size = image.imread(io.BytesIO(archive.read(pictures[0]))).shape
    assert len(pictures) == 1
    assert size[:2] == (960, 1800)
    assert {"en": "World map", "zh": "世界地图"}[language] in drawing


def test_the_same_figures_make_the_same_workbook(book, tmp_path) -> None:
    language, path, _ = book
    page = Page(sample(4, 1, settings=Settings(language=language)))
    again = tmp_path / "again.xlsx"
    write([warnings_sheet(page, warning_rows()), countries_sheet(page, country_rows())], again)
    with zipfile.ZipFile(path) as one, zipfile.ZipFile(again) as other:
        assert {n: one.read(n) for n in one.namelist()} == {
            n: other.read(n) for n in other.namelist()
        }
