"""The reference pages are the program's own words: complete, and not stale."""

from pathlib import Path

import pytest
import typer

from receivables.cells import REGISTRY, load_functions
from receivables.cli import app
from receivables.docs import cli_page, every_command, functions_page, issues_page, write
from receivables.resources import data_rows

DOCS = Path(__file__).resolve().parents[1] / "docs"
load_functions()


@pytest.mark.parametrize(
    ("name", "page"),
    [("functions.md", functions_page), ("cli.md", cli_page), ("issues.md", issues_page)],
)
def test_pages_are_not_stale(name, page) -> None:
    there = (DOCS / name).read_text(encoding="utf-8")
    assert there == page(), "run: python -m receivables.docs"


def test_every_function_and_argument_is_documented() -> None:
    page = (DOCS / "functions.md").read_text(encoding="utf-8")
    for spec in REGISTRY.values():
        section = page.split(f"### {spec.name}\n")[1].split("\n###")[0]
        assert f"={spec.signature}" in section
        for arg in spec.args:
            assert f"\n| {arg.name} |" in section, f"{spec.name}.{arg.name}"


def test_every_command_and_option_is_documented() -> None:
    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    for name, command in every_command(typer.main.get_command(app)):
        section = page.split(f"\n## {name}\n")[1].split("\n## ")[0]
        assert command.help, name
        for item in command.params:
            if item.name != "help":
                assert item.help, f"{name}: {item.name} has no help"
                assert item.help in section, f"{name}: {item.name}"


def test_json_and_settings_on_every_command() -> None:
    for name, command in every_command(typer.main.get_command(app)):
        options = {opt for item in command.params for opt in item.opts}
        wanted = {"--json"} if " " in name else {"--json", "--settings"}
        assert wanted <= options, name


def test_every_setting_is_documented() -> None:
    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    for row in data_rows("settings.csv"):
        assert f"| `{row['name']}` |" in page
        assert row["help_en"] in page


def test_the_pages_can_be_written_anywhere(tmp_path) -> None:
    assert [path.name for path in write(tmp_path)] == ["functions.md", "cli.md", "issues.md"]
    assert (tmp_path / "cli.md").read_text(encoding="utf-8") == cli_page()
