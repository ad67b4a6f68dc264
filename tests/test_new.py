"""A workbook to work in: what it holds, that it is read as a ledger, and that it is never written over."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from datetime import date

import openpyxl
import polars as pl
import pytest
from typer.testing import CliRunner

from receivables.book.input_sheets import heading, input_rows
from receivables.book.lists import choice_labels
from receivables.book.new_book import new_book
from receivables.book.settings_sheet import option_row
from receivables.book.start_texts import CHINESE, ENGLISH, SWITCH
from receivables.cli import app
from receivables.demo import build_firm, write_folder, write_workbook
from receivables.errors import BadValueError, LedgerFileError
from receivables.ledger.check import check
from receivables.ledger.choices import choice_of
from receivables.ledger.read import read
from receivables.ledger.schema import tables
from receivables.ledger.spelling import fold, known_columns, table_named
from receivables.refresh.books import load
from receivables.refresh.new import new_job
from receivables.resources import data_rows

AS_OF = date(2026, 10, 31)
JOURNALS = {"letters", "letter_items"}
"""Tables that the program writes itself."""


def book_of(content: bytes):
    return openpyxl.load_workbook(io.BytesIO(content))


@pytest.fixture(scope="module", params=["en", "zh"])
def language(request):
    return request.param


@pytest.fixture(scope="module")
def content(language):
    return new_book(values={"language": language})


@pytest.fixture(scope="module")
def book(content):
    return book_of(content)


@pytest.fixture(scope="module")
def firm():
    return build_firm()


@pytest.fixture(scope="module")
def demo(firm, tmp_path_factory):
    path = tmp_path_factory.mktemp("new") / "ledger.xlsx"
    new_job(path, demo=True)
    return path


def test_every_input_table_has_a_sheet_with_a_table_of_all_its_columns(book, language):
    assert set(input_rows()) == set(tables()) - JOURNALS
    for table, row in input_rows().items():
        found = book[row[language]].tables[row["name"]]
        names = [column.name for column in found.tableColumns]
        assert names == [heading(column, language) for column in tables()[table].values()]
        assert found.ref.startswith("A3:")


def test_names_and_headings_of_input_sheets_are_understood(language):
    for table, row in input_rows().items():
        assert table_named(row["name"]) == table
        assert table_named(row[language]) == table, row[language]
        known = known_columns(table)
        for name, column in tables()[table].items():
            assert known[fold(heading(column, language))] == name


def test_common_inputs_are_shown_and_the_rest_hidden(book, language):
    for row in input_rows().values():
        state = book[row[language]].sheet_state
        assert (state == "visible") == (row["shown"] == "yes")
    assert book.active.title == {"en": "Start", "zh": "开始"}[language]


def test_keys_are_text_for_any_row_that_is_pasted(book, language):
    sheet = book[input_rows()["documents"][language]]
    formats = {}
    for letter, dimension in sheet.column_dimensions.items():
        cell = sheet[f"{letter}3"]
        for place in range(dimension.min, dimension.max + 1):
            formats[sheet.cell(3, place).value] = dimension.number_format
        assert cell is not None
    schema = tables()["documents"]
    assert formats[heading(schema["document_no"], language)] == "@"
    assert formats[heading(schema["due_on"], language)] == "yyyy-mm-dd"
    assert formats[heading(schema["amount"], language)].startswith("#,##0.00")


def test_required_columns_look_different_and_their_note_says_so(book, language):
    sheet = book[input_rows()["documents"][language]]
    notes = {
        str(rule.sqref): rule for rule in sheet.data_validations.dataValidation if rule.prompt
    }
    for cell in sheet[3]:
        column = next(
            item
            for item in tables()["documents"].values()
            if heading(item, language) == cell.value
        )
        dark = cell.fill.fgColor.rgb == "FF1F3A5F"
        assert dark == column.required, column.name
        said = notes[cell.coordinate].prompt
        assert ({"en": "Required.", "zh": "必填。"}[language] in said) == column.required
        assert said.startswith((column.help_zh if language == "zh" else column.help_en)[:40])


def test_choices_are_offered_in_words_that_reading_understands(book, language):
    lists = book[{"en": "Lists", "zh": "列表"}[language]]
    assert lists.sheet_state == "hidden"
    sheet = book[input_rows()["documents"][language]]
    sources = {
        rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"
    }
    assert {"_rcv_lists_documents_kind", "_rcv_lists_currency", "_rcv_lists_flag"} <= sources
    for source in sources:
        _, _, area = book.defined_names[source].attr_text.rpartition("!")
        words = [cell.value for (cell,) in lists[area.replace("$", "")]]
        assert all(words)
        if source.endswith("_kind"):
            assert words == list(choice_labels("documents", "kind", language).values())
            assert [choice_of("documents", "kind", word) for word in words] == list(
                tables()["documents"]["kind"].choices
            )


def test_rules_reach_to_the_end_of_the_sheet_and_only_warn(book, language):
    for row in input_rows().values():
        for rule in book[row[language]].data_validations.dataValidation:
            if rule.type is not None:
                assert str(rule.sqref).endswith("1048576")
                assert rule.errorStyle == "warning"


def test_settings_hold_every_option(book, language):
    sheet = book[{"en": "Settings", "zh": "设置"}[language]]
    rows = {sheet.cell(n, 1).value: n for n in range(5, sheet.max_row + 1)}
    options = data_rows("settings.csv")
    assert list(rows) == [option["name"] for option in options]
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    for option in options:
        number = rows[option["name"]]
        assert number == option_row(option["name"]) + 1
        assert (sheet.cell(number, 3).value or "") == option["default"]
        assert sheet.cell(number, 6).value == option[f"help_{language}"]
        rule = rules[f"B{number}"]
        kinds = {"choice": "list", "integer": "custom"}
        assert rule.type == kinds.get(option["type"]), option["name"]
        if option["choices"]:
            assert rule.formula1.strip('"').split(",") == option["choices"].split("|")


def test_one_switch_turns_the_language_of_start_and_of_the_setting(content, book, language):
    start = book[{"en": "Start", "zh": "开始"}[language]]
    switch = start.cell(SWITCH[0] + 1, SWITCH[1] + 1)
    assert switch.value == {"en": ENGLISH, "zh": CHINESE}[language]
    texts = [
        cell.value for row in start.iter_rows() for cell in row if isinstance(cell.value, str)
    ]
    formulas = [text for text in texts if text.startswith("=")]
    assert all(f'${switch.column_letter}${switch.row}="{CHINESE}"' in text for text in formulas
               if "HYPERLINK" not in text or "→" in text)  # fmt: skip
    values = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    settings = values[{"en": "Settings", "zh": "设置"}[language]]
    assert settings.cell(option_row("language") + 1, 2).value == language
    shown = [cell.value for row in values[start.title].iter_rows() for cell in row if cell.value]
    assert {"en": "Paste your ledger", "zh": "粘贴台账"}[language] in shown


def test_links_of_start_lead_to_sheets_that_are_there(book, language):
    start = book[{"en": "Start", "zh": "开始"}[language]]
    texts = [
        cell.value for row in start.iter_rows() for cell in row if isinstance(cell.value, str)
    ]
    targets = {name for text in texts for name in re.findall(r"#'([^']+)'!A1", text)}
    assert len(targets) > 10
    assert targets <= set(book.sheetnames)
    assert all(book[name].sheet_state == "visible" for name in targets)


def test_no_figure_and_no_day_stands_in_a_new_workbook(content):
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        texts = [
            package.read(name).decode() for name in package.namelist() if "sheets/sheet" in name
        ]
    assert not [text for text in texts if "1980" in text]


def test_the_same_arguments_give_the_same_bytes(content, language):
    assert new_book(values={"language": language}) == content


def test_a_new_workbook_is_read_as_a_ledger_without_rows(content, language, tmp_path):
    path = tmp_path / "new.xlsx"
    path.write_bytes(content)
    with pytest.raises(LedgerFileError, match="not a single row"):
        read(path)


def test_blank_rows_results_start_and_lists_are_no_input(content, language, tmp_path):
    """Three rows are typed in; nothing else of the workbook is taken for data."""
    path = tmp_path / "new.xlsx"
    path.write_bytes(content)
    book = openpyxl.load_workbook(path)
    typed = {
        "customers": {"customer_id": "00123", "name": "Meyer"},
        "documents": {
            "document_no": "0007", "customer_id": "00123", "amount": 1234.56, "currency": "EUR",
            "kind": choice_labels("documents", "kind", language)["invoice"],
            "issued_on": date(2026, 9, 1), "due_on": date(2026, 10, 1),
        },
    }  # fmt: skip
    for table, row in typed.items():
        sheet = book[input_rows()[table][language]]
        places = {cell.value: cell.column for cell in sheet[3]}
        for name, value in row.items():
            sheet.cell(4, places[heading(tables()[table][name], language)]).value = value
    # What saves the file here keeps no results of formulas; a spreadsheet program does.
    settings = book[{"en": "Settings", "zh": "设置"}[language]]
    settings.cell(option_row("language") + 1, 2).value = language
    book.save(path)
    raw = read(path)
    assert {name: table.frame.height for name, table in raw.tables.items() if table.frame.height} == {
        "customers": 1, "documents": 1,
    }  # fmt: skip
    assert not raw.issues
    ledger = check(raw)
    assert not [issue for issue in ledger.issues if issue.level == "error"]
    found = ledger["documents"].row(0, named=True)
    assert (found["document_no"], found["customer_id"], found["amount"]) == (
        "0007",
        "00123",
        123456,
    )
    assert raw.settings["language"] == language


def test_the_demo_reads_like_the_demo_ledger(firm, demo, tmp_path):
    plain = tmp_path / "plain.xlsx"
    write_workbook(firm, plain)
    known, found = load(plain, as_of=AS_OF), load(demo, as_of=AS_OF)
    for name, frame in known.ledger.tables.items():
        assert found.ledger[name].height == frame.height, name
    sums = [
        books.open(AS_OF)
        .items.collect()
        .to_native()
        .select(pl.col("open", "amount", "paid").sum())
        for books in (known, found)
    ]
    assert sums[0].equals(sums[1])
    codes = [sorted(issue.code for issue in books.issues) for books in (known, found)]
    assert codes[0] == codes[1]
    assert found.ledger.set_aside.height == known.ledger.set_aside.height == 3


def test_rows_of_an_export_go_in_whole(firm, tmp_path):
    """Nothing is lost, guessed or derived for good: faulty cells stay as they were typed."""
    folder = tmp_path / "export"
    write_folder(firm, folder)
    target = tmp_path / "ledger.xlsx"
    answer = new_job(target, source=folder)
    whole = read(folder)
    assert answer.rows["documents"] == whole.tables["documents"].frame.height
    known, found = load(folder, as_of=AS_OF), load(target, as_of=AS_OF)
    for name, frame in known.ledger.tables.items():
        assert found.ledger[name].height == frame.height, name
        own = [column for column in frame.columns if not column.startswith("_")]
        if name == "rates":  # 1.0840 is the number 1.084 in a cell
            own.remove("rate")
        assert found.ledger[name].select(own).equals(frame.select(own)), name
    aside = [
        books.ledger.set_aside.select("table", "document_no", "amount") for books in (known, found)
    ]
    assert aside[0].equals(aside[1])
    assert "tbc" in found.ledger.set_aside["amount_text"].to_list()
    assert found.settings == known.settings


def test_a_mapped_export_needs_its_mapping_no_more(tmp_path):
    export = tmp_path / "op.csv"
    export.write_text(
        "Beleg;Konto;Datum;Betrag;Art\n0007;00123;01.09.2026;1.234,56;RV\n0008;00123;05.09.2026;oops;RG\n",
        encoding="utf-8",
    )
    mapping = tmp_path / "op.toml"
    mapping.write_text(
        'ledger_kind = "open_items"\nextracted_on = 2026-10-31\n[documents]\n'
        'date_format = "dd-mm-yyyy"\ndecimal = ","\n[documents.columns]\n'
        'document_no = "Beleg"\ncustomer_id = "Konto"\nissued_on = "Datum"\namount = "Betrag"\n'
        'kind = "Art"\n[documents.constants]\ncurrency = "EUR"\n'
        '[documents.kinds]\nRV = "invoice"\nRG = "credit_note"\n',
        encoding="utf-8",
    )
    target = tmp_path / "ledger.xlsx"
    answer = new_job(target, source=export, map_file=mapping)
    assert answer.mapping == tmp_path / "ledger.toml"
    books = load(target, map_file=answer.mapping)
    assert (books.ledger.kind, books.ledger.extracted_on) == ("open_items", AS_OF)
    sheet = openpyxl.load_workbook(target)["Documents"]
    heads = [cell.value for cell in sheet[3]]
    rows = [
        {head: cell.value for head, cell in zip(heads, row, strict=False)}
        for row in sheet.iter_rows(min_row=4, max_row=5)
    ]
    assert rows[0]["Document no"] == "0007"
    assert rows[0]["Amount"] == pytest.approx(1234.56)
    assert rows[0]["Issued on"].date() == date(2026, 9, 1)
    assert rows[0]["Kind"] == "Invoice"
    assert rows[0]["Currency"] == "EUR"
    assert rows[1]["Amount"] == "oops"


@pytest.mark.parametrize(
    ("name", "options", "fault", "words"),
    [
        ("there.xlsx", {}, LedgerFileError, "exists already"),
        ("new.xls", {}, LedgerFileError, "ending in .xlsx"),
        ("nowhere/new.xlsx", {}, LedgerFileError, "no such folder"),
        ("new.xlsx", {"demo": True, "source": "x.csv"}, BadValueError, "exclude each other"),
        ("new.xlsx", {"map_file": "x.toml"}, BadValueError, "--from"),
        ("new.xlsx", {"source": "missing.csv"}, LedgerFileError, "missing.csv"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(name, options, fault, words, tmp_path):
    (tmp_path / "there.xlsx").write_bytes(b"mine")
    with pytest.raises(fault, match=words):
        new_job(tmp_path / name, **options)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there.xlsx"]
    assert (tmp_path / "there.xlsx").read_bytes() == b"mine"


def test_new_then_refresh_in_place_then_refresh_again(demo, tmp_path):
    path = tmp_path / "ledger.xlsx"
    shutil.copyfile(demo, path)
    run = CliRunner()
    assert run.invoke(app, ["refresh", str(path), "--as-of", "2026-09-30"]).exit_code == 0
    book = openpyxl.load_workbook(path, data_only=True)
    rows = book["Aging"][book["Aging"].tables["Aging"].ref]
    assert len(rows) > 50
    assert book["Close"]["A1"].value.endswith("Month-end close: receivables")
    before = path.read_bytes()
    assert run.invoke(app, ["refresh", str(path), "--as-of", "2026-09-30"]).exit_code == 0
    assert path.read_bytes() == before
    books = load(path, as_of=AS_OF), load(demo, as_of=AS_OF)
    assert books[0].ledger["documents"].height == books[1].ledger["documents"].height


def test_the_command_tells_what_it_made(tmp_path):
    target = tmp_path / "neu.xlsx"
    told = CliRunner().invoke(app, ["new", str(target), "--lang", "zh"])
    assert told.exit_code == 0, told.output
    assert str(target) in told.output.replace("\n", "")
    assert openpyxl.load_workbook(target).sheetnames[0] == "开始"
    again = CliRunner().invoke(app, ["new", str(target)])
    assert again.exit_code != 0


def test_rows_pasted_beyond_the_end_of_a_table_are_read(content, language, tmp_path):
    """Only Excel makes the table longer; 300 rows are 280 more than the table has."""
    path = tmp_path / "new.xlsx"
    path.write_bytes(content)
    book = openpyxl.load_workbook(path)
    sheet = book[input_rows()["documents"][language]]
    places = {cell.value: cell.column for cell in sheet[3]}
    schema = tables()["documents"]
    for number in range(300):
        row = {
            "document_no": f"{number:05}", "customer_id": "7", "amount": 10, "currency": "EUR",
            "issued_on": date(2026, 9, 1), "kind": "invoice",
        }  # fmt: skip
        for name, value in row.items():
            sheet.cell(4 + number, places[heading(schema[name], language)]).value = value
    sheet.cell(4 + 302, 1).value = "a word of the user's own, two rows below"
    book.save(path)
    found = read(path)
    assert found.tables["documents"].frame.height == 300
    assert any("280 rows directly below" in note for item in found.sources for note in item.notes)
