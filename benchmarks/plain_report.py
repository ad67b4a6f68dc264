"""The script to beat at month end: workbook in, report out, with pandas and openpyxl alone.

It reads the same workbook, asks the same questions and makes the same sheets as `receivables
refresh`: Close, Aging with a chart, Open items, Concentration, Credit balances, Cut-off, Issues.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

EDGES = (30, 60, 90)
LABELS = ("Current", "1-30 d", "31-60 d", "61-90 d", "91+ d", "No due date")
BUCKETS = [*LABELS, "Unapplied"]
PLACES = {"JPY": 0}
KEYS = ("customer_id", "document_no", "payment_no", "credit_no", "order_no")
NEAR = pd.Timedelta(days=5)
MONEY = (
    "total",
    "prior",
    "change",
    "over_30",
    "amount",
    "paid",
    "credited",
    "open",
    "read",
    "used",
    "settled",
    *BUCKETS,
)


@dataclass
class Books:
    """The ledger as read, amounts in minor units."""

    customers: pd.DataFrame
    documents: pd.DataFrame
    payments: pd.DataFrame
    allocations: pd.DataFrame


def read(path: str) -> Books:
    """Read the four sheets; keys as text, amounts as integers of the minor unit."""
    found = pd.read_excel(path, sheet_name=None, engine="openpyxl", dtype=dict.fromkeys(KEYS, str))
    for name in ("Documents", "Payments", "Allocations"):
        frame = found[name]
        scale = 10 ** frame["currency"].map(PLACES).fillna(2).astype(int)
        frame["amount"] = np.floor(frame["amount"] * scale + 0.5).astype("int64")
    return Books(*(found[name] for name in ("Customers", "Documents", "Payments", "Allocations")))


def issues(books: Books) -> pd.DataFrame:
    """The checks most people write."""
    documents, payments = books.documents, books.payments
    known = set(books.customers["customer_id"])
    named = payments["document_no"].notna() & ~payments["document_no"].isin(
        documents["document_no"]
    )
    found = {
        "Duplicate document": documents[documents.duplicated("document_no")]["document_no"],
        "Unknown customer": documents[~documents["customer_id"].isin(known)]["document_no"],
        "Due before issue": documents[documents["due_on"] < documents["issued_on"]]["document_no"],
        "Unknown document": payments[named]["payment_no"],
        "No amount": documents[documents["amount"].isna()]["document_no"],
    }
    parts = [pd.DataFrame({"issue": name, "key": keys}) for name, keys in found.items()]
    return pd.concat(parts, ignore_index=True)


def open_items(books: Books, day: pd.Timestamp) -> pd.DataFrame:
    """What is open per document and unmatched payment as of the day."""
    documents = books.documents[books.documents["issued_on"] <= day].copy()
    payments = books.payments[books.payments["paid_on"] <= day].copy()
    used = books.allocations[books.allocations["applied_on"] <= day]
    of_payments = used["credit_no"].isin(payments["payment_no"])
    direct = payments[payments["document_no"].notna()].groupby("document_no")["amount"].sum()
    later = used[of_payments].groupby("document_no")["amount"].sum()
    credit = used[~of_payments].groupby("document_no")["amount"].sum()
    spent = used.groupby("credit_no")["amount"].sum()
    numbers = documents["document_no"]
    documents["paid"] = _lookup(numbers, direct) + _lookup(numbers, later)
    documents["credited"] = _lookup(numbers, credit) - _lookup(numbers, spent)
    loose = payments[payments["document_no"].isna()].copy()
    loose["credited"] = -_lookup(loose["payment_no"], spent)
    loose = loose.assign(
        amount=-loose["amount"], issued_on=loose["paid_on"], due_on=loose["paid_on"]
    )
    loose["document_no"] = loose["payment_no"]
    rows = pd.concat([documents, loose], ignore_index=True)
    rows["paid"] = rows["paid"].fillna(0).astype("int64")
    rows["open"] = rows["amount"] - rows["paid"] - rows["credited"]
    rows = rows[rows["open"] != 0].merge(
        books.customers[["customer_id", "name"]], on="customer_id", how="left"
    )
    rows["days_past_due"] = (day - rows["due_on"]).dt.days
    late = np.searchsorted((0, *EDGES), rows["days_past_due"])
    rows["bucket"] = np.where(rows["open"] < 0, "Unapplied", np.array(BUCKETS)[late])
    return rows.sort_values("days_past_due", ascending=False)


def _lookup(keys: pd.Series, sums: pd.Series) -> pd.Series:
    return keys.map(sums).fillna(0).astype("int64")


def aging(items: pd.DataFrame) -> pd.DataFrame:
    """Customer by bucket and currency, largest first."""
    wide = items.pivot_table(
        index=["currency", "customer_id", "name"],
        columns="bucket",
        values="open",
        aggfunc="sum",
        fill_value=0,
    ).reindex(columns=BUCKETS, fill_value=0)
    wide.insert(0, "total", wide.sum(axis=1))
    old = items[(items["days_past_due"] >= 30) & (items["open"] > 0)]
    over = old.groupby(["currency", "customer_id", "name"])["open"].sum()
    wide["over_30"] = over.reindex(wide.index).fillna(0).astype("int64")
    return wide.reset_index().sort_values(["currency", "total"], ascending=[True, False])


def with_prior(table: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """The month end before beside each customer, and the change."""
    keys = ["currency", "customer_id", "name"]
    past = before[[*keys, "total"]].rename(columns={"total": "prior"})
    both = table.merge(past, on=keys, how="outer")
    numbers = both.columns.difference(keys)
    both[numbers] = both[numbers].fillna(0).astype("int64")
    both["change"] = both["total"] - both["prior"]
    return both.sort_values(["currency", "total"], ascending=[True, False])


def concentration(table: pd.DataFrame) -> pd.DataFrame:
    """The ten largest of each currency with share and cumulative share."""
    owed = table[table["total"] > 0].copy()
    owed["share"] = owed["total"] / owed.groupby("currency")["total"].transform("sum")
    top = owed.groupby("currency").head(10).copy()
    top["cumulative"] = top.groupby("currency")["share"].cumsum()
    return top[["currency", "customer_id", "name", "total", "share", "cumulative"]]


def cut_off(books: Books, day: pd.Timestamp) -> pd.DataFrame:
    """Documents and payments five days around the as-of date."""
    documents = books.documents.rename(columns={"issued_on": "on", "document_no": "number"})
    payments = books.payments.rename(columns={"paid_on": "on", "payment_no": "number"})
    both = pd.concat([documents, payments])
    near = both[(both["on"] - day).abs() <= NEAR]
    return near[["number", "customer_id", "on", "currency", "amount"]].sort_values("on")


def close(
    books: Books, table: pd.DataFrame, items: pd.DataFrame, day: pd.Timestamp
) -> pd.DataFrame:
    """The tie-out by currency."""
    posted = pd.concat(
        [
            books.documents[["currency", "amount", "issued_on"]].rename(
                columns={"issued_on": "on"}
            ),
            books.payments.assign(amount=-books.payments["amount"], on=books.payments["paid_on"])[
                ["currency", "amount", "on"]
            ],
        ]
    )
    sums = pd.DataFrame({"read": posted.groupby("currency")["amount"].sum()})
    sums["used"] = posted[posted["on"] <= day].groupby("currency")["amount"].sum()
    sums["open"] = items.groupby("currency")["open"].sum()
    sums["settled"] = sums["used"] - sums["open"]
    sums["buckets"] = table.groupby("currency")[BUCKETS].sum().sum(axis=1)
    sums["difference"] = sums["open"] - sums["buckets"]
    return sums.reset_index()


def write(frames: dict[str, pd.DataFrame], path: str) -> None:
    """Write the sheets with Excel tables, formats, widths, frozen headings and a chart."""
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        for name, frame in frames.items():
            _major(frame).to_excel(writer, sheet_name=name, index=False)
            _dress(writer.sheets[name], frame, name)
        _chart(writer.sheets["Aging"], frames["Aging"])


def _major(frame: pd.DataFrame) -> pd.DataFrame:
    if "currency" not in frame:
        return frame
    scale = 10 ** frame["currency"].map(PLACES).fillna(2).astype(int)
    money = [name for name in MONEY if name in frame]
    return frame.assign(**{name: frame[name] / scale for name in money})


def _dress(sheet: Worksheet, frame: pd.DataFrame, name: str) -> None:
    sheet.freeze_panes = "A2"
    for cell in sheet[1]:
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="1F4E78")
    for number, column in enumerate(frame.columns, 1):
        letter = get_column_letter(number)
        width = frame[column].astype(str).str.len().max() if len(frame) else 0
        sheet.column_dimensions[letter].width = min(40, max(len(column), int(width)) + 2)
        shape = "#,##0.00" if column in MONEY else ""
        if pd.api.types.is_datetime64_any_dtype(frame[column]):
            shape = "yyyy-mm-dd"
        if shape:
            for cell in sheet[letter][1:]:
                cell.number_format = shape
    if len(frame):
        end = f"{get_column_letter(len(frame.columns))}{len(frame) + 1}"
        table = Table(displayName=name.replace(" ", "_"), ref=f"A1:{end}")
        table.tableStyleInfo = TableStyleInfo(name="TableStyleLight9", showRowStripes=True)
        sheet.add_table(table)
    sheet.page_setup.orientation = "landscape"
    sheet.oddFooter.center.text = "Page &P of &N"


def _chart(sheet: Worksheet, table: pd.DataFrame) -> None:
    chart = BarChart()
    chart.title = "Aging"
    first = list(table.columns).index(BUCKETS[0]) + 1
    values = Reference(sheet, min_col=first, max_col=first + 5, min_row=1, max_row=11)
    chart.add_data(values, titles_from_data=True)
    sheet.add_chart(chart, "R2")


ITEM_COLUMNS = [
    "document_no", "kind", "customer_id", "name", "currency", "issued_on", "due_on",
    "days_past_due", "bucket", "amount", "paid", "credited", "open", "salesperson",
]  # fmt: skip


def report(path: str, target: str, as_of: date) -> pd.DataFrame:
    """The whole month end; returns the aging so that a benchmark can compare it."""
    frames = sheets(read(path), pd.Timestamp(as_of))
    write(frames, target)
    return frames["Aging"]


def sheets(books: Books, day: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """What the result sheets hold."""
    items = open_items(books, day)
    before = aging(open_items(books, day - pd.offsets.MonthEnd(1)))
    table = with_prior(aging(items), before)
    return {
        "Close": close(books, table, items, day),
        "Aging": table,
        "Open items": items[ITEM_COLUMNS],
        "Concentration": concentration(table),
        "Credit balances": table[table["total"] < 0],
        "Cut-off": cut_off(books, day),
        "Issues": issues(books),
    }


if __name__ == "__main__":
    report(sys.argv[1], sys.argv[2], date.fromisoformat(sys.argv[3]))
