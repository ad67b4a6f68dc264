"""The Reserve sheet: from the aging total to the ECL base, the loss rates and the proposed journal."""

from __future__ import annotations

import polars as pl

from receivables import money
from receivables.report.labels import name_part, sheet
from receivables.report.pack_data import ReserveData
from receivables.report.page import Page, distinguishes, filled
from receivables.report.reserve_books import buffer_table, journal_table, roll_table
from receivables.report.spec import Block, Cell, ColumnSpec, SheetSpec, TableSpec, TextSpec
from receivables.report.sums import frame_of, sum_pattern

CASES = "Reserve_specific"
DILUTION = "Reserve_dilution"
REQUIRED = "Reserve_required"
NAME_WIDTH = 22
TAKEN = ("intercompany", "advances", "dilution", "specific")


def matrix_name(currency: str) -> str:
    """Name of the provision matrix of one currency.

    >>> matrix_name("EUR")
    'Reserve_matrix_EUR'
    """
    return f"Reserve_matrix_{name_part(currency)}"


def reserve_sheet(page: Page, data: ReserveData) -> SheetSpec:
    """Bridge, what is required, matrices, cases, dilution, cover, roll-forward, journal, buffer."""
    blocks: list[Block] = [_head(page, data), _bridge(page, data)]
    if data.rated:
        blocks += [_required(page, data), *_matrices(page, data), _cases(page, data)]
        blocks += [_dilution(page, data)] if data.dilution.height else []
        blocks += _cover(page, data)
        blocks += [roll_table(page, data), journal_table(page, data)]
    blocks += [buffer_table(page, data)] if data.buffer.height else []
    return page.sheet("reserve", page.numbered(blocks))


def _method(page: Page, data: ReserveData) -> list[str]:
    if not data.rated:
        return []
    method = page.text("reserve.method", method=page.term("method", data.method))
    return [" · ".join(filter(None, (method, data.framework)))]


def _head(page: Page, data: ReserveData) -> TextSpec:
    """Title and method; without rates, what to do. One block, so that a refresh takes it back."""
    head = page.head("reserve.title", *_method(page, data), *data.notes)
    if data.rated:
        return head
    lines = [data.why_none or page.text("reserve.no_rates"), page.text("reserve.no_rates_cure")]
    return TextSpec((*head.lines, *((Cell(0, line, "warn"),) for line in lines), ()))


def keys_of(data: ReserveData) -> list[str]:
    """Company, where the reserve knows several, and currency."""
    return [*(["company"] if distinguishes(data.bridge, "company") else []), "currency"]


def key_columns(page: Page, data: ReserveData) -> list[ColumnSpec]:
    """Columns of the keys."""
    several = distinguishes(data.bridge, "company")
    return [*page.optional(page.column("company"), used=several), page.column("currency")]


def _bridge(page: Page, data: ReserveData) -> TableSpec:
    """Aging + reclassed − intercompany − advances − dilution − specific = ECL base, live."""
    name = sheet("reserve", page.language)[1]
    several = distinguishes(data.bridge, "company")
    rows = [_bridge_row(page, data, row) for row in data.bridge.iter_rows(named=True)]
    steps = ("aging_total", "reclassed", *TAKEN)
    live = ["ecl_base", "aging_check", *(["pool_check"] if data.rated else [])]
    columns = [
        *key_columns(page, data),
        *(page.column(step, "money", page.text(f"bridge.{step}"), total=several) for step in steps),
        *(
            page.column(
                step, "money", page.text(f"bridge.{step}"), formula=f"f_{step}", strong=True,
                total=several,
            )
            for step in live
        ),
    ]  # fmt: skip
    return page.table(
        name, columns, frame_of(rows, columns), filter=False, currency_column="currency",
        title=page.text("reserve.bridge"), notes=(page.text("reserve.bridge_note"),),
    )  # fmt: skip


def _bridge_row(page: Page, data: ReserveData, row: dict[str, object]) -> dict[str, object]:
    company, currency = str(row["company"]), str(row["currency"])
    exponent = money.exponent(currency)
    aging = page.data.aging
    mine = pl.col("currency") == currency
    if distinguishes(data.bridge, "company") and distinguishes(aging, "company"):
        mine &= pl.col("company").fill_null("") == company
    held = int(aging.filter(mine)["open"].sum())
    base = _number(row["aging_total"]) + _number(row["reclassed"])
    base -= sum(_number(row[step]) for step in TAKEN)
    pool = _of(data.pool, company, currency)
    taken = "-".join(f"[@{step}]" for step in TAKEN)
    return row | {
        "ecl_base": base,
        "aging_check": held - _number(row["aging_total"]),
        "pool_check": int(pool["exposure"].sum()) - base,
        "f_ecl_base": f"ROUND([@aging_total]+[@reclassed]-{taken},{exponent})",
        "f_aging_check": _aging_check(page, data, currency, exponent),
        "f_pool_check": f"ROUND({_matrix_sum(data, currency, 'exposure')}-[@ecl_base],{exponent})",
    }


def _aging_check(page: Page, data: ReserveData, currency: str, exponent: int) -> str | None:
    aging = page.data.aging
    if aging.height > page.row_limit:
        return None
    total = "0"
    if (aging["currency"] == currency).any():
        both = all(distinguishes(frame, "company") for frame in (data.bridge, aging))
        keys = [*(["company"] if both else []), "currency"]
        total = sum_pattern(sheet("aging", page.language)[1], keys)
    return f"ROUND({total}-[@aging_total],{exponent})"


def _matrix_sum(data: ReserveData, currency: str, column: str) -> str:
    if not (data.pool["currency"] == currency).any():
        return "0"
    return sum_pattern(matrix_name(currency), keys_of(data)[:-1], column)


def _required(page: Page, data: ReserveData) -> TableSpec:
    """Collective + specific = allowance; the refund liability for disputes stands apart."""
    rows = [_required_row(data, row) for row in data.bridge.iter_rows(named=True)]
    several = distinguishes(data.bridge, "company")
    names = ("collective", "case_reserve", "allowance", "refund_liability")
    columns = [
        *key_columns(page, data),
        *(
            page.column(
                name, "money", formula=f"f_{name}", strong=name == "allowance", total=several
            )
            for name in names
        ),
        page.column("coverage", "ratio", formula="f_coverage"),
    ]
    return page.table(
        REQUIRED, columns, frame_of(rows, columns), filter=False, currency_column="currency",
        title=page.text("reserve.required"), notes=(page.text("reserve.required_note"),),
    )  # fmt: skip


def _required_row(data: ReserveData, row: dict[str, object]) -> dict[str, object]:
    company, currency = str(row["company"]), str(row["currency"])
    exponent = money.exponent(currency)
    parts = [
        int(_of(frame, company, currency)["reserve"].sum())
        for frame in (data.pool, data.cases, data.dilution)
    ]
    at_risk = _number(row["ecl_base"]) + _number(row["specific"])
    keys = keys_of(data)
    place = next(
        index
        for index, (owner, code) in enumerate(
            data.bridge.select("company", "currency").iter_rows()
        )
        if (owner, code) == (row["company"], currency)
    )
    bridge = sheet("reserve", "en")[1]
    base = f"({bridge}[ecl_base@{place}]+{bridge}[specific@{place}])"
    return {
        **{key: row[key] for key in ("company", "currency")},
        "collective": parts[0],
        "case_reserve": parts[1],
        "allowance": parts[0] + parts[1],
        "refund_liability": parts[2],
        "coverage": (parts[0] + parts[1]) / at_risk if at_risk else None,
        "f_collective": f"ROUND({_matrix_sum(data, currency, 'reserve')},{exponent})",
        "f_case_reserve": f"ROUND({sum_pattern(CASES, keys, 'reserve')},{exponent})",
        "f_allowance": f"ROUND([@collective]+[@case_reserve],{exponent})",
        "f_refund_liability": f"ROUND({sum_pattern(DILUTION, keys, 'reserve')},{exponent})"
        if data.dilution.height
        else "0",
        "f_coverage": f"[@allowance]/{base}" if at_risk else None,
    }


def _matrices(page: Page, data: ReserveData) -> list[TableSpec]:
    currencies = data.pool["currency"].unique().sort().to_list()
    return [_matrix(page, data, currency) for currency in currencies]


def _matrix(page: Page, data: ReserveData, currency: str) -> TableSpec:
    """Bucket, exposure, rate, source and the allowance as a live product."""
    frame = data.pool.filter(pl.col("currency") == currency)
    changed = bool((frame["rate"] != frame["effective"]).any())
    taken = [name for name in ("netted", "collected") if filled(frame, name)]
    risk = "-".join(f"[@{name}]" for name in ("exposure", *taken))
    rate = "effective" if changed else "loss_rate"
    frame = frame.rename({"rate": "loss_rate"}).with_columns(
        pl.lit(f"ROUND(({risk})*[@{rate}],{money.exponent(currency)})").alias("f_reserve"),
        pl.col("bucket").replace({name: page.bucket(name) for name in frame["bucket"].unique()}),
    )
    shown = [
        column
        for name in ("insured", "secured")
        for column in page.if_filled(frame, name, "money", total=True)
    ]
    columns = [
        *key_columns(page, data)[:-1],
        page.column("bucket"),
        page.column("exposure", "money", total=True),
        *(
            column
            for name in ("netted", "collected")
            for column in page.if_filled(frame, name, "money", total=True)
        ),
        page.column("loss_rate", "rate"),
        *page.optional(page.column("effective", "rate"), used=changed),
        page.column("reserve", "money", formula="f_reserve", strong=True, total=True),
        *shown,
        page.column("source", width=1),
    ]
    return page.table(
        matrix_name(currency), columns, frame, currency=currency, filter=False,
        title=page.text("reserve.matrix", currency=currency),
        notes=(page.text("reserve.matrix_note"),), key=("company", "bucket"),
    )  # fmt: skip


def _cases(page: Page, data: ReserveData) -> TableSpec:
    """Customers and documents assessed alone: out of the pool even where their reserve is nil."""
    return page.table(
        CASES, case_columns(page, data, live=True), case_frame(data), filter=False,
        currency_column="currency", title=page.text("reserve.cases"),
        notes=(page.text("reserve.cases_note"),),
    )  # fmt: skip


def case_frame(data: ReserveData) -> pl.DataFrame:
    """Cases, largest first within their currency, with the live product where a rate was given."""
    digits = pl.col("currency").replace_strict(
        {code: str(money.exponent(code)) for code in data.cases["currency"].unique()},
        return_dtype=pl.String,
    )
    product = pl.format("ROUND([@exposure]*[@loss_rate],{})", digits)
    return (
        data.cases.sort("currency", "exposure", "customer_id", descending=[False, True, False])
        .rename({"rate": "loss_rate"})
        .with_columns(
            pl.when(pl.col("loss_rate").is_not_null()).then(product).alias("f_reserve"),
        )
    )


def case_columns(page: Page, data: ReserveData, *, live: bool) -> list[ColumnSpec]:
    """Columns of the cases, on Reserve with the product, on Disclosure as figures."""
    formula = "f_reserve" if live else ""
    document = page.if_filled(data.cases, "document_no")
    return [
        *key_columns(page, data),
        page.column("customer_id"),
        page.column("name", width=NAME_WIDTH),
        *document,
        page.column("exposure", "money", total=True),
        page.column("loss_rate", "rate"),
        page.column("reserve", "money", formula=formula, strong=True, total=True),
        page.column("reason", "wrap", page.text("case_reason"), width=24),
    ]


def _dilution(page: Page, data: ReserveData) -> TableSpec:
    """Disputed amounts: what is expected to be credited lowers revenue."""
    digits = pl.col("currency").replace_strict(
        {code: str(money.exponent(code)) for code in data.dilution["currency"].unique()},
        return_dtype=pl.String,
    )
    product = pl.format("ROUND([@exposure]*[@loss_rate],{})", digits)
    known = pl.col("loss_rate").is_not_null()
    frame = data.dilution.rename({"rate": "loss_rate"}).with_columns(
        pl.when(known).then(product).alias("f_reserve")
    )
    columns = [
        *key_columns(page, data),
        page.column("exposure", "money", page.text("disputed_amount")),
        page.column("loss_rate", "rate", page.text("credited_share")),
        page.column(
            "reserve", "money", page.text("refund_liability"), formula="f_reserve", strong=True
        ),
    ]
    return page.table(
        DILUTION, columns, frame, filter=False, currency_column="currency",
        title=page.text("reserve.dilution"), notes=(page.text("reserve.dilution_note"),),
    )  # fmt: skip


def _cover(page: Page, data: ReserveData) -> list[TableSpec]:
    """Insured and secured parts of the pool, beside it: not deducted unless a decision is recorded."""
    shown = [name for name in ("insured", "secured", "netted") if filled(data.pool, name)]
    if not shown:
        return []
    rows = []
    for row in data.bridge.iter_rows(named=True):
        pool = _of(data.pool, row["company"], row["currency"])
        if not pool.is_empty() and any(pool[name].sum() for name in shown):
            own = {name: int(pool[name].sum()) for name in ("exposure", *shown)}
            rows.append({key: row[key] for key in ("company", "currency")} | own)
    columns = [
        *key_columns(page, data),
        *(page.column(name, "money") for name in ("exposure", *shown)),
    ]
    return [
        page.table(
            "Reserve_cover", columns, frame_of(rows, columns), filter=False,
            currency_column="currency", title=page.text("reserve.cover"),
            notes=(page.text("reserve.cover_note"),),
        )
    ]  # fmt: skip


def _of(frame: pl.DataFrame, company: object, currency: object) -> pl.DataFrame:
    same = pl.col("company").fill_null("") == (company or "")
    return frame.filter(same & (pl.col("currency") == currency))


def _number(value: object) -> int:
    return int(str(value or 0))
