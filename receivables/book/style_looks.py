"""What a cell format means, whatever numbers and programs it is stored with: looks to compare."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

Element = Any
Colour = tuple[str, ...]
BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%",
    11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm",
    17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss",
    22: "m/d/yy h:mm", 37: "#,##0 ;(#,##0)", 38: "#,##0 ;[Red](#,##0)",
    39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;[Red](#,##0.00)", 45: "mm:ss", 46: "[h]:mm:ss",
    47: "mmss.0", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
"""Number formats that files name by number only (ECMA-376 part 1, 18.8.30)."""
_OFF = {"0", "false", "none"}
_FONT_SWITCHES = ("b", "i", "strike", "u", "vertAlign")
_SIDES = ("left", "right", "top", "bottom", "diagonal")
_STILL = {"general", "bottom", "baseline"}
"""Values of an alignment or a font that say no more than its absence."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks: two formats with the same look cannot be told apart."""

    number_format: str
    font: tuple[Any, ...]
    fill: tuple[Any, ...]
    borders: tuple[Any, ...]
    alignment: tuple[tuple[str, str], ...]
    protection: tuple[tuple[str, str], ...]


def format_look(code: str) -> str:
    """A number format as programs may write it: colours in any case.

    >>> format_look("0_);[RED]0")
    '0_);[red]0'
    """
    return re.sub(r"\[[A-Za-z]+\]", lambda found: found[0].lower(), code)


def parsed(xml: bytes) -> Element:
    """Root of a part, with no entities resolved and nothing fetched."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(xml, parser)


def local(node: Element) -> str:
    """Name of an element without its namespace; empty for a comment."""
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def child(node: Element, name: str) -> Element | None:
    """The first child of a name, whatever its namespace."""
    return next((item for item in node if local(item) == name), None)


def font_look(node: Element) -> tuple[Any, ...]:
    """Name, size, colour and emphasis of a font; family, charset and scheme change nothing seen."""
    parts = {local(item): item for item in node}
    switches = tuple((name, _switch(parts[name])) for name in _FONT_SWITCHES if name in parts)
    return (
        _value(parts, "name"),
        float(_value(parts, "sz") or 0),
        _colour(parts.get("color")),
        tuple(item for item in switches if item[1] not in {*_OFF, *_STILL}),
    )


def fill_look(node: Element) -> tuple[Any, ...]:
    """Pattern and colours of a fill; the second colour of a solid fill is never seen."""
    pattern = child(node, "patternFill")
    if pattern is None:
        return tuple(_canonical(item) for item in node)
    kind = pattern.get("patternType", "none")
    if kind == "none":
        return ()
    front = _colour(child(pattern, "fgColor"))
    return (kind, front) if kind == "solid" else (kind, front, _colour(child(pattern, "bgColor")))


def border_look(node: Element) -> tuple[Any, ...]:
    """Style and colour of each side that has a line."""
    found = [(side, child(node, side)) for side in _SIDES]
    lines = [
        (side, item.get("style"), _colour(child(item, "color")))
        for side, item in found
        if item is not None and item.get("style", "none") != "none"
    ]
    turned = [name for name in ("diagonalUp", "diagonalDown") if node.get(name, "0") not in _OFF]
    return (*lines, *(turned if child(node, "diagonal") is not None else []))


def xf_parts(node: Element, name: str) -> tuple[tuple[str, str], ...]:
    """Attributes of the alignment or protection of a format that change something."""
    item = child(node, name)
    if item is None:
        return ()
    idle = {("locked", "1"), ("locked", "true")}
    given = sorted((str(key), str(value)) for key, value in item.attrib.items())
    if name == "alignment":
        return tuple(pair for pair in given if pair[1] not in {*_OFF, *_STILL})
    return tuple(pair for pair in given if pair not in idle | {("hidden", off) for off in _OFF})


def dxf_look(node: Element) -> tuple[Any, ...]:
    """Meaning of a conditional format: its parts in their order."""
    return tuple(_canonical(item) for item in node if local(item) != "extLst")


def _canonical(node: Element) -> tuple[Any, ...]:
    if local(node) in {"color", "fgColor", "bgColor"}:
        return (local(node), _colour(node))
    given = sorted(
        (str(key), str(value)) for key, value in node.attrib.items() if key != "numFmtId"
    )
    return (local(node), tuple(given), tuple(_canonical(item) for item in node if local(item)))


def _switch(node: Element) -> str:
    return str(node.get("val", "single" if local(node) == "u" else "1")).replace("true", "1")


def _value(parts: dict[str, Element], name: str) -> str:
    return str(parts[name].get("val", "")) if name in parts else ""


def _colour(node: Element | None) -> Colour:
    """A colour as it is seen; automatic is the same as none."""
    if node is None or node.get("auto") in {"1", "true"}:
        return ()
    if node.get("rgb"):
        return ("rgb", str(node.get("rgb")).upper()[-6:])
    if node.get("indexed") in {"64", "65"}:
        return ()
    kinds = [(name, node.get(name)) for name in ("theme", "indexed") if node.get(name)]
    tint = node.get("tint")
    return tuple(str(item) for pair in kinds for item in pair) + (
        (f"{float(tint):.4f}",) if tint and float(tint) else ()
    )
