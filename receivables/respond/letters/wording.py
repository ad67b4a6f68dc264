"""From a letter to its words: subject and blocks, the same for every format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2.exceptions import TemplateError

from receivables.errors import BadValueError, ReceivablesError
from receivables.respond.letters.environment import (
    Sandbox,
    TemplateFaultError,
    Templates,
    fault,
    loaded,
)
from receivables.respond.letters.letter import Letter
from receivables.respond.letters.locale import locale
from receivables.respond.letters.tables import Table, tables
from receivables.respond.letters.variables import View, view

Run = tuple[str, bool]
"""A piece of text and whether it is strong."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of runs. Style: text, heading, small, slip, sign, or signature (its first line)."""

    runs: tuple[Run, ...]
    style: str = "text"

    @property
    def text(self) -> str:
        """Its words alone."""
        return "".join(piece for piece, _ in self.runs)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place without words: `cut` (line to cut along), `seal` (place of the company seal)."""

    name: str


Block = Paragraph | Table | Mark

MARKS = ("cut", "seal")
STYLES = ("heading", "small", "slip", "sign")
TABLES = ("items", "disputed", "not_due", "credits", "sums", "interest", "instalments", "bank")

# Signs that `clean` takes out of every value: data cannot forge what a template marks.
_OPEN, _CLOSE, _STRONG, _PLAIN = "\x01", "\x02", "\x03", "\x04"
_MARK = re.compile("^\x01([a-z]+):([a-z_]+)\x02")
_TABLE = f"{_OPEN}table:"
_BLANK = re.compile(r"\n[ \t]*\n")
_LINE = re.compile(r"[ \t]*\n[ \t]*")


@dataclass(frozen=True, slots=True)
class Composed:
    """A letter in words: what every format prints."""

    letter: Letter
    subject: str
    blocks: tuple[Block, ...]
    view: View


def composer(folder: Path | None = None) -> Composer:
    """A composer with the user's templates from `folder` before ours."""
    return Composer(folder)


class Composer:
    """Turns letters into words; templates are compiled once."""

    def __init__(self, folder: Path | None = None) -> None:
        self.templates = Templates(folder)
        self.sandbox = Sandbox(self.templates)
        self.sandbox.offer(**OFFERED)
        self.sandbox.filters["strong"] = _strong

    def compose(self, letter: Letter) -> Composed:
        """Subject and blocks of a letter.

        Raises:
            TemplateFaultError: a template that cannot be used, with file and line.
        """
        name = f"{letter.language}/{letter.wording}.j2"
        template = loaded(self.sandbox, name)
        shown, found = view(letter), tables(letter)
        self.sandbox.refill()
        try:
            printed = template.render(shown)
        except (TemplateError, ReceivablesError, RecursionError, MemoryError, TypeError) as error:
            raise fault(error, name) from error
        subject, _, body = printed.strip().partition("\n")
        if not subject.startswith("subject:"):
            raise TemplateFaultError(
                f"{self.templates.path(name)}, line 1: a letter begins with 'subject:'."
            )
        join = locale(letter.language).join
        blocks = [block for text in _BLANK.split(body) for block in _blocks(text, join, found)]
        return Composed(letter, subject.removeprefix("subject:").strip(), tuple(blocks), shown)


def _strong(value: Any) -> str:
    """`{{ total.payable | strong }}`: bold where the format can."""
    return f"{_STRONG}{value}{_PLAIN}" if value else ""


def table(name: str) -> str:
    """Place of a table of the letter; nothing where it has no rows."""
    return _known("table", name, TABLES)


def style(name: str) -> str:
    """How the paragraph behind it is set."""
    return _known("style", name, STYLES)


def mark(name: str) -> str:
    """Place of the seal, or a line to cut along."""
    return _known("mark", name, MARKS)


OFFERED = {"table": table, "style": style, "mark": mark}
"""Functions that wording may call."""


def _known(kind: str, name: str, names: tuple[str, ...]) -> str:
    if name not in names:
        raise BadValueError(f"no {kind} '{name}'; there are {', '.join(names)}")
    lead = "" if kind == "style" else "\n\n"
    return f"{lead}{_OPEN}{kind}:{name}{_CLOSE}{lead}"


LINE_BY_LINE = ("sign", "slip")
"""Styles whose lines stay lines."""


def _blocks(text: str, join: str, found: dict[str, Table]) -> tuple[Block, ...]:
    """Blocks of what stands between two blank lines; nothing for what is empty."""
    stripped = text.strip()
    if not stripped:
        return ()
    if stripped.startswith(_TABLE):
        table = found.get(stripped[len(_TABLE) : -1])
        return (table,) if table else ()
    return _paragraphs(stripped, join)


@lru_cache(maxsize=2_000)
def _paragraphs(text: str, join: str) -> tuple[Block, ...]:
    """The same sentences stand in thousands of letters: they are taken apart once."""
    marked = _MARK.match(text)
    kind, name = (marked[1], marked[2]) if marked else ("style", "text")
    if kind == "mark":
        return (Mark(name),)
    words = (text[marked.end() :] if marked else text).strip()
    if name in LINE_BY_LINE:
        lines = [line.strip() for line in words.split("\n")]
        made = [Paragraph(_runs(line), name) for line in lines if line]
        if name == "sign" and made:
            made[0] = Paragraph(made[0].runs, "signature")
        return tuple(made)
    return (Paragraph(_runs(_LINE.sub(join, words)), name),) if words else ()


def _runs(text: str) -> tuple[Run, ...]:
    if _STRONG not in text:
        return ((text, False),)
    runs = []
    for number, piece in enumerate(text.split(_STRONG)):
        strong, closed, rest = piece.partition(_PLAIN)
        if number == 0 or not closed:
            runs.append((piece, False))
            continue
        runs += [(strong, True), (rest, False)]
    return tuple((piece, strong) for piece, strong in runs if piece)
