"""Turn one table of text into typed columns; what cannot be read becomes an Issue, never a guess."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import polars as pl

from receivables.ledger.amounts import AmountError, parse_amount
from receivables.ledger.choices import choice_of, flag_of
from receivables.ledger.frame_types import POLARS_TYPES
from receivables.ledger.keys import folded
from receivables.ledger.model import RawTable
from receivables.ledger.schema import Column, tables
from receivables.ledger.sheet import KEYS, MONEY_TABLES, Run, Sheet
from receivables.ledger.typed_amounts import read_amounts, read_currencies
from receivables.ledger.typed_dates import read_dates

ERROR_CELL = r"^#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)$"


def typed(raw: RawTable, run: Run) -> pl.DataFrame:
    """The typed columns of a table, its extra columns, `_aside` (why not used) and `_amount`."""
    sheet = _prepared(raw, run)
    columns = tables()[raw.name]
    _absent(sheet, columns)
    _error_cells(sheet, columns)
    _blanks(sheet, columns)
    read_currencies(sheet, columns)
    for column in columns.values():
        if column.name in sheet.had and column.type in _READERS:
            _READERS[column.type](sheet, column)
    read_amounts(sheet, [column for column in columns.values() if column.type == "amount"])
    _default_kinds(sheet)
    read_dates(sheet, [column for column in columns.values() if column.type == "date"])
    return _finished(sheet, columns)


def _prepared(raw: RawTable, run: Run) -> Sheet:
    frame = raw.frame
    columns = tables()[raw.name]
    texts = [n for n, kind in frame.schema.items() if n not in {"_source", "_row"}]
    frame = frame.with_columns(
        pl.col(texts).cast(pl.String).str.strip_chars().replace("", None),
        pl.lit(None, pl.String).alias("_aside"),
    )
    for name, value in run.mapping[raw.name].constants.items():
        kept = pl.col(name) if name in frame.columns else pl.lit(None, pl.String)
        frame = frame.with_columns(kept.fill_null(pl.lit(value)).alias(name))
    had = frozenset(
        n for n in columns if n in frame.columns and frame[n].null_count() < frame.height
    )
    missing = [pl.lit(None, pl.String).alias(n) for n in columns if n not in frame.columns]
    return Sheet(run, raw.name, frame.with_columns(missing), had)


def _absent(sheet: Sheet, columns: dict[str, Column]) -> None:
    """Columns that the file lacks altogether: one Issue, and a stand-in where there is one."""
    if sheet.frame.is_empty():
        return
    stand_ins = {"issued_on": "posted_on", "paid_on": "posted_on", "customer_id": "customer_name"}
    for column in columns.values():
        if column.name in sheet.had or not sheet.essential(column) or not column.required:
            continue
        other = stand_ins.get(column.name, "")
        if other in sheet.had:
            sheet.frame = sheet.frame.with_columns(pl.col(other).alias(column.name))
            sheet.had |= {column.name}
            if other == "posted_on":
                sheet.run.findings.one("date_from_posting", sheet.table, column.name)
        elif column.name != "kind":
            sheet.run.findings.one("column_missing", sheet.table, column.name)
            sheet.aside("column_missing", pl.lit(True))


def _error_cells(sheet: Sheet, columns: dict[str, Column]) -> None:
    """Spreadsheet errors in text and keys; amounts and dates report their own."""
    for column in columns.values():
        if column.name not in sheet.had or column.type not in {"text", "key", "currency"}:
            continue
        wrong = sheet.frame[column.name].str.contains(ERROR_CELL).fill_null(value=False)
        if not wrong.any():
            continue
        sheet.fault(column, "key_error" if sheet.essential(column) else "cell_error", wrong)
        if not sheet.essential(column):
            cleared = pl.when(~wrong).then(column.name).alias(column.name)
            sheet.frame = sheet.frame.with_columns(cleared)


def _blanks(sheet: Sheet, columns: dict[str, Column]) -> None:
    codes = {"amount": "amount_missing", "date": "date_missing", "choice": "choice_missing"}
    for column in columns.values():
        if column.name not in sheet.had or not sheet.essential(column):
            continue
        if column.type == "currency" and sheet.table in MONEY_TABLES:
            continue
        if column.type == "choice" and not column.required:
            continue
        if (sheet.table, column.name) == ("documents", "document_no"):
            continue  # may be a total row: check_documents decides
        blank = sheet.frame[column.name].is_null()
        code = codes.get(column.type, "key_missing")
        sheet.fault(column, code, blank, choices=", ".join(column.choices))


def _default_kinds(sheet: Sheet) -> None:
    """Documents without a column of kinds go by their sign; a payment is a payment."""
    if sheet.table == "documents" and "kind" not in sheet.had and sheet.frame.height:
        by_sign = pl.when(pl.col("amount") < 0).then(pl.lit("credit_note"))
        sheet.frame = sheet.frame.with_columns(by_sign.otherwise(pl.lit("invoice")).alias("kind"))
        sheet.run.findings.one(
            "kind_by_sign", "documents", "kind", negative="credit_note", positive="invoice"
        )
    if sheet.table == "payments":
        unknown = pl.col("_aside").is_not_null()
        filled = pl.when(pl.col("kind").is_null() & ~unknown).then(pl.lit("payment"))
        sheet.frame = sheet.frame.with_columns(filled.otherwise("kind").alias("kind"))


def _by_value(
    sheet: Sheet, column: Column, read: Callable[[str], Any]
) -> tuple[pl.Series, pl.Series]:
    """Read each different text of a column once: the values, and which texts have none."""
    texts = sheet.frame[column.name]
    different = texts.drop_nulls().unique()
    found = pl.DataFrame(
        {column.name: different, "_read": [read(text) for text in different]},
        schema_overrides={"_read": POLARS_TYPES[column.type]},
    )
    values = sheet.frame.select(column.name).join(
        found, on=column.name, how="left", maintain_order="left"
    )["_read"]
    return values.alias(column.name), texts.is_not_null() & values.is_null()


def _read_choice(sheet: Sheet, column: Column) -> None:
    kinds: dict[str, str] = {}
    if column.name == "kind":
        kinds = sheet.run.mapping["documents"].kinds | sheet.run.mapping[sheet.table].kinds
        kinds = {code: kind for code, kind in kinds.items() if kind in column.choices}
    values, wrong = _by_value(
        sheet, column, lambda text: choice_of(sheet.table, column.name, text, kinds)
    )
    if wrong.any():
        sheet.fault(column, "choice_unknown", wrong, choices=", ".join(column.choices))
    sheet.put(column.name, values)


def _read_flag(sheet: Sheet, column: Column) -> None:
    values, wrong = _by_value(sheet, column, flag_of)
    if wrong.any():
        sheet.fault(column, "flag_unknown", wrong)
    sheet.put(column.name, values)


def _read_integer(sheet: Sheet, column: Column) -> None:
    values, wrong = _by_value(sheet, column, lambda text: integer_of(text, column.name))
    if wrong.any():
        sheet.fault(column, "number_text", wrong)
    sheet.put(column.name, values)


def _read_number(sheet: Sheet, column: Column) -> None:
    def number(text: str) -> float | None:
        found = decimal_of(text.removesuffix("%"))
        if found is None:
            return None
        return float(found / 100 if text.endswith("%") else found)

    values, wrong = _by_value(sheet, column, number)
    if wrong.any():
        sheet.fault(column, "number_text", wrong)
    if column.type == "share":
        range_wrong = ((values < 0) | (values > 1)).fill_null(value=False)
        if range_wrong.any():
            sheet.fault(column, "share_range", range_wrong)
            values = pl.select(pl.when(~range_wrong).then(values)).to_series()
    sheet.put(column.name, values)


def _read_rate(sheet: Sheet, column: Column) -> None:
    def rate(text: str) -> str | None:
        found = decimal_of(text)
        return None if found is None else format(found, "f")

    values, wrong = _by_value(sheet, column, rate)
    if wrong.any():
        sheet.fault(column, "number_text", wrong)
    low = (values.cast(pl.Float64) <= 0).fill_null(value=False)
    if low.any():
        sheet.fault(column, "rate_not_positive", low)
    sheet.put(column.name, values)


def decimal_of(text: str) -> Decimal | None:
    """A rate or share; a single point is its decimal mark, a lone comma before three digits is not read.

    >>> decimal_of("1.085"), decimal_of("7,8125"), decimal_of("1,234")
    (Decimal('1.085'), Decimal('7.8125'), None)
    """
    try:
        return parse_amount(text, "number")
    except AmountError:
        return None


def integer_of(text: str, column: str = "") -> int | None:
    """A whole number; payment terms and instalments may stand in words.

    >>> integer_of("30.0"), integer_of("Net 30", "terms_days"), integer_of("1/3", "instalment")
    (30, 30, 1)
    >>> integer_of("2/10 net 30", "terms_days"), integer_of("1.5"), integer_of("thirty")
    (30, None, None)
    """
    if found := re.fullmatch(r"([+-]?\d{1,18})(?:\.0*)?", text):
        return int(found[1])
    if column == "terms_days":
        found = re.search(r"\b(?:net|netto|n)\W*(\d{1,3})\b", text, re.IGNORECASE)
        if found or len(numbers := re.findall(r"\d+", text)) == 1:
            return int(found[1] if found else numbers[0])
    if column == "instalment":
        found = re.fullmatch(r"(\d{1,4})\s*(?:/|of|von|de|sur)\s*\d{1,4}", text, re.IGNORECASE)
        return int(found[1]) if found else None
    return None


def _finished(sheet: Sheet, columns: dict[str, Column]) -> pl.DataFrame:
    frame = sheet.frame
    for name, column in columns.items():
        if frame.schema[name] != POLARS_TYPES[column.type]:
            frame = frame.with_columns(pl.col(name).cast(POLARS_TYPES[column.type]))
    for key, name in KEYS.get(sheet.table, {}).items():
        frame = frame.with_columns(folded(frame[name]).alias(key))
    keep = {"_source", "_row", "_aside", "_amount"}
    extra = [n for n in frame.columns if n not in columns and not n.startswith("_")]
    order = [*columns, *extra, *(n for n in frame.columns if n in keep)]
    frame = frame.select(order)
    return frame.with_columns(pl.col("_source").cast(pl.Int32), pl.col("_row").cast(pl.Int64))


_READERS: dict[str, Callable[[Sheet, Column], None]] = {
    "choice": _read_choice,
    "flag": _read_flag,
    "integer": _read_integer,
    "number": _read_number,
    "share": _read_number,
    "rate": _read_rate,
}
