"""Bring a sheet of a fresh workbook into the user's, with its tables, charts, pictures and names."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html import escape, unescape

from receivables.book.blocks import WORKBOOK, SheetEntry, sheet_entries
from receivables.book.package import CONTENT_TYPES, Package, attributes, inserted, prefix_of
from receivables.book.refs import references
from receivables.book.styles import StyleMap
from receivables.book.table_part import Area, area_of
from receivables.ledger.xlsxparts import relations_of

_CELL_STYLE = re.compile(rb'(<c r="[A-Z]+\d+" s=")(\d+)"')
_COLUMN_STYLE = re.compile(rb'(<col\b[^>]*?\bstyle=")(\d+)"')
_RULE_STYLE = re.compile(rb'(\bdxfId=")(\d+)"')
_NAME = re.compile(rb"<(?:\w+:)?definedName\b([^>]*)>([^<]*)</(?:\w+:)?definedName>", re.DOTALL)
_LONGEST = 31
"""Characters of a sheet's name."""
_PATTERNS = {
    "worksheet": "xl/worksheets/sheet{}.xml",
    "table": "xl/tables/table{}.xml",
    "drawing": "xl/drawings/drawing{}.xml",
    "chart": "xl/charts/chart{}.xml",
    "image": "xl/media/image{}",
}


@dataclass(slots=True)
class Adder:
    """Adds sheets of a donor to a workbook."""

    book: Package
    donor: Package
    styles: StyleMap

    def add(self, label: str, after: str) -> SheetEntry:
        """Add the donor's sheet `label` behind the sheet `after` (empty: at the end).

        A name that the workbook uses already gets a number, as a spreadsheet program does it.
        """
        source = next(item for item in sheet_entries(self.donor) if item.name == label)
        name = free_label(label, [item.name for item in sheet_entries(self.book)])
        part = self._copy(source.part, "worksheet", label, name)
        number = self.book.relate(WORKBOOK, "worksheet", part)
        place = self._listed(name, number, after, source.state)
        self._names(label, name, place)
        return SheetEntry(name, part, source.state)

    def add_table(self, source: str, sheet: str) -> str:
        """Add a table of the donor to a sheet that is there; the answer is its part."""
        part = self._copy(source, "table", "", "")
        number = self.book.relate(sheet, "table", part)
        xml = self.book.part(sheet)
        prefix = prefix_of(xml, b"worksheet")
        tag = b"<%stablePart %s/>" % (prefix, self._relation(number, xml, b"worksheet").encode())
        if re.search(rb"<(?:\w+:)?tableParts\b", xml):
            xml = inserted(xml, b"tableParts", tag)
            count = len(re.findall(rb"<(?:\w+:)?tablePart\b", xml))
            xml = re.sub(
                rb'(<(?:\w+:)?tableParts\b[^>]*?\bcount=")\d+"', rb'\g<1>%d"' % count, xml, count=1
            )
        else:
            whole = b'<%stableParts count="1">%s</%stableParts>' % (prefix, tag, prefix)
            xml = _before(xml, whole, (b"extLst",), prefix)
        self.book.put(sheet, xml)
        return part

    def _copy(self, part: str, kind: str, label: str, name: str) -> str:
        """A part and those it is related to; the answer is its name in the workbook."""
        pattern = _PATTERNS.get(kind, part.replace("1", "{}", 1))
        if kind == "image":
            pattern += "." + part.rpartition(".")[2]
        new = self.book.free_name(pattern)
        content = self.donor.part(part)
        if kind == "worksheet":
            content = self._styled(content)
        elif kind == "table":
            content = self._numbered(content)
        elif kind == "chart" and name != label:
            content = _renamed(content, label, name)
        self.book.put(new, content)
        self._declare(part, new)
        relations = self.donor.part(relations_of(part))
        if relations:
            for item in self.donor.relations(part):
                if not item.external:
                    target = self._copy(item.target, item.kind, label, name)
                    relations = _retargeted(relations, item.id, target)
            self.book.put(relations_of(new), relations)
        return new

    def _declare(self, part: str, new: str) -> None:
        xml = self.donor.part(CONTENT_TYPES)
        found = re.search(
            rb'<Override\b[^>]*PartName="/%s"[^>]*ContentType="([^"]*)"'
            % re.escape(part.encode()),
            xml,
        )
        if found:
            self.book.declare(new, found[1].decode())
            return
        extension = part.rpartition(".")[2]
        default = re.search(
            rb'<Default\b[^>]*Extension="%s"[^>]*ContentType="([^"]*)"' % extension.encode(), xml
        )
        if default:
            self.book.declare_extension(extension, default[1].decode())

    def _styled(self, xml: bytes) -> bytes:
        """The sheet with the user's numbers of our formats, not chosen as the one that is shown."""

        def cell(match: re.Match[bytes]) -> bytes:
            return match[1] + b'%d"' % self.styles.xf(int(match[2]))

        xml = _CELL_STYLE.sub(cell, xml)
        xml = _COLUMN_STYLE.sub(cell, xml)
        xml = _RULE_STYLE.sub(lambda rule: rule[1] + b'%d"' % self.styles.dxf(int(rule[2])), xml)
        return re.sub(rb'\s+tabSelected="[^"]*"', b"", xml, count=1)

    def _numbered(self, xml: bytes) -> bytes:
        """The table with a number of its own in this workbook."""
        used = [
            int(attributes(re.search(rb"<(?:\w+:)?table\b[^>]*>", self.book.part(part))[0])["id"])  # type: ignore[index]
            for part in self.book.names()
            if re.fullmatch(r"xl/tables/[^/]+\.xml", part)
        ]
        number = max(used, default=0) + 1
        return re.sub(rb'(<table\b[^>]*?\bid=")\d+"', rb'\g<1>%d"' % number, xml, count=1)

    def _listed(self, name: str, relation: str, after: str, state: str) -> int:
        """Put the sheet into the list of sheets; the answer is its place."""
        xml = self.book.part(WORKBOOK)
        prefix = prefix_of(xml, b"workbook")
        tags = list(re.finditer(rb"<(?:\w+:)?sheet\b[^>]*?/>", xml))
        numbers = [int(attributes(tag[0])["sheetId"]) for tag in tags]
        names = [attributes(tag[0])["name"] for tag in tags]
        place = names.index(after) + 1 if after in names else len(tags)
        hidden = f' state="{state}"' if state != "visible" else ""
        tag = (
            f'<{prefix.decode()}sheet name="{escape(name)}" sheetId="{max(numbers, default=0) + 1}"'
            f"{hidden} {self._relation(relation, xml, b'workbook')}/>"
        ).encode()
        where = tags[place - 1].end() if place else tags[0].start()
        xml = xml[:where] + tag + xml[where:]
        if place < len(tags):
            xml = _counted_up(xml, place)
        self.book.put(WORKBOOK, xml)
        return place

    def _relation(self, number: str, xml: bytes, root: bytes) -> str:
        """The attribute that names a relationship, in the prefix that the workbook declares."""
        base = self.book.relation_base()
        head = re.search(rb"<(?:\w+:)?%s\b[^>]*>" % root, xml)
        declared = re.search(rb'xmlns:(\w+)="%s"' % base.encode(), head[0] if head else b"")
        if declared:
            return f'{declared[1].decode()}:id="{number}"'
        return f'xmlns:r="{base}" r:id="{number}"'

    def _names(self, label: str, name: str, place: int) -> None:
        """Print area, titles and anchors of the sheet."""
        xml = self.donor.part(WORKBOOK)
        entries = sheet_entries(self.donor)
        index = next(at for at, item in enumerate(entries) if item.name == label)
        known = {
            (attributes(tag).get("name", ""), attributes(tag).get("localSheetId"))
            for tag, _ in _NAME.findall(self.book.part(WORKBOOK))
        }
        added = []
        for tag, text in _NAME.findall(xml):
            given = attributes(tag)
            if given.get("localSheetId", str(index)) != str(index):
                continue
            if not any(found.sheet == label for found in references(unescape(text.decode()))):
                continue
            if "localSheetId" not in given and (given.get("name", ""), None) in known:
                continue
            own = re.sub(rb'localSheetId="\d+"', b'localSheetId="%d"' % place, tag)
            added.append((own, _renamed(text, label, name)))
        if added:
            self.book.put(WORKBOOK, _with_names(self.book.part(WORKBOOK), added))


def free_label(label: str, taken: Sequence[str]) -> str:
    """A sheet name that is not used: the label, or the label with a number.

    >>> free_label("Aging", ["aging", "Aging (2)"])
    'Aging (3)'
    """
    used = {name.casefold() for name in taken}
    if label.casefold() not in used:
        return label
    number = 2
    while True:
        end = f" ({number})"
        name = label[: _LONGEST - len(end)] + end
        if name.casefold() not in used:
            return name
        number += 1


def show_sheets(book: Package, names: Collection[str]) -> None:
    """Show hidden sheets."""
    xml = book.part(WORKBOOK)
    for tag in re.findall(rb"<(?:\w+:)?sheet\b[^>]*?/>", xml):
        if attributes(tag)["name"] in names and b'state="hidden"' in tag:
            xml = xml.replace(tag, re.sub(rb'\s+state="hidden"', b"", tag))
    if xml != book.part(WORKBOOK):
        book.put(WORKBOOK, xml)


def put_anchors(book: Package, blocks: Sequence[tuple[str, str, Area]]) -> None:
    """Mark areas by hidden names; those that are marked rightly are left alone.

    Args:
        book: the workbook.
        blocks: name, sheet and area.
    """
    xml = book.part(WORKBOOK)
    added = []
    for name, sheet, area in blocks:
        quoted = sheet.replace("'", "''")
        corners = area.ref.split(":")
        ref = ":".join(re.sub(r"([A-Z]+)", r"$\1$", corner) for corner in corners)
        text = escape(f"'{quoted}'!{ref}", quote=False).encode()
        found = re.search(
            rb'<(?:\w+:)?definedName\b[^>]*\bname="%s"[^>]*>([^<]*)<' % re.escape(name.encode()),
            xml,
        )
        if found is None:
            added.append((b' name="%s" hidden="1"' % name.encode(), text))
        elif _other_area(found[1], sheet, area):
            xml = xml[: found.start(1)] + text + xml[found.end(1) :]
    if added:
        xml = _with_names(xml, added)
    if xml != book.part(WORKBOOK):
        book.put(WORKBOOK, xml)


def _other_area(text: bytes, sheet: str, area: Area) -> bool:
    """Whether a name marks another area; of its columns only the first counts."""
    for found in references(unescape(text.decode())):
        try:
            given = area_of(found.text.rpartition("!")[2])
        except ValueError:
            return True
        same = (given.top, given.bottom, given.left) == (area.top, area.bottom, area.left)
        return found.sheet != sheet or not same
    return True


def _before(xml: bytes, addition: bytes, elements: Sequence[bytes], prefix: bytes) -> bytes:
    """Something put in before the first of some elements at the end of a sheet, or at its end."""
    for element in elements:
        start = xml.rfind(b"<%s%s" % (prefix, element))
        if start > xml.rfind(b"</%ssheetData>" % prefix):
            return xml[:start] + addition + xml[start:]
    return inserted(xml, b"worksheet", addition)


def _counted_up(xml: bytes, place: int) -> bytes:
    """Places of sheets that stand behind a new one: of names, and of the sheet that is shown."""

    def up(match: re.Match[bytes]) -> bytes:
        number = int(match[2])
        return match[1] + b'%d"' % (number + (number >= place))

    xml = re.sub(rb'(\blocalSheetId=")(\d+)"', up, xml)
    return re.sub(rb'(<(?:\w+:)?workbookView\b[^>]*?\bactiveTab=")(\d+)"', up, xml)


def _with_names(xml: bytes, added: Sequence[tuple[bytes, bytes]]) -> bytes:
    prefix = prefix_of(xml, b"workbook")
    tags = b"".join(
        b"<%sdefinedName%s>%s</%sdefinedName>" % (prefix, tag, text, prefix) for tag, text in added
    )
    if re.search(rb"<(?:\w+:)?definedNames\b", xml):
        return inserted(xml, b"definedNames", tags)
    whole = b"<%sdefinedNames>%s</%sdefinedNames>" % (prefix, tags, prefix)
    for element in (b"externalReferences", b"functionGroups", b"sheets"):
        end = b"</%s%s>" % (prefix, element)
        if end in xml:
            return xml.replace(end, end + whole, 1)
    return xml


def _renamed(text: bytes, label: str, name: str) -> bytes:
    """References to a sheet under its other name; they may stand in formulas of a chart."""
    if label == name:
        return text
    pattern = rb"(?<![\w'.])(?:'%s'|%s)!" % (
        re.escape(escape(label.replace("'", "''"), quote=False).encode()),
        re.escape(escape(label, quote=False).encode()),
    )
    new = escape(name.replace("'", "''"), quote=False).encode()
    return re.sub(pattern, lambda _: b"'%s'!" % new, text)


def _retargeted(xml: bytes, number: str, target: str) -> bytes:
    def change(match: re.Match[bytes]) -> bytes:
        if attributes(match[0]).get("Id") != number:
            return match[0]
        return re.sub(rb'Target="[^"]*"', b'Target="/%s"' % target.encode(), match[0])

    return re.sub(rb"<(?:\w+:)?Relationship\b[^>]*>", change, xml)
