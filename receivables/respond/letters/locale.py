"""Amounts and dates as the reader of a letter writes them, and the language of a customer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from receivables import money
from receivables.errors import BadValueError
from receivables.resources import data_rows

NARROW = "\u202f"
"""Narrow no-break space: groups of French amounts. Some Word fonts lack it; they get \u00a0."""


@dataclass(frozen=True, slots=True)
class Locale:
    """How one language writes amounts and dates; the signs come from Babel, once."""

    language: str
    babel: str
    group: str
    point: str
    money: str
    date_long: str
    date_table: str
    join: str
    paper: str

    def amount(self, minor: int, currency: str) -> str:
        """Amount without its currency, as it stands in a table.

        >>> locale("de").amount(-123456789, "EUR"), locale("en").amount(1500, "JPY")
        ('-1.234.567,89', '1,500')
        """
        return _writer(self.group, self.point, money.exponent(currency))(minor)

    def writer(self, currency: str) -> Callable[[int], str]:
        """`amount` for one currency, for columns of amounts."""
        return _writer(self.group, self.point, money.exponent(currency))

    def money_of(self, minor: int, currency: str) -> str:
        r"""Amount with its ISO code, as it stands in a sentence.

        >>> locale("en").money_of(123450, "EUR"), locale("de").money_of(123450, "EUR")
        ('EUR\xa01,234.50', '1.234,50\xa0EUR')
        """
        if currency == money.NO_CURRENCY:
            return self.amount(minor, currency)
        shown = self.money.format(amount=self.amount(minor, currency), code=currency)
        return shown.replace(" ", "\u00a0")

    def day(self, day: date | None) -> str:
        r"""Date in a sentence; nothing for no date.

        >>> locale("fr").day(date(2026, 10, 1)), locale("es").day(date(2026, 10, 1))
        ('1er\xa0octobre\xa02026', '1\xa0de\xa0octubre\xa0de\xa02026')
        """
        return _day(day, self.date_long, self.babel) if day else ""

    def table_day(self, day: date | None) -> str:
        r"""Date in a table.

        >>> locale("de").table_day(date(2026, 10, 1)), locale("en").table_day(date(2026, 10, 1))
        ('01.10.2026', '1\xa0Oct\xa02026')
        """
        return _day(day, self.date_table, self.babel) if day else ""


@cache
def _writer(group: str, point: str, digits: int) -> Callable[[int], str]:
    """The function that writes amounts of so many decimals: asked for half a million times."""
    unit = 10**digits

    def write(minor: int) -> str:
        whole, rest = divmod(abs(minor), unit)
        grouped = f"{whole:,}"
        if group != ",":
            grouped = grouped.replace(",", group)
        sign = "-" if minor < 0 else ""
        return f"{sign}{grouped}{point}{rest:0{digits}d}" if digits else f"{sign}{grouped}"

    return write


@lru_cache(maxsize=20_000)
def _day(day: date, pattern: str, name: str) -> str:
    from babel.dates import format_date

    text = format_date(day, pattern, locale=name).replace(" ", "\u00a0")
    # French writes the first of a month as an ordinal; CLDR patterns do not know it.
    first = name.startswith("fr") and day.day == 1 and text.startswith("1\u00a0")
    return f"1er{text[1:]}" if first else text


@cache
def locale(language: str) -> Locale:
    """Locale of a language of `data/letter_languages.csv`.

    Raises:
        BadValueError: no letters in that language.
    """
    from babel.numbers import get_decimal_symbol, get_group_symbol

    for row in data_rows("letter_languages.csv"):
        if row["language"] == language:
            return Locale(
                language=language,
                babel=row["locale"],
                group=get_group_symbol(row["locale"]).replace(NARROW, "\u00a0"),
                point=get_decimal_symbol(row["locale"]),
                money=row["money"],
                date_long=row["date_long"],
                date_table=row["date_table"],
                join=row["paragraph_join"],
                paper=row["paper"],
            )
    known = ", ".join(row["language"] for row in data_rows("letter_languages.csv"))
    raise BadValueError(f"There are no letters in '{language}': give one of {known}.")


def language_of(text: str, country: str = "") -> str | None:
    """Language of letters meant by a ledger: what it says, else the country's, else none.

    >>> language_of("Deutsch"), language_of("de-AT"), language_of("", "FR"), language_of("Klingon")
    ('de', 'de', 'fr', None)
    """
    said = text.strip().casefold().replace("_", "-")
    for row in data_rows("letter_languages.csv"):
        names = row["aliases"].split("|")
        if said and (said in names or said.split("-")[0] in names):
            return row["language"]
    if said:
        return None
    here = country.strip().upper()
    for row in data_rows("letter_languages.csv"):
        if here and here in row["countries"].split("|"):
            return row["language"]
    return None
