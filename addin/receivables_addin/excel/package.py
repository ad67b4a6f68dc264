"""The parts of an .xlam or .xlsm around a VBA project, zipped the same way at every build."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from receivables_addin.zipped import zipped

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
RIBBON_RELATION = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
VBA_RELATION = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
CONTENT_TYPES = {
    ".xlam": "application/vnd.ms-excel.addin.macroEnabled.main+xml",
    ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
}
"""By the ending of the file: the wrong pair, and Excel refuses to open it."""

STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}">'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its tab, the VBA module that belongs to it, and its cells as text."""

    name: str
    code_name: str
    rows: Sequence[Sequence[str]]
    hidden: bool = False
    formulas: bool = False
    """Whether a text that begins with = is a formula; texts of the add-in never are."""


@dataclass(frozen=True, slots=True)
class Workbook:
    """What the file holds besides code."""

    sheets: Sequence[Sheet]
    vba_project: bytes
    ribbon: str = ""
    icons: Mapping[str, bytes] = field(default_factory=dict)

    def packed(self, ending: str) -> bytes:
        """The file's bytes.

        Raises:
            ValueError: an ending that is none of the two, or no visible sheet.
        """
        if ending not in CONTENT_TYPES:
            raise ValueError(f"{ending} is none of {', '.join(CONTENT_TYPES)}.")
        if all(sheet.hidden for sheet in self.sheets):
            raise ValueError("one sheet must not be hidden; of an add-in nobody sees it.")
        parts: dict[str, str | bytes] = {
            "[Content_Types].xml": self._content_types(CONTENT_TYPES[ending]),
            "_rels/.rels": self._package_relations(),
            "xl/workbook.xml": self._workbook(),
            "xl/_rels/workbook.xml.rels": self._workbook_relations(),
            "xl/styles.xml": STYLES,
            "xl/vbaProject.bin": self.vba_project,
        }
        for number, sheet in enumerate(self.sheets, 1):
            parts[f"xl/worksheets/sheet{number}.xml"] = _sheet(sheet)
        if self.ribbon:
            parts["customUI/customUI14.xml"] = HEAD + self.ribbon
            parts["customUI/_rels/customUI14.xml.rels"] = _relations(
                (name, f"{DOCUMENT}/image", f"images/{name}.png") for name in self.icons
            )
            parts |= {f"customUI/images/{name}.png": data for name, data in self.icons.items()}
        return zipped(parts)

    def _content_types(self, workbook: str) -> str:
        overrides = [("/xl/workbook.xml", workbook), ("/xl/styles.xml", STYLES_TYPE)]
        overrides += [
            (f"/xl/worksheets/sheet{number}.xml", SHEET_TYPE)
            for number, _ in enumerate(self.sheets, 1)
        ]
        return (
            f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="png" ContentType="image/png"/>'
            '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
            + "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in overrides)
            + "</Types>"
        )  # fmt: skip

    def _package_relations(self) -> str:
        wanted = [("rId1", f"{DOCUMENT}/officeDocument", "xl/workbook.xml")]
        if self.ribbon:
            wanted.append(("rId2", RIBBON_RELATION, "customUI/customUI14.xml"))
        return _relations(wanted)

    def _workbook(self) -> str:
        sheets = "".join(
            f'<sheet name={quoteattr(sheet.name)} sheetId="{number}"'
            f'{" state=" + quoteattr("hidden") if sheet.hidden else ""} r:id="rId{number}"/>'
            for number, sheet in enumerate(self.sheets, 1)
        )
        return (
            f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><fileVersion appName="xl"/>'
            '<workbookPr codeName="ThisWorkbook"/><bookViews><workbookView/></bookViews>'
            f"<sheets>{sheets}</sheets></workbook>"
        )

    def _workbook_relations(self) -> str:
        sheets = [
            (f"rId{number}", f"{DOCUMENT}/worksheet", f"worksheets/sheet{number}.xml")
            for number, _ in enumerate(self.sheets, 1)
        ]
        after = len(sheets)
        return _relations(
            [
                *sheets,
                (f"rId{after + 1}", f"{DOCUMENT}/styles", "styles.xml"),
                (f"rId{after + 2}", VBA_RELATION, "vbaProject.bin"),
            ]
        )


def _sheet(sheet: Sheet) -> str:
    rows = "".join(
        f'<row r="{number}">{_cells(sheet, number, row)}</row>'
        for number, row in enumerate(sheet.rows, 1)
    )
    return (
        f'{HEAD}<worksheet xmlns="{MAIN}"><sheetPr codeName="{sheet.code_name}"/>'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


def _cells(sheet: Sheet, number: int, row: Sequence[str]) -> str:
    return "".join(
        _cell(f"{chr(ord('A') + at)}{number}", text, formula=sheet.formulas and text[:1] == "=")
        for at, text in enumerate(row)
        if text
    )


def _cell(place: str, text: str, *, formula: bool) -> str:
    if formula:
        return f'<c r="{place}"><f>{escape(text[1:])}</f></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _relations(wanted: Iterable[tuple[str, str, str]]) -> str:
    lines = "".join(
        f"<Relationship Id={quoteattr(key)} Type={quoteattr(kind)} Target={quoteattr(target)}/>"
        for key, kind, target in wanted
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{lines}</Relationships>'
