"""Pictures of ours: the old one gives way to the month's, in its place and size."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from receivables.book.package import Package, attributes
from receivables.book.table_part import Area

_ANCHOR = re.compile(
    rb"<(?:\w+:)?(?:two|one)CellAnchor\b.*?</(?:\w+:)?(?:two|one)CellAnchor>", re.DOTALL
)
_FROM = re.compile(rb"<(?:\w+:)?from>.*?<(?:\w+:)?row>(\d+)<", re.DOTALL)
_BLIP = re.compile(rb'<(?:\w+:)?blip\b[^>]*?\w+:embed="([^"]+)"')
_SAID = re.compile(rb'(<(?:\w+:)?cNvPr\b[^>]*?\bdescr=")([^"]*)"')


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture on a sheet."""

    drawing: str
    anchor: bytes
    media: str
    row: int
    """Row where it begins, counted from 1."""


def pictures(book: Package, sheet: str) -> list[Picture]:
    """Pictures of a sheet's part, in the order of its drawing."""
    found = []
    for relation in book.relations(sheet):
        if relation.kind != "drawing":
            continue
        targets = {item.id: item.target for item in book.relations(relation.target)}
        for match in _ANCHOR.finditer(book.part(relation.target)):
            blip, start = _BLIP.search(match[0]), _FROM.search(match[0])
            if blip and start and blip[1].decode() in targets:
                found.append(
                    Picture(
                        relation.target, match[0], targets[blip[1].decode()], int(start[1]) + 1
                    )
                )
    return found


def renew_picture(book: Package, sheet: str, area: Area, data: bytes, words: str) -> bool:
    """Put a picture in place of the one that begins in an area of a sheet.

    Returns:
        Whether there was one. Its user may have taken it away.
    """
    here = [item for item in pictures(book, sheet) if area.top <= item.row <= area.bottom]
    if not here:
        return False
    picture = here[0]
    if book.part(picture.media) != data:
        _put_media(book, picture, data)
    _say(book, picture, words)
    return True


def _put_media(book: Package, picture: Picture, data: bytes) -> None:
    """The new picture in the old one's part, or in its own where others show the old one too."""
    users = [
        name
        for name in book.names()
        if name.endswith(".rels") and picture.media.rpartition("/")[2].encode() in book.part(name)
    ]
    shown = [item for item in pictures_of(book, picture.drawing) if item == picture.media]
    if len(users) == 1 and len(shown) == 1:
        book.put(picture.media, data)
        return
    new = book.free_name("xl/media/image{}.png")
    book.put(new, data)
    book.declare_extension("png", "image/png")
    number = book.relate(picture.drawing, "image", new)
    anchor = re.sub(
        rb'(<(?:\w+:)?blip\b[^>]*?\w+:embed=")[^"]+"',
        lambda match: match[1] + number.encode() + b'"', picture.anchor, count=1,
    )  # fmt: skip
    book.put(picture.drawing, book.part(picture.drawing).replace(picture.anchor, anchor, 1))


def pictures_of(book: Package, drawing: str) -> list[str]:
    """Media parts that a drawing shows, one entry for each time."""
    targets = {item.id: item.target for item in book.relations(drawing)}
    found = _BLIP.findall(book.part(drawing))
    return [targets[item.decode()] for item in found if item.decode() in targets]


def _say(book: Package, picture: Picture, words: str) -> None:
    xml = book.part(picture.drawing)
    new = escape(words).replace("\n", "&#10;").encode()
    anchor = next(
        (
            match[0]
            for match in _ANCHOR.finditer(xml)
            if (start := _FROM.search(match[0])) and int(start[1]) + 1 == picture.row
            and _BLIP.search(match[0])
        ),
        b"",
    )  # fmt: skip
    said = _SAID.search(anchor)
    if said and attributes(said[0]).get("descr") != words:
        changed = anchor[: said.start(2)] + new + anchor[said.end(2) :]
        book.put(picture.drawing, xml.replace(anchor, changed, 1))
