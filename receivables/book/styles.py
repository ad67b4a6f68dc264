"""Bring our cell formats into a user's stylesheet: equal looks are found, missing ones added."""

from __future__ import annotations

from typing import Any

from lxml import etree

from receivables.book.style_looks import (
    BUILT_IN,
    Element,
    Look,
    border_look,
    child,
    dxf_look,
    fill_look,
    font_look,
    format_look,
    local,
    parsed,
    xf_parts,
)

_ORDER = (
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs",
    "tableStyles", "colors", "extLst",
)  # fmt: skip
_FIRST_OWN = 164
"""Number formats below are built in (ECMA-376 part 1, 18.8.30)."""


class Stylesheet:
    """One styles part, read as looks."""

    def __init__(self, xml: bytes) -> None:
        self.root = parsed(xml)
        formats = self.items("numFmts")
        self.formats = BUILT_IN | {
            int(item.get("numFmtId")): str(item.get("formatCode")) for item in formats
        }
        self.fonts = [font_look(item) for item in self.items("fonts")]
        self.fills = [fill_look(item) for item in self.items("fills")]
        self.borders = [border_look(item) for item in self.items("borders")]
        self.looks = [self._look(item) for item in self.items("cellXfs")]
        self.dxfs = [dxf_look(item) for item in self.items("dxfs")]

    def items(self, section: str) -> list[Element]:
        """Elements of a section; empty where the section is missing."""
        node = child(self.root, section)
        return [] if node is None else [item for item in node if local(item)]

    def section(self, name: str) -> Element:
        """A section, made in its place where it is missing."""
        found = child(self.root, name)
        if found is not None:
            return found
        made = etree.Element(self.named(name))
        later = set(_ORDER[_ORDER.index(name) + 1 :])
        place = next(
            (index for index, item in enumerate(self.root) if local(item) in later), len(self.root)
        )
        self.root.insert(place, made)
        return made

    def named(self, name: str) -> str:
        """Name of an element in this part's own namespace (a Strict workbook has another)."""
        space = etree.QName(self.root).namespace
        return f"{{{space}}}{name}" if space else name

    def append(self, section: str, node: Element) -> int:
        """Add an element to a section; the answer is its number."""
        holder = self.section(section)
        holder.append(node)
        total = len(self.items(section))
        holder.set("count", str(total))
        return total - 1

    def code(self, node: Element) -> str:
        """Number format of a cell format."""
        number = _number(node, "numFmtId")
        return self.formats.get(number, f"#{number}")

    def _look(self, node: Element) -> Look:
        return Look(
            format_look(self.code(node)),
            _at(self.fonts, node, "fontId"),
            _at(self.fills, node, "fillId"),
            _at(self.borders, node, "borderId"),
            xf_parts(node, "alignment"),
            xf_parts(node, "protection"),
        )


class StyleMap:
    """Numbers of the donor's formats in the user's stylesheet, which grows by those it lacks."""

    def __init__(self, user_styles: bytes, donor_styles: bytes) -> None:
        self._user = Stylesheet(user_styles)
        self._donor = Stylesheet(donor_styles)
        self._grown = False
        self._xfs: dict[int, int] = {}
        self._dxfs: dict[int, int] = {}
        self._known: dict[Look, int] = {}
        for index, look in enumerate(self._user.looks):
            self._known.setdefault(look, index)

    def xf(self, donor_index: int) -> int:
        """Number of the user's cell format that looks like the donor's."""
        if donor_index not in self._xfs:
            look = self._donor.looks[donor_index]
            if look not in self._known:
                self._known[look] = self._add_xf(donor_index)
            self._xfs[donor_index] = self._known[look]
        return self._xfs[donor_index]

    def dxf(self, donor_index: int) -> int:
        """Number of the user's conditional format that means the donor's."""
        if donor_index not in self._dxfs:
            look = self._donor.dxfs[donor_index]
            if look not in self._user.dxfs:
                node = self._copy(self._donor.items("dxfs")[donor_index])
                self._append("dxfs", node)
                self._user.dxfs.append(look)
            self._dxfs[donor_index] = self._user.dxfs.index(look)
        return self._dxfs[donor_index]

    def look(self, user_index: int) -> Look:
        """Meaning of one of the user's cell formats; an unknown number means the first format."""
        looks = self._user.looks
        return looks[user_index] if 0 <= user_index < len(looks) else looks[0]

    def donor_look(self, donor_index: int) -> Look:
        """Meaning of one of the donor's cell formats."""
        return self._donor.looks[donor_index]

    @property
    def changed(self) -> bytes | None:
        """The grown stylesheet; None while nothing was added."""
        if not self._grown:
            return None
        return bytes(
            etree.tostring(
                self._user.root.getroottree(),
                xml_declaration=True,
                encoding="UTF-8",
                standalone=True,
            )
        )

    def _add_xf(self, donor_index: int) -> int:
        look = self._donor.looks[donor_index]
        source = self._donor.items("cellXfs")[donor_index]
        node = self._copy(source)
        node.set("numFmtId", str(self._format(self._donor.code(source))))
        node.set("fontId", str(self._part("fonts", self._user.fonts, source, "fontId", look.font)))
        node.set("fillId", str(self._part("fills", self._user.fills, source, "fillId", look.fill)))
        node.set(
            "borderId",
            str(self._part("borders", self._user.borders, source, "borderId", look.borders)),
        )
        node.set("xfId", "0")
        # Else a program may take the font of the user's style Normal.
        for name in ("applyFont", "applyNumberFormat", "applyFill", "applyBorder"):
            node.set(name, "1")
        self._user.looks.append(look)
        return self._append("cellXfs", node)

    def _part(
        self, section: str, known: list[Any], source: Element, name: str, look: tuple[Any, ...]
    ) -> int:
        if look not in known:
            node = self._copy(self._donor.items(section)[_number(source, name)])
            self._append(section, node)
            known.append(look)
        return known.index(look)

    def _format(self, code: str) -> int:
        for number, known in sorted(self._user.formats.items()):
            if format_look(known) == format_look(code):
                return number
        number = max(_FIRST_OWN - 1, *self._user.formats) + 1
        node = etree.Element(self._user.named("numFmt"))
        node.set("numFmtId", str(number))
        node.set("formatCode", code)
        self._append("numFmts", node)
        self._user.formats[number] = code
        return number

    def _append(self, section: str, node: Element) -> int:
        self._grown = True
        return self._user.append(section, node)

    def _copy(self, node: Element) -> Element:
        """A copy whose elements are of the user's namespace, written with its prefix."""
        copy = etree.Element(
            self._user.named(local(node)), dict(node.attrib), nsmap=self._user.root.nsmap
        )
        for item in node:
            copy.append(self._copy(item))
        return copy


def _number(node: Element, name: str) -> int:
    return int(node.get(name, "0"))


def _at(found: list[tuple[Any, ...]], node: Element, name: str) -> tuple[Any, ...]:
    number = _number(node, name)
    return found[number] if number < len(found) else ()
