"""Builds our letterhead, `templates/letters/letterhead.docx`, which users change in Word.

Run `python -m receivables.respond.letters.letterhead PATH`; the same bytes come out each time.
"""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor

BLUE = RGBColor(0x17, 0x36, 0x5D)
INK = RGBColor(0x1C, 0x27, 0x33)
GREY = RGBColor(0x4A, 0x56, 0x66)

STYLES: dict[str, dict[str, Any]] = {
    "Letter Text": {"after": 7},
    "Letter Subject": {"size": 12.5, "bold": True, "color": BLUE, "before": 4, "after": 9},
    "Letter Heading": {
        "size": 10.5,
        "bold": True,
        "color": BLUE,
        "before": 8,
        "after": 5,
        "keep": True,
    },
    "Letter Small": {"size": 8.5, "color": GREY, "before": 4, "after": 4},
    "Letter Signature": {"before": 26, "after": 0},
    "Letter Sign": {"after": 0},
    "Letter Slip": {"after": 8, "keep": True},
    "Letter Cut": {"before": 10, "after": 4, "keep": True},
    "Letter Seal": {"color": GREY, "size": 9, "before": 12, "after": 12},
    "Letter Table Title": {"size": 8.5, "bold": True, "color": BLUE, "before": 4, "after": 2},
    "Letter Cell": {"size": 8.5, "before": 1.5, "after": 1.5},
    "Letter Cell Number": {"size": 8.5, "before": 1.5, "after": 1.5, "right": True},
    "Letter After Table": {"size": 5, "after": 2},
    "Letter Address": {"size": 10, "after": 0},
    "Letter Info": {"size": 9, "after": 0},
    "Letter Head": {"size": 15, "bold": True, "color": BLUE, "after": 0},
    "Letter Head Line": {"size": 8.5, "color": GREY, "after": 0},
}
"""Paragraph styles of a letter: what a user changes in Word. Sizes and gaps in points."""

TABLE_STYLE = "Letter Table"


def build() -> bytes:
    """The letterhead as a Word file."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(2.4), Cm(2.0)
    section.top_margin, section.bottom_margin = Cm(3.4), Cm(2.6)
    section.header_distance, section.footer_distance = Cm(1.3), Cm(1.0)
    _styles(document)
    _header(section.header)
    _footer(section.footer)
    _body(document)
    core = document.core_properties
    core.author, core.title, core.comments = "", "", ""
    stream = io.BytesIO()
    document.save(stream)
    return _steady(stream.getvalue())


def _styles(document: Any) -> None:
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Arial", Pt(10)
    normal.font.color.rgb = INK
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), "Microsoft YaHei")
    normal.element.rPr.rFonts.set(qn("w:cs"), "Arial")
    normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.line_spacing = 1.15
    for name, look in STYLES.items():
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = normal
        _look(style, look)
    keep = document.styles["Letter Table Title"].paragraph_format
    keep.keep_with_next = True
    for name in ("Letter Signature", "Letter Sign"):
        document.styles[name].paragraph_format.keep_with_next = True
    for name in ("Letter Cell", "Letter Cell Number", "Letter After Table"):
        document.styles[name].paragraph_format.line_spacing = 1.0
    document.styles.element.append(parse_xml(_TABLE_XML))
    _cut_line(document.styles["Letter Cut"])


def _look(style: Any, look: dict[str, Any]) -> None:
    style.quick_style = True
    font, paragraph = style.font, style.paragraph_format
    if "size" in look:
        font.size = Pt(look["size"])
    if "color" in look:
        font.color.rgb = look["color"]
    if look.get("bold"):
        font.bold = True
    paragraph.space_before = Pt(look.get("before", 0))
    paragraph.space_after = Pt(look.get("after", 0))
    paragraph.keep_with_next = look.get("keep")
    if look.get("right"):
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


_TABLE_XML = f"""
<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="LetterTable">
  <w:name w:val="{TABLE_STYLE}"/><w:basedOn w:val="TableNormal"/><w:uiPriority w:val="99"/><w:qFormat/>
  <w:tblPr>
    <w:tblBorders>
      <w:bottom w:val="single" w:sz="6" w:space="0" w:color="17365D"/>
      <w:insideH w:val="single" w:sz="4" w:space="0" w:color="D5DBE3"/>
    </w:tblBorders>
    <w:tblCellMar><w:left w:w="57" w:type="dxa"/><w:right w:w="57" w:type="dxa"/></w:tblCellMar>
  </w:tblPr>
  <w:tblStylePr w:type="firstRow">
    <w:rPr><w:b/><w:color w:val="17365D"/></w:rPr>
    <w:tcPr><w:tcBorders><w:bottom w:val="single" w:sz="8" w:space="0" w:color="17365D"/></w:tcBorders>
      <w:vAlign w:val="bottom"/></w:tcPr>
  </w:tblStylePr>
  <w:tblStylePr w:type="lastRow"><w:rPr><w:b/></w:rPr></w:tblStylePr>
</w:style>"""


def _cut_line(style: Any) -> None:
    """A dashed line above the reply slip."""
    border = parse_xml(
        f'<w:pBdr {nsdecls("w")}><w:top w:val="dashed" w:sz="6" w:space="1" w:color="8A94A3"/></w:pBdr>'
    )
    style.element.get_or_add_pPr().append(border)


def _header(header: Any) -> None:
    first = header.paragraphs[0]
    first.style = "Letter Head"
    first.add_run("{{ sender.name }}")
    line = header.add_paragraph(style="Letter Head Line")
    line.add_run("{{ sender.address | join(' · ') }}")
    border = parse_xml(
        f'<w:pBdr {nsdecls("w")}><w:bottom w:val="single" w:sz="8" w:space="6" w:color="17365D"/></w:pBdr>'
    )
    line._p.get_or_add_pPr().append(border)  # noqa: SLF001 - python-docx has no borders


def _footer(footer: Any) -> None:
    line = footer.paragraphs[0]
    line.style = "Letter Head Line"
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    line.add_run(
        "{{ sender.name }}"
        "{% if sender.registration_no %} · {{ words.registration_no }} {{ sender.registration_no }}{% endif %}"
        "{% if sender.tax_no %} · {{ words.tax_no }} {{ sender.tax_no }}{% endif %}"
        "{% if sender.website %} · {{ sender.website }}{% endif %}"
    )
    pages = footer.add_paragraph(style="Letter Head Line")
    pages.alignment = WD_ALIGN_PARAGRAPH.CENTER
    pages.add_run("{{ letter.no }} · {{ words.page }} ")
    _field(pages, "PAGE")
    pages.add_run(" / ")
    _field(pages, "NUMPAGES")


def _field(paragraph: Any, code: str) -> None:
    for kind in ("begin", None, "separate", "text", "end"):
        run = paragraph.add_run("1" if kind == "text" else "")
        if kind == "text":
            continue
        part = OxmlElement("w:instrText" if kind is None else "w:fldChar")
        if kind is None:
            part.text = code
        else:
            part.set(qn("w:fldCharType"), kind)
        run._r.append(part)  # noqa: SLF001 - python-docx has no fields


def _body(document: Any) -> None:
    """Address on the left, facts of the letter on the right, then subject and letter."""
    table = document.add_table(rows=1, cols=2)
    table.autofit = False
    left, right = table.rows[0].cells
    for column, cell, width in zip(table.columns, (left, right), (10.4, 6.2), strict=True):
        column.width = cell.width = Cm(width)
    _lines(left, "Letter Address", (
        "{{ customer.name }}",
        "{%p for line in customer.address %}", "{{ line }}", "{%p endfor %}",
        "{%p if customer.contact %}", "{{ words.attention }} {{ customer.contact }}", "{%p endif %}",
        "{%p if customer.registration_no %}",
        "{{ words.registration_no }} {{ customer.registration_no }}", "{%p endif %}",
    ))  # fmt: skip
    _lines(right, "Letter Info", (
        "{{ words.letter_no }}: {{ letter.no }}",
        "{{ words.date }}: {{ letter.date }}",
        "{{ words.customer_id }}: {{ customer.id }}",
        "{%p if sender.contact %}", "{{ sender.contact }}", "{%p endif %}",
        "{%p if sender.phone %}", "{{ words.phone }}: {{ sender.phone }}", "{%p endif %}",
        "{%p if sender.email %}", "{{ sender.email }}", "{%p endif %}",
    ))  # fmt: skip
    document.add_paragraph(style="Letter Text")
    document.add_paragraph("{{ subject }}", style="Letter Subject")
    document.add_paragraph("{{p letter_body }}", style="Letter Text")


def _lines(cell: Any, style: str, lines: tuple[str, ...]) -> None:
    first = cell.paragraphs[0]
    first.style = style
    first.add_run(lines[0])
    for line in lines[1:]:
        cell.add_paragraph(line, style=style)


def _steady(content: bytes) -> bytes:
    """The same zip with fixed times: a letterhead built twice is the same file."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in sorted(old.namelist(), key=lambda part: (part != "[Content_Types].xml", part)):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return out.getvalue()


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(build())
