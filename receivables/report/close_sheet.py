"""The Close sheet: does the ledger tie out, to what, and what is left to explain."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

import polars as pl

from receivables import money
from receivables.report.behind_table import behind_table
from receivables.report.data import NEVER, BridgeLine, TieOut
from receivables.report.labels import sheet
from receivables.report.lists import shown_amount
from receivables.report.page import Page, distinguishes, filled
from receivables.report.sign_off import pack_tables, sign_off
from receivables.report.spec import (
    Block,
    Cell,
    ColumnSpec,
    Overflow,
    SheetSpec,
    TableSpec,
    TextSpec,
)
from receivables.report.sums import frame_of, sum_pattern

BOOKS = "Tie_out_books"


def close_sheet(page: Page) -> SheetSpec:
    """Tie-out with live formulas, bridge, counts, sign-off and the rows set aside."""
    chain, books = _chain(page), _books(page)
    aside, overflow = _set_aside(page)
    blocks: list[Block] = [
        page.head("close.title", *_sources(page)),
        _light(page, books),
        chain,
        books,
    ]
    blocks += [behind_table(page)] if page.data.behind.height else []
    blocks += [_bridge(page)] if page.data.bridge else []
    facts = page.data.close
    pack, more = pack_tables(page, facts) if facts else ([], ())
    blocks += [_counts(page), _issue_counts(page), *pack, sign_off(page, facts), aside]
    return page.sheet(
        "close", page.numbered(blocks), light_states=_states(page), overflow=(*overflow, *more)
    )


def _states(page: Page) -> tuple[str, str, str]:
    return page.text("light.good"), page.text("light.neutral"), page.text("light.bad")


def _sources(page: Page) -> list[str]:
    data = page.data
    lines = [
        f"{page.text('close.source')}: {source.name}"
        + (f" ({page.text('close.rows', count=f'{source.rows:,}')})" if source.rows else "")
        + (f" · sha256 {source.sha256}" if source.sha256 else "")
        for source in data.sources
    ]
    if data.match_cutoff and data.match_cutoff != data.as_of:
        lines.append(page.text("match_cutoff", date=data.match_cutoff))
    return [*lines, *data.notes]


def _light(page: Page, books: TableSpec) -> TextSpec:
    if page.data.as_of == NEVER:
        return TextSpec(((Cell(0, page.text("light.never"), "light", until=3),), ()))
    good, neutral, bad = _states(page)
    states = books.frame["state"].to_list()
    worst = next((state for state in (bad, neutral, good) if state in states), neutral)
    column = f"{BOOKS}[state]"
    formula = (
        f'IF(COUNTIF({column},"{bad}")>0,"{bad}",'
        f'IF(COUNTIF({column},"{good}")=ROWS({column}),"{good}","{neutral}"))'
    )
    light = Cell(0, worst, "light", formula=formula, until=3)
    return TextSpec(((light,), ()))


def _chain(page: Page) -> TableSpec:
    """Read − after as-of − set aside = used; used − settled = open."""
    rows = [_chain_row(tie) for tie in page.data.tie_outs]
    columns = [
        *_keys(page),
        *(page.column(name, "money") for name in ("read", "after_as_of", "set_aside")),
        page.column("used", "money", formula="f_used", strong=True),
        page.column("settled", "money"),
        page.column("open", "money", formula="f_open", strong=True),
        *(page.column(name, "money") for name in ("debits", "credits")),
        page.column("unreadable", "int"),
    ]
    return page.table(
        sheet("close", page.language)[1], columns, frame_of(rows, columns), filter=False,
        currency_column="currency", title=page.text("close.tie_out"),
        notes=(page.text("close.tie_out_note"),),
    )  # fmt: skip


def _chain_row(tie: TieOut) -> dict[str, object]:
    exponent = money.exponent(tie.currency)
    used = tie.read - tie.after_as_of - tie.set_aside
    return asdict(tie) | {
        "used": used,
        "open": used - tie.settled,
        "f_used": f"ROUND([@read]-[@after_as_of]-[@set_aside],{exponent})",
        "f_open": f"ROUND([@used]-[@settled],{exponent})",
    }


def _books(page: Page) -> TableSpec:
    """Open against the Aging and Open items sheets, the ledger balance and the control account."""
    rows = [_books_row(page, index, tie) for index, tie in enumerate(page.data.tie_outs)]
    live = {"open", "aging_sum", "aging_check", "items_sum", "items_check", "difference"}
    figures = (
        "open", "aging_sum", "aging_check", "items_sum", "items_check", "ledger_balance",
        "control_account", "difference",
    )  # fmt: skip
    checks = {"aging_check", "items_check", "difference"}
    columns = [
        *_keys(page),
        *(
            page.column(
                name, "money", formula=f"f_{name}" if name in live else "", strong=name in checks
            )
            for name in figures
        ),
        page.column("state", formula="f_state", width=28),
    ]
    return page.table(
        BOOKS, columns, frame_of(rows, columns), filter=False, currency_column="currency",
        title=page.text("close.books"), notes=(page.text("close.books_note"),), light="state",
    )  # fmt: skip


def _books_row(page: Page, index: int, tie: TieOut) -> dict[str, object]:
    exponent = money.exponent(tie.currency)
    chain = sheet("close", page.language)[1]
    opened = tie.read - tie.after_as_of - tie.set_aside - tie.settled
    aging, items = _held(page, page.data.aging, tie), _held(page, page.data.items, tie)
    given = tie.control_account is not None
    row: dict[str, object] = {
        "company": tie.company,
        "account": tie.account,
        "currency": tie.currency,
        "open": opened,
        "aging_sum": aging,
        "aging_check": aging - opened,
        "items_sum": items,
        "items_check": items - opened,
        "ledger_balance": tie.ledger_balance,
        "control_account": tie.control_account,
        "difference": tie.ledger_balance - tie.control_account if given else None,  # type: ignore[operator]
        "f_open": f"{chain}[open@{index}]",
        "f_aging_sum": _aging_pattern(page, tie),
        "f_aging_check": f"ROUND([@aging_sum]-[@open],{exponent})",
        "f_items_sum": _items_pattern(page),
        "f_items_check": f"ROUND([@items_sum]-[@open],{exponent})",
        "f_difference": f"ROUND([@ledger_balance]-[@control_account],{exponent})"
        if given
        else None,
    }
    return row | _state(page, row, tie, f"{chain}[unreadable@{index}]", exponent)


def _state(
    page: Page, row: dict[str, object], tie: TieOut, unreadable: str, exponent: int
) -> dict[str, object]:
    good, neutral, bad = _states(page)
    broken = bool(
        tie.unreadable
        or row["aging_check"]
        or row["items_check"]
        or row["open"] != row["ledger_balance"]
    )
    settled = neutral if tie.control_account is None else (bad if row["difference"] else good)
    formula = (
        f"IF(OR({unreadable}<>0,[@aging_check]<>0,[@items_check]<>0,"
        f'ROUND([@open]-[@ledger_balance],{exponent})<>0),"{bad}",'
        f'IF([@control_account]="","{neutral}",IF([@difference]<>0,"{bad}","{good}")))'
    )
    return {"state": bad if broken else settled, "f_state": formula}


def _told_apart(page: Page) -> list[str]:
    """Keys of the tie-out: control balances given per currency only leave the company blank."""
    keys = ("company", "account")
    return [key for key in keys if any(getattr(tie, key) for tie in page.data.tie_outs)]


def _held(page: Page, frame: pl.DataFrame, tie: TieOut) -> int:
    """What a result sheet holds for one block of the tie-out."""
    keys = [*_told_apart(page), "currency"]
    block = frame.filter(*(pl.col(name).fill_null("") == getattr(tie, name) for name in keys))
    return int(block["open"].sum())


def _aging_pattern(page: Page, tie: TieOut) -> str | None:
    frame = page.data.aging
    if frame.height > page.row_limit:
        return None
    if not (frame["currency"] == tie.currency).any():
        return "0"
    keys = [key for key in _told_apart(page) if distinguishes(frame, key)]
    return sum_pattern(sheet("aging", page.language)[1], [*keys, "currency"])


def _items_pattern(page: Page) -> str | None:
    frame = page.data.items
    if frame.height > page.row_limit:
        return None
    keys = [key for key in _told_apart(page) if distinguishes(frame, key)]
    return sum_pattern(sheet("open_items", page.language)[1], [*keys, "currency"])


def _bridge(page: Page) -> TableSpec:
    rows = [_bridge_row(line) for line in page.data.bridge]
    local = {"currency_column": "local_currency"}
    columns = [
        *_keys(page),
        page.column("amount", "money"),
        page.column("rate"),
        page.column("local_currency"),
        page.column("carrying", "money", **local),
        page.column("closing", "money", **local),
        page.column("fx_difference", "money", formula="f_difference", strong=True, **local),
        page.column("rounding", "money", **local),
    ]
    return page.table(
        "Bridge", columns, frame_of(rows, columns), filter=False, currency_column="currency",
        title=page.text("close.bridge"), notes=(page.text("close.bridge_note"),),
        key=("company", "account", "currency", "local_currency"),
    )  # fmt: skip


def _bridge_row(line: BridgeLine) -> dict[str, object]:
    exponent = money.exponent(line.local_currency)
    known = line.carrying is not None
    return asdict(line) | {
        "fx_difference": line.closing - line.carrying if line.carrying is not None else None,
        "f_difference": f"ROUND([@closing]-[@carrying],{exponent})" if known else None,
    }


def _counts(page: Page) -> TextSpec:
    credit, cut_off = page.data.credit_balances, page.data.cut_off
    totals = credit.group_by("currency").agg(pl.col("balance").sum()).sort("currency")
    amounts = ", ".join(shown_amount(minor, currency) for currency, minor in totals.rows())
    findings = cut_off.filter(pl.col("finding") != "in_window").height
    window = page.text("close.in_window", count=f"{cut_off.height:,}")
    lines = (("close.credit", credit.height, amounts), ("close.cut_off", findings, window))
    return TextSpec(
        (*((Cell(0, page.text(key), "label"), Cell(3, count, "count"), Cell(4, text)) for key, count, text in lines), ())
    )  # fmt: skip


def _issue_counts(page: Page) -> TableSpec:
    counts = Counter((issue.level, issue.code) for issue in page.data.issues)
    first = {(issue.level, issue.code): issue.message for issue in reversed(page.data.issues)}
    order = ("error", "warning", "note")
    keys = sorted(counts, key=lambda key: (order.index(key[0]), -counts[key], key[1]))
    rows = [
        {"level": level, "code": code, "count": counts[level, code], "message": first[level, code]}
        for level, code in keys
    ]
    columns = [
        page.column("level"),
        page.column("count", "int"),
        page.column("code"),
        page.column("message", width=1),
    ]
    frame = frame_of(rows, columns).with_columns(page.words("level", "level"))
    return page.table(
        "Issue_counts", columns, frame, filter=False, title=page.text("close.issues"),
        key=("level", "code"),
    )  # fmt: skip


def _set_aside(page: Page) -> tuple[TableSpec, tuple[Overflow, ...]]:
    frame = page.data.set_aside
    for name in ("company", "account", "currency"):
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit("").alias(name))
    wanted: list[ColumnSpec] = [
        *_keys(page),
        page.column("amount", "money"),
        *(page.column(name, width=16) for name in ("amount_text", "table")),
        page.column("row", "int"),
        *(page.column(name, width=16) for name in ("customer_id", "document_no", "file", "code")),
        page.column("message", "wrap", width=28),
    ]
    if "row" not in frame.columns and "_row" in frame.columns:
        frame = frame.rename({"_row": "row"})
    needed = {"amount": pl.Int64(), "row": pl.Int64()}
    missing = [column.name for column in wanted if column.name not in frame.columns]
    frame = frame.with_columns(
        pl.lit(None, dtype=needed.get(name, pl.String())).alias(name) for name in missing
    )
    columns = [
        shown
        for column in wanted
        for shown in page.optional(
            column, used=column.name not in {"file", "message"} or filled(frame, column.name)
        )
    ]
    shown, notes, overflow = page.fit(frame, "set_aside", page.data.settings.max_issue_rows)
    table = page.table(
        "Set_aside", columns, shown, currency_column="currency", title=page.text("close.set_aside"),
        notes=(page.text("close.set_aside_note"), *notes),
        key=("table", "document_no", "customer_id", "amount_text", "code"),
    )  # fmt: skip
    return table, overflow


def _keys(page: Page) -> list[ColumnSpec]:
    """Company and account where the books know them, and the currency: the same in every table."""
    rows = [*page.data.tie_outs, *page.data.bridge]
    aside = page.data.set_aside
    keys = [
        column
        for name in ("company", "account")
        for column in page.optional(
            page.column(name, width=_key_width(page, name)),
            used=any(getattr(row, name) for row in rows) or filled(aside, name),
        )
    ]
    return [*keys, page.column("currency")]


def _key_width(page: Page, name: str) -> float:
    from receivables.report.widths import heading_width, text_width

    texts = [getattr(tie, name) for tie in page.data.tie_outs]
    return max([heading_width(page.text(name)), *(text_width(text) + 2 for text in texts)])
