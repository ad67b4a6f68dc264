"""Roll-forward of the allowance, the proposed journal, and the management buffer apart from both."""

from __future__ import annotations

import polars as pl

from receivables import money
from receivables.report.pack_data import ReserveData
from receivables.report.page import Page, distinguishes
from receivables.report.spec import TableSpec
from receivables.report.sums import frame_of

ROLL = "Allowance_movement"
MOVES = ("charge", "reversal", "written_off", "recovered", "fx")


def roll_table(page: Page, data: ReserveData) -> TableSpec:
    """Opening + charge − reversal − written off + recovered + FX = closing, against the ledger."""
    rows = [_roll_row(row) for row in data.roll.iter_rows(named=True)]
    columns = [
        *page.optional(page.column("company"), used=distinguishes(data.roll, "company")),
        page.column("currency"),
        page.column("start", "date"),
        page.column("end", "date"),
        page.column("opening", "money"),
        *(page.column(name, "money", page.text(f"roll.{name}")) for name in MOVES),
        page.column("closing", "money", page.text("roll.closing"), formula="f_closing", strong=True),
        page.column("booked", "money"),
        page.column(
            "to_book", "money", formula="f_to_book", strong=True
        ),
    ]  # fmt: skip
    return page.table(
        ROLL, columns, frame_of(rows, columns), filter=False, currency_column="currency",
        title=page.text("reserve.roll"), notes=(page.text("reserve.roll_note"),),
    )  # fmt: skip


def _roll_row(row: dict[str, int | None]) -> dict[str, object]:
    exponent = money.exponent(str(row["currency"]))
    opening, charge, reversal, written, recovered, fx = (
        int(row[name] or 0) for name in ("opening", *MOVES)
    )
    closing = opening + charge - reversal - written + recovered + fx
    booked = row["booked"]
    return dict(row) | {
        "closing": closing,
        "to_book": None if booked is None else closing - booked,
        "f_closing": f"ROUND([@opening]+[@charge]-[@reversal]-[@written_off]+[@recovered]+[@fx],{exponent})",
        "f_to_book": None if booked is None else f"ROUND([@closing]-[@booked],{exponent})",
    }


def journal_table(page: Page, data: ReserveData) -> TableSpec:
    """Proposed entries with debit and credit apart; each company and currency balances."""
    debit = pl.col("side") == "Dr"
    frame = data.journal.with_columns(
        pl.when(debit).then("amount").alias("debit"),
        pl.when(~debit).then("amount").alias("credit"),
        page.words("side", "side"),
        page.words("role", "role"),
        page.words("entry", "entry"),
        pl.when(pl.col("account").fill_null("") == "")
        .then(pl.lit(page.text("journal.no_account")))
        .otherwise("account")
        .alias("account"),
    )
    columns = [
        *page.if_filled(frame, "company"),
        page.column("entry"),
        page.column("side"),
        page.column("account"),
        page.column("role"),
        page.column("currency"),
        page.column("debit", "money", total=True),
        page.column("credit", "money", total=True),
    ]
    return page.table(
        "Proposed_journal", columns, frame, filter=False, currency_column="currency",
        title=page.text("reserve.journal"), notes=(page.text("reserve.journal_note"),),
        key=("company", "entry", "side", "role", "currency"),
    )  # fmt: skip


def buffer_table(page: Page, data: ReserveData) -> TableSpec:
    """Share of turnover that management keeps in mind; never part of a journal."""
    rows = [_buffer_row(page, row) for row in data.buffer.iter_rows(named=True)]
    columns = [
        *page.optional(page.column("company"), used=distinguishes(data.buffer, "company")),
        page.column("currency"),
        page.column("turnover", "money"),
        *(page.column(name, "rate") for name in ("lowest", "buffer_share", "highest")),
        page.column("buffer", "money", formula="f_buffer", strong=True),
        page.column("finding", formula="f_finding"),
    ]
    return page.table(
        "Management_buffer", columns, frame_of(rows, columns), filter=False,
        currency_column="currency", title=page.text("reserve.buffer"),
        notes=(page.text("reserve.buffer_note"),),
    )  # fmt: skip


def _buffer_row(page: Page, row: dict[str, object]) -> dict[str, object]:
    exponent = money.exponent(str(row["currency"]))
    outside = page.text("buffer.outside")
    low, share, high = (float(str(row[name])) for name in ("lowest", "share", "highest"))
    return row | {
        "buffer_share": share,
        "buffer": row["amount"],
        "finding": "" if low <= share <= high else outside,
        "f_buffer": f"ROUND([@turnover]*[@buffer_share],{exponent})",
        "f_finding": f'IF(OR([@buffer_share]<[@lowest],[@buffer_share]>[@highest]),"{outside}","")',
    }
