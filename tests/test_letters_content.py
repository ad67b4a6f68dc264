"""What every letter must hold, in every language; amounts and dates as Babel writes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from babel.dates import format_date
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from receivables import money
from receivables.errors import BadValueError
from receivables.resources import data_rows
from receivables.respond.letters.check import check_templates
from receivables.respond.letters.letter import KINDS, LANGUAGES, STAGES, Item, Letter, Recipient
from receivables.respond.letters.locale import language_of, locale
from receivables.respond.letters.notices import CONDITIONS, notices
from receivables.respond.letters.sample import every_sample, sample
from receivables.respond.letters.tables import DEMANDING, tables, words
from receivables.respond.letters.text import as_text
from receivables.respond.letters.wording import Composed, Composer, Paragraph

LETTERS = [pytest.param(one, id=f"{one.language}-{one.wording}") for one in every_sample()]
DUNNING = [
    pytest.param(sample(language, "dunning", stage), id=f"{language}-{stage}")
    for language in LANGUAGES
    for stage in STAGES
]


@cache
def composer() -> Composer:
    return Composer()


def composed(letter: Letter) -> Composed:
    return composer().compose(letter)


def text(letter: Letter) -> str:
    return as_text(composed(letter))


def prose(letter: Letter) -> str:
    """Its sentences, without tables, on one line with plain blanks."""
    paragraphs = [b.text for b in composed(letter).blocks if isinstance(b, Paragraph)]
    return " ".join(paragraphs).replace("\u00a0", " ")


@pytest.mark.parametrize("letter", LETTERS)
def test_a_letter_names_its_number_sender_and_customer(letter: Letter) -> None:
    made = composed(letter)
    assert letter.letter_id in made.subject
    assert made.view["customer"]["name"] == letter.customer.name
    assert letter.sender.name in text(letter)
    assert letter.sender.contact in prose(letter)
    assert letter.sender.data_protection in prose(letter)
    assert "{" not in text(letter)
    assert "[" not in prose(letter).replace("[   ]", "")


@pytest.mark.parametrize("letter", LETTERS)
def test_no_amount_stands_in_a_subject(letter: Letter) -> None:
    subject = composed(letter).subject
    names = locale(letter.language)
    for minor in (letter.payable, letter.overdue, letter.balance):
        assert names.amount(minor, letter.currency) not in subject


@pytest.mark.parametrize("letter", DUNNING)
def test_a_dunning_letter_holds_what_it_must(letter: Letter) -> None:
    """domain §3.11: item table, credits, dispute, deadline, bank, fraud note, cut-off."""
    names, shown, said = locale(letter.language), text(letter), prose(letter)
    for item in letter.items:
        for part in (
            item.document_no,
            item.reference,
            names.table_day(item.issued_on),
            names.table_day(item.due_on),
            names.amount(item.original, letter.currency),
            names.amount(item.open, letter.currency),
        ):
            assert part in shown, part
        if item.paid or item.credited:
            assert names.amount(item.paid + item.credited, letter.currency) in shown
        if item.days_overdue:
            assert str(item.days_overdue) in shown
    account = letter.sender.accounts[0]
    for part in (account.account, account.bank, letter.letter_id, letter.credits[0].document_no):
        assert part in shown
    assert names.money_of(letter.payable, letter.currency) in shown
    assert names.day(letter.cut_off).replace("\u00a0", " ") in said
    assert letter.sender.dispute_email in said
    if letter.pay_by:
        assert names.day(letter.pay_by).replace("\u00a0", " ") in said
    assert tables(letter)["bank"].rows


@pytest.mark.parametrize("letter", [p for p in DUNNING if "pre_due" not in str(p.id)])
def test_disputed_and_not_due_items_stand_apart(letter: Letter) -> None:
    """They have tables of their own and no part in what is demanded."""
    made = tables(letter)
    demanded = {row[0] for row in made["items"].rows}
    assert demanded.isdisjoint(row[0] for row in made["disputed"].rows)
    assert demanded.isdisjoint(row[0] for row in made["not_due"].rows)
    without = replace(letter, disputed=(), not_due=())
    assert without.payable == letter.payable
    assert letter.disputed[0].reason in text(letter)
    assert words(letter.language)["disputed"] in text(letter)


@pytest.mark.parametrize("letter", DUNNING)
def test_interest_names_rate_basis_and_days(letter: Letter) -> None:
    said = prose(letter)
    if letter.interest is None:
        assert words(letter.language)["interest"] not in text(letter)
        return
    names = locale(letter.language)
    for part in (letter.interest.rate, letter.interest.basis):
        assert part in said
    for day in (letter.interest.from_on, letter.interest.to_on):
        assert names.day(day).replace("\u00a0", " ") in said


THREATS = {
    "en": ("blacklist", "police", "criminal", "press release", "we will sue", "bailiff"),
    "zh-CN": ("黑名单", "报警", "曝光", "刑事", "失信被执行人", "您"),
    "de": ("Anzeige", "Polizei", "Schufa", "strafbar", "Gerichtsvollzieher"),
    "fr": ("liste noire", "police", "pénale", "huissier", "presse"),
    "es": ("lista negra", "policía", "penal ", "morosos", "prensa"),
}


@pytest.mark.parametrize("letter", LETTERS)
def test_letters_do_not_threaten(letter: Letter) -> None:
    """No crime, press or blacklist (domain §3.11, pitfalls); Chinese never says 您."""
    said = f"{composed(letter).subject} {prose(letter)}".casefold()
    assert [word for word in THREATS[letter.language] if word.casefold() in said] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_legal_steps_are_possible_not_announced(language: str) -> None:
    """A letter before action says what may happen, and offers to talk."""
    may = {"en": "may start", "zh-CN": "保留", "de": "behalten wir uns vor",
           "fr": "nous nous réservons", "es": "nos reservamos"}  # fmt: skip
    assert may[language] in prose(sample(language, "dunning", "pre_legal"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_stage_has_words_of_its_own(language: str) -> None:
    """The same wording twice reads as a duplicate."""
    subjects, openings = set(), set()
    for stage in STAGES:
        made = composed(sample(language, "dunning", stage, letter_id="X"))
        subjects.add(made.subject)
        openings.add(" ".join(b.text for b in made.blocks[1:2] if isinstance(b, Paragraph)))
    assert len(subjects) == len(openings) == len(STAGES)


@pytest.mark.parametrize("letter", LETTERS)
def test_chinese_letters_say_amounts_in_words_and_keep_a_place_for_the_seal(
    letter: Letter,
) -> None:
    shown = text(letter)
    if letter.language != "zh-CN":
        assert "人民币" not in shown
        return
    assert "公司盖章" in shown
    if letter.kind in DEMANDING:
        assert "人民币" in shown
        assert ("整" in shown) or ("分" in shown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_confirmation_has_a_reply_slip_and_demands_nothing(language: str) -> None:
    letter = sample(language, "balance_confirmation")
    shown = text(letter)
    assert shown.count("[   ]") == 2
    assert "bank" not in {getattr(block, "name", "") for block in composed(letter).blocks}
    assert locale(language).amount(letter.balance, letter.currency) in shown
    assert str(letter.facts["auditor"]) in prose(letter)


def test_a_customer_in_credit_is_told_so() -> None:
    letter = sample("en", "balance_confirmation", items=(), disputed=(), not_due=())
    assert "in your favour" in prose(letter)
    assert letter.balance == -50_000


def test_sums_of_a_letter() -> None:
    """Payable = overdue + charges − unapplied; the disputed and the not yet due are not in it."""
    letter = sample("en", "dunning", "final")
    assert letter.overdue == 900_000 + 856_500 + 100_000
    assert letter.interest is not None
    assert letter.payable == letter.overdue + letter.interest.amount + 8_000 - 50_000
    assert letter.balance == letter.overdue + 120_000 + 320_000 - 50_000
    assert sample("en", "dunning", "first", items=()).payable == 0


def test_a_letter_without_charges_or_credits_has_no_reckoning() -> None:
    letter = sample("en", "dunning", "first", credits=())
    assert "sums" not in tables(letter)
    assert "credits" not in tables(letter)


def test_empty_columns_are_left_out_and_none_is_lost() -> None:
    bare = Item("R1", date(2026, 1, 5), date(2026, 2, 4), 1_000, 1_000)
    letter = sample("en", "dunning", "first", items=(bare,))
    assert tables(letter)["items"].headings == ("Document", "Date", "Due", "Amount", "Open")
    full = tables(sample("en", "dunning", "first"))["items"]
    assert full.headings == (
        "Document", "Your reference", "Date", "Due", "Amount", "Paid or credited", "Open",
        "Days overdue",
    )  # fmt: skip


@given(
    st.sampled_from(LANGUAGES),
    st.integers(-(10**13), 10**13),
    st.sampled_from(["EUR", "JPY", "KWD", "CNY"]),
)
def test_amounts_are_babels(language: str, minor: int, currency: str) -> None:
    names = locale(language)
    digits = money.exponent(currency)
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    wanted = format_decimal(money.to_decimal(minor, currency), pattern, locale=names.babel)
    assert names.amount(minor, currency) == wanted.replace("\u202f", "\u00a0")


@given(st.sampled_from(LANGUAGES), st.dates(date(1999, 1, 1), date(2101, 1, 1)))
def test_days_are_babels(language: str, day: date) -> None:
    names = locale(language)
    wanted = format_date(day, names.date_long, locale=names.babel)
    if language == "fr" and day.day == 1:
        wanted = f"1er{wanted[1:]}"
    assert names.day(day).replace("\u00a0", " ") == wanted.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("said", "country", "wanted"),
    [
        ("en", "", "en"), ("EN-us", "", "en"), ("zh", "", "zh-CN"), ("zh_CN", "DE", "zh-CN"),
        ("中文", "", "zh-CN"), ("German", "", "de"), ("de-AT", "", "de"), ("", "AT", "de"),
        ("", "FR", "fr"), ("", "es", "es"), ("", "CN", "zh-CN"), ("", "", None), ("", "JP", None),
        ("tlh", "DE", None), (" Français ", "", "fr"), ("español", "", "es"),
    ],
)  # fmt: skip
def test_language_of_a_customer(said: str, country: str, wanted: str | None) -> None:
    """What is said and unknown is not replaced by a guess from the country."""
    assert language_of(said, country) == wanted


def in_country(country: str, stage: str, form: str = "company", **changes: object) -> list[str]:
    customer = Recipient("1", "X", ("Y",), country=country, legal_form=form)
    return list(notices(sample("en", "dunning", stage, customer=customer, **changes)))


def test_notices_follow_the_law_of_the_contract() -> None:
    assert any("Interest) Act 1998" in one for one in in_country("GB", "final"))
    assert any("article 1344" in one for one in in_country("FR", "final"))
    assert not any("1344" in one for one in in_country("FR", "first"))
    assert any("section 288" in one for one in in_country("DE", "formal"))
    assert any("article 195" in one for one in in_country("CN", "formal"))
    assert in_country("BR", "final") == []
    assert any("article 1344" in one for one in in_country("GB", "final", governing_law="FR"))


def test_notices_on_interest_need_interest() -> None:
    assert in_country("GB", "final", interest=None, fixed_sum=0) == []
    assert in_country("DE", "formal", interest=None, fixed_sum=0) == []


def test_individuals_in_england_get_their_own_notice() -> None:
    company = " ".join(in_country("GB", "pre_legal"))
    person = " ".join(in_country("GB", "pre_legal", "sole_trader"))
    assert "Practice Direction" in company
    assert "30 days" not in company
    assert "30 days" in person
    assert "Practice Direction" not in person


def test_notice_rows_are_whole() -> None:
    for row in data_rows("letter_notices.csv"):
        assert row["condition"] in CONDITIONS
        assert row["source"]
        assert row["as_of"]
        assert row["confirmed"] in {"yes", "no"}
        assert all(row[language] for language in LANGUAGES), row["notice"]
        assert set(row["letters"].split("|")) <= {*STAGES, *KINDS}


def test_words_of_every_language_are_whole() -> None:
    for row in data_rows("letter_words.csv"):
        gone = [language for language in LANGUAGES if not row[language]]
        assert gone == [] or row["key"] == "seal"


def test_unknown_kind_stage_and_language_are_refused() -> None:
    with pytest.raises(BadValueError, match="no kind 'poem'; give one of dunning"):
        replace(sample("en", "statement"), kind="poem")
    with pytest.raises(BadValueError, match="no stage 'angry'"):
        sample("en", "dunning", "angry")
    with pytest.raises(BadValueError, match="no letters in 'tlh'"):
        locale("tlh")


def test_our_own_templates_have_no_fault() -> None:
    assert check_templates() == []
