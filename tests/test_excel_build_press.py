"""From the macro of a button to its action: the calls of our VBA, made on xlwings' COM server."""

from __future__ import annotations

import sys

import pytest
from receivables_addin.excel.build import all_functions, project

from receivables.actions import ACTIONS
from tests.fake_workbook import App, Book, Range, excel

MACRO = (
    "If ActiveWorkbook Is Nothing Then",
    'MsgBox Say("message_no_workbook"), vbInformation, TITLE',
    'python.SetAttr python.Module("xlwings._xlwindows"), "BOOK_CALLER", ActiveWorkbook',
    'Set done = python.Call(python.Module(BUTTONS_MODULE), "run", python.Tuple(action, UiLanguage()))',
)
MODULE = 'Private Const BUTTONS_MODULE As String = "receivables_addin.excel.buttons"'


def press(action: str, book: Book, language: str = "en") -> str:
    """What `RunInPython` does, statement by statement."""
    with excel(book):
        sys.modules["xlwings._xlwindows"].BOOK_CALLER = None
        python = sys.modules["xlwings.com_server"].XLPython()
        python.SetAttr(python.Module("xlwings._xlwindows"), "BOOK_CALLER", book)
        module = python.Module("receivables_addin.excel.buttons")
        return python.Str(python.Call(module, "run", python.Tuple(action, language)))


@pytest.fixture
def book(tmp_path) -> Book:
    book = Book(App(), "ledger.xlsx", str(tmp_path))
    book.sheet("Items").put("A1", ("no", "due"), ("001", 2.0))
    Range(book.Worksheets[0], 1, 1).Select()
    return book


def test_the_macro_makes_these_calls() -> None:
    (text,) = (
        module.body
        for module in project(all_functions()).modules
        if module.name == "ReceivablesPython"
    )
    lines = [line.strip() for line in text.splitlines()]
    assert all(lines.count(line) == 1 for line in (*MACRO, MODULE))


def test_a_press_reaches_the_action_in_the_active_workbook(book) -> None:
    answer = press("why", book)
    assert answer
    assert book.Application.said == [answer], "the user is told the line"


def test_the_answer_is_in_the_language_of_the_ribbon(book) -> None:
    assert "没有" in press("settings", book, "zh")


def test_an_unknown_button_is_told_and_nothing_is_raised(book) -> None:
    answer = press("no_such_button", book)
    assert answer.startswith("There is no action 'no_such_button'.")
    assert all(action.id in answer for action in ACTIONS)
