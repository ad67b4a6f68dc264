"""Propose a mapping file for an export: what was recognised, what was not, and what only its owner can know."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from receivables.errors import LedgerFileError
from receivables.ledger.grid import ROW, Grid
from receivables.ledger.headings import Headings, find
from receivables.ledger.load import is_settings, load_grids
from receivables.ledger.mapping import Mapping, TableMapping, quoted, table_lines
from receivables.ledger.recognise import Found, recognise
from receivables.ledger.schema import tables

SAMPLES = 3
MAX_CODES = 30
"""More different values than this are no codes for a kind of document."""

NUMBERS_ONLY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{2}|\d{4})(?: .*)?")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping and what its owner should look at, by table."""

    mapping: Mapping
    comments: dict[str, list[str]] = field(default_factory=dict)

    def to_toml(self) -> str:
        """The mapping file, with samples and open questions as comments."""
        lines = [
            "# Proposed by 'receivables map'. Correct what is wrong; lines behind # are not read.",
            f"ledger_kind = {quoted(self.mapping.ledger_kind)}  # open_items: a list of what is open today, without history",
            "# extracted_on = 2026-10-31  # day of the export; needed for open_items",
        ]
        for table, part in self.mapping.tables.items():
            lines += ["", f"[{table}]", *table_lines(part)]
            lines += [f"# {text}" for text in self.comments.get(table, [])]
        return "\n".join(lines) + "\n"


def propose(path: str | Path) -> Proposal:
    """A mapping for the export at `path`, from its headings and values.

    Raises:
        LedgerFileError: the file cannot be read, or no row in it looks like headings.
    """
    grids = [grid for grid in load_grids(path, Mapping())[0] if not is_settings(grid)]
    try:
        found = recognise(path, grids, Mapping())
    except LedgerFileError:
        found = [_best_guess(path, grids)]
    mapped: dict[str, TableMapping] = {}
    comments: dict[str, list[str]] = {}
    for item in found:
        if item.table not in mapped:
            mapped[item.table], comments[item.table] = _propose_table(item)
    documents = mapped.get("documents")
    if (
        documents
        and "payments" not in mapped
        and {"settled_on", "paid_amount"} & set(documents.columns)
    ):
        mapped["payments"] = TableMapping(from_table="documents")
        comments["payments"] = [
            "each row carries its settled date or paid amount; without an amount it is paid in full"
        ]
    return Proposal(Mapping(mapped), comments)


def _best_guess(path: str | Path, grids: list[Grid]) -> Found:
    """The sheet and row most like headings of documents, where too little is recognised to read it."""
    best: Found | None = None
    for grid in grids:
        headings = find(grid, "documents", TableMapping()) or _fullest_row(grid)
        if headings and (best is None or len(headings.claimed) > len(best.headings.claimed)):
            best = Found("documents", grid, grid.frame, headings, TableMapping())
    if best is None:
        raise LedgerFileError(
            f"{path}: no row of it looks like headings. Put the headings in one row above the data."
        )
    return best


def _fullest_row(grid: Grid) -> Headings | None:
    top = grid.frame.head(20)
    filled = top.select(
        pl.sum_horizontal(pl.col(grid.columns).is_not_null().cast(pl.Int32))
    ).to_series()
    if not filled.len() or (filled.max() or 0) < 3:  # type: ignore[operator]
        return None
    place = int(filled.arg_max() or 0)
    part = TableMapping(heading_row=top.get_column(ROW)[place])
    return find(grid, "documents", part)


def _propose_table(found: Found) -> tuple[TableMapping, list[str]]:
    headings, grid = found.headings, found.grid
    data = found.frame.slice(headings.position)
    columns = {
        name: headings.texts[index]
        for name, index in sorted(headings.claimed.items(), key=lambda pair: pair[1])
    }
    comments = [
        f"{columns[name]}: {_samples(data, index)}" for name, index in headings.claimed.items()
    ]
    comments += _missing(found)
    date_format, questions = _date_order(found, data)
    comments += questions
    comments += _kind_question(found, data)
    comments += [
        f"not mapped: {quoted(text)} ({_samples(data, index)})"
        for index, text in enumerate(headings.texts)
        if text and index not in headings.claimed.values()
    ]
    row = headings.row if len(headings.claimed) < 2 else 0
    sheet = (grid.sheet,) if grid.sheet else ()
    return TableMapping(
        sheet=sheet, heading_row=row, date_format=date_format, columns=columns
    ), comments


def _samples(data: pl.DataFrame, index: int) -> str:
    values = data.get_column(f"c{index}").drop_nulls().unique(maintain_order=True).head(SAMPLES)
    shown = " · ".join(" ".join(text.split())[:40] for text in values)
    return shown or "empty"


def _missing(found: Found) -> list[str]:
    absent = [
        n
        for n, c in tables()[found.table].items()
        if c.required and n not in found.headings.claimed
    ]
    lines = [
        f'columns.{name} = "?"  # required: {tables()[found.table][name].help_en}'
        for name in absent
        if name != "kind"
    ]
    if found.table == "documents" and "currency" not in found.headings.claimed:
        lines.append(
            'constants.currency = "EUR"  # no heading names a currency: write the one of the export'
        )
    return lines


def _date_order(found: Found, data: pl.DataFrame) -> tuple[str, list[str]]:
    """The order of day and month that the dates prove, and what they leave open."""
    orders, lines = set(), []
    for name, index in found.headings.claimed.items():
        if tables()[found.table][name].type != "date":
            continue
        values = data.get_column(f"c{index}").drop_nulls().unique(maintain_order=True)
        matches = [match for value in values if (match := NUMBERS_ONLY.fullmatch(value.strip()))]
        if not matches:
            continue
        first, second = max(int(m[1]) for m in matches), max(int(m[2]) for m in matches)
        if first > 12 and second > 12:
            lines.append(
                f"{name}: some dates begin with the day, others with the month; check the export"
            )
        elif first > 12 or second > 12:
            orders.add("dd/mm/yyyy" if first > 12 else "mm/dd/yyyy")
        else:
            lines.append(f"{name}: {quoted(matches[0][0])} may be day/month or month/day")
    if len(orders) == 1:
        return orders.pop(), []
    if lines:
        lines += [
            "write one of the two:",
            'date_format = "dd/mm/yyyy"',
            'date_format = "mm/dd/yyyy"',
        ]
    return "", lines


def _kind_question(found: Found, data: pl.DataFrame) -> list[str]:
    """List the codes of the kind column that are no kind of ours."""
    index = found.headings.claimed.get("kind")
    if index is None:
        return []
    known = {
        choice for table in ("documents", "payments") for choice in tables()[table]["kind"].choices
    }
    codes = [
        text
        for text in data.get_column(f"c{index}").drop_nulls().unique(maintain_order=True)
        if text.strip().lower() not in known
    ]
    if not codes or len(codes) > MAX_CODES:
        return []
    return ["what each code of the kind column means, where the program does not know it:"] + [
        f'kinds.{quoted(code)} = "invoice"' for code in codes
    ]
