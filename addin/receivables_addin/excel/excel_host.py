"""Excel as a host of actions, through xlwings: the workbook in front of the user, left as it was found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from receivables.actions import Area, Document, Form, Rows, Selection
from receivables.actions.file_host import is_settings_sheet, settings_of_rows
from receivables.book.live_ops import LivePlan
from receivables.errors import BadValueError, NotAvailableError
from receivables_addin.excel.cellvalues import from_excel
from receivables_addin.excel.live import apply
from receivables_addin.excel.outlook import save_draft
from receivables_addin.excel.pro import import_xlwings

if TYPE_CHECKING:
    from receivables.actions.letters_drafts import Draft

TITLE = "Receivables"
PDF = 0
TEXT = 2
LONGEST_EXPRESSION = 255
"""Characters that Evaluate of Excel takes."""


class ExcelHost:
    """The Excel that pressed the button, and its active workbook."""

    def __init__(self, book: Any, language: str = "en") -> None:
        self.book, self.app, self._ribbon = book, book.app, language

    @cached_property
    def language(self) -> str:
        """The workbook's setting, else the language of the ribbon."""
        chosen = str(self.settings().get("language", ""))
        return chosen if chosen in {"en", "zh"} else self._ribbon

    def document(self) -> Document:
        """The active workbook.

        Raises:
            BadValueError: it lies in the cloud, where only Excel can read it.
        """
        raw = self.book.api
        if "://" in raw.FullName:
            raise BadValueError(
                f"{raw.Name} lies in the cloud ({raw.FullName}). Save a copy in a folder of this "
                "computer and open that."
            )
        path = Path(raw.FullName) if raw.Path else None
        return Document(raw.Name, path, bool(raw.Saved))

    def selection(self) -> Selection:
        """The active cell; of a spilled range the cell whose formula spills."""
        cell = self.app.api.ActiveCell
        if cell is None:
            raise BadValueError("No cell is selected. Select one with a function.")
        with suppress(Exception):  # an Excel without spilled ranges does not know the word
            if cell.HasSpill:
                cell = cell.SpillParent
        formula = ""
        if cell.HasFormula:
            try:
                formula = cell.Formula2
            except Exception:  # noqa: BLE001 - Excel 2019 and before
                formula = cell.Formula
        area = Area("", cell.Row, cell.Column, cell.Row, cell.Column)
        return Selection(cell.Worksheet.Name, area.address, formula, from_excel(cell.Value))

    def settings(self) -> Mapping[str, Any]:
        """The sheet Settings of the active workbook."""
        for sheet in self.book.sheets:
            if is_settings_sheet(sheet.name):
                last = sheet.used_range.last_cell
                rows = self.values(Area(sheet.name, 1, 1, last.row, max(last.column, 2)))
                return settings_of_rows(rows)
        return {}

    def tables(self) -> Mapping[str, Area]:
        """Excel Tables without their totals rows."""
        found = {}
        for sheet in self.book.sheets:
            for table in sheet.api.ListObjects:
                area = table.Range
                rows = area.Rows.Count - (1 if table.ShowTotals else 0)
                right = area.Column + area.Columns.Count - 1
                bottom = area.Row + rows - 1
                found[table.Name] = Area(sheet.name, area.Row, area.Column, bottom, right)
        return found

    def values(self, area: Area) -> Any:
        """Values of a range as the cell functions get them."""
        sheet = self._sheet(area.sheet)
        last = sheet.used_range.last_cell
        area = area.within(last.row, last.column)
        cells = sheet.range((area.top, area.left), (area.bottom, area.right)).raw_value
        found = from_excel(cells)
        return found if area.single else [list(row) for row in found]

    def evaluate(self, expression: str, sheet: str) -> Any:
        """What Excel makes of an expression on a sheet.

        Raises:
            NotAvailableError: longer than Excel evaluates.
        """
        if len(expression) > LONGEST_EXPRESSION:
            raise NotAvailableError(
                f"Excel evaluates at most {LONGEST_EXPRESSION} characters at once. Put this part "
                "into a cell of its own."
            )
        found = self._sheet(sheet).api.Evaluate(expression)
        cells = found.Value if hasattr(found, "Value") else found
        value = from_excel(cells)
        return [list(row) for row in value] if isinstance(value, (list, tuple)) else value

    def write_table(self, title: str, rows: Rows) -> str:
        """A new workbook with the table; texts stay texts, whatever they begin with."""
        book = self.app.books.add()
        sheet = book.sheets[0]
        sheet.name = "".join(sign for sign in title if sign not in "[]:*?/\\'")[:31] or TITLE
        width = max(map(len, rows))
        cells = [[*map(_guarded, row), *[None] * (width - len(row))] for row in rows]
        sheet.range((1, 1), (len(cells), width)).raw_value = tuple(map(tuple, cells))
        sheet.range((1, 1), (1, width)).api.Font.Bold = True
        sheet.autofit("columns")
        return f"{book.name}!{sheet.name}"

    def show_sheet(self, name: str) -> bool:
        """Bring a sheet to the front."""
        found = next((sheet for sheet in self.book.sheets if sheet.name == name), None)
        if found:
            found.api.Activate()
        return found is not None

    def save_copy(self, path: Path) -> bool:
        """Excel's own copy, in the format of the workbook."""
        self.book.api.SaveCopyAs(str(path))
        return True

    def apply(self, plan: LivePlan) -> None:
        """Rows moved, then one array for each table."""
        apply(self.book, plan)

    def open_document(self, path: Path) -> None:
        """Open a workbook in this Excel."""
        self.app.books.open(str(path))

    def save_draft(self, draft: Draft) -> bool:
        """Outlook beside this Excel, if it is there."""
        return save_draft(draft)

    def export_pdf(self, source: Path, target: Path) -> bool:
        """Excel's own print to PDF, all sheets."""
        book = self.app.books.open(str(source), update_links=False, read_only=True)
        try:
            book.api.ExportAsFixedFormat(PDF, str(target))
        finally:
            book.close()
        return True

    def ask(self, form: Form) -> Mapping[str, str] | None:
        """One input box after the other; False is Excel's word for Cancel."""
        answers = {}
        for question in form.questions:
            given = self.app.api.InputBox(
                Prompt=question.label, Title=form.title, Default=question.default, Type=TEXT
            )
            if given is False:
                return None
            answers[question.name] = str(given)
        return answers

    def progress(self, what: str, done: int, total: int) -> None:
        """The status bar."""
        self.app.status_bar = f"{TITLE}: {what} {done:,}/{total:,}" if what else False

    def tell(self, text: str) -> None:
        """A message box."""
        self.app.alert(text, title=TITLE)

    def _sheet(self, name: str) -> Any:
        found = {sheet.name.casefold(): sheet for sheet in self.book.sheets}
        if name.casefold() not in found:
            raise NotAvailableError(f"{self.book.name} has no sheet '{name}'.")
        return found[name.casefold()]


@contextmanager
def active_host(language: str = "en") -> Iterator[ExcelHost]:
    """The workbook the button was pressed in, with Excel kept quiet until the action is over."""
    host = ExcelHost(import_xlwings().Book.caller(), language)
    with undisturbed(host.app):
        yield host


@contextmanager
def undisturbed(app: Any) -> Iterator[None]:
    """No redrawing and no calculation meanwhile; both come back whatever happens inside."""
    updating, calculation = app.screen_updating, app.calculation
    try:
        app.screen_updating = False
        app.calculation = "manual"
        yield
    finally:
        # one that fails must not keep the others from coming back
        for name, value in (
            ("status_bar", False),
            ("calculation", calculation),
            ("screen_updating", updating),
        ):
            with suppress(Exception):
                setattr(app, name, value)


def _guarded(cell: Any) -> Any:
    """A text with the sign that keeps Excel from reading it as a formula, number or date."""
    return f"'{cell}" if isinstance(cell, str) and cell else cell
