"""Letters made by processes of their own are those of one process, in the same order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from receivables.errors import NotAvailableError
from receivables.respond.letters.environment import TemplateFaultError
from receivables.respond.letters.letter import Letter
from receivables.respond.letters.render import render_many
from receivables.respond.letters.sample import samples
from receivables.respond.letters.workers import CHUNK, Worker


def many(count: int) -> list[Letter]:
    """Letters of every kind, each with its number; every tenth without a name."""
    kinds = list(samples("de"))
    made = []
    for number in range(count):
        letter = replace(kinds[number % len(kinds)], letter_id=f"L-{number:04d}")
        nameless = replace(letter.customer, name="")
        made.append(replace(letter, customer=nameless) if number % 10 == 3 else letter)
    return made


def test_processes_make_what_one_makes(tmp_path: Path) -> None:
    letters = many(CHUNK * 2 + 7)
    alone = list(render_many(letters, ["docx", "eml"], tmp_path / "one", workers=1))
    told: list[int] = []
    shared = list(
        render_many(iter(letters), ["docx", "eml"], tmp_path / "two", told.append, workers=2)
    )
    assert [one.letter_id for one in shared] == [letter.letter_id for letter in letters]
    assert [one.refusals for one in shared] == [one.refusals for one in alone]
    assert sum(bool(one.refusals) for one in shared) == 11
    assert told == list(range(1, len(letters) + 1))
    for one, other in zip(alone, shared, strict=True):
        assert [path.name for path in one.files] == [path.name for path in other.files]
        assert [p.read_bytes() for p in one.files] == [p.read_bytes() for p in other.files]
    assert len(list((tmp_path / "two").iterdir())) == sum(len(one.files) for one in shared)


def test_a_fault_of_a_template_stops_the_run_with_its_sentence(tmp_path: Path) -> None:
    (tmp_path / "letter.html.j2").write_text("<p>{{ blocs }}</p>", encoding="utf-8")
    made = render_many(many(4), ["eml"], tmp_path / "out", templates=tmp_path, workers=2)
    with pytest.raises(TemplateFaultError, match=r"letter.html.j2, line 1: 'blocs'"):
        list(made)


def test_a_run_may_be_left_in_the_middle(tmp_path: Path) -> None:
    made = render_many(many(CHUNK * 9), ["txt"], tmp_path, workers=2)
    assert next(made).letter_id == "L-0000"
    made.close()  # type: ignore[attr-defined]
    assert 1 <= len(list(tmp_path.iterdir())) < CHUNK * 9
    assert not list(tmp_path.glob(".*.part"))


def test_a_process_that_dies_is_told(tmp_path: Path) -> None:
    worker = Worker(["txt"], None, tmp_path)
    assert [one.letter_id for one in worker.make(many(2))] == ["L-0000", "L-0001"]
    worker.process.kill()
    worker.process.wait()
    with pytest.raises(NotAvailableError, match="Run again with one worker"):
        worker.make(many(2))
    worker.close()
