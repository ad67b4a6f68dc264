"""Which columns an aging is grouped and filtered by, and how they are joined on."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from receivables.errors import BadValueError
from receivables.ledger.open import OpenItems

ALIASES = {
    "customer": "customer_id",
    "group": "group_id",
    "document": "document_no",
    "invoice": "document_no",
}
DOCUMENT = ("company", "document_no", "instalment", "kind", "customer_id", "issued_on", "due_on")
"""What identifies and describes a row of an aging by document."""

OF_PARTY = frozenset(
    {
        "party",
        "company",
        "account",
        "customer_id",
        "customer_key",
        "name",
        "currency",
        "intercompany",
    }
)
"""Columns that the party decides, even where documents carry them too."""
OWN_DATES = ("issued_on", "due_on")
"""Columns of the items themselves."""

RESERVED = frozenset(
    {
        "currency",
        "key",
        "name",
        "open",
        "unapplied",
        "over_30",
        "intercompany",
        "slot",
        "amount",
        "kept",
    }
)
HIDDEN = frozenset(
    {"party", "item", "customer_key", "document_key", "payment_key", "_source", "_row"}
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Columns to join on the sums, each under a prefix that no user's heading can take."""

    by: tuple[str, ...]
    sources: tuple[str, ...]
    """Columns whose values make the keys of the result, in order."""
    by_item: bool
    parties: pl.DataFrame
    details: pl.DataFrame
    where: Mapping[str, tuple[str, ...]]

    @property
    def keys(self) -> tuple[str, ...]:
        """Key columns of the result: the sources, `_key` behind a name that the result uses."""
        return tuple(f"{name}_key" if _reserved(name) else name for name in self.sources)

    @property
    def key(self) -> pl.Expr:
        """The row's key as one text: the values of `by`, joined by " / "."""
        return pl.concat_str([self._part(name) for name in self.by], separator=" / ")

    def attach(self, long: pl.DataFrame, intercompany: str) -> pl.DataFrame:
        """Sums with currency, key columns, key, name, `intercompany` and `kept`."""
        rows = self._with_details(long) if self.by_item else long
        joined = rows.join(self.parties, on="party", how="left")
        there = joined.columns
        names = dict.fromkeys((*self.by, *self.sources, *self.where))
        joined = joined.with_columns(_value(name, there) for name in names)
        kept = [fold(pl.col(f"v:{name}")).is_in(values) for name, values in self.where.items()]
        if intercompany != "include":
            kept.append(pl.col("intercompany") == (intercompany == "only"))
        row = [pl.col("item")] if "item" in there else []
        return joined.select(
            "currency",
            *(
                pl.col(f"v:{name}").alias(key)
                for name, key in zip(self.sources, self.keys, strict=True)
            ),
            *(expression.alias("_item") for expression in row),
            self.key.alias("key"),
            "name",
            "slot",
            "amount",
            "intercompany",
            pl.all_horizontal(pl.lit(value=True), *kept).alias("kept"),
        )

    def _with_details(self, long: pl.DataFrame) -> pl.DataFrame:
        """Join the columns of the documents, and sum at once what they do not tell apart."""
        dates = [name for name in OWN_DATES if name in {*self.sources, *self.where}]
        texts = [pl.col(name).cast(pl.String).alias(f"d:{name}") for name in dates]
        joined = long.select("item", "party", "slot", "amount", *texts).join(
            self.details, on="item", how="left"
        )
        if "document_no" in self.by:
            return joined
        keys = [name for name in joined.columns if name not in {"item", "amount"}]
        return joined.group_by(keys).agg(pl.col("amount").sum())

    def _part(self, name: str) -> pl.Expr:
        value = pl.col(f"v:{name}")
        if name != "document_no" or "instalment" not in self.sources:
            return value
        instalment = pl.col("v:instalment")
        return pl.when(instalment == "").then(value).otherwise(value + "/" + instalment)


def plan(
    opened: OpenItems, by: Sequence[str], where: Mapping[str, str | Sequence[str]], currency: str
) -> Plan:
    """Resolve names to columns of the parties and of the documents.

    Raises:
        BadValueError: a name that is no column, or a filter value that no row has.
    """
    given = [by] if isinstance(by, str) else list(by)
    names = tuple(dict.fromkeys(column(name, opened) for name in given))
    filters = {column(name, opened): _values(values) for name, values in where.items()}
    sources = names
    if "document_no" in names:
        known = _columns(opened)
        sources = (*names, *(name for name in DOCUMENT if name in known and name not in names))
    sources = tuple(name for name in sources if name != "currency")
    wanted = {*sources, *filters}
    from_details = [name for name in sorted(wanted) if _of_item(name, opened)]
    for name, values in filters.items():
        _must_exist(name, values, opened)
    return Plan(
        by=names or ("currency",),
        sources=sources,
        by_item=bool(from_details) or bool(wanted & set(OWN_DATES)),
        parties=_parties(opened, wanted, currency, named="customer_id" in sources),
        details=opened.details.select("item", *(_prefixed(name, "d") for name in from_details)),
        where=filters,
    )


def column(name: str, opened: OpenItems) -> str:
    """Column meant by a name such as `customer` or `salesperson`.

    Raises:
        BadValueError: no such column; the message names the nearest.
    """
    plain = name.strip()
    found = ALIASES.get(plain.casefold(), plain)
    known = _columns(opened)
    folded = {column.casefold(): column for column in known}
    if found.casefold() in folded:
        return folded[found.casefold()]
    choices = sorted({*ALIASES, *known})
    near = difflib.get_close_matches(plain, choices, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else f"Columns: {', '.join(choices)}."
    raise BadValueError(f"There is no column '{name}' in Customers or Documents. {hint}")


def fold(text: pl.Expr) -> pl.Expr:
    """Text as filters compare it: outer blanks and case do not matter."""
    return (
        text.cast(pl.String)
        .fill_null("")
        .str.normalize("NFKC")
        .str.strip_chars()
        .str.to_lowercase()
    )


def _columns(opened: OpenItems) -> list[str]:
    names = dict.fromkeys(
        (*opened.parties.columns, *opened.details.columns, "issued_on", "due_on")
    )
    return [name for name in names if name not in HIDDEN]


def _of_item(name: str, opened: OpenItems) -> bool:
    """Whether the documents, not the customer, decide the value: only a filled column does."""
    if name in OF_PARTY or name in OWN_DATES or name not in opened.details.columns:
        return False
    if name not in opened.parties.columns:
        return True
    return opened.details[name].null_count() < opened.details.height


def _parties(opened: OpenItems, wanted: set[str], currency: str, *, named: bool) -> pl.DataFrame:
    parties = opened.parties
    if "customer_key" in parties.columns:
        parties = parties.with_columns(pl.col("customer_id").min().over("customer_key"))
    columns = [name for name in sorted(wanted) if name in parties.columns and name != "currency"]
    name = pl.col("name").fill_null("") if named else pl.lit("")
    return parties.select(
        "party",
        *(_prefixed(column, "p") for column in columns),
        pl.col(currency).fill_null("").alias("currency"),
        pl.col(currency).fill_null("").alias("p:currency"),
        name.alias("name"),
        pl.col("intercompany").cast(pl.Boolean).fill_null(value=False),
    )


def _values(values: str | Sequence[str]) -> tuple[str, ...]:
    given = [values] if isinstance(values, str) else list(values)
    return tuple(pl.select(fold(pl.lit(pl.Series(given, dtype=pl.String)))).to_series())


def _must_exist(name: str, values: tuple[str, ...], opened: OpenItems) -> None:
    frames = [frame for frame in (opened.parties, opened.details) if name in frame.columns]
    there: set[str] = set()
    for frame in frames:
        there.update(frame.select(fold(pl.col(name).unique())).to_series())
    missing = [value for value in values if value not in there and value]
    if missing:
        near = difflib.get_close_matches(missing[0], there, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise BadValueError(
            f"No row has the {name} '{missing[0]}'.{hint} Check the filter's spelling."
        )


def _reserved(name: str) -> bool:
    return name in RESERVED or (name[:1] == "b" and name[1:].isdigit())


def _prefixed(name: str, prefix: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).alias(f"{prefix}:{name}")


def _value(name: str, there: Sequence[str]) -> pl.Expr:
    found = [f"{prefix}:{name}" for prefix in "dp" if f"{prefix}:{name}" in there]
    return pl.coalesce(*found, pl.lit("")).alias(f"v:{name}")
