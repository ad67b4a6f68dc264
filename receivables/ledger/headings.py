"""Which row holds the headings, and which column of the ledger each heading names."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from receivables.ledger.grid import ROW, Grid, column_number
from receivables.ledger.mapping import TableMapping
from receivables.ledger.schema import tables
from receivables.ledger.spelling import fold, known_columns
from receivables.money import exponents
from receivables.resources import data_toml

LOOK_AT = 100
"""Filled rows among which the headings are looked for: title blocks of exports stay far below."""

BRACKETS = {"(": ")", "[": "]"}


@dataclass(slots=True)
class Headings:
    """The headings of one table on one sheet."""

    row: int
    """Row number of the last heading row; 0 where the source names its columns itself."""
    position: int
    """Rows of the grid's frame above the first data row."""
    texts: list[str]
    """Heading of each column as written; empty where there is none."""
    names: list[str]
    """Name of each column of the table: canonical, or the heading itself."""
    currency: str = ""
    """Currency that the heading of the amount names."""
    claimed: dict[str, int] = field(default_factory=dict)
    """Column of the table → index of the grid's column that holds it."""
    clashes: list[tuple[int, str, str]] = field(default_factory=list)
    """(column index, column claimed, heading that has it)."""


def find(
    grid: Grid, table: str, part: TableMapping, area: pl.DataFrame | None = None
) -> Headings | None:
    """The headings of a table in a grid; None if no row names at least two of its columns."""
    frame = grid.frame if area is None else area
    if grid.headings:
        return _named([[name] for name in grid.headings], table, part, row=0, position=0)
    top = frame.head(LOOK_AT)
    rows = [list(row) for row in top.select(grid.columns).iter_rows()]
    numbers = top.get_column(ROW).to_list()
    if part.heading_row:
        places = [place for place, number in enumerate(numbers) if number == part.heading_row]
    else:
        places = list(range(len(rows)))
    best: Headings | None = None
    best_depth = 0
    for place in places:
        for depth in (1, 2, 3):
            found = _candidate(grid, table, part, rows, numbers, place, depth)
            if found and (best is None or _rank(found, depth) > _rank(best, best_depth)):
                best, best_depth = found, depth
    return best if best and (len(best.claimed) >= 2 or part.heading_row) else None


def _rank(found: Headings, depth: int) -> tuple[int, int]:
    """More columns named; then the fewer rows, so that a title does not join the headings."""
    return len(found.claimed), -depth


def _candidate(
    grid: Grid,
    table: str,
    part: TableMapping,
    rows: list[list[str | None]],
    numbers: list[int],
    place: int,
    depth: int,
) -> Headings | None:
    last = place + depth - 1
    if last >= len(rows):
        return None
    block = rows[place : last + 1]
    if depth > 1 and (any(_is_data(row) for row in block) or sum(map(bool, block[-1])) < 2):
        return None
    spread = [_spread(grid, *pair) for pair in zip(block, numbers[place : last + 1], strict=True)]
    columns = [
        [" ".join(text.split()) for text in parts if text] for parts in zip(*spread, strict=True)
    ]
    return _named(columns, table, part, row=numbers[last], position=last + 1)


def _spread(grid: Grid, row: list[str | None], number: int) -> list[str]:
    cells = [cell or "" for cell in row]
    if not grid.letters or not grid.merges:
        return cells
    first = column_number(grid.letters[0])
    for merge in grid.merges:
        if merge.top == number:
            left = max(merge.left - first, 0)
            for index in range(left, min(merge.right - first + 1, len(cells))):
                cells[index] = cells[left]
    return cells


def _named(
    columns: list[list[str]], table: str, part: TableMapping, *, row: int, position: int
) -> Headings:
    """Names of columns whose heading stands in one or more cells, one below the other."""
    texts = [" ".join(dict.fromkeys(parts)) for parts in columns]
    found = Headings(row, position, texts, [""] * len(texts))
    claims = [_first_claim(parts, table, part) for parts in columns]
    taken = found.claimed
    for rank in (0, 1, 2):
        for index, (name, own_rank, currency) in enumerate(claims):
            if not name or own_rank != rank:
                continue
            if name in taken:
                found.clashes.append((index, name, texts[taken[name]]))
                continue
            taken[name] = index
            found.names[index] = name
            if name == "amount" and currency:
                found.currency = currency
    _name_the_rest(found, table)
    return found


def _first_claim(parts: list[str], table: str, mapping: TableMapping) -> tuple[str, int, str]:
    """The claim of a heading in several rows: read downwards, upwards, or its lowest cell alone."""
    readings = [" ".join(parts), " ".join(reversed(parts)), *parts[-1:]]
    claims = (_claim(text, table, mapping) for text in dict.fromkeys(readings))
    return next((claim for claim in claims if claim[0]), ("", 9, ""))


def _claim(text: str, table: str, part: TableMapping) -> tuple[str, int, str]:
    """Column that a heading names, how directly (0 mapping or own name, 1 synonym, 2 without unit), its currency."""
    folded = fold(text)
    if not folded:
        return "", 9, ""
    if part.columns:
        named = {fold(heading): column for column, heading in part.columns.items()}
        return named.get(folded, ""), 0, ""
    known = known_columns(table)
    if folded in known:
        return known[folded], 0 if folded == fold(known[folded]) else 1, ""
    base, currency = _without_unit(text)
    return known.get(fold(base), "") if base else "", 2, currency


def _without_unit(text: str) -> tuple[str, str]:
    """A heading without the unit behind it, and the currency if the unit is one.

    >>> _without_unit("Amount (EUR)"), _without_unit("Betrag in USD"), _without_unit("Amount (LC)")
    (('Amount', 'EUR'), ('Betrag', 'USD'), ('', ''))
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    for opening, closing in BRACKETS.items():
        if plain.endswith(closing) and opening in plain:
            base, _, unit = plain[:-1].rpartition(opening)
            return _if_unit(base, unit)
    base, _, unit = plain.replace("/", " ").rpartition(" ")
    return _if_unit(base.removesuffix(" in"), unit) if base else ("", "")


def _if_unit(base: str, unit: str) -> tuple[str, str]:
    unit = unit.strip()
    if unit.upper() in exponents():
        return base.strip(), unit.upper()
    units = {str(word).casefold() for word in data_toml("reading.toml")["words"]["units"]}
    return (base.strip(), "") if unit.casefold() in units else ("", "")


def _name_the_rest(found: Headings, table: str) -> None:
    """Give the columns that name nothing of ours their own heading, each name once."""
    reserved = {*tables().get(table, {}), ROW, "_source"}
    used = {name for name in found.names if name}
    for index, name in enumerate(found.names):
        if name:
            continue
        base = found.texts[index] or f"column {index + 1}"
        fresh, count = base, 2
        while fresh in used or fresh in reserved:
            fresh, count = f"{base} ({count})", count + 1
        used.add(fresh)
        found.names[index] = fresh


def _is_data(row: Sequence[str | None]) -> bool:
    """A row with a number or a date in it is not part of the headings."""
    return any(cell is not None and cell.strip()[:1].isdigit() and _digits(cell) for cell in row)


def _digits(cell: str) -> bool:
    return all(sign.isdigit() or sign in " .,:-/€$%()" for sign in cell.strip())
