"""Buttons, controls, shapes, charts and pictures, on our sheet and on the user's."""

from __future__ import annotations

import zlib

from tests.zoo.bag import HEAD, ML, MS, Bag, R
from tests.zoo.trace import CHART_TYPE, DRAWING_TYPE, Trace, anchor

A = "http://schemas.openxmlformats.org/drawingml/2006/main"
C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
XDR = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
X14 = f"{MS}/spreadsheetml/2009/9/main"
VML = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel">'
    '<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="7"/></o:shapelayout>'
)


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
        )

    head = (1).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    pixel = zlib.compress(b"\0\xff\0\0")
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")
    )


def drawing(bag: Bag, sheet: str, number: int) -> str:
    """A drawing on a sheet that has none."""
    part = bag.put(
        f"xl/drawings/drawing{number}.xml",
        f'{HEAD}<xdr:wsDr xmlns:xdr="{XDR}" xmlns:a="{A}"></xdr:wsDr>',
        DRAWING_TYPE,
    )
    bag.behind_rows(sheet, f'<drawing r:id="{bag.relate(sheet, "drawing", part)}"/>')
    return part


def on(bag: Bag, part: str, xml: str) -> None:
    bag.swap(part, "</xdr:wsDr>", xml + "</xdr:wsDr>")


def form_buttons(bag: Bag) -> Trace:
    """A button below our table, a tick box over the row of K-2 linked to a cell, a list on Mine."""
    ours = bag.sheet("Aging")
    boxes = [
        ("Button", 0, 30, "<x:FmlaMacro>[0]!Refresh</x:FmlaMacro><br>Refresh</br>"),
        ("Checkbox", 4, 6, "<x:FmlaLink>$H$7</x:FmlaLink>"),
        (
            "Drop",
            6,
            31,
            "<x:FmlaRange>Aging!$A$6:$A$10</x:FmlaRange><x:FmlaLink>$B$13</x:FmlaLink>",
        ),
    ]
    shapes = "".join(
        f'<v:shape id="_x0000_s{7169 + n}" type="#_x0000_t201"><x:ClientData ObjectType="{kind}">'
        f"<x:Anchor>\n    {column}, 4, {row}, 2, {column + 1}, 9, {row + 1}, 8</x:Anchor>{more}"
        "</x:ClientData></v:shape>"
        for n, (kind, column, row, more) in enumerate(boxes)
    )
    vml = bag.put("xl/drawings/vmlDrawing7.vml", VML + shapes + "</xml>")
    bag.ending("vml", "application/vnd.openxmlformats-officedocument.vmlDrawing")
    bag.behind_rows(ours, f'<legacyDrawing r:id="{bag.relate(ours, "vmlDrawing", vml)}"/>')
    properties = (
        'objectType="Button"', 'objectType="CheckBox" fmlaLink="$H$7"',
        'objectType="Drop" fmlaRange="Aging!$A$6:$A$10" fmlaLink="$B$13"',
    )  # fmt: skip
    controls = ""
    bag.root(ours, xdr=XDR, x14=X14, mc=MC)
    for n, given in enumerate(properties):
        part = bag.put(
            f"xl/ctrlProps/ctrlProp{n + 1}.xml",
            f'{HEAD}<formControlPr xmlns="{X14}" {given} lockText="1"/>',
            "application/vnd.ms-excel.controlproperties+xml",
        )
        number = bag.relate(ours, "ctrlProp", part)
        _, column, row, _ = boxes[n]
        spots = anchor(column, row, column + 1, row + 1, prefix="")
        controls += (
            f'<mc:AlternateContent><mc:Choice Requires="x14"><control shapeId="{7169 + n}" '
            f'r:id="{number}" name="Control {n}"><controlPr defaultSize="0" autoFill="0">'
            f'<anchor moveWithCells="1">{spots}</anchor></controlPr></control></mc:Choice></mc:AlternateContent>'
        )
    bag.behind_rows(
        ours,
        f'<mc:AlternateContent><mc:Choice Requires="x14"><controls>{controls}</controls>'
        "</mc:Choice></mc:AlternateContent>",
    )
    return Trace(
        {vml, "xl/ctrlProps/ctrlProp3.xml"},
        [
            (vml, "\n    0, 4, 35, 2, 1, 9, 36, 8</x:Anchor>"),
            (vml, "\n    4, 4, 8, 2, 5, 9, 9, 8</x:Anchor>"),
            (vml, "<x:FmlaRange>Aging!$A$6:$A$13</x:FmlaRange><x:FmlaLink>$B$16</x:FmlaLink>"),
            (vml, "<br>Refresh</br>"),
            ("xl/ctrlProps/ctrlProp3.xml", 'fmlaRange="Aging!$A$6:$A$13" fmlaLink="$B$16"'),
            (ours, "<xdr:row>35</xdr:row>"),
        ],
    )


def activex(bag: Bag) -> Trace:
    """An ActiveX button on the user's sheet: two parts, a picture and a legacy shape."""
    mine = bag.sheet("Mine")
    binary = bag.put(
        "xl/activeX/activeX1.bin", bytes(range(64)), "application/vnd.ms-office.activeX"
    )
    ax = "http://schemas.microsoft.com/office/2006/activeX"
    part = bag.put(
        "xl/activeX/activeX1.xml",
        f'{HEAD}<ax:ocx ax:classid="{{D7053240-CE69-11CD-A777-00DD01143C57}}" '
        f'ax:persistence="persistStreamInit" xmlns:ax="{ax}" xmlns:r="{R}" r:id="rIdZoo1"/>',
        "application/vnd.ms-office.activeX+xml",
    )
    bag.relate(part, f"{MS}/2006/relationships/activeXControlBinary", binary)
    vml = bag.put(
        "xl/drawings/vmlDrawing8.vml",
        VML + '<v:shape id="_x0000_s8193" type="#_x0000_t201"><x:ClientData ObjectType="Pict">'
        "<x:Anchor>1, 0, 1, 0, 3, 0, 3, 0</x:Anchor></x:ClientData></v:shape></xml>",
    )
    bag.ending("vml", "application/vnd.openxmlformats-officedocument.vmlDrawing")
    bag.behind_rows(mine, f'<legacyDrawing r:id="{bag.relate(mine, "vmlDrawing", vml)}"/>')
    number = bag.relate(mine, "control", part)
    bag.root(mine, xdr=XDR)
    bag.behind_rows(
        mine,
        f'<controls><control shapeId="8193" r:id="{number}" name="CommandButton1"><controlPr '
        f'defaultSize="0" autoLine="0" linkedCell="Aging!B7"><anchor>{anchor(1, 1, 3, 3, prefix="")}'
        "</anchor></controlPr></control></controls>",
    )
    return Trace(set(), [(mine, 'linkedCell="Aging!B9"'), (mine, "<xdr:row>1</xdr:row>")])


def shapes(bag: Bag) -> Trace:
    """A box that shows our total, an arrow linked to a cell of ours, a group, beside and below."""
    mine = bag.sheet("Mine")
    part = drawing(bag, mine, 21)
    link = bag.relate(part, "hyperlink", "#Aging!A13")
    body = "<xdr:spPr/><xdr:txBody><a:bodyPr/><a:p><a:r><a:t>see</a:t></a:r></a:p></xdr:txBody>"
    on(
        bag, part,
        f'<xdr:twoCellAnchor>{anchor(3, 1, 5, 4)}<xdr:sp macro="" textlink="Aging!$B$4"><xdr:nvSpPr>'
        '<xdr:cNvPr id="2" name="Box 1"/><xdr:cNvSpPr/></xdr:nvSpPr>' + body + "</xdr:sp>"
        "<xdr:clientData/></xdr:twoCellAnchor>"
        f'<xdr:twoCellAnchor>{anchor(3, 5, 5, 8)}<xdr:grpSp><xdr:nvGrpSpPr><xdr:cNvPr id="3" name="G">'
        f'<a:hlinkClick xmlns:r="{R}" r:id="{link}"/></xdr:cNvPr><xdr:cNvGrpSpPr/></xdr:nvGrpSpPr>'
        '<xdr:grpSpPr/><xdr:sp macro="" textlink="Aging!$A$13"><xdr:nvSpPr><xdr:cNvPr id="4" name="I"/>'
        f"<xdr:cNvSpPr/></xdr:nvSpPr>{body}</xdr:sp></xdr:grpSp><xdr:clientData/></xdr:twoCellAnchor>",
    )  # fmt: skip
    here = "xl/drawings/drawing1.xml"
    for number, (column, row, height, as_) in enumerate(
        [
            (0, 32, 4, "oneCell"),
            (10, 7, 9, "twoCell"),
            (4, 8, 1, "twoCell"),
            (0, 33, 4, "absolute"),
        ]
    ):
        on(
            bag, here,
            f'<xdr:twoCellAnchor editAs="{as_}">{anchor(column, row, column + 1, row + height)}'
            f'<xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="{90 + number}" name="S{number}"/>'
            f"<xdr:cNvSpPr/></xdr:nvSpPr>{body}</xdr:sp><xdr:clientData/></xdr:twoCellAnchor>",
        )  # fmt: skip
    return Trace(
        {part, here, "xl/drawings/_rels/drawing21.xml.rels"},
        [
            (part, 'textlink="Aging!$A$16"'),
            (part, 'textlink="Aging!$B$4"'),
            ("xl/drawings/_rels/drawing21.xml.rels", 'Target="#Aging!A16"'),
            (here, anchor(0, 37, 1, 41)),  # below: moves with the rows above it
            (here, anchor(10, 7, 11, 16)),  # beside: stays
            (here, anchor(4, 5, 5, 6)),  # on the row of K-4, which is first now
            (here, anchor(0, 33, 1, 37)),  # fixed on the sheet
        ],
    )


def chart(bag: Bag) -> Trace:
    """A chart of the user's on his sheet, over our whole table, with a shape inside and its styles."""
    mine = bag.sheet("Mine")
    part = drawing(bag, mine, 22)
    series = "".join(
        f"<c:{kind}><c:{ref}><c:f>Aging!${letter}$6:${letter}$10</c:f><c:{cache}>"
        f'{form}<c:ptCount val="5"/></c:{cache}></c:{ref}></c:{kind}>'
        for kind, ref, letter, cache, form in (
            ("cat", "strRef", "A", "strCache", ""),
            ("val", "numRef", "B", "numCache", "<c:formatCode>0.00</c:formatCode>"),
        )
    )
    made = bag.put(
        "xl/charts/chart22.xml",
        f'{HEAD}<c:chartSpace xmlns:c="{C}" xmlns:a="{A}" xmlns:r="{R}"><c:chart><c:plotArea><c:pieChart>'
        f'<c:varyColors val="1"/><c:ser><c:idx val="0"/><c:order val="0"/>{series}</c:ser></c:pieChart>'
        '</c:plotArea></c:chart><c:userShapes r:id="rIdZoo1"/></c:chartSpace>',
        CHART_TYPE,
    )
    cdr = "http://schemas.openxmlformats.org/drawingml/2006/chartDrawing"
    inside = bag.put(
        "xl/drawings/drawing23.xml",
        f'{HEAD}<c:userShapes xmlns:c="{C}" xmlns:a="{A}"><cdr:relSizeAnchor xmlns:cdr="{cdr}">'
        '<cdr:sp macro="" textlink="Aging!$A$13"/></cdr:relSizeAnchor></c:userShapes>',
        "application/vnd.openxmlformats-officedocument.drawingml.chartshapes+xml",
    )
    bag.relate(made, "chartUserShapes", inside)
    for name, kind in (("style", "chartStyle"), ("colors", "chartColorStyle")):
        extra = bag.put(
            f"xl/charts/{name}22.xml", f'{HEAD}<cs:{kind} xmlns:cs="{MS}/drawing/2012/chartStyle"/>',
            f"application/vnd.ms-office.{kind.lower()}+xml",
        )  # fmt: skip
        bag.relate(made, f"{MS}/2011/relationships/{kind}", extra)
    number = bag.relate(part, "chart", made)
    on(
        bag, part,
        f'<xdr:twoCellAnchor>{anchor(3, 1, 9, 15)}<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr>'
        '<xdr:cNvPr id="2" name="Pie"/><xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm>'
        '<a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm><a:graphic><a:graphicData '
        f'uri="{C}"><c:chart xmlns:c="{C}" xmlns:r="{R}" r:id="{number}"/></a:graphicData></a:graphic>'
        "</xdr:graphicFrame><xdr:clientData/></xdr:twoCellAnchor>",
    )  # fmt: skip
    return Trace(
        {made, inside},
        [
            (made, "<c:f>Aging!$B$6:$B$13</c:f>"),
            (made, '<c:ptCount val="8"/><c:pt idx="0"><c:v>K-4</c:v></c:pt>'),
            (made, '<c:pt idx="1"><c:v>00123</c:v></c:pt>'),
            (made, '<c:pt idx="0"><c:v>140.0</c:v></c:pt>'),
            (inside, 'textlink="Aging!$A$16"'),
        ],
    )


def picture(bag: Bag) -> Trace:
    """A logo on the user's sheet, and one below our table that must go down with it."""
    mine = bag.sheet("Mine")
    png = bag.put("xl/media/image9.png", _png())
    bag.ending("png", "image/png")
    parts = [drawing(bag, mine, 24), "xl/drawings/drawing1.xml"]
    for part, row in zip(parts, (2, 40), strict=True):
        number = bag.relate(part, "image", png)
        on(
            bag, part,
            f"<xdr:oneCellAnchor><xdr:from><xdr:col>1</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{row}"
            '</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:ext cx="9525" cy="9525"/><xdr:pic>'
            '<xdr:nvPicPr><xdr:cNvPr id="77" name="Logo" descr="our logo"/><xdr:cNvPicPr/></xdr:nvPicPr>'
            f'<xdr:blipFill><a:blip xmlns:r="{R}" r:embed="{number}"/><a:stretch><a:fillRect/></a:stretch>'
            '</xdr:blipFill><xdr:spPr><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr></xdr:pic>'
            "<xdr:clientData/></xdr:oneCellAnchor>",
        )  # fmt: skip
    return Trace({parts[1]}, [(parts[1], "<xdr:row>45</xdr:row>")])


def newer_chart(bag: Bag) -> Trace:
    """A waterfall (chartex) of our figures on the user's sheet."""
    mine = bag.sheet("Mine")
    part = drawing(bag, mine, 25)
    cx = f"{MS}/drawing/2014/chartex"
    made = bag.put(
        "xl/charts/chartEx1.xml",
        f'{HEAD}<cx:chartSpace xmlns:cx="{cx}" xmlns:a="{A}"><cx:chartData><cx:data id="0">'
        '<cx:strDim type="cat"><cx:f>Aging!$A$6:$A$10</cx:f><cx:lvl ptCount="1"><cx:pt idx="0">x</cx:pt>'
        '</cx:lvl></cx:strDim><cx:numDim type="val"><cx:f>Aging!$B$6:$B$10</cx:f><cx:lvl ptCount="1" '
        'formatCode="General"><cx:pt idx="0">1</cx:pt></cx:lvl></cx:numDim></cx:data></cx:chartData>'
        "</cx:chartSpace>",
        "application/vnd.ms-office.chartex+xml",
    )
    number = bag.relate(part, f"{MS}/2014/relationships/chartEx", made)
    on(
        bag, part,
        f'<xdr:twoCellAnchor>{anchor(1, 1, 4, 9)}<mc:AlternateContent xmlns:mc="{MC}"><mc:Choice '
        f'xmlns:cx1="{MS}/drawing/2015/9/8/chartex" Requires="cx1"><xdr:graphicFrame macro="">'
        '<xdr:nvGraphicFramePr><xdr:cNvPr id="2" name="W"/><xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr>'
        f'<xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm><a:graphic><a:graphicData uri="{cx}">'
        f'<cx:chart xmlns:cx="{cx}" xmlns:r="{R}" r:id="{number}"/></a:graphicData></a:graphic>'
        "</xdr:graphicFrame></mc:Choice><mc:Fallback/></mc:AlternateContent><xdr:clientData/>"
        "</xdr:twoCellAnchor>",
    )  # fmt: skip
    return Trace(
        {made},
        [
            (made, "<cx:f>Aging!$A$6:$A$13</cx:f>"),
            (made, '<cx:lvl ptCount="8"><cx:pt idx="0">K-4</cx:pt>'),
            (made, '<cx:pt idx="1">101.0</cx:pt>'),
        ],
    )


def chart_sheet(bag: Bag) -> Trace:
    """A sheet that is a chart and nothing else."""
    part = bag.put(
        "xl/chartsheets/sheet1.xml",
        f'{HEAD}<chartsheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        f'xmlns:r="{R}"><sheetViews><sheetView workbookViewId="0"/></sheetViews></chartsheet>',
        f"{ML}.chartsheet+xml",
    )
    number = bag.relate("xl/workbook.xml", "chartsheet", part)
    bag.swap(
        "xl/workbook.xml",
        "</sheets>",
        f'<sheet name="Pic" sheetId="88" r:id="{number}"/></sheets>',
    )
    drawn = bag.put(
        "xl/drawings/drawing26.xml",
        f'{HEAD}<xdr:wsDr xmlns:xdr="{XDR}" xmlns:a="{A}"></xdr:wsDr>', DRAWING_TYPE,
    )  # fmt: skip
    bag.swap(
        part,
        "</chartsheet>",
        f'<drawing r:id="{bag.relate(part, "drawing", drawn)}"/></chartsheet>',
    )
    made = bag.put(
        "xl/charts/chart26.xml",
        f'{HEAD}<c:chartSpace xmlns:c="{C}"><c:chart><c:plotArea><c:lineChart><c:ser><c:idx val="0"/>'
        '<c:order val="0"/><c:val><c:numRef><c:f>Aging!$B$6:$B$10</c:f></c:numRef></c:val></c:ser>'
        "</c:lineChart></c:plotArea></c:chart></c:chartSpace>",
        CHART_TYPE,
    )
    number = bag.relate(drawn, "chart", made)
    on(
        bag, drawn,
        '<xdr:absoluteAnchor><xdr:pos x="0" y="0"/><xdr:ext cx="9000000" cy="6000000"/><xdr:graphicFrame '
        'macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="2" name="L"/><xdr:cNvGraphicFramePr/>'
        '</xdr:nvGraphicFramePr><xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm><a:graphic>'
        f'<a:graphicData uri="{C}"><c:chart xmlns:c="{C}" xmlns:r="{R}" r:id="{number}"/></a:graphicData>'
        "</a:graphic></xdr:graphicFrame><xdr:clientData/></xdr:absoluteAnchor>",
    )  # fmt: skip
    return Trace({made}, [(made, "<c:f>Aging!$B$6:$B$13</c:f>")])


ANIMALS = (
    form_buttons, activex, shapes, chart, picture, newer_chart, chart_sheet,
)  # fmt: skip
