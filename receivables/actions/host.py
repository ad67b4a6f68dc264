"""What an action needs of the program it runs in; Excel, Calc and the command line each offer it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from receivables.actions.areas import Area

if TYPE_CHECKING:
    from receivables.book.live_ops import LivePlan

Rows = Sequence[Sequence[Any]]
"""A table: rows of cells, headings first."""


@dataclass(frozen=True, slots=True)
class Document:
    """The workbook in front of the user; `path` is None before it was first saved."""

    name: str
    path: Path | None
    saved: bool = True
    """Whether the file holds what the screen shows."""
    is_open: bool = True
    """Whether a program has the file open, so that it cannot be rewritten beneath it."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The active cell; `formula` is empty where the cell holds a plain value."""

    sheet: str
    address: str
    formula: str = ""
    value: Any = None


@dataclass(frozen=True, slots=True)
class Question:
    """One field of a form: what is asked, and what is taken if the user just agrees."""

    name: str
    label: str
    default: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Questions asked together."""

    title: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What an action did: one line, where to look, and the files it wrote."""

    line: str
    link: str = ""
    changed: tuple[Path, ...] = ()


class Host(Protocol):
    """A program with a workbook, a user and a screen."""

    @property
    def language(self) -> str:
        """`en` or `zh`."""

    def document(self) -> Document:
        """The workbook in front of the user."""

    def selection(self) -> Selection:
        """The active cell."""

    def settings(self) -> Mapping[str, Any]:
        """Names and values of the sheet Settings; empty without one."""

    def tables(self) -> Mapping[str, Area]:
        """Tables of the workbook by name: their rows with the headings, without a totals row."""

    def values(self, area: Area) -> Any:
        """Values of a cell or range: None is blank, an error is a CellError, a range its rows.

        Whole columns and rows end where the sheet's used area ends.
        """

    def evaluate(self, expression: str, sheet: str) -> Any:
        """Value of a piece of a formula that is none of ours.

        Raises:
            NotAvailableError: this host cannot calculate it.
        """

    def write_table(self, title: str, rows: Rows) -> str:
        """Show a table beside the user's workbook, never in it; the answer says where it stands."""

    def show_sheet(self, name: str) -> bool:
        """Bring a sheet of the workbook to the front; False if there is none of that name."""

    def save_copy(self, path: Path) -> bool:
        """Save the workbook as it stands on the screen as an Excel file elsewhere; False if it cannot.

        The workbook stays what and where it is, changes that are not saved included.
        """

    def apply(self, plan: LivePlan) -> None:
        """Change the workbook on the screen; the user finds it where he left it."""

    def open_document(self, path: Path) -> None:
        """Open a workbook that an action wrote."""

    def export_pdf(self, source: Path, target: Path) -> bool:
        """Print a workbook to a PDF file; False where nothing can do that."""

    def ask(self, form: Form) -> Mapping[str, str] | None:
        """Answers by name; None if the user gave up."""

    def progress(self, what: str, done: int, total: int) -> None:
        """Say how far it is."""

    def tell(self, text: str) -> None:
        """Say something to the user, and wait until it was seen where the host can."""
