"""The Movement sheet: opening to closing by customer, and which movements ask for a comment."""

from __future__ import annotations

import polars as pl

from receivables import money
from receivables.report.labels import sheet
from receivables.report.pack_data import MOVES, MovementData
from receivables.report.page import Page, filled
from receivables.report.spec import ColumnSpec, SheetSpec, TableSpec
from receivables.report.sums import frame_of, sum_pattern

ALWAYS = ("new", "paid", "credited", "written_off")
"""Moves that are shown even where nothing moved; the others only where something did."""
TOTALS = "Movement_totals"


def movement_sheet(page: Page, data: MovementData) -> SheetSpec:
    """Totals per currency against the Aging sheet, then customers, largest change first."""
    whole = _measured(data.frame)
    shown, notes, overflow = page.fit(whole, "movement")
    used = {name for name in MOVES if name in ALWAYS or filled(whole, name)}
    shown_moves = [name for name in MOVES if name in used or page.living]
    name = sheet("movement", page.language)[1]
    currencies = sorted(whole["currency"].unique().to_list())
    places = {currency: place for place, currency in enumerate(currencies)}
    totals = _totals(page, data, whole, shown_moves, currencies, cut=bool(overflow))
    table = page.table(
        name, _columns(page, whole, shown_moves), _rows(page, data, shown, shown_moves, places),
        currency_column="currency", notes=notes, title=page.text("movement.customers"),
        light="mark",
    )  # fmt: skip
    head = page.head(
        "movement.title", page.dated("movement.note", start=data.start, end=page.data.as_of)
    )
    return page.sheet(
        "movement", [head, totals, table], overflow=overflow,
        light_states=("", "", page.text("movement.mark")),
    )  # fmt: skip


def _measured(frame: pl.DataFrame) -> pl.DataFrame:
    """Largest change first within each currency."""
    change = (pl.col("closing") - pl.col("opening")).alias("delta")
    return (
        frame.with_columns(change)
        .with_columns(pl.col("delta").abs().alias("·size"))
        .sort("currency", "·size", "customer_id", descending=[False, True, False])
        .drop("·size")
    )


def _sum(names: list[str]) -> str:
    return "[@opening]" + "".join(f"+[@{name}]" for name in names)


def _columns(page: Page, frame: pl.DataFrame, moves: list[str]) -> list[ColumnSpec]:
    return [
        *page.keys(frame),
        page.column("customer_id"),
        page.column("name", width=24),
        page.column("currency"),
        *(
            page.column(name, "money", page.text(f"move.{name}"), total=True)
            for name in ("opening", *moves)
        ),
        page.column(
            "closing", "money", page.text("move.closing"), formula="f_closing", strong=True,
            total=True,
        ),
        page.column("delta", "money", formula="f_delta", total=True),
        page.column("mark", formula="f_mark"),
        page.column("comment", "wrap", width=36, typed=True),
    ]  # fmt: skip


def _rows(
    page: Page, data: MovementData, frame: pl.DataFrame, moves: list[str], places: dict[str, int]
) -> pl.DataFrame:
    """Live closing, change and mark; the mark asks the editable materiality in the totals."""
    known = pl.DataFrame(
        [
            (code, str(money.exponent(code)), str(place), data.materiality.get(code))
            for code, place in places.items()
        ],
        schema={
            "currency": pl.String,
            "·digits": pl.String,
            "·place": pl.String,
            "·limit": pl.Int64,
        },
        orient="row",
    )
    frame = frame.join(known, on="currency", how="left", maintain_order="left")
    digits, place, limit = pl.col("·digits"), pl.col("·place"), pl.col("·limit")
    word = page.text("movement.mark")
    marked = (pl.col("delta").abs() >= limit).fill_null(value=False)
    cell = f"{TOTALS}[materiality@{{}}]"
    comment = pl.col("comment") if "comment" in frame.columns else pl.lit(None, pl.String)
    return frame.with_columns(
        pl.format(f"ROUND({_sum(moves)},{{}})", digits).alias("f_closing"),
        pl.format("ROUND([@closing]-[@opening],{})", digits).alias("f_delta"),
        pl.when(marked).then(pl.lit(word)).otherwise(pl.lit("")).alias("mark"),
        pl.format(
            f'IF({cell}="","",IF(ABS([@delta])>={cell},"{word}",""))', place, place
        ).alias("f_mark"),
        comment.alias("comment"),
    )  # fmt: skip


def _totals(
    page: Page, data: MovementData, frame: pl.DataFrame, moves: list[str], currencies: list[str],
    *, cut: bool,
) -> TableSpec:  # fmt: skip
    """One line per currency; the closing against the Aging sheet of this workbook."""
    rows = [_total_row(page, data, frame, moves, currency, cut=cut) for currency in currencies]
    live = "" if cut else "f_"
    names = ("opening", *moves, "closing")
    columns = [
        page.column("currency"),
        *(
            page.column(
                name, "money", page.text(f"move.{name}"), formula=live and f"f_{name}",
                strong=name == "closing",
            )
            for name in names
        ),
        page.column("aging_check", "money", page.text("move.aging_check"),
                    formula=live and "f_aging_check", strong=True),
        page.column("materiality", "money"),
    ]  # fmt: skip
    notes = [page.text("movement.totals_note")]
    if not data.materiality:
        notes.append(page.text("movement.no_materiality"))
    return page.table(
        TOTALS, columns, frame_of(rows, columns), filter=False, currency_column="currency",
        title=page.text("movement.totals"), notes=tuple(notes),
    )  # fmt: skip


def _total_row(
    page: Page, data: MovementData, frame: pl.DataFrame, moves: list[str], currency: str,
    *, cut: bool,
) -> dict[str, object]:  # fmt: skip
    mine = frame.filter(pl.col("currency") == currency)
    aging = page.data.aging
    held = int(aging.filter(pl.col("currency") == currency)["open"].sum())
    exponent = money.exponent(currency)
    table = sheet("movement", page.language)[1]
    row: dict[str, object] = {"currency": currency, "materiality": data.materiality.get(currency)}
    for name in ("opening", *moves, "closing"):
        row[name] = int(mine[name].sum())
        row[f"f_{name}"] = f"ROUND({sum_pattern(table, ['currency'], name)},{exponent})"
    row["aging_check"] = held - int(mine["closing"].sum())
    known = (aging["currency"] == currency).any() and aging.height <= page.row_limit and not cut
    there = (
        sum_pattern(sheet("aging", page.language)[1], ["currency"])
        if known
        else f"{money.to_decimal(held, currency)}"
    )
    row["f_aging_check"] = f"ROUND({there}-[@closing],{exponent})"
    return row
