"""Hostile data and hostile templates: nothing leaves the folder, nothing runs, no header is forged."""

from __future__ import annotations

import email
import email.policy
import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html

from receivables.errors import BadValueError
from receivables.respond.letters.check import check_templates, require_templates
from receivables.respond.letters.docx import Letterhead
from receivables.respond.letters.eml import message
from receivables.respond.letters.environment import TemplateFaultError, Templates
from receivables.respond.letters.letter import Item, Letter
from receivables.respond.letters.plain import clean, email_fault, file_stem
from receivables.respond.letters.render import Renderer, file_name, refusals, write
from receivables.respond.letters.sample import sample
from receivables.respond.letters.wording import Composer

HOSTILE = (
    "../../../../etc/passwd", "a/b\\c", "..", "CON", "C:\\x", "one\r\nBcc: evil@example.org",
    "one\ntwo", '=cmd|"/c calc"!A1', "+1+1", "@SUM(A1)", "{{7*7}}", "{% for x in y %}",
    "{{ ''.__class__ }}", "{#", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>',
    "abc\u202efdp.exe", "\u2066x\u2069", "😀 emoji 🏭", "n" * 300, "\x00\x01table:items\x02",
    "]]>", "&amp; &lt;", "#eval(1)", "*bold* _it_ `raw` $x$ @label", "\ud800", "\u202e", "ﷺ",
    "\x03strong\x04", "{_{ x }_}", "<w:p/>", "\ufeff", "a\u2028b",
)  # fmt: skip
COMPOSER = Composer()
FORMS = ("eml", "docx", "pdf", "html", "txt")


def hostile(text: str, language: str = "en") -> Letter:
    """A letter with the text wherever a ledger can put one."""
    letter = sample(language, "dunning", "final")
    item = replace(letter.items[0], document_no=text, reference=text)
    assert isinstance(item, Item)
    return replace(
        letter,
        letter_id=f"L-{text}",
        items=(item, *letter.items[1:]),
        disputed=(replace(letter.disputed[0], reason=text),),
        customer=replace(
            letter.customer,
            customer_id=text,
            name=text or "x",
            address=(text, "Town"),
            contact=text,
        ),
        notices=(text,),
    )


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(FORMS)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text)[:30])
def test_hostile_text_stays_text(text: str, renderer: Renderer, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    letter = hostile(text)
    made = renderer.render(letter, out)
    if not clean(text):
        assert made.refusals
        assert not made.files
        return
    assert [one.form for one in made.refusals] == []
    assert {path.suffix for path in made.files} == {".eml", ".docx", ".pdf", ".html", ".txt"}
    assert all(path.parent == out for path in made.files)
    assert sorted(tmp_path.rglob("*")) == sorted([out, *made.files])
    check_page((out / file_name(letter, "html")).read_text(encoding="utf-8"), text)
    check_word((out / file_name(letter, "docx")).read_bytes(), text)
    check_mail((out / file_name(letter, "eml")).read_bytes())
    assert len(pypdf.PdfReader(out / file_name(letter, "pdf")).pages) >= 1


def check_page(page: str, text: str) -> None:
    tree = html.document_fromstring(page)
    assert not tree.xpath("//script | //img | //iframe | //form | //*[@onerror]")
    assert clean(text).split()[0] in " ".join(tree.text_content().split())


def check_word(content: bytes, text: str) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert book.testzip() is None
        for name in book.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(book.read(name))
        tree = etree.fromstring(book.read("word/document.xml"))
    words = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    shown = "".join(tree.itertext(f"{words}t"))
    assert clean(text) in shown
    assert not list(tree.iter(f"{words}instrText"))


def check_mail(content: bytes) -> None:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert message["To"].addresses[0].addr_spec == "ap@pennine.example"
    assert len(message["To"].addresses) == 1
    assert message["Bcc"] is None
    assert message["Cc"] is None
    assert message.defects == []
    assert sorted(message.keys()) == sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "Content-Language", "X-Unsent",
         "MIME-Version", "Content-Type"]
    )  # fmt: skip
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_any_text_gives_a_name_inside_the_folder(text: str) -> None:
    name = file_stem(text)
    assert name not in {"", ".", ".."}
    assert not set(name) & set('/\\:*?"<>|\0\r\n')
    assert not name.startswith(".")
    assert len(name.encode()) <= 100


@given(st.text(max_size=40), st.text(max_size=40))
def test_two_numbers_never_share_a_file(one: str, other: str) -> None:
    if one != other:
        assert file_stem(one) != file_stem(other)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80))
def test_any_name_gives_one_recipient(name: str) -> None:
    letter = sample("en", "dunning", "first")
    letter = replace(letter, customer=replace(letter.customer, name=f"{name}X"))
    check_mail(message(COMPOSER.compose(letter), "text", "<p>page</p>"))


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("a@b.co\r\nBcc: c@d.co", "a line break"),
        ("a@b.co\nc", "a line break"),
        ("a@b.co, c@d.co", "two addresses"),
        ("a@b.co;c@d.co", "two addresses"),
        ("", "there is none"),
        ("   ", "there is none"),
        ("nobody", "not an address"),
        ("a b@c.co", "not an address"),
        ("Name <a@b.co>", "not an address"),
        ("a@b", "not an address"),
        ("ä@b.co", "not an address"),
        ("a@b.co\x00", "a line break"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(
    address: str, why: str, renderer: Renderer, tmp_path: Path
) -> None:
    """The e-mail is refused with the reason; the other forms are made."""
    letter = sample("en", "dunning", "first")
    letter = replace(letter, customer=replace(letter.customer, email=address))
    made = renderer.render(letter, tmp_path)
    assert why in email_fault(address)
    assert [(one.form, why in one.message) for one in made.refusals] == [("eml", True)]
    assert "or make the letter as PDF" in made.refusals[0].message
    assert {path.suffix for path in made.files} == {".docx", ".pdf", ".html", ".txt"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"language": "tlh"}, "no letters in 'tlh'"),
        ({"currency": "CHF"}, "no bank account in CHF"),
        ({"customer": {"address": ()}}, "name or address is missing"),
        ({"customer": {"address": ("  ",)}}, "name or address is missing"),
        ({"customer": {"name": " "}}, "name or address is missing"),
        ({"sender": {"accounts": ()}}, "no bank account in GBP"),
        ({"sender": {"name": ""}}, "the sender has no name"),
        ({"customer": {"legal_form": "consumer"}}, "no wording for consumers"),
    ],
)
def test_a_letter_that_cannot_be_made_is_refused_whole(
    changes: dict[str, Any], why: str, renderer: Renderer, tmp_path: Path
) -> None:
    letter = sample("en", "dunning", "first")
    parts = {
        key: replace(getattr(letter, key), **value) if isinstance(value, dict) else value
        for key, value in changes.items()
    }
    made = renderer.render(replace(letter, **parts), tmp_path)
    assert made.files == ()
    assert list(tmp_path.iterdir()) == []
    assert why in made.refusals[0].message
    assert "customer 00123" in made.refusals[0].message
    assert made.refusals[0].message.endswith(".")


def test_an_individual_in_england_needs_the_enclosures(tmp_path: Path, renderer: Renderer) -> None:
    letter = sample("en", "dunning", "pre_legal")
    person = replace(letter, customer=replace(letter.customer, legal_form="sole_trader"))
    assert "names enclosures and there are none" in refusals(person)[0].message
    papers = tmp_path / "reply form.pdf"
    papers.write_bytes(b"%PDF-1.4 form")
    made = renderer.render(replace(person, enclosures=(papers,)), tmp_path)
    mail = email.message_from_bytes(
        next(path for path in made.files if path.suffix == ".eml").read_bytes(),
        policy=email.policy.default,
    )
    assert [one.get_filename() for one in mail.iter_attachments()][1].endswith(".pdf")
    assert b"%PDF-1.4 form" in [one.get_content() for one in mail.iter_attachments()]


def test_a_claim_in_insolvency_holds_everything_and_ends_its_interest() -> None:
    claim = sample("en", "proof_of_claim")
    assert refusals(claim) == []
    other = sample("en", "dunning", "final")
    assert "runs past 2026-10-12" in refusals(replace(claim, interest=other.interest))[0].message
    assert "every item as claimed" in refusals(replace(claim, disputed=other.disputed))[0].message


def test_change_of_terms_needs_no_account() -> None:
    letter = sample("en", "terms_change")
    assert refusals(replace(letter, sender=replace(letter.sender, accounts=()))) == []


def own(folder: Path, text: str, name: str = "en/first.j2") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


EVIL = {
    "class": ("subject: x\n\n{{ ''.__class__.__mro__ }}", 3, "is not offered"),
    "item": ('subject: x\n\n{{ ""["__class__"] }}', 3, "is not offered"),
    "format": ('subject: x\n\n{{ "{0.__class__}".format(1) }}', 3, "is not offered"),
    "globals": ("subject: x\n\n{{ self._TemplateReference__context }}", 3, "is not offered"),
    "cycler": ("subject: x\n\n{{ cycler.__init__.__globals__ }}", 3, "is unsafe"),
    "range": ("subject: x\n\n{% for a in range(9) %}{% endfor %}", 3, "not safely callable"),
    "endless": (
        ("subject: x\n{% for a in notices %}{% for b in words %}{% for c in words %}"
        "{% for d in words %}x{% endfor %}{% endfor %}{% endfor %}{% endfor %}"), 2, "more than",
    ),
    "recursion": ("subject: x\n{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", 2, "without end"),
    "doubling": (
        "subject: x\n{% set a = 'xxxxxxxxxx' %}" + "{% set a = a ~ a %}" * 40, 2, "a value of more",
    ),
    "block doubling": (
        "subject: x\n{% set a = 'xxxxxxxxxx' %}" + "{% set a %}{{ a }}{{ a }}{% endset %}" * 40, 2,
        "more than",
    ),
    "macro doubling": (
        "subject: x\n{% macro f(a) %}{{ a }}{{ a }}{% endmacro %}{{ "
        + "f(" * 30 + "'xxxxxxxxxx'" + ")" * 30 + " }}", 2, "more than",
    ),
    "power": ("subject: x\n\n{{ 9 ** 9 }}", 3, "do not calculate"),
    "repeat": ('subject: x\n\n{{ "x" * 999 }}', 3, "do not calculate"),
    "sum": ("subject: x\n\n\n{{ letter.no + 1 }}", 4, "do not calculate"),
    "pad": ("subject: x\n\n{{ 'x' | center(10) }}", 3, "No filter named 'center'"),
    "attr": ("subject: x\n\n{{ letter | attr('no') }}", 3, "No filter named 'attr'"),
    "include": ("subject: x\n\n{% include '../../../etc/passwd' %}", 3, "is missing"),
    "import": ("subject: x\n\n{% import 'os' as os %}", 3, "is missing"),
    "typo": ("subject: x\n\nDear {{ customer.nam }}", 3, "nam"),
    "unknown": ("subject: x\n\n{{ amount }}", 3, "'amount' is undefined"),
    "syntax": ("subject: x\n\n{% if %}", 3, "Expected an expression"),
    "table": ("subject: x\n\n{{ table('itms') }}", 3, "no table 'itms'; there are items"),
    "no subject": ("Dear all", 1, "begins with 'subject:'"),
    "table of a value": ("subject: x\n\n{{ table(customer.name) }}", 3, "in quotation marks"),
}  # fmt: skip


@pytest.mark.parametrize("case", EVIL)
def test_a_bad_template_names_file_line_and_cause(case: str, tmp_path: Path) -> None:
    text, line, cause = EVIL[case]
    folder = own(tmp_path, text)
    letter = replace(sample("en", "dunning", "first"), notices=tuple(f"n{n}" for n in range(90)))
    with pytest.raises(TemplateFaultError) as caught:
        Composer(folder).compose(letter)
    said = str(caught.value)
    assert cause in said
    if cause != "is missing":
        assert f"first.j2, line {line}" in said


@pytest.mark.parametrize("case", ["typo", "unknown", "syntax", "table", "no subject", "sum"])
def test_a_bad_template_stops_before_any_letter(case: str, tmp_path: Path) -> None:
    folder = own(tmp_path, EVIL[case][0])
    assert check_templates(folder, ["en"], ["eml"])
    assert check_templates(folder, ["de"], ["eml"]) == []
    with pytest.raises(TemplateFaultError, match=r"first\.j2, line"):
        require_templates(folder, ["en"], ["eml"])


def test_a_variable_in_a_branch_that_is_not_taken_is_found(tmp_path: Path) -> None:
    folder = own(tmp_path, "subject: x\n\n{% if false %}\n{{ total.sum }}\n{% endif %}")
    assert "line 4: 'total.sum' is not a variable" in check_templates(folder, ["en"], [])[0]


def test_a_fact_of_another_kind_is_found(tmp_path: Path) -> None:
    folder = own(tmp_path, "subject: x\n\n{% if false %}{{ fact.case_no }}{% endif %}")
    assert "'fact.case_no' is not a variable" in check_templates(folder, ["en"], [])[0]


def test_a_block_that_nobody_prints_is_found(tmp_path: Path) -> None:
    text = '{% extends "en/base.j2" %}{% block subject %}x{% endblock %}{% block boddy %}{% endblock %}'
    assert "no block 'boddy'" in check_templates(own(tmp_path, text), ["en"], [])[0]


def test_an_amount_in_a_subject_is_found(tmp_path: Path) -> None:
    text = '{% extends "en/base.j2" %}{% block subject %}Pay {{ total.payable }}{% endblock %}'
    assert "stands in the subject" in check_templates(own(tmp_path, text), ["en"], [])[0]


def test_own_templates_stand_before_ours(tmp_path: Path, monkeypatch: Any) -> None:
    text = "subject: Ours {{ letter.no }}\n\nHello {{ customer.name }}."
    letter = sample("en", "dunning", "first")
    assert Composer(own(tmp_path, text)).compose(letter).subject == "Ours NH-2026-003"
    home = own(tmp_path / "home" / "templates" / "letters", text.replace("Ours", "Home"))
    monkeypatch.setenv("RECEIVABLES_HOME", str(home.parent.parent))
    assert Composer().compose(letter).subject == "Home NH-2026-003"
    assert Composer().compose(replace(letter, stage="final")).subject.startswith("Final notice")


def test_a_broken_layout_is_named(tmp_path: Path) -> None:
    own(tmp_path, "<p>{{ blocs }}</p>", "letter.html.j2")
    assert (
        "letter.html.j2, line 1: 'blocs' is undefined"
        in check_templates(tmp_path, ["en"], ["eml"])[0]
    )


def test_a_broken_print_layout_is_named(tmp_path: Path) -> None:
    own(tmp_path, "#let x = \n#unknown()\n", "letter.typ")
    assert "letter.typ" in check_templates(tmp_path, ["en"], ["pdf"])[0]


def test_a_letterhead_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "letterhead.docx").write_bytes(b"not a zip")
    with pytest.raises(TemplateFaultError, match="not a Word file"):
        Letterhead(Templates(tmp_path))


def test_values_cannot_forge_marks() -> None:
    letter = sample("en", "dunning", "first")
    name = "A\x01table:bank\x02B\n\n\x01mark:cut\x02"
    made = Composer().compose(replace(letter, customer=replace(letter.customer, name=name)))
    assert made.view["customer"]["name"] == "Atable:bankB mark:cut"
    plain = Composer().compose(letter)
    assert len(made.blocks) == len(plain.blocks)


def test_no_file_outside_its_folder(tmp_path: Path) -> None:
    for name in ("../x", "a/b", "", "..", "a\\b"):
        with pytest.raises(BadValueError, match="would leave the folder"):
            write(tmp_path, name, b"")
