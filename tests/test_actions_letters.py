"""The buttons for letters: on files, in a fake Excel, with a fake Outlook."""

import csv
import sys
import webbrowser
from datetime import date

import pytest
from typer.testing import CliRunner

from receivables.actions import find_action
from receivables.actions.file_host import FileHost
from receivables.cli import app as cli
from receivables.errors import BadValueError
from tests.fake_workbook import App, Book, excel
from tests.test_actions import save
from tests.xlwings_fake.excel import ComObject, com_date

BOOKS = {
    "Customers": [
        ["customer_id", "name", "address", "email", "language", "country"],
        ["00123", "Müller & Söhne GmbH", "Kai 1\n20457 Hamburg", "ar@mueller.example.com", "de", "DE"],
        ["00125", "Harrowgate Ltd", "1 High Street\nLeeds", "ar@harrowgate.example.com", "en", "GB"],
        ["00126", "Nobody Ltd", "", "", "en", "GB"],
    ],
    "Documents": [
        ["document_no", "customer_id", "kind", "issued_on", "due_on", "currency", "amount"],
        ["R1", "00123", "invoice", "2026-09-01", "2026-10-01", "EUR", 1234.56],
        ["R2", "00125", "invoice", "2026-09-01", "2026-10-05", "EUR", 99],
        ["R3", "00126", "invoice", "2026-09-01", "2026-10-05", "EUR", 77],
        ["R4", "00126", "invoice", "2026-10-30", "2026-12-05", "EUR", 1],
    ],
    "Companies": [
        ["name", "address", "country", "email"],
        ["Hansen GmbH", "Speicherkai 7\n20457 Hamburg", "DE", "ar@hansen.example.com"],
    ],
    "BankAccounts": [["bank", "account"], ["Kontorbank", "DE89 3704 0044 0532 0130 00"]],
}  # fmt: skip
DAY = {"as_of": "2026-10-31"}


@pytest.fixture
def ledger(tmp_path):
    return save(tmp_path / "ledger.xlsx", BOOKS)


def do(name, path, **choices):
    tables = {}
    host = FileHost(path, show=lambda title, rows: tables.setdefault(title, rows) and title)
    return find_action(name).run(host, DAY | choices), tables


def files(folder):
    return sorted(path.suffix for path in folder.iterdir() if path.is_file())


def test_plan_shows_letters_and_why_not_and_writes_nothing(ledger):
    report, tables = do("letters_plan", ledger)
    assert report.line.startswith("ledger.xlsx: 2 letters are due as of 2026-10-31, 1 overdue")
    headings, *rows = tables["Letters as of 2026-10-31"]
    shown = [dict(zip(headings, row, strict=True)) for row in rows]
    assert [(row["Customer"], row["Overdue"], row["Why not"]) for row in shown] == [
        ("00123", 1234.56, ""), ("00125", 99.0, ""), ("00126", 77.0, "no postal address"),
    ]  # fmt: skip
    assert [path.name for path in ledger.parent.iterdir()] == ["ledger.xlsx"]


def test_preview_writes_pages_and_journals_nothing(ledger, monkeypatch):
    monkeypatch.setattr(webbrowser, "open", lambda _url: pytest.fail("the command line has no screen"))  # fmt: skip
    report, _ = do("letters_preview", ledger)
    page = ledger.with_name("ledger letters preview 2026-10-31") / "index.html"
    assert report.changed == (page,)
    assert "Harrowgate Ltd" in page.read_text(encoding="utf-8")
    assert len(list((page.parent / "letters").iterdir())) == 2
    assert not ledger.with_name("ledger.xlsx.receivables").exists()


def test_make_makes_them_once_and_says_where(ledger):
    report, tables = do("letters_make", ledger, formats="eml, txt", at="2026-11-02T09:00", by="Chen")  # fmt: skip
    folder = ledger.with_name("ledger letters 2026-10-31")
    assert report.changed == (folder,)
    assert report.line.startswith(f"2 letters made in {folder}, 0 refused.")
    assert files(folder) == [".eml", ".eml", ".txt", ".txt"]
    rows = tables["Letters made"][1:]
    assert {row[1] for row in rows} == {"00123", "00125"}
    assert all(row[4].count(",") == 1 for row in rows)
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    again, tables = do("letters_make", ledger, formats="eml,txt")
    assert again.line.startswith("No letters to make as of 2026-10-31")
    assert (again.changed, tables) == ((), {})
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    with (ledger.with_name("ledger.xlsx.receivables") / "letters" / "letters.csv").open(encoding="utf-8-sig") as stream:  # fmt: skip
        last = {row["letter_id"]: row for row in csv.DictReader(stream)}
    assert {(row["state"], row["approved_by"], row["sent_at"]) for row in last.values()} == {("issued", "Chen", "2026-11-02T09:00")}  # fmt: skip


def test_the_command_line_presses_the_same_buttons(ledger):
    told = CliRunner().invoke(cli, ["do", "letters-make", str(ledger), "--as-of", "2026-10-31", "--out", str(ledger.parent / "o")])  # fmt: skip
    assert told.exit_code == 0, told.output
    assert files(ledger.parent / "o") == [".docx", ".docx", ".eml", ".eml", ".pdf", ".pdf"]


def test_an_unknown_form_is_refused_before_anything_is_made(ledger):
    with pytest.raises(BadValueError, match="fax"):
        do("letters_make", ledger, formats="fax")
    assert not ledger.with_name("ledger letters 2026-10-31").exists()


class AskedApp(App):
    """An Excel whose user answers one question after the other."""

    def InputBox(self, **given):  # noqa: N802
        self.asked.append(given)
        return self.answer.pop(0)


def workbook(app, tmp_path):
    book = Book(app, "ledger.xlsx", str(tmp_path))
    book.sheet("Settings").put("A1", ("name", "value"), ("as_of", com_date(date(2026, 10, 31))))
    return book


def test_the_ribbon_asks_once_and_makes(ledger):
    app = AskedApp(["2026-10-31", "txt"])
    with excel(workbook(app, ledger.parent)) as press:
        line = press("letters_make")
    assert line.startswith("2 letters made in ")
    assert [each["Default"] for each in app.asked] == ["2026-10-31", "eml,docx,pdf"]
    assert files(ledger.with_name("ledger letters 2026-10-31")) == [".txt", ".txt"]
    assert len(app.Workbooks.added) == 1


def test_giving_up_makes_nothing(ledger):
    with excel(workbook(AskedApp([False]), ledger.parent)) as press:
        assert press("letters_make").startswith("Nothing was made")
    assert [path.name for path in ledger.parent.iterdir()] == ["ledger.xlsx"]


def test_the_preview_opens_in_the_browser_of_the_user(ledger, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    with excel(workbook(App(), ledger.parent)) as press:
        assert press("letters_preview").startswith("ledger letters preview 2026-10-31: 2 letters")
    [url] = opened
    assert url.startswith("file://")
    assert url.endswith("/ledger%20letters%20preview%202026-10-31/index.html")


class Mail(ComObject):
    """A mail item: what our code sets and calls, and no other; it has no Send."""

    def __init__(self, kept):
        super().__init__(To="", Subject="", HTMLBody="", kept=kept, files=[])
        self.Attachments = self

    def Add(self, path):  # noqa: N802
        with open(path, "rb") as stream:  # noqa: PTH123 - Outlook takes a plain path
            self.files.append((path, stream.read()))

    def Save(self):  # noqa: N802
        self.kept.append(self)


def outlook(monkeypatch, kept):
    def dispatch(name):
        assert name == "Outlook.Application"
        return ComObject(CreateItem=lambda kind: Mail(kept) if kind == 0 else None)

    monkeypatch.setattr(sys.modules["win32com.client"], "Dispatch", dispatch, raising=False)


def test_drafts_are_saved_in_outlook_once(ledger, monkeypatch):
    do("letters_make", ledger, formats="eml,pdf")
    kept = []
    with excel(workbook(App(), ledger.parent)) as press:
        outlook(monkeypatch, kept)
        assert press("letters_drafts").startswith("2 drafts saved in Outlook, 0 were there already.")  # fmt: skip
        assert press("letters_drafts").startswith("0 drafts saved in Outlook, 2 were there already.")  # fmt: skip
    by_person = {mail.To: mail for mail in kept}
    assert len(kept) == 2
    mail = next(mail for to, mail in by_person.items() if "ar@mueller.example.com" in to)
    assert "1.234,56" in mail.HTMLBody.replace("\N{NO-BREAK SPACE}", " ")
    assert mail.Subject
    [(path, content)] = mail.files
    assert path.endswith(".pdf")
    assert content.startswith(b"%PDF")
    log = (ledger.with_name("ledger.xlsx.receivables") / "letters" / "drafts.csv").read_text("utf-8")  # fmt: skip
    assert len(log.splitlines()) == 2


def test_an_e_mail_that_was_changed_is_no_draft(ledger, monkeypatch):
    do("letters_make", ledger, formats="eml")
    one, _ = sorted(ledger.with_name("ledger letters 2026-10-31").glob("*.eml"))
    one.write_bytes(b"To: thief@example.com\n\nother bank")
    kept = []
    with excel(workbook(App(), ledger.parent)) as press:
        outlook(monkeypatch, kept)
        line = press("letters_drafts")
    assert len(kept) == 1
    assert f"Without an e-mail file: {one.stem}." in line


def test_elsewhere_it_says_where_the_mails_are(ledger):
    assert "make them first" in do("letters_drafts", ledger)[0].line
    do("letters_make", ledger, formats="eml")
    report, _ = do("letters_drafts", ledger)
    assert "There is no Outlook here" in report.line
    assert "ledger letters 2026-10-31" in report.line
    with excel(workbook(App(), ledger.parent)) as press:
        assert "There is no Outlook here" in press("letters_drafts")


def test_letters_stay_apart_from_drafts_of_another_day(ledger):
    do("letters_make", ledger, formats="eml")
    report, _ = do("letters_drafts", ledger, as_of="2026-11-30")
    assert "make them first" in report.line
