"""LibreOffice Calc as a host of actions: each need becomes a request to the office's side.

Operations, their arguments and answers (JSON; an error value is `{"error": code}`, a date a serial number):
`settings` → {name: value}; `tables` → {name: [sheet, top, left, bottom, right]};
`values` area → value or rows; `evaluate` expression, sheet → value or rows;
`save_copy` path → true or false; `apply` plan (`LivePlan.to_json`);
`write_table` title, rows → where it stands; `show_sheet` name → true or false; `open` path;
`pdf` source, target → true or false; `ask` title, questions → {name: answer} or null;
`progress` what, done, total; `tell` text. What the office cannot do comes back as a ReceivablesError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from receivables.actions import Area, Document, Form, Rows, Selection
from receivables.book.live_ops import LivePlan
from receivables.values import from_json, to_json

Ask = Callable[[str, Mapping[str, Any]], Any]


class OfficeHost:
    """Calc, as far as it can be reached through requests."""

    def __init__(self, context: Mapping[str, Any], ask: Ask) -> None:
        self._context, self._ask = context, ask

    @property
    def language(self) -> str:
        """The language of the office, Chinese or English."""
        return "zh" if str(self._context.get("language", "")).startswith("zh") else "en"

    def document(self) -> Document:
        """The workbook the button was pressed in."""
        path = self._context.get("path")
        name = str(self._context.get("name", ""))
        return Document(name, Path(path) if path else None, bool(self._context.get("saved", True)))

    def selection(self) -> Selection:
        """The active cell when the button was pressed."""
        cell = self._context.get("selection") or {}
        return Selection(
            str(cell.get("sheet", "")),
            str(cell.get("address", "")),
            str(cell.get("formula", "")),
            from_json(cell.get("value")),
        )

    def settings(self) -> Mapping[str, Any]:
        """The rows of the sheet Settings."""
        return dict(self._request("settings"))

    def tables(self) -> Mapping[str, Area]:
        """The database ranges."""
        return {name: Area(*place) for name, place in self._request("tables").items()}

    def values(self, area: Area) -> Any:
        """Values of a range; dates are serial numbers, as Calc holds them."""
        return from_json(self._request("values", **_place(area)))

    def evaluate(self, expression: str, sheet: str) -> Any:
        """Value of an expression in a scratch cell of the sheet's document."""
        return from_json(self._request("evaluate", expression=expression, sheet=sheet))

    def write_table(self, title: str, rows: Rows) -> str:
        """A new document with the table."""
        return str(self._request("write_table", title=title, rows=to_json(list(rows))))

    def show_sheet(self, name: str) -> bool:
        """Bring a sheet to the front."""
        return bool(self._request("show_sheet", name=name))

    def save_copy(self, path: Path) -> bool:
        """Store a copy as an Excel file."""
        return bool(self._request("save_copy", path=str(path)))

    def apply(self, plan: LivePlan) -> None:
        """Rows moved, then the cells of the copy, which the office opens out of sight."""
        self._request("apply", plan=plan.to_json())

    def open_document(self, path: Path) -> None:
        """Open a file in a window of its own."""
        self._request("open", path=str(path))

    def export_pdf(self, source: Path, target: Path) -> bool:
        """Print a file to PDF in the office that is running."""
        return bool(self._request("pdf", source=str(source), target=str(target)))

    def ask(self, form: Form) -> Mapping[str, str] | None:
        """A dialog with one line for each question."""
        questions = [
            {"name": item.name, "label": item.label, "default": item.default}
            for item in form.questions
        ]
        found: Mapping[str, str] | None = self._request(
            "ask", title=form.title, questions=questions
        )
        return found

    def progress(self, what: str, done: int, total: int) -> None:
        """The status bar."""
        self._request("progress", what=what, done=done, total=total)

    def tell(self, text: str) -> None:
        """A message box."""
        self._request("tell", text=text)

    def _request(self, op: str, **args: Any) -> Any:
        return self._ask(op, args)


def _place(area: Area) -> dict[str, Any]:
    return {
        "sheet": area.sheet,
        "top": area.top,
        "left": area.left,
        "bottom": area.bottom,
        "right": area.right,
    }
