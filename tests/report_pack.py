"""The close pack of the invented month end: reserve, speed, disclosure, movement, sign-off."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from receivables import money
from receivables.days import month_ends
from receivables.report import pack_data as pack
from receivables.report.data import ReportData
from tests.report_sample import AS_OF, sample

RATES = {"Current": "0.003", "1-30 d": "0.016", "31-60 d": "0.036", "61-90 d": "0.066", "91+ d": "0.106"}  # fmt: skip
ORDER = {name: place for place, name in enumerate((*RATES, "No due date"))}
ALONE = ("00010", "00013")


def pack_sample(**changes: object) -> ReportData:
    """The sample with every sheet of the pack; `changes` replace fields of ReportData."""
    data = sample()
    return sample(**(pack_of(data) | changes))


def pack_of(data: ReportData) -> dict[str, object]:
    """Pack fields whose sums tie to a report's aging."""
    return {
        "reserve": reserve(data),
        "speed": speed(),
        "disclosure": pack.Disclosure(years(data), top(data)),
        "movement": pack.MovementData(
            date(2026, 9, 30), movement(data), {"EUR": 1_500_00, "CNY": 5_000_00}
        ),
        "close": close(data),
    }


def reserve(data: ReportData) -> pack.ReserveData:
    items = exposures(data)
    base = items.filter(~pl.col("customer_id").is_in(ALONE))
    alone = items.filter(pl.col("customer_id").is_in(ALONE))
    return pack.ReserveData(
        bridge=bridge(data, base, alone),
        method="matrix",
        framework="IFRS",
        pool=pool(base),
        cases=cases(alone),
        dilution=disputed(data),
        roll=roll(),
        journal=journal(),
        buffer=buffer(),
        notes=("Overlay 1.1: sector outlook of October.",),
    )


def exposures(data: ReportData) -> pl.DataFrame:
    """Debit items less 10 % that stands for disputes; credits are reclassed in full."""
    debit = data.items.filter(pl.col("open") > 0)
    return debit.with_columns((pl.col("open") - pl.col("open") // 10).alias("exposure"))


def bridge(data: ReportData, base: pl.DataFrame, alone: pl.DataFrame) -> pl.DataFrame:
    keys = ["company", "currency"]
    total = data.items.group_by(keys).agg(
        pl.col("open").sum().alias("aging_total"),
        (-pl.col("open").filter(pl.col("open") < 0).sum()).alias("reclassed"),
        (pl.col("open").filter(pl.col("open") > 0) // 10).sum().alias("dilution"),
    )
    for name, part in (("ecl_base", base), ("specific", alone)):
        sums = part.group_by(keys).agg(pl.col("exposure").sum().alias(name))
        total = total.join(sums, on=keys, how="left").with_columns(pl.col(name).fill_null(0))
    nil = pl.lit(0, pl.Int64)
    full = total.with_columns(nil.alias("intercompany"), nil.alias("advances"))
    return full.select(*pack.BRIDGE_SCHEMA).sort(keys)


def pool(base: pl.DataFrame) -> pl.DataFrame:
    sums = (
        base.group_by("company", "currency", "bucket")
        .agg(pl.col("exposure").sum())
        .sort("company", "currency", pl.col("bucket").replace_strict(ORDER))
    )
    rows = []
    for company, currency, bucket, exposure in sums.rows():
        rate = Decimal(RATES.get(bucket, "0.05"))
        effective = rate * Decimal("1.1")
        allowance = money.half_up(Decimal(exposure) * effective)
        rows.append(
            (company, currency, bucket, exposure, 0, 0, exposure // 4, exposure // 10, float(rate),
             float(effective), allowance, "own history 2023-2026")
        )  # fmt: skip
    return pl.DataFrame(rows, schema=pack.POOL_SCHEMA, orient="row")


def cases(alone: pl.DataFrame) -> pl.DataFrame:
    keys = ["company", "currency", "customer_id", "name"]
    sums = alone.group_by(keys).agg(pl.col("exposure").sum()).sort("customer_id")
    given = {ALONE[0]: (0.5, "insolvency filed"), ALONE[1]: (None, "=cmd litigation")}
    rows = []
    for company, currency, customer, name, exposure in sums.rows():
        rate, reason = given[customer]
        reserved = 2_345_67 if rate is None else money.half_up(Decimal(exposure) / 2)
        rows.append((company, currency, customer, name, "", exposure, rate, reserved, reason))
    return pl.DataFrame(rows, schema=pack.CASE_SCHEMA, orient="row")


def disputed(data: ReportData) -> pl.DataFrame:
    own = data.items.filter(pl.col("open") > 0).group_by("company", "currency")
    sums = own.agg((pl.col("open") // 10).sum().alias("exposure")).sort("company", "currency")
    rows = [
        (company, currency, amount, 0.4, money.half_up(Decimal(amount) * Decimal("0.4")))
        for company, currency, amount in sums.rows()
    ]
    return pl.DataFrame(rows, schema=pack.DILUTION_SCHEMA, orient="row")


def roll() -> pl.DataFrame:
    start = date(2026, 9, 30)
    rows = [
        ("1000", "EUR", start, AS_OF, 410_000_00, 95_000_00, 0, 22_500_55, 1_200_00, -345_67,
         483_353_78, 470_000_00),
        ("2000", "CNY", start, AS_OF, 90_000_00, 0, 4_000_00, 0, 0, 0, 86_000_00, None),
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=pack.ROLL_SCHEMA, orient="row")


def journal() -> pl.DataFrame:
    rows = [
        ("1000", "credit_loss", "Dr", "6701", "impairment_loss", "EUR", 13_353_78),
        ("1000", "credit_loss", "Cr", "1231", "allowance", "EUR", 13_353_78),
        ("1000", "dilution", "Dr", "", "revenue", "EUR", 5_000_00),
        ("1000", "dilution", "Cr", "2205", "refund_liability", "EUR", 5_000_00),
    ]
    return pl.DataFrame(rows, schema=pack.JOURNAL_SCHEMA, orient="row")


def buffer() -> pl.DataFrame:
    rows = [
        ("1000", "EUR", 48_000_000_00, 0.005, 0.01, 0.02, 480_000_00),
        ("2000", "CNY", 9_000_000_00, 0.005, 0.03, 0.02, 270_000_00),
    ]
    return pl.DataFrame(rows, schema=pack.BUFFER_SCHEMA, orient="row")


def speed() -> pl.DataFrame:
    """Twelve months in EUR for the firm and two companies; the first month has no countback."""
    rows = []
    for company, scale in (("", 10), ("1000", 7), ("2000", 3)):
        for number, end in enumerate(month_ends(AS_OF, 12)):
            sales = scale * (380_000_00 + (number * 7919) % 90_000 * 100)
            owed = scale * (610_000_00 + (number * 104_729) % 150_000 * 100)
            current, days = owed * 6 // 10, end.day
            dso, best = owed / sales * days, current / sales * days
            early = number == 0
            rows.append(
                (company, "EUR", end, days, "gross/gross", owed, current, sales, dso, best,
                 None if early else dso * 1.02, dso - best, 70.0 + number,
                 "countback needs more months than are known" if early else "")
            )  # fmt: skip
    return pl.DataFrame(rows, schema=pack.SPEED_SCHEMA, orient="row")


def years(data: ReportData) -> pl.DataFrame:
    rows = []
    for currency, total in (
        data.aging.group_by("currency").agg(pl.col("open").sum()).sort("currency").rows()
    ):
        old = total // 10
        rows += [
            (currency, "1年以内", total - old, total - old - 5),
            (currency, "1-2年", old, None),
        ]
    return pl.DataFrame(rows, schema=pack.YEARS_SCHEMA, orient="row")


def top(data: ReportData) -> pl.DataFrame:
    rows = [
        (
            part.currency,
            row["customer_id"],
            row["name"],
            row["open"],
            part.total,
            row["open"] // 50,
        )
        for part in data.concentration
        for row in part.frame.head(5).iter_rows(named=True)
    ]
    return pl.DataFrame(rows, schema=pack.TOP_SCHEMA, orient="row")


def movement(data: ReportData) -> pl.DataFrame:
    """Opening = prior period, so that new and paid explain the rest."""
    opening, closing = pl.col("prior"), pl.col("open")
    paid = -(opening.abs() // 2)
    moves = {name: pl.lit(0, pl.Int64) for name in pack.MOVES}
    moves |= {
        "paid": paid,
        "credited": -(closing.abs() // 20),
        "written_off": pl.lit(-500, pl.Int64),
    }
    moves["new"] = closing - opening - moves["paid"] - moves["credited"] - moves["written_off"]
    return data.aging.with_columns(
        opening.alias("opening"),
        closing.alias("closing"),
        *(move.alias(name) for name, move in moves.items()),
        pl.when(pl.col("customer_id") == "00000").then(pl.lit("seasonal order, paid in November")).alias("comment"),
    ).select(*pack.MOVEMENT_SCHEMA, "comment")  # fmt: skip


def close(data: ReportData) -> pack.CloseFacts:
    who = data.aging.head(6).select(
        "company", "account", "currency", "customer_id", "name", "open"
    )
    change = pl.Series([0, 1, -250_00, 0, 99_999_99, 0])
    reported = who.with_columns((pl.col("open") - change).alias("reported")).rename(
        {"open": "now_known"}
    )
    late = ("1000", "EUR", "credit_note", "CN-77", "00002", "-2", -250_00, date(2026, 10, 29), date(2026, 11, 6), "appeared")  # fmt: skip
    opens = ("EUR", "difference", "1000 1131", 1_204_50, date(2026, 8, 31), "posted by hand, reversed in November", "M. Braun")  # fmt: skip
    return pack.CloseFacts(
        materiality={"EUR": 1_500_00, "CNY": 5_000_00},
        prepared="A. Clerk",
        rates_version="2026-10",
        compared_with=date(2026, 9, 30),
        changes=pl.DataFrame([("credits", "oldest", "separate")], schema=pack.CHANGE_SCHEMA, orient="row"),
        exceptions=pl.DataFrame([opens], schema=pack.EXCEPTION_SCHEMA, orient="row"),
        reported_on="2026-09-30",
        reported=reported.select(*pack.REPORTED_SCHEMA),
        backdated=pl.DataFrame([late], schema=pack.BACKDATED_SCHEMA, orient="row"),
    )  # fmt: skip
