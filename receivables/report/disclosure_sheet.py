"""The Disclosure sheet: IFRS 7 ¶35N by past-due bucket, and the notes that Chinese accounts print."""

from __future__ import annotations

import polars as pl

from receivables import money
from receivables.report.labels import name_part, sheet
from receivables.report.pack_data import Disclosure, ReserveData
from receivables.report.page import Page, distinguishes
from receivables.report.reserve_books import MOVES, ROLL
from receivables.report.reserve_sheet import (
    CASES,
    REQUIRED,
    case_columns,
    case_frame,
    matrix_name,
)
from receivables.report.spec import Block, SheetSpec, TableSpec
from receivables.report.sums import frame_of

CLASSES = ("specific", "ecl_base", "dilution", "intercompany")
ALLOWANCE_OF = {"specific": "case_reserve", "ecl_base": "collective"}


def disclosure_sheet(page: Page) -> SheetSpec:
    """Matrix per currency, classes of assessment, cases, years of age, five largest, movement."""
    data, notes = page.data.reserve, page.data.disclosure
    blocks: list[Block] = [page.head("disclosure.title", page.text("disclosure.note"))]
    if data and data.rated:
        blocks += [*_matrices(page, data), _classes(page, data)]
        blocks += [_cases(page, data)] if data.cases.height else []
    blocks += [_years(page, notes)] if notes.years.height else []
    blocks += [_top(page, notes)] if notes.top.height else []
    if data and data.roll.height:
        blocks.append(_movement(page, data))
    return page.sheet("disclosure", page.numbered(blocks))


def _matrices(page: Page, data: ReserveData) -> list[TableSpec]:
    owed = pl.concat([data.pool["currency"], data.cases["currency"]]).unique().sort()
    return [_matrix(page, data, currency) for currency in owed.to_list()]


def _matrix(page: Page, data: ReserveData, currency: str) -> TableSpec:
    """IFRS 7 ¶35N: gross carrying amount, loss rate and loss allowance by past-due bucket."""
    exponent = money.exponent(currency)
    pool = data.pool.filter(pl.col("currency") == currency)
    sums = pool.group_by("bucket", maintain_order=True).agg(pl.col("exposure", "reserve").sum())
    source = matrix_name(currency)
    rows = [
        _line(
            page.bucket(bucket), gross, allowance, exponent, f"EXACT({source}[bucket],[@bucket])", source
        )
        for bucket, gross, allowance in sums.iter_rows()
    ]  # fmt: skip
    cases = data.cases.filter(pl.col("currency") == currency)
    if cases.height:
        gross, allowance = (int(cases[name].sum()) for name in ("exposure", "reserve"))
        same = f'EXACT({CASES}[currency],"{currency}")'
        rows.append(_line(page.text("class.specific"), gross, allowance, exponent, same, CASES))
    columns = [
        page.column("bucket", heading=page.text("disclosure.bucket")),
        page.column("gross", "money", formula="f_gross", total=True),
        page.column("average_rate", "ratio", formula="f_rate", ratio=("allowance", "gross")),
        page.column("allowance", "money", page.text("loss_allowance"), formula="f_allowance",
                    strong=True, total=True),
        page.column("net", "money", formula="f_net", total=True),
    ]  # fmt: skip
    return page.table(
        f"Disclosure_matrix_{name_part(currency)}", columns, frame_of(rows, columns), currency=currency,
        filter=False, title=page.text("disclosure.matrix", currency=currency),
        notes=(page.text("disclosure.matrix_note"),), key=("bucket",),
    )  # fmt: skip


def _line(
    bucket: str, gross: int, allowance: int, exponent: int, same: str, source: str
) -> dict[str, object]:
    return {
        "bucket": bucket,
        "gross": gross,
        "allowance": allowance,
        "net": gross - allowance,
        "average_rate": allowance / gross if gross else None,
        "f_gross": f"ROUND(SUMPRODUCT(1*{same},{source}[exposure]),{exponent})",
        "f_allowance": f"ROUND(SUMPRODUCT(1*{same},{source}[reserve]),{exponent})",
        "f_rate": "[@allowance]/[@gross]" if gross else None,
        "f_net": f"ROUND([@gross]-[@allowance],{exponent})",
    }


def _classes(page: Page, data: ReserveData) -> TableSpec:
    """单项 / 组合计提: what was assessed alone, what as a pool, and what carries no loss allowance."""
    currencies = data.bridge["currency"].unique().sort().to_list()
    rows = [
        _class_row(page, data, currency, name)
        for currency in currencies
        for name in CLASSES
        if name in ALLOWANCE_OF or _amount(data, currency, name)
    ]
    columns = [
        page.column("currency"),
        page.column("class"),
        page.column("gross", "money", formula="f_gross", total=True),
        page.column("share", "percent", formula="f_share"),
        page.column("allowance", "money", page.text("loss_allowance"), formula="f_allowance", total=True),
        page.column("average_rate", "ratio", formula="f_rate"),
        page.column("net", "money", formula="f_net", strong=True, total=True),
    ]  # fmt: skip
    return page.table(
        "Disclosure_classes", columns, frame_of(rows, columns), currency_column="currency",
        filter=False, title=page.text("disclosure.classes"),
        notes=(page.text("disclosure.classes_note"),), key=("currency", "class"),
    )  # fmt: skip


def _amount(data: ReserveData, currency: str, name: str) -> int:
    return int(data.bridge.filter(pl.col("currency") == currency)[name].sum())


def _class_row(page: Page, data: ReserveData, currency: str, name: str) -> dict[str, object]:
    exponent = money.exponent(currency)
    bridge = sheet("reserve", page.language)[1]
    gross = _amount(data, currency, name)
    whole = sum(_amount(data, currency, other) for other in CLASSES)
    held = {"specific": data.cases, "ecl_base": data.pool}.get(name)
    allowance = 0
    if held is not None:
        allowance = int(held.filter(pl.col("currency") == currency)["reserve"].sum())
    total = "Disclosure_classes"
    same = f"EXACT({total}[currency],[@currency])"
    source = ALLOWANCE_OF.get(name)
    return {
        "currency": currency,
        "class": page.text(f"class.{name}"),
        "gross": gross,
        "share": gross / whole if whole else None,
        "allowance": allowance,
        "average_rate": allowance / gross if gross and source else None,
        "net": gross - allowance,
        "f_gross": f"ROUND({_by_currency(bridge, name)},{exponent})",
        "f_share": f"[@gross]/SUMPRODUCT(1*{same},{total}[gross])" if whole else None,
        "f_allowance": f"ROUND({_by_currency(REQUIRED, source)},{exponent})" if source else "0",
        "f_rate": "[@allowance]/[@gross]" if gross and source else None,
        "f_net": f"ROUND([@gross]-[@allowance],{exponent})",
    }


def _by_currency(table: str, column: str) -> str:
    return f"SUMPRODUCT(1*EXACT({table}[currency],[@currency]),{table}[{column}])"


def _cases(page: Page, data: ReserveData) -> TableSpec:
    return page.table(
        "Disclosure_specific", case_columns(page, data, live=False), case_frame(data), filter=False,
        currency_column="currency", title=page.text("disclosure.cases"),
    )  # fmt: skip


def _years(page: Page, notes: Disclosure) -> TableSpec:
    """按账龄: balances by years since recognition, closing beside opening."""
    total = pl.col("closing").sum().over("currency")
    table = "Disclosure_years"
    same = f"EXACT({table}[currency],[@currency])"
    known = total != 0
    frame = notes.years.with_columns(
        pl.when(known).then(pl.col("closing") / total).alias("share"),
        pl.when(known)
        .then(pl.lit(f"[@closing]/SUMPRODUCT(1*{same},{table}[closing])"))
        .alias("f_share"),
        pl.col("bucket").replace({name: page.bucket(name) for name in notes.years["bucket"].unique()}),
    )  # fmt: skip
    heading = f"{page.text('move.opening')} {notes.opening_on or ''}".rstrip()
    opening = page.if_filled(notes.years, "opening", "money", heading, total=True)
    columns = [
        page.column("currency"),
        page.column("bucket", heading=page.text("disclosure.age")),
        page.column("closing", "money", page.text("move.closing"), total=True, strong=True),
        page.column("share", "percent", formula="f_share"),
        *opening,
    ]
    return page.table(
        table, columns, frame, currency_column="currency", filter=False,
        title=page.text("disclosure.years"), notes=(page.text("disclosure.years_note"),),
        key=("currency", "bucket"),
    )  # fmt: skip


def _top(page: Page, notes: Disclosure) -> TableSpec:
    """前五名: the largest debtors of each currency with their share and allowance."""
    rank = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("currency")
    known = pl.col("total") != 0
    frame = notes.top.sort("currency", maintain_order=True).with_columns(
        rank.alias("rank"),
        pl.when(known).then(pl.col("balance") / pl.col("total")).alias("share"),
        pl.when(known).then(pl.lit("[@balance]/[@total]")).alias("f_share"),
    )
    columns = [
        page.column("currency"),
        page.column("rank", "int"),
        page.column("customer_id"),
        page.column("name"),
        page.column("balance", "money", total=True),
        page.column("share", "percent", formula="f_share"),
        *page.if_filled(frame, "allowance", "money", page.text("loss_allowance"), total=True),
        page.column("total", "money", page.text("top.total")),
    ]
    return page.table(
        "Disclosure_top", columns, frame, currency_column="currency", filter=False,
        title=page.text("disclosure.top"), notes=(page.text("disclosure.top_note"),),
    )  # fmt: skip


def _movement(page: Page, data: ReserveData) -> TableSpec:
    """变动: the roll-forward of the allowance, each figure read from the Reserve sheet."""
    rows = []
    for index, row in enumerate(data.roll.iter_rows(named=True)):
        names = ("opening", *MOVES, "closing")
        rows.append(row | {f"f_{name}": f"{ROLL}[{name}@{index}]" for name in names})
    columns = [
        *page.optional(page.column("company"), used=distinguishes(data.roll, "company")),
        page.column("currency"),
        page.column("opening", "money", formula="f_opening"),
        *(
            page.column(name, "money", page.text(f"roll.{name}"), formula=f"f_{name}")
            for name in MOVES
        ),
        page.column("closing", "money", page.text("roll.closing"), formula="f_closing", strong=True),
    ]  # fmt: skip
    return page.table(
        "Disclosure_movement", columns, frame_of(rows, columns), filter=False,
        currency_column="currency", title=page.text("disclosure.movement"),
    )  # fmt: skip
