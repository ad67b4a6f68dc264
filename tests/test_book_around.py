"""What points to rows of a sheet goes with them, part by part."""

from __future__ import annotations

import io
import re
import warnings

import openpyxl
import pytest
import xlsxwriter

from receivables.book.around import mark_calc, move_around
from receivables.book.charts import refresh_charts
from receivables.book.pivots import refresh_pivots
from receivables.book.refs import RowMap, Span
from receivables.book.refuse import Refused
from tests.zoo.bag import Bag

# Five customers in rows 5 to 9; next month the third is gone, four are new, the others turn round.
ROWS = RowMap((Span(5, 9, 5, 12, rows=(8, 7, None, 6, 5), left=1, right=6),))


def book() -> Bag:
    """Sheet Aging with a table A4:F9, lines below it, and what a user adds; sheet Mine beside it."""
    held = io.BytesIO()
    workbook = xlsxwriter.Workbook(held, {"in_memory": True})
    aging, mine = workbook.add_worksheet("Aging"), workbook.add_worksheet("Mine")
    aging.write_string("A1", "Aging")
    names = ["customer", "open", "due", "b1", "b2", "note"]
    rows = [[f"C{n}", n * 10, n, n, n, ""] for n in range(5)]
    aging.add_table(
        "A4:F9", {"name": "Aging", "columns": [{"header": n} for n in names], "data": rows}
    )
    aging.write_formula("B11", "=SUM(B5:B9)", None, 100)
    aging.write_formula("H5", "=SUM(B5:F5)", None, 100)
    red = workbook.add_format({"font_color": "red"})
    aging.conditional_format("A5:F9", {"type": "formula", "criteria": "=$B5>$B$11", "format": red})
    aging.conditional_format(
        "B11", {"type": "cell", "criteria": ">", "value": "$B$9", "format": red}
    )
    aging.data_validation("F5:F9", {"validate": "list", "source": "=$A$14:$A$16"})
    aging.merge_range("A13:C13", "my lines")
    aging.write_url("A14", "internal:Aging!A11", string="to the sum")
    aging.write_url("A7", "https://example.com/gone", string="C2")
    aging.write_url("A6", "https://example.com/stays", string="C1")
    aging.write_comment("F7", "promised by phone")
    aging.write_comment("F6", "call again")
    aging.write_comment("H5", "beside the table")
    aging.insert_textbox("H20", "below", {"textlink": "=Aging!$B$11"})
    aging.add_sparkline("G11", {"range": "Aging!B5:F5"})
    aging.add_sparkline("G14", {"range": "Aging!B5:B9"})
    aging.set_h_pagebreaks([10, 30])
    aging.print_area("A1:F11")
    aging.repeat_rows(3)
    aging.freeze_panes("B5")
    aging.set_selection("B11")
    mine.write_formula("A1", "=SUM(Aging!B5:B9)", None, 100)
    mine.write_formula("A2", "=Aging!B6", None, 10)
    mine.write_formula("A3", "=Aging!B7", None, 20)
    mine.write_formula("A4", "=A1+B11")
    mine.conditional_format(
        "A1", {"type": "formula", "criteria": "=A1>Aging!$B$11", "format": red}
    )
    chart = workbook.add_chart({"type": "column"})
    chart.add_series({"values": "=Aging!$B$5:$B$9", "categories": "=Aging!$A$5:$A$9"})
    mine.insert_chart("C1", chart)
    workbook.define_name("Total", "=Aging!$B$11")
    workbook.define_name("Ledger", "=Aging!$A$5:$F$9")
    workbook.close()
    return Bag.of(held.getvalue())


@pytest.fixture(scope="module")
def before() -> Bag:
    return book()


def moved(bag: Bag, rows: RowMap = ROWS):
    package = bag.package()
    told = move_around(package, {bag.sheet("Aging"): ("Aging", rows)}, ["xl/tables/table1.xml"])
    return Bag({name: package.part(name) for name in package.names()}), told


@pytest.fixture(scope="module")
def after(before: Bag):
    return moved(before)


TEXTS = [
    ("xl/worksheets/sheet1.xml", text)
    for text in (
        '<c r="B11"><f>SUM(B5:B12)</f>',
        '<conditionalFormatting sqref="A5:F12">',
        "<formula>$B5&gt;$B$14</formula>",
        '<conditionalFormatting sqref="B14">',
        "<formula>$B$5</formula>",
        'sqref="F5:F12"',
        "<formula1>$A$17:$A$19</formula1>",
        'ref="A16:C16"',
        '<hyperlink ref="A17" location="Aging!A14"',
        '<hyperlink ref="A7" ',
        '<brk id="13"',
        '<brk id="33"',
        "<xm:f>Aging!B8:F8</xm:f><xm:sqref>G14</xm:sqref>",
        "<xm:f>Aging!B5:B12</xm:f><xm:sqref>G17</xm:sqref>",
        'ySplit="4"',
        'activeCell="B14"',
    )
] + [
    ("xl/worksheets/sheet2.xml", "<f>SUM(Aging!B5:B12)</f>"),
    ("xl/worksheets/sheet2.xml", "<f>Aging!B7</f>"),
    ("xl/worksheets/sheet2.xml", "<f>#REF!</f>"),
    ("xl/worksheets/sheet2.xml", "<f>A1+B11</f>"),
    ("xl/worksheets/sheet2.xml", "<formula>A1&gt;Aging!$B$14</formula>"),
    ("xl/workbook.xml", ">Aging!$B$14<"),
    ("xl/workbook.xml", ">Aging!$A$5:$F$12<"),
    ("xl/workbook.xml", ">Aging!$A$1:$F$14<"),
    ("xl/workbook.xml", ">Aging!$4:$4<"),
    ("xl/drawings/drawing1.xml", 'textlink="Aging!$B$14"'),
    ("xl/drawings/drawing1.xml", "<xdr:row>22</xdr:row>"),
    ("xl/charts/chart1.xml", "<c:f>Aging!$B$5:$B$12</c:f>"),
    ("xl/comments1.xml", 'ref="F7"'),
    ("xl/comments1.xml", 'ref="H5"'),
]


@pytest.mark.parametrize(("part", "text"), TEXTS)
def test_each_kind_of_pointer_follows(after, part: str, text: str):
    assert text in after[0].text(part)


def test_rows_of_the_table_are_left_to_the_one_who_writes_them(before: Bag, after):
    for row in range(5, 10):
        pattern = rf'<row r="{row}".*?</row>'
        old, new = (
            re.search(pattern, bag.text("xl/worksheets/sheet1.xml")) for bag in (before, after[0])
        )
        assert old[0] == new[0]


def test_a_comment_of_a_row_that_is_gone_is_handed_over(after):
    bag, told = after
    (lost,) = told.comments
    assert (lost.row, lost.column, lost.text) == (7, 6, "promised by phone")
    assert "promised by phone" not in bag.text("xl/comments1.xml")
    rows = re.findall(r"<x:Row>(\d+)</x:Row>", bag.text("xl/drawings/vmlDrawing1.vml"))
    assert sorted(rows) == ["4", "6"]


def test_a_discussion_is_handed_over_once(before: Bag):
    bag = before.copy()
    part = bag.sheet("Aging")
    note = "[Threaded comment]\n\nYour version of Excel …\n\nComment:\n    disputed"
    bag.parts["xl/comments1.xml"] = re.sub(
        rb"promised by phone", note.encode(), bag.parts["xl/comments1.xml"]
    ).replace(b"<author></author>", b"<author>tc={1}</author>")
    threads = bag.put(
        "xl/threadedComments/threadedComment1.xml",
        '<ThreadedComments><threadedComment ref="F7" personId="{P}" id="{1}"><text>disputed</text>'
        '</threadedComment><threadedComment ref="F7" personId="{P}" id="{2}"><text>by phone</text>'
        '</threadedComment><threadedComment ref="F6" personId="{P}" id="{3}"><text>stays</text>'
        "</threadedComment></ThreadedComments>",
    )
    bag.relate(
        part, "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment", threads
    )
    bag.put(
        "xl/persons/person.xml", '<personList><person displayName="Mia" id="{P}"/></personList>'
    )
    after, told = moved(bag)
    assert [(lost.text, lost.author) for lost in told.comments] == [
        ("disputed", "Mia"), ("by phone", "Mia"),
    ]  # fmt: skip
    assert '<threadedComment ref="F7" personId="{P}" id="{3}"><text>stays' in after.text(threads)
    without = bag.copy()
    del without.parts[threads]
    without.parts.pop("xl/persons/person.xml")
    rels = "xl/worksheets/_rels/sheet1.xml.rels"
    without.parts[rels] = re.sub(
        rb"<Relationship [^>]*threadedComment[^>]*>", b"", without.parts[rels]
    )
    assert [lost.text for lost in moved(without)[1].comments] == ["disputed"]


def test_parts_begin_as_they_did(before: Bag, after):
    for name, data in after[0].parts.items():
        assert data[:55] == before.parts[name][:55], name


def test_a_formula_that_lost_its_cell_is_told(after):
    assert after[1].broken == (("Mine!A3", "Aging!B7"),)


def test_a_link_of_a_row_that_is_gone_goes(after):
    xml = after[0].text("xl/worksheets/sheet1.xml")
    assert len(re.findall(r"<hyperlink ", xml)) == 2


def test_parts_that_point_nowhere_else_stay_as_they_are(before: Bag, after):
    changed = {name for name, data in after[0].parts.items() if before.parts[name] != data}
    assert changed == {
        "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml",
        "xl/drawings/drawing1.xml", "xl/drawings/vmlDrawing1.vml", "xl/charts/chart1.xml",
        "xl/comments1.xml",
    }  # fmt: skip


def test_a_map_that_moves_nothing_changes_nothing(before: Bag):
    bag, told = moved(before, RowMap((Span(5, 9, 5, 9, rows=(5, 6, 7, 8, 9)),)))
    assert bag.parts == before.parts
    assert told.comments == told.broken == ()


def test_openpyxl_reads_what_was_moved(after):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it warns of extensions that it drops
        opened = openpyxl.load_workbook(io.BytesIO(after[0].content()))
    assert opened.defined_names["Total"].attr_text == "Aging!$B$14"
    assert [str(area) for area in opened["Aging"].merged_cells.ranges] == ["A16:C16"]


def test_a_reference_through_sheets_is_refused(before: Bag):
    bag = before.copy()
    bag.cells(bag.sheet("Mine"), 20, {"A": "<f>SUM(Aging:Mine!B11)</f>"})
    with pytest.raises(Refused, match=r"Mine!A20: the formula =SUM\(Aging:Mine!B11\)"):
        moved(bag)


def test_shared_formulas_are_written_out_where_they_part(before: Bag):
    bag = before.copy()
    part = bag.sheet("Mine")
    bag.cells(part, 20, {"A": '<f t="shared" ref="A20:A22" si="0">Aging!B5*2</f><v>0</v>'})
    bag.cells(part, 21, {"A": '<f t="shared" si="0"/><v>20</v>'})
    bag.cells(part, 22, {"A": '<f t="shared" si="0"/><v>40</v>'})
    bag.cells(part, 23, {"A": '<f t="shared" ref="A23:A24" si="1">B1+1</f><v>0</v>'})
    bag.cells(part, 24, {"A": '<f t="shared" si="1"/><v>20</v>'})
    xml = moved(bag)[0].text(part)
    assert re.findall(r"<f>([^<]*)</f><v>\d+</v></c></row>", xml)[-3:] == [
        "Aging!B8*2", "Aging!B7*2", "#REF!*2",
    ]  # fmt: skip
    assert '<f t="shared" si="1"/>' in xml


def test_what_few_workbooks_hold_follows_too(before: Bag):
    bag = before.copy()
    part = bag.sheet("Aging")
    for xml in (
        (
            '<scenarios current="0" sqref="B11"><scenario name="s" count="1"><inputCells r="B11" val="1"/>'
            "</scenario></scenarios>"
        ),
        (
            '<dataConsolidate><dataRefs count="2"><dataRef ref="B11:C14" sheet="Aging"/><dataRef ref="B11:C14" '
            'sheet="Mine"/></dataRefs></dataConsolidate>'
        ),
        (
            '<oleObjects><oleObject progId="Word" link="Aging!B11"><objectPr><anchor><from><xdr:col>1</xdr:col>'
            "<xdr:row>20</xdr:row></from><to><xdr:col>2</xdr:col><xdr:row>22</xdr:row></to></anchor></objectPr>"
            "</oleObject></oleObjects>"
        ),
        (
            '<webPublishItems count="1"><webPublishItem id="1" sourceType="range" sourceRef="A10:C14"/>'
            "</webPublishItems>"
        ),
    ):
        bag.root(part, xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing")
        bag.behind_rows(part, xml)
    cells = bag.put(
        "xl/tables/tableSingleCells1.xml",
        '<singleXmlCells><singleXmlCell r="B11"/></singleXmlCells>',
    )
    bag.relate(part, "tableSingleCells", cells)
    after = moved(bag)[0]
    for text in (
        '<scenarios current="0" sqref="B14">', '<inputCells r="B14"', 'ref="B14:C17" sheet="Aging"',
        'ref="B11:C14" sheet="Mine"', 'link="Aging!B14"', "<xdr:row>23</xdr:row>", "<xdr:row>25</xdr:row>",
        'sourceRef="A13:C17"',
    ):  # fmt: skip
        assert text in after.text(part), text
    assert 'r="B14"' in after.text(cells)


def test_charts_show_the_new_figures(before: Bag):
    bag = before.copy()
    part = bag.sheet("Aging")
    bag.parts[part] = bag.parts[part].replace(b"<v>40</v>", b"<v>44</v>")
    package = bag.package()
    assert refresh_charts(package, {"Aging": part}) == 1
    chart = package.part("xl/charts/chart1.xml").decode()
    assert re.findall(r"<c:v>([^<]*)</c:v>", chart) == [
        "C0", "C1", "C2", "C3", "C4", "0", "10", "20", "30", "44",
    ]  # fmt: skip
    assert refresh_charts(package, {"Aging": part}) == 0


def test_every_program_is_told_to_calculate(before: Bag):
    bag = before.copy()
    bag.put(
        "xl/calcChain.xml",
        "<calcChain/>",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml",
    )
    bag.relate("xl/workbook.xml", "calcChain", "xl/calcChain.xml")
    bag.parts["xl/workbook.xml"] = re.sub(rb"<calcPr[^>]*>", b"", bag.parts["xl/workbook.xml"])
    package = bag.package()
    mark_calc(package)
    assert (
        '</definedNames><calcPr fullCalcOnLoad="1"/>' in package.part("xl/workbook.xml").decode()
    )
    assert "xl/calcChain.xml" not in package.names()
    assert b"calcChain" not in package.part("[Content_Types].xml")
    once = dict(package.changed)
    mark_calc(package)
    assert package.changed == once


@pytest.mark.parametrize(
    ("source", "fed"),
    [
        ('name="Aging"', True),
        ('name="Ledger"', True),
        ('ref="A4:F9" sheet="Aging"', True),
        ('ref="A1:B9" sheet="Mine"', False),
        ('name="Sales"', False),
        ('ref="A4:F9" sheet="Aging" r:id="rId1"', False),
    ],
)
def test_pivots_fed_by_us_are_read_anew(before: Bag, source: str, fed: bool):
    bag = before.copy()
    part = "xl/pivotCache/pivotCacheDefinition1.xml"
    bag.put(
        part,
        '<pivotCacheDefinition xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        f'<cacheSource type="worksheet"><worksheetSource {source}/></cacheSource>'
        "</pivotCacheDefinition>",
    )
    package = bag.package()
    assert refresh_pivots(package, ["Aging"], ["Aging"]) == fed
    assert (b'refreshOnLoad="1"' in package.part(part)) == fed
    after_move = moved(bag)[0].text(part)
    assert ('ref="A4:F12"' in after_move) == ('ref="A4:F9" sheet="Aging"/' in bag.text(part))
