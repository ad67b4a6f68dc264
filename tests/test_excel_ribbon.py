"""The ribbon tab: every button has a text, a picture and a macro; groups are those of the actions."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from lxml import etree
from PIL import Image
from receivables_addin.excel.build import all_functions, project
from receivables_addin.excel.lint import procedures
from receivables_addin.excel.ribbon import NAMESPACE, icons, ribbon_xml, texts

from receivables.actions import ACTIONS, GROUPS, Action
from receivables.resources import asset_path, data_rows

GOLDEN = Path(__file__).parent / "golden" / "excel_ribbon.xml"
CHOSEN = ("AGING_BUCKET", "AGING_REPORT", "DSO", "RESERVE", "RESERVE_MATRIX")
BUTTONS = ("check", "refresh", "freeze", "settings", "why", "function_help")
CONTROLS = ("tab", "group", "button", "menu")


def controls(xml: str) -> list[etree._Element]:
    root = etree.fromstring(xml)
    return [one for kind in CONTROLS for one in root.iter(f"{{{NAMESPACE}}}{kind}")]


@pytest.fixture(scope="module")
def ribbon() -> list[etree._Element]:
    return controls(ribbon_xml(all_functions()))


def test_golden() -> None:
    """Delete the file to have it written again; read it before you commit it."""
    chosen = [spec for spec in all_functions() if spec.name in CHOSEN]
    made = ribbon_xml(chosen, [action for action in ACTIONS if action.id in BUTTONS])
    if not GOLDEN.exists():
        GOLDEN.write_text(made, encoding="utf-8")
        pytest.fail("the golden file was missing and has been written: read it, then run again")
    assert made == GOLDEN.read_text(encoding="utf-8")


def test_every_action_has_one_button_in_its_group(ribbon) -> None:
    found = {
        one.get("tag"): one.getparent().get("id")
        for one in ribbon
        if one.get("onAction") == "ReceivablesAction"
    }
    assert found == {action.id: f"group_{action.group}" for action in ACTIONS}


def test_every_function_is_in_the_menu_of_its_line(ribbon) -> None:
    found = {
        one.get("tag"): (one.getparent().get("id"), one.getparent().getparent().get("id"))
        for one in ribbon
        if one.get("onAction") == "ReceivablesFunction"
    }
    assert found == {
        spec.name: (f"topic_{spec.family}_{spec.topic}", f"functions_{spec.family}")
        for spec in all_functions()
    }


def test_groups_stand_in_the_order_of_the_lines_of_defence(ribbon) -> None:
    shown = [one.get("id") for one in ribbon if one.get("id").startswith("group_")]
    order = [f"group_{group.id}" for group in GROUPS]
    assert shown == [one for one in order if one in shown]
    assert {"group_ledger", "group_monitor", "group_help"} <= set(shown)


def test_a_group_with_nothing_in_it_is_not_shown() -> None:
    shown = [one.get("id") for one in controls(ribbon_xml([], ())) if "group_" in one.get("id")]
    assert shown == ["group_help"], "where Python can be started"


def test_an_action_of_a_later_line_gets_a_button() -> None:
    letters = Action("letters", "respond", "Letters", "催收函", "Write letters.", "生成催收函。", "respond")  # fmt: skip
    (button,) = [
        one for one in controls(ribbon_xml([], (letters,))) if one.get("tag") == "letters"
    ]
    assert button.getparent().get("id") == "group_respond"
    assert ("action_letters", "Letters", "催收函") in texts((letters,))


def test_ids_are_unique_and_are_names(ribbon) -> None:
    ids = [one.get("id") for one in ribbon]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z_]\w*", one) for one in ids)


def test_every_callback_is_a_macro_with_the_signature_of_its_kind(ribbon) -> None:
    modules = project(all_functions()).modules
    macros = {one.name: one for module in modules for one in procedures(module)}
    for one in ribbon:
        for attribute, macro in one.attrib.items():
            if attribute == "onAction":
                assert macros[macro].arguments == ("control",), macro
            elif attribute.startswith("get"):
                assert macros[macro].arguments == ("control", "returned"), macro


def test_every_label_and_tip_has_a_text_in_both_languages(ribbon) -> None:
    known = {key: (en, zh) for key, en, zh in texts()}
    assert len(known) == len(texts()), "no key twice"
    for one in ribbon:
        wanted = [one.get("id")] if one.get("getLabel") == "ReceivablesLabel" else []
        wanted += [one.get("tag")] if one.get("getLabel") == "ReceivablesTopic" else []
        wanted += [f"{one.get('id')}_help"] if one.get("getSupertip") == "ReceivablesTip" else []
        for key in wanted:
            assert key in known, f"no text {key}: a topic of functions needs a row in topics.csv"
            english, chinese = known[key]
            assert english
            assert chinese == english or re.search(r"[\u4e00-\u9fff]", chinese), key


def test_a_control_has_a_label_or_the_macro_for_it_never_both(ribbon) -> None:
    for one in ribbon:
        assert ("label" in one.attrib) != ("getLabel" in one.attrib), one.get("id")


def test_texts_hold_nothing_that_no_control_or_macro_asks_for() -> None:
    ids = {f"functions_{group.id}" for group in GROUPS} | {"tab_receivables", "start_python"}
    macros = "".join(module.source() for module in project(all_functions()).modules)
    for row in data_rows("ribbon_texts.csv"):
        assert row["key"].removesuffix("_help") in ids or f'Say("{row["key"]}")' in macros


def test_messages_that_macros_say_have_a_text() -> None:
    macros = "".join(module.source() for module in project(all_functions()).modules)
    assert set(re.findall(r'Say\("(\w+)"\)', macros)) <= {key for key, _, _ in texts()}


def test_every_picture_is_a_small_png_of_ours(ribbon) -> None:
    shown = {one.get("image") for one in ribbon if one.get("image")}
    assert shown == set(icons(all_functions()))
    for name in shown:
        data = asset_path("excel", f"icons/{name}.png").read_bytes()
        picture = Image.open(io.BytesIO(data))
        assert (picture.format, picture.size, picture.mode) == ("PNG", (32, 32), "RGBA")
        assert picture.getextrema()[3] == (0, 255), "drawn on nothing"


def test_pictures_differ() -> None:
    files = list(asset_path("excel", "icons").glob("*.png"))
    assert len({file.read_bytes() for file in files}) == len(files)


COMMON = {"id", "getLabel"}
SHOWN = COMMON | {"image", "size", "getScreentip", "getSupertip"}
ALLOWED = {
    ("tabs", "tab"): COMMON,
    ("tab", "group"): COMMON,
    ("group", "button"): SHOWN | {"tag", "onAction"},
    ("group", "menu"): SHOWN,
    ("menu", "menu"): COMMON | {"tag"},
    ("menu", "button"): {"id", "tag", "label", "onAction", "getSupertip"},
}
"""Attributes that the schema of 2009 allows in each place, of those we use: no size inside a menu."""


def test_attributes_stand_where_the_schema_has_them(ribbon) -> None:
    for one in ribbon:
        place = etree.QName(one.getparent()).localname, etree.QName(one).localname
        assert set(one.attrib) <= ALLOWED[place], one.get("id")


def test_labels_fit() -> None:
    """Excel cuts labels, screen tips and super tips at 1,024 characters."""
    assert all(len(text) <= 1024 for row in texts() for text in row)
