"""Rules of insurance that are data: margins, scopes of cover, reasons why there is none."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from receivables.errors import BadValueError
from receivables.ledger.spelling import fold
from receivables.resources import data_rows

ELIGIBLE = "eligible"


class Reason(NamedTuple):
    """Why an invoice is not covered, or what to look at although it is (`blocks` False)."""

    code: str
    blocks: bool
    text_en: str
    text_zh: str

    def text(self, language: str = "en") -> str:
        """The reason in a language."""
        return self.text_zh if language == "zh" else self.text_en


@cache
def rule(name: str) -> float:
    """A number of `data/tci_rules.csv`.

    >>> rule("act_margin_days")
    1.0
    """
    return next(float(row["value"]) for row in data_rows("tci_rules.csv") if row["rule"] == name)


@cache
def reasons() -> dict[str, Reason]:
    """Reasons in the order of the tests, by code (`data/tci_reasons.csv`).

    >>> reasons()["disputed"].text()
    'disputed in full'
    """
    return {
        row["code"]: Reason(row["code"], row["blocks"] == "yes", row["text_en"], row["text_zh"])
        for row in data_rows("tci_reasons.csv")
    }


@cache
def scope_words() -> dict[str, str]:
    """Folded word → scope of cover (`data/tci_scopes.csv`)."""
    found = {}
    for row in data_rows("tci_scopes.csv"):
        words = (row["scope"], *row["words_en"].split("|"), *row["words_zh"].split("|"))
        found.update({fold(word): row["scope"] for word in words})
    return found


def scope_of(text: str) -> str:
    """Scope of cover that a text names.

    Raises:
        BadValueError: an unknown scope.

    >>> scope_of("国内赊销"), scope_of("Export")
    ('domestic', 'export_commercial')
    """
    found = scope_words().get(fold(text))
    if found is None:
        known = ", ".join(dict.fromkeys(scope_words().values()))
        raise BadValueError(f"'{text}' is no scope of cover. Use one of {known}.")
    return found


def joined(codes: list[str]) -> str:
    """Reason codes as one text: `eligible`, or the codes joined by +.

    >>> joined([]), joined(["terms", "disputed"])
    ('eligible', 'terms+disputed')
    """
    return "+".join(codes) or ELIGIBLE
