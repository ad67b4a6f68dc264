"""Pivots, slicers, comments, rules and print settings."""

from __future__ import annotations

from tests.zoo.bag import HEAD, MAIN, ML, MS, Bag, R
from tests.zoo.trace import Trace

X14 = f"{MS}/spreadsheetml/2009/9/main"
X15 = f"{MS}/spreadsheetml/2010/11/main"
XM = f"{MS}/excel/2006/main"


def _pivot(bag: Bag, number: int, source: str, sheet: str, place: str) -> tuple[str, str]:
    cache = bag.put(
        f"xl/pivotCache/pivotCacheDefinition{number}.xml",
        f'{HEAD}<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{R}" r:id="rIdZoo1" refreshedBy="M" '
        'createdVersion="6" refreshedVersion="6" recordCount="1"><cacheSource type="worksheet">'
        f'<worksheetSource {source}/></cacheSource><cacheFields count="2"><cacheField name="Customer" '
        'numFmtId="0"><sharedItems count="1"><s v="K-2"/></sharedItems></cacheField><cacheField '
        'name="Open" numFmtId="0"><sharedItems containsSemiMixedTypes="0" containsString="0" '
        'containsNumber="1" minValue="80" maxValue="80"/></cacheField></cacheFields>'
        "</pivotCacheDefinition>",
        f"{ML}.pivotCacheDefinition+xml",
    )
    records = bag.put(
        f"xl/pivotCache/pivotCacheRecords{number}.xml",
        f'{HEAD}<pivotCacheRecords xmlns="{MAIN}" count="1"><r><x v="0"/><n v="80.05"/></r>'
        "</pivotCacheRecords>",
        f"{ML}.pivotCacheRecords+xml",
    )
    bag.relate(cache, "pivotCacheRecords", records)
    given = bag.relate("xl/workbook.xml", "pivotCacheDefinition", cache)
    entry = f'<pivotCache cacheId="{number}" r:id="{given}"/>'
    if "<pivotCaches>" in bag.text("xl/workbook.xml"):
        bag.swap("xl/workbook.xml", "</pivotCaches>", entry + "</pivotCaches>")
    else:
        bag.swap(
            "xl/workbook.xml", "</workbook>", f"<pivotCaches>{entry}</pivotCaches></workbook>"
        )
    table = bag.put(
        f"xl/pivotTables/pivotTable{number}.xml",
        f'{HEAD}<pivotTableDefinition xmlns="{MAIN}" name="Pivot{number}" cacheId="{number}" '
        f'dataOnRows="0" dataCaption="Values"><location ref="{place}" firstHeaderRow="1" '
        'firstDataRow="1" firstDataCol="1"/><pivotFields count="2"><pivotField axis="axisRow" '
        'showAll="0"><items count="2"><item x="0"/><item t="default"/></items></pivotField>'
        '<pivotField dataField="1" showAll="0"/></pivotFields><rowFields count="1"><field x="0"/>'
        '</rowFields><rowItems count="2"><i><x/></i><i t="grand"><x/></i></rowItems><colItems count="1">'
        '<i/></colItems><dataFields count="1"><dataField name="Sum of Open" fld="1" baseField="0" '
        'baseItem="0"/></dataFields></pivotTableDefinition>',
        f"{ML}.pivotTable+xml",
    )
    bag.relate(sheet, "pivotTable", table)
    bag.relate(table, "pivotCacheDefinition", cache)
    return cache, table


def pivots(bag: Bag) -> Trace:
    """Pivots on our table by name and by area, on a name of the user's, and on a list of his own."""
    mine, ours = bag.sheet("Mine"), bag.sheet("Aging")
    bag.name("MyArea", "Aging!$A$5:$E$10")
    by_table, _ = _pivot(bag, 1, 'name="Aging"', mine, "K30:L32")
    by_area, below = _pivot(bag, 2, 'ref="A5:E10" sheet="Aging"', ours, "A40:B42")
    by_name, _ = _pivot(bag, 3, 'name="MyArea"', mine, "K40:L42")
    _pivot(bag, 4, 'ref="A50:B51" sheet="Mine"', mine, "K50:L52")
    return Trace(
        {by_table, by_area, below, by_name},
        [
            (by_table, 'refreshOnLoad="1"'),
            (by_area, 'refreshOnLoad="1"'),
            (by_area, '<worksheetSource ref="A5:E13" sheet="Aging"/>'),
            (by_name, 'refreshOnLoad="1"'),
            (below, 'ref="A45:B47"'),
            ("xl/workbook.xml", ">Aging!$A$5:$E$13<"),
        ],
    )


def slicers(bag: Bag) -> Trace:
    """A slicer on our table, with its cache, on the user's sheet."""
    mine = bag.sheet("Mine")
    cache = bag.put(
        "xl/slicerCaches/slicerCache1.xml",
        f'{HEAD}<slicerCacheDefinition xmlns="{X14}" name="Slicer_Customer" sourceName="Customer">'
        '<extLst><x:ext xmlns:x="' + MAIN + '" uri="{2F2917AC-EB37-4324-AD4E-5DD8C200BD13}">'
        f'<x15:tableSlicerCache xmlns:x15="{X15}" tableId="1" column="1"/></x:ext></extLst>'
        "</slicerCacheDefinition>",
        "application/vnd.ms-excel.slicerCache+xml",
    )
    bag.relate("xl/workbook.xml", f"{MS}/2007/relationships/slicerCache", cache)
    slicer = bag.put(
        "xl/slicers/slicer1.xml",
        f'{HEAD}<slicers xmlns="{X14}"><slicer name="Customer" cache="Slicer_Customer" '
        'caption="Customer" rowHeight="241300"/></slicers>',
        "application/vnd.ms-excel.slicer+xml",
    )
    number = bag.relate(mine, f"{MS}/2007/relationships/slicer", slicer)
    bag.behind_rows(
        mine,
        f'<extLst><ext uri="{{3A4CF648-6AED-40f4-86FF-DC5316D8AED3}}" xmlns:x15="{X15}">'
        f'<x14:slicerList xmlns:x14="{X14}"><x14:slicer r:id="{number}"/></x14:slicerList></ext></extLst>',
    )
    return Trace()


def comments(bag: Bag) -> Trace:
    """Notes and a threaded comment on our rows; one of them on the customer who is gone."""
    ours = bag.sheet("Aging")
    cells = {
        "E7": "call on Monday",
        "E8": "[Threaded comment]\n\nComment:\n    disputed",
        "A2": "mine",
    }
    authors = {"E7": 0, "E8": 1, "A2": 0}
    part = bag.put(
        "xl/comments1.xml",
        f'{HEAD}<comments xmlns="{MAIN}"><authors><author>Mia</author><author>tc={{1}}</author></authors>'
        "<commentList>"
        + "".join(
            f'<comment ref="{cell}" authorId="{authors[cell]}"><text><r><t>{text}</t></r></text></comment>'
            for cell, text in cells.items()
        )
        + "</commentList></comments>",
        f"{ML}.comments+xml",
    )
    bag.relate(ours, "comments", part)
    threaded = bag.put(
        "xl/threadedComments/threadedComment1.xml",
        f'{HEAD}<ThreadedComments xmlns="{MS}/spreadsheetml/2018/threadedcomments">'
        '<threadedComment ref="E8" dT="2026-09-30T10:00:00.00" personId="{P}" id="{1}"><text>disputed'
        '</text></threadedComment><threadedComment ref="E8" dT="2026-09-30T10:05:00.00" personId="{P}" '
        'id="{2}" parentId="{1}"><text>by phone</text></threadedComment></ThreadedComments>',
        "application/vnd.ms-excel.threadedcomments+xml",
    )
    bag.relate(ours, f"{MS}/2017/10/relationships/threadedComment", threaded)
    person = bag.put(
        "xl/persons/person.xml",
        f'{HEAD}<personList xmlns="{MS}/spreadsheetml/2018/threadedcomments">'
        '<person displayName="Mia M" id="{P}" userId="m" providerId="None"/></personList>',
        "application/vnd.ms-excel.person+xml",
    )
    bag.relate("xl/workbook.xml", f"{MS}/2017/10/relationships/person", person)
    boxes = "".join(
        f'<v:shape id="_x0000_s{9217 + n}" type="#_x0000_t202" style="visibility:hidden">'
        '<x:ClientData ObjectType="Note"><x:MoveWithCells/>'
        f"<x:Anchor>5, 15, {row}, 2, 7, 15, {row + 3}, 4</x:Anchor><x:Row>{row}</x:Row>"
        f"<x:Column>{column}</x:Column></x:ClientData></v:shape>"
        for n, (row, column) in enumerate([(6, 4), (7, 4), (1, 0)])
    )
    vml = bag.put(
        "xl/drawings/vmlDrawing9.vml",
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
        f'xmlns:x="urn:schemas-microsoft-com:office:excel">{boxes}</xml>',
    )
    bag.ending("vml", "application/vnd.openxmlformats-officedocument.vmlDrawing")
    bag.behind_rows(ours, f'<legacyDrawing r:id="{bag.relate(ours, "vmlDrawing", vml)}"/>')
    return Trace(
        {part, threaded, vml},
        [
            (part, '<comment ref="E9" authorId="0"><text><r><t>call on Monday'),
            (part, '<comment ref="A2"'),
            (vml, "<x:Anchor>5, 15, 8, 2, 7, 15, 11, 4</x:Anchor><x:Row>8</x:Row>"),
        ],
        absent=[(part, "disputed"), (threaded, "disputed"), (vml, "<x:Row>7</x:Row>")],
        archived=["disputed", "by phone"],
    )


def rules(bag: Bag) -> Trace:
    """Rules, lists, links, breaks, views and extensions that the user put on our sheet."""
    ours, mine = bag.sheet("Aging"), bag.sheet("Mine")
    bag.root(ours, x14=X14, xm=XM)
    pieces = [
        '<protectedRanges><protectedRange sqref="E6:E10" name="notes"/></protectedRanges>',
        (
            '<conditionalFormatting sqref="A13:B15"><cfRule type="expression" priority="5"><formula>'
            '$B13&gt;$B$4</formula></cfRule></conditionalFormatting><conditionalFormatting sqref="B6:B10">'
            '<cfRule type="colorScale" priority="6"><colorScale><cfvo type="min"/><cfvo type="formula" '
            'val="$B$13"/><color rgb="FFFFFFFF"/><color rgb="FFFF0000"/></colorScale></cfRule>'
            "</conditionalFormatting>"
        ),
        ('<conditionalFormatting sqref="A6:E10"><cfRule type="expression" priority="7"><formula>'
        "AND($B6&gt;$B$13,$B6&lt;&gt;$B5)</formula></cfRule></conditionalFormatting>"),
        ('<dataValidations count="2"><dataValidation type="list" sqref="E6:E10"><formula1>$A$13:$A$15'
        '</formula1></dataValidation><dataValidation type="whole" sqref="E8"><formula1>1</formula1>'
        "<formula2>9</formula2></dataValidation></dataValidations>"),
        ('<hyperlinks><hyperlink ref="A9" location="Aging!A12"/><hyperlink ref="A8" location="Mine!A1"/>'
        "</hyperlinks>"),
        '<rowBreaks count="1" manualBreakCount="1"><brk id="20" max="16383" man="1"/></rowBreaks>',
        '<cellWatches><cellWatch r="B13"/></cellWatches>',
        ('<extLst><ext uri="{78C0D931-6437-407d-A8EE-F0AAD7539E65}"><x14:conditionalFormattings>'
        '<x14:conditionalFormatting><x14:cfRule type="iconSet" priority="8" id="{A}"><x14:iconSet>'
        '<x14:cfvo type="percent"><xm:f>0</xm:f></x14:cfvo><x14:cfvo type="formula"><xm:f>$B$13</xm:f>'
        "</x14:cfvo></x14:iconSet></x14:cfRule><xm:sqref>B6:B10</xm:sqref></x14:conditionalFormatting>"
        '</x14:conditionalFormattings></ext><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}">'
        '<x14:dataValidations count="1"><x14:dataValidation type="list"><x14:formula1><xm:f>Mine!$A$1:$A$9'
        "</xm:f></x14:formula1><xm:sqref>C9</xm:sqref></x14:dataValidation></x14:dataValidations></ext>"
        '<ext uri="{05C60535-1F16-4fd2-B633-F4F36F0B64E0}"><x14:sparklineGroups><x14:sparklineGroup>'
        "<x14:sparklines><x14:sparkline><xm:f>Aging!B9:C9</xm:f><xm:sqref>H9</xm:sqref></x14:sparkline>"
        "<x14:sparkline><xm:f>Aging!B6:B10</xm:f><xm:sqref>H13</xm:sqref></x14:sparkline>"
        "</x14:sparklines></x14:sparklineGroup></x14:sparklineGroups></ext></extLst>"),
    ]  # fmt: skip
    for piece in pieces:
        bag.behind_rows(ours, piece)
    bag.root(mine, x14=X14, xm=XM)
    bag.behind_rows(
        mine,
        '<hyperlinks><hyperlink ref="A1" location="Aging!A9"/><hyperlink ref="A2" location="Aging!A8"/>'
        "</hyperlinks>",
    )
    bag.behind_rows(
        mine,
        '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"><x14:dataValidations count="1">'
        '<x14:dataValidation type="list"><x14:formula1><xm:f>Aging!$A$6:$A$10</xm:f></x14:formula1>'
        "<xm:sqref>B1</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst>",
    )
    texts = (
        '<protectedRange sqref="E6:E13"',
        '<conditionalFormatting sqref="A6:E13">',
        '<conditionalFormatting sqref="A16:B20"><cfRule type="expression" priority="5"><formula>$B16&gt;$B$4<',
        '<cfvo type="formula" val="$B$16"/>',
        "AND($B6&gt;$B$16,$B6&lt;&gt;$B5)",
        '<dataValidations count="1"><dataValidation type="list" sqref="E6:E13"><formula1>$A$16:$A$20',
        '<hyperlinks><hyperlink ref="A6" location="Aging!A15"/></hyperlinks>',
        '<brk id="25"',
        '<cellWatch r="B16"/>',
        "<xm:f>$B$16</xm:f></x14:cfvo></x14:iconSet></x14:cfRule><xm:sqref>B6:B13</xm:sqref>",
        "<xm:f>Mine!$A$1:$A$9</xm:f></x14:formula1><xm:sqref>C6</xm:sqref>",
        "<xm:f>Aging!B6:C6</xm:f><xm:sqref>H9</xm:sqref>",
        "<xm:f>Aging!B6:B13</xm:f><xm:sqref>H16</xm:sqref>",
    )
    return Trace(
        set(),
        [(ours, text) for text in texts]
        + [
            (mine, "<xm:f>Aging!$A$6:$A$13</xm:f>"),
            (
                mine,
                '<hyperlink ref="A1" location="Aging!A6"/><hyperlink ref="A2" location="Aging!A8"/>',
            ),
        ],
    )


def print_settings(bag: Bag) -> Trace:
    """Settings of a printer, a page header with a picture, views that the user named, a wide area."""
    ours = bag.sheet("Aging")
    binary = bag.put("xl/printerSettings/printerSettings1.bin", bytes(range(200)))
    bag.ending("bin", f"{ML}.printerSettings")
    number = bag.relate(ours, "printerSettings", binary)
    text = bag.text(ours)
    bag.parts[ours] = text.replace("<pageSetup ", f'<pageSetup r:id="{number}" ', 1).encode()
    bag.behind_rows(
        ours,
        '<customSheetViews><customSheetView guid="{0F0E6E1C-6E8E-4B4A-9C8E-0B5A0C9C1A01}" '
        'topLeftCell="A12"><selection activeCell="B14" sqref="B14:C15"/></customSheetView>'
        "</customSheetViews>",
    )
    bag.name("Report", "Aging!$A$1:$E$15,Aging!$A$40:$E$50")
    return Trace(
        set(),
        [
            (ours, f'r:id="{number}"'),
            ("xl/workbook.xml", ">Aging!$A$1:$E$20,Aging!$A$45:$E$55<"),
            (ours, 'topLeftCell="A15"><selection activeCell="B17" sqref="B17:C18"'),
        ],
    )


def own_tables(bag: Bag) -> Trace:
    """Tables of the user's on our sheet: one below with a formula per row and totals, one beside."""
    ours, mine = bag.sheet("Aging"), bag.sheet("Mine")
    cells = {
        30: {"A": "who", "B": "sum", "C": "twice"}, 31: {"A": "K-2", "B": 80.05, "C": "=B31*2"},
        32: {"A": "all", "B": "=SUBTOTAL(109,Own[sum])", "C": "=$B$13"},
        6: {"J": "day", "K": "call"}, 7: {"J": 1, "K": "K-2"}, 8: {"J": 2, "K": "K-3"},
    }  # fmt: skip
    for row, held in cells.items():
        for letters, value in held.items():
            text = str(value)
            inside = f't="inlineStr"|<is><t>{text}</t></is>'
            if text.startswith("="):
                inside = f"<f>{text[1:]}</f><v>0</v>"
            elif not isinstance(value, str):
                inside = f"<v>{text}</v>"
            bag.cells(ours, row, {letters: inside})
    columns = (("who", "sum", "twice"), ("day", "call"))
    parts = []
    for number, (name, ref, labels) in enumerate(
        (("Own", "A30:C32", columns[0]), ("Calls", "J6:K8", columns[1])), start=41
    ):
        extra = ' totalsRowCount="1"' if name == "Own" else ' totalsRowShown="0"'
        filtered = ref if name == "Calls" else "A30:C31"
        tags = "".join(
            f'<tableColumn id="{n}" name="{label}"'
            + (
                "><calculatedColumnFormula>B31*2</calculatedColumnFormula></tableColumn>"
                if label == "twice"
                else "/>"
            )
            for n, label in enumerate(labels, start=1)
        )
        part = bag.put(
            f"xl/tables/table{number}.xml",
            f'{HEAD}<table xmlns="{MAIN}" id="{number}" name="{name}" displayName="{name}" ref="{ref}"{extra}>'
            f'<autoFilter ref="{filtered}"/><tableColumns count="{len(labels)}">{tags}</tableColumns></table>',
            f"{ML}.table+xml",
        )
        given = bag.relate(ours, "table", part)
        bag.swap(ours, "</tableParts>", f'<tablePart r:id="{given}"/></tableParts>')
        parts.append(part)
    bag.swap(ours, '<tableParts count="2">', '<tableParts count="4">')
    bag.cells(mine, 95, {"A": "<f>SUM(Own[sum])+Aging!B31</f><v>0</v>"})
    return Trace(
        {parts[0]},
        [
            (parts[0], 'ref="A35:C37" totalsRowCount="1"><autoFilter ref="A35:C36"/>'),
            (parts[0], "<calculatedColumnFormula>B36*2<"),
            (parts[1], 'ref="J6:K8"'),
            (ours, '<c r="C36"><f>B36*2</f>'),
            (ours, '<c r="C37"><f>$B$16</f>'),
            (ours, '<c r="K8" t="inlineStr"><is><t>K-3</t></is></c>'),
            (mine, "<f>SUM(Own[sum])+Aging!B36</f>"),
        ],
        {"A95": 160.1},
    )


ANIMALS = (own_tables, pivots, slicers, comments, rules, print_settings)
