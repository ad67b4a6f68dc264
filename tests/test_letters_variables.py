"""Template variables: declared = handed over, each documented, each kind's facts complete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from receivables.respond.letters.letter import KINDS, LANGUAGES
from receivables.respond.letters.sample import every_sample, sample
from receivables.respond.letters.variables import declared, missing_facts, view

PAGE = Path(__file__).resolve().parents[1] / "docs" / "letters.md"
TYPES = {"text", "money", "day", "texts", "flag"}


def dotted(shown: dict[str, Any]) -> set[str]:
    found = set()
    for name, value in shown.items():
        if isinstance(value, dict):
            found |= {f"{name}.{inner}" for inner in value}
        else:
            found.add(name)
    return {name for name in found if not name.startswith(("words.", "fact."))}


@pytest.mark.parametrize(
    "letter", list(every_sample()), ids=lambda one: f"{one.language}-{one.wording}"
)
def test_declared_is_handed_over_and_nothing_else(letter: Any) -> None:
    shown = view(letter)
    assert dotted(shown) == set(declared()["variable"])
    assert set(shown["fact"]) == set(declared()["fact"].get(letter.kind, {}))


def test_every_value_is_text_a_flag_or_a_list() -> None:
    """Templates calculate nothing, so nothing needs to be a number."""
    for group in view(sample("en", "dunning", "final")).values():
        values = group.values() if isinstance(group, dict) else [group]
        assert all(isinstance(value, str | bool | list) for value in values)


def test_types_agree_with_what_is_handed_over() -> None:
    shown = view(sample("en", "dunning", "final"))
    for name, row in declared()["variable"].items():
        group, _, key = name.partition(".")
        value = shown[group][key] if key else shown[group]
        wanted = {"texts": list, "flag": bool}.get(row["type"], str)
        assert isinstance(value, wanted), name


def test_each_variable_has_type_example_and_both_meanings() -> None:
    rows = [*declared()["variable"].items()]
    for facts in declared()["fact"].values():
        rows += facts.items()
    for name, row in rows:
        assert row["type"] in TYPES, name
        assert row["en"], name
        assert row["zh"], name
        assert "example" in row, name


def test_facts_belong_to_kinds() -> None:
    assert set(declared()["fact"]) < set(KINDS)


@pytest.mark.parametrize("kind", sorted(declared()["fact"]))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_fact_is_named(kind: str, language: str) -> None:
    required = [name for name, fact in declared()["fact"][kind].items() if fact["required"]]
    assert missing_facts(sample(language, kind)) == []
    assert missing_facts(sample(language, kind, facts={})) == required


def test_the_page_documents_every_variable() -> None:
    page = PAGE.read_text(encoding="utf-8")
    names = [*declared()["variable"]]
    names += [name for facts in declared()["fact"].values() for name in facts]
    assert [
        name for name in names if f"`{name}`" not in page and f"`fact.{name}`" not in page
    ] == []
