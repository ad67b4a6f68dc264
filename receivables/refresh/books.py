"""Load a ledger once, answer many questions: read, check, link, and the open items as of a date."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from receivables.days import add_working_days
from receivables.errors import BadValueError, Issue, NotAvailableError
from receivables.ledger.check import check
from receivables.ledger.engines import kept
from receivables.ledger.fx import Bridge, local_currencies, reported_in, revalued
from receivables.ledger.link import link
from receivables.ledger.mapping import load_mapping
from receivables.ledger.model import Ledger
from receivables.ledger.open import OpenItems, open_items
from receivables.ledger.posted import Posted
from receivables.ledger.read import read
from receivables.monitor.buckets import Buckets
from receivables.rates import Rates
from receivables.settings import Settings, known_values

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Books:
    """A ledger that was read, checked and linked, with the settings of the run."""

    path: str
    sha256: str
    ledger: Ledger
    posted: Posted
    settings: Settings
    engine: str = "polars"
    kept: dict[Any, Any] = field(default_factory=dict)
    ledger_path: str = ""
    """Where the ledger lives, if it was read from a copy: what is kept beside it lies there."""

    @property
    def home(self) -> str:
        """The ledger beside which its journal and the files of its settings lie."""
        return self.ledger_path or self.path

    @property
    def issues(self) -> list[Issue]:
        """Everything that was found, in checking and in linking."""
        return [*self.ledger.issues, *self.posted.issues]

    def buckets(self, *, forward: bool = True) -> Buckets:
        """Aging buckets of the settings; `forward` splits what is not due yet, if they ask for it."""
        settings = self.settings
        return Buckets.parse(
            settings.edges,
            day_on_edge=settings.day_on_edge,
            forward=settings.forward_edges if forward else "",
        )

    def base(self) -> str:
        """`due`, or `issued` if the settings or their buckets (years of age) count from there."""
        return "issued" if "issued" in {self.settings.base, self.buckets().base} else "due"

    def cutoff(self, as_of: date, match_cutoff: date | None = None) -> date:
        """Last day on which a matching may have been entered to count."""
        if match_cutoff:
            return match_cutoff
        return add_working_days(as_of, self.settings.match_cutoff_days)

    def open(self, as_of: date, match_cutoff: date | None = None) -> OpenItems:
        """Open items in document currency.

        Raises:
            NotAvailableError: nothing posted by then, or a list that cannot be back-dated.
        """
        self._must_hold(as_of)
        asked = (as_of, self.cutoff(as_of, match_cutoff))
        if asked not in self.kept:
            opened = open_items(
                self.posted,
                as_of,
                match_cutoff=asked[1],
                unapplied=self.settings.unapplied,
                engine=self.engine,
            )
            self.kept[asked] = replace(opened, items=kept(opened.items))
        found: OpenItems = self.kept[asked]
        return found

    def reported(
        self, as_of: date, match_cutoff: date | None = None
    ) -> tuple[OpenItems, list[Bridge]]:
        """Open items in the reporting currency of the settings, with the bridge to it."""
        opened = self.open(as_of, match_cutoff)
        currency = self.settings.currency
        if not currency:
            return opened, []
        return reported_in(opened, currency, self.rates(), self.local())

    def local(self) -> dict[str, str]:
        """Local currency by company."""
        return local_currencies(self.posted.details, self.settings.local_currencies())

    def revaluation(self, opened: OpenItems) -> list[Bridge]:
        """Bridge from the books to the closing rate; empty where nothing is in foreign currency.

        A missing rate is no reason to refuse an aging: the bridge is then left out.
        """
        try:
            lines = revalued(opened, self.rates(), self.local())
        except NotAvailableError:
            return []
        return lines if any(line.currency != line.reporting for line in lines) else []

    def rates(self) -> Rates:
        """The Rates table."""
        return Rates.from_table(self.ledger["rates"])

    def _must_hold(self, as_of: date) -> None:
        ledger = self.ledger
        if ledger.kind == "open_items" and as_of != ledger.extracted_on:
            taken = ledger.extracted_on or "a day that the mapping does not name"
            raise NotAvailableError(
                f"{self.path} is a list of open items extracted on {taken}. It does not hold "
                f"what was cleared before or after, so it cannot be shown as of {as_of}. Use "
                "that date (extracted_on in the mapping), or export all postings."
            )
        posted = self.posted.details["posted_on"]
        first = posted.min() if posted.len() else None
        if isinstance(first, date) and as_of < first:
            raise NotAvailableError(
                f"Nothing was posted on or before {as_of}: the first posting of {self.path} is "
                f"of {first}. Give a later date."
            )


def load(
    path: str | Path,
    *,
    map_file: str | Path | None = None,
    values: Mapping[str, Any] | None = None,
    as_of: date | None = None,
    engine: str = "polars",
    progress: Progress | None = None,
) -> Books:
    """Read, check and link a ledger.

    Args:
        path: file, folder or database URL.
        map_file: mapping of an ERP export (TOML).
        values: settings of the run; they win over those in the ledger itself.
        as_of: date of the question, for checks of future dates.
        engine: polars, duckdb, pandas or pyspark.
        progress: called with (what, done, of how many).
    """
    tell = progress or (lambda _what, _done, _total: None)
    mapping = load_mapping(map_file) if map_file else None
    raw = read(path, mapping, progress=progress)
    settings = Settings().with_values(known_values(raw.settings)).with_values(values or {})
    tell("checking", 0, 1)
    ledger = check(raw, mapping, settings, as_of=as_of)
    tell("linking", 0, 1)
    posted = link(ledger)
    if posted.details.is_empty() and ledger.set_aside.is_empty():
        raise BadValueError(
            f"{path} holds no documents and no payments. Give the ledger's export, or map its "
            "columns with: receivables map"
        )
    return Books(str(path), _digest(path), ledger, posted, settings, engine)


def _digest(path: str | Path) -> str:
    """SHA-256 of a ledger file; empty for a folder or a database."""
    if "://" in str(path) or not Path(path).is_file():
        return ""
    with Path(path).open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
