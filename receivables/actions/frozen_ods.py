"""An OpenDocument spreadsheet with values in place of our formulas."""

from __future__ import annotations

import re
from html import escape, unescape
from pathlib import Path

from receivables.actions.areas import Area
from receivables.actions.formula import body_of, has_ours, readable
from receivables.actions.frozen_book import Frozen, FrozenCell, refusal
from receivables.book.package import Package, attributes
from receivables.errors import BadValueError, LedgerFileError
from receivables.ledger.container import check_zip, kind_of, load

ERRORS = {"#N/A", "#VALUE!", "#NUM!", "#DIV/0!", "#REF!", "#NULL!"}
CALC_ERRORS = {"Err:502": "#VALUE!", "Err:503": "#NUM!", "Err:504": "#REF!"}


def freeze_ods(source: Path, heading: str) -> tuple[Package, Frozen]:
    """The package to save as the copy, and what was done.

    Raises:
        BadValueError: a formula of ours shows #NAME? or has no result; the cells are named.
        LedgerFileError: the file cannot be read.
    """
    data = load(source)
    if kind_of(source, data) != "zip":
        raise LedgerFileError(f"{source}: not a spreadsheet. Save it as .ods and try again.")
    package = Package(source, check_zip(source, data))
    walk = _Walk(heading)
    content = _TAG.sub(walk.tag, package.part("content.xml").decode("utf-8"))
    if walk.refused:
        raise BadValueError(refusal(source, walk.refused))
    if walk.done.cells:
        package.put("content.xml", content.encode("utf-8"))
    content = package.part("content.xml").decode("utf-8")
    walk.done.left += [
        (f"{kind} {unescape(text)[:40]}", unescape(text))
        for kind, pattern in _RULES.items()
        for text in sorted(set(re.findall(pattern, content)))
        if has_ours(body_of(unescape(text)))
    ]
    return package, walk.done


class _Walk:
    """Counts rows and cells of the content, and rewrites the cells that hold a formula of ours."""

    def __init__(self, heading: str) -> None:
        self.heading = heading
        self.sheet, self.row, self.column = "", 0, 0
        self.rows, self.columns = 1, 1
        self.done = Frozen()
        self.refused: list[str] = []

    def tag(self, match: re.Match[str]) -> str:
        """One table, row or cell; a cell comes with everything up to its end."""
        name = match["name"] or match["cell"]
        given = attributes(_OPENING.match(match[0])[0].encode())  # type: ignore[index]
        if name == "table":
            self.sheet, self.row, self.rows = given.get("table:name", ""), 0, 1
        elif name == "table-row":
            self.row, self.rows = self.row + self.rows, _count(given, "rows")
            self.column, self.columns = 0, 1
        else:
            self.column, self.columns = self.column + self.columns, _count(given, "columns")
            formula = given.get("table:formula", "")
            if formula and has_ours(formula):
                return self.frozen(match[0], given, formula)
        return match[0]

    def frozen(self, xml: str, given: dict[str, str], formula: str) -> str:
        """The cell without its formula and with a note; an error stays an error."""
        address = Area("", self.row, self.column, self.row, self.column).address
        shown = unescape(re.sub(r"<[^>]*>", "", re.sub(_NOTE, "", xml, flags=re.DOTALL)))
        error = given.get("calcext:value-type") == "error" or shown in ERRORS | set(CALC_ERRORS)
        code = CALC_ERRORS.get(shown, shown)
        if "office:value-type" not in given or (error and code not in ERRORS):
            self.refused.append(f"{self.sheet}!{address} ({shown or 'no result'})")
            return xml
        text = typed(readable(body_of(formula)))
        self.done.cells.append(FrozenCell(self.sheet, address, text))
        end = _OPENING.match(xml).end()  # type: ignore[union-attr]
        start, rest = xml[: end - 1], xml[end:]
        kept = _OWN.sub("", start.removesuffix("/"))
        if error:  # a text that reads #N/A would no longer be caught by ISNA
            kept += f' table:formula="of:={code}"'
        note = "".join(f"<text:p>{escape(line)}</text:p>" for line in (self.heading, f"={text}"))
        if start.endswith("/"):
            rest = "</table:table-cell>"
        if "<office:annotation" in rest:
            return (
                f"{kept}>{rest.replace('</office:annotation>', f'{note}</office:annotation>', 1)}"
            )
        return f"{kept}><office:annotation>{note}</office:annotation>{rest}"


def typed(formula: str) -> str:
    """A formula of the file as it is typed, without the brackets around references.

    >>> typed('DSO([.A2];[.B2:.B9];"[x]")&[$Rates.$A$1]')
    'DSO(A2;B2:B9;"[x]")&$Rates.$A$1'
    """
    return _REFERENCE.sub(
        lambda found: found[0] if found[1] is None else re.sub(r"(^|:)\.", r"\1", found[1]),
        formula,
    )


def _count(given: dict[str, str], what: str) -> int:
    return int(given.get(f"table:number-{what}-repeated", "1"))


_INSIDE = r'(?:[^>"]|"[^"]*")'
"""What stands in a tag; the value of an attribute may hold a `>`."""

_OPENING = re.compile(rf"<{_INSIDE}*>")
_CELL = (
    rf"<table:(?P<cell>table-cell|covered-table-cell)\b{_INSIDE}*?"
    r"(?:/>|>.*?</table:(?P=cell)>)"
)
_TAG = re.compile(rf"<table:(?P<name>table-row|table)\b(?!-){_INSIDE}*>|{_CELL}", re.DOTALL)
_REFERENCE = re.compile(r'"(?:[^"]|"")*"|\[([^\]]*)\]')
_NOTE = r"<office:annotation\b.*?</office:annotation>"
_OWN = re.compile(r'\s+table:(?:formula|number-matrix-(?:columns|rows)-spanned)="[^"]*"')
_RULES = {
    "formula": r'table:formula="([^"]*)"',
    "defined name": r'<table:named-expression\b[^>]*table:expression="([^"]*)"',
    "rule of validation": r'<table:content-validation\b[^>]*table:condition="([^"]*)"',
    "rule of formatting": r'calcext:value="([^"]*\([^"]*)"',
}
"""Attributes that may still call a function; formats with a formula read `formula-is(…)`."""
