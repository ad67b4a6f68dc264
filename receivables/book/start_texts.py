"""Words of Start, Settings and the input sheets in both languages."""

from __future__ import annotations

from functools import cache

from receivables.resources import data_rows

ENGLISH, CHINESE = "English", "中文"
SWITCH = (3, 4)
"""Row and column of the language's switch on the sheet Start."""


@cache
def _texts() -> dict[str, dict[str, str]]:
    return {row["key"]: row for row in data_rows("start_texts.csv")}


def said(key: str, language: str) -> str:
    """Text of a key (`data/start_texts.csv`).

    >>> said("step3", "en"), said("step3", "zh")
    ('Refresh', '刷新')
    """
    return _texts()[key][language]
