"""Dates as files write them. Day and month are told apart by proof or by the mapping, never by luck."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import cache

import polars as pl

from receivables import days

FIRST_YEAR, LAST_YEAR = 1980, 2100
"""Years of a living ledger; outside them a date is a slip of the keyboard or a wrong format."""

_ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T]00:00:00(?:\.0+)?)?$"
_TIME = re.compile(
    r"[\sT]+\d{1,2}[:.]\d{2}([:.]\d{2}([.,]\d+)?)?\s*([ap]\.?m\.?)?\s*(Z|[+-]\d\d:?\d\d)?$",
    re.IGNORECASE,
)
_YMD = re.compile(r"^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$")
_PAIR = re.compile(r"^(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})$")
_CHINESE = re.compile(r"^(\d{4})年(\d{1,2})月(\d{1,2})[日号]?$")
_NAMED_DAY = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)?[-/. ]+([^\W\d]+)[-/. ,]+(\d{4}|\d{2})$")
_NAMED_MONTH = re.compile(r"^([^\W\d]+)[-/. ]+(\d{1,2})(?:st|nd|rd|th)?[-/. ,]+(\d{4}|\d{2})$")
_SERIAL = re.compile(r"^(\d{5})(?:\.\d*)?$")
_MONTH = re.compile(r"^(\d{4})[-/.年]?(\d{2}|\d)月?$")
_NAMED = re.compile(r"^([^\W\d]+)[-/. ]+(\d{4})$")
_BLANK = {"0", "00000000", "0000-00-00", "00.00.0000", "00/00/0000", "00-00-0000"}
_NAMES = (
    "jan january januar jänner janvier janv ene enero",
    "feb february februar fév févr février febrero",
    "mar march mär mrz märz mars marzo",
    "apr april avr avril abr abril",
    "may mai mayo",
    "jun june juni juin junio",
    "jul july juli juil juillet julio",
    "aug august aoû août ago agosto",
    "sep sept september septembre septiembre",
    "oct october okt oktober octobre octubre",
    "nov november novembre noviembre",
    "dec december dez dezember déc décembre dic diciembre",
)


class DateError(ValueError):
    """A date that cannot be read; the argument is the code of the Issue."""


def read_day(
    text: str, order: str = "", *, date1904: bool = False, month: bool = False
) -> date | None:
    """One date; None for the noughts that some systems write for "no date".

    Args:
        text: the date as written.
        order: `dmy`, `mdy` or `ymd`, in capitals `Y` where two-digit years are meant
            (`dmY`); empty = only dates with one reading.
        date1904: serial numbers count from 1904.
        month: the first of the month stands for a month ("2026-10").

    Raises:
        DateError: with the code of the Issue.

    >>> read_day("30.09.2026"), read_day("2026年9月30日"), read_day("46295")
    (datetime.date(2026, 9, 30), datetime.date(2026, 9, 30), datetime.date(2026, 9, 30))
    >>> read_day("03/04/2026", "mdy"), read_day("30-Sep-2026"), read_day("2026-10", month=True)
    (datetime.date(2026, 3, 4), datetime.date(2026, 9, 30), datetime.date(2026, 10, 1))
    >>> read_day("03/04/2026")
    Traceback (most recent call last):
    receivables.ledger.dates.DateError: date_ambiguous
    """
    text = _tidy(text)
    if text in _BLANK:
        return None
    if found := _MONTH.match(text) if month else None:
        return _made(found[1], found[2], "1")
    if found := _NAMED.match(text) if month else None:
        return _made(found[2], _month(found[1]), "1")
    if found := _YMD.match(text):
        return _made(found[1], found[3], found[4])
    if found := _CHINESE.match(text):
        return _made(found[1], found[2], found[3])
    if found := _PAIR.match(text):
        return _paired(found, order)
    if found := _NAMED_DAY.match(text):
        return _made(_year(found[3], order), _month(found[2]), found[1])
    if found := _NAMED_MONTH.match(text):
        return _made(_year(found[3], order), _month(found[1]), found[2])
    return _digits(text, order, date1904=date1904)


def readings(text: str) -> tuple[date, date] | None:
    """Both readings of an ambiguous date: day first, then month first.

    >>> readings("03/04/2026")
    (datetime.date(2026, 4, 3), datetime.date(2026, 3, 4))
    """
    found = _PAIR.match(_tidy(text))
    if not found or len(found[4]) == 2:
        return None
    try:
        return _made(found[4], found[3], found[1]), _made(found[4], found[1], found[3])
    except DateError:
        return None


def order_of(text: str) -> str:
    """Order of day and month that one date proves: `dmy`, `mdy`, or nothing.

    >>> order_of("13/02/2026"), order_of("02/13/2026"), order_of("02/03/2026"), order_of("05/05/2026")
    ('dmy', 'mdy', '', '')
    """
    found = _PAIR.match(_tidy(text))
    if not found:
        return ""
    first, second = int(found[1]), int(found[3])
    if first > 12 >= second:
        return "dmy"
    return "mdy" if second > 12 >= first else ""


def detect_order(values: pl.Series) -> tuple[str | None, dict[str, int]]:
    """Order of day and month in a column, from the dates that prove it, with the evidence.

    None where nothing proves it, or where the proofs contradict each other.

    >>> detect_order(pl.Series(["03/04/2026", "25/04/2026"]))
    ('dmy', {'dmy': 1, 'mdy': 0})
    """
    odd = values.drop_nulls()
    odd = odd.filter(~odd.str.contains(_ISO))
    counts = {"dmy": 0, "mdy": 0}
    for text, count in odd.value_counts(name="n").rows():
        if order := order_of(text):
            counts[order] += count
    proven = [order for order, count in counts.items() if count]
    return (proven[0] if len(proven) == 1 else None), counts


def order_from(date_format: str) -> str:
    """Order named by a mapping's `date_format`, in strptime or spreadsheet style.

    Raises:
        ValueError: the format does not name day, month and year once each.

    >>> order_from("dd-mm-yyyy"), order_from("%m/%d/%Y"), order_from("yyyymmdd"), order_from("d.m.yy")
    ('dmy', 'mdy', 'ymd', 'dmY')
    """
    text = date_format.strip()
    if "%" in text:
        text = text.replace("%e", "%d").replace("%b", "%m").replace("%B", "%m")
        text = text.replace("%Y", "yyyy").replace("%y", "yy").replace("%d", "dd")
        text = text.replace("%m", "mm").split("%")[0]
    else:
        year = "y" if "t" in text.lower() else "d"
        text = text.lower().replace("j", year).replace("t", "d").replace("a", "y").split("h")[0]
    runs = re.findall(r"d+|m+|y+", text)
    if sorted(run[0] for run in runs) != ["d", "m", "y"]:
        raise ValueError(date_format)
    return "".join("Y" if run == "yy" else run[0] for run in runs)


def parse(
    values: pl.Series,
    order: str = "",
    *,
    date1904: bool = False,
    month: bool = False,
    years: tuple[int, int] = (FIRST_YEAR, LAST_YEAR),
) -> pl.DataFrame:
    """Read a column of dates: `day`, and `fault` with the code of the Issue.

    ISO dates take a fast path; of the others each different text is read once.

    Args:
        values: dates as text.
        order: as in `read_day`.
        date1904: serial numbers count from 1904.
        month: a month may stand for its first day.
        years: first and last year that is believed.

    >>> parse(pl.Series(["2026-09-30", "31.12.2026", "soon"])).rows()
    [(datetime.date(2026, 9, 30), None), (datetime.date(2026, 12, 31), None), (None, 'date_text')]
    """
    table = values.rename("text").cast(pl.String).to_frame()
    iso = pl.when(pl.col("text").str.contains(_ISO)).then(pl.col("text").str.slice(0, 10))
    table = table.with_columns(iso.str.to_date("%Y-%m-%d", strict=False).alias("day"))
    odd = table.filter(pl.col("day").is_null())["text"].drop_nulls().unique()
    fault = pl.lit(None, pl.String)
    if odd.len():
        read = [_outcome(text, order, date1904, month) for text in odd]
        found = pl.DataFrame(
            {"text": odd, "read": [day for day, _ in read], "fault": [code for _, code in read]},
            schema_overrides={"read": pl.Date, "fault": pl.String},
        )
        table = table.join(found, on="text", how="left", maintain_order="left")
        table = table.with_columns(pl.coalesce("day", "read").alias("day"))
        fault = pl.col("fault")
    year = pl.col("day").dt.year()
    strange = (year < years[0]) | (year > years[1])
    fault = pl.when(strange).then(pl.lit("date_year")).otherwise(fault)
    return table.select(pl.when(fault.is_null()).then("day").alias("day"), fault.alias("fault"))


def _outcome(text: str, order: str, date1904: bool, month: bool) -> tuple[date | None, str | None]:
    try:
        return read_day(text, order, date1904=date1904, month=month), None
    except DateError as fault:
        return None, str(fault)


def _tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
    return _TIME.sub("", text).strip(" ,")


def _paired(found: re.Match[str], order: str) -> date:
    first, mark, second, year = found.groups()
    year = _year(year, order)
    sure = order.lower() if order else order_of(found[0])
    if not sure and mark in {".", " "}:
        sure = "dmy"
    if not sure and first == second:
        sure = "dmy"
    if not sure:
        raise DateError("date_ambiguous")
    if sure == "ymd":
        raise DateError("date_text")
    day, month = (first, second) if sure.index("d") < sure.index("m") else (second, first)
    return _made(year, month, day)


def _digits(text: str, order: str, *, date1904: bool) -> date:
    if found := _SERIAL.match(text):
        return days.from_serial(int(found[1]), date1904=date1904)
    text = text.removesuffix(".0")
    if not re.fullmatch(r"\d{8}", text):
        raise DateError("date_text")
    if order in {"dmy", "mdy"}:
        day, month = (text[:2], text[2:4]) if order == "dmy" else (text[2:4], text[:2])
        return _made(text[4:], month, day)
    return _made(text[:4], text[4:6], text[6:])


def _year(text: str, order: str) -> str:
    if len(text) == 4:
        return text
    if "Y" not in order:
        raise DateError("date_short_year")
    return f"{'20' if int(text) < 70 else '19'}{text}"


def _made(year: str, month: str, day: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise DateError("date_text") from None


def _month(name: str) -> str:
    found = _month_names().get(name.casefold())
    if found is None:
        raise DateError("date_text")
    return found


@cache
def _month_names() -> dict[str, str]:
    return {name: str(number) for number, names in enumerate(_NAMES, 1) for name in names.split()}
