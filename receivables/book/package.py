"""Change single parts of an xlsx package and leave every other byte of its content as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape, unescape
from pathlib import Path
from typing import IO
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from receivables.book.raw_part import can_carry, carry
from receivables.ledger.container import read_part
from receivables.ledger.xlsxparts import relations_of, resolved

EPOCH = (1980, 1, 1, 0, 0, 0)
STRICT = b"purl.oclc.org/ooxml"
TRANSITIONAL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_LARGE = 2_000_000
_FAST = 3
CONTENT_TYPES = "[Content_Types].xml"


@dataclass(frozen=True, slots=True)
class Relation:
    """One relationship of a part; `target` is a name in the package, or an address outside it."""

    id: str
    kind: str
    target: str
    external: bool = False


@dataclass(slots=True)
class Package:
    """A workbook's parts, with changes that are only written by `save`; None removes a part."""

    path: Path
    book: ZipFile
    changed: dict[str, bytes | None] = field(default_factory=dict)
    _kept: dict[str, bytes] = field(default_factory=dict, repr=False)
    """Parts that more than one step needs, unpacked."""

    def names(self) -> list[str]:
        """Names of all parts, changed ones included."""
        old = [name for name in self.book.namelist() if self.changed.get(name, b"") is not None]
        return [*old, *(name for name in self.changed if name not in old and self.changed[name])]

    def part(self, name: str) -> bytes:
        """Content of a part as it will be saved; empty if there is none."""
        if name in self.changed:
            return self.changed[name] or b""
        if name in self._kept:
            return self._kept[name]
        return read_part(self.path, self.book, name) if name in self.book.namelist() else b""

    def keep(self, name: str) -> bytes:
        """Content of a part, held for whoever asks next; until it is changed."""
        content = self.part(name)
        if name not in self.changed:
            self._kept[name] = content
        return content

    def put(self, name: str, content: bytes) -> None:
        """Replace or add a part."""
        self._kept.pop(name, None)
        self.changed[name] = content

    def relations(self, part: str) -> list[Relation]:
        """Relationships of a part."""
        folder = part.rpartition("/")[0]
        found = []
        for tag in re.findall(rb"<(?:\w+:)?Relationship\b[^>]*>", self.part(relations_of(part))):
            given = attributes(tag)
            target, outside = given.get("Target", ""), given.get("TargetMode") == "External"
            place = target if outside else resolved(folder, target)
            kind = given.get("Type", "").rpartition("/")[2]
            found.append(Relation(given.get("Id", ""), kind, place, outside))
        return found

    def relate(self, part: str, kind: str, target: str) -> str:
        """Add a relationship to a part; the answer is its id."""
        name = relations_of(part)
        xml = self.part(name) or _NO_RELATIONS
        taken = {relation.id for relation in self.relations(part)}
        number = next(n for n in range(1, len(taken) + 2) if f"rIdNote{n}" not in taken)
        base = kind if "://" in kind else f"{self.relation_base()}/{kind}"
        tag = f'<Relationship Id="rIdNote{number}" Type="{base}" Target="/{escape(target)}"/>'
        self.put(name, inserted(xml, b"Relationships", tag.encode()))
        return f"rIdNote{number}"

    def relation_base(self) -> str:
        """Namespace of relationships: a workbook saved as Strict has its own."""
        return STRICT_RELATIONS if STRICT in self.part("xl/workbook.xml")[:2048] else TRANSITIONAL

    def declare(self, part: str, content_type: str) -> None:
        """Say what kind of content a new part has."""
        tag = f'<Override PartName="/{escape(part)}" ContentType="{content_type}"/>'
        self.put(CONTENT_TYPES, inserted(self.part(CONTENT_TYPES), b"Types", tag.encode()))

    def declare_extension(self, extension: str, content_type: str) -> None:
        """Say what kind of content parts with an ending have, unless it is said already."""
        xml = self.part(CONTENT_TYPES)
        if not re.search(rb'Extension="%s"' % extension.encode(), xml, re.IGNORECASE):
            tag = f'<Default Extension="{extension}" ContentType="{content_type}"/>'
            self.put(CONTENT_TYPES, inserted(xml, b"Types", tag.encode()))

    def remove(self, part: str, owner: str) -> None:
        """Take out a part, its content type and the owner's relationship to it."""
        self.changed[part] = None
        types = rb'<(?:\w+:)?Override\b[^>]*PartName="/%s"[^>]*/>' % re.escape(part.encode())
        self.put(CONTENT_TYPES, re.sub(types, b"", self.part(CONTENT_TYPES)))
        ids = [item.id for item in self.relations(owner) if item.target == part]
        xml = self.part(relations_of(owner))
        for name in ids:
            tag = rb'<(?:\w+:)?Relationship\b[^>]*\bId="%s"[^>]*/>' % re.escape(name.encode())
            xml = re.sub(tag, b"", xml)
        self.put(relations_of(owner), xml)

    def free_name(self, pattern: str) -> str:
        """The first unused part name of a pattern such as `xl/comments{}.xml`."""
        taken = {name.casefold() for name in self.names()}
        numbers = range(1, len(taken) + 2)
        return next(name for n in numbers if (name := pattern.format(n)).casefold() not in taken)

    def save(self, stream: IO[bytes]) -> None:
        """Write the package: parts in their order, new ones at the end, no clock."""
        with ZipFile(stream, "w") as target:
            for info in self.book.infolist():
                content = self.changed.get(info.filename, b"")
                if info.filename not in self.changed:
                    self._carry(info, target)
                elif content is not None:
                    target.writestr(_like(info), content, compresslevel=_level(content))
            old = set(self.book.namelist())
            for name, content in self.changed.items():
                if name not in old and content is not None:
                    info = ZipInfo(name, EPOCH)
                    info.compress_type = ZIP_DEFLATED
                    target.writestr(info, content)

    def _carry(self, info: ZipInfo, target: ZipFile) -> None:
        """A part that nobody changed: packed as it is, once it was seen to be whole."""
        content = self.part(info.filename)
        if can_carry(info):
            carry(self.book, info, target, _like(info))
        else:
            target.writestr(_like(info), content)


def attributes(tag: bytes) -> dict[str, str]:
    """Attributes of a tag, unescaped."""
    return {
        name.decode(): unescape(value.decode("utf-8", "replace"))
        for name, value in re.findall(rb'([\w:.-]+)\s*=\s*"([^"]*)"', tag)
    }


def prefix_of(xml: bytes, root: bytes) -> bytes:
    """Name prefix that a program gave its elements, with the colon; usually none.

    >>> prefix_of(b'<x:worksheet xmlns:x="u">', b"worksheet"), prefix_of(b"<worksheet>", b"worksheet")
    (b'x:', b'')
    """
    match = re.search(rb"<(\w+:)?" + root + rb"\b", xml[:4096])
    return (match[1] or b"") if match else b""


def inserted(xml: bytes, element: bytes, addition: bytes) -> bytes:
    """An element with something added at its end; an empty `<a/>` is opened for it.

    >>> inserted(b"<a><b/></a>", b"a", b"<c/>"), inserted(b'<a k="1"/>', b"a", b"<c/>")
    (b'<a><b/><c/></a>', b'<a k="1"><c/></a>')
    """
    prefix = prefix_of(xml, element)
    end = xml.rfind(b"</" + prefix + element + b">")
    if end >= 0:
        return xml[:end] + addition + xml[end:]
    empty = re.search(rb"<%s%s\b[^>]*/>" % (prefix, element), xml)
    if not empty:
        raise ValueError(f"no element {element.decode()}")
    tag = empty[0][:-2] + b">" + addition + b"</" + prefix + element + b">"
    return xml[: empty.start()] + tag + xml[empty.end() :]


def tail_elements(xml: bytes, root: bytes, after: bytes) -> Iterator[tuple[str, int]]:
    """Elements directly under the root that follow another one, with their places.

    >>> list(tail_elements(b"<w><d><x/></d><a><e/></a><e/></w>", b"w", b"d"))
    [('a', 14), ('e', 25)]
    """
    prefix = prefix_of(xml, root)
    head = re.search(rb"<%s%s\b[^>]*>" % (prefix, root), xml)
    closing = b"</" + prefix + after + b">"
    start = xml.rfind(closing) + len(closing) if closing in xml else -1
    if start < 0:
        empty = re.search(rb"<%s%s\b[^>]*/>" % (prefix, after), xml)
        start = empty.end() if empty else 0
    if head is None or not start:
        return
    found: list[tuple[str, int]] = []
    depth = 0
    shift = start - len(head[0])
    parser = expat.ParserCreate()

    def opened(name: str, _given: object) -> None:
        nonlocal depth
        if depth == 1:
            found.append((name.rpartition(":")[2], parser.CurrentByteIndex + shift))
        depth += 1

    def closed(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    parser.Parse(head[0] + xml[start:], True)
    yield from found


def _level(content: bytes) -> int | None:
    """Level of compression: a full sheet is written in half the time, and a seventh larger."""
    return _FAST if len(content) > _LARGE else None


def _like(info: ZipInfo) -> ZipInfo:
    copy = ZipInfo(info.filename, info.date_time)
    copy.compress_type, copy.external_attr = info.compress_type, info.external_attr
    copy.create_system = info.create_system
    return copy


_NO_RELATIONS = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b"</Relationships>"
)
