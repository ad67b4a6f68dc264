"""Why?: formulas of Excel and Calc taken apart, their arguments read, our answer explained."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table

from receivables.actions import Area, find_action
from receivables.actions.areas import parse_area
from receivables.actions.explain import explain
from receivables.actions.file_host import FileHost
from receivables.actions.formula import calls, has_ours, our_name, readable
from receivables.actions.operands import literal
from receivables.cells import CellError, load_functions
from receivables.errors import BadValueError, NotAvailableError


@pytest.fixture
def book(tmp_path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Items 1"
    sheet.append(["no", "due date", "amount", "as [of]"])
    for number, day in enumerate((30, 15, 1), 1):
        sheet.append([f"00{number}", date(2026, 9, day), 100.5 * number, date(2026, 10, 31)])
    sheet["F1"] = date(2026, 10, 31)
    sheet["G1"] = "#N/A"
    sheet["G2"] = "=A1*2"
    sheet["G3"] = "=AGING_BUCKET(B2,$F$1)"
    sheet["G4"] = "=AGING_BUCKET(G4,$F$1)"
    sheet.add_table(Table(displayName="Docs", ref="A1:D4"))
    other = book.create_sheet("Rates")
    other["A1"], other["B1"], other["C1"] = 0.01, 0.02, 0.03
    book.defined_names["AsOf"] = DefinedName("AsOf", attr_text="'Items 1'!$F$1")
    book.defined_names["Days"] = DefinedName("Days", attr_text="90")
    book.save(tmp_path / "book.xlsx")
    return tmp_path / "book.xlsx"


def why(book: Path | None, formula: str = "", cell: str = "H2", language: str = "en"):
    shown = []
    host = FileHost(
        book,
        cell=cell if book else "",
        language=language,
        show=lambda _t, rows: shown.append(rows) or "",
    )
    report = find_action("why").run(host, {"formula": formula})
    return report.line, {str(row[0]).strip(): row for row in reversed(shown[0])}


@pytest.mark.parametrize(
    ("formula", "names"),
    [
        ("=AGING_BUCKET(B2,$F$1)", ["AGING_BUCKET"]),
        ('=IFERROR(AGING_BUCKET(B2,$F$1),"")', ["AGING_BUCKET"]),
        ("{=AGING_DAYS(A2:A4;$F$1)}", ["AGING_DAYS"]),
        ("=aging_days(A2,B2)+ Dso (1,2,3)", ["AGING_DAYS", "DSO"]),
        ("=DSO(DSO(1,2,3),SUM(1,2),3)", ["DSO", "DSO"]),
        ("=_xll.DSO(1,2,3)", ["DSO"]),
        ("=_xldudf_DSO(1,2,3)", ["DSO"]),
        ("=[1]!DSO(1,2,3)", ["DSO"]),
        ("='C:\\My add-ins\\receivables.xlam'!DSO(1,2,3)", ["DSO"]),
        ("=receivables.xlam!DSO(1,2,3)", ["DSO"]),
        ("of:=ORG.RECEIVABLES.FUNCTIONS.AGINGBUCKET([.B2];[.$F$1])", ["AGING_BUCKET"]),
        ("=ORG.OTHERS.FUNCTIONS.AGINGBUCKET(B2)", []),
        ('="=DSO(1,2,3)"', []),
        ('="a""DSO("&B1', []),
        ("='DSO(1)'!A1", []),
        ("=Docs[DSO(x)]", []),
        ("=MYDSO(1,2,3)+DSOX(1)", []),
        ("=DSO", []),
        ("", []),
    ],
)
def test_our_calls_are_found_in_what_programs_write(formula, names):
    assert [call.name for call in calls(formula)] == names
    assert has_ours(formula) is bool(names)


@pytest.mark.parametrize(
    ("formula", "arguments"),
    [
        ("=DSO(A1,B1,90)", ("A1", "B1", "90")),
        ("=DSO(A1;B1;90)", ("A1", "B1", "90")),
        ("=DSO(A1,,90)", ("A1", "", "90")),
        ('=DSO("a,b",{1,2;3,4},SUM(1,2))', ('"a,b"', "{1,2;3,4}", "SUM(1,2)")),
        ("=DSO('a,b'!A1,Docs[a,b],(1,2))", ("'a,b'!A1", "Docs[a,b]", "(1,2)")),
        ("=DSO( A1 ; $'Sheet 1'.B2 )", ("A1", "$'Sheet 1'.B2")),
        ("=DSO()", ()),
    ],
)
def test_arguments_are_cut_at_their_own_separators(formula, arguments):
    assert calls(formula)[0].arguments == arguments


ARGUMENT = st.one_of(
    st.sampled_from(
        [
            "",
            "A1",
            "$B$2:C9",
            "'a,b;c('!A1",
            "Docs[a,(b]",
            "SUM(1,2)",
            "{1,2;3}",
            "(A1,B1)",
            "-1.5",
        ]
    ),
    st.text(st.characters(exclude_categories=["C"])).map(
        lambda text: '"' + text.replace('"', '""') + '"'
    ),
)


@given(st.lists(ARGUMENT, min_size=2, max_size=6), st.sampled_from([",", ";"]))
def test_any_arguments_come_back_as_they_were_written(arguments, separator):
    arguments = [
        text.replace(",", ";") if separator == ";" and text.startswith(("SUM", "(")) else text
        for text in arguments
    ]
    formula = f"=1+DSO({separator.join(arguments)})*2"
    assert calls(formula)[0].arguments == tuple(arguments)


@given(st.text(alphabet="DSO(),;\"'[]{}!.$A1 =@#|", max_size=60))
def test_no_text_breaks_the_reader(text):
    for call in calls(text):
        assert call.name == "DSO"
        assert call.text in text
    assert has_ours(text) >= bool(calls(text))
    assert readable(readable(text)) == readable(text)
    literal(text)
    parse_area(text)


def test_every_function_has_a_name_of_its_own_in_calc():
    names = load_functions()
    squashed = [name.replace("_", "") for name in names]
    assert len(set(squashed)) == len(squashed)
    for name, short in zip(names, squashed, strict=True):
        assert our_name(f"ORG.RECEIVABLES.FUNCTIONS.{short}") == name


def test_a_note_shows_the_name_that_is_typed():
    assert readable("SUM(_xll.DSO(1,2,3),[1]!DSO(1,2,3))") == "SUM(DSO(1,2,3),DSO(1,2,3))"


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("$B$2", Area("", 2, 2, 2, 2)),
        ("b2:c9", Area("", 2, 2, 9, 3)),
        ("C9:B2", Area("", 2, 2, 9, 3)),
        ("'It''s'!A1", Area("It's", 1, 1, 1, 1)),
        ("Aging!$A:$A", Area("Aging", 1, 1, 1_048_576, 1)),
        ("2:3", Area("", 2, 1, 3, 16_384)),
        ("$'Open items'.A1:$'Open items'.B2", Area("Open items", 1, 1, 2, 2)),
        ("$Aging.A1:.B2", Area("Aging", 1, 1, 2, 2)),
        ("[$Aging.A1:.B2]", Area("Aging", 1, 1, 2, 2)),
        ("账龄!A1", Area("账龄", 1, 1, 1, 1)),
        ("A", None),
        ("12", None),
        ("ABCD1", None),
        ("A1048577", None),
        ("A0", None),
        ("[Book.xlsx]Aging!A1", None),
        ("Docs[open]", None),
        ("A1*2", None),
    ],
)
def test_references_of_both_programs(text, area):
    assert parse_area(text) == area


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5", 1.5),
        ("-3", -3.0),
        ("1,5", 1.5),
        ("1e3", 1000.0),
        ("12.5 %", 0.125),
        ('"a ""b"""', 'a "b"'),
        ("(7)", 7.0),
        ("TRUE", True),
        ("FALSE()", False),
        ("#DIV/0!", CellError("#DIV/0!")),
        ("{1;2|3;4}", [[1.0, 2.0], [3.0, 4.0]]),
        ('{"a,b",2}', [["a,b", 2.0]]),
        ("DATE(2026,2,29)", None),
        ("DATE(A1,2,3)", None),
        ('"a"&"b"', None),
        ("A1", None),
    ],
)
def test_values_typed_into_a_formula(text, value):
    assert literal(text) == (None if value is None else (value,))


def test_each_argument_is_told_with_its_value_and_how_it_was_read(book):
    line, rows = why(book, "=AGING_BUCKET(B2,$F$1)")
    assert line == "Items 1!H2: AGING_BUCKET gives 31-60 d."
    assert rows["due_on"][1:4] == ["B2", "2026-09-30", "2026-09-30"]
    assert rows["due_on"][4] == "due date of the document (cell 'Items 1'!B2)"
    assert rows["edges"][1:4] == ["left out", "", '"30,60,90" (default)']
    assert rows["Result"][2] == "31-60 d"


@pytest.mark.parametrize(
    ("argument", "cells"),
    [
        ("Docs[due date]", 3),
        ("Docs[[#Data],[due date]]", 3),
        ("Docs[[due date]]", 3),
        ("B2:B4", 3),
        ("'Items 1'!$B$2:$B$4", 3),
        ("$'Items 1'.B2:.B4", 3),
    ],
)
def test_columns_of_tables_and_ranges(book, argument, cells):
    _, rows = why(
        book, f"=AGING_DAYS({argument},AsOf)".replace(",", ";" if ".B" in argument else ",")
    )
    assert rows["due_on"][2] == f"{cells} × 1: 2026-09-30, 2026-09-15, 2026-09-01"
    assert rows["Result"][2] == f"{cells} × 1: 31, 46, 60"


@pytest.mark.parametrize(
    "argument", ["Docs[@[due date]]", "[@[due date]]", "Docs[[#This Row],[due date]]"]
)
def test_this_row_of_a_table_is_the_row_of_the_cell(book, argument):
    line, _ = why(book, f"=AGING_DAYS({argument},Docs[@[as '[of']]])", cell="D3")
    assert line == "Items 1!D3: AGING_DAYS gives 46."


def test_a_whole_column_ends_with_the_sheet(book):
    _, rows = why(book, "=CONCENTRATION_TOP(C:C,1)")
    assert rows["amounts"][2].startswith("4 × 1:")


def test_two_whole_columns_are_of_one_length(book):
    _, rows = why(book, "=AGING_DAYS(B:B,F:F)")
    assert rows["due_on"][2][:5] == rows["as_of"][2][:5] == "4 × 1"


def test_names_are_looked_up(book):
    assert why(book, "=DSO(C2,C3,Days)")[0] == "Items 1!H2: DSO gives 45.00."


def test_a_text_that_is_no_date_says_what_is_wrong(book):
    line, rows = why(book, '=AGING_BUCKET("03/04/2026",F1)')
    assert "does not say which part is the day" in line
    assert rows["due_on"][3].startswith("not readable:")


def test_an_error_that_came_in_is_named(book):
    line, _ = why(book, "=AGING_BUCKET(G1,F1)")
    assert line == "Items 1!H2: AGING_BUCKET: #N/A: an argument holds this error already"


def test_a_missing_argument_is_named():
    line, rows = why(None, "=DSO(1)")
    assert line.startswith("DSO: #VALUE!: credit_sales is missing")
    assert rows["credit_sales"][3] == "not readable: credit_sales is missing."


def test_bad_rows_of_a_column_are_named(book):
    line, rows = why(book, "=AGING_DAYS(A1:A4,F1)")
    assert line.startswith("Items 1!H2: AGING_DAYS: row 1: #VALUE! due_on: 'no' is not a date")
    assert rows["Result"][2].startswith("4 × 1: #VALUE!")


def test_calls_inside_calls_are_explained_too():
    host = FileHost()
    outer, inner = explain("=DSO(DSO(10,20,30),2,3)", host, host.selection())
    assert inner.result == 15
    assert outer.arguments[0].operand.how == "result_of"
    assert outer.result == 22.5


def test_the_steps_of_a_twin_follow():
    host = FileHost()
    (found,) = explain("=RESERVE({100,200},{0.1,0.2})", host, host.selection())
    assert found.steps[0] == ["step", "input", "rule", "result"]
    assert found.steps[-1][3] == found.result == 50


def test_a_formula_of_ours_without_result_is_calculated(book):
    _, rows = why(book, "=AGING_DAYS(B2:B3,F1,G3)")
    assert rows["due_on"][3]


def test_a_formula_of_others_without_result_is_refused_and_named(book):
    with pytest.raises(
        NotAvailableError, match=r"AGING_BUCKET, due_on = G2: Items 1!G2 holds a formula"
    ):
        why(book, "=AGING_BUCKET(G2,F1)")


def test_a_formula_that_needs_itself_is_refused(book):
    with pytest.raises(NotAvailableError, match="G4 refers to itself"):
        why(book, "=AGING_BUCKET(G4,F1)")


def test_what_needs_a_spreadsheet_is_refused_and_named():
    with pytest.raises(
        NotAvailableError, match=r"AGING_BUCKET, due_on = TODAY\(\): .* Give its value"
    ):
        why(None, '=AGING_BUCKET(TODAY(),"2026-10-31")')


@pytest.mark.parametrize(
    ("formula", "fault"),
    [
        ("=AGING_DAYS(Docs[dew],F1)", "no column 'dew'. Its columns: no, due date"),
        ("=AGING_DAYS(Nowhere!A1,F1)", "no sheet 'Nowhere'. Its sheets: Items 1, Rates"),
        ("=AGING_DAYS([Other.xlsx]S!A1,F1)", "needs a spreadsheet"),
    ],
)
def test_a_place_that_is_not_there_is_named(book, formula, fault):
    with pytest.raises(NotAvailableError, match=fault):
        why(book, formula)


def test_a_cell_without_a_function_is_refused(book):
    with pytest.raises(BadValueError, match="Items 1!A1 holds no function of ours"):
        why(book, cell="A1")


def test_in_chinese(book):
    line, rows = why(book, "=AGING_BUCKET(B2,$F$1)", language="zh")
    assert line == "Items 1!H2: AGING_BUCKET 的结果为 31-60 d。"
    assert "单元格" in rows["due_on"][4]
