"""The demo ends with letters to look through in five languages; approved twice, they are made once."""

import json
import re
from datetime import date

import pytest
from typer.testing import CliRunner

from receivables.cli import app
from receivables.demo import build_firm, write_workbook
from receivables.refresh import load
from receivables.refresh.demo_letters import SENT, preview_letters, send_earlier_letters
from receivables.refresh.letters_journal import store_of
from receivables.respond.letters.letter import LANGUAGES

AS_OF = date(2026, 10, 31)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    write_workbook(build_firm(), folder / "ledger.xlsx")
    books = load(folder / "ledger.xlsx", as_of=AS_OF)
    send_earlier_letters(books, folder)
    return folder, books, preview_letters(books, AS_OF, folder)


def approve(folder, *more):
    args = ["letters", folder / "ledger.xlsx", "--as-of", AS_OF, "--approve", "--out", folder / "out", "--json", *more]  # fmt: skip
    done = CliRunner().invoke(app, [*map(str, args)])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_letters_in_five_languages_and_several_levels(demo):
    folder, _, letters = demo
    assert letters.index == folder / "letters-preview" / "index.html"
    assert list(letters.languages) == list(LANGUAGES)
    index = letters.index.read_text(encoding="utf-8")
    links = re.findall(r'href="(letters/[^"]+\.html)"', index)
    assert len(set(links)) == sum(letters.languages.values())
    assert all((folder / "letters-preview" / link).is_file() for link in links)
    for sign in ("Peñarrubia", "武汉长桥电气", "Électricité Charmont", "Weserbau", "Clydeside"):
        assert sign in index


def test_three_months_were_sent_and_each_level_followed_the_one_before(demo):
    folder, books, _ = demo
    journal = store_of(books).read()
    assert set(journal.letters["cut_off"]) == set(SENT)
    assert set(journal.letters["state"]) == {"issued"}
    named = set(journal.letters["file"])
    assert named == {path.name for path in (folder / "letters").iterdir()}
    assert max(standing.level for standing in journal.standings().values()) == len(SENT)


def test_the_history_is_made_once(demo):
    folder, books, _ = demo
    before = {path: path.stat().st_mtime_ns for path in (folder / "letters").iterdir()}
    send_earlier_letters(books, folder)
    assert {path: path.stat().st_mtime_ns for path in (folder / "letters").iterdir()} == before


def test_approved_twice_is_made_once_in_every_form(demo):
    folder, _, letters = demo
    some = ("--only", "00130,00154,00128,00102,00135", "--format", "eml,docx,pdf")
    first = approve(folder, *some)
    assert len(first["made"]) == 5
    assert first["refused"] == {}
    made = {path: path.stat().st_mtime_ns for path in (folder / "out").iterdir() if path.is_file()}
    assert {f"{number}.{form}" for number in first["made"] for form in ("eml", "docx", "pdf")} == {
        path.name for path in made
    }
    rest = approve(folder, "--format", "txt")
    assert not set(rest["made"]) & set(first["made"])
    assert len(rest["made"]) + 5 == sum(letters.languages.values())
    again = approve(folder, "--format", "eml,docx,pdf")
    assert (again["made"], again["finished"], again["refused"]) == ([], [], {})
    assert {path: path.stat().st_mtime_ns for path in made} == made


def test_after_later_letters_the_demo_says_why_there_is_no_preview(demo):
    folder, books, _ = demo
    found = preview_letters(books, date(2026, 6, 30), folder)
    assert found.index is None
    assert "runs go forward in time" in found.note
