"""The scripts to beat: as-of aging in pandas, as a careful analyst and as a hurried one writes it.

Both answer exactly what the program answers: payments count once matched, until then they stand
unapplied; applied credit notes leave both sides; negative rows go to their own column.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from benchmarks.generate import Tables

EDGES = (30, 60, 90)
LABELS = ("Current", "1-30 d", "31-60 d", "61-90 d", "91+ d")
UNAPPLIED = len(LABELS)


class Frames:
    """The generated ledger as pandas frames: integer codes and dates, or text keys."""

    def __init__(self, tables: Tables, *, text: bool = False) -> None:
        self.customers = tables.customers.to_pandas()
        self.documents = tables.documents.to_pandas()
        self.payments = tables.payments.to_pandas()
        self.applied = tables.applied.to_pandas()
        if text:
            self._use_text_keys(tables)
        else:
            self._use_codes(tables)

    def _use_codes(self, tables: Tables) -> None:
        self.payments["document"] = tables.payments["document"].fill_null(-1).to_numpy()
        for frame in (self.documents, self.payments):
            frame["currency"] = frame["currency"].astype("category")

    def _use_text_keys(self, tables: Tables) -> None:
        ids = tables.customers["customer_id"]
        for frame, source in (
            (self.documents, tables.documents),
            (self.payments, tables.payments),
        ):
            frame["customer"] = ids.gather(source["customer"]).to_pandas()
        frames = (self.documents, self.payments, self.applied, self.applied)
        sources = (tables.documents, tables.payments, tables.applied, tables.applied)
        for frame, source, name in zip(
            frames, sources, ("document", "document", "document", "credit"), strict=True
        ):
            frame[name] = source[name].cast(str).to_pandas()


def aging_good(frames: Frames, as_of: date) -> pd.DataFrame:
    """Integer keys, masks instead of copies, one unsorted sum per table, buckets by search."""
    day = pd.Timestamp(as_of)
    posted = frames.documents["issued_on"] <= day
    documents = frames.documents.loc[posted, ["document", "customer", "currency", "due_on"]]
    payments = frames.payments
    known = payments["paid_on"] <= day
    matched = known & (payments["matched_on"] <= day)
    used = frames.applied[frames.applied["applied_on"] <= day]
    number = pd.Index(documents["document"])
    left = frames.documents["amount"].to_numpy()[posted.to_numpy()]
    left -= _sums(payments.loc[matched, ["document", "amount"]], "document", number)
    left -= _sums(used, "document", number)
    left += _sums(used, "credit", number)
    late = (day - documents["due_on"]).dt.days.to_numpy()
    documents["bucket"] = np.where(left < 0, UNAPPLIED, np.searchsorted((0, *EDGES), late))
    documents["open"] = left
    loose = payments.loc[known & ~matched, ["customer", "currency"]]
    loose["bucket"] = UNAPPLIED
    loose["open"] = -payments["amount"]
    keys = ["customer", "currency", "bucket"]
    rows = pd.concat([documents.loc[left != 0, [*keys, "open"]], loose])
    total = rows.groupby(keys, observed=True)["open"].sum()
    return _finish(total, frames.customers.set_index("customer"))


def aging_naive(frames: Frames, as_of: date) -> pd.DataFrame:
    """Text keys, merges, `pd.cut` and a pivot table, as found in many finance teams."""
    day = pd.Timestamp(as_of)
    payments = frames.payments[frames.payments["paid_on"] <= day]
    paid = payments[payments["matched_on"] <= day].groupby("document")["amount"].sum()
    used = frames.applied[frames.applied["applied_on"] <= day]
    credited = used.groupby("document")["amount"].sum()
    spent = used.groupby("credit")["amount"].sum()
    rows = frames.documents[frames.documents["issued_on"] <= day]
    for name, sums in (("paid", paid), ("credited", credited), ("spent", spent)):
        rows = rows.merge(sums.rename(name), left_on="document", right_index=True, how="left")
    rows = rows.fillna({"paid": 0, "credited": 0, "spent": 0})
    rows["open"] = (rows["amount"] - rows["paid"] - rows["credited"] + rows["spent"]).astype(
        "int64"
    )
    rows["days"] = (day - rows["due_on"]).dt.days
    rows["bucket"] = pd.cut(
        rows["days"], [-100_000, 0, *EDGES, 100_000], labels=range(UNAPPLIED)
    ).astype("int64")
    rows.loc[rows["open"] < 0, "bucket"] = UNAPPLIED
    loose = payments[~(payments["matched_on"] <= day)].copy()
    loose["open"] = -loose["amount"]
    loose["bucket"] = UNAPPLIED
    both = pd.concat([rows[rows["open"] != 0], loose])
    total = both.groupby(["customer", "currency", "bucket"])["open"].sum()
    return _finish(total, frames.customers.set_index("customer_id"))


def _sums(frame: pd.DataFrame, key: str, number: pd.Index) -> np.ndarray:
    return frame.groupby(key, sort=False)["amount"].sum().reindex(number, fill_value=0).to_numpy()


def _finish(total: pd.Series, customers: pd.DataFrame) -> pd.DataFrame:
    """One row per customer and currency with name, total and a column per bucket."""
    wide = total.unstack("bucket", fill_value=0).reindex(
        columns=range(UNAPPLIED + 1), fill_value=0
    )
    wide.insert(0, "total", wide.sum(axis=1))
    wide.insert(
        0, "name", customers["name"].reindex(wide.index.get_level_values("customer")).array
    )
    return wide.sort_values("total", ascending=False)
