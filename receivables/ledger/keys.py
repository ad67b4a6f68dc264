"""Match keys: when two spellings are one number, and when they only look alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

import polars as pl

from receivables.resources import data_toml

_PLAIN = r"^[!-~]*$"
_LETTERS = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "æ": "ae", "å": "aa", "ł": "l", "đ": "d"}


def fold(key: str) -> str:
    """The form in which keys are compared: full-width, case and blanks folded, zeros kept.

    >>> fold("  ＡＢＣ  001 "), fold("00123")
    ('abc 001', '00123')
    """
    return " ".join(unicodedata.normalize("NFKC", key).casefold().split())


def folded(keys: pl.Series) -> pl.Series:
    """`fold` of a column; plain ASCII keys take a fast path.

    >>> folded(pl.Series(["R-1", " r-1", None, "Ｒ－1"])).to_list()
    ['r-1', 'r-1', None, 'r-1']
    """
    frame = keys.rename("key").to_frame()
    plain = frame.select(
        pl.when(pl.col("key").str.contains(_PLAIN)).then(pl.col("key").str.to_lowercase())
    ).to_series()
    if plain.null_count() == keys.null_count():
        return plain.alias(keys.name)
    odd = frame.filter(plain.is_null() & keys.is_not_null()).to_series()
    return plain.fill_null(_mapped(frame, odd, fold)).alias(keys.name)


def loose(key: str) -> str:
    """What is left of a key without punctuation and leading zeros: look-alikes share it.

    >>> loose("00123"), loose("RE-2026/00017"), loose("re 2026 00017"), loose("000")
    ('123', 're202600017', 're202600017', '0')
    """
    body = "".join(sign for sign in fold(key) if sign.isalnum())
    return body.lstrip("0") or body[-1:]


def loosened(keys: pl.Series) -> pl.Series:
    """`loose` of a column of already folded keys."""
    body = keys.str.replace_all(r"[^\p{L}\p{N}]", "")
    bare = body.str.strip_chars_start("0")
    return pl.select(pl.when(bare == "").then(body.str.tail(1)).otherwise(bare)).to_series()


def loose_name(name: str) -> tuple[str, str]:
    """A firm's name without punctuation and accents, and its legal form apart.

    >>> loose_name("Müller G.m.b.H."), loose_name("MUELLER GMBH"), loose_name("上海贸易有限公司")
    (('mueller', 'gmbh'), ('mueller', 'gmbh'), ('上海贸易', '有限公司'))
    """
    text = "".join(_LETTERS.get(sign, sign) for sign in fold(unicodedata.normalize("NFC", name)))
    text = unicodedata.normalize("NFKD", text.replace("&", " and "))
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    text = re.sub(r"(?<=\b\w)[./]\s?(?=\w\b)", "", text)
    words = re.sub(r"[^\w]+", " ", text).split()
    forms = _forms()
    form: list[str] = []
    while len(words) > 1 and (words[-1] in forms or (form and words[-1] == "and")):
        form.insert(0, forms.get(words.pop(), ""))
    base = "".join(words)
    ending = next((form for form in forms if base.endswith(form)), "") if _chinese(base) else ""
    if not form and ending and base != ending:
        return base.removesuffix(ending), ending
    return base, " ".join(filter(None, form))


@cache
def _forms() -> dict[str, str]:
    """Legal forms by spelling → one spelling, longest first."""
    pairs = {
        spelling: form
        for form, spellings in data_toml("legal_forms.toml")["forms"].items()
        for spelling in [form, *spellings]
    }
    return dict(sorted(pairs.items(), key=lambda pair: -len(pair[0])))


def _chinese(text: str) -> bool:
    return any("一" <= sign <= "鿿" for sign in text)


def _mapped(frame: pl.DataFrame, odd: pl.Series, function: Callable[[str], str]) -> pl.Series:
    values = odd.unique()
    found = pl.DataFrame(
        {"key": values, "_found": pl.Series([function(text) for text in values], dtype=pl.String)}
    )
    return frame.join(found, on="key", how="left", maintain_order="left")["_found"]
