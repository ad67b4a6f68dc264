"""What the extension does when a workbook was loaded or saved: our functions keep their plain names in Excel files."""

from __future__ import annotations

import contextlib
from pathlib import Path

import uno

from receivables_office import rewrite
from receivables_office.daycount import DAYS, MIXED
from receivables_office.document import untouched
from receivables_office.reentry import Reentry, uses_ours
from receivables_office.windows import Windows

EXCEL_FILES = ("Calc MS Excel 2007 XML", "Calc MS Excel 2007 VBA XML", "Calc Office Open XML")
"""Filters of .xlsx and .xlsm."""

SERVICE = "ORG.RECEIVABLES.FUNCTIONS."
TEXTS = {
    "en": {
        "mixed": (
            "{name} and another open workbook do not count days from the same date (1899-12-30 or 1904-01-01). "
            "Functions of Receivables with dates show #VALUE! while both are open: close one of them, then "
            "press Ctrl+Shift+F9."
        ),
        "left": (
            "{count} formulas with functions of Receivables could not be entered anew and show #NAME?. "
            'Close the workbook, run: receivables fix-xlsx --for calc "{path}", and open it again.'
        ),
        "not_saved": (
            "{name} is saved, but its formulas have names that only LibreOffice reads: {fault} "
            'For Excel run: receivables fix-xlsx --for excel "{path}".'
        ),
    },
    "zh": {
        "mixed": (
            "{name} 与另一个打开的工作簿的日期起算日不同(1899-12-30 或 1904-01-01)。两者同时打开时,"
            "应收账款的日期函数显示 #VALUE!:请关闭其中一个,再按 Ctrl+Shift+F9。"
        ),
        "left": (
            "有 {count} 个使用应收账款函数的公式未能重新输入,显示 #NAME?。请关闭工作簿,"
            '运行 receivables fix-xlsx --for calc "{path}",再打开。'
        ),
        "not_saved": (
            "{name} 已保存,但公式中的函数名只有 LibreOffice 能识别:{fault} "
            '若要在 Excel 中使用,请运行 receivables fix-xlsx --for excel "{path}"。'
        ),
    },
}


def heard(context, event, methods):
    """Do what an event of a spreadsheet document asks for; `methods` is the list in the extension."""
    document = event.get("Model")
    if document is None or not document.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
        return
    windows, names = Windows(context), our_names(methods)
    if event["EventName"] in ARRIVALS:
        arrived(windows, document, names)
    if event["EventName"] == "OnUnload":
        DAYS.leave(document)
    job = JOBS.get(event["EventName"])
    if job is not None and is_excel_file(document):
        job(windows, document, names)


def arrived(windows, document, names):
    """Calculate again what may have been calculated before it was known from which day the workbook counts."""
    before = DAYS.known
    DAYS.arrive(document)
    now = DAYS.look(windows.context)
    if (now or before) and uses_ours(document, names):
        with untouched(document):
            document.calculateAll()
    if now == MIXED != before and any(uses_ours(book, names) for book in DAYS.arrived):
        tell(windows, "mixed", name=document.Title)


def loaded(windows, document, names):
    """Enter again what Calc did not understand."""
    with contextlib.suppress(
        rewrite.RewriteError, OSError
    ):  # a file with a password is looked through
        if not rewrite.mentions(Path(path_of(document)), names):
            return
    done = Reentry(document, names).run()
    if done.left:
        tell(windows, "left", count=done.left, path=path_of(document))


def saved(windows, document, names):
    """Put plain names into the file that was just written; if that fails it stays as it was written."""
    path = path_of(document)
    try:
        rewrite.rewrite_in_place(Path(path), names, rewrite.EXCEL)
    except Exception as fault:  # noqa: BLE001 - whatever it is, the user's file is saved and must not be lost sight of
        if uses_ours(document, names):
            tell(windows, "not_saved", name=Path(path).name, fault=fault, path=path)


ARRIVALS = {"OnNew", "OnLoadFinished"}
JOBS = {"OnLoadFinished": loaded, "OnSaveDone": saved, "OnSaveAsDone": saved}


def our_names(methods):
    """The functions of `functions.json` under both names."""
    return rewrite.Names({SERVICE + method.upper(): name for method, (name, _) in methods.items()})


def is_excel_file(document):
    """Whether a document lies in a file of Excel's kind on this machine."""
    given = {item.Name: item.Value for item in document.getArgs()}
    return given.get("FilterName") in EXCEL_FILES and document.getURL().startswith("file:")


def path_of(document):
    """The file of a document."""
    return uno.fileUrlToSystemPath(document.getURL())


def tell(windows, key, **values):
    """One message in the language of the office."""
    language = "zh" if windows.language().startswith("zh") else "en"
    windows.tell(TEXTS[language][key].format(**values))
