"""Rate, day count and scheme of interest in the language of a letter."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from receivables.resources import data_rows
from receivables.respond.letters.locale import locale

_RATE = re.compile(r"^(?P<rate>\d+(\.\d+)?) % a (?P<per>year|day)$")


@lru_cache(maxsize=2_000)
def in_language(text: str, language: str) -> str:
    """What `respond.interest` says of a rate, a day count or a scheme, in a language.

    Several parted by "; " are turned one by one; words of a firm's own terms stay as they are.

    >>> in_language("10.27 % a year", "de"), in_language("actual/365", "fr")
    ('10,27 % p. a.', 'exact/365')
    >>> in_language("Germany § 288 (2) BGB (business)", "de"), in_language("clause 9", "es")
    ('§ 288 Abs. 2 BGB', 'clause 9')
    """
    return "; ".join(_one(part, language) for part in text.split("; "))


def _one(text: str, language: str) -> str:
    found = _RATE.match(text)
    if found is None:
        return _words().get(text, {}).get(language, text)
    pattern = _words()[f"{{rate}} % a {found['per']}"][language]
    return pattern.format(rate=found["rate"].replace(".", locale(language).point))


@cache
def _words() -> dict[str, dict[str, str]]:
    return {row["en"]: row for row in data_rows("letter_interest.csv")}
