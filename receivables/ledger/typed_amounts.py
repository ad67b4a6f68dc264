"""Currencies and amounts of one table: the decimal mark per file, the minor unit per row."""

from __future__ import annotations

import polars as pl

from receivables import money
from receivables.ledger.amounts import MARKS, AmountError, detect_decimal, parse, parse_amount
from receivables.ledger.choices import currency_of
from receivables.ledger.keys import folded
from receivables.ledger.schema import Column
from receivables.ledger.sheet import MONEY_TABLES, Sheet

_NUMBER = r"^-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"


def read_currencies(sheet: Sheet, columns: dict[str, Column]) -> None:
    """ISO codes of the currency columns; what a blank means depends on the table."""
    for column in columns.values():
        if column.type != "currency":
            continue
        texts = sheet.frame[column.name]
        known = {text: currency_of(text) for text in texts.drop_nulls().unique()}
        values = texts.replace_strict(known, default=None, return_dtype=pl.String)
        wrong = texts.is_not_null() & values.is_null()
        if wrong.any():
            sheet.fault(column, "currency_unknown", wrong)
            if sheet.essential(column):
                values = values.fill_null(texts.str.to_uppercase())
        sheet.put(column.name, values)
        if column.name == "currency":
            _blank_currencies(sheet, column)


def _blank_currencies(sheet: Sheet, column: Column) -> None:
    if sheet.table not in MONEY_TABLES:
        one = sheet.run.currency or sheet.run.settings.default_currency
        if sheet.table == "allocations":
            keys = folded(sheet.frame["document_no"])
            own = keys.replace_strict(
                sheet.run.document_currency, default=None, return_dtype=pl.String
            )
            sheet.frame = sheet.frame.with_columns(pl.col("currency").fill_null(own))
        if one and sheet.table != "customers":
            sheet.frame = sheet.frame.with_columns(pl.col("currency").fill_null(one))
        return
    named = pl.col("currency").is_not_null().any().over("_source")
    blank = sheet.frame.select(pl.col("currency").is_null() & named).to_series()
    if blank.any():
        sheet.fault(column, "currency_missing", blank)
        sheet.frame = sheet.frame.with_columns(
            pl.when(blank).then(pl.lit("")).otherwise("currency").alias("currency")
        )


def default_currency(sheet: Sheet) -> None:
    """Currency of files that name none: the amount's own, the setting's, else "no currency"."""
    nameless = sheet.frame["currency"].is_null()
    if not nameless.any():
        return
    default = sheet.run.settings.default_currency or money.NO_CURRENCY
    sheet.frame = sheet.frame.with_columns(pl.col("currency").fill_null(default))
    if default == money.NO_CURRENCY:
        sheet.run.findings.one("currency_none", sheet.table, "currency", value=default)


def read_amounts(sheet: Sheet, columns: list[Column]) -> None:
    """Minor units of every amount column; faults of the essential one set the row aside."""
    present = [column for column in columns if column.name in sheet.had]
    rules = _rules(sheet, [column.name for column in present])
    rule = pl.col("_source").replace_strict(rules, default="auto", return_dtype=pl.String)
    for column in present:
        read = _parsed(sheet, column, rule)
        nameless = sheet.table in MONEY_TABLES and sheet.frame["currency"].null_count()
        if column.name == "amount" and nameless:
            found = pl.when(~read["found"].str.contains("|", literal=True)).then(read["found"])
            sheet.frame = sheet.frame.with_columns(pl.col("currency").fill_null(found))
            default_currency(sheet)
            read = _parsed(sheet, column, rule)
        _faults(sheet, column, read)
        sheet.put(column.name, read["minor"])
    if "amount" not in sheet.had and sheet.table in MONEY_TABLES:
        default_currency(sheet)


def _parsed(sheet: Sheet, column: Column, rule: pl.Expr) -> pl.DataFrame:
    sign = 1 if sheet.table == "payments" else -1
    frame = sheet.frame
    code = "currency"
    if column.unit == "local currency" or "currency" not in frame.columns:
        local = sheet.run.settings.local_currencies()
        company = pl.col("company") if "company" in frame.columns else pl.lit("")
        named = company.replace_strict(local, default=local.get(""), return_dtype=pl.String)
        frame = frame.with_columns(named.alias("_code"))
        code = "_code"
    return parse(frame, column.name, rule, code, credit_sign=sign)


def _faults(sheet: Sheet, column: Column, read: pl.DataFrame) -> None:
    for code in read["fault"].drop_nulls().unique().sort():
        wrong = (read["fault"] == code).fill_null(value=False)
        if code == "amount_ambiguous":
            name = column.name
            texts = sheet.frame.filter(wrong)[name].unique()
            with_point = {text: _reading(text, ".") for text in texts}
            with_comma = {text: _reading(text, ",") for text in texts}
            sheet.fault(
                column,
                code,
                wrong,
                with_point=pl.col(name).replace_strict(with_point, default=""),
                with_comma=pl.col(name).replace_strict(with_comma, default=""),
            )
        else:
            currency = pl.col("currency") if "currency" in sheet.frame.columns else pl.lit("")
            sheet.fault(column, code, wrong, currency=currency)
    if column.unit != "currency" or "currency" not in sheet.frame.columns:
        return
    named = read["found"].is_not_null() & sheet.frame["currency"].is_not_null()
    if not named.any():
        return
    both = pl.DataFrame({"found": read["found"], "own": sheet.frame["currency"]})
    clash = both.select(
        ~pl.col("found").str.split("|").list.contains(pl.col("own"))
        & (pl.col("own") != "") & (pl.col("own") != money.NO_CURRENCY)
    ).to_series().fill_null(value=False) & named  # fmt: skip
    if clash.any():
        names = read["found"].filter(clash)
        sheet.frame = sheet.frame.with_columns(read["found"].alias("_named"))
        if names.len():
            sheet.fault(
                column,
                "amount_currency",
                clash,
                named=pl.col("_named"),
                currency=pl.col("currency"),
            )


def _reading(text: str, mark: str) -> str:
    try:
        return format(parse_amount(text, f"auto{mark}"), "f")
    except AmountError:
        return "?"


def _rules(sheet: Sheet, names: list[str]) -> dict[int, str]:
    """How to read a lone point or comma, by source (see `amounts.MARKS`)."""
    given = sheet.run.mapping[sheet.table].decimal
    rules = {}
    for source in sheet.frame["_source"].unique().to_list():
        cells = sheet.run.cells(source)
        if given in {".", ","}:
            rules[source] = f"auto{given}" if cells else given
            continue
        rows = sheet.frame.filter(pl.col("_source") == source)
        texts = (
            pl.concat([rows[name].rename("a") for name in names]).drop_nulls() if names else None
        )
        if texts is None:
            continue
        if cells:
            texts = texts.filter(~texts.str.contains(_NUMBER))
        mark, proof = detect_decimal(texts)
        if cells:
            rules[source] = {".": "auto.", ",": "number,"}.get(mark or "", "number")
        else:
            rules[source] = f"auto{mark or ''}"
        assert rules[source] in MARKS, proof
    return rules
