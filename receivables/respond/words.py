"""An amount in words: 大写金额 as Chinese banks want it, and English for letters and cheques."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache

from receivables import money
from receivables.errors import BadValueError, DomainError
from receivables.resources import data_rows

LARGEST = Decimal(10) ** 16
"""Beyond this neither 万亿 nor a spreadsheet's 15 digits hold."""

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")
_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_THOUSANDS = ("", "thousand", "million", "billion", "trillion", "quadrillion")


def amount_in_words(amount: Decimal, currency: str = "CNY", language: str = "zh") -> str:
    """The amount in words, in major and minor units of the currency.

    Chinese by 支付结算办法 annex 1: 整 where nothing follows the unit, 零 for gaps, no 壹 left out
    before 拾; the 零 that annex 1 leaves free is left out. English spells both units. More decimals than the currency has are refused, not rounded.

    Args:
        amount: money in major units.
        currency: ISO 4217 code.
        language: `zh` or `en`.

    Raises:
        DomainError: too many decimals, or 10^16 and more.
        BadValueError: an unknown currency or language.

    >>> amount_in_words(Decimal("107000.53"))
    '人民币壹拾万柒仟元伍角叁分'
    >>> amount_in_words(Decimal("1409.50")), amount_in_words(Decimal("6007.14"))
    ('人民币壹仟肆佰零玖元伍角整', '人民币陆仟零柒元壹角肆分')
    >>> amount_in_words(Decimal("1234.05"), "EUR", "en")
    'one thousand two hundred thirty-four euros and five cents'
    """
    code = currency.strip().upper()
    digits = _exponent(code)
    minor = amount.scaleb(digits)
    if minor != minor.to_integral_value():
        raise DomainError(
            f"{amount:f} has more decimals than {code} ({digits}). Round it where it is posted, not here."
        )
    if abs(amount) >= LARGEST:
        raise DomainError(f"{amount:f} is too large to write in words.")
    writers: dict[str, Callable[[int, int, str, bool], str]] = {"zh": _chinese, "en": _english}
    if language not in writers:
        raise BadValueError(f"'{language}' is no language of amounts in words. Use zh or en.")
    whole, part = divmod(abs(int(minor)), 10**digits)
    return writers[language](whole, part, code, amount < 0)


@cache
def _words(currency: str) -> dict[str, str]:
    for row in data_rows("amount_words.csv"):
        if row["currency"] == currency:
            return row
    return {}


def _exponent(currency: str) -> int:
    if currency not in money.exponents():
        raise BadValueError(f"'{currency}' is no currency code of ISO 4217. Write CNY, EUR, USD …")
    return money.exponent(currency)


def _chinese(whole: int, part: int, currency: str, negative: bool) -> str:
    known = _words(currency)
    name = known.get("zh_name") or currency
    unit = known.get("zh_unit") or "元"
    text = f"{_chinese_number(whole)}{unit}" if whole or not part else ""
    text += _chinese_part(part, money.exponent(currency), known, after=bool(whole))
    return name + ("负" if negative else "") + text


def _chinese_part(part: int, digits: int, known: dict[str, str], *, after: bool) -> str:
    """Jiao and fen, or the minor unit in one where the currency has no tenths."""
    if not part:
        return "整"
    if known.get("zh_minor") or digits != 2:
        return _chinese_number(part) + (known.get("zh_minor") or f"/{10**digits}")
    jiao, fen = divmod(part, 10)
    text = f"{_DIGITS[jiao]}角" if jiao else "零" * after
    return f"{text}{_DIGITS[fen]}分" if fen else f"{text}整"


def _chinese_number(number: int) -> str:
    """Groups of four digits; one 零 for every gap.

    >>> [_chinese_number(number) for number in (0, 10, 10_001, 100_000_010, 20_300)]
    ['零', '壹拾', '壹万零壹', '壹亿零壹拾', '贰万零叁佰']
    """
    if not number:
        return _DIGITS[0]
    text, gap, rest, groups = "", False, number, []
    while rest:
        rest, group = divmod(rest, 10_000)
        groups.append(group)
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if not group:
            gap = bool(text)
            continue
        text += (
            "零" * (bool(text) and (gap or group < 1000)) + _four(group) + _group(place, groups)
        )
        gap = False
    return text


def _group(place: int, groups: list[int]) -> str:
    """万亿 is said once: 壹万亿, but 壹万贰仟亿."""
    if place == 3 and groups[2]:
        return _GROUPS[1]
    return _GROUPS[place]


def _four(group: int) -> str:
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit:
            text += "零" * gap + _DIGITS[digit] + _PLACES[place]
            gap = False
        else:
            gap = bool(text)
    return text


def _english(whole: int, part: int, currency: str, negative: bool) -> str:
    known = _words(currency)
    major = known.get("en_one" if whole == 1 else "en_many") or currency
    text = f"{'minus ' if negative else ''}{_english_number(whole)} {major}"
    if not part:
        return text
    minor = known.get("en_minor_one" if part == 1 else "en_minor_many")
    if minor:
        return f"{text} and {_english_number(part)} {minor}"
    size = money.exponent(currency)
    return f"{text} and {part:0{size}d}/{10**size}"


def _english_number(number: int) -> str:
    """Short scale, no "and": 1,234 = one thousand two hundred thirty-four.

    >>> _english_number(1_000_015)
    'one million fifteen'
    """
    if not number:
        return _ONES[0]
    parts, rest, place = [], number, 0
    while rest:
        rest, group = divmod(rest, 1000)
        if group:
            parts.append(f"{_three(group)} {_THOUSANDS[place]}".strip())
        place += 1
    return " ".join(reversed(parts))


def _three(group: int) -> str:
    hundreds, rest = divmod(group, 100)
    parts = [f"{_ONES[hundreds]} hundred"] if hundreds else []
    if rest >= 20:
        tens, ones = divmod(rest, 10)
        parts.append(_TENS[tens] + (f"-{_ONES[ones]}" if ones else ""))
    elif rest:
        parts.append(_ONES[rest])
    return " ".join(parts)
