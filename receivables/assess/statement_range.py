"""Statements in a range: figures under or beside their headings, one statement or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.assess import altman
from receivables.assess.factor_range import FactorRange
from receivables.cells.coerce import is_blank, to_amount, to_choice, to_day, to_text
from receivables.cells.faults import pass_through
from receivables.errors import BadValueError, NotAvailableError, ReceivablesError
from receivables.ledger.spelling import fold, known_columns

EXTRA = {"working_capital": "Working capital|Net working capital|营运资本|营运资金"}
ABOUT = {
    "industry": "Industry|Sector|Branche|行业",
    "no_liabilities": "No liabilities|Without liabilities|无负债",
    "name": "Name|Customer name|Company name|名称|客户名称|公司名称",
}
TEXTS = {"industry", "name", "customer_id", "currency"}
DATES = {"period_end", "known_on"}
Statement = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StatementRange:
    """A range of statements; without headings the order of the arguments holds."""

    cells: FactorRange

    def statements(self, order: Sequence[str]) -> list[Statement | None]:
        """Columns of each statement as given; a blank row is None.

        Raises:
            BadValueError: an unknown heading, one twice, too many cells in a row without headings.
        """
        first = self.cells.rows[0]
        if not self.cells.headings and len(first) > len(order):
            raise BadValueError(
                f"The row has {len(first)} cells for the {len(order)} items {', '.join(order)}. "
                "Give headings above it."
            )
        self.cells.refuse_nameless()
        names = _named(self.cells.headings) if self.cells.headings else list(order)
        return [
            None
            if all(is_blank(cell) for cell in row)
            else {name: cell for name, cell in zip(names, row, strict=False) if name}
            for row in self.cells.rows
        ]


def read_item(name: str, cell: Any) -> Any:
    """The value of a cell of a statement; a blank is None, never 0.

    >>> read_item("total_assets", "1000.50"), read_item("ebit", "")
    (Decimal('1000.50'), None)
    """
    if is_blank(cell):
        return None
    pass_through(cell)
    try:
        if name in DATES:
            return to_day(cell)
        if name == "no_liabilities":
            return to_choice("no_liabilities")(cell)
        return to_text(cell) if name in TEXTS else to_amount(cell)
    except ReceivablesError as fault:
        raise type(fault)(f"{name}: {fault}") from None


def amount(statement: Mapping[str, Any], name: str) -> Decimal | None:
    """An amount of a statement."""
    found: Decimal | None = read_item(name, statement.get(name))
    return found


def z_of_statement(which: str, statement: Mapping[str, Any], no_liabilities: str = "") -> float:
    """Z of the columns of a statement; its industry and `no_liabilities` count.

    Raises:
        NotAvailableError: a bank or an insurer, a blank item.

    >>> columns = ["total_assets", "current_assets", "current_liabilities", "retained_earnings", "ebit"]
    >>> row = dict(zip(columns, [1000, 600, 400, 300, 120]), equity=450, total_liabilities=550)
    >>> f"{z_of_statement('z2', row):.4f}"
    '3.9555'
    """
    items, option = read_statement(which, statement)
    return altman.z_score(which, items, no_liabilities=no_liabilities or option)


def read_statement(which: str, statement: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The items of a model read from a statement, and what to do without liabilities.

    Raises:
        NotAvailableError: a bank or an insurer.
    """
    columns = {name: read_item(name, cell) for name, cell in statement.items()}
    altman.refuse_industry(columns.get("industry") or "")
    _refuse_unit(columns)
    return altman.statement_items(which, columns), columns.get("no_liabilities") or "refuse"


def explained(
    which: str, statement: Mapping[str, Any], as_of: date, no_liabilities: str
) -> list[list[object]]:
    """The terms of a model, its score and zone, and whether the statement is stale, with headings."""
    items, _ = read_statement(which, statement)
    found = altman.terms(which, items, no_liabilities=no_liabilities)
    chosen = altman.model(which)
    score = altman.z_score(which, items, no_liabilities=no_liabilities)
    rows: list[list[object]] = [["step", "input", "rule", "result"]]
    rows += [
        [term.name, term.ratio, f"{term.formula} × {term.weight:g}", term.adds] for term in found
    ]
    if chosen.constant:
        rows.append(["constant", None, "added", chosen.constant])
    cuts = f"safe above {chosen.safe_above:g}, distress below {chosen.distress_below:g}"
    rows.append(["score", None, chosen.name, score])
    rows.append(["zone", score, cuts, altman.zone(score, which)])
    rows.append(_age(read_item("period_end", statement.get("period_end")), as_of))
    return rows


def _age(period_end: date | None, as_of: date) -> list[object]:
    months = altman.rule("stale_months")
    text = f"stale when older than {months} months"
    if period_end is None:
        return ["age", None, text, "not known: period_end is blank"]
    if period_end > as_of:
        raise NotAvailableError(
            f"period_end {period_end} is after {as_of}: not known yet on that day."
        )
    return ["age", period_end, text, "stale" if altman.is_stale(period_end, as_of) else "in date"]


def _refuse_unit(columns: Mapping[str, Any]) -> None:
    unit = columns.get("unit")
    if unit is not None and unit <= 0:
        raise BadValueError(f"unit is {unit}: give 1, 1000 or 1000000.")


def _named(headings: Sequence[Any]) -> list[str]:
    extra = {
        fold(word): name
        for name, words in (EXTRA | ABOUT).items()
        for word in (name, *words.split("|"))
    }
    known = known_columns("statements") | extra
    names: list[str] = []
    for heading in headings:
        text = "" if is_blank(heading) else to_text(heading)
        name = known.get(fold(text), "") if text else ""
        if text and not name:
            raise BadValueError(
                f"The heading '{text}' names no item of a statement. Leave the column out, or name it "
                "as in the table Statements."
            )
        if name and name in names:
            raise BadValueError(f"Two headings stand for {name}. Leave one.")
        names.append(name)
    return names
