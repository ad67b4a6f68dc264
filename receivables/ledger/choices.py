"""Words that stand for a choice, a yes or a currency: `Rechnung`, `贷项通知单`, `是`, `€`."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache

from receivables import money
from receivables.ledger.schema import tables
from receivables.resources import data_rows

YES = ("yes", "y", "true", "t", "1", "1.0", "x", "✓", "✔", "ja", "j", "wahr", "oui", "vrai", "o")
NO = ("no", "n", "false", "f", "0", "0.0", "-", "✗", "nein", "falsch", "non", "faux")
YES_ZH = ("是", "有", "真", "对", "√", "已")
NO_ZH = ("否", "无", "假", "没有", "未", "不是", "×")


def word(text: str) -> str:
    """The form in which words are compared: width, case, blanks, dashes and dots dropped.

    >>> word("Credit-Memo "), word("credit_memo"), word("贷项 通知单")
    ('creditmemo', 'creditmemo', '贷项通知单')
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in folded if sign.isalnum())


def choice_of(
    table: str, column: str, text: str, kinds: Mapping[str, str] | None = None
) -> str | None:
    """The choice that a cell means; None where no word and no mapping knows it.

    >>> choice_of("documents", "kind", "Gutschrift"), choice_of("documents", "kind", "RV")
    ('credit_note', None)
    >>> choice_of("documents", "kind", "RV", {"RV": "invoice"})
    'invoice'
    """
    codes = {code.strip().casefold(): choice for code, choice in (kinds or {}).items()}
    mapped = codes.get(text.strip().casefold())
    known = choice_words(table, column)
    return known.get(word(mapped)) if mapped else known.get(word(text))


@cache
def choice_words(table: str, column: str) -> dict[str, str]:
    """Every word of a choice column → the choice."""
    found = {word(choice): choice for choice in tables()[table][column].choices}
    for row in data_rows("choices.csv"):
        if (row["table"], row["column"]) == (table, column):
            texts = [row["label_en"], row["label_zh"]]
            texts += row["words_en"].split("|") + row["words_zh"].split("|")
            found |= {word(text): row["choice"] for text in texts if text}
    return found


def flag_of(text: str) -> bool | None:
    """Yes or no; None where the word says neither.

    >>> flag_of("是"), flag_of("X"), flag_of("0"), flag_of("maybe")
    (True, True, False, None)
    """
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    if folded in YES or folded in YES_ZH:
        return True
    return False if folded in NO or folded in NO_ZH else None


@cache
def currency_words() -> dict[str, str]:
    """Words for currencies → ISO codes, several joined by `|` where the sign has several."""
    found = {code: code for code in money.exponents()}
    return found | {row["word"]: row["currencies"] for row in data_rows("currency_words.csv")}


def currency_of(text: str) -> str | None:
    """ISO 4217 code of a currency cell; None where it is unknown or has several meanings.

    >>> currency_of("eur"), currency_of("人民币"), currency_of("€"), currency_of("$")
    ('EUR', 'CNY', 'EUR', None)
    """
    found = currency_words().get(unicodedata.normalize("NFKC", text).strip().upper(), "")
    return found if found and "|" not in found else None
