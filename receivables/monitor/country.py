"""Which country a text means: ISO codes, numbers, names in two languages, renamed and old ones."""

from __future__ import annotations

import difflib
import unicodedata
from dataclasses import dataclass
from functools import cache

from receivables.errors import BadValueError, NotAvailableError
from receivables.resources import data_rows

_SMALL_WORDS = {"the", "of", "and", "republic"}
"""Words left out when two names are compared a second time."""


@dataclass(frozen=True, slots=True)
class Country:
    """A country or territory of ISO 3166-1, with the place where a map marks it.

    `lat` and `lon` are degrees north and east, None where there is nobody to trade with.
    """

    alpha2: str
    alpha3: str
    numeric: str
    name_en: str
    name_zh: str
    lat: float | None = None
    lon: float | None = None

    def name(self, language: str = "en") -> str:
        """Name in a language, en or zh."""
        return self.name_zh if language == "zh" else self.name_en


@cache
def countries() -> dict[str, Country]:
    """Every country by its alpha-2 code (`data/countries.csv`).

    >>> len(countries()), countries()["CN"].name("zh")
    (250, '中国')
    """
    return {
        row["alpha2"]: Country(
            row["alpha2"], row["alpha3"], row["numeric"], row["name_en"], row["name_zh"],
            _degrees(row["lat"]), _degrees(row["lon"]),
        )
        for row in data_rows("countries.csv")
    }  # fmt: skip


@cache
def find_country(text: str) -> Country:
    """The country of a code (two letters, three letters, number) or of a name in use.

    Case, accents, punctuation and full-width letters do not matter. Nothing is guessed: a code that
    is no longer in use is refused with the new one, a slip of the pen with the nearest name.

    Raises:
        NotAvailableError: an unknown or old name or code; the message names what to write.

    >>> find_country("de").name_en, find_country("Czech Republic").alpha3, find_country("156").alpha2
    ('Germany', 'CZE', 'CN')
    >>> find_country("ROM")
    Traceback (most recent call last):
    receivables.errors.NotAvailableError: 'ROM' is an old code or name: Romania is RO or ROU since 2002. Write that.
    """
    plain = fold(text)
    if not plain:
        raise BadValueError("The country is missing. Write a code such as DE, or a name.")
    known = _words()
    code = known.get(plain) or known.get(fold(text, small_words=False))
    if code:
        return countries()[code]
    raise NotAvailableError(_unknown(text.strip(), plain))


def fold(text: str, *, small_words: bool = True) -> str:
    """A name without case, accents, punctuation and blanks; `&` reads as `and`.

    >>> fold("Côte d'Ivoire"), fold("ＤＥ"), fold("The Gambia", small_words=False)
    ('cotedivoire', 'de', 'gambia')
    """
    plain = unicodedata.normalize("NFKD", text.replace("&", " and ")).casefold()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    words = "".join(sign if sign.isalnum() else " " for sign in plain.replace("'", "")).split()
    if not small_words:
        words = [word for word in words if word not in _SMALL_WORDS]
    joined = "".join(words)
    return joined.zfill(3) if joined.isascii() and joined.isdigit() else joined


@cache
def successors(text: str) -> tuple[Country, ...]:
    """Countries that an old code or name stands for today; empty where it is not an old one.

    >>> [one.alpha2 for one in successors("ZAR")], [one.alpha2 for one in successors("CSK")]
    (['CD'], ['CZ', 'SK'])
    """
    row = _old().get(fold(text))
    codes = (row["alpha2"] or row["successors"]).split() if row else ()
    return tuple(countries()[code] for code in codes)


@cache
def _words() -> dict[str, str]:
    """Folded code or name → alpha-2 code; current codes and names win over aliases."""
    rows = [row for row in data_rows("country_aliases.csv") if row["kind"] == "alias"]
    aliases = [(row["name"], row["alpha2"]) for row in rows]
    own = [(name, one.alpha2) for one in countries().values() for name in _own_words(one)]
    shorter = {fold(name, small_words=False): code for name, code in [*aliases, *own]}
    found = shorter | {fold(name): code for name, code in aliases}
    return found | {fold(name): code for name, code in own}


def _own_words(one: Country) -> list[str]:
    return [
        text for text in (one.name_en, one.name_zh, one.numeric, one.alpha3, one.alpha2) if text
    ]


@cache
def _old() -> dict[str, dict[str, str]]:
    rows = data_rows("country_aliases.csv")
    return {fold(row["name"]): row for row in rows if row["kind"] != "alias"}


def _unknown(text: str, plain: str) -> str:
    old = _old().get(plain)
    heirs = successors(text)
    if old and old["alpha2"]:
        since = f" since {old['since']}" if old["since"] else ""
        one = heirs[0]
        return f"'{text}' is an old code or name: {one.name_en} is {one.alpha2} or {one.alpha3}{since}. Write that."
    if old:
        names = ", ".join(f"{one.name_en} ({one.alpha2})" for one in heirs)
        return f"'{text}' no longer exists. Write the country of the customer: {names}."
    near = difflib.get_close_matches(plain, _names(), n=1, cutoff=0.75) if len(plain) > 3 else []
    if near:
        one = countries()[_names()[near[0]]]
        return f"There is no country '{text}'. Did you mean {one.name_en} ({one.alpha2})?"
    return f"There is no country '{text}'. Write an ISO 3166 code such as DE, DEU or 276, or its name."


@cache
def _names() -> dict[str, str]:
    return {word: code for word, code in _words().items() if len(word) > 3}


def _degrees(text: str) -> float | None:
    return float(text) if text else None
