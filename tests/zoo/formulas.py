"""Formulas as programs write them: shared, spilled, over arrays, with rich values and a chain."""

from __future__ import annotations

from tests.zoo.bag import HEAD, MAIN, ML, MS, Bag
from tests.zoo.trace import Trace


def shared(bag: Bag) -> Trace:
    """One formula for many cells: on the user's sheet, beside our table, and in the rows below."""
    mine, ours = bag.sheet("Mine"), bag.sheet("Aging")
    bag.cells(mine, 70, {"A": '<f t="shared" ref="A70:A72" si="0">Aging!B6*2</f><v>0</v>'})
    bag.cells(mine, 71, {"A": '<f t="shared" si="0"/><v>0</v>'})
    bag.cells(mine, 72, {"A": '<f t="shared" si="0"/><v>0</v>'})
    bag.cells(ours, 33, {"G": '<f t="shared" ref="G33:G34" si="0">B13+B33</f><v>0</v>'})
    bag.cells(ours, 34, {"G": '<f t="shared" si="0"/><v>0</v>'})
    return Trace(
        set(),
        [
            (mine, "<f>Aging!B7*2</f>"),
            (mine, "<f>Aging!B9*2</f>"),
            (mine, "<f>#REF!*2</f>"),
            (ours, '<c r="G36"><f>B16+B36</f>'),
            (ours, '<c r="G37"><f>B17+B37</f>'),
        ],
        {"A70": 202, "A71": 140.1},
    )


def arrays(bag: Bag) -> Trace:
    """Array formulas old and new, and a what-if table, below our tables and on the user's sheet."""
    mine, ours = bag.sheet("Mine"), bag.sheet("Aging")
    bag.cells(ours, 50, {"A": '<f t="array" ref="A50:A51">B13:B14*2</f><v>0</v>'})
    bag.cells(ours, 51, {"A": "<v>0</v>"})
    bag.cells(
        ours, 52, {"B": '<f t="dataTable" ref="B52:B53" dt2D="0" dtr="0" r1="A50"/><v>0</v>'}
    )
    bag.cells(
        mine,
        80,
        {"A": 'cm="1"|<f t="array" ref="A80:A84">_xlfn._xlws.SORT(Aging!B6:B10)</f><v>0</v>'},
    )
    bag.put(
        "xl/metadata.xml",
        f'{HEAD}<metadata xmlns="{MAIN}"><metadataTypes count="1"><metadataType name="XLDAPR" '
        'minSupportedVersion="120000" copy="1" cellMeta="1"/></metadataTypes><cellMetadata count="1"><bk>'
        '<rc t="1" v="0"/></bk></cellMetadata></metadata>',
        f"{ML}.sheetMetadata+xml",
    )
    bag.relate("xl/workbook.xml", "sheetMetadata", "xl/metadata.xml")
    return Trace(
        set(),
        [
            (ours, '<c r="A55"><f t="array" ref="A55:A56">B16:B17*2</f>'),
            (ours, 'ref="B57:B58" dt2D="0" dtr="0" r1="A55"'),
            (
                mine,
                '<c r="A80" cm="1"><f t="array" ref="A80:A84">_xlfn._xlws.SORT(Aging!B6:B13)</f>',
            ),
        ],
    )


def rich_values(bag: Bag) -> Trace:
    """A picture in a cell and a linked data type."""
    mine = bag.sheet("Mine")
    bag.cells(mine, 90, {"A": 't="e" vm="1"|<v>#VALUE!</v>'})
    names = ("rdrichvalue", "rdrichvaluestructure", "rdRichValueTypes", "richValueRel")
    for name in names:
        part = bag.put(
            f"xl/richData/{name}.xml", f'{HEAD}<rvData xmlns="{MS}/spreadsheetml/2017/richdata"/>',
            f"application/vnd.ms-excel.{name.lower()}+xml",
        )  # fmt: skip
        bag.relate("xl/workbook.xml", f"{MS}/2017/06/relationships/{name}", part)
    return Trace(set(), [(mine, '<c r="A90" t="e" vm="1"><v>#VALUE!</v></c>')])


def chain(bag: Bag) -> Trace:
    """The order in which Excel calculated last time: it goes, and Excel makes a new one."""
    part = bag.put(
        "xl/calcChain.xml",
        f'{HEAD}<calcChain xmlns="{MAIN}"><c r="B4" i="2"/><c r="D6"/></calcChain>',
        f"{ML}.calcChain+xml",
    )
    bag.relate("xl/workbook.xml", "calcChain", part)
    return Trace(
        {"[Content_Types].xml", "xl/_rels/workbook.xml.rels"}, removed={part},
    )  # fmt: skip


def shared_strings(bag: Bag) -> Trace:
    """Texts in a table of their own, as Excel saves them; what the user typed is one of them."""
    ours = bag.sheet("Aging")
    part = bag.put(
        "xl/sharedStrings.xml",
        f'{HEAD}<sst xmlns="{MAIN}" count="3" uniqueCount="3"><si><t>K-4</t></si><si><r><t>pays </t></r><r>'
        '<rPr><b/></rPr><t>late</t></r></si><si><t>typed</t><phoneticPr fontId="1"/></si></sst>',
        f"{ML}.sharedStrings+xml",
    )
    bag.relate("xl/workbook.xml", "sharedStrings", part)
    text = bag.text(ours)
    text = text.replace(
        '<c r="A9" s="1" t="inlineStr"><is><t>K-4</t></is></c>',
        '<c r="A9" s="1" t="s"><v>0</v></c>',
    )
    text = text.replace('<c r="E9" s="7"/>', '<c r="E9" s="7" t="s"><v>1</v></c>')
    text = text.replace('<c r="E8" s="7"/>', '<c r="E8" s="7" t="s"><v>2</v></c>')
    assert text.count('t="s"') == 3
    bag.parts[ours] = text.encode()
    return Trace(notes={"K-4": "pays late"}, archived=["typed"])


ANIMALS = (shared, arrays, rich_values, chain, shared_strings)
