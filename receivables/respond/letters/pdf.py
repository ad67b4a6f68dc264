"""Letters as PDF: one typst compiler for the whole run, data as JSON and never as markup."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from receivables.errors import NotAvailableError
from receivables.resources import data_rows
from receivables.respond.letters.environment import TemplateFaultError, Templates
from receivables.respond.letters.locale import locale
from receivables.respond.letters.tables import Table, words
from receivables.respond.letters.wording import Block, Composed, Mark, Paragraph

if TYPE_CHECKING:
    from typst import Fonts

NAME = "letter.typ"

REMEMBERED = 11
"""Documents after which typst has forgotten one that was not used again."""

_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")


@cache
def _system_fonts() -> Fonts:
    """Fonts of this machine, listed once in a run: it takes longer than a letter."""
    import typst

    return typst.Fonts()


def families(text: str, present: Sequence[str]) -> list[str]:
    """Font families for a text among those present, best first (`data/letter_fonts.csv`).

    Raises:
        NotAvailableError: Chinese text and no Chinese font.

    >>> families("Rechnung", ["Arial", "SimSun"])
    ['Arial', 'SimSun']
    """
    known = {name.casefold(): name for name in present}
    found = {
        role: [
            known[row["family"].casefold()]
            for row in data_rows("letter_fonts.csv")
            if row["role"] == role and row["family"].casefold() in known
        ]
        for role in ("latin", "cjk")
    }
    if not found["cjk"] and _CJK.search(text):
        names = ", ".join(r["family"] for r in data_rows("letter_fonts.csv") if r["role"] == "cjk")
        raise NotAvailableError(
            f"No font for Chinese text was found. Install one of {names} (Noto Sans CJK is free), "
            "or make these letters as Word files."
        )
    return found["latin"][:1] + found["cjk"][:1]


class Printer:
    """Makes PDFs; the layout is read and the fonts are listed once."""

    def __init__(self, templates: Templates, fonts: Fonts | None = None) -> None:
        import typst

        self.path: Path = templates.path(NAME)
        self.fonts = fonts or _system_fonts()
        self.present = self.fonts.families()
        self.compiler = typst.Compiler(
            str(self.path), root=str(self.path.parent), font_paths=self.fonts
        )

    def one(self, composed: Composed) -> bytes:
        """One letter as PDF."""
        return self.print([composed])

    def print(self, letters: Sequence[Composed], cover: dict[str, Any] | None = None) -> bytes:
        """Letters one behind the other in one PDF, each with its own page numbers.

        Raises:
            TemplateFaultError: a layout that cannot be used, with file and line.
            NotAvailableError: no font for Chinese text.
        """
        import typst

        first = letters[0]
        content = {
            "title": first.subject if len(letters) == 1 else "",
            "author": first.view["sender"]["name"],
            "cover": cover,
            "letters": [_letter(composed) for composed in letters],
            "fonts": [],
        }
        text = json.dumps(content, ensure_ascii=False)
        # The list of fonts is filled in last: which are needed depends on the text.
        fonts = json.dumps(families(text, self.present))
        text = f"{text[: -len('[]}')]}{fonts}}}"
        try:
            # Tags are for screen readers: a letter has them, a pile for the printer goes without.
            made = self.compiler.compile(
                sys_inputs={"letters": text}, timestamp=_stamp(first), pdf_tags=cover is None
            )
        except typst.TypstError as error:
            raise TemplateFaultError(
                f"{self.path}: {error.diagnostic or error.message} Correct the layout."
            ) from error
        assert isinstance(made, bytes)
        return made

    def forget(self) -> None:
        """Frees what the compiler remembers of its last documents.

        typst drops what ten documents in a row did not use; ten empty ones take a few
        milliseconds and save most of the memory of a batch.
        """
        nothing: dict[str, Any] = {"title": "", "author": "", "cover": None, "letters": []}
        empty = json.dumps({**nothing, "fonts": families("", self.present)})
        for _ in range(REMEMBERED):
            self.compiler.compile(sys_inputs={"letters": empty})


def tongue(language: str) -> dict[str, str]:
    """Language, region and paper, as typst names them."""
    names = locale(language)
    code, _, region = names.babel.rpartition("_")
    return {"lang": code[:2], "region": region, "paper": names.paper}


def _stamp(composed: Composed) -> int:
    """Noon of the letter's day in seconds: the same letter gives the same file."""
    return (composed.letter.issued_on.toordinal() - 719_163) * 86_400 + 43_200


def _letter(composed: Composed) -> dict[str, Any]:
    shown, language = composed.view, composed.letter.language
    said, customer = words(language), shown["customer"]
    address = [customer["name"], *customer["address"]]
    if customer["contact"]:
        address.append(f"{said['attention']} {customer['contact']}")
    if customer["registration_no"]:
        address.append(f"{said['registration_no']} {customer['registration_no']}")
    return {
        "no": shown["letter"]["no"],
        **tongue(language),
        "sender": _sender(shown["sender"], said),
        "address": address,
        "info": _info(shown, said),
        "subject": composed.subject,
        "blocks": [_block(block) for block in composed.blocks],
        "words": {"page": said["page"], "seal": said["seal"]},
    }


def _sender(sender: dict[str, Any], said: dict[str, str]) -> dict[str, str]:
    foot = [sender["name"]]
    foot += [f"{said[key]} {sender[key]}" for key in ("registration_no", "tax_no") if sender[key]]
    if sender["website"]:
        foot.append(sender["website"])
    return {
        "name": sender["name"],
        "address": " · ".join(sender["address"]),
        "foot": " · ".join(foot),
    }


def _info(shown: dict[str, Any], said: dict[str, str]) -> list[tuple[str, str]]:
    sender = shown["sender"]
    rows = [
        (said["letter_no"], shown["letter"]["no"]),
        (said["date"], shown["letter"]["date"]),
        (said["customer_id"], shown["customer"]["id"]),
        ("", sender["contact"]),
        (said["phone"], sender["phone"]),
        ("", sender["email"]),
    ]
    return [row for row in rows if row[1]]


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Table):
        return {
            "kind": "table",
            "title": block.title,
            "headings": block.headings,
            "rows": block.rows,
            "total": block.total,
            "widths": block.widths,
            "right": [place in block.numbers for place in range(len(block.widths))],
        }
    return {"kind": block.name} if isinstance(block, Mark) else _paragraph(block)


@lru_cache(maxsize=2_000)
def _paragraph(block: Paragraph) -> dict[str, Any]:
    return {"kind": "p", "style": block.style, "runs": block.runs}
