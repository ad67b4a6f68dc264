"""A workbook's parts in the hand: to put things into it that no library writes, and to look at them."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from receivables.book.package import Package
from receivables.book.refuse import sheet_parts
from receivables.ledger.xlsxparts import relations_of

R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MS = "http://schemas.microsoft.com/office"
ML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

# What may stand behind the rows of a sheet, in the order that the format asks for.
TAIL = [
    "sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios", "autoFilter", "sortState",
    "dataConsolidate", "customSheetViews", "mergeCells", "phoneticPr", "conditionalFormatting",
    "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter",
    "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags",
    "drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects",
    "controls", "webPublishItems", "tableParts", "extLst",
]  # fmt: skip


@dataclass
class Bag:
    """Parts by name, in their order."""

    parts: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, content: bytes) -> Bag:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return cls({name: package.read(name) for name in package.namelist()})

    def copy(self) -> Bag:
        return Bag(dict(self.parts))

    def content(self) -> bytes:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as package:
            for name, data in self.parts.items():
                package.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
        return held.getvalue()

    def package(self, name: str = "ledger.xlsx") -> Package:
        return Package(Path(name), zipfile.ZipFile(io.BytesIO(self.content())))

    def text(self, name: str) -> str:
        return self.parts[name].decode()

    def sheet(self, name: str) -> str:
        """Part of a sheet."""
        return sheet_parts(self.package())[name]

    def put(self, name: str, content: str | bytes, kind: str = "") -> str:
        """A part, with its type of content unless its ending says it."""
        self.parts[name] = content.encode() if isinstance(content, str) else content
        if kind:
            tag = f'<Override PartName="/{name}" ContentType="{kind}"/></Types>'
            self.swap("[Content_Types].xml", "</Types>", tag)
        return name

    def ending(self, extension: str, kind: str) -> None:
        types = self.text("[Content_Types].xml")
        if f'Extension="{extension}"' not in types:
            tag = f'<Default Extension="{extension}" ContentType="{kind}"/>'
            self.parts["[Content_Types].xml"] = re.sub(
                r"(<Types[^>]*>)", lambda head: head[0] + tag, types
            ).encode()

    def relate(self, owner: str, kind: str, target: str, *, mode: str = "") -> str:
        """A relationship of a part (`""` is the package), and its id."""
        name = relations_of(owner) if owner else "_rels/.rels"
        if name not in self.parts:
            self.parts[name] = (
                HEAD + '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
                'relationships"></Relationships>'
            ).encode()
        number = f"rIdZoo{self.text(name).count('<Relationship ') + 1}"
        base = kind if "://" in kind else f"{R}/{kind}"
        place = target if mode or target.startswith("#") else f"/{target}"
        outside = f' TargetMode="{mode}"' if mode else ""
        tag = f'<Relationship Id="{number}" Type="{base}" Target="{place}"{outside}/>'
        self.swap(name, "</Relationships>", tag + "</Relationships>")
        return number

    def swap(self, name: str, old: str, new: str) -> None:
        text = self.text(name)
        assert old in text, f"{name} holds no {old}"
        self.parts[name] = text.replace(old, new, 1).encode()

    def behind_rows(self, part: str, xml: str) -> None:
        """An element behind the rows of a sheet, at the place that the format asks for."""
        name = re.match(r"<(?:mc:AlternateContent[^>]*>\s*<mc:Choice[^>]*>\s*<)?(\w+)", xml)[1]
        text = self.text(part)
        start = (
            text.index("</sheetData>") if "</sheetData>" in text else text.index("<sheetData/>")
        )
        later = [
            place
            for other in TAIL[TAIL.index(name) + 1 :]
            for place in [text.find(f"<{other}", start)]
            if place >= 0
        ]
        place = min(later, default=text.rindex("</worksheet>"))
        before = text.rfind("<mc:AlternateContent", start, place)
        if before >= 0 and "</mc:AlternateContent>" not in text[before:place]:
            place = before
        self.parts[part] = (text[:place] + xml + text[place:]).encode()

    def root(self, part: str, **namespaces: str) -> None:
        """Name prefixes on the root of a part."""
        text = self.text(part)
        for prefix, space in namespaces.items():
            if f"xmlns:{prefix}=" not in text:
                text = re.sub(
                    r"(<\w+:?\w*\b[^?>]*?)(/?>)", rf'\1 xmlns:{prefix}="{space}"\2', text, count=1
                )
        self.parts[part] = text.encode()

    def cells(self, part: str, row: int, cells: dict[str, str]) -> None:
        """Cells of a row: XML inside `<c>`, by letters; `t="…"|` before it sets attributes."""
        made = ""
        for letters, inside in cells.items():
            given, _, body = inside.rpartition("|")
            made += f'<c r="{letters}{row}"{" " + given if given else ""}>{body}</c>'
        text = self.text(part)
        old = re.search(rf'<row r="{row}"[^>]*?(/>|>.*?</row>)', text, re.DOTALL)
        if old:
            new = (
                old[0][:-2] + f">{made}</row>" if old[1] == "/>" else old[0][:-6] + made + "</row>"
            )
            self.parts[part] = text.replace(old[0], new, 1).encode()
            return
        rows = [match for match in re.finditer(r'<row r="(\d+)"', text) if int(match[1]) > row]
        line = f'<row r="{row}">{made}</row>'
        if "<sheetData/>" in text:
            text = text.replace("<sheetData/>", f"<sheetData>{line}</sheetData>")
        else:
            place = rows[0].start() if rows else text.index("</sheetData>")
            text = text[:place] + line + text[place:]
        self.parts[part] = text.encode()

    def name(self, name: str, text: str, extra: str = "") -> None:
        """A defined name."""
        book = self.text("xl/workbook.xml")
        tag = f'<definedName name="{name}"{extra}>{text}</definedName>'
        if "<definedNames>" in book:
            self.swap("xl/workbook.xml", "</definedNames>", tag + "</definedNames>")
        else:
            self.swap(
                "xl/workbook.xml", "</sheets>", f"</sheets><definedNames>{tag}</definedNames>"
            )

    def add_sheet(self, name: str, rows: str = "", *, state: str = "") -> str:
        """A sheet of the user's."""
        numbers = [int(n) for n in re.findall(r'sheetId="(\d+)"', self.text("xl/workbook.xml"))]
        part = f"xl/worksheets/sheet{max(numbers) + 50}.xml"
        self.put(
            part,
            f'{HEAD}<worksheet xmlns="{MAIN}" xmlns:r="{R}"><sheetData>{rows}</sheetData>'
            '<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>'
            "</worksheet>",
            f"{ML}.worksheet+xml",
        )
        number = self.relate("xl/workbook.xml", "worksheet", part)
        shown = f' state="{state}"' if state else ""
        tag = (
            f'<sheet name="{name}" sheetId="{max(numbers) + 1}"{shown} r:id="{number}"/></sheets>'
        )
        self.swap("xl/workbook.xml", "</sheets>", tag)
        return part
