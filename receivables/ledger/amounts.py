"""Amounts as people write them, read exactly: 1,234.56 · 1.234,56 · (123.45) · 123.45- · ¥1,234."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

import polars as pl

from receivables import money
from receivables.ledger.choices import currency_words

NOISE = 6
"""Digits below the minor unit that must be zeros (or nines) to pass as the noise of a float."""

MARKS = {
    "auto": ("", ""),
    "auto.": (".", "."),
    "auto,": (",", ","),
    "number": (".", ""),
    "number,": ("", ","),
}
"""Decimal mark of `1.234` and of `1,234` under each rule; empty = two readings, so a fault.

`auto.` and `auto,`: the column's other values decided. `number`: the file stores numbers as such
(workbook, database), so a point is decimal, but a comma was typed as text.
"""

_PLAIN = r"^-?[0-9]{1,15}(?:\.[0-9]{1,2})?$"
_BODY = r"[0-9][0-9.,' ]*|\.[0-9]+"
_WORD = r"[^0-9\s.,'()+-][^0-9.,'()+-]*?"
_SHAPE = (
    rf"^(?P<open>\()?(?P<sign>[+-])?\s*(?P<front>{_WORD})?\s*(?P<sign2>[+-])?\s*"
    rf"(?P<body>{_BODY})(?P<power>[eE][+-]?[0-9]{{1,2}})?\s*"
    rf"(?P<sign3>[+-])?\s*(?P<back>{_WORD})?\s*(?P<sign4>[+-])?(?P<close>\))?$"
)
_SIGNS = ("open", "sign", "sign2", "sign3", "sign4")
_LONE = r"^[1-9][0-9]{0,2}[.,][0-9]{3}$"
_GROUPED = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3})"
_DOT = rf"^(?:[0-9]+|{_GROUPED})?(?:\.[0-9]*)?$"
_SPACED = r"^[0-9]{1,3}(?:[' ][0-9]{3})+(?:[.,][0-9]*)?$"
_QUOTES = "[’‘`´ʼ]"
_MINUS = "[−–—‐‑‒﹣－]"


class AmountError(ValueError):
    """An amount that cannot be read; the argument is the code of the Issue."""


def parse_amount(text: str, decimal: str = "auto", *, credit_sign: int = -1) -> Decimal:
    """One amount as an exact decimal, in major units: the row-by-row twin of `parse`.

    Args:
        text: the amount as written.
        decimal: decimal mark `.` or `,`, or a rule of `MARKS`.
        credit_sign: sign of an amount marked CR (−1 among documents, +1 among payments).

    Raises:
        AmountError: with the code of the Issue.

    >>> parse_amount("1.234,56"), parse_amount("(123.45)"), parse_amount("¥1,234", ".")
    (Decimal('1234.56'), Decimal('-123.45'), Decimal('1234'))
    >>> parse_amount("1,234")
    Traceback (most recent call last):
    receivables.ledger.amounts.AmountError: amount_ambiguous
    """
    shape = re.match(_SHAPE, _tidy(text))
    if shape is None or bool(shape["open"]) != bool(shape["close"]):
        raise AmountError("amount_text")
    signs = [shape[name] for name in _SIGNS if shape[name]]
    words = [fold_word(shape[name]) for name in ("front", "back") if shape[name]]
    side = [word for word in words if word in {"CR", "DR"}]
    names = [word for word in words if word not in {"CR", "DR"}]
    if len(signs) + len(side) > 1 or len(names) > 1 or not set(names) <= set(currency_words()):
        raise AmountError("amount_text")
    value = _number(shape["body"].strip(), "." if shape["power"] else decimal)
    if shape["power"]:
        value = value.scaleb(int(shape["power"][1:]))
    negative = bool(signs) and signs[0] != "+"
    if side:
        negative = (side[0] == "CR") == (credit_sign < 0)
    return -value if negative else value


def mark_of(body: str) -> str:
    """Decimal mark that the digits themselves prove: `.`, `,`, or nothing; `!` = impossible.

    >>> [mark_of(text) for text in ("1,234.56", "1.234.567", "12,5", "1,234", "1234", "0,123")]
    ['.', ',', ',', '', '', ',']
    """
    points, commas = body.count("."), body.count(",")
    if points + commas == 0 or re.match(_LONE, body):
        return ""
    if points and commas:
        last = max(".,", key=body.rfind)
        return last if body.count(last) == 1 else "!"
    used, other = (".", ",") if points else (",", ".")
    return other if points + commas > 1 else used


def detect_decimal(values: pl.Series) -> tuple[str | None, dict[str, int]]:
    """Decimal mark of a column, from the values that allow one reading only.

    Returns the mark (None where nothing, or everything, speaks for it) and the evidence: how many
    values prove each mark.

    >>> detect_decimal(pl.Series(["1,234", "99.50", None]))
    ('.', {'.': 1, ',': 0})
    """
    frame = values.drop_nulls().rename("text").to_frame()
    mark = frame.select(_marks(_tidied("text").str.extract(f"({_BODY})").str.strip_chars()))
    counts = {sign: int((mark.to_series() == sign).sum()) for sign in ".,"}
    proven = [sign for sign, count in counts.items() if count]
    return (proven[0] if len(proven) == 1 else None), counts


def parse(
    frame: pl.DataFrame,
    column: str,
    decimal: str | pl.Expr = "auto",
    currency: str = "currency",
    *,
    credit_sign: int = -1,
) -> pl.DataFrame:
    """Read a column of amounts as text into minor units of each row's currency.

    Returns one row per row of the frame with `minor` (int64, null where unreadable), `fault`
    (code of the Issue, null where fine) and `found` (currency named in the amount itself).

    Args:
        frame: holds the text and the currency codes.
        column: heading of the amounts.
        decimal: `.`, `,` or a rule of `MARKS`; or an expression that gives one for each row.
        currency: heading of the currency codes (null = two decimals).
        credit_sign: sign of an amount marked CR.

    >>> table = pl.DataFrame({"amount": ["1.234,56", "(5)"], "currency": ["EUR", "JPY"]})
    >>> parse(table, "amount")["minor"].to_list()
    [123456, -5]
    """
    rule = pl.lit(decimal) if isinstance(decimal, str) else decimal
    table = frame.select(
        pl.col(column).cast(pl.String).alias("text"),
        pl.col(currency).alias("code"),
        rule.alias("rule"),
    ).with_row_index("at")
    point = pl.col("text").str.contains(".", literal=True)
    plain = pl.col("text").str.contains(_PLAIN) & (~point | (pl.col("rule") != ","))
    table = table.with_columns(plain.fill_null(value=False).alias("plain"))
    nothing = pl.lit(None, pl.String)
    easy = table.filter("plain").select("at", "code", number="text", fault=nothing, found=nothing)
    hard = table.filter(~pl.col("plain") & pl.col("text").is_not_null())
    blank = table.filter(pl.col("text").is_null()).select(
        "at", minor=pl.lit(None, pl.Int64), fault=nothing, found=nothing
    )
    parts = [to_minor(easy), blank]
    if hard.height:
        parts.append(to_minor(_hard(hard, credit_sign)))
    return pl.concat(parts).sort("at").drop("at")


def to_minor(table: pl.DataFrame) -> pl.DataFrame:
    """Minor units of plain decimal texts (`number`), by currency (`code`): exact, never a float.

    Adds the faults `amount_decimals` (more decimals than the currency has) and `amount_absurd`.
    """
    digits = pl.col("code").replace_strict(money.exponents(), default=2, return_dtype=pl.Int64)
    size = pl.col("number").str.strip_prefix("-").str.split_exact(".", 1)
    whole = size.struct.field("field_0")
    rest = size.struct.field("field_1").fill_null("")
    parts = table.with_columns(
        digits.alias("digits"), whole.alias("whole"), rest.alias("rest")
    ).with_columns(
        pl.col("rest").str.slice(0, "digits").str.pad_end(4, "0").alias("kept"),
        pl.col("rest").str.slice("digits").str.strip_chars_end("0").alias("below"),
    )
    zeros, nines = "0" * NOISE, "9" * NOISE
    up = pl.col("below").str.starts_with(nines)
    noise = (pl.col("below") == "") | up | pl.col("below").str.starts_with(zeros)
    scale = pl.lit(10, pl.Int64).pow(4 - pl.col("digits")).cast(pl.Int64)
    unit = pl.lit(10, pl.Int64).pow(pl.col("digits")).cast(pl.Int64)
    long = pl.col("whole").str.strip_chars_start("0").str.len_bytes() > 14
    size_minor = (
        pl.when(~long).then(pl.col("whole").replace("", "0")).cast(pl.Int64) * unit
        + pl.col("kept").cast(pl.Int64) // scale
        + up.cast(pl.Int64)
    )
    sign = pl.when(pl.col("number").str.starts_with("-")).then(-1).otherwise(1)
    fault = (
        pl.when(pl.col("fault").is_not_null())
        .then("fault")
        .when(long | (size_minor > money.ABSURD))
        .then(pl.lit("amount_absurd"))
        .when(~noise)
        .then(pl.lit("amount_decimals"))
    )
    done = parts.with_columns(fault.alias("fault"), (size_minor * sign).alias("minor"))
    return done.select(
        "at",
        pl.when(pl.col("fault").is_null()).then("minor").alias("minor"),
        "fault",
        "found",
    )


def fold_word(word: str) -> str:
    """A currency word as `currency_words` knows it.

    >>> fold_word("eur "), fold_word("￥")
    ('EUR', '¥')
    """
    return unicodedata.normalize("NFKC", word).strip().upper()


def _tidy(text: str) -> str:
    text = re.sub(_QUOTES, "'", re.sub(_MINUS, "-", text))
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()


def _tidied(column: str) -> pl.Expr:
    text = pl.col(column).str.replace_all(_QUOTES, "'").str.replace_all(_MINUS, "-")
    return text.str.normalize("NFKC").str.replace_all(r"\s+", " ").str.strip_chars()


def _number(body: str, rule: str) -> Decimal:
    mark = mark_of(body)
    if re.match(_SPACED, body):
        body = re.sub("[' ]", "", body)
        mark = "," if "," in body else "."
    elif mark == "!" or re.search("[' ]", body):
        raise AmountError("amount_text")
    if rule in MARKS:
        if not mark and re.search("[.,]", body):
            mark = MARKS[rule]["," in body]
            if not mark:
                raise AmountError("amount_ambiguous")
        rule = mark or "."
    if rule == ",":
        body = body.translate({44: 46, 46: 44})
    if not re.match(_DOT, body):
        raise AmountError("amount_text")
    return Decimal(body.replace(",", ""))


def _marks(body: pl.Expr) -> pl.Expr:
    """`mark_of` as an expression."""
    points = body.str.count_matches(".", literal=True)
    commas = body.str.count_matches(",", literal=True)
    comma_last = body.str.contains(r",[^.]*$")
    return (
        pl.when(body.is_null() | (points + commas == 0) | body.str.contains(_LONE))
        .then(pl.lit(""))
        .when((points > 0) & (commas > 0) & comma_last)
        .then(pl.when(commas == 1).then(pl.lit(",")).otherwise(pl.lit("!")))
        .when((points > 0) & (commas > 0))
        .then(pl.when(points == 1).then(pl.lit(".")).otherwise(pl.lit("!")))
        .when((points == 1) | (commas > 1))
        .then(pl.lit("."))
        .otherwise(pl.lit(","))
    )


def _hard(table: pl.DataFrame, credit_sign: int) -> pl.DataFrame:
    """Take amounts apart that are more than a plain number: sign, words, grouping, power."""
    shape = _tidied("text").str.extract_groups(_SHAPE)
    parts = (
        table.with_columns(shape.alias("shape"))
        .unnest("shape")
        .with_columns(
            pl.col("body").str.strip_chars(),
            *(pl.col(name).str.strip_chars().str.to_uppercase() for name in ("front", "back")),
        )
    )
    parts = _words(parts, credit_sign)
    spaced = pl.col("body").str.contains(_SPACED)
    body = pl.when(spaced).then(pl.col("body").str.replace_all("[' ]", "")).otherwise("body")
    comma = pl.col("body").str.contains(",", literal=True)
    lone = [
        pl.col("rule").replace_strict(
            {rule: marks[at] for rule, marks in MARKS.items()}, default="", return_dtype=pl.String
        )
        for at in (0, 1)
    ]
    parts = parts.with_columns(
        body.alias("body"),
        pl.when(spaced)
        .then(pl.when(comma).then(pl.lit(",")).otherwise(pl.lit(".")))
        .otherwise(_marks(pl.col("body")))
        .alias("mark"),
    ).with_columns(
        pl.when(pl.col("power").is_not_null())
        .then(pl.lit("."))
        .when(~pl.col("rule").is_in(list(MARKS)))
        .then("rule")
        .when((pl.col("mark") == "") & pl.col("body").str.contains("[.,]"))
        .then(pl.when(comma).then(lone[1]).otherwise(lone[0]))
        .when(pl.col("mark") == "")
        .then(pl.lit("."))
        .otherwise("mark")
        .alias("use")
    )
    return _canonical(parts)


def _words(parts: pl.DataFrame, credit_sign: int) -> pl.DataFrame:
    """Sign and currency from what stands around the digits; `odd` marks what nobody can read."""
    known = currency_words()
    sides = pl.col("front").is_in(["CR", "DR"]), pl.col("back").is_in(["CR", "DR"])
    side = pl.when(sides[1]).then("back").when(sides[0]).then("front")
    front, back = (
        pl.when(~is_side).then(name)
        for name, is_side in zip(("front", "back"), sides, strict=True)
    )
    word = pl.coalesce(front, back)
    signs = pl.sum_horizontal(pl.col(name).is_not_null().cast(pl.Int8) for name in _SIGNS)
    both = pl.sum_horizontal(one.fill_null(value=False).cast(pl.Int8) for one in sides)
    sign = pl.coalesce(*_SIGNS)
    credit = pl.lit("CR" if credit_sign < 0 else "DR")
    odd = (
        pl.col("body").is_null()
        | (pl.col("open").is_null() != pl.col("close").is_null())
        | (signs + both > 1)
        | (front.is_not_null() & back.is_not_null())
        | (word.is_not_null() & ~word.is_in(list(known)))
    )
    return parts.with_columns(
        odd.fill_null(value=True).alias("odd"),
        pl.coalesce(side == credit, sign != "+", pl.lit(False)).alias("negative"),
        word.replace_strict(known, default=None, return_dtype=pl.String).alias("found"),
    )


def _canonical(parts: pl.DataFrame) -> pl.DataFrame:
    """Bring the digits to the form 1234.56 and name the fault of those that have none."""
    swapped = pl.col("body").str.replace_many([".", ","], [",", "."])
    body = pl.when(pl.col("use") == ",").then(swapped).otherwise("body")
    parts = parts.with_columns(body.alias("body"))
    wrong = (
        pl.col("odd")
        | ((pl.col("mark") == "!") & pl.col("use").ne(""))
        | (pl.col("use").ne("") & ~pl.col("body").str.contains(_DOT))
    )
    number = pl.col("body").str.replace_all(",", "", literal=True)
    parts = parts.with_columns(
        pl.when(wrong)
        .then(pl.lit("amount_text"))
        .when(pl.col("use") == "")
        .then(pl.lit("amount_ambiguous"))
        .alias("fault")
    ).with_columns(pl.when(pl.col("fault").is_null()).then(number).alias("number"))
    powers = parts.filter(pl.col("power").is_not_null() & pl.col("number").is_not_null())
    if powers.height:
        pairs = powers.select("number", "power").unique().rows()
        plain = {n + p: format(Decimal(n).scaleb(int(p[1:])), "f") for n, p in pairs}
        key = pl.col("number") + pl.col("power")
        parts = parts.with_columns(
            pl.when(pl.col("power").is_not_null())
            .then(key.replace_strict(plain, default=None, return_dtype=pl.String))
            .otherwise("number")
            .alias("number")
        )
    sign = pl.when("negative").then(pl.lit("-")).otherwise(pl.lit(""))
    return parts.select("at", "code", (sign + pl.col("number")).alias("number"), "fault", "found")
