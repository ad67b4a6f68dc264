"""Words of the result sheets in the language of the report."""

from __future__ import annotations

import re
from functools import cache

from receivables.resources import data_rows

_DAYS = re.compile(r"(?<=[0-9+]) d$")


@cache
def _texts(language: str) -> dict[str, str]:
    return {row["key"]: row[language] for row in data_rows("report_labels.csv")}


def label(key: str, language: str, **values: object) -> str:
    """Text of a key (`data/report_labels.csv`).

    >>> label("days_past_due", "en"), label("days_past_due", "zh")
    ('Days past due', '逾期天数')
    >>> label("aging.customers", "en", count=83)
    '83 customers'
    """
    text = _texts(language)[key]
    return text.format(**values) if values else text


def term(prefix: str, value: str, language: str) -> str:
    """A word of the trade (kind, level, finding), or the value itself where the list lacks it.

    >>> term("kind", "credit_note", "en"), term("kind", "barter", "en")
    ('credit note', 'barter')
    """
    return _texts(language).get(f"{prefix}.{value}", value)


def terms(prefix: str, language: str) -> dict[str, str]:
    """All words with a prefix: value → text."""
    start = f"{prefix}."
    return {
        key.removeprefix(start): text
        for key, text in _texts(language).items()
        if key.startswith(start)
    }


def bucket_text(name: str, language: str) -> str:
    """Heading of a bucket.

    >>> bucket_text("31-60 d", "en"), bucket_text("31-60 d", "zh"), bucket_text("Current", "zh")
    ('31-60 d', '31-60天', '未到期')
    >>> bucket_text("1年以内", "en"), bucket_text("1年以内", "zh")
    ('Up to 1 year', '1年以内')
    """
    known = term("bucket", name, language)
    if known != name or language == "en":
        return known
    return _DAYS.sub("天", name)


@cache
def sheet(sheet_id: str, language: str) -> tuple[str, str]:
    """Sheet name and table name (`data/sheets.csv`).

    >>> sheet("open_items", "en"), sheet("open_items", "zh")
    (('Open items', 'Open_items'), ('未清项目', 'Open_items'))
    """
    row = next(row for row in data_rows("sheets.csv") if row["id"] == sheet_id)
    return row[language], row["table"]


def name_part(text: str) -> str:
    """Text fit for the name of a table.

    >>> name_part("EUR"), name_part("R$")
    ('EUR', 'R_')
    """
    return re.sub(r"\W", "_", text)
