"""The journal of letters: what was planned, made and issued, so that nothing goes out twice."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Protocol

import polars as pl

from receivables.ledger.frame_types import typed_schema
from receivables.ledger.keys import fold, folded
from receivables.ledger.model import Ledger
from receivables.respond.dunning_level import Standing

PLANNED, RENDERED, ISSUED = "planned", "rendered", "issued"
CANCELLED, REPLACED, DROPPED = "cancelled", "replaced", "dropped"
STATES = (PLANNED, RENDERED, ISSUED, CANCELLED, REPLACED, DROPPED)
"""planned: in the making, its files may be there in part · rendered: a draft whose files are
complete · issued: out, and only these count for the next level · cancelled: taken back by name and
reason · replaced: a draft that a newer one took the place of · dropped: never finished."""

_FURTHER = {ISSUED: 1, CANCELLED: 2, REPLACED: 2}
"""States that a letter does not come back from."""

OVER = (CANCELLED, REPLACED, DROPPED)
DUNNING = "dunning"

ItemKey = tuple[str, str, str, int]
"""Company, customer, document and instalment (0 = the whole), folded."""


def schema(table: str) -> dict[str, pl.DataType]:
    """Columns of `letters` or `letter_items` as `data/columns.csv` has them; money in minor units."""
    return {name: kind for name, kind in typed_schema(table).items() if name[0] != "_"}


def _empty(table: str) -> pl.DataFrame:
    return pl.DataFrame(schema=schema(table))


@dataclass(frozen=True, slots=True)
class Journal:
    """Letters in their latest state and their items."""

    letters: pl.DataFrame = field(default_factory=lambda: _empty("letters"))
    items: pl.DataFrame = field(default_factory=lambda: _empty("letter_items"))

    @classmethod
    def of(cls, letters: pl.DataFrame, items: pl.DataFrame) -> Journal:
        """A journal from rows in the order in which they were written: of a letter the last counts."""
        latest = letters.select(*schema("letters")).unique(
            "letter_id", keep="last", maintain_order=True
        )
        lines = items.select(*schema("letter_items")).unique(
            ["letter_id", "document_no", "instalment"], keep="last", maintain_order=True
        )
        return cls(latest, lines.join(latest, on="letter_id", how="semi", maintain_order="left"))

    def and_then(self, later: Journal) -> Journal:
        """Both journals; where both know a letter, the further state counts, else the later one's.

        A letter taken back stays taken back, and one sent stays sent: whichever journal was left
        behind on another computer, or brought back from a backup.
        """
        rows = pl.concat([self.letters, later.letters]).with_row_index("_place")
        rank = pl.col("state").replace_strict(_FURTHER, default=0, return_dtype=pl.Int64)
        latest = (
            rows.with_columns(_first=pl.col("_place").min().over("letter_id"))
            .sort(rank, "_place")
            .unique("letter_id", keep="last", maintain_order=True)
            .sort("_first")
        )
        return Journal.of(latest, pl.concat([self.items, later.items]))

    def up_to(self, as_of: date) -> Journal:
        """What was known as of a date: letters with a later cut-off are not there."""
        letters = self.letters.filter(pl.col("cut_off") <= as_of)
        return Journal(letters, self.items.join(letters, on="letter_id", how="semi"))

    def in_state(self, *states: str, kind: str = DUNNING) -> pl.DataFrame:
        """Letters in one of some states."""
        return self.letters.filter(pl.col("state").is_in(states), pl.col("kind") == kind)

    @property
    def last_run(self) -> date | None:
        """Cut-off of the latest run of dunning letters that were made."""
        day = self.in_state(PLANNED, RENDERED, ISSUED)["cut_off"].max()
        return day if isinstance(day, date) else None

    def standings(self) -> dict[ItemKey, Standing]:
        """Level, number and day of the letters issued for each item; courtesy notes are no level."""
        issued = self.in_state(ISSUED).filter(pl.col("level") > 0)
        found: dict[ItemKey, Standing] = {}
        rows = self._lines(issued).drop_nulls("level").sort("cut_off", maintain_order=True)
        for row in rows.iter_rows(named=True):
            key = _key(row)
            before = found.get(key, Standing())
            times = before.times + 1 if before.level == row["level"] else 1
            level = max(before.level, row["level"])
            found[key] = Standing(level, times if row["level"] >= before.level else before.times, row["cut_off"])  # fmt: skip
        return found

    def reminded(self) -> set[ItemKey]:
        """Items on a courtesy note that was issued."""
        return {_key(row) for row in self._lines(self.in_state(ISSUED).filter(pl.col("level") == 0)).iter_rows(named=True)}  # fmt: skip

    def last_letters(self) -> dict[tuple[str, str, str], date]:
        """Day of the last letter to each company's customer in a currency; courtesy notes aside."""
        issued = self.in_state(ISSUED).filter(pl.col("level") > 0)
        keyed = issued.with_columns(customer_key=folded(issued["customer_id"]))
        last = keyed.group_by("company", "customer_key", "currency").agg(pl.col("cut_off").max())
        return {(company or "", key, code or ""): day for company, key, code, day in last.iter_rows()}  # fmt: skip

    def drafts(self) -> dict[ItemKey, str]:
        """Items on a letter that is made and not sent yet → number of the letter."""
        rows = self._lines(self.in_state(RENDERED)).iter_rows(named=True)
        return {_key(row): row["letter_id"] for row in rows}

    def taken_back(self) -> frozenset[str]:
        """Numbers of letters that were cancelled or replaced."""
        over = self.letters.filter(pl.col("state").is_in([CANCELLED, REPLACED]))
        return frozenset(over["letter_id"])

    def state(self, letter_id: str) -> str:
        """State of a letter, empty if it is not known."""
        found = self.letters.filter(pl.col("letter_id") == letter_id)["state"]
        return str(found[0]) if found.len() else ""

    def _lines(self, letters: pl.DataFrame) -> pl.DataFrame:
        own = letters.select("letter_id", "company", "customer_id", "cut_off")
        return self.items.join(own, on="letter_id", how="inner", maintain_order="left")


class JournalStore(Protocol):
    """Where a journal lives: a folder beside the ledger, or tables of the workbook itself."""

    def read(self) -> Journal:
        """Everything that was written."""
        ...

    def append(
        self, letters: Iterable[Mapping[str, Any]], items: Iterable[Mapping[str, Any]] = ()
    ) -> None:
        """Write rows so that they are on disk when this returns; items go first."""
        ...

    def alone(self) -> AbstractContextManager[None]:
        """While this is entered no other run may make letters."""
        ...


def ledger_journal(ledger: Ledger) -> Journal:
    """The journal that stands in the ledger itself, tables Letters and Letter items."""
    letters = ledger["letters"].with_columns(
        pl.col("state").fill_null(ISSUED), pl.col("kind").fill_null(DUNNING)
    )
    return Journal.of(letters, ledger["letter_items"])


def letter_number(
    kind: str, company: str, customer_id: str, currency: str, policy: str, level: int,
    cut_off: date, documents: Iterable[tuple[str, int]],
) -> str:  # fmt: skip
    """Number of a letter: its day, its level, and ten characters that follow from what it is about.

    The same letter always gets the same number, so that making it again cannot make a second one.

    >>> letter_number("dunning", "DE01", "00123", "EUR", "standard", 3, date(2026, 10, 31), [("R1", 0)])
    '20261031-3-UA4QKP52MG'
    """
    parts = [kind, company, fold(customer_id), currency, policy, str(level), cut_off.isoformat()]
    parts += sorted(f"{fold(number)}\x1f{part}" for number, part in documents)
    digest = hashlib.sha256("\x1e".join(parts).encode()).digest()
    return f"{cut_off:%Y%m%d}-{level}-{base64.b32encode(digest).decode()[:10]}"


def free_number(base: str, taken_back: Collection[str]) -> tuple[str, str]:
    """The number to use and the letter it replaces: a number taken back is not given again.

    >>> free_number("20261031-3-A", {"20261031-3-A"})
    ('20261031-3-A-2', '20261031-3-A')
    """
    number, before = base, ""
    serial = 1
    while number in taken_back:
        before, serial = number, serial + 1
        number = f"{base}-{serial}"
    return number, before


@cache
def _columns(table: str) -> tuple[str, ...]:
    return tuple(schema(table))


def row_of(table: str, **cells: Any) -> dict[str, Any]:
    """A row of `letters` or `letter_items` with every column."""
    unknown = set(cells) - set(_columns(table))
    if unknown:
        raise KeyError(f"{table} has no column {', '.join(sorted(unknown))}")
    return dict.fromkeys(_columns(table)) | cells


def _key(row: Mapping[str, Any]) -> ItemKey:
    return row["company"] or "", fold(row["customer_id"]), fold(row["document_no"]), row["instalment"] or 0  # fmt: skip
