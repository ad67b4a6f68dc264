"""A workbook with values in place of our formulas; every part that holds none stays byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from html import escape, unescape
from pathlib import Path
from typing import Any

from receivables.actions.explain import answer
from receivables.actions.file_host import FileHost
from receivables.actions.formula import has_ours, readable, whole_call
from receivables.actions.host import Selection
from receivables.actions.notes import add_notes
from receivables.actions.sheet_cells import SharedFormula, shared_formulas, translated
from receivables.book.package import Package, attributes, prefix_of
from receivables.cells import CellError
from receivables.errors import BadValueError, NotAvailableError, ReceivablesError
from receivables.values import render

SHOWN_REFUSALS = 5
"""Cells named in a refusal; the rest are counted."""


@dataclass(frozen=True, slots=True)
class FrozenCell:
    """A cell that held a formula of ours; `noted` is False where a threaded comment is in the way."""

    sheet: str
    address: str
    formula: str
    noted: bool = True


@dataclass(slots=True)
class Frozen:
    """What was frozen, and what still mentions our functions: place and text."""

    cells: list[FrozenCell] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)


def freeze(source: Path, heading: str) -> tuple[Package, Frozen]:
    """The package to save as the copy, and what was done.

    Args:
        source: an xlsx or xlsm workbook.
        heading: first line of each note.

    Raises:
        BadValueError: formulas without a stored result that cannot be calculated here; they are named.
        LedgerFileError: the file cannot be read.
    """
    host = FileHost(source)
    package = Package(source, host.file.book)
    done = Frozen()
    refused: list[str] = []
    for sheet, part in host.file.parts.sheets.items():
        if "worksheets/" in part:
            frozen = _Sheet(host, package, sheet, part).freeze(refused)
            left = set(
                add_notes(
                    package, part, {cell: f"{heading}\n={text}" for cell, text in frozen.items()}
                )
            )
            done.cells += [
                FrozenCell(sheet, cell, text, cell not in left) for cell, text in frozen.items()
            ]
    if refused:
        raise BadValueError(refusal(source, refused))
    _unchain(package, host, done.cells)
    done.left = list(leftovers(package, host))
    return package, done


class _Sheet:
    """One sheet on its way from formulas to values."""

    def __init__(self, host: FileHost, package: Package, name: str, part: str) -> None:
        self.host, self.package, self.name, self.part = host, package, name, part
        self.xml = package.part(part)
        prefix = prefix_of(self.xml, b"worksheet")
        self.prefix = prefix
        self.cell = re.compile(
            rb"<%sc\b([^>]*)>\s*<%sf\b([^>]*?)(?:/>|>([^<]*)</%sf>)(.*?)</%sc>"
            % (prefix, prefix, prefix, prefix),
            re.DOTALL,
        )
        self.shared: dict[str, SharedFormula] = {}
        self.shared_ours: dict[str, bool] = {}

    def freeze(self, refused: list[str]) -> dict[str, str]:
        """Replace our formulas in the part; formula by cell, and refusals added to the list."""
        self.shared = shared_formulas(self.host.file.facts(self.name).xml)
        frozen: dict[str, str] = {}

        def replaced(match: re.Match[bytes]) -> bytes:
            if not self._ours(match):
                return match[0]
            given, kind = attributes(match[1]), attributes(match[2])
            if "r" not in given:
                refused.append(f"{self.name} (a cell without address)")
                return match[0]
            formula = self._formula(given, kind, match[3])
            try:
                content = self._value(match[1], given, kind, formula, match[4])
            except ReceivablesError as fault:
                refused.append(f"{self.name}!{given['r']} ({fault})")
                return match[0]
            over = (
                f"  [{kind['ref']}]"
                if kind.get("t") == "array" and ":" in kind.get("ref", "")
                else ""
            )
            frozen[given["r"]] = readable(formula) + over
            return content

        changed = self.cell.sub(replaced, self.xml)
        if frozen:
            self.package.put(self.part, changed)
        return frozen

    def _ours(self, match: re.Match[bytes]) -> bool:
        """Whether a formula calls us; members of a shared formula have no text of their own."""
        if match[3]:
            return has_ours(unescape(match[3].decode("utf-8", "replace")))
        number = attributes(match[2]).get("si", "")
        if number not in self.shared_ours:
            shared = self.shared.get(number)
            self.shared_ours[number] = shared is not None and has_ours(shared.text)
        return self.shared_ours[number]

    def _formula(self, given: dict[str, str], kind: dict[str, str], text: bytes | None) -> str:
        """Text of a formula as it reads in its cell."""
        if text:
            return unescape(text.decode("utf-8", "replace"))
        return translated(self.shared[kind["si"]], given["r"])

    def _value(
        self, tag: bytes, given: dict[str, str], kind: dict[str, str], formula: str, rest: bytes
    ) -> bytes:
        """The cell without its formula; its stored result stays, or is calculated now."""
        found = re.search(rb"<%sv\b[^>/]*>([^<]*)</%sv>" % (self.prefix, self.prefix), rest)
        text = found[1] if found else b""
        stored = given.get("t", "n")
        # a result of #NAME? was stored where the add-in was not there: no value, but its absence
        if (text or (stored == "str" and found)) and (stored != "e" or text != b"#NAME?"):
            if stored == "str":
                return self._written(tag, "inlineStr", text)
            tag = re.sub(rb'\s+cm="[^"]*"', b"", tag)
            return b"<%sc%s>%s</%sc>" % (self.prefix, tag, rest, self.prefix)
        if not whole_call(formula):
            raise NotAvailableError("no result")
        value = answer(formula, self.host, Selection(self.name, given["r"]))
        if isinstance(value, list) or kind.get("t") == "array":
            raise NotAvailableError("a range of results that the file does not hold")
        if isinstance(value, CellError) and value.code == "#NAME?":
            raise NotAvailableError("shows #NAME?")
        return self._written(tag, *_stored(value, self.host))

    def _written(self, tag: bytes, kind: str, text: bytes) -> bytes:
        """A cell with a value; texts stand in the cell itself, the table of strings stays as it is."""
        p = self.prefix
        tag = re.sub(rb'\s+(?:t|cm)="[^"]*"', b"", tag)
        if kind == "inlineStr":
            inside = b'<%sis><%st xml:space="preserve">%s</%st></%sis>' % (p, p, text, p, p)
        else:
            inside = b"<%sv>%s</%sv>" % (p, text, p) if text else b""
        type_ = b"" if kind == "n" else b' t="%s"' % kind.encode()
        return b"<%sc%s%s>%s</%sc>" % (p, tag, type_, inside, p)


def _stored(value: Any, host: FileHost) -> tuple[str, bytes]:
    """Type and text of a value as a sheet part holds it."""
    if value is None:
        return "n", b""
    if isinstance(value, bool):
        return "b", b"1" if value else b"0"
    if isinstance(value, CellError):
        return "e", value.code.encode()
    if isinstance(value, date):
        from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, to_excel

        epoch = CALENDAR_MAC_1904 if host.file.parts.date1904 else CALENDAR_WINDOWS_1900
        return "n", render(float(to_excel(value, epoch))).encode()
    if isinstance(value, (int, float)):
        return "n", repr(value).encode()
    return "inlineStr", escape(str(value), quote=False).encode()


def refusal(source: Path, refused: list[str]) -> str:
    """The sentence that names the cells without a result to keep."""
    more = len(refused) - SHOWN_REFUSALS
    listed = "; ".join(refused[:SHOWN_REFUSALS]) + (f"; and {more:,} more" if more > 0 else "")
    return (
        f"{source.name} holds formulas of ours without a result to keep: {listed}. Open it in a "
        "spreadsheet with the add-in, let it calculate, save, and freeze again. Nothing was written."
    )


def _unchain(package: Package, host: FileHost, cells: list[FrozenCell]) -> None:
    """Take frozen cells out of the calculation chain; Excel repairs a workbook that lists them."""
    chain = next(
        (item.target for item in package.relations("xl/workbook.xml") if item.kind == "calcChain"),
        "",
    )
    xml = package.part(chain) if chain else b""
    if not xml or not cells:
        return
    numbers = _sheet_numbers(package, host)
    gone = {(numbers.get(cell.sheet, ""), cell.address) for cell in cells}
    kept, sheet = [], ""
    for tag in re.findall(rb"<(?:\w+:)?c\b[^>]*/>", xml):
        given = attributes(tag)
        sheet = given.get("i", sheet)
        if (sheet, given.get("r", "")) not in gone:
            kept.append(tag if "i" in given else tag.replace(b"/>", b' i="%s"/>' % sheet.encode()))
    if not kept:
        package.remove(chain, "xl/workbook.xml")
        return
    first, last = re.search(rb"<(?:\w+:)?c\b", xml), xml.rfind(b"</")
    start = first.start() if first else last
    package.put(chain, xml[:start] + b"".join(kept) + xml[last:])


def _sheet_numbers(package: Package, host: FileHost) -> dict[str, str]:
    """Number of each sheet as the calculation chain names it."""
    tags = re.findall(rb"<(?:\w+:)?sheet\b[^>]*>", package.part("xl/workbook.xml"))
    found = {given.get("name", ""): given.get("sheetId", "") for given in map(attributes, tags)}
    return {name: found[name] for name in host.file.sheets if name in found}


def leftovers(package: Package, host: FileHost) -> Iterator[tuple[str, str]]:
    """What still calls our functions besides cells: the auditor's spreadsheet shows it as #NAME?."""
    for name, text in host.file.names().items():
        if has_ours(text):
            yield f"defined name {name}", text
    for sheet, part in host.file.parts.sheets.items():
        rules = re.findall(rb"<(?:\w+:)?(?:formula[12]?|f)\b[^>]*>([^<]+)<", package.part(part))
        for text in sorted({unescape(rule.decode("utf-8", "replace")) for rule in rules}):
            if has_ours(text):
                yield f"formula or rule on {sheet}", text
    for name in package.names():
        if name.startswith("xl/tables/"):
            for text in re.findall(
                rb"<(?:\w+:)?calculatedColumnFormula\b[^>]*>([^<]+)<", package.part(name)
            ):
                if has_ours(unescape(text.decode("utf-8", "replace"))):
                    yield f"column formula of the table in {name}", unescape(text.decode())
        if name.startswith("xl/externalLinks/") and name.endswith(".xml"):
            for item in package.relations(name):
                if "receivables.xla" in item.target.lower():
                    yield "link to the add-in", item.target
