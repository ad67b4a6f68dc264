"""Every letter in every language as it was read and found right."""

from __future__ import annotations

from pathlib import Path

import pytest

from receivables.respond.letters.letter import Letter
from receivables.respond.letters.sample import every_sample
from receivables.respond.letters.text import as_text
from receivables.respond.letters.wording import Composer

GOLDEN = Path(__file__).parent / "letters_golden"
COMPOSER = Composer()


@pytest.mark.parametrize(
    "letter", list(every_sample()), ids=lambda letter: f"{letter.language}-{letter.wording}"
)
def test_a_letter_reads_as_it_was_read(letter: Letter) -> None:
    """To renew after a change that is meant: delete the file, run once, read the difference."""
    made = COMPOSER.compose(letter)
    found = f"{made.subject}\n\n{as_text(made)}"
    path = GOLDEN / letter.language / f"{letter.wording}.txt"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found, encoding="utf-8")
        pytest.fail(f"{path} was written: read it, then run again")
    assert found == path.read_text(encoding="utf-8")
