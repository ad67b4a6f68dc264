"""The hidden sheet Lists: what the cells of the input sheets may be chosen from."""

from __future__ import annotations

from functools import cache
from typing import Any

from xlsxwriter.utility import quote_sheetname, xl_range_abs

from receivables import money
from receivables.book.start_texts import said
from receivables.book.structure import ExtraSheet
from receivables.ledger.result_sheets import ANCHOR
from receivables.ledger.schema import Column, tables
from receivables.resources import data_rows


def list_name(table: str, column: Column) -> str:
    """Defined name of the list behind a column; empty where it has none.

    >>> list_name("documents", tables()["documents"]["kind"])
    '_rcv_lists_documents_kind'
    """
    if column.type == "currency":
        return f"{ANCHOR}lists_currency"
    if column.type == "flag":
        return f"{ANCHOR}lists_flag"
    return f"{ANCHOR}lists_{table}_{column.name}" if column.choices else ""


def yes_no(value: bool, language: str) -> str:
    """A flag in words."""
    return said("yes" if value else "no", language)


@cache
def choice_labels(table: str, column: str, language: str) -> dict[str, str]:
    """Choices of a column in words: `credit_note` → `Credit note`."""
    labels = {
        row["choice"]: row[f"label_{language}"]
        for row in data_rows("choices.csv")
        if (row["table"], row["column"]) == (table, column)
    }
    return {choice: labels.get(choice, choice) for choice in tables()[table][column].choices}


def lists_sheet(language: str) -> ExtraSheet:
    """The sheet with a column and a name per list."""

    def draw(workbook: Any, sheet: Any, _styles: Any) -> None:
        bold = workbook.add_format({"bold": True})
        for index, (name, words) in enumerate(_lists(language).items()):
            sheet.write_string(0, index, name.removeprefix(f"{ANCHOR}lists_"), bold)
            for row, word in enumerate(words, start=1):
                sheet.write_string(row, index, word)
            area = xl_range_abs(1, index, len(words), index)
            target = f"{quote_sheetname(said('lists', language))}!{area}"
            workbook.defined_names.append([name, -1, target, 1])
        _message(workbook, sheet, language, len(_lists(language)) + 1)

    return ExtraSheet(said("lists", language), draw, hidden=True)


def _message(workbook: Any, sheet: Any, language: str, column: int) -> None:
    """What a button says where the add-in is missing: its code page has no Chinese."""
    sheet.write_string(0, column, said("no_addin", language))
    target = f"{quote_sheetname(said('lists', language))}!{xl_range_abs(0, column, 0, column)}"
    workbook.defined_names.append([f"{ANCHOR}lists_no_addin", -1, target, 1])


def _lists(language: str) -> dict[str, list[str]]:
    found = {
        f"{ANCHOR}lists_currency": sorted(money.exponents()),
        f"{ANCHOR}lists_flag": [said("yes", language), said("no", language)],
    }
    for table in (row["table"] for row in data_rows("input_sheets.csv")):
        for column in tables()[table].values():
            if column.choices:
                words = choice_labels(table, column.name, language)
                found[list_name(table, column)] = list(words.values())
    return found
