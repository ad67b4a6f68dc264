"""What the table functions of aging spill: rows with headings, from ranges with headings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from receivables.errors import BadValueError, NotAvailableError
from receivables_udfs import ranges

if TYPE_CHECKING:
    from receivables.ledger.open import OpenItems
    from receivables.monitor.aging import AgingTable

OPEN_COLUMNS = (
    "document_no", "instalment", "customer_id", "kind", "issued_on", "due_on", "currency",
    "amount", "paid", "credited", "open", "days_past_due", "bucket", "as_of",
)  # fmt: skip
READ_COLUMNS = OPEN_COLUMNS[:12]
MONEY = OPEN_COLUMNS[7:11]
Edges = str | Sequence[object]


def open_rows(
    documents: ranges.Rows,
    as_of: date,
    payments: ranges.Rows | None,
    allocations: ranges.Rows | None,
    edges: Edges,
    ledger_kind: str,
    extracted_on: date | None,
) -> list[list[Any]]:
    """Open items with headings; `AGING_OPEN` explains the arguments."""
    from receivables.monitor.buckets import Buckets

    listed = ledger_kind == "open_items" or (ranges.is_open_list(documents) and not payments)
    if listed and extracted_on != as_of:
        day = f"The list is as of {extracted_on}." if extracted_on else "extracted_on is missing."
        raise NotAvailableError(f"{day} {ranges.BACKDATED}")
    rows = ranges.open_list(documents, as_of) if listed else documents
    given = {"documents": rows, "payments": payments, "allocations": allocations}
    found = ranges.books(given, as_of)
    if listed:
        ranges.check_not_later(found, as_of)
    buckets = Buckets.parse(edges)
    age_from = "issued_on" if buckets.base == "issued" else "due_on"
    spilled: list[list[Any]] = [list(OPEN_COLUMNS)]
    for row in _opened(found, as_of).frame().select(READ_COLUMNS).iter_rows():
        cells = dict(zip(READ_COLUMNS, row, strict=True))
        money = (_money(cells[name], cells["currency"]) for name in MONEY)
        label = buckets.label(cells[age_from], as_of)
        spilled.append([*row[:7], *money, cells["days_past_due"], label, as_of])
    return spilled


def report_rows(
    items: ranges.Rows,
    as_of: date,
    by: Edges,
    edges: Edges,
    credits: str,  # noqa: A002 - the setting's name
    base: str,
    in_currency: str,
    rates: ranges.Rows | None,
) -> list[list[Any]]:
    """Aging with headings; `AGING_REPORT` explains the arguments."""
    from receivables.monitor.aging import age
    from receivables.monitor.buckets import Buckets

    names = [name.strip() for name in (by.split(",") if isinstance(by, str) else map(str, by))]
    total = any(name.casefold() in {"total", "合计"} for name in names)
    keys = [name for name in names if name and name.casefold() not in {"total", "合计"}]
    if base == "issued" and not ranges.names(items, "issued_on"):
        raise BadValueError("base is issued, but the items have no issue date. Add that column.")
    given = {"documents": ranges.open_list(items, as_of), "rates": rates}
    found = ranges.books(given, as_of)
    ranges.check_not_later(found, as_of)
    opened = _in_one_currency(_opened(found, as_of), found, in_currency.upper(), rates)
    table = age(
        opened, buckets=Buckets.parse(edges), base=base, by=keys or ("customer",), credits=credits
    )
    return _spilled(table, total=total)


def _opened(found: ranges.Books, as_of: date) -> OpenItems:
    from receivables.ledger.open import open_items

    return open_items(found.posted, as_of)


def _in_one_currency(
    opened: OpenItems, found: ranges.Books, currency: str, rates: ranges.Rows | None
) -> OpenItems:
    from receivables.ledger.fx import reported_in
    from receivables.rates import Rates

    used = sorted(opened.frame()["currency"].unique())
    if not used or used == [currency or used[0]]:
        return opened
    if not currency:
        raise BadValueError(
            f"The items are in {', '.join(used)}. Give in_currency and rates, or one currency only."
        )
    if rates is None:
        raise BadValueError(
            f"The items are in {', '.join(used)}: rates to {currency} are missing."
        )
    return reported_in(opened, currency, Rates.from_table(found.ledger["rates"]))[0]


def _spilled(table: AgingTable, *, total: bool) -> list[list[Any]]:
    named = ["name"] if "customer_id" in table.keys else []
    keys = [*table.keys, *named]
    rows: list[list[Any]] = [[*keys, "currency", "open", "unapplied", "over_30", *table.labels]]
    amounts = ["open", "unapplied", "over_30", *table.bucket_columns]
    for row in table.frame.iter_rows(named=True):
        money = [_money(row[name], row["currency"]) for name in amounts]
        rows.append([*(row[key] for key in keys), row["currency"], *money])
    if total:
        for row in table.totals().iter_rows(named=True):
            money = [_money(row[name], row["currency"]) for name in amounts]
            rows.append(["Total", *(None for _ in keys[1:]), row["currency"], *money])
    return rows


def _money(minor: int, currency: str) -> Any:
    from receivables.money import to_decimal

    return to_decimal(minor, currency)
