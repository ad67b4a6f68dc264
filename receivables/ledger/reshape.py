"""Flat exports: one sheet that holds payments and customers beside the documents."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from receivables.errors import SettingsError
from receivables.ledger.frame_types import LOCATION
from receivables.ledger.mapping import Mapping, TableMapping
from receivables.ledger.schema import tables
from receivables.ledger.spelling import fold, known_columns
from receivables.resources import data_toml

AS_PAYMENT = {"document_no": "payment_no", "issued_on": "paid_on", "applies_to": "document_no"}
NEGATIVE = r"[-\u2212\u2013(]"


def flipped(amount: pl.Expr) -> pl.Expr:
    """The text of an amount with the other sign.

    >>> frame = pl.DataFrame({"a": ["1.234,56-", "(5.00)", "€ 7", "-3", None]})
    >>> frame.select(flipped(pl.col("a"))).get_column("a").to_list()
    ['1.234,56', '5.00', '-€ 7', '3', None]
    """
    negative = amount.str.contains(NEGATIVE)
    bare = amount.str.replace_all(r"[-\u2212\u2013()]", "").str.strip_chars()
    return pl.when(negative).then(bare).otherwise(pl.lit("-") + amount.str.strip_chars())


@dataclass(frozen=True, slots=True)
class Names:
    """Heading as written → column of the frame, for what a mapping says in headings."""

    place: str
    columns: dict[str, str]

    def __getitem__(self, heading: str) -> str:
        folded = {fold(text): name for text, name in self.columns.items()}
        if fold(heading) in folded:
            return folded[fold(heading)]
        raise unknown_heading(self.place, heading, self.columns)


def unknown_heading(place: str, heading: str, known: Iterable[str]) -> SettingsError:
    """The error for a heading of the mapping that the file does not have."""
    texts = [text for text in known if text]
    near = difflib.get_close_matches(heading, texts, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(texts)}."
    return SettingsError(
        f"{place}: the mapping names the heading '{heading}', which is not there. {hint}"
    )


def with_signs(frame: pl.DataFrame, part: TableMapping, names: Names) -> pl.DataFrame:
    """Amounts signed by a debit/credit code, or put together from two columns."""
    if part.debit or part.credit:
        frame = _two_columns(frame, part, names)
    if part.sign_column:
        code = pl.col(names[part.sign_column]).str.strip_chars().str.to_lowercase()
        minus = [key.strip().lower() for key, sign in part.signs.items() if sign == "-"]
        amount = pl.col("amount")
        frame = frame.with_columns(
            pl.when(code.is_in(minus)).then(flipped(amount)).otherwise(amount).alias("amount")
        )
    return frame


def payments_from(frame: pl.DataFrame, kinds: dict[str, str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Documents and payments of a sheet whose rows are both, told apart by their kind.

    In such a list a payment reduces the balance with a minus; in Payments money received is positive.
    """
    if "kind" not in frame.columns:
        return frame, frame.clear()
    codes = _payment_codes(kinds)
    code = pl.col("kind").str.strip_chars().str.to_lowercase()
    paid = code.is_in(list(codes)).fill_null(value=False)
    rows = frame.filter(paid).with_columns(code.replace_strict(codes, default=None).alias("kind"))
    amount, out = pl.col("amount"), pl.col("kind").is_in(["bounced", "refund"])
    rows = rows.with_columns(pl.when(out).then(amount).otherwise(flipped(amount)).alias("amount"))
    keep = {old: new for old, new in AS_PAYMENT.items() if old in rows.columns}
    clash = [new for new in keep.values() if new in rows.columns and new not in keep]
    return frame.filter(~paid), rows.drop(clash).rename(keep)


def _payment_codes(kinds: dict[str, str]) -> dict[str, str]:
    """Code in the file, in lower case → kind of payment: those of the mapping, else the usual words."""
    choices = tables()["payments"]["kind"].choices
    if kinds:
        return {code.strip().lower(): kind for code, kind in kinds.items() if kind in choices}
    words: dict[str, list[str]] = data_toml("reading.toml")["payment_kinds"]
    return {word.lower(): kind for kind, names in words.items() for word in (kind, *names)}


def customers_from(frame: pl.DataFrame, part: TableMapping, names: Names) -> pl.DataFrame:
    """One customer for each id of the documents, its first spelling and its first known details."""
    known = known_columns("customers")
    taken = {"customer_id": "customer_id"}
    if part.columns:
        taken = {column: names[heading] for column, heading in part.columns.items()}
    else:
        if "customer_name" in frame.columns:
            taken["name"] = "customer_name"
        for name in frame.columns:
            column = known.get(fold(name), "")
            if column and column not in taken and _is_detail(column, name):
                taken[column] = name
    taken.setdefault("name", taken["customer_id"])
    rows = frame.filter(pl.col(taken["customer_id"]).is_not_null()).select(
        *(pl.col(old).alias(new) for new, old in taken.items()), *LOCATION
    )
    key = pl.col("customer_id").str.strip_chars()
    first = rows.group_by(key.alias("_key"), maintain_order=True).agg(
        pl.exclude("_key").drop_nulls().first()
    )
    return first.drop("_key").with_columns(pl.coalesce("name", "customer_id").alias("name"))


def _is_detail(column: str, name: str) -> bool:
    """A text about the customer that is no column of documents; its currency or terms may change by document."""
    plain = tables()["customers"][column].type in {"text", "key"}
    return plain and name not in LOCATION and name not in tables()["documents"]


def flat_mapping(mapping: Mapping) -> TableMapping:
    """The documents' mapping with what `[payments] from = "documents"` says about settling."""
    part, paid = mapping["documents"], mapping["payments"]
    if paid.from_table != "documents" or not paid.columns:
        return part
    moved = {
        "paid_on": "settled_on",
        "amount": "paid_amount",
        "settled_on": "settled_on",
        "paid_amount": "paid_amount",
    }
    extra = {moved[column]: heading for column, heading in paid.columns.items() if column in moved}
    return replace(part, columns=part.columns | extra)


def _two_columns(frame: pl.DataFrame, part: TableMapping, names: Names) -> pl.DataFrame:
    """Debit minus credit as text; where both are filled, both are kept for checking to refuse."""
    debit = _money(part.debit, names)
    credit = _money(part.credit, names)
    both = pl.concat_str([debit, pl.lit(" / "), credit])
    amount = (
        pl.when(debit.is_not_null() & credit.is_not_null())
        .then(both)
        .when(credit.is_not_null())
        .then(flipped(credit))
        .otherwise(debit)
    )
    return frame.with_columns(amount.alias("amount"))


def _money(heading: str, names: Names) -> pl.Expr:
    """A column of amounts in which blank and zero both mean nothing."""
    if not heading:
        return pl.lit(None, pl.String)
    column = pl.col(names[heading])
    return pl.when(column.str.contains(r"[1-9]|[^\d\s.,\-]")).then(column)
