"""Cell formats of a donor find their likes in a user's stylesheet, or are added once."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
import xlsxwriter

from receivables.book.styles import StyleMap

MONEY = "#,##0.00_);[Red]\\(#,##0.00\\)"


def styles_of(*looks: dict, dxfs: tuple[dict, ...] = ()) -> bytes:
    """Stylesheet of a workbook that uses some formats, numbered from 1."""
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row, look in enumerate(looks):
            sheet.write(row, 0, row, book.add_format(look))
        for look in dxfs:
            rule = {"type": "cell", "criteria": ">", "value": 1, "format": book.add_format(look)}
            sheet.conditional_format("B1:B2", rule)
    with zipfile.ZipFile(held) as package:
        return package.read("xl/styles.xml")


DONOR = styles_of(
    {"bold": True, "font_name": "Arial", "font_size": 10},
    {"num_format": MONEY, "bottom": 1, "bottom_color": "#D5DAE1", "valign": "vcenter"},
    {"num_format": "@", "indent": 1},
    {"bg_color": "#FBE3D6"},
    dxfs=({"bg_color": "#00795C", "bold": True}, {"bg_color": "#C44500"}),
)
USER = styles_of(
    {"bg_color": "#FFFF00"},
    {"num_format": "@", "indent": 1},
    {"font_name": "Courier New", "italic": True},
)


def test_an_equal_look_is_found_and_nothing_is_added():
    styles = StyleMap(USER, DONOR)
    assert styles.xf(3) == 2
    assert styles.changed is None


def test_a_missing_look_is_added_behind_and_reads_back_the_same():
    styles = StyleMap(USER, DONOR)
    numbers = [styles.xf(index) for index in (1, 2, 3, 4)]
    assert numbers == [4, 5, 2, 6]
    again = StyleMap(styles.changed, DONOR)
    for donor, user in zip((1, 2, 3, 4), numbers, strict=True):
        assert again.look(user) == again.donor_look(donor)
    assert [again.look(index) for index in range(4)] == [styles.look(index) for index in range(4)]


def test_a_second_run_adds_nothing():
    first = StyleMap(USER, DONOR)
    for index in range(5):
        first.xf(index)
    first.dxf(0), first.dxf(1)
    second = StyleMap(first.changed, DONOR)
    assert [second.xf(index) for index in range(5)] == [first.xf(index) for index in range(5)]
    assert [second.dxf(0), second.dxf(1)] == [0, 1]
    assert second.changed is None


def test_the_same_run_makes_the_same_bytes():
    def run() -> bytes:
        styles = StyleMap(USER, DONOR)
        for index in (4, 2, 1):
            styles.xf(index)
        return styles.changed

    assert run() == run()


def test_counts_name_what_is_there():
    styles = StyleMap(USER, DONOR)
    for index in range(5):
        styles.xf(index)
    styles.dxf(1)
    text = styles.changed.decode()
    for section, item in (("fonts", "font"), ("fills", "fill"), ("dxfs", "dxf")):
        body = re.search(rf'<{section} count="(\d+)">(.*?)</{section}>', text, re.DOTALL)
        outer = re.sub(r"<dxf>.*?</dxf>", "<dxf>", body[2]) if section == "dxfs" else body[2]
        assert int(body[1]) == len(re.findall(rf"<{item}\b", outer)), section


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # As Calc writes what means the same.
        ('formatCode="@"', 'formatCode="@" x="1"'),
        ("<alignment ", '<alignment textRotation="0" shrinkToFit="false" readingOrder="0" '),
        ('<family val="2"/>', '<family val="0"/><charset val="1"/>'),
        ("[Red]", "[RED]"),
    ],
)
def test_other_words_for_the_same_look_are_the_same_look(old, new):
    known = StyleMap(DONOR, DONOR)
    said = DONOR.decode()
    assert old in said
    other = StyleMap(said.replace(old, new).encode(), DONOR)
    assert [other.xf(index) for index in range(5)] == [known.xf(index) for index in range(5)]
    assert other.changed is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"num_format": "0.00"}, {"num_format": "0.000"}),
        ({"font_size": 10}, {"font_size": 11}),
        ({"bold": True}, {"italic": True}),
        ({"underline": 1}, {"underline": 2}),
        ({"font_color": "#FF0000"}, {"font_color": "#00FF00"}),
        ({"bg_color": "#FF0000"}, {"bg_color": "#00FF00"}),
        ({"pattern": 4, "bg_color": "#FF0000"}, {"pattern": 4, "bg_color": "#00FF00"}),
        ({"top": 1}, {"top": 2}),
        ({"top": 1}, {"bottom": 1}),
        ({"align": "center"}, {"align": "right"}),
        ({"indent": 1}, {"indent": 2}),
        ({"text_wrap": True}, {}),
        ({"locked": False}, {}),
    ],
)
def test_looks_that_differ_stay_apart(first, second):
    styles = StyleMap(
        styles_of(second | {"font_name": "Arial"}), styles_of(first | {"font_name": "Arial"})
    )
    assert styles.look(1) != styles.donor_look(1)
    styles.xf(1)
    again = StyleMap(styles.changed, styles_of(first | {"font_name": "Arial"}))
    assert again.xf(1) == styles.xf(1)
    assert again.changed is None


def prefixed(xml: bytes) -> bytes:
    """The part as a program writes it that puts a prefix before every element."""
    text = re.sub(r"<(/?)(?=[A-Za-z])", r"<\1x:", xml.decode())
    return text.replace('xmlns="', 'xmlns:x="', 1).encode()


def strict(xml: bytes) -> bytes:
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return xml.replace(space, b"http://purl.oclc.org/ooxml/spreadsheetml/main")


@pytest.mark.parametrize("written", [prefixed, strict])
def test_additions_speak_the_dialect_of_the_part(written):
    styles = StyleMap(written(USER), DONOR)
    assert styles.xf(3) == 2
    assert styles.xf(2) == 4
    styles.dxf(0)
    text = styles.changed
    assert (b"<x:xf " in text) == (written is prefixed)
    assert not (written is prefixed and re.search(rb"<(?!\?|x:|/x:)", text))
    assert text.count(b"xmlns") == written(USER).count(b"xmlns")
    again = StyleMap(text, DONOR)
    assert again.xf(2) == 4
    assert again.changed is None


def test_a_stylesheet_without_sections_gets_them_in_order():
    bare = re.sub(rb"<numFmts.*?</numFmts>|<dxfs[^>]*/>", b"", USER)
    styles = StyleMap(bare, DONOR)
    styles.xf(2)
    styles.dxf(0)
    names = re.findall(
        r"<(numFmts|fonts|cellXfs|cellStyles|dxfs|tableStyles)\b", styles.changed.decode()
    )
    assert names == ["numFmts", "fonts", "cellXfs", "cellStyles", "dxfs", "tableStyles"]
