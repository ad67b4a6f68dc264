"""Function help: the functions in the selected cell explained, or all of them listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from receivables.actions.formula import calls
from receivables.actions.host import Host, Report
from receivables.actions.listed import GROUPS
from receivables.actions.texts import say
from receivables.cells import ArgSpec, FunctionSpec, find_function, load_functions
from receivables.values import render


def run(host: Host, choices: Mapping[str, Any]) -> Report:
    """Explain `choices["function"]` or the functions of the selected cell, else list every one.

    Raises:
        NotAvailableError: there is no function of that name.
    """
    asked = choices.get("function")
    names = [asked] if asked else [call.name for call in calls(_selected(host))]
    language, every = host.language, load_functions()
    if not names:
        link = host.write_table(say("functions", language), overview(language))
        return Report(say("functions_listed", language, count=len(every)), link)
    specs = [find_function(name) for name in dict.fromkeys(names)]
    rows = [row for spec in specs for row in explained(spec, language)]
    link = host.write_table(specs[0].name, rows)
    return Report(f"{specs[0].signature}: {specs[0].text('summary', language)}", link)


def overview(language: str) -> list[list[Any]]:
    """All functions: line of defence, signature, what it answers."""
    specs = sorted(
        load_functions().values(), key=lambda spec: (spec.family, spec.topic, spec.name)
    )
    lines = {group.id: group.label(language) for group in GROUPS}
    return [
        [say(key, language) for key in ("line", "function", "meaning")],
        *(
            [lines[spec.family], f"={spec.signature}", spec.text("summary", language)]
            for spec in specs
        ),
    ]


def explained(spec: FunctionSpec, language: str) -> list[list[Any]]:
    """One function: its call, then each argument with type, unit, default and meaning."""
    result = spec.result
    return [
        [f"={spec.signature}", "", "", "", spec.text("summary", language)],
        [say(key, language) for key in ("argument", "type", "unit", "default_value", "meaning")],
        *(
            [
                arg.name,
                _type(arg),
                arg.unit,
                _default(arg, language),
                spec.text(arg.name, language),
            ]
            for arg in spec.args
        ),
        [
            say("result", language),
            result.type.name,
            result.unit,
            "",
            spec.text("result", language),
        ],
    ]


def _selected(host: Host) -> str:
    return host.selection().formula if host.document().name else ""


def _type(arg: ArgSpec) -> str:
    return f"{arg.type.name}: {', '.join(arg.options())}" if arg.choices else arg.type.name


def _default(arg: ArgSpec, language: str) -> str:
    if arg.required:
        return say("may_be_blank" if arg.nullable else "required", language)
    return render(arg.default)
