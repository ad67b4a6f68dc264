"""One fill under way: the workbook, the donor, and what has been found and decided so far."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from receivables.book.archive import Note
from receivables.book.blocks import FoundBlock, FoundSheet, sheet_entries
from receivables.book.body import Filter
from receivables.book.lines import Context
from receivables.book.old_rows import OldRows, SharedTexts
from receivables.book.package import Package
from receivables.book.plan import Plan
from receivables.book.row_map import RowMap
from receivables.book.sheet_xml import SheetXml
from receivables.book.shifter import Shifter
from receivables.book.structure import Donor
from receivables.book.styles import StyleMap, Stylesheet
from receivables.book.table_part import Area
from receivables.book.translate import Translated, Translation
from receivables.report.layout import References
from receivables.report.spec import SheetSpec, TableSpec

STYLES = "xl/styles.xml"


class Run:
    """State of a fill, by sheet part or by name of a block."""

    def __init__(
        self, book: Package, donor: Package, specs: Sequence[SheetSpec], as_of: date, made: Donor
    ) -> None:
        self.book, self.donor, self.specs, self.as_of, self.made = book, donor, specs, as_of, made
        self.styles = StyleMap(book.part(STYLES), donor.part(STYLES))
        self.looks = frozenset(Stylesheet(donor.part(STYLES)).looks[1:])
        self.shared = SharedTexts(book)
        entries = sheet_entries(donor)
        self.fresh = {item.name: SheetXml(donor.part(item.part)) for item in entries if item.part}
        """The donor's sheets as they were before anything was filled."""
        self.notes: list[str] = []
        self.lost: list[Note] = []
        self.plans: list[Plan] = []
        self.sheets: dict[str, SheetXml] = {}
        self.rows: dict[str, OldRows] = {}
        self.matches: dict[str, pl.Series] = {}
        self.shown: dict[str, set[int]] = {}
        """Columns that are to be seen, as wide as fresh ones."""
        self.shown_sheets: set[str] = set()
        self.filters: dict[str, Filter] = {}
        self.maps: dict[str, RowMap] = {}
        self.translation = Translation({})
        self.references = References(())

    @property
    def blocks(self) -> Iterator[tuple[Plan, FoundBlock]]:
        """Every block with the plan of its sheet."""
        for plan in self.plans:
            for block in plan.sheet.blocks:
                yield plan, block

    def settle(self) -> None:
        """Formulas can be told in the user's rows and columns once all places are known."""
        told: dict[str, list[Translated]] = {}
        for plan, block in self.blocks:
            names = tuple(block.block.names) if isinstance(block.block, TableSpec) else ()
            place = Translated(block.donor, plan.places[block.name], names)
            told.setdefault(block.donor.sheet, []).append(place)
        self.translation = Translation(told)
        tables = {
            block.name: plan.places[block.name] for plan, block in self.blocks if block.table
        }
        self.references = References.at(tables)

    def context(self, sheet: FoundSheet, xml: SheetXml) -> Context:
        """What the lines of a sheet are made from."""
        return Context(
            xml,
            self.fresh[sheet.spec.label],
            self.styles,
            self.translation,
            sheet.spec.label,
            self.looks,
            Shifter(sheet.entry.name, self.maps),
        )


def areas_of(plan: Plan) -> list[tuple[str, Area]]:
    """Area of each block of a sheet after the fill; of a table with its user's columns."""
    found = []
    for block in plan.sheet.blocks:
        place = plan.places[block.name]
        left, right, bottom = block.left, block.left, max(place.bottom, place.top + 1)
        if block.table:
            left, right = block.table.area.left, block.table.area.right
            bottom = place.last + 1
        found.append((block.name, Area(place.top + 1, left, bottom, right)))
    return found
