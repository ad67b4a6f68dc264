"""Legal notices of a letter, by country, stage and kind of debtor."""

from __future__ import annotations

from functools import cache

from receivables.resources import data_rows
from receivables.respond.letters.letter import Letter

CONDITIONS = ("always", "interest", "fixed_sum", "interest_or_sum")
"""What a letter must hold for a notice to be printed."""


def notices(letter: Letter) -> tuple[str, ...]:
    """Sentences that the law of the contract asks for, then the firm's own.

    Chosen from `data/letter_notices.csv` by country (governing law, else the customer's country),
    wording, legal form and what is claimed. A country without rows has no notice: nothing is
    taken over from a neighbour.
    """
    return (*(row[letter.language] for row in _chosen(letter)), *letter.notices)


def needs_enclosure(letter: Letter) -> bool:
    """Whether a notice says that papers are enclosed, as England asks for individuals."""
    return any(row["needs_enclosure"] == "yes" for row in _chosen(letter))


def _chosen(letter: Letter) -> list[dict[str, str]]:
    country = (letter.governing_law or letter.customer.country).upper()
    return [row for row in _by_country().get(country, ()) if _applies(row, letter)]


@cache
def _by_country() -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for row in data_rows("letter_notices.csv"):
        for country in row["countries"].split("|"):
            found.setdefault(country, []).append(row)
    return found


def _applies(row: dict[str, str], letter: Letter) -> bool:
    held = {
        "always": True,
        "interest": letter.interest is not None,
        "fixed_sum": letter.fixed_sum > 0,
        "interest_or_sum": letter.interest is not None or letter.fixed_sum > 0,
    }
    return (
        letter.wording in row["letters"].split("|")
        and letter.customer.legal_form in row["legal_forms"].split("|")
        and held[row["condition"]]
    )
