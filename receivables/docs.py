"""Write the reference pages from the program itself: `python -m receivables.docs`."""

from __future__ import annotations

import doctest
import inspect
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import typer

from receivables.cells import REGISTRY, ArgSpec, FunctionSpec, load_functions
from receivables.resources import data_rows
from receivables.values import render

NOTE = "<!-- Written by `python -m receivables.docs`. Change the program, not this page. -->"


def functions_page() -> str:
    """The function reference, English and Chinese, one section per function."""
    load_functions()
    specs = sorted(REGISTRY.values(), key=lambda spec: (spec.family, spec.topic, spec.name))
    lines = [
        "# Cell functions",
        "",
        NOTE,
        "",
        "One declaration serves every host: a cell of LibreOffice Calc ([calc.md](calc.md)), a cell of",
        "Excel on Windows ([excel.md](excel.md)), the command line (`receivables call NAME ARG …`) and",
        "Python (`find_function(name).call(…)`).",
        "",
        "Arguments in [brackets] may be left out; a blank cell counts as left out, 0 and FALSE are",
        "values (a date of 0 is a blank: an empty cell behind a formula is 0). A column in place of a",
        "single value gives a column back; a row whose ranges are all blank gives a blank, and a fault",
        "marks its own row only. Dates are date cells, serials or ISO text; 03/04/2026 is refused.",
    ]
    for topic, group in groupby(specs, key=lambda spec: (spec.family, spec.topic)):
        lines += ["", f"## {topic[0]} · {topic[1]}"]
        for spec in group:
            lines += ["", *_function(spec)]
    return "\n".join(lines) + "\n"


def cli_page() -> str:
    """The command reference with every option, and the settings."""
    from receivables.cli import app

    lines = [
        "# Command line",
        "",
        NOTE,
        "",
        "Exit codes: 0 done, 2 your input needs a look (one line on standard error says what),",
        "70 a fault of the program. `receivables COMMAND --help` prints the same texts.",
    ]
    for name, command in every_command(typer.main.get_command(app)):
        lines += ["", *_command(name, command)]
    return "\n".join([*lines, "", *_settings()]) + "\n"


def every_command(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every command with its full name, those of groups (`excel build`) too."""
    context: Any = None
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if hasattr(command, "list_commands"):
            yield from every_command(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def issues_page() -> str:
    """Every Issue that reading and checking can raise, with its cure."""
    lines = [
        "# Issues",
        "",
        NOTE,
        "",
        "Level *varies*: error where the column is essential, else warning (`checks.md`).",
        "",
        "| code | level | message | what to do | 说明 | 处理 |",
        "|---|---|---|---|---|---|",
    ]
    names = ("message_en", "cure_en", "message_zh", "cure_zh")
    for row in data_rows("issues.csv"):
        texts = " | ".join(row[name].replace("|", "\\|") for name in names)
        lines.append(f"| `{row['code']}` | {row['level']} | {texts} |")
    return "\n".join(lines) + "\n"


def write(folder: Path) -> list[Path]:
    """Write the generated pages into a folder."""
    pages = {
        "functions.md": functions_page(),
        "cli.md": cli_page(),
        "issues.md": issues_page(),
    }
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in pages]


def _function(spec: FunctionSpec) -> Iterator[str]:
    yield f"### {spec.name}"
    yield ""
    yield f"`={spec.signature}`"
    yield ""
    yield f"{spec.summary}  "
    yield spec.text("summary", "zh")
    yield ""
    yield "| argument | type | unit | default | meaning | 说明 |"
    yield "|---|---|---|---|---|---|"
    for arg in spec.args:
        cells = (
            arg.name,
            _type(arg),
            arg.unit,
            _default(arg),
            arg.help,
            spec.text(arg.name, "zh"),
        )
        yield _row(cells)
    result = spec.result
    yield _row(
        ("result", result.type.name, result.unit, "", result.help, spec.text("result", "zh"))
    )
    yield from _example(spec)


def _example(spec: FunctionSpec) -> Iterator[str]:
    examples = doctest.DocTestParser().get_examples(inspect.getdoc(spec.function) or "")
    yield ""
    yield "```python"
    for example in examples:
        first, *rest = example.source.rstrip().split("\n")
        yield f">>> {first}"
        yield from (f"... {line}" for line in rest)
        if example.want:
            yield example.want.rstrip()
    yield "```"


def _type(arg: ArgSpec) -> str:
    return f"{arg.type.name}: {', '.join(arg.options())}" if arg.choices else arg.type.name


def _default(arg: ArgSpec) -> str:
    if arg.required:
        return "may be blank" if arg.nullable else "required"
    return render(arg.default) or "none"


def _command(name: str, command: Any) -> Iterator[str]:
    arguments = [item for item in command.params if item.param_type_name == "argument"]
    options = [item for item in command.params if item.param_type_name == "option"]
    usage = " ".join(
        item.name.upper() if item.required else f"[{item.name.upper()}]" for item in arguments
    )
    yield f"## {name}"
    yield ""
    yield f"`receivables {name} {usage}`".replace(" `", "`")
    yield ""
    yield " ".join((command.help or "").split())
    yield ""
    yield "| | meaning |"
    yield "|---|---|"
    for item in arguments:
        yield _row((f"`{item.name.upper()}`", item.help or ""))
    for item in options:
        if item.name != "help":
            yield _row((f"`{', '.join(item.opts)}`", item.help or ""))


def _settings() -> Iterator[str]:
    yield "## Settings"
    yield ""
    yield "Lines `name = value` of a TOML file given with `--settings`, or rows of a table Settings in"
    yield "the workbook. An option on the command line wins."
    yield ""
    yield "| setting | default | unit | choices | meaning | 说明 |"
    yield "|---|---|---|---|---|---|"
    for row in data_rows("settings.csv"):
        choices = row["choices"].replace("|", ", ")
        yield _row(
            (
                f"`{row['name']}`",
                row["default"],
                row["unit"],
                choices,
                row["help_en"],
                row["help_zh"],
            )
        )


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs")
    for page in write(target):
        typer.echo(page)
