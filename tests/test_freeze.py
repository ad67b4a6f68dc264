"""Freeze for auditor: values in place of our formulas, and nothing else touched."""

import re
import subprocess
import warnings
from pathlib import Path

import openpyxl
import pytest

from receivables.actions import find_action
from receivables.actions.file_host import FileHost
from receivables.actions.pdf import office_program
from receivables.errors import BadValueError, LedgerFileError
from tests import frozen_sample
from tests.frozen_sample import CELLS, CHAIN, OURS, SHEET

DAY = "2026-10-31"


@pytest.fixture
def source(tmp_path) -> Path:
    return frozen_sample.build(tmp_path / "aging.xlsx")


def frozen(source: Path, **choices):
    tables = {}
    host = FileHost(source, show=lambda title, rows: tables.setdefault(title, rows) and title)
    report = find_action("freeze").run(host, {"as_of": DAY, "pdf": False, **choices})
    return report, tables


def copy_of(source: Path) -> Path:
    frozen(source)
    return source.with_name(f"{source.stem} frozen {DAY}{source.suffix}")


def sheets(path: Path, *, values: bool) -> dict[str, dict[str, object]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what openpyxl cannot keep
        book = openpyxl.load_workbook(path, data_only=values)
    return {
        sheet.title: {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row}
        for sheet in book
    }


def notes(path: Path) -> dict[str, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        sheet = openpyxl.load_workbook(path)["Aging & more"]
    return {c.coordinate: c.comment.text for row in sheet.iter_rows() for c in row if c.comment}


def test_every_value_is_what_it_was(source):
    before, after = sheets(source, values=True), sheets(copy_of(source), values=True)
    before["Aging & more"]["C3"] = ""  # openpyxl takes a stored empty text for nothing
    assert after["Aging & more"].pop("C3") in ("", None)
    before["Aging & more"].pop("C3")
    assert after == before


def test_ours_are_gone_and_the_others_stay(source):
    after = sheets(copy_of(source), values=False)["Aging & more"]
    formulas = {cell for cell, value in after.items() if str(value).startswith("=")}
    assert formulas == {"D2", "D3", "E2"}
    assert after["D3"] == CELLS["D3"][0]
    assert after["H3"] == 31
    assert after["D4"] == "#DIV/0!"


def test_each_formula_is_in_a_note(source):
    found = notes(copy_of(source))
    assert found["C4"] == f"Frozen as of {DAY}; the formula was:\n=AGING_DAYS(A4,$F$1)"
    assert found["H4"].endswith("=AGING_DAYS(A4,$F$1)")
    assert found["J2"].endswith("=AGING_DAYS(A2:A4,$F$1)  [J2:J4]")
    assert set(found) == (OURS - {"G2"}) | {"A2"}


def test_notes_that_are_there_are_kept_and_continued(source):
    found = notes(copy_of(source))
    assert found["A2"] == "left alone"
    assert found["C2"].startswith("the auditor's own note\n\nFrozen as of")
    assert found["C2"].endswith("=AGING_BUCKET(A2,$F$1)")


def test_a_threaded_comment_is_left_alone_and_its_formula_listed(source):
    _, tables = frozen(source)
    assert "G2" not in notes(copy_of(source))
    rows = [row[:2] for row in tables["Not frozen"]]
    assert ["Aging & more!G2", "LATE_RATE(A2:A4,B2:B4)"] in rows


def test_rules_and_names_that_still_call_us_are_listed(source):
    report, tables = frozen(source)
    texts = {row[1] for row in tables["Not frozen"][1:]}
    assert texts == {
        "AGING_DAYS('Aging & more'!$A$2,'Aging & more'!$F$1)",
        "AGING_DAYS($A2,$F$1)>30",
        "LATE_RATE(A2:A4,A2:A4)<1",
        "LATE_RATE(A2:A4,B2:B4)",
    }
    assert "could not be frozen" in report.line


def test_all_other_parts_are_the_same_bytes(source):
    before, after = frozen_sample.read(source), frozen_sample.read(copy_of(source))
    changed = {name for name in before if after.get(name) != before[name]}
    assert changed == {
        SHEET,
        CHAIN,
        "xl/comments1.xml",
        "xl/drawings/vmlDrawing1.vml",
    }
    assert set(after) == set(before)


def test_the_sheet_part_differs_in_our_cells_only(source):
    cell = re.compile(rb'<c r="([A-Z]+\d+)"[^>]*?(?:/>|>.*?</c>)', re.DOTALL)
    before = frozen_sample.read(source)[SHEET]
    after = frozen_sample.read(copy_of(source))[SHEET]
    changed = {
        old[1].decode()
        for old, new in zip(cell.finditer(before), cell.finditer(after), strict=True)
        if old[0] != new[0]
    }
    assert changed == OURS
    assert cell.sub(b"", before) == cell.sub(b"", after)
    assert b" cm=" not in after


def test_the_calculation_chain_loses_our_cells(source):
    chain = frozen_sample.read(copy_of(source))[CHAIN].decode()
    assert re.findall(r'<c r="(\w+)" i="(\d)"/>', chain) == [("D2", "1"), ("E2", "1"), ("A2", "2")]


def test_a_chain_of_ours_only_is_taken_out(source):
    chain = b'<calcChain xmlns="u"><c r="C2" i="1"/></calcChain>'
    frozen_sample.write(source, {**frozen_sample.read(source), CHAIN: chain})
    after = frozen_sample.read(copy_of(source))
    assert CHAIN not in after
    assert b"calcChain" not in after["xl/_rels/workbook.xml.rels"]


def test_the_original_is_untouched(source):
    before = source.read_bytes()
    copy_of(source)
    assert source.read_bytes() == before


def test_twice_is_the_same_copy(source):
    first, _ = frozen(source)
    second, _ = frozen(source)
    assert len(first.changed) == 1
    assert second.changed == ()
    assert len(list(source.parent.glob("*frozen*"))) == 1


def test_a_file_of_that_name_is_not_written_over(source):
    taken = source.with_name(f"aging frozen {DAY}.xlsx")
    taken.write_bytes(b"somebody's work")
    report, _ = frozen(source)
    assert report.changed[0].name == f"aging frozen {DAY} (2).xlsx"
    assert taken.read_bytes() == b"somebody's work"


def test_a_sheet_without_notes_gets_its_first(source):
    """Comments, drawing, content type and links are made; the link stands where the schema wants it."""
    parts = frozen_sample.read(source)
    plain = parts["xl/worksheets/sheet2.xml"].replace(b"<f>1+1</f>", b"<f>DSO(1,1,1)</f>")
    parts["xl/worksheets/sheet2.xml"] = plain
    frozen_sample.write(source, parts)
    after = frozen_sample.read(copy_of(source))
    sheet = after["xl/worksheets/sheet2.xml"].decode()
    assert sheet.index("<drawing ") < sheet.index("<legacyDrawing ")
    assert 'ref="A2"' in after["xl/comments2.xml"].decode()
    assert "/xl/comments2.xml" in after["[Content_Types].xml"].decode()
    first = set(re.findall(rb"_x0000_s\d+", after["xl/drawings/vmlDrawing1.vml"]))
    second = set(re.findall(rb"_x0000_s\d+", after["xl/drawings/vmlDrawing2.vml"]))
    assert second
    assert not first & second
    copy = source.with_name(f"aging frozen {DAY}.xlsx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        assert "=DSO(1,1,1)" in openpyxl.load_workbook(copy)["Plain"]["A2"].comment.text


def test_a_prefix_on_every_element_is_no_hindrance(source):
    parts = frozen_sample.read(source)
    xml = parts[SHEET].decode()
    body = re.sub(r"<(/?)(?!\?|\w+:)", r"<\1m:", xml)
    parts[SHEET] = body.replace('<m:worksheet xmlns="', '<m:worksheet xmlns:m="').encode()
    frozen_sample.write(source, parts)
    after = frozen_sample.read(copy_of(source))[SHEET].decode()
    assert "AGING_BUCKET" not in after
    assert (
        '<m:c r="C2" t="inlineStr"><m:is><m:t xml:space="preserve">31-60 d</m:t></m:is></m:c>'
        in after
    )


def without_result(source: Path, cell: str) -> None:
    parts = frozen_sample.read(source)
    pattern = rb'(<c r="%s"[^>]*?)(?: t="\w+")?>(<f[^>]*>[^<]*</f>)<v>[^<]*</v>' % cell.encode()
    parts[SHEET], count = re.subn(pattern, rb"\1>\2", parts[SHEET])
    assert count == 1
    frozen_sample.write(source, parts)


def test_a_missing_result_is_calculated(source):
    without_result(source, "C2")
    assert sheets(copy_of(source), values=True)["Aging & more"]["C2"] == "31-60 d"


def test_a_missing_result_that_we_cannot_calculate_is_refused_and_named(source):
    without_result(source, "C3")
    with pytest.raises(BadValueError, match=r"Aging & more!C3 .*let it calculate, save"):
        frozen(source)
    assert not list(source.parent.glob("*frozen*"))


def test_a_result_of_name_is_an_absent_add_in_and_calculated(source):
    parts = frozen_sample.read(source)
    parts[SHEET] = (
        parts[SHEET]
        .replace(b"<v>31-60 d</v>", b"<v>#NAME?</v>")
        .replace(b'<c r="C2" t="str">', b'<c r="C2" t="e">')
    )
    frozen_sample.write(source, parts)
    assert sheets(copy_of(source), values=True)["Aging & more"]["C2"] == "31-60 d"


def test_a_workbook_without_formulas_of_ours_needs_no_freezing(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"
    book.save(tmp_path / "plain.xlsx")
    with pytest.raises(BadValueError, match="holds no formula of ours"):
        frozen(tmp_path / "plain.xlsx")


@pytest.mark.parametrize(
    ("name", "fault"),
    [("ledger.csv", "only .xlsx"), ("missing.xlsx", "no such file")],
)
def test_what_cannot_be_frozen_says_so(tmp_path, name, fault):
    if name.endswith(".csv"):
        (tmp_path / name).write_text("a,b\n")
    with pytest.raises((BadValueError, LedgerFileError), match=fault):
        frozen(tmp_path / name)


def test_another_program_reads_the_same_values_and_the_notes(source, tmp_path):
    """LibreOffice, without any add-in, prints the copy and keeps every note and value."""
    report, _ = frozen(source, pdf=True)
    copy, pdf = report.changed
    assert pdf.read_bytes().startswith(b"%PDF")
    subprocess.run(
        [
            office_program(), f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless",
            "--convert-to", "fods", "--outdir", str(tmp_path), str(copy),
        ],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    text = (tmp_path / f"{copy.stem}.fods").read_text(encoding="utf-8")
    assert len(re.findall("<office:annotation ", text)) == len(OURS - {"G2"}) + 1
    assert "=AGING_DAYS(A4,$F$1)" in text
    assert 'office:value="0.25"' in text
    assert not re.search(r'table:formula="[^"]*aging_', text, re.IGNORECASE)


ODS = """<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:calcext="c">
<table:table table:name="S"><table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>
<table:table-row><table:table-cell table:number-columns-repeated="2"/>
<table:table-cell table:formula="of:=ORG.RECEIVABLES.FUNCTIONS.AGINGDAYS([.A3];[.B3])" office:value-type="float" office:value="31"><text:p>31</text:p></table:table-cell>
<table:table-cell table:formula="of:=ORG.RECEIVABLES.FUNCTIONS.DSO([.A3];0;1)" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>
<table:table-cell table:formula="of:=[.A3]*2" office:value-type="float" office:value="2"/>
</table:table-row></table:table></office:document-content>"""


def ods(path: Path, text: str = ODS) -> Path:
    parts = {
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": text.encode(),
    }
    return frozen_sample.write(path, {**parts, "META-INF/manifest.xml": b"<m/>"})


def test_an_opendocument_keeps_values_errors_and_the_formulas_of_others(tmp_path):
    copy = copy_of(ods(tmp_path / "aging.ods"))
    text = frozen_sample.read(copy)["content.xml"].decode()
    assert text.count("ORG.RECEIVABLES") == 0
    assert "<text:p>=AGING_DAYS(A3;B3)</text:p></office:annotation><text:p>31</text:p>" in text
    assert 'table:formula="of:=#DIV/0!"' in text  # ISERROR must still see an error
    assert 'table:formula="of:=[.A3]*2"' in text


def test_an_opendocument_that_shows_name_is_refused(tmp_path):
    path = ods(tmp_path / "aging.ods", ODS.replace("#DIV/0!", "#NAME?"))
    with pytest.raises(BadValueError, match=r"S!D3 \(#NAME\?\)"):
        frozen(path)


def test_a_greater_than_sign_inside_a_formula_of_an_opendocument(tmp_path):
    text = ODS.replace("AGINGDAYS([.A3];[.B3])", "AGINGDAYS([.A3];IF([.B3]>1;1;2))")
    copy = copy_of(ods(tmp_path / "aging.ods", text))
    assert "=AGING_DAYS(A3;IF(B3&gt;1;1;2))" in frozen_sample.read(copy)["content.xml"].decode()


def test_a_cell_without_address_is_refused(source):
    parts = frozen_sample.read(source)
    parts[SHEET] = parts[SHEET].replace(b'<c r="C2" t', b"<c t")
    frozen_sample.write(source, parts)
    with pytest.raises(BadValueError, match=r"Aging & more \(a cell without address\)"):
        frozen(source)
