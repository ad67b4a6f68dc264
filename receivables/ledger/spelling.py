"""Names of tables and columns as files spell them, folded for comparison."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache

from receivables.ledger.schema import tables
from receivables.resources import data_toml

NUMBER_SIGNS = {"#": "no", "№": "no"}


def fold(text: str) -> str:
    """A heading without case, blanks, punctuation and full-width forms.

    >>> fold(" Invoice No. "), fold("Rechnungs-Nr"), fold("单据 编号:"), fold("Inv #")
    ('invoiceno', 'rechnungsnr', '单据编号', 'invno')
    """
    plain = unicodedata.normalize("NFKC", str(text)).casefold()
    for sign, word in NUMBER_SIGNS.items():
        plain = plain.replace(sign, word)
    return "".join(sign for sign in plain if sign.isalnum() or sign in "*€$£¥%")


def table_named(name: str) -> str:
    """The table that a sheet, Excel Table, file or database table is called after; empty if none.

    >>> table_named("tblInvoices"), table_named("应收单"), table_named("Sheet1")
    ('documents', 'documents', '')
    """
    folded = fold(name)
    known = _table_names()
    for prefix in ("", "tbl", "table", "ar"):
        if folded.startswith(prefix) and folded[len(prefix) :] in known:
            return known[folded[len(prefix) :]]
    return ""


@cache
def known_columns(table: str) -> dict[str, str]:
    """Folded heading → column of a table, from `data/columns.csv`."""
    columns = tables().get(table, {})
    known = {
        fold(synonym): name for name, column in columns.items() for synonym in column.synonyms
    }
    return known | {fold(name): name for name in columns}


@cache
def _table_names() -> dict[str, str]:
    words: dict[str, Iterable[str]] = data_toml("reading.toml")["tables"]
    known = {fold(name): table for table, names in words.items() for name in names}
    return known | {fold(table): table for table in words}
