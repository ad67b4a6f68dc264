"""A workbook with everything freezing must leave alone, and formulas of ours in every form a file has."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import xlsxwriter

SHEET = "xl/worksheets/sheet1.xml"
CHAIN = "xl/calcChain.xml"
THREADS = "xl/threadedComments/threadedComment1.xml"
CELLS = {
    "C2": ("=AGING_BUCKET(A2,$F$1)", "31-60 d"),
    "C3": ('=IFERROR(_xll.AGING_BUCKET(A3,$F$1),"")', ""),
    "C4": ("=[1]!AGING_DAYS(A4,$F$1)", 14),
    "D2": ("=B2*2", 200.5),
    "D3": ('="DSO(1,2,3) "&A3', "DSO(1,2,3) <x> & y"),
    "D4": ("=DSO(0,0,0)", "#DIV/0!"),
    "E2": ("=SUM(C4,1)", 15),
    "G2": ("=_xldudf_LATE_RATE(A2:A4,B2:B4)", 0.25),
}
OURS = {"C2", "C3", "C4", "D4", "G2", "H2", "H3", "H4", "J2"}
"""Cells that hold a formula of ours; H2:H4 is one shared formula, J2:J4 an array."""


def build(path: Path) -> Path:
    """The workbook; openpyxl would lose half of it."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Aging & more")
    other = book.add_worksheet("Plain")
    date = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row("A1", ["due", "amount", "bucket", "own", "sum"])
    for row, day in enumerate((46295, 46300, 46312), 1):
        sheet.write(row, 0, day, date)
        sheet.write(row, 1, 100.25 * row)
    sheet.write("F1", 46326, date)
    for cell, (formula, value) in CELLS.items():
        sheet.write_formula(cell, formula, None, value)
    for cell in ("H2", "H3", "H4"):
        sheet.write_formula(cell, "=SHARED()", None, 31)
    sheet.write_array_formula("J2:J4", "{=AGING_DAYS(A2:A4,$F$1)}", None, 31)
    sheet.write("J3", 26)
    sheet.write("J4", 14)
    sheet.write_comment("C2", "the auditor's own note")
    sheet.write_comment("A2", "left alone")
    sheet.insert_textbox("L2", "a text box that openpyxl would lose")
    sheet.data_validation("L9", {"validate": "custom", "value": "=LATE_RATE(A2:A4,A2:A4)<1"})
    sheet.conditional_format("A2:A4", {"type": "formula", "criteria": "=AGING_DAYS($A2,$F$1)>30"})
    sheet.conditional_format("B2:B4", {"type": "data_bar", "data_bar_2010": True})
    book.define_name("Overdue", "=AGING_DAYS('Aging & more'!$A$2,'Aging & more'!$F$1)")
    other.write("A1", "text")
    other.write_formula("A2", "=1+1", None, 2)
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "='Aging & more'!$B$2:$B$4"})
    other.insert_chart("C2", chart)
    book.close()
    return rewritten(path)


def rewritten(path: Path, **changes) -> Path:
    """What XlsxWriter does not write: shared formula, array marks, empty text, chain, thread."""
    parts = read(path)
    xml = parts[SHEET].decode()
    xml = xml.replace(
        '<c r="H2"><f>SHARED()</f>',
        '<c r="H2"><f t="shared" ref="H2:H4" si="0">AGING_DAYS(A2,$F$1)</f>',
    )
    xml = re.sub(r'(<c r="H[34]">)<f>SHARED\(\)</f>', r'\1<f t="shared" si="0"/>', xml)
    xml = xml.replace('<c r="J2">', '<c r="J2" cm="1">')
    xml = xml.replace('<c r="C3">', '<c r="C3" t="str">')  # as Excel stores an empty text
    parts[SHEET] = xml.encode()
    chain = "".join(
        f'<c r="{cell}"{" i=" + chr(34) + "1" + chr(34) if index == 0 else ""}/>'
        for index, cell in enumerate(["C2", "C3", "D2", "C4", "E2", "H2", "H3", "H4", "J2"])
    )
    chain = f'<calcChain xmlns="u">{chain}<c r="A2" i="2"/></calcChain>'
    parts[CHAIN] = chain.encode()
    thread = '<ThreadedComments xmlns="u"><threadedComment ref="G2" id="{1}"/></ThreadedComments>'
    parts[THREADS] = thread.encode()
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    _relate(parts, "xl/_rels/workbook.xml.rels", f"{base}/calcChain", "calcChain.xml")
    _relate(
        parts,
        "xl/worksheets/_rels/sheet1.xml.rels",
        "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment",
        "../threadedComments/threadedComment1.xml",
    )
    parts.update(changes)
    return write(path, parts)


def _relate(parts: dict[str, bytes], name: str, kind: str, target: str) -> None:
    tag = f'<Relationship Id="rIdX" Type="{kind}" Target="{target}"/></Relationships>'
    parts[name] = parts[name].replace(b"</Relationships>", tag.encode())


def read(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as book:
        return {name: book.read(name) for name in book.namelist()}


def write(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return path
