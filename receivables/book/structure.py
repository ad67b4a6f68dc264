"""Render the workbook around the figures: all that a fresh report holds apart from its table rows."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile

from xlsxwriter import Workbook
from xlsxwriter.utility import quote_sheetname, xl_range_abs

from receivables import __version__, money
from receivables.book.donor_sheet import DonorSheet, InlineSheet
from receivables.book.identity import anchor_name, block_names, columns_of, put_columns
from receivables.book.package import Package
from receivables.report.layout import References
from receivables.report.spec import (
    Block,
    ChartSpec,
    ColumnSpec,
    PictureSpec,
    Place,
    SheetSpec,
    TableSpec,
)
from receivables.report.styles import FONT, Styles
from receivables.report.target import MARK

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_EXPONENTS = (0, 2, 3)


@dataclass(frozen=True, slots=True)
class ExtraSheet:
    """A sheet that no report fills: Start, an input table, Settings. `draw` writes it."""

    label: str
    draw: Callable[[Any, Any, Styles], None]
    first: bool = False
    """Stands before the result sheets, not behind them."""
    hidden: bool = False
    anchor: str = ""
    """Marks a sheet that holds no ledger, so that reading passes over it."""


@dataclass(frozen=True, slots=True)
class Donor:
    """What a rendered structure knows of itself."""

    references: References
    places: dict[str, dict[str, tuple[Block, Place]]]
    """Sheet id → name of the block → the block and its place."""
    numbers: dict[tuple[str, int, bool, bool], int]

    def style(self, column: ColumnSpec, exponent: int, tint: bool) -> int:
        """Number of the donor's cell format for a column's figures (`report.cells.StyleOf`)."""
        return self.numbers[column.kind, exponent, column.strong, tint]


def render(
    specs: Sequence[SheetSpec], stream: IO[bytes], *, inputs: Sequence[ExtraSheet] = ()
) -> Donor:
    """Write a workbook that has everything but the rows of its tables.

    Rows, areas and formulas are those of the full layout: the rows of a table's body are left out,
    apart from the first, which holds blank cells in the formats of its columns. Texts stand in the
    cells themselves; the package has no shared strings.

    Args:
        specs: result sheets in order.
        stream: where the package is written.
        inputs: further sheets.
    """
    held = BytesIO()
    # A copy: XlsxWriter adds to it, and a second report would come out in another font.
    workbook = Workbook(held, _OPTIONS | {"default_format_properties": dict(FONT)})
    styles = Styles(workbook)
    references = References(specs)
    _mark(workbook, specs)
    # XlsxWriter warns and leaves the part out where a name or range is wrong: here that is a fault.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _draw(workbook, specs, inputs, styles, references)
        numbers = _numbers(specs, styles)
        workbook.close()
    with ZipFile(held) as package:
        book = Package(Path("donor.xlsx"), package)
        put_columns(book, columns_of([table for spec in specs for table in spec.tables]))
        book.save(stream)
    return Donor(references, _places(specs, references), numbers)


def _mark(workbook: Any, specs: Sequence[SheetSpec]) -> None:
    created = datetime.combine(specs[0].as_of, time())
    workbook.set_properties({"created": created, "comments": f"receivables {__version__}"})
    workbook.set_custom_property(MARK, __version__, "text")
    workbook.set_size(1600, 1000)


def _draw(
    workbook: Any, specs: Sequence[SheetSpec], inputs: Sequence[ExtraSheet], styles: Styles,
    references: References,
) -> None:  # fmt: skip
    extra = {id(item): item for item in inputs}
    before = [item for item in extra.values() if item.first]
    behind = [item for item in extra.values() if not item.first]
    for item in before:
        _extra(workbook, item, styles)
    sheets = [workbook.add_worksheet(spec.label, InlineSheet) for spec in specs]
    for spec, sheet in zip(specs, sheets, strict=True):
        DonorSheet(spec, sheet, workbook, styles, references).render()
        _anchor(workbook, spec, references)
        if spec.hidden:
            sheet.hide()
    for item in behind:
        _extra(workbook, item, styles)
    shown = next((sheet for sheet in workbook.worksheets() if not sheet.hidden), None)
    if shown is None:
        shown = workbook.worksheets()[0]
        shown.hidden = 0
    shown.set_first_sheet()
    shown.activate()


def _extra(workbook: Any, item: ExtraSheet, styles: Styles) -> None:
    sheet = workbook.add_worksheet(item.label, InlineSheet)
    item.draw(workbook, sheet, styles)
    if item.anchor:
        target = f"{quote_sheetname(item.label)}!$A$1"
        workbook.defined_names.append([anchor_name(item.anchor, "sheet"), -1, target, 1])
    if item.hidden:
        sheet.hide()


def _anchor(workbook: Any, spec: SheetSpec, references: References) -> None:
    """A hidden name for every block, by which it is found wherever its user moves it."""
    placed = references.sheets[spec.id]
    right = max((len(table.columns) for table in spec.tables), default=1) - 1
    for (name, block), (_, place) in zip(block_names(spec), placed, strict=True):
        first, last, column = 0, place.bottom - 1, 0
        if isinstance(block, TableSpec):
            last, column = place.last, len(block.columns) - 1
        elif isinstance(block, ChartSpec | PictureSpec):
            last, column = place.bottom - 2, right
            if block.at:
                _, first, rows, columns = block.at
                last, column = place.top + rows - 1, first + columns - 1
        area = xl_range_abs(place.top, first, max(last, place.top), column)
        target = f"{quote_sheetname(spec.label)}!{area}"
        # `define_name` cannot hide a name.
        workbook.defined_names.append([anchor_name(spec.id, name), -1, target, 1])


def _numbers(specs: Sequence[SheetSpec], styles: Styles) -> dict[tuple[str, int, bool, bool], int]:
    """Formats that body rows may ask for, whatever currencies they hold."""
    found: dict[tuple[str, int, bool, bool], int] = {}
    for table in (table for spec in specs for table in spec.tables):
        for column in table.columns:
            tinted = table.tint is not None and table.tint.column == column.name
            for exponent in sorted({*_EXPONENTS, *_exponents(table, column)}):
                for tint in (False, True) if tinted else (False,):
                    look = styles.cell(column.kind, exponent, strong=column.strong, tint=tint)
                    key = (column.kind, exponent, column.strong, tint)
                    found[key] = int(look._get_xf_index())  # noqa: SLF001
    for look in styles.lines():
        look._get_xf_index()  # noqa: SLF001 (so that cells of an earlier month are known as ours)
    return found


def _exponents(table: TableSpec, column: ColumnSpec) -> set[int]:
    source = column.currency_column or table.currency_column
    if column.kind != "money" or not source:
        return {money.exponent(table.currency)}
    return {money.exponent(code) for code in table.frame[source].fill_null("").unique()}


def _places(
    specs: Sequence[SheetSpec], references: References
) -> dict[str, dict[str, tuple[Block, Place]]]:
    return {
        spec.id: {
            name: (block, place)
            for (name, block), (_, place) in zip(
                block_names(spec), references.sheets[spec.id], strict=True
            )
        }
        for spec in specs
    }
