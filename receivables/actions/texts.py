"""Sentences that actions say, in the user's language."""

from __future__ import annotations

from functools import cache

from receivables.resources import data_rows


def say(key: str, language: str, **values: object) -> str:
    """A sentence of `data/action_texts.csv` with its values.

    >>> say("left_out", "en"), say("left_out", "zh")
    ('left out', '省略')
    """
    return _texts()[key][language].format_map(values)


@cache
def _texts() -> dict[str, dict[str, str]]:
    return {row["key"]: row for row in data_rows("action_texts.csv")}
