"""Queries, connections, data models, macros, ribbons, custom parts: what programs keep in a workbook."""

from __future__ import annotations

from tests.zoo.bag import HEAD, MAIN, ML, MS, Bag
from tests.zoo.trace import Trace

PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def power_query(bag: Bag) -> Trace:
    """A query: its program in a custom part, its connection, and the table that it fills."""
    part = bag.put(
        "customXml/item7.xml", f'{HEAD}<DataMashup xmlns="{MS}/DataMashup">AAAAAA==</DataMashup>'
    )
    bag.relate("xl/workbook.xml", "customXml", part)
    bag.put(
        "xl/connections.xml",
        f'{HEAD}<connections xmlns="{MAIN}"><connection id="1" keepAlive="1" name="Query - Rates" type="5" '
        'refreshedVersion="6"><dbPr connection="Provider=Microsoft.Mashup.OleDb.1" command="SELECT * FROM '
        '[Rates]"/></connection><connection id="2" name="by cell" type="5" refreshedVersion="6"><parameters>'
        '<parameter name="p" parameterType="cell" cell="Aging!$B$13"/></parameters></connection></connections>',
        f"{ML}.connections+xml",
    )
    bag.relate("xl/workbook.xml", "connections", "xl/connections.xml")
    mine = bag.sheet("Mine")
    table = bag.put(
        "xl/tables/table31.xml",
        f'{HEAD}<table xmlns="{MAIN}" id="31" name="Rates" displayName="Rates" ref="N1:O2" '
        'tableType="queryTable" totalsRowShown="0"><autoFilter ref="N1:O2"/><tableColumns count="2">'
        '<tableColumn id="1" name="from" queryTableFieldId="1"/><tableColumn id="2" name="rate" '
        'queryTableFieldId="2"/></tableColumns></table>',
        f"{ML}.table+xml",
    )
    for row, (left, right) in ((1, ("from", "rate")), (2, ("EUR", "1"))):
        bag.cells(
            mine, row,
            {letter: f't="inlineStr"|<is><t>{text}</t></is>' for letter, text in (("N", left), ("O", right))},
        )  # fmt: skip
    number = bag.relate(mine, "table", table)
    query = bag.put(
        "xl/queryTables/queryTable1.xml",
        f'{HEAD}<queryTable xmlns="{MAIN}" name="Rates" connectionId="1"/>',
        f"{ML}.queryTable+xml",
    )
    bag.relate(table, "queryTable", query)
    bag.behind_rows(mine, f'<tableParts count="1"><tablePart r:id="{number}"/></tableParts>')
    return Trace({"xl/connections.xml"}, [("xl/connections.xml", 'cell="Aging!$B$16"')])


def data_model(bag: Bag) -> Trace:
    part = bag.put("xl/model/item.data", bytes(range(256)) * 8)
    bag.ending("data", "application/vnd.openxmlformats-officedocument.model+data")
    bag.relate("xl/workbook.xml", f"{MS}/2011/relationships/powerPivotData", part)
    return Trace()


def macros(bag: Bag) -> Trace:
    """A project of macros and a ribbon of the user's."""
    project = bag.put(
        "xl/vbaProject.bin",
        b"\xd0\xcf\x11\xe0" + bytes(500),
        "application/vnd.ms-office.vbaProject",
    )
    bag.relate("xl/workbook.xml", f"{MS}/2006/relationships/vbaProject", project)
    types = bag.text("[Content_Types].xml")
    bag.parts["[Content_Types].xml"] = types.replace(
        f"{ML}.sheet.main+xml", "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    ).encode()
    ribbon = bag.put(
        "customUI/customUI14.xml",
        f'<customUI xmlns="{MS}/2009/07/customui"><ribbon><tabs><tab id="t" label="Mine"/></tabs></ribbon>'
        "</customUI>",
    )
    bag.relate("", f"{MS}/2007/relationships/ui/extensibility", ribbon)
    return Trace()


def custom_parts(bag: Bag) -> Trace:
    """Parts of other programs: XML of the user's, an add-in's pane, a label, a thumbnail, a link."""
    part = bag.put("customXml/item8.xml", '<invoice xmlns="urn:firm">  <no>00123</no>  </invoice>')
    bag.relate("xl/workbook.xml", "customXml", part)
    pane = bag.put(
        "xl/webextensions/webextension1.xml",
        f'<we:webextension xmlns:we="{MS}/webextensions/webextension/2010/11" id="{{1}}"/>',
        "application/vnd.ms-office.webextension+xml",
    )
    bag.relate("", f"{MS}/2011/relationships/webextension", pane)
    bag.put("docMetadata/LabelInfo.xml", '<clbl:labelList xmlns:clbl="urn:x"/>', "application/xml")
    bag.put("docProps/thumbnail.jpeg", b"\xff\xd8\xff\xe0 not really")
    bag.ending("jpeg", "image/jpeg")
    link = bag.put(
        "xl/externalLinks/externalLink1.xml",
        f'{HEAD}<externalLink xmlns="{MAIN}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/'
        '2006/relationships"><externalBook r:id="rIdZoo1"><sheetNames><sheetName val="Aging"/></sheetNames>'
        "</externalBook></externalLink>",
        f"{ML}.externalLink+xml",
    )
    bag.relate(link, "externalLinkPath", "last year.xlsx", mode="External")
    number = bag.relate("xl/workbook.xml", "externalLink", link)
    bag.swap(
        "xl/workbook.xml", "<definedNames>",
        f'<externalReferences><externalReference r:id="{number}"/></externalReferences><definedNames>',
    )  # fmt: skip
    mine = bag.sheet("Mine")
    bag.cells(mine, 60, {"A": "<f>[1]Aging!B13</f><v>1</v>"})
    return Trace(set(), [(mine, "<f>[1]Aging!B13</f>")])


def hidden_sheets(bag: Bag) -> Trace:
    """Sheets that only a macro shows, a macro sheet of the nineties, and names of all kinds."""
    bag.add_sheet("Deep", '<row r="1"><c r="A1"><v>7</v></c></row>', state="veryHidden")
    uses = bag.add_sheet(
        "Müller's &amp; Co",
        '<row r="1"><c r="A1"><f>Aging!B13+Deep!A1</f><v>1</v></c></row>',
        state="hidden",
    )
    bag.name("Rate", "0.19")
    bag.name(
        "Net", "_xlfn.LAMBDA(_xlpm.x,_xlpm.x/(1+Rate)*Aging!$B$13)", ' comment="B13 of Aging"'
    )
    bag.name("Here", "Aging!B1", ' localSheetId="0"')
    bag.name("_xlnm._FilterDatabase", "Aging!$A$12:$B$15", ' localSheetId="1" hidden="1"')
    return Trace(
        {uses},
        [
            (uses, "<f>Aging!B16+Deep!A1</f>"),
            ("xl/workbook.xml", "(_xlpm.x,_xlpm.x/(1+Rate)*Aging!$B$16)<"),
            ("xl/workbook.xml", ' comment="B13 of Aging"'),
            ("xl/workbook.xml", ">Aging!B1<"),
            ("xl/workbook.xml", ">Aging!$A$15:$B$20<"),
        ],
    )


ANIMALS = (power_query, data_model, macros, custom_parts, hidden_sheets)
