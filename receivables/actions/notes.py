"""Add notes to cells of an xlsx sheet: the comments part, its drawing, and the links between them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from receivables.actions.areas import parse_area
from receivables.book.package import (
    Package,
    Relation,
    attributes,
    inserted,
    prefix_of,
    tail_elements,
)

AUTHOR = "receivables"
COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
IDS_PER_BLOCK = 1024
"""Shapes of legacy drawings are numbered in blocks; no two drawings of a workbook share one."""

_BEHIND_DRAWING = {
    "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "AlternateContent",
    "webPublishItems", "tableParts", "extLst",
}  # fmt: skip
"""What stands behind `legacyDrawing` in a sheet part."""


def add_notes(package: Package, sheet: str, notes: Mapping[str, str]) -> list[str]:
    """Put a note on each cell; a note that is there already is continued.

    Args:
        package: the workbook.
        sheet: name of the sheet's part.
        notes: text by cell address.

    Returns:
        Cells without a note, because a threaded comment is on them: those are left as they are.
    """
    relations = package.relations(sheet)
    threaded = _threaded(package, relations)
    wanted = {cell: text for cell, text in notes.items() if cell not in threaded}
    comments = next((item.target for item in relations if item.kind == "comments"), "")
    fresh = dict(wanted)
    if comments:
        fresh = _continue(package, comments, wanted)
    elif wanted:
        comments = _new_comments(package, sheet)
    if fresh:
        _append(package, comments, fresh)
        _draw(package, sheet, list(fresh))
    return [cell for cell in notes if cell in threaded]


def _threaded(package: Package, relations: list[Relation]) -> set[str]:
    parts = [item.target for item in relations if item.kind == "threadedComment"]
    tags = (
        tag
        for part in parts
        for tag in re.findall(rb"<(?:\w+:)?threadedComment\b[^>]*>", package.part(part))
    )
    return {attributes(tag).get("ref", "") for tag in tags}


def _new_comments(package: Package, sheet: str) -> str:
    name = package.free_name("xl/comments{}.xml")
    space = re.search(rb'xmlns(?::\w+)?="([^"]*spreadsheetml[^"]*main)"', package.part(sheet))
    main = space[1].decode() if space else ""
    package.put(
        name,
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<comments xmlns="{main}">'
        "<authors></authors><commentList></commentList></comments>".encode(),
    )
    package.declare(name, COMMENTS_TYPE)
    package.relate(sheet, "comments", name)
    return name


def _continue(package: Package, part: str, notes: Mapping[str, str]) -> dict[str, str]:
    """Add to the notes that are there; the rest is given back."""
    xml = package.part(part)
    prefix = prefix_of(xml, b"comments")
    left = dict(notes)

    def longer(match: re.Match[bytes]) -> bytes:
        text = left.pop(attributes(match[1]).get("ref", ""), None)
        if text is None:
            return match[0]
        plain = rb"<%stext\b[^>]*>\s*(<%st\b[^>]*>[^<]*</%st>)" % (prefix, prefix, prefix)
        body = re.sub(
            plain,
            lambda old: old[0].replace(old[1], b"<%sr>%s</%sr>" % (prefix, old[1], prefix)),
            match[0],
        )
        return inserted(body, b"text", _run(f"\n\n{text}", prefix))

    pattern = rb"<%scomment\b([^>]*)>.*?</%scomment>" % (prefix, prefix)
    package.put(part, re.sub(pattern, longer, xml, flags=re.DOTALL))
    return left


def _append(package: Package, part: str, notes: Mapping[str, str]) -> None:
    xml = package.part(part)
    prefix = prefix_of(xml, b"comments")
    author = len(re.findall(rb"<%sauthor\b" % prefix, xml))
    xml = inserted(xml, b"authors", b"<%sauthor>%s</%sauthor>" % (prefix, AUTHOR.encode(), prefix))
    new = b"".join(
        b'<%scomment ref="%s" authorId="%d"><%stext>%s</%stext></%scomment>'
        % (prefix, cell.encode(), author, prefix, _run(text, prefix), prefix, prefix)
        for cell, text in notes.items()
    )
    package.put(part, inserted(xml, b"commentList", new))


def _run(text: str, prefix: bytes) -> bytes:
    body = escape(text, quote=False).encode()
    return b'<%sr><%st xml:space="preserve">%s</%st></%sr>' % (
        prefix, prefix, body, prefix, prefix,
    )  # fmt: skip


def _draw(package: Package, sheet: str, cells: list[str]) -> None:
    """Boxes of the notes in the sheet's legacy drawing, which form controls may share."""
    ids = [
        attributes(tag)
        for tag in re.findall(rb"<(?:\w+:)?legacyDrawing\b[^>]*>", package.part(sheet))
    ]
    wanted = next(
        (value for given in ids for name, value in given.items() if name.endswith(":id")), ""
    )
    drawing = next((item.target for item in package.relations(sheet) if item.id == wanted), "")
    if not drawing:
        drawing = package.free_name("xl/drawings/vmlDrawing{}.vml")
        package.put(drawing, _EMPTY_DRAWING)
        package.declare_extension("vml", VML_TYPE)
        _link(package, sheet, package.relate(sheet, "vmlDrawing", drawing))
    xml = package.part(drawing)
    blocks = _free_blocks(package, -(-len(cells) // (IDS_PER_BLOCK - 1)))
    numbers = (block * IDS_PER_BLOCK + n for block in blocks for n in range(1, IDS_PER_BLOCK))
    shapes = "".join(_shape(number, cell) for number, cell in zip(numbers, cells, strict=False))
    type_ = b"" if b"_x0000_t202" in xml else _NOTE_TYPE
    package.put(drawing, inserted(_with_blocks(xml, blocks), b"xml", type_ + shapes.encode()))


def _link(package: Package, sheet: str, relation: str) -> None:
    xml = package.part(sheet)
    prefix = prefix_of(xml, b"worksheet")
    tag = b'<%slegacyDrawing xmlns:r="%s" r:id="%s"/>' % (
        prefix, package.relation_base().encode(), relation.encode(),
    )  # fmt: skip
    behind = (
        place
        for name, place in tail_elements(xml, b"worksheet", b"sheetData")
        if name in _BEHIND_DRAWING
    )
    place = next(behind, xml.rfind(b"</" + prefix + b"worksheet>"))
    package.put(sheet, xml[:place] + tag + xml[place:])


def _free_blocks(package: Package, count: int) -> list[int]:
    """Blocks of shape numbers that no legacy drawing of the workbook uses."""
    taken = set()
    for name in package.names():
        if name.lower().endswith(".vml"):
            xml = package.part(name)
            taken |= {int(n) // IDS_PER_BLOCK for n in re.findall(rb"_x0000_s(\d+)", xml)}
            for data in re.findall(rb'<o:idmap\b[^>]*\bdata="([\d,]*)"', xml):
                taken |= {int(block) for block in data.split(b",") if block}
    return [block for block in range(1, len(taken) + count + 1) if block not in taken][:count]


def _with_blocks(xml: bytes, blocks: list[int]) -> bytes:
    more = ",".join(map(str, blocks)).encode()
    if not re.search(rb"<o:idmap\b", xml):
        layout = b'<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="%s"/></o:shapelayout>'
        return re.sub(rb"(<xml\b[^>]*>)", lambda root: root[0] + layout % more, xml, count=1)
    return re.sub(
        rb'(<o:idmap\b[^>]*\bdata=")([\d,]*)"',
        lambda found: found[1] + found[2] + (b"," if found[2] else b"") + more + b'"',
        xml,
        count=1,
    )


def _shape(number: int, cell: str) -> str:
    """A hidden note box right of its cell, as spreadsheets draw it."""
    area = parse_area(cell)
    column, row = (area.left - 1, area.top - 1) if area else (0, 0)
    anchor = f"{column + 1}, 15, {max(row - 1, 0)}, 10, {column + 5}, 15, {row + 4}, 4"
    return (
        f'<v:shape id="_x0000_s{number}" type="#_x0000_t202" '
        'style="position:absolute;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
        '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>'
        '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto">'
        '<div style="text-align:left"></div></v:textbox><x:ClientData ObjectType="Note">'
        f"<x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>"
        f"<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column>"
        "</x:ClientData></v:shape>"
    )


_NOTE_TYPE = (
    b'<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
    b'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    b'<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_EMPTY_DRAWING = (
    b'<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    b'xmlns:x="urn:schemas-microsoft-com:office:excel"></xml>'
)
