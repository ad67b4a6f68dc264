"""The job `refresh`: the month-end report as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from receivables.book.report_file import write
from receivables.days import previous_month_end
from receivables.errors import SettingsError
from receivables.ledger.difference import behind
from receivables.ledger.fx import Bridge
from receivables.ledger.open import OpenItems
from receivables.ledger.tieout import TieOut
from receivables.monitor.aging import AgingTable
from receivables.monitor.concentration import concentration
from receivables.monitor.credit_balances import credit_balances
from receivables.monitor.cutoff import cut_off
from receivables.monitor.receipts import subsequent
from receivables.monitor.reserve_policy import Policy, load_policy
from receivables.refresh.aging import aged, tied
from receivables.refresh.books import Books
from receivables.refresh.credit_pack import holds_credit, with_credit
from receivables.refresh.letters_journal import letters_data
from receivables.refresh.open import with_buckets
from receivables.refresh.pack import close_pack
from receivables.refresh.worklist import worklist_data
from receivables.report.build import build
from receivables.report.data import (
    AGING_SCHEMA,
    ITEMS_SCHEMA,
    BridgeLine,
    Concentration,
    ReportData,
    SourceFile,
)
from receivables.report.pack_data import CloseFacts


@dataclass(frozen=True, slots=True)
class RefreshAnswer:
    """Files written and the figures a controller looks at first."""

    as_of: date
    files: list[Path]
    ties: list[TieOut]
    open_items: int
    issues: int

    def to_json(self) -> dict[str, Any]:
        """Files, tie-out per book and counts."""
        return {
            "as_of": self.as_of.isoformat(),
            "files": [str(path) for path in self.files],
            "tie_out": [tie.to_json() for tie in self.ties],
            "open_items": self.open_items,
            "issues": self.issues,
        }


def refresh_job(
    books: Books,
    as_of: date,
    out: str | Path,
    *,
    match_cutoff: date | None = None,
    subsequent_to: date | None = None,
    prior: date | None = None,
    pack: bool = True,
    policy: Policy | None = None,
    close: CloseFacts | None = None,
    credit: bool | None = None,
) -> RefreshAnswer:
    """Write the month-end report to a new workbook, or over an earlier report of ours.

    Args:
        books: the loaded ledger.
        as_of: balance date.
        out: workbook to write.
        match_cutoff: matchings entered up to this day count.
        subsequent_to: show receipts after the as-of date up to this day beside each open item.
        prior: date to compare with; default the month end before.
        pack: add the sheets Reserve, DSO, Disclosure and Movement.
        policy: rates and cases of the reserve; None = its bridge alone, and what to do.
        close: what the close of the period found, for the sign-off.
        credit: add the sheets of the credit manager; None = where the ledger holds one of their
            tables (`credit_pack.TABLES`) and the pack is wanted.

    Raises:
        LedgerFileError: the target is open in another program, or is not a report of ours.
    """
    data = month_end_data(
        books, as_of, match_cutoff=match_cutoff, subsequent_to=subsequent_to, prior=prior, pack=pack,
        policy=policy, close=close, credit=credit,
    )  # fmt: skip
    files = write(build(data), out)
    return RefreshAnswer(as_of, files, list(data.tie_outs), data.items.height, len(books.issues))


def month_end_data(
    books: Books,
    as_of: date,
    *,
    match_cutoff: date | None = None,
    subsequent_to: date | None = None,
    prior: date | None = None,
    pack: bool = True,
    policy: Policy | None = None,
    close: CloseFacts | None = None,
    credit: bool | None = None,
) -> ReportData:
    """Everything that the report shows, whatever it is written to. Arguments as in `refresh_job`."""
    data = report_data(
        books, as_of, match_cutoff=match_cutoff, subsequent_to=subsequent_to, prior=prior
    )
    if pack:
        more = close_pack(
            books,
            as_of,
            prior or previous_month_end(as_of),
            policy=policy or policy_of_settings(books),
            materiality=books.settings.materiality_by_currency(),
            match_cutoff=match_cutoff,
        )
        data = replace(data, worklist=worklist_data(books, as_of, match_cutoff), **more)
    if credit if credit is not None else pack and holds_credit(books):
        data = with_credit(data, books, as_of, prior=prior, match_cutoff=match_cutoff)
    return replace(data, close=close, letters=letters_data(books))


def policy_of_settings(books: Books) -> Policy | None:
    """Loss rates of the setting `reserve_rates`, a file beside the ledger; None where it is blank.

    Raises:
        SettingsError: the setting is a path, or there is no such file.
    """
    name = books.settings.reserve_rates.strip()
    if not name:
        return None
    ledger = Path(books.home)
    file = (ledger if ledger.is_dir() else ledger.parent) / name
    # a workbook may name its neighbour, not any file of the machine
    if Path(name).name != name or not file.is_file():
        raise SettingsError(
            f"Setting reserve_rates: there is no file '{name}' beside the ledger. "
            "Put the rates there and name them without a folder, or leave the setting blank."
        )
    return load_policy(file)


def report_data(
    books: Books,
    as_of: date,
    *,
    match_cutoff: date | None = None,
    subsequent_to: date | None = None,
    prior: date | None = None,
) -> ReportData:
    """Everything the report shows, in document currency; the bridge leads to the local one."""
    opened = books.open(as_of, match_cutoff)
    table = aged(books, opened, ("company", "account", "customer"))
    before = _prior(books, prior or previous_month_end(as_of), as_of)
    items = with_buckets(opened.frame(), books, as_of)
    if subsequent_to:
        found = subsequent(books.posted, opened, subsequent_to, engine=books.engine)
        items = items.join(
            found.items.select("item", subsequent="received"), on="item", how="left"
        )
    ties = tied(books, opened)
    return ReportData(
        as_of=as_of,
        settings=books.settings,
        bucket_labels=table.labels,
        tie_outs=ties,
        behind=behind(ties, books.ledger, books.posted, as_of),
        aging=_aging_frame(table, before),
        items=_items_frame(items),
        concentration=_concentration(books, opened),
        credit_balances=credit_balances(opened),
        cut_off=cut_off(books.posted, as_of, books.settings.cut_off_days),
        issues=books.issues,
        set_aside=_set_aside(books),
        bridge=_bridge(books.revaluation(opened)),
        sources=_sources(books),
        prior_as_of=before[0] if before else None,
        match_cutoff=opened.match_cutoff if opened.match_cutoff != as_of else None,
        subsequent_to=subsequent_to,
    )


def _prior(books: Books, day: date, as_of: date) -> tuple[date, AgingTable] | None:
    """Aging of the period before; None where the ledger does not reach back to it."""
    first = books.posted.details["posted_on"].min()
    listed = books.ledger.kind == "open_items"
    if listed or day >= as_of or (isinstance(first, date) and day < first):
        return None
    return day, aged(books, books.open(day), ("company", "account", "customer"))


def _aging_frame(table: AgingTable, before: tuple[date, AgingTable] | None) -> pl.DataFrame:
    frame = _named(table)
    if before:
        keys = [*AGING_SCHEMA][:5]
        past = _named(before[1]).select(*keys, prior="open")
        amounts = [name for name in frame.columns if name not in keys]
        frame = frame.join(past, on=keys, how="full", coalesce=True).with_columns(
            pl.col(*amounts, "prior").fill_null(0)
        )
    return frame.sort("currency", "open", "customer_id", descending=[False, True, False])


def _named(table: AgingTable) -> pl.DataFrame:
    buckets = table.bucket_columns
    frame = table.frame.rename({"customer": "customer_id"}, strict=False)
    return frame.select(*AGING_SCHEMA, *buckets)


def _items_frame(items: pl.DataFrame) -> pl.DataFrame:
    frame = items.with_columns(pl.col("instalment").cast(pl.String))
    missing = [name for name in ITEMS_SCHEMA if name not in frame.columns]
    frame = frame.with_columns(
        pl.lit(None).cast(ITEMS_SCHEMA[name]).alias(name) for name in missing
    )
    return frame.select(*ITEMS_SCHEMA).sort(
        "days_past_due", "open", "document_no", descending=[True, True, False], nulls_last=True
    )


def _concentration(books: Books, opened: OpenItems) -> Sequence[Concentration]:
    by_customer = aged(books, opened, ("customer",))
    found = concentration(by_customer, books.settings.top_n)
    parts = []
    for row in found.summary.sort("currency").iter_rows(named=True):
        own = found.frame.filter(pl.col("currency") == row["currency"])
        parts.append(
            Concentration(
                currency=row["currency"],
                frame=own.select(
                    "name", "open", "share", customer_id="key", cumulative="cumulative_share"
                ).select("customer_id", "name", "open", "share", "cumulative"),
                hhi=row["hhi"] or 0.0,
                total=row["positive"],
                customers=row["customers"] or 0,
            )
        )
    return parts


def _set_aside(books: Books) -> pl.DataFrame:
    """Rows set aside with the place and the words of their gravest Issue."""
    ledger = books.ledger
    places = [
        ledger.place(source, row)
        for source, row in ledger.set_aside.select("_source", "_row").iter_rows()
    ]
    words: dict[tuple[str, str, str], Any] = {}
    for issue in ledger.issues:
        digits = "".join(sign for sign in issue.cell if sign.isdigit())
        words.setdefault((issue.file, issue.sheet, f"{issue.code}{digits}"), issue)
    rows = []
    for (file, sheet, cell), code, row in zip(
        places, ledger.set_aside["code"], ledger.set_aside["_row"], strict=True
    ):
        found = words.get((file, sheet, f"{code}{row}"))
        rows.append(
            {
                "file": file,
                "sheet": sheet,
                "cell": found.cell if found else cell,
                "message": found.message if found else "",
                "cure": found.cure if found else "",
            }
        )
    schema = dict.fromkeys(("file", "sheet", "cell", "message", "cure"), pl.String)
    return pl.concat([ledger.set_aside, pl.DataFrame(rows, schema=schema)], how="horizontal")


def _bridge(bridge: Sequence[Bridge]) -> list[BridgeLine]:
    return [
        BridgeLine(
            company=line.company,
            account=line.account,
            currency=line.currency,
            amount=line.open,
            local_currency=line.reporting,
            carrying=line.closing if line.carrying is None else line.carrying,
            rate=line.rate,
            closing=line.closing,
            rounding=line.rounding,
        )
        for line in bridge
    ]


def _sources(books: Books) -> list[SourceFile]:
    rows: dict[str, int] = {}
    for source in books.ledger.sources:
        rows[source.file] = rows.get(source.file, 0) + source.rows
    name = Path(books.path).name
    return [
        SourceFile(file, books.sha256 if Path(file).name == name else "", count)
        for file, count in rows.items()
    ]
