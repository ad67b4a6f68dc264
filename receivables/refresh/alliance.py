"""The jobs `alliance export` and `alliance import`: payment data to and from other members."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from receivables.assess.pay_history import pay_history
from receivables.errors import BadValueError, LedgerFileError
from receivables.refresh.books import Books
from receivables.transfer.alliance import WHO, Export, export, matched

MONTHS = 12


def alliance_export(books: Books, as_of: date, salt: str, *, least: int = 0) -> Export:
    """Anonymous payment figures of the customers who agreed; the last twelve months.

    Raises:
        BadValueError: nobody agreed, or the secret is too short.
    """
    people = _customers(books)
    if not people["share_consent"].fill_null(value=False).any():
        raise BadValueError(
            "No customer has share_consent = yes in the Customers table: nothing may be shared."
        )
    found = pay_history(books.posted, as_of, MONTHS, disputes=books.ledger["disputes"])
    return export(people, found, as_of, salt, least=least)


def alliance_import(books: Books, files: Sequence[Path], salt: str) -> pl.DataFrame:
    """What other members report of our customers, by customer_id.

    Raises:
        LedgerFileError: a file that is not there.
        BadValueError: a file that is no export, or rows without consent.
    """
    read = []
    for path in files:
        if not path.is_file():
            raise LedgerFileError(f"{path}: no such file.")
        read.append((path.name, pl.read_csv(path, infer_schema=False)))
    names = books.posted.parties.unique("customer_key", keep="first").select(
        "customer_key", "customer_id", "name"
    )
    found = matched(read, _customers(books), salt)
    return found.join(names, on="customer_key", how="left").sort("customer_id")


def _customers(books: Books) -> pl.DataFrame:
    people = books.posted.parties.unique("customer_key", keep="first", maintain_order=True)
    texts = [
        (pl.col(name) if name in people.columns else pl.lit(None, pl.String)).alias(name)
        for name in WHO[1:5]
    ]
    flag = pl.col("share_consent") if "share_consent" in people.columns else pl.lit(None)
    return people.select("customer_key", *texts, flag.cast(pl.Boolean).alias("share_consent"))
