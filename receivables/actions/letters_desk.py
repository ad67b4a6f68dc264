"""What the buttons for letters have in common: the saved ledger, its journal, where files go, what is shown."""

from __future__ import annotations

import webbrowser
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from receivables.actions.asked import as_of, saved_path, values
from receivables.actions.host import Form, Host, Question
from receivables.actions.texts import say
from receivables.errors import BadValueError

if TYPE_CHECKING:
    from receivables.refresh import Books
    from receivables.refresh.letters_answer import LettersAnswer

FORMS = "eml,docx,pdf"


@dataclass(frozen=True, slots=True)
class Desk:
    """A ledger opened for letters of a day."""

    path: Path
    day: date
    books: Books
    forms: tuple[str, ...] = ()

    def folder(self, what: str, choices: Mapping[str, Any]) -> Path:
        """Folder beside the ledger, or the one asked for."""
        out = choices.get("out")
        return Path(out) if out else self.path.parent / f"{self.path.stem} {what} {self.day}"


def open_desk(host: Host, choices: Mapping[str, Any], *, forms: bool = False) -> Desk:
    """The saved workbook, read; what is not known is asked for once.

    Args:
        host: where the button was pressed.
        choices: answers given beforehand: as_of, formats, map_file, values.
        forms: ask for the forms of the letters, too.

    Raises:
        BadValueError: not saved, no as-of date, or the user gave up.
    """
    from receivables.refresh import load

    path = saved_path(host)
    asked = _asked(host, choices) if forms else dict(choices)
    day = as_of(host, asked, say("letters_title", host.language))
    books = load(
        path,
        map_file=choices.get("map_file"),
        values=values(host, choices),
        as_of=day,
        progress=host.progress,
    )
    host.progress("", 1, 1)
    wanted = str(asked.get("formats") or FORMS).replace(";", ",").split(",")
    return Desk(path, day, books, tuple(form.strip().lower() for form in wanted if form.strip()))


def _asked(host: Host, choices: Mapping[str, Any]) -> dict[str, Any]:
    """The as-of date and the forms of the letters in one form."""
    day = str(choices.get("as_of") or host.settings().get("as_of") or "")
    if day and choices.get("formats"):
        return dict(choices)
    form = Form(
        say("letters_title", host.language),
        (
            Question("as_of", say("as_of", host.language), day),
            Question("formats", say("letters_formats", host.language), FORMS),
        ),
    )
    answers = host.ask(form)
    if answers is None:
        raise BadValueError("Nothing was made: the question was not answered.")
    return {**choices, **answers}


def table_of(answer: LettersAnswer, language: str) -> list[list[Any]]:
    """Who gets which letter and why the others get none, as a table."""
    told = answer.to_json(language)
    headings = (
        "customer", "customer_name", "currency", "overdue", "dunning_level", "dunning_stage", "payable",
        "pay_by", "letter_no", "why_not", "what_to_do",
    )  # fmt: skip
    rows = [
        [row["customer_id"], row["name"], row["currency"], _number(row["overdue"]), row["level"],
         row["stage"], _number(row["payable"]), row["pay_by"], row["letter_id"], row["why"], row["cure"]]
        for row in [*told["letters"], *told["why_not"]]
    ]  # fmt: skip
    return [[say(key, language) for key in headings], *rows]


def show_page(host: Host, page: Path) -> None:
    """Open a page in the browser of the user; the command line only names it."""
    if host.document().is_open:
        webbrowser.open(page.resolve().as_uri())


def told(parts: Iterable[str]) -> str:
    """Sentences of a report in one line."""
    return " ".join(part for part in parts if part)


def _number(amount: str | None) -> float | None:
    return None if amount is None else float(amount)
