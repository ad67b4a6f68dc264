"""What the function wizard shows of each function, in English and Chinese."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable

from receivables.cells import ArgSpec, FunctionSpec
from receivables_addin.calc.names import FUNCTIONS, method_name, parameter_name

OOR = "http://openoffice.org/2001/registry"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
LANGUAGES = {"en": "en", "zh": "zh-CN"}
"""Language of our texts → language of the office. Others see English."""

CATEGORY = "Add-In"
"""Our functions stand together there; under Financial they would be lost among sixty others."""

ET.register_namespace("oor", OOR)


def functions_xcu(specs: Iterable[FunctionSpec]) -> bytes:
    """The part `CalcAddIns.xcu`: names, descriptions and arguments of every function."""
    root = component("CalcAddIns")
    service = node(node(root, "AddInInfo", replace=False), FUNCTIONS)
    functions = node(service, "AddInFunctions", replace=False)
    for spec in specs:
        _function(functions, spec)
    return to_bytes(root)


def component(name: str) -> ET.Element:
    """Root of a configuration part."""
    return ET.Element(
        f"{{{OOR}}}component-data",
        {f"{{{OOR}}}name": name, f"{{{OOR}}}package": "org.openoffice.Office"},
    )


def node(parent: ET.Element, name: str, *, replace: bool = True) -> ET.Element:
    """A node of the configuration below another."""
    found = ET.SubElement(parent, "node", {f"{{{OOR}}}name": name})
    if replace:
        found.set(f"{{{OOR}}}op", "replace")
    return found


def prop(parent: ET.Element, name: str, texts: str | dict[str, str]) -> None:
    """A property: one text, or one per language of ours."""
    found = ET.SubElement(parent, "prop", {f"{{{OOR}}}name": name})
    if isinstance(texts, str):
        ET.SubElement(found, "value").text = texts
        return
    for language, text in texts.items():
        ET.SubElement(found, "value", {LANG: LANGUAGES[language]}).text = text


def to_bytes(root: ET.Element) -> bytes:
    """A configuration part as it stands in the extension."""
    ET.indent(root, " ")
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _function(parent: ET.Element, spec: FunctionSpec) -> None:
    function = node(parent, method_name(spec.name))
    prop(function, "DisplayName", dict.fromkeys(LANGUAGES, spec.name))
    prop(function, "Description", {key: spec.text("summary", key) for key in LANGUAGES})
    prop(function, "Category", CATEGORY)
    prop(function, "CompatibilityName", dict.fromkeys(LANGUAGES, spec.name))
    parameters = node(function, "Parameters", replace=False)
    for arg in spec.args:
        parameter = node(parameters, parameter_name(arg))
        prop(parameter, "DisplayName", dict.fromkeys(LANGUAGES, arg.name))
        prop(parameter, "Description", {key: _help(spec, arg, key) for key in LANGUAGES})


def _help(spec: FunctionSpec, arg: ArgSpec, language: str) -> str:
    """Help of an argument; the wizard calls every one optional, so we say which is not."""
    text = spec.text(arg.name, language)
    if not arg.required:
        return text
    return f"{text}。必填。" if language == "zh" else f"{text}. Required."
