"""Dates of one table: which order each column has, and who proves it."""

from __future__ import annotations

import polars as pl

from receivables.errors import SettingsError
from receivables.ledger import dates
from receivables.ledger.schema import Column
from receivables.ledger.sheet import Sheet

SPAN = {"since": (1800, dates.LAST_YEAR)}
"""Columns that may name a day before the ledger's first year."""

SHOWN = {"dmy": "dd/mm/yyyy", "mdy": "mm/dd/yyyy"}


def read_dates(sheet: Sheet, columns: list[Column]) -> None:
    """Read every date column, each source by its own order of day and month."""
    present = [column for column in columns if column.name in sheet.had]
    sources = sheet.frame["_source"].unique(maintain_order=True).to_list()
    read: dict[str, list[pl.DataFrame]] = {column.name: [] for column in present}
    for source in sources:
        at = pl.col("_source") == source
        rows = sheet.frame.filter(at) if len(sources) > 1 else sheet.frame
        orders = _orders(sheet, rows, present)
        for column in present:
            part = _column(sheet, column, rows[column.name], source, orders[column.name])
            read[column.name].append(part.with_columns(rows["_source"], rows["_row"]))
    for column in present:
        joined = _aligned(sheet, read[column.name], sources)
        _faults(sheet, column, joined["fault"])
        sheet.put(column.name, joined["day"])


def _aligned(sheet: Sheet, parts: list[pl.DataFrame], sources: list[int]) -> pl.DataFrame:
    if len(sources) == 1:
        return parts[0]
    position = sheet.frame.with_row_index("_at")
    order = pl.concat([position.filter(pl.col("_source") == s)["_at"] for s in sources])
    return pl.concat(parts).with_columns(order.alias("_at")).sort("_at")


def _orders(sheet: Sheet, rows: pl.DataFrame, columns: list[Column]) -> dict[str, str]:
    """Order of each column: the mapping's, its own proof, or that of the file's other columns."""
    given = sheet.run.mapping[sheet.table].date_format
    if given:
        return dict.fromkeys((column.name for column in columns), _given_order(sheet.table, given))
    proofs = {column.name: dates.detect_order(rows[column.name]) for column in columns}
    own = {name: order or "" for name, (order, _) in proofs.items()}
    all_proofs = {order for _, counts in proofs.values() for order, n in counts.items() if n}
    if len(all_proofs) != 1:
        return own
    other = all_proofs.pop()
    for column in columns:
        if not own[column.name] and _undecided(rows[column.name]):
            own[column.name] = other
            sheet.run.findings.one("date_order", sheet.table, column.name, reads=SHOWN[other])
    return own


def _given_order(table: str, given: str) -> str:
    try:
        return dates.order_from(given)
    except ValueError:
        raise SettingsError(
            f"[{table}] date_format '{given}' does not name day, month and year. "
            "Write it like dd/mm/yyyy or %d/%m/%Y."
        ) from None


def _undecided(texts: pl.Series) -> bool:
    odd = texts.drop_nulls()
    odd = odd.filter(odd.str.contains(r"^[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ]")).unique()
    return any(dates.readings(text) is not None for text in odd)


def _column(
    sheet: Sheet, column: Column, texts: pl.Series, source: int, order: str
) -> pl.DataFrame:
    found = sheet.run.findings.sources[source]
    read = dates.parse(
        texts,
        order,
        date1904=found.date1904,
        month=column.unit == "month",
        years=SPAN.get(column.name, (dates.FIRST_YEAR, dates.LAST_YEAR)),
    )
    counts = dates.detect_order(texts)[1] if not order else {}
    if counts and all(counts.values()):
        rarer = min(counts, key=lambda name: counts[name])
        rare = [text for text in texts.drop_nulls().unique() if dates.order_of(text) == rarer]
        wrong = texts.is_in(rare).fill_null(value=False)
        read = read.with_columns(
            pl.when(wrong).then(pl.lit("date_conflict")).otherwise("fault").alias("fault"),
            pl.when(~wrong).then("day").alias("day"),
        )
    return read


def _faults(sheet: Sheet, column: Column, faults: pl.Series) -> None:
    name = column.name
    for code in faults.drop_nulls().unique().sort():
        wrong = (faults == code).fill_null(value=False)
        extra: dict[str, pl.Expr | str] = {}
        if code == "date_ambiguous":
            texts = sheet.frame.filter(wrong)[name].unique()
            both = {text: dates.readings(text) for text in texts}
            for at, label in enumerate(("day_first", "month_first")):
                shown = {text: str(days[at]) if days else "?" for text, days in both.items()}
                extra[label] = pl.col(name).replace_strict(shown, default="?")
        elif code == "date_conflict":
            rare = dates.order_of(sheet.frame.filter(wrong)[name][0])
            extra = {"reads": SHOWN[rare], "others": SHOWN["mdy" if rare == "dmy" else "dmy"]}
        elif code == "date_year":
            first, last = SPAN.get(name, (dates.FIRST_YEAR, dates.LAST_YEAR))
            extra = {"first": str(first), "last": str(last)}
        sheet.fault(column, code, wrong, **extra)
