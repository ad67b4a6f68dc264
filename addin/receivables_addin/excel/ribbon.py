"""The ribbon tab: groups of the lines of defence, their buttons, and every text in two languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from receivables.actions import ACTIONS, GROUPS, Action
from receivables.cells import FunctionSpec
from receivables.resources import data_rows

NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"
TAB = "tab_receivables"
START_PYTHON = "start_python"
TEXTS = {
    "getLabel": "ReceivablesLabel",
    "getScreentip": "ReceivablesLabel",
    "getSupertip": "ReceivablesTip",
}
"""Macros that give a control its label and its tip."""


def ribbon_xml(specs: Iterable[FunctionSpec], actions: Sequence[Action] = ACTIONS) -> str:
    """The part customUI/customUI14.xml: one group a line, with its actions and its functions.

    A group without actions and functions is left out. Labels come from the sheet Texts, by the
    control's id and the language of Excel.
    """
    root = ET.Element("customUI", xmlns=NAMESPACE)
    tabs = ET.SubElement(ET.SubElement(root, "ribbon"), "tabs")
    tab = ET.SubElement(tabs, "tab", id=TAB, getLabel="ReceivablesLabel")
    by_line = _by_line(specs)
    for group in GROUPS:
        inside = [action for action in actions if action.group == group.id]
        functions = by_line.get(group.id, [])
        if not inside and not functions and group.id != "help":
            continue
        element = ET.SubElement(tab, "group", id=f"group_{group.id}", getLabel="ReceivablesLabel")
        for action in inside:
            _button(
                element, f"action_{action.id}", action.icon, "ReceivablesAction", tag=action.id
            )
        if functions:
            _menu(element, group.id, functions)
        if group.id == "help":
            _button(element, START_PYTHON, START_PYTHON, "ReceivablesRetry")
    ET.indent(root)
    return ET.tostring(root, encoding="unicode") + "\n"


def icons(specs: Iterable[FunctionSpec], actions: Sequence[Action] = ACTIONS) -> list[str]:
    """Names of the pictures that the ribbon shows."""
    lines = [group.id for group in GROUPS if group.id in _by_line(specs)]
    return sorted({*(action.icon for action in actions), *lines, START_PYTHON})


def texts(actions: Sequence[Action] = ACTIONS) -> list[tuple[str, str, str]]:
    """Every text of the ribbon and its messages: key, English, Chinese."""
    rows = [(row["key"], row["en"], row["zh"]) for row in data_rows("ribbon_texts.csv")]
    rows += [(f"topic_{row['topic']}", row["en"], row["zh"]) for row in data_rows("topics.csv")]
    rows += [(f"group_{group.id}", group.label_en, group.label_zh) for group in GROUPS]
    for action in actions:
        key = f"action_{action.id}"
        rows += [
            (key, action.label_en, action.label_zh),
            (f"{key}_help", action.help_en, action.help_zh),
        ]
    return rows


def _by_line(specs: Iterable[FunctionSpec]) -> dict[str, list[FunctionSpec]]:
    ordered = sorted(specs, key=lambda spec: (spec.family, spec.topic, spec.name))
    return {line: list(group) for line, group in groupby(ordered, lambda spec: spec.family)}


def _button(parent: ET.Element, key: str, icon: str, on_action: str, tag: str = "") -> None:
    given = {"id": key, "tag": tag, "image": icon, "size": "large", "onAction": on_action, **TEXTS}
    ET.SubElement(parent, "button", {name: value for name, value in given.items() if value})


def _menu(parent: ET.Element, line: str, specs: Sequence[FunctionSpec]) -> None:
    """The functions of a line, a sub-menu for each topic; a choice opens the function wizard."""
    given = {"id": f"functions_{line}", "image": line, "size": "large", **TEXTS}
    menu = ET.SubElement(parent, "menu", given)
    for topic, group in groupby(specs, key=lambda spec: spec.topic):
        # a topic may have functions in two lines, and Excel drops a tab with an id twice
        given = {
            "id": f"topic_{line}_{topic}",
            "tag": f"topic_{topic}",
            "getLabel": "ReceivablesTopic",
        }
        inside = ET.SubElement(menu, "menu", given)
        for spec in group:
            given = {"id": f"function_{spec.name}", "tag": spec.name, "label": spec.name}
            given |= {"onAction": "ReceivablesFunction", "getSupertip": "ReceivablesFunctionTip"}
            ET.SubElement(inside, "button", given)
