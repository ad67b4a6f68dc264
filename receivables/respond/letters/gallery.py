"""A preview that opens in any browser: every letter as a page, with lists to find it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from receivables.resources import data_rows
from receivables.respond.letters.environment import Sandbox, Templates, loaded
from receivables.respond.letters.html import Pages
from receivables.respond.letters.letter import LANGUAGES, Letter
from receivables.respond.letters.locale import locale
from receivables.respond.letters.plain import clean, file_stem
from receivables.respond.letters.render import Refusal, refusals, write
from receivables.respond.letters.tables import DEMANDING
from receivables.respond.letters.wording import Composer

INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class Gallery:
    """What a preview holds."""

    index: Path
    letters: int
    refusals: tuple[Refusal, ...]


def write_gallery(
    letters: Iterable[Letter], folder: Path, templates: Path | None = None, title: str = ""
) -> Gallery:
    """Writes one page for each letter and an index by language, kind and level, and customer.

    The pages need no network and run no script. Letters that cannot be made are listed on top
    with the reason and the cure.
    """
    pages = folder / "letters"
    pages.mkdir(parents=True, exist_ok=True)
    source = Templates(templates)
    composer, layout = Composer(templates), Pages(source)
    rows: list[dict[str, Any]] = []
    refused: list[Refusal] = []
    for letter in letters:
        faults = refusals(letter)
        refused += faults
        if faults:
            continue
        composed = composer.compose(letter)
        name = f"{file_stem(letter.letter_id)}.html"
        write(pages, name, layout.page(composed).encode("utf-8"))
        rows.append(_row(letter, f"letters/{name}", composed.subject))
    sandbox = Sandbox(source, html=True)
    sandbox.steps = sandbox.output = 10**9
    page = loaded(sandbox, "gallery.html.j2").render(
        title=title,
        languages=_grouped(rows),
        customers=sorted(rows, key=lambda row: (row["name"].casefold(), row["no"])),
        refusals=[clean(one.message) for one in refused],
        count=len(rows),
    )
    return Gallery(write(folder, INDEX, page.encode("utf-8")), len(rows), tuple(refused))


def _row(letter: Letter, link: str, subject: str) -> dict[str, Any]:
    names = locale(letter.language)
    return {
        "link": link,
        "no": clean(letter.letter_id),
        "subject": subject,
        "customer_id": clean(letter.customer.customer_id),
        "name": clean(letter.customer.name),
        "language": letter.language,
        "wording": letter.wording,
        "level": str(letter.level) if letter.level else "",
        "currency": letter.currency,
        "amount": names.amount(_shown(letter), letter.currency),
    }


def _shown(letter: Letter) -> int:
    """What is demanded; of letters that demand nothing, the balance."""
    return letter.payable if letter.kind in DEMANDING else letter.balance


def _grouped(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Languages in their order, in each the wordings from the mildest to the last."""
    shown = {row["language"]: row["name"] for row in data_rows("letter_languages.csv")}
    groups = []
    for language in LANGUAGES:
        own = [row for row in rows if row["language"] == language]
        kinds = list(dict.fromkeys(row["wording"] for row in own))
        if own:
            parts = [
                {"wording": kind, "letters": [row for row in own if row["wording"] == kind]}
                for kind in sorted(kinds, key=WORDINGS.index)
            ]
            groups.append(
                {"language": language, "name": shown[language], "count": len(own), "kinds": parts}
            )
    return groups


WORDINGS = (
    "pre_due", "reminder", "first", "formal", "final", "pre_legal", "statement", "dispute_ack",
    "undisputed_part", "plan_offer", "plan_confirmation", "plan_breach", "terms_change",
    "limit_reduction", "security_request", "retention_notice", "collections_handover",
    "balance_confirmation", "proof_of_claim",
)  # fmt: skip
"""Every wording, mildest first."""
