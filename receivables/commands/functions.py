"""Cell functions from the command line: `call` one, list them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from receivables.commands.options import Json, SettingsFile, print_json, settings_of
from receivables.values import to_json

if TYPE_CHECKING:
    from receivables.cells import ArgSpec, FunctionSpec


def register(app: typer.Typer) -> None:
    """Add the commands `call` and `functions`."""
    # a negative number is an argument of the function, not an option of ours
    app.command(context_settings={"ignore_unknown_options": True})(call)
    app.command()(functions)


def call(
    name: Annotated[str, typer.Argument(help="Function, for example AGING_BUCKET.")],
    values: Annotated[
        list[str] | None,
        typer.Argument(help="Arguments in order: JSON, or plain text; null = blank."),
    ] = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Call a cell function: the same answer as in a sheet."""
    from receivables.cells import CellError, find_function, load_functions
    from receivables.values import parse_cell, render, to_json

    settings_of(settings)
    load_functions()
    spec = find_function(name)
    cells = [parse_cell(text, spec.arg(index)) for index, text in enumerate(values or [])]
    result = spec.call(*cells)
    failed = isinstance(result, CellError)
    if as_json:
        print_json({"result": to_json(result)})
    elif failed:
        typer.echo(f"receivables: {spec.name} gives {result}", err=True)
    else:
        typer.echo(render(result, spec.result.unit))
    if failed:
        raise typer.Exit(2)


def functions(as_json: Json = False, settings: SettingsFile = None) -> None:
    """List the cell functions with arguments, types, units and defaults."""
    from receivables.cells import load_functions

    language = settings_of(settings).language
    specs = sorted(
        load_functions().values(), key=lambda spec: (spec.family, spec.topic, spec.name)
    )
    if as_json:
        print_json([_described(spec) for spec in specs])
        return
    for spec in specs:
        typer.echo(f"{spec.signature}\n    {spec.text('summary', language)}")


def _described(spec: FunctionSpec) -> dict[str, Any]:
    return {
        "name": spec.name,
        "family": spec.family,
        "topic": spec.topic,
        "signature": spec.signature,
        "summary": spec.summary,
        "summary_zh": spec.text("summary", "zh"),
        "arguments": [_argument(spec, arg) for arg in spec.args],
        "result": {
            "type": spec.result.type.name,
            "unit": spec.result.unit,
            "help": spec.result.help,
            "help_zh": spec.text("result", "zh"),
        },
    }


def _argument(spec: FunctionSpec, arg: ArgSpec) -> dict[str, Any]:
    return {
        "name": arg.name,
        "type": arg.type.name,
        "unit": arg.unit,
        "required": arg.required,
        "default": to_json(arg.default),
        "choices": list(arg.options()),
        "help": arg.help,
        "help_zh": spec.text(arg.name, "zh"),
    }
