"""The command line as a host: a workbook file, a cell named on the command line, and what it prints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from receivables.actions.areas import Area, parse_area
from receivables.actions.explain import answer
from receivables.actions.formula import has_ours
from receivables.actions.host import Document, Form, Rows, Selection
from receivables.actions.operands import literal
from receivables.actions.pdf import print_to_pdf
from receivables.actions.sheet_cells import StoredCell, WorkbookFile
from receivables.cells.coerce import to_text
from receivables.errors import BadValueError, NotAvailableError

if TYPE_CHECKING:
    from receivables.book.live_ops import LivePlan

Show = Callable[[str, Rows], str]


class FileHost:
    """A host without a screen; `show` prints a table and says where it stands.

    A formula of ours that the file holds without a result is calculated here; any other is refused.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        sheet: str = "",
        cell: str = "",
        language: str = "",
        show: Show | None = None,
        tell: Callable[[str], None] | None = None,
        answers: Mapping[str, str] | None = None,
    ) -> None:
        self.path, self.sheet, self.cell = path, sheet, cell
        self._language = language
        self._show = show or (lambda title, _rows: title)
        self._tell = tell or (lambda _text: None)
        self._answers = answers or {}
        self._file: WorkbookFile | None = None
        self._open: list[str] = []

    @property
    def language(self) -> str:
        """The language asked for, else that of the sheet Settings."""
        if not self._language:
            self._language = "zh" if self.settings().get("language") == "zh" else "en"
        return self._language

    @property
    def file(self) -> WorkbookFile:
        """The workbook, read when it is first needed."""
        if self.path is None:
            raise NotAvailableError("No workbook was given. Add --workbook FILE.xlsx.")
        if self._file is None:
            self._file = WorkbookFile(self.path)
        return self._file

    def document(self) -> Document:
        """The file; what the screen shows cannot differ from it."""
        return Document(self.path.name if self.path else "", self.path, is_open=False)

    def selection(self) -> Selection:
        """The cell named on the command line, on the first sheet unless another is named."""
        if self.path is None:
            return Selection(self.sheet, self.cell)
        sheet = self.sheet or self.file.sheets[0]
        if not self.cell:
            return Selection(sheet, "A1")
        found = self._stored(sheet, self.cell)
        return Selection(
            sheet, self.cell, found.formula if found else "", found.value if found else None
        )

    def settings(self) -> Mapping[str, Any]:
        """The sheet Settings of the file."""
        if self.path is None or self.path.suffix.lower() not in {".xlsx", ".xlsm"}:
            return {}
        name = next((sheet for sheet in self.file.sheets if is_settings_sheet(sheet)), "")
        if not name:
            return {}
        last_row, last_column = self.file.used(name)
        rows = self.values(Area(name, 1, 1, last_row, max(last_column, 2)))
        return settings_of_rows(rows if isinstance(rows, list) else [])

    def tables(self) -> Mapping[str, Area]:
        """Excel Tables."""
        return self.file.tables() if self.path else {}

    def values(self, area: Area) -> Any:
        """Stored results; a formula without one is calculated if it is ours."""
        area = area.within(*self.file.used(area.sheet))
        width = area.right - area.left + 1
        rows: list[list[Any]] = [[None] * width for _ in range(area.bottom - area.top + 1)]
        for cell in self.file.cells(area):
            value = cell.value if cell.calculated else self._calculated(area.sheet, cell)
            rows[cell.row - area.top][cell.column - area.left] = value
        return rows[0][0] if area.single else rows

    def evaluate(self, expression: str, sheet: str) -> Any:
        """What a defined name stands for; the command line has no spreadsheet to ask for more."""
        stands_for = self.file.names().get(expression.casefold()) if self.path else None
        if stands_for:
            area, typed = parse_area(stands_for), literal(stands_for)
            if area:
                return self.values(area.on(sheet))
            if typed:
                return typed[0]
        raise NotAvailableError(
            f"'{expression}' needs a spreadsheet to calculate it. Give its value, put it into a cell "
            "of its own, or ask with the button Why? inside the spreadsheet."
        )

    def write_table(self, title: str, rows: Rows) -> str:
        """Print it."""
        return self._show(title, rows)

    def show_sheet(self, name: str) -> bool:
        """Whether the file has the sheet; there is no window to show it in."""
        return self.path is not None and name in self.file.sheets

    def save_copy(self, path: Path) -> bool:  # noqa: ARG002
        """False: nobody has the file on a screen."""
        return False

    def apply(self, plan: LivePlan) -> None:  # noqa: ARG002
        """Not for files: they are refreshed themselves.

        Raises:
            NotAvailableError: always.
        """
        raise NotAvailableError("A file is refreshed in place: receivables refresh LEDGER.xlsx")

    def open_document(self, path: Path) -> None:
        """Nothing: the line that the action reports names the file."""

    def export_pdf(self, source: Path, target: Path) -> bool:
        """By the LibreOffice of this machine."""
        return print_to_pdf(source, target)

    def ask(self, form: Form) -> Mapping[str, str] | None:
        """Answers given as options.

        Raises:
            BadValueError: one is missing; the option is named.
        """
        for question in form.questions:
            if question.name not in self._answers and not question.default:
                option = question.name.replace("_", "-")
                raise BadValueError(f"{question.label} is missing. Add --{option}.")
        return {
            question.name: self._answers.get(question.name, question.default)
            for question in form.questions
        }

    def progress(self, what: str, done: int, total: int) -> None:
        """Nothing: actions on files are quick, or print their own bar."""

    def tell(self, text: str) -> None:
        """Print it."""
        self._tell(text)

    def _stored(self, sheet: str, address: str) -> StoredCell | None:
        area = parse_area(address)
        if area is None or not area.single:
            raise BadValueError(f"'{address}' is no cell. Write it as C5.")
        return next(self.file.cells(area.on(sheet)), None)

    def _calculated(self, sheet: str, cell: StoredCell) -> Any:
        address = Area("", cell.row, cell.column, cell.row, cell.column).address
        if not has_ours(cell.formula):
            raise NotAvailableError(
                f"{sheet}!{address} holds a formula without a stored result. Open the workbook in "
                "the spreadsheet, let it calculate, and save."
            )
        return self._ours(cell.formula, Selection(sheet, address))

    def _ours(self, formula: str, at: Selection) -> Any:
        place = f"{at.sheet}!{at.address} {formula}"
        if place in self._open:
            raise NotAvailableError(
                f"{at.sheet}!{at.address} refers to itself. Change the formula."
            )
        self._open.append(place)
        try:
            return answer(formula, self, at)
        finally:
            self._open.pop()


def is_settings_sheet(name: str) -> bool:
    """Whether a sheet is the table of settings, by its English or Chinese name.

    >>> is_settings_sheet("settings"), is_settings_sheet("设置"), is_settings_sheet("Aging")
    (True, True, False)
    """
    from receivables.ledger.spelling import table_named

    return table_named(name) == "settings"


def settings_of_rows(rows: Rows) -> dict[str, str]:
    """Names and values of a Settings sheet: its first two columns, as when a ledger is read.

    >>> settings_of_rows([["name", "value"], ["base", "issued"], ["edges", None]])
    {'base': 'issued'}
    """
    from receivables.ledger.spelling import fold

    return {
        to_text(row[0]): to_text(row[1])
        for row in rows
        if len(row) > 1
        and row[0] not in (None, "")
        and row[1] not in (None, "")
        and fold(str(row[0])) not in {"name", "setting", "名称", "设置"}
    }
