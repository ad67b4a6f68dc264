"""The dashboard as a page: the sheet's figures, for everybody, from nowhere but the file itself."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import polars as pl
import pytest
from lxml import html
from typer.testing import CliRunner

from receivables.cli import app
from receivables.demo.tables import build_firm
from receivables.demo.workbook import write_folder
from receivables.errors import LedgerFileError
from receivables.refresh.dashboard_page import check_page_target
from receivables.report.dashboard_figures import figures
from receivables.report.dashboard_words import whole
from receivables.report.html.page import html_page
from receivables.report.html.svg import ticks
from receivables.report.labels import label
from tests.chromium import dom, printed
from tests.dashboard_data import demo_data
from tests.report_sample import sample

CHARTS = ("ages", "share", "speed", "top", "reserve", "grades", "map")
LISTS = ("insurer", "currencies", "watch")
LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3 (AA), for text of any size."""
HOSTILE = '</title><script>document.title="taken"</script><img src=x onerror="document.title=1">'


@pytest.fixture(scope="module")
def page() -> str:
    return html_page(demo_data())


@pytest.fixture(scope="module")
def shown(page, tmp_path_factory):
    """The page's elements as Chromium knows them."""
    folder = tmp_path_factory.mktemp("page")
    file = folder / "dashboard.html"
    file.write_text(page, encoding="utf-8")
    return html.fromstring(dom(file, folder))


def rows(tree, name: str) -> list[list[str]]:
    """Body of the table of a panel."""
    (table,) = tree.xpath(f"//section[@aria-labelledby='h-{name}']//table")
    return [[cell.text_content() for cell in row] for row in table.xpath("./tbody/tr")]


def tiles(tree) -> dict[str, str]:
    return {
        tile.xpath("string(dt)"): tile.xpath("string(dd[1])")
        for tile in tree.xpath("//dl[@class='tile']")
    }


def test_the_browser_shows_the_figures_of_the_sheet(shown):
    found = figures(demo_data())
    assert tiles(shown)["Open, EUR"] == "1,515,943"
    assert tiles(shown)["Overdue, EUR"] == "710,158"
    assert tiles(shown)["DSO, days"] == "70.6"
    assert tiles(shown)["Reserve, EUR"] == "108,438"
    assert [row[1] for row in rows(shown, "ages")] == [
        whole(n, "EUR") for n in found.ages["amount"]
    ]
    assert [row[2] for row in rows(shown, "top")] == [
        whole(n, "EUR") for n in found.top["balance"]
    ]
    assert rows(shown, "share")[-1] == ["2026-10", "45.7%"]
    assert [row[0] for row in rows(shown, "currencies")] == ["EUR", "CNY", "USD", "JPY"]
    assert rows(shown, "insurer")[0] == [
        "2026-10-30",
        "Åkerblom Industri AB",
        "RE2608-0012",
        "EUR 8,898.41",
    ]
    assert [row[1] for row in rows(shown, "watch")] == [f"{count:,}" for _, count in found.watch]
    assert shown.xpath("string(//div[contains(@class,'light')]/strong)") == label(
        "light.bad", "en"
    )


def test_a_chart_draws_what_its_table_says(shown):
    (drawing,) = shown.xpath("//section[@aria-labelledby='h-ages']//*[local-name()='svg']")
    heights = [float(bar.get("height")) for bar in drawing.xpath(".//*[local-name()='rect']")]
    amounts = figures(demo_data()).ages["amount"].to_list()[:-1]
    scale = heights[0] / amounts[0]
    assert heights == pytest.approx([amount * scale for amount in amounts], abs=0.15)
    points = shown.xpath("//section[@aria-labelledby='h-speed']//*[local-name()='polyline']")
    assert [len(line.get("points").split()) for line in points] == [12, 12, 12]


def test_every_chart_has_title_description_and_table(shown):
    drawings = shown.xpath("//*[local-name()='svg']")
    assert len(drawings) == len(CHARTS)
    for drawing, name in zip(drawings, CHARTS, strict=True):
        assert drawing.get("role") == "img"
        named = [shown.get_element_by_id(part) for part in drawing.get("aria-labelledby").split()]
        assert all(part.text_content().strip() for part in named)
        assert rows(shown, name)
    assert "Current: 845,372" in shown.get_element_by_id("ages-desc").text_content()


def test_headings_come_in_order_and_the_language_is_said(shown):
    levels = [int(item.tag[1]) for item in shown.xpath("//*[self::h1 or self::h2 or self::h3]")]
    assert levels == [1, *[2] * (len(CHARTS) + len(LISTS))]
    assert shown.xpath("/html/@lang") == ["en"]
    assert html.fromstring(html_page(demo_data(language="zh"))).get("lang") == "zh-Hans"
    ids = shown.xpath("//@id")
    assert len(set(ids)) == len(ids)
    assert all(name in ids for name in " ".join(shown.xpath("//@aria-labelledby")).split())
    assert len(shown.xpath("//main")) == 1


def luminance(colour: str) -> float:
    digits = "".join(sign * 2 for sign in colour) if len(colour) == 3 else colour
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_text_stands_out_from_what_is_behind_it(page):
    assert contrast("000", "fff") == pytest.approx(21)
    style = page.partition("<style>")[2].partition("</style>")[0]
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", style)
    pairs = []
    for chosen, rule in rules:
        colour = re.search(r"(?<![-\w])color: #(\w+)", rule)
        behind = re.search(r"background: #(\w+)", rule)
        if colour:
            grounds = (
                [behind.group(1)] if behind else ["fff", *(["f3f5f8"] if "tile" in chosen else [])]
            )
            pairs += [
                (chosen.strip(), colour.group(1), ground)
                for ground in grounds
                if colour.group(1) != "fff" or behind
            ]
    pairs += [("light", "fff", shade) for shade in ("5b6770", "00795c", "c44500")]
    assert len(pairs) > 10
    assert [(name, *pair) for name, *pair in pairs if contrast(*pair) < LEAST_CONTRAST] == []


def test_the_file_names_no_other(page):
    assert "http:" not in page
    assert "https:" not in page
    assert re.findall(r"url\((?!#)", page) == []
    tree = html.fromstring(page)
    assert tree.xpath("//@src | //@href | //script | //link | //iframe | //form | //@onload") == []
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")


@pytest.fixture
def listener():
    """A server of this machine that writes down what it is asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port, asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_no_request_leaves_the_page_even_if_one_got_into_it(page, listener, tmp_path):
    port, asked = listener
    file = tmp_path / "page.html"
    spy = f'<img src="http://127.0.0.1:{port}/spy"><link rel="stylesheet" href="http://127.0.0.1:{port}/css">'
    file.write_text(page.replace("<main>", f"<main>{spy}"), encoding="utf-8")
    dom(file, tmp_path)
    assert asked == []
    # Without the policy the same page asks: the browser would have been heard.
    bare = re.sub(r"<meta http-equiv[^>]*>", "", file.read_text(encoding="utf-8"))
    file.write_text(bare, encoding="utf-8")
    dom(file, tmp_path)
    assert sorted(asked) == ["/css", "/spy"]


def test_names_of_the_ledger_are_text(tmp_path):
    data = sample(firm=HOSTILE)
    concentration = [
        replace(part, frame=part.frame.with_columns(pl.lit(HOSTILE).alias("name")))
        for part in data.concentration
    ]
    file = tmp_path / "page.html"
    file.write_text(html_page(replace(data, concentration=concentration)), encoding="utf-8")
    tree = html.fromstring(dom(file, tmp_path))
    assert tree.xpath("//script | //img") == []
    assert tree.xpath("string(//title)").startswith(HOSTILE)
    assert {row[0] for row in rows(tree, "top")} == {HOSTILE}


def test_it_prints_on_one_page_in_both_languages(tmp_path):
    for language in ("en", "zh"):
        file = tmp_path / f"{language}.html"
        file.write_text(html_page(demo_data(language=language)), encoding="utf-8")
        about = subprocess.run(
            ["pdfinfo", printed(file, tmp_path)], capture_output=True, text=True, check=True
        ).stdout
        assert re.search(r"Pages:\s+1\n", about)
        assert re.search(r"Page size:\s+84\d\.\d+ x 59\d", about)


def test_what_is_not_known_is_said_in_words():
    text = html_page(sample())
    tree = html.fromstring(text)
    words = tree.text_content()
    for key in ("no_rates", "no_speed", "no_warnings", "no_grades", "no_insurance", "no_map"):
        assert label(f"screen.{key}", "en") in words, key
    assert not tree.xpath("//section[@aria-labelledby='h-map']//*[local-name()='svg']")


def test_no_word_is_missing_in_chinese():
    words = html.fromstring(html_page(demo_data(language="zh"))).text_content()
    for key in ("screen.watch", "screen.table", "screen.insurer_none", "screen.currencies"):
        assert label(key, "en") not in words
    assert label("screen.table", "zh") in words


def test_ticks_hold_what_is_below_nil():
    assert ticks(-30, 55) == [-40.0, -20.0, 0.0, 20.0, 40.0, 60.0]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ledger")
    write_folder(build_firm(), folder)
    return folder


def test_the_command_writes_a_page_and_says_what_is_on_it(ledger, tmp_path):
    target = tmp_path / "page.html"
    asked = [
        "report",
        str(ledger),
        "--as-of",
        "2026-10-31",
        "--html",
        str(target),
        "--lang",
        "zh",
        "--json",
    ]
    for _ in range(2):  # the second one over the first
        done = CliRunner().invoke(app, asked)
        assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["light"] == "bad"
    assert said["currencies"][0] == {
        "currency": "EUR", "open": "1515943.45", "overdue": "710158.23",
        "overdue_share": pytest.approx(0.456538, abs=1e-6), "dso": pytest.approx(70.575774, abs=1e-6),
    }  # fmt: skip
    assert '<html lang="zh-Hans">' in target.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "said"),
    [("page.xlsx", "Give a name ending in .html."), ("none/page.html", "no such folder"), ("own.html", "not written by receivables")],
)  # fmt: skip
def test_a_target_that_is_not_ours_is_left_alone(name, said, tmp_path):
    (tmp_path / "own.html").write_text("<p>mine</p>", encoding="utf-8")
    with pytest.raises(LedgerFileError, match=said):
        check_page_target(tmp_path / name)
    assert (tmp_path / "own.html").read_text(encoding="utf-8") == "<p>mine</p>"
