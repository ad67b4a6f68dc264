"""docs/coverage.md answers every requirement of the article, and says so where one is not answered."""

import re
from pathlib import Path

import pytest

TEXT = (Path(__file__).parents[1] / "docs" / "coverage.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([SR]\d+) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
ASKED = [*(f"S{number:02}" for number in range(1, 46)), *(f"R{number}" for number in range(1, 7))]
NOTHING_TO_BUILD = {"S13", "S28", "S45"}


def test_every_requirement_has_one_row_in_order() -> None:
    assert [found[0] for found in ROW.findall(TEXT)] == ASKED


@pytest.mark.parametrize(
    ("name", "answer", "test"), [(r[0], r[2], r[3]) for r in ROW.findall(TEXT)]
)
def test_a_row_without_a_test_says_that_it_is_not_built(name, answer, test) -> None:
    unbuilt = "comes with the letters" in answer or "nothing to build" in answer
    assert ("`tests/" in test) or unbuilt
    assert ("nothing to build" in answer) == (name in NOTHING_TO_BUILD)


def test_functions_named_as_answers_exist() -> None:
    from receivables.cells import REGISTRY, load_functions

    load_functions()
    named = {word for row in ROW.findall(TEXT) for word in re.findall(r"`([A-Z_]{3,})`", row[2])}
    assert named
    assert named <= set(REGISTRY)
