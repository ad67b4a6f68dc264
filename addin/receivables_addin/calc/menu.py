"""The menu and the toolbar of the extension, made of the one list of actions."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Collection, Sequence

from receivables.actions import GROUPS, Action
from receivables_addin.calc.names import BUTTONS, EXTENSION
from receivables_addin.calc.xcu import component, node, prop, to_bytes

TITLE = {"en": "Receivables", "zh": "应收账款"}
SPREADSHEET = "com.sun.star.sheet.SpreadsheetDocument"


def addons_xcu(actions: Sequence[Action], icons: Collection[str] = ()) -> bytes:
    """The part `Addons.xcu`: one menu with a sub-menu per group, one toolbar, the icons.

    Args:
        actions: in the order shown.
        icons: names of those that have a picture in the extension.
    """
    root = component("Addons")
    ui = node(root, "AddonUI", replace=False)
    _menu(node(ui, "OfficeMenuBar", replace=False), actions)
    _toolbar(node(ui, "OfficeToolBar", replace=False), actions)
    images = node(ui, "Images", replace=False)
    for action in actions:
        if action.icon in icons:
            _image(images, action)
    return to_bytes(root)


def command(action: Action) -> str:
    """What Calc dispatches for a button.

    >>> from receivables.actions import find_action
    >>> command(find_action("check"))
    'service:org.receivables.Job?check'
    """
    return f"service:{BUTTONS}?{action.id}"


def _menu(parent: ET.Element, actions: Sequence[Action]) -> None:
    menu = node(parent, f"{EXTENSION}.menu")
    prop(menu, "Title", TITLE)
    prop(menu, "Context", SPREADSHEET)
    groups = node(menu, "Submenu", replace=False)
    for position, group in enumerate(GROUPS):
        members = [action for action in actions if action.group == group.id]
        if not members:
            continue
        entry = node(groups, f"g{position:02}")
        prop(entry, "Title", {"en": group.label_en, "zh": group.label_zh})
        items = node(entry, "Submenu", replace=False)
        for index, action in enumerate(members):
            _item(items, f"a{index:02}", action)


def _toolbar(parent: ET.Element, actions: Sequence[Action]) -> None:
    # its title stands in CalcWindowState.xcu
    bar = node(parent, f"{EXTENSION}.toolbar")
    for index, action in enumerate(actions):
        _item(bar, f"a{index:02}", action)


def _item(parent: ET.Element, name: str, action: Action) -> None:
    item = node(parent, name)
    prop(item, "URL", command(action))
    prop(item, "Title", {"en": action.label_en, "zh": action.label_zh})
    prop(item, "Target", "_self")
    prop(item, "Context", SPREADSHEET)


def _image(parent: ET.Element, action: Action) -> None:
    image = node(parent, f"{EXTENSION}.{action.id}")
    prop(image, "URL", command(action))
    pictures = node(image, "UserDefinedImages", replace=False)
    for size in ("ImageSmallURL", "ImageBigURL"):
        prop(pictures, size, f"%origin%/icons/{action.icon}.png")
