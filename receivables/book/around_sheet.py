"""What stands around the rows of a sheet part: merges, rules, links, views, breaks, extensions."""

from __future__ import annotations

from collections.abc import Callable

from receivables.book.around_formulas import Shift
from receivables.book.around_xml import Element, child, local, named
from receivables.book.drawings import move_anchors
from receivables.book.refs import RowMap, shift_area, shift_formula, shift_rule

_AREAS = {
    "dimension": "ref",
    "protectedRange": "sqref",
    "scenarios": "sqref",
    "autoFilter": "ref",
    "sortState": "ref",
    "sortCondition": "ref",
    "mergeCell": "ref",
    "ignoredError": "sqref",
    "webPublishItem": "sourceRef",
}
"""Elements that name an area of their own sheet, and the attribute that does."""
_CELLS = {"inputCells": "r", "cellWatch": "r", "cellSmartTags": "r", "hyperlink": "ref"}
"""Elements about one cell, which go with the key of its row."""
_DROPPED = {
    "protectedRange", "autoFilter", "mergeCell", "ignoredError", "hyperlink", "cellWatch",
    "conditionalFormatting", "dataValidation", "sparkline", "inputCells", "sortState",
    "sortCondition",
}  # fmt: skip
"""Elements that go when nothing is left of what they are about."""
_RULES = ("conditionalFormatting", "dataValidation", "ignoredError", "protectedRange")
_RULE_TEXTS = ("formula", "formula1", "formula2", "f")


def move_sheet(root: Element, sheet: str, shift: Shift) -> bool:
    """Move everything in a sheet part but its rows; whether anything changed.

    Args:
        root: the part, its rows left out.
        sheet: its name.
        shift: the rows that move, on this sheet or on others.
    """
    rows = shift.maps.get(sheet, RowMap())
    changed = [_rules(root, sheet, shift, rows), _texts(root, sheet, shift)]
    if not rows.identity:
        changed += [
            _areas(root, rows),
            _views(root, rows),
            _breaks(root, rows),
            move_anchors(root, rows),
        ]
        _counts(root)
    return any(changed)


def _rules(root: Element, sheet: str, shift: Shift, rows: RowMap) -> bool:
    """Conditional formats and validations: their areas, and formulas written for the first row."""
    changed = False
    for rule in named(root, *_RULES):
        place = rule.get("sqref")
        text = child(rule, "sqref")  # extensions hold it as an element
        old = place if place is not None else (text.text or "" if text is not None else "")
        if not old:
            continue
        new = shift_area(old, rows)
        base, down = _top(old), _top(new) - _top(old)
        for formula in named(rule, *_RULE_TEXTS, "cfvo"):
            changed |= _rule_text(formula, sheet, shift, base, down)
        if new == old:
            continue
        changed = True
        if not new:
            _drop(rule)
        elif text is not None:
            text.text = new
        else:
            rule.set("sqref", new)
    return changed


def _rule_text(formula: Element, sheet: str, shift: Shift, base: int, down: int) -> bool:
    if local(formula) == "cfvo":
        old, place = formula.get("val") or "", "val"
        if formula.get("type") not in {"formula", "num", "percent", "percentile"}:
            return False
    else:
        old, place = formula.text or "", ""
    shift.check_through(old, f"{sheet}, a rule")
    new = shift_rule(old, sheet, shift.maps, base, down)
    if new == old:
        return False
    if place:
        formula.set(place, new)
    else:
        formula.text = new
    return True


def _texts(root: Element, sheet: str, shift: Shift) -> bool:
    """Formulas and links outside the rows that are no rules."""
    changed = False
    for spark in named(root, "sparkline", "sparklineGroup"):
        text = child(spark, "f")
        if text is not None and text.text:
            changed |= _put_text(text, shift.formula(text.text, sheet, f"{sheet}, a sparkline"))
    for link in named(root, "hyperlink"):
        changed |= _put(link, "location", lambda old: shift_location(old, sheet, shift))
    for part, names in _LINKED:
        for element in named(root, part):
            for name in names:
                changed |= _put(
                    element, name, lambda old: shift.formula(old, sheet, f"{sheet}, a control")
                )
    return changed | _consolidated(root, sheet, shift)


def _consolidated(root: Element, sheet: str, shift: Shift) -> bool:
    """Areas that Data > Consolidate adds up."""
    changed = False
    for ref in named(root, "dataRef"):
        rows = shift.maps.get(ref.get("sheet", sheet))
        if rows is not None and not any(name.endswith("}id") for name in ref.attrib):
            changed |= _area(ref, "ref", rows)
    return changed


_LINKED = (("controlPr", ("linkedCell", "listFillRange")), ("oleObject", ("link",)))


def shift_location(old: str, sheet: str, shift: Shift) -> str:
    """A place in the workbook that a link leads to; it stays where the row is gone."""
    new = shift_formula(old, sheet, shift.maps)
    return old if "#REF!" in new else new


def _areas(root: Element, rows: RowMap) -> bool:
    changed = False
    for element in named(root, *_AREAS):
        if local(element) in _RULES:
            continue
        changed |= _area(element, _AREAS[local(element)], rows)
    for element in named(root, *_CELLS):
        changed |= _area(element, _CELLS[local(element)], rows, one=True)
    for element in named(root, "sparkline"):
        changed |= _spark(element, rows)
    return changed


def _area(element: Element, name: str, rows: RowMap, *, one: bool = False) -> bool:
    old = element.get(name)
    if not old:
        return False
    new = shift_formula(old, "", {"": rows}) if one else shift_area(old, rows)
    if new == old:
        return False
    if new and "#REF!" not in new:
        element.set(name, new)
    elif local(element) in _DROPPED:
        _drop(element)
    return True


def _spark(element: Element, rows: RowMap) -> bool:
    place = child(element, "sqref")
    if place is None or not place.text:
        return False
    new = shift_formula(place.text, "", {"": rows})
    if new == place.text:
        return False
    if "#REF!" in new:
        _drop(element)
    else:
        place.text = new
    return True


def _views(root: Element, rows: RowMap) -> bool:
    """Selection, scrolled place and frozen rows of each view."""
    changed = False
    for view in named(root, "sheetView", "customSheetView"):
        top = _row(view.get("topLeftCell") or "A1")
        for pane in named(view, "pane"):
            if pane.get("state", "").startswith("frozen") and float(pane.get("ySplit", "0")):
                split = top + int(float(pane.get("ySplit")))
                fixed = rows.place(split) - rows.place(top)
                changed |= fixed != split - top
                pane.set("ySplit", str(fixed))
        for element in [view, *named(view, "pane")]:
            changed |= _put(element, "topLeftCell", lambda old: _still(old, rows))
        for selection in named(view, "selection"):
            changed |= _put(selection, "activeCell", lambda old: _still(old, rows))
            changed |= _put(
                selection,
                "sqref",
                lambda old: " ".join(_still(area, rows) for area in old.split()),
            )
    return changed


def _still(area: str, rows: RowMap) -> str:
    """Cells as they lie on the screen: beside a table rows keep their place."""
    pieces = area.split(":")
    return ":".join(
        piece[: len(piece) - len(str(row))] + str(rows.place(row)) if row else piece
        for piece in pieces
        for row in [_row(piece)]
    )


def _breaks(root: Element, rows: RowMap) -> bool:
    changed = False
    for group in named(root, "rowBreaks"):
        for line in named(group, "brk"):
            old = int(line.get("id", "0"))
            new = rows.place(old + 1) - 1
            if new != old:
                line.set("id", str(new))
                changed = True
    return changed


def _counts(root: Element) -> None:
    """Counts of what was taken out."""
    for name, inside in (("mergeCells", "mergeCell"), ("dataValidations", "dataValidation")):
        for group in named(root, name):
            left = sum(local(element) == inside for element in group)
            if not left:
                _drop(group)
            elif group.get("count") not in {None, str(left)}:
                group.set("count", str(left))
    for name in ("hyperlinks", "ignoredErrors", "protectedRanges", "cellWatches", "sparklines"):
        for group in named(root, name):
            if not len(group):
                _drop(group)


def _drop(element: Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _put(element: Element, name: str, change: Callable[[str], str]) -> bool:
    old = element.get(name)
    if not old:
        return False
    new = change(old)
    if new != old:
        element.set(name, new)
    return bool(new != old)


def _put_text(element: Element, new: str) -> bool:
    old = str(element.text)
    element.text = new
    return bool(old != new)


def _row(cell: str) -> int:
    digits = "".join(sign for sign in cell if sign.isdigit())
    return int(digits) if digits else 0


def _top(areas: str) -> int:
    """First row of areas, 0 for none."""
    return min((_row(area.partition(":")[0]) for area in areas.split()), default=0)
