"""Each form of a letter read back by somebody else's program: e-mail, Word, PDF, print."""

from __future__ import annotations

import email
import email.policy
import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx
import pypdf
import pytest

from receivables.errors import BadValueError, NotAvailableError
from receivables.resources import asset_path
from receivables.respond.letters import letterhead
from receivables.respond.letters.docx import Letterhead
from receivables.respond.letters.environment import TemplateFaultError, Templates
from receivables.respond.letters.letter import LANGUAGES, STAGES, Letter
from receivables.respond.letters.pdf import Printer, families
from receivables.respond.letters.print_batch import print_batch
from receivables.respond.letters.render import Renderer, render_many
from receivables.respond.letters.sample import every_sample, long_sample, sample
from receivables.respond.letters.text import as_text
from receivables.respond.letters.wording import Composer
from receivables.respond.letters.workers import CHUNK

COMPOSER = Composer()


@pytest.fixture(scope="module")
def head() -> Letterhead:
    return Letterhead(Templates())


@pytest.fixture(scope="module")
def printer() -> Printer:
    return Printer(Templates())


def squeezed(text: str) -> str:
    """Without blanks: programs break lines where they like."""
    return "".join(text.split()).replace("\u00ad", "")


def pdf_text(content: bytes) -> str:
    return squeezed(
        "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    )


def word_text(content: bytes) -> str:
    """Paragraphs, tables, headers and footers as python-docx reads them."""
    document = docx.Document(io.BytesIO(content))
    pieces = [
        "".join(node.itertext())
        for node in document.element.body.iter()
        if node.tag.endswith("}t")
    ]
    section = document.sections[0]
    for part in (section.header, section.footer):
        pieces += [paragraph.text for paragraph in part.paragraphs]
    return squeezed("".join(pieces))


def facts(letter: Letter) -> list[str]:
    """What each form must show, in the reader's own spelling."""
    made = COMPOSER.compose(letter)
    shown = [made.subject, letter.sender.name, letter.letter_id, made.view["letter"]["date"]]
    shown += [letter.customer.name, *letter.customer.address]
    for block in made.blocks:
        if hasattr(block, "rows"):
            shown += [cell for row in (block.headings, *block.rows, block.total) for cell in row]
        elif hasattr(block, "runs"):
            shown.append(block.text)
    return [squeezed(one) for one in shown if one]


CASES = [
    pytest.param(one, id=f"{one.language}-{one.wording}")
    for one in every_sample()
    if one.stage in {"reminder", "final"} or one.kind in {"balance_confirmation", "plan_offer"}
]


@pytest.mark.parametrize("letter", CASES)
def test_word_file_shows_the_letter(letter: Letter, head: Letterhead) -> None:
    content = head.fill(COMPOSER.compose(letter))
    shown = word_text(content)
    assert [one for one in facts(letter) if one not in shown] == []
    assert "{{" not in shown


@pytest.mark.parametrize("letter", CASES)
def test_pdf_shows_the_letter_with_its_fonts(letter: Letter, printer: Printer) -> None:
    content = printer.one(COMPOSER.compose(letter))
    shown = pdf_text(content)
    # A line break inside a word splits no text; a hyphen of the layout may stand in it.
    gone = [one for one in facts(letter) if one not in shown and one not in shown.replace("-", "")]
    assert [one for one in gone if one.replace("-", "") not in shown.replace("-", "")] == []
    for page in pypdf.PdfReader(io.BytesIO(content)).pages:
        for font in page["/Resources"]["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            described = inner["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(described), "a font is not embedded"


@pytest.mark.parametrize("language", LANGUAGES)
def test_e_mail_is_a_draft_in_two_alternatives(language: str, tmp_path: Path) -> None:
    letter = sample(language, "dunning", "first")
    made = Renderer(["eml"]).render(letter, tmp_path)
    message = email.message_from_bytes(made.files[0].read_bytes(), policy=email.policy.default)
    assert message.defects == []
    assert message.get_content_type() == "multipart/alternative"
    assert message["X-Unsent"] == "1"
    assert message["Subject"] == COMPOSER.compose(letter).subject
    assert message["From"].addresses[0].display_name == letter.sender.name
    assert message["From"].addresses[0].addr_spec == letter.sender.email
    assert message["To"].addresses[0].addr_spec == letter.customer.email
    assert message["Date"].datetime.date() == date(2026, 11, 2)
    plain, page = message.iter_parts()
    assert plain.get_content_type(), page.get_content_type() == ("text/plain", "text/html")
    wanted = as_text(COMPOSER.compose(letter))
    assert plain.get_content().replace("\r\n", "\n").strip() == wanted.strip()
    shown = squeezed(page.get_content())
    assert squeezed(letter.items[0].document_no) in shown
    assert f'lang="{language}"' in page.get_content()


def test_the_pdf_goes_along_with_the_e_mail(tmp_path: Path) -> None:
    letter = sample("fr", "dunning", "final")
    made = Renderer(["eml", "pdf"]).render(letter, tmp_path)
    mail = next(path for path in made.files if path.suffix == ".eml")
    message = email.message_from_bytes(mail.read_bytes(), policy=email.policy.default)
    attached = list(message.iter_attachments())
    assert [one.get_content_type() for one in attached] == ["application/pdf"]
    assert attached[0].get_filename() == "RP-2026-005.pdf"
    assert attached[0].get_content() == (tmp_path / "RP-2026-005.pdf").read_bytes()
    alone = Renderer(["eml", "pdf"], attach_pdf=False).render(
        letter, tmp_path / ".." / tmp_path.name
    )
    assert (
        b"application/pdf" not in next(p for p in alone.files if p.suffix == ".eml").read_bytes()
    )


def test_the_same_letter_gives_the_same_bytes(tmp_path: Path) -> None:
    """A journal keeps the hash of what was sent."""
    letter = sample("de", "dunning", "formal")
    first, again = tmp_path / "1", tmp_path / "2"
    for folder in (first, again):
        folder.mkdir()
        Renderer(["eml", "docx", "pdf", "html", "txt"]).render(letter, folder)
    names = sorted(path.name for path in first.iterdir())
    assert len(names) == 5
    assert [(first / n).read_bytes() == (again / n).read_bytes() for n in names] == [True] * 5


def test_long_tables_repeat_their_headings(printer: Printer, head: Letterhead) -> None:
    letter = long_sample("en", 120)
    reader = pypdf.PdfReader(io.BytesIO(printer.one(COMPOSER.compose(letter))))
    pages = [squeezed(page.extract_text()) for page in reader.pages]
    assert len(pages) >= 3
    with_rows = [page for page in pages if "R-2600" in page]
    assert all("Daysoverdue" in page for page in with_rows)
    assert all(f"/{len(pages)}" in page for page in pages)
    assert sum(page.count("PO-7") for page in pages) >= 120
    with zipfile.ZipFile(io.BytesIO(head.fill(COMPOSER.compose(letter)))) as book:
        body = book.read("word/document.xml").decode()
    assert body.count("<w:tblHeader/>") >= 2


def test_files_open_in_an_office(head: Letterhead, tmp_path: Path) -> None:
    """LibreOffice reads what we wrote and shows it on paper."""
    letters = [sample("zh-CN", "dunning", "final"), sample("de", "balance_confirmation")]
    for letter in letters:
        path = tmp_path / f"{letter.letter_id}.docx"
        path.write_bytes(head.fill(COMPOSER.compose(letter)))
    profile = (tmp_path / "profile").as_uri()
    office = shutil.which("soffice")
    assert office, "LibreOffice is needed: make test installs it"
    subprocess.run(
        [office, f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf",
         "--outdir", str(tmp_path), *(str(path) for path in tmp_path.glob("*.docx"))],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    for letter in letters:
        shown = pdf_text((tmp_path / f"{letter.letter_id}.pdf").read_bytes())
        missing = [one for one in facts(letter) if one not in shown and len(one) < 40]
        assert missing == []


def test_our_letterhead_is_the_one_its_builder_makes() -> None:
    assert asset_path("templates", "letters/letterhead.docx").read_bytes() == letterhead.build()


def test_fast_way_equals_docxtpl(head: Letterhead, tmp_path: Path) -> None:
    """The same parts and the same text as docxtpl makes of the same letterhead."""
    slow = Letterhead(Templates())
    slow.slow = True
    for letter in (sample("en", "dunning", "final"), sample("zh-CN", "balance_confirmation")):
        made = COMPOSER.compose(letter)
        assert word_text(head.fill(made)) == word_text(slow.fill(made))


def test_a_letterhead_with_tags_of_docxtpl_takes_its_way(tmp_path: Path) -> None:
    own = docx.Document(io.BytesIO(letterhead.build()))
    table = own.add_table(rows=1, cols=1)
    table.rows[0].cells[0].text = "{% cellbg 'FFEEDD' %}{{ customer.id }}"
    own.save(tmp_path / "letterhead.docx")
    made = Letterhead(Templates(tmp_path))
    assert made.slow
    content = made.fill(COMPOSER.compose(sample("en", "dunning", "first")))
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert b'w:fill="FFEEDD"' in book.read("word/document.xml")


def test_a_letterhead_without_a_place_or_styles_is_refused(tmp_path: Path) -> None:
    docx.Document().save(tmp_path / "letterhead.docx")
    with pytest.raises(TemplateFaultError, match=r"no paragraph \{\{p letter_body \}\}"):
        Letterhead(Templates(tmp_path))
    bare = docx.Document()
    bare.add_paragraph("{{p letter_body }}")
    bare.save(tmp_path / "letterhead.docx")
    with pytest.raises(TemplateFaultError, match=r"the styles LetterText, .* are missing"):
        Letterhead(Templates(tmp_path))


def test_chinese_needs_a_chinese_font() -> None:
    assert families("Rechnung", ["Arial"]) == ["Arial"]
    assert families("发票", ["Arial", "simsun"]) == ["Arial", "simsun"]
    with pytest.raises(NotAvailableError, match="Install one of Noto Sans CJK SC"):
        families("Rechnung 发票", ["Arial"])


def test_print_batch_by_language_with_a_list(tmp_path: Path) -> None:
    letters = [sample(language, "dunning", stage) for stage in STAGES for language in ("de", "en")]
    bad = replace(letters[0], letter_id="BAD", currency="CHF")
    made = list(print_batch([*letters, bad], tmp_path, batch=4))
    assert [(one.file.name, len(one.letter_ids)) for one in made] == [
        ("print-de-001.pdf", 4), ("print-en-001.pdf", 4),
        ("print-en-002.pdf", 2), ("print-de-002.pdf", 2),
    ] or sorted((one.file.name, len(one.letter_ids)) for one in made) == [
        ("print-de-001.pdf", 4), ("print-de-002.pdf", 2),
        ("print-en-001.pdf", 4), ("print-en-002.pdf", 2),
    ]  # fmt: skip
    assert [one.letter_id for printed in made for one in printed.refusals] == ["BAD"]
    ids = [one for printed in made for one in printed.letter_ids]
    assert sorted(ids) == sorted(letter.letter_id for letter in letters)
    reader = pypdf.PdfReader(made[0].file)
    cover = squeezed(reader.pages[0].extract_text())
    for number in made[0].letter_ids:
        assert number in cover
    second = squeezed(reader.pages[1].extract_text())
    assert made[0].letter_ids[0] in second
    assert "Seite1/" in second


def test_many_letters_in_their_order(tmp_path: Path) -> None:
    seen: list[int] = []
    letters = (replace(sample("es", "dunning", "first"), letter_id=f"L{n:03d}") for n in range(30))
    made = list(render_many(letters, ["docx", "txt"], tmp_path, seen.append, workers=3))
    assert [one.letter_id for one in made] == [f"L{n:03d}" for n in range(30)]
    assert seen == list(range(1, 31))
    assert len(list(tmp_path.iterdir())) == 60


def test_letters_are_taken_one_by_one(tmp_path: Path) -> None:
    """A million letters are never held: only a few are read ahead."""
    taken = 0

    def source() -> object:
        nonlocal taken
        for number in range(10_000):
            taken += 1
            yield replace(sample("en", "dunning", "first"), letter_id=f"L{number}")

    for workers in (1, 2):
        taken = 0
        made = render_many(source(), ["txt"], tmp_path / str(workers), workers=workers)
        next(made)
        made.close()
        assert taken <= (10 if workers == 1 else 4 * CHUNK)


def test_no_half_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between writing and moving: nothing of the letter's name is there."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", killed)
    with pytest.raises(KeyboardInterrupt):
        Renderer(["txt"]).render(sample("en", "dunning", "first"), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".NH-2026-003.txt.part"]


def test_unknown_forms_are_refused() -> None:
    with pytest.raises(BadValueError, match="no form 'fax': give some of eml"):
        Renderer(["pdf", "fax"])
    with pytest.raises(BadValueError, match="give some of"):
        Renderer([])
