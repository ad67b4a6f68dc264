"""Names of our functions in an .xlsx: plain for Excel, long for Calc; everything else byte for byte."""

import ast
import io
import json
import re
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from receivables_addin.calc import rewrite as module
from receivables_addin.calc.fixxlsx import Fixed, Program, fix, our_names
from receivables_addin.calc.names import programmatic_name
from receivables_addin.calc.rewrite import CALC, EXCEL, in_part
from typer.testing import CliRunner

from receivables.cells import REGISTRY
from receivables.cli import app
from receivables.errors import LedgerFileError

NAMES = our_names()
SHEET = '<worksheet xmlns="m"><sheetData><row r="1">{}</row></sheetData></worksheet>'
LONG = programmatic_name("DSO")

FORMULAS = [
    # as it stands in the file, for Calc, for Excel
    ("DSO(A1,B1)", f"{LONG}(A1,B1)", "DSO(A1,B1)"),
    ("dso(A1)", f"{LONG}(A1)", "DSO(A1)"),
    ("Dso (A1)", f"{LONG} (A1)", "DSO (A1)"),
    ("_xll.DSO(A1)", f"{LONG}(A1)", "DSO(A1)"),
    ("_xldudf_DSO(A1)", f"{LONG}(A1)", "DSO(A1)"),
    ("_xlfn._xldudf_dso(A1)", f"{LONG}(A1)", "DSO(A1)"),
    (f"{LONG}(A1)", f"{LONG}(A1)", "DSO(A1)"),
    (f"{LONG.lower()}(A1)", f"{LONG}(A1)", "DSO(A1)"),
    ("1+IFERROR(DSO(DSO(1,2,3),2,3),0)", f"1+IFERROR({LONG}({LONG}(1,2,3),2,3),0)", None),
    ("A1&amp;DSO(A1)&lt;3", f"A1&amp;{LONG}(A1)&lt;3", "A1&amp;DSO(A1)&lt;3"),
    ("AGING_DAYS(A1,B1)", "ORG.RECEIVABLES.FUNCTIONS.AGINGDAYS(A1,B1)", "AGING_DAYS(A1,B1)"),
    # no call of ours
    ('"DSO(A1)"', None, None),
    ('"a ""DSO("&amp;A1', None, None),
    ("&quot;DSO(&quot;", None, None),
    ("'DSO(1)'!A1", None, None),
    ("&apos;it''s DSO(1)&apos;!A1", None, None),
    ("Table1[DSO (days)]", None, None),
    ("Table1[[#This Row],[DSO(days)]]", None, None),
    ("Table1['[DSO(1)]", None, None),
    ("MYDSO(1)+DSO.X(1)+X.DSO(1)+Sheet2!DSO(1)", None, None),
    ("DSO+DSO1(2)", None, None),
    ("ÄDSO(1)", None, None),
    ("[2]!DSO(1)", None, None),
    # both in one formula
    ('DSO(A1)&amp;"DSO("&amp;T[DSO(x)]', f'{LONG}(A1)&amp;"DSO("&amp;T[DSO(x)]', None),
]


@pytest.mark.parametrize(("text", "calc", "excel"), FORMULAS)
def test_a_formula(text, calc, excel) -> None:
    assert in_style(text, CALC) == (calc or text)
    assert in_style(text, EXCEL) == (excel or text)


def in_style(text: str, style: str) -> str:
    return NAMES.in_formula(text.encode(), style)[0].decode()


WORDS = st.sampled_from(
    [*sorted(REGISTRY)[:8], LONG, "_xll.DSO", "dso", "SUM", "X.DSO", "DSO", '"', "'", "'!", "[", "]",
     "&amp;", "&quot;", "(", ")", "(", ",", " ", "A1", "$B$2", "Sheet1!", "{", "}", "é"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=14).map("".join))
def test_there_and_back(text) -> None:
    """Calc's form of Excel's form is Calc's form, and the other way round; doing it twice changes nothing."""
    calc, excel = in_style(text, CALC), in_style(text, EXCEL)
    assert in_style(excel, CALC) == calc
    assert in_style(calc, EXCEL) == excel
    assert in_style(calc, CALC) == calc
    assert in_style(excel, EXCEL) == excel


@pytest.mark.parametrize(
    ("part", "changed"),
    [
        (SHEET.format('<c r="A1"><f>DSO(1,2,3)</f><v>1</v></c>'), 1),
        (SHEET.format('<c r="A1"><f t="array" ref="A1:B2">DSO(1,2,3)</f></c>'), 1),
        (SHEET.format('<c r="A1"><f t="shared" ref="A1:A2" si="0">DSO(1,2,3)</f></c>'), 1),
        (SHEET.format("") + "<formula>DSO(1,2,3)&gt;1</formula>", 1),
        (SHEET.format("") + "<formula1>DSO(1,2,3)</formula1><formula2>DSO(1,2,3)</formula2>", 2),
        (SHEET.format("") + "<x14:cfRule><xm:f>DSO(1,2,3)</xm:f></x14:cfRule>", 1),
        ('<x:worksheet xmlns:x="m"><x:c><x:f>DSO(1)</x:f></x:c></x:worksheet>', 1),
        ('<workbook><definedName name="a">DSO(1)</definedName></workbook>', 1),
        ("<table><calculatedColumnFormula>DSO(1)</calculatedColumnFormula></table>", 1),
        # not formulas
        (SHEET.format('<c r="A1" t="inlineStr"><is><t>DSO(1)</t></is></c>'), 0),
        (SHEET.format("") + "<oddHeader>DSO(1)</oddHeader>", 0),
        ("<sst><si><t>=DSO(1)</t></si></sst>", 0),
        ("<comments><text>DSO(1)</text></comments>", 0),
        ('<c:chartSpace xmlns:c="c"><c:f>DSO(1)</c:f></c:chartSpace>', 0),
    ],
)
def test_formulas_of_a_part(part, changed) -> None:
    new, count = in_part(part.encode(), NAMES, CALC)
    assert count == changed
    assert (
        new
        == re.sub(
            r"((?:f|formula\d?|definedName|Formula)[^<>/]*>)DSO\(", rf"\1{LONG}(", part
        ).encode()
        if changed
        else new == part.encode()
    )


def test_a_result_that_says_the_add_in_was_missing_goes() -> None:
    """Calc would go on showing it; other results stay."""
    cells = (
        '<c r="A1" s="3" t="e"><f>DSO(1)</f><v>#NAME?</v></c><c r="A2" t="e"><f>DSO(2)</f><v>#N/A</v></c>'
        '<c r="A3" t="e"><f>NOSUCH(2)</f><v>#NAME?</v></c><c r="A4"><f>DSO(2)</f><v>5</v></c>'
        '<c r="A5" t="e"><f t="shared" si="0"/><v>#NAME?</v></c>'
    )
    new = in_part(SHEET.format(cells).encode(), NAMES, CALC)[0].decode()
    assert f'<c r="A1" s="3"><f>{LONG}(1)</f></c>' in new
    assert "<v>#N/A</v>" in new
    assert "<f>NOSUCH(2)</f><v>#NAME?</v>" in new
    assert '<c r="A5"><f t="shared" si="0"/></c>' in new
    assert f"<f>{LONG}(2)</f><v>5</v>" in new
    assert b"#NAME?" in in_part(SHEET.format(cells).encode(), NAMES, EXCEL)[0]


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def written(path: Path, *formulas: str, name: str = "") -> Path:
    """A workbook with a chart, a note and formulas in column A."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Items")
        for row, text in enumerate(formulas):
            sheet.write_formula(row, 0, text, None, 7)
        sheet.write_comment("C1", "=DSO(1,2,3)")
        sheet.write_string("D1", "=DSO(1,2,3)")
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Items!$A$1:$A$3"})
        sheet.insert_chart("F2", chart)
        if name:
            book.define_name("OurDays", name)
    return path


def test_only_the_parts_with_our_formulas_change(tmp_path) -> None:
    source = written(tmp_path / "a.xlsx", "=DSO(1,2,3)", "=SUM(1,2)", name="=DSO(4,5,6)")
    done = fix(source, Program.calc, tmp_path / "b.xlsx")
    assert done == Fixed(tmp_path / "b.xlsx", 2)
    before, after = parts(source), parts(tmp_path / "b.xlsx")
    assert list(before) == list(after)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"xl/worksheets/sheet1.xml", "xl/workbook.xml"}
    assert after["xl/worksheets/sheet1.xml"].count(b"ORG.RECEIVABLES") == 1
    fix(tmp_path / "b.xlsx", Program.excel)
    assert parts(tmp_path / "b.xlsx") == before


def test_in_its_place_with_a_backup_and_only_if_needed(tmp_path) -> None:
    source = written(tmp_path / "a.xlsx", "=DSO(1,2,3)")
    source.chmod(0o640)
    old = source.read_bytes()
    done = fix(source, Program.calc)
    assert done.backup == tmp_path / "a before fix-xlsx.xlsx"
    assert done.backup.read_bytes() == old
    assert source.stat().st_mode & 0o777 == 0o640
    new = source.read_bytes()
    assert fix(source, Program.calc) == Fixed(source, 0)
    assert source.read_bytes() == new
    assert fix(source, Program.excel).backup == tmp_path / "a before fix-xlsx (2).xlsx"
    assert len(list(tmp_path.iterdir())) == 3


def test_a_link_to_our_excel_add_in(tmp_path) -> None:
    """Excel writes `[1]!DSO(…)` where the add-in is a workbook of its own; other add-ins are not ours."""
    source = tmp_path / "a.xlsx"
    relations = '<Relationships><Relationship Id="rIdX{0}" Type="t" Target="externalLinks/externalLink{0}.xml"/>'
    listed = (
        "<externalReferences>"
        + "".join(f'<externalReference r:id="rIdX{number}"/>' for number in (1, 2))
        + "</externalReferences>"
    )
    content = parts(written(source, "=DSO(1,2,3)"))
    content["xl/worksheets/sheet1.xml"] = content["xl/worksheets/sheet1.xml"].replace(
        b"DSO(1,2,3)", b"[1]!DSO(1,2,3)+[2]!DSO(1,2,3)"
    )
    content["xl/workbook.xml"] = content["xl/workbook.xml"].replace(
        b"</sheets>", b"</sheets>" + listed.encode()
    )
    key = "xl/_rels/workbook.xml.rels"
    extra = "".join(relations.format(number).removeprefix("<Relationships>") for number in (1, 2))
    content[key] = content[key].replace(b"</Relationships>", extra.encode() + b"</Relationships>")
    for number, target in ((1, "receivables.xlam"), (2, "other.xlam")):
        content[f"xl/externalLinks/_rels/externalLink{number}.xml.rels"] = (
            f'<Relationships><Relationship Id="r" Type="t" Target="file:///C:/x/{target}"/></Relationships>'
        ).encode()
    packed(source, content)
    fix(source, Program.calc)
    text = parts(source)["xl/worksheets/sheet1.xml"].decode()
    assert f"<f>{LONG}(1,2,3)+[2]!DSO(1,2,3)</f>" in text


def test_a_function_that_the_workbook_defines_itself_is_not_ours(tmp_path) -> None:
    source = written(tmp_path / "a.xlsx", "=DSO(1)", "=AGING_DAYS(1,2)")
    content = parts(source)
    content["xl/workbook.xml"] = content["xl/workbook.xml"].replace(
        b"</sheets>",
        b'</sheets><definedNames><definedName name="Dso">_xlfn.LAMBDA(_xlpm.x,_xlpm.x*2)'
        b"</definedName></definedNames>",
    )
    packed(source, content)
    assert fix(source, Program.calc).changed == 1
    assert b"<f>DSO(1)</f>" in parts(source)["xl/worksheets/sheet1.xml"]


def packed(path: Path, content: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as package:
        for name, data in content.items():
            package.writestr(name, data)


def signed(path: Path) -> None:
    with zipfile.ZipFile(written(path, "=DSO(1,2,3)"), "a") as package:
        package.writestr("_xmlsignatures/sig1.xml", b"<Signature/>")


def opened(path: Path) -> None:
    written(path, "=DSO(1,2,3)")
    (path.parent / f"~${path.name}").touch()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (Path.exists, "no such file"),
        (
            lambda path: path.write_bytes(b"not a zip at all"),
            "not an .xlsx file, or it is damaged",
        ),
        (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 99), "password"),
        (lambda path: path.write_bytes(b"PK\x03\x04 cut off"), "damaged"),
        (lambda path: packed(path, {"a.txt": b"a"}), "no workbook in it"),
        (lambda path: packed(path, {"xl/workbook.bin": b"a"}), "no xl/workbook.xml"),
        (signed, "signed"),
        (opened, "is open"),
    ],
)
def test_what_is_refused(tmp_path, make, message) -> None:
    path = tmp_path / "a.xlsx"
    make(path)
    before = {item: item.read_bytes() for item in tmp_path.iterdir()}
    with pytest.raises(LedgerFileError, match=message):
        fix(path, Program.calc)
    assert {item: item.read_bytes() for item in tmp_path.iterdir()} == before


def test_a_target_is_never_written_over(tmp_path) -> None:
    source = written(tmp_path / "a.xlsx", "=DSO(1,2,3)")
    (tmp_path / "b.xlsx").write_bytes(b"mine")
    for target, message in (
        ("b.xlsx", "already"),
        ("b.xls", "only .xlsx"),
        ("b.xlsm", "ending .xlsx"),
    ):
        with pytest.raises(LedgerFileError, match=message):
            fix(source, Program.calc, tmp_path / target)
    assert (tmp_path / "b.xlsx").read_bytes() == b"mine"


def test_the_command(tmp_path) -> None:
    source = written(tmp_path / "a.xlsx", "=DSO(1,2,3)", "=AGING_DAYS(1,2)")
    run = CliRunner().invoke
    done = run(app, ["fix-xlsx", str(source), "--for", "calc", "--json"])
    backup = str(tmp_path / "a before fix-xlsx.xlsx")
    assert json.loads(done.stdout) == {"file": str(source), "changed": 2, "backup": backup}
    done = run(app, ["fix-xlsx", str(source), "--for", "excel", "-o", str(tmp_path / "b.xlsx")])
    assert done.stdout == f"{tmp_path / 'b.xlsx'}: 2 names changed.\n"
    assert openpyxl.load_workbook(tmp_path / "b.xlsx")["Items"]["A2"].value == "=AGING_DAYS(1,2)"
    assert run(app, ["fix-xlsx", str(source), "--for", "numbers"]).exit_code == 2


def test_twenty_thousand_formulas_are_quick(tmp_path) -> None:
    """0.1 to 0.2 s measured; ten times that fails."""
    count = 20_000
    formulas = [f"=IF(A{row}>0,AGING_DAYS(B{row},$F$1),0)" for row in range(1, count + 1)]
    source = written(tmp_path / "many.xlsx", *formulas)
    started = time.process_time()
    assert module.rewrite(source, io.BytesIO(), NAMES, CALC) == count
    assert time.process_time() - started < 2


def test_the_part_in_the_office_runs_in_its_python() -> None:
    """The extension carries the same file: standard library, Python 3.8."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import)
            else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        )
    }  # fmt: skip
    assert imported <= {
        "__future__",
        "collections",
        "os",
        "pathlib",
        "re",
        "tempfile",
        "typing",
        "zipfile",
    }
