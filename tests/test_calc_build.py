"""The extension file: interface, texts, menu, manifest; every function in it, well-formed, the same bytes."""

import ast
import hashlib
import io
import json
import re
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from receivables_addin.calc import build
from receivables_addin.calc.idl import idl
from receivables_addin.calc.menu import addons_xcu
from receivables_addin.calc.names import (
    BUTTONS,
    EVENTS,
    EXTENSION,
    FUNCTIONS,
    check_names,
    method_name,
    parameter_name,
)
from receivables_addin.calc.xcu import LANG, OOR, functions_xcu
from typer.testing import CliRunner

from receivables import __version__
from receivables.actions import ACTIONS, GROUPS
from receivables.cells import REGISTRY, find_function, load_functions
from receivables.cli import app
from receivables.errors import BadValueError

GOLDEN = Path(__file__).parent / "golden"
ROOT = Path(__file__).parents[1]
CHOSEN = ("AGING_BUCKET", "AGING_SUM", "AGING_REPORT", "DSO", "RESERVE_EXPLAIN")
NAME = f"{{{OOR}}}name"
load_functions()


def check_golden(name: str, content: str | bytes) -> None:
    path, text = GOLDEN / name, content if isinstance(content, str) else content.decode()
    if not path.exists():
        path.write_text(text, encoding="utf-8")
        pytest.fail("the golden file was missing and has been written: read it, then run again")
    assert text == path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def parts() -> dict[str, bytes]:
    return build.parts()


@pytest.fixture(scope="module")
def functions(parts) -> dict[str, ET.Element]:
    service = ET.fromstring(parts["CalcAddIns.xcu"]).find(f"node/node[@{NAME}='{FUNCTIONS}']/node")
    return {node.get(NAME): node for node in service}


def texts(node: ET.Element, name: str) -> dict[str | None, str]:
    return {value.get(LANG): value.text for value in node.find(f"prop[@{NAME}='{name}']")}


@pytest.mark.parametrize(
    ("name", "made"),
    [("calc_functions.idl", idl), ("calc_functions.xcu", functions_xcu)],
)
def test_chosen_functions_as_read_by_a_person(name, made) -> None:
    check_golden(name, made([find_function(function) for function in CHOSEN]))


def test_the_menu_as_read_by_a_person() -> None:
    check_golden("calc_menu.xcu", addons_xcu(ACTIONS, {action.icon for action in ACTIONS}))


def test_every_part_is_well_formed(parts) -> None:
    for name, content in parts.items():
        if name.endswith((".xcu", ".xml")):
            ET.fromstring(content)
        if name.endswith(".py"):
            # the oldest Python an office of version 7.0 brings along
            ast.parse(content, name, feature_version=(3, 8))


def test_every_function_has_its_method(parts) -> None:
    found = re.findall(r"^ +(.+?) (\w+)\((.*)\);$", parts["XFunctions.idl"].decode(), re.MULTILINE)
    methods = {method: (result, parameters) for result, method, parameters in found}
    assert set(methods) == {method_name(name) for name in REGISTRY}
    for name, spec in REGISTRY.items():
        result, parameters = methods[method_name(name)]
        table = spec.result.type.shape == "table"
        assert result == ("sequence< sequence<any> >" if table else "any")
        named = [text.rpartition(" ")[2] for text in parameters.split(", ")]
        assert named == [parameter_name(arg) for arg in spec.args]


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_text_of_the_function_wizard(functions, name) -> None:
    spec, node = REGISTRY[name], functions[method_name(name)]
    assert set(texts(node, "DisplayName").values()) == {name}
    assert set(texts(node, "CompatibilityName").values()) == {name}
    assert texts(node, "Description") == {"en": spec.summary, "zh-CN": spec.text("summary", "zh")}
    arguments = {item.get(NAME): item for item in node.find(f"node[@{NAME}='Parameters']")}
    assert list(arguments) == [parameter_name(arg) for arg in spec.args]
    for arg in spec.args:
        help_texts = texts(arguments[parameter_name(arg)], "Description")
        assert help_texts["en"] == arg.help + (". Required." if arg.required else "")
        assert help_texts["zh-CN"].startswith(spec.text(arg.name, "zh"))
        assert help_texts["zh-CN"].endswith("。必填。") == arg.required


def test_every_function_is_listed_once(functions, parts) -> None:
    assert set(functions) == {method_name(name) for name in REGISTRY}
    listed = json.loads(parts["functions.json"])
    assert {name for name, _ in listed.values()} == set(REGISTRY)
    tables = {name for name, kind in listed.values() if kind == "table"}
    assert tables == {name for name, spec in REGISTRY.items() if spec.result.type.shape == "table"}


def test_texts_are_escaped() -> None:
    spec = replace(find_function("DSO"), summary='receivables ÷ sales < 1 & "so on" > 0')
    node = ET.fromstring(functions_xcu([spec])).find(f".//prop[@{NAME}='Description']/value")
    assert node.text == spec.summary


def test_a_name_that_calc_cannot_carry_is_refused() -> None:
    dso = find_function("DSO")
    with pytest.raises(BadValueError, match="UNO keeps the method getTypes"):
        check_names([replace(dso, name="GET_TYPES")])
    with pytest.raises(BadValueError, match="A_BC and AB_C are one method"):
        check_names([replace(dso, name="AB_C"), replace(dso, name="A_BC")])
    with pytest.raises(BadValueError, match="two arguments have one name"):
        check_names([replace(dso, args=(dso.args[0], dso.args[0]))])
    with pytest.raises(BadValueError, match="keeps the method default"):
        check_names([replace(dso, name="DEFAULT")])


def test_an_argument_named_like_a_word_of_idl_gets_a_tail() -> None:
    arg = replace(find_function("DSO").args[0], name="in")
    assert parameter_name(arg) == "inValue"


def test_a_function_of_many_arguments_ends_in_a_sequence() -> None:
    spec = replace(find_function("DSO"), varargs=True)
    assert "[in] sequence<any> allowCredit);" in idl([spec])


def test_the_manifest_names_parts_that_are_there(parts) -> None:
    root = ET.fromstring(parts["META-INF/manifest.xml"])
    listed = [
        next(v for k, v in entry.attrib.items() if k.endswith("full-path")) for entry in root
    ]
    assert set(listed) <= set(parts)
    # the component imports its interface, so the type library must be registered before it
    assert listed.index("XFunctions.idl") < listed.index("component.py")
    assert {name for name in parts if name.endswith(".xcu")} <= set(listed)


def test_the_description_carries_identifier_version_and_licence(parts) -> None:
    text = parts["description.xml"].decode()
    assert f'<identifier value="{EXTENSION}"/>' in text
    assert f'<version value="{__version__}"/>' in text
    assert 'href="LICENSE.txt"' in text
    assert parts["LICENSE.txt"] == (ROOT / "LICENSE").read_bytes()


def test_the_component_has_the_services_that_the_other_parts_name(parts) -> None:
    component = parts["component.py"].decode()
    assert re.findall(r'^[A-Z]+ = "(org\..*)"$', component, re.MULTILINE) == [
        FUNCTIONS,
        BUTTONS,
        EVENTS,
    ]
    assert f"<value>{EVENTS}</value>" in parts["Jobs.xcu"].decode()


def test_every_action_is_in_menu_and_toolbar_with_its_icon(parts) -> None:
    root = ET.fromstring(parts["Addons.xcu"])
    menu = root.find(f".//node[@{NAME}='{EXTENSION}.menu']")
    toolbar = root.find(f".//node[@{NAME}='{EXTENSION}.toolbar']")
    wanted = [f"service:{BUTTONS}?{action.id}" for action in ACTIONS]
    assert f"toolbar/addon_{EXTENSION}.toolbar" in parts["CalcWindowState.xcu"].decode()
    for shown in (menu, toolbar):
        urls = [item.find("value").text for item in shown.iter("prop") if item.get(NAME) == "URL"]
        assert sorted(urls) == sorted(wanted)
    titles = [texts(group, "Title")["zh-CN"] for group in menu.find(f"node[@{NAME}='Submenu']")]
    used = {action.group for action in ACTIONS}
    assert titles == [group.label_zh for group in GROUPS if group.id in used]
    for action in ACTIONS:
        assert f"icons/{action.icon}.png" in parts
        assert f"%origin%/icons/{action.icon}.png".encode() in parts["Addons.xcu"]


def test_the_extension_carries_no_place_and_no_program(parts) -> None:
    """Which Python runs stands in the user's host.toml, never in a file that is handed around."""
    for name, content in parts.items():
        assert str(ROOT).encode() not in content, name
    assert not [
        name for name in parts if name.endswith((".toml", ".pyc")) or "__pycache__" in name
    ]


def test_the_same_sources_give_the_same_file(tmp_path) -> None:
    one, two = build.build(tmp_path / "a.oxt"), build.build(tmp_path / "deep" / "b.oxt")
    assert one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(io.BytesIO(one.read_bytes())) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist() == sorted(archive.namelist())


def test_the_command_writes_the_extension(tmp_path) -> None:
    done = CliRunner().invoke(app, ["calc", "build", "-o", str(tmp_path / "X.oxt")])
    assert done.exit_code == 0
    assert f"{len(REGISTRY)} functions" in done.stdout
    content = (tmp_path / "X.oxt").read_bytes()
    assert content == build.pack(build.parts())
    done = CliRunner().invoke(app, ["calc", "build", "--json", "-o", str(tmp_path / "X.oxt")])
    assert json.loads(done.stdout)["sha256"] == hashlib.sha256(content).hexdigest()
