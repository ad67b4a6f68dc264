"""The command `letter`: every further kind from the ledger, with its facts, made once."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from receivables.cli import app
from receivables.errors import BadValueError
from receivables.refresh.letter_kinds import make_kind, preview_kind
from receivables.refresh.letter_kinds_answer import KindChoices, Sample
from receivables.refresh.letters_run import Run
from receivables.respond.dunning_csv import CsvJournal
from receivables.respond.letter_cases import KINDS, Terms
from receivables.respond.letters.letter import KINDS as EVERY_KIND
from receivables.respond.letters.render import Renderer
from tests.dunning_books import AS_OF, TextRenderer
from tests.letter_books import kind_books

LATER = "2026-11-20"
ASKED = {
    "dispute_ack": {"facts": {"answer_by": LATER}},
    "undisputed_part": {"pay_by": date(2026, 11, 14)},
    "plan_offer": {"only": {"C1"}, "facts": {"accept_by": LATER}, "terms": Terms(3, date(2026, 11, 30))},
    "plan_breach": {"pay_by": date(2026, 11, 14)},
    "terms_change": {"only": {"C1"}, "facts": {"new_terms": "30", "effective_on": "2026-12-01"}},
    "limit_reduction": {"only": {"C1"}},
    "security_request": {"only": {"C1"}, "facts": {"security": "a guarantee", "provide_by": LATER}},
    "retention_notice": {"only": {"C2"}, "facts": {"perfected": "not required"}, "pay_by": date(2026, 11, 14)},
    "collections_handover": {"only": {"C1"}, "facts": {"agency": "Tyne Ltd", "handover_on": LATER}},
    "balance_confirmation": {"facts": {"reply_by": LATER}},
    "proof_of_claim": {"facts": {"administrator": "王律师", "proceeding_no": "(2026)沪03破12号"}},
}  # fmt: skip
"""What a user has to say of a kind so that it can be made from the small ledger."""


def asked(kind, **more):
    return KindChoices(**{**ASKED.get(kind, {}), **more})


def shown(kind, tmp_path, books=None, **more):
    return preview_kind(books or kind_books(), kind, AS_OF, CsvJournal(tmp_path), asked(kind, **more))  # fmt: skip


def made(kind, tmp_path, renderer=None, books=None, draft=False, **more):
    run = Run(
        CsvJournal(tmp_path / "j"), renderer or TextRenderer(), tmp_path / "out", draft=draft
    )
    return make_kind(books or kind_books(), kind, AS_OF, run, asked(kind, **more))


def only(kind, tmp_path, **more):
    [letter] = shown(kind, tmp_path, **more).letters
    return letter


def confirmed_plan():
    rows = [
        {"plan_no": "P-1", "instalment": n, "due_on": date(2026, 10 + n, 15), "amount": 450_00, "currency": "EUR"}
        for n in (1, 2)
    ]  # fmt: skip
    return kind_books(plan_instalments=rows)


def test_every_kind_but_reminders_can_be_made():
    assert (*KINDS, "dunning") == (*[kind for kind in EVERY_KIND if kind != "dunning"], "dunning")


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_made_once(kind, tmp_path):
    books = confirmed_plan() if kind == "plan_confirmation" else kind_books()
    renderer = TextRenderer()
    first = made(kind, tmp_path, renderer, books)
    assert first.made
    assert set(first.made) == {one.letter_id for one in first.letters if one.letter_id not in first.refused}  # fmt: skip
    assert {kind} == set(CsvJournal(tmp_path / "j").read().letters["kind"])
    again = made(kind, tmp_path, renderer, books)
    assert (again.made, set(again.already)) == ((), set(first.made))
    assert len(renderer.calls) == len(first.made)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_rendered_in_words(kind, tmp_path):
    """With our own templates; a consumer of the letter sees no gap where a fact should stand."""
    books = confirmed_plan() if kind == "plan_confirmation" else kind_books()
    found = made(kind, tmp_path, Renderer(("txt",)), books)
    for number in found.made:
        text = (tmp_path / "out" / f"{number}.txt").read_text(encoding="utf-8")
        assert "()" not in text
        assert "  ." not in text


def test_the_statements_add_up_to_the_ledger(tmp_path):
    books = kind_books()
    found = shown("statement", tmp_path, books)
    rows = books.open(AS_OF).frame()
    for code in ("EUR", "CNY"):
        ledger = sum(open_ for open_, currency in rows.select("open", "currency").iter_rows() if currency == code)  # fmt: skip
        assert sum(one.balance for one in found.letters if one.currency == code) == ledger
    [pennine] = [one for one in found.letters if one.customer.customer_id == "C1"]
    assert [(one.document_no, one.open) for one in pennine.items] == [("R1", 900_00), ("R2", 500_00)]  # fmt: skip
    assert [(one.document_no, one.open) for one in pennine.disputed] == [("R1", 300_00)]
    assert [one.document_no for one in pennine.not_due] == ["R3"]


def test_a_dispute_is_acknowledged_with_its_number_and_only_once_over_days(tmp_path):
    letter = only("dispute_ack", tmp_path)
    assert letter.facts == {"case_no": "D-7", "received_on": date(2026, 10, 5), "answer_by": date(2026, 11, 20)}  # fmt: skip
    assert [(one.document_no, one.open, one.reason) for one in letter.disputed] == [("R1", 300_00, "two pumps damaged")]  # fmt: skip
    made("dispute_ack", tmp_path)
    run = Run(CsvJournal(tmp_path / "j"), TextRenderer(), tmp_path / "out")
    later = make_kind(kind_books(), "dispute_ack", date(2026, 11, 3), run, asked("dispute_ack"))
    assert (later.made, later.already) == ((), (letter.letter_id,))


def test_an_answer_is_not_promised_for_a_day_that_is_over(tmp_path):
    """The clock of 21 days ended on 26 October."""
    found = shown("dispute_ack", tmp_path, facts={})
    assert list(found.refused.values()) == [
        "answer_by is 2026-10-26, before the date of the letter; give --fact answer_by=DATE."
    ]


def test_the_undisputed_part_leaves_the_dispute_out(tmp_path):
    letter = only("undisputed_part", tmp_path)
    assert (letter.payable, letter.in_dispute) == (1400_00, 300_00)
    assert letter.facts["case_no"] == "D-7"


def test_an_offer_splits_what_is_owed_to_the_cent(tmp_path):
    letter = only("plan_offer", tmp_path)
    assert [one.amount for one in letter.instalments] == [466_66, 466_66, 466_68]
    assert sum(one.amount for one in letter.instalments) == letter.payable
    assert [one.due_on for one in letter.instalments][-1] == date(2027, 1, 31)


def test_a_plan_in_arrears_names_since_when_and_how_much(tmp_path):
    letter = only("plan_breach", tmp_path)
    assert letter.facts == {"plan_no": "P-1", "missed_on": date(2026, 10, 15), "missed_amount": 300_00}  # fmt: skip
    assert [(one.number, one.paid) for one in letter.instalments] == [("1", 300_00), ("2", 0), ("3", 0)]  # fmt: skip


def test_a_plan_that_is_kept_is_confirmed_not_called_a_breach(tmp_path):
    books = confirmed_plan()
    assert shown("plan_breach", tmp_path, books).letters == ()
    [letter] = shown("plan_confirmation", tmp_path, books).letters
    assert letter.facts == {"plan_no": "P-1", "agreed_on": date(2026, 9, 15)}
    assert [one.document_no for one in letter.items] == ["R4"]


def test_a_limit_falls_from_the_ledgers_own_rows(tmp_path):
    letter = only("limit_reduction", tmp_path)
    assert letter.facts == {"old_limit": 5000_00, "new_limit": 2000_00, "effective_on": date(2026, 12, 1)}  # fmt: skip
    higher = {"facts": {"new_limit": "9000"}}
    [told] = shown("limit_reduction", tmp_path, **higher).refused.values()
    assert "not below the old one" in told


def test_days_of_terms_are_worded_in_the_letters_language(tmp_path):
    assert only("terms_change", tmp_path).facts["old_terms"] == "60 days net"
    facts = {"old_terms": "14", "new_terms": "Vorkasse", "effective_on": LATER}
    german = only("terms_change", tmp_path, only={"C2"}, facts=facts)
    assert (german.facts["old_terms"], german.facts["new_terms"]) == ("14 Tage netto", "Vorkasse")


def test_a_customer_who_owes_nothing_gets_a_letter_about_terms(tmp_path):
    letter = only("terms_change", tmp_path, only={"C4"}, facts={"old_terms": "60", "new_terms": "30", "effective_on": LATER})  # fmt: skip
    assert (letter.customer.name, letter.currency, letter.language) == ("Atelier Lyon SARL", "EUR", "fr")  # fmt: skip


def test_a_claim_lists_all_that_is_open_in_each_currency(tmp_path):
    found = shown("proof_of_claim", tmp_path)
    assert [(one.currency, one.payable) for one in found.letters] == [("CNY", 3000_00), ("EUR", 40_00)]  # fmt: skip
    assert {one.facts["opened_on"] for one in found.letters} == {date(2026, 10, 10)}


@pytest.mark.parametrize("kind", ["undisputed_part", "plan_offer", "collections_handover", "security_request"])  # fmt: skip
def test_an_insolvent_customer_is_asked_for_nothing(kind, tmp_path):
    disputes = [{"dispute_no": "D-9", "customer_id": "C3", "document_no": "R6", "amount": 1_00,
                 "currency": "EUR", "opened_on": date(2026, 10, 5)}]  # fmt: skip
    found = shown(kind, tmp_path, kind_books(disputes=disputes), only={"C3"})
    assert found.letters
    assert all("file the claim instead" in why for why in found.refused.values())
    assert len(found.refused) == len(found.letters)


def test_what_is_missing_is_named_with_the_option_that_gives_it(tmp_path):
    [told] = shown("collections_handover", tmp_path, facts={}).refused.values()
    assert told == (
        "Collector or lawyer: not in the ledger; give --fact agency=TEXT. "
        "Day of the hand-over: not in the ledger; give --fact handover_on=2026-11-30."
    )
    [told] = shown("plan_offer", tmp_path, terms=None).refused.values()
    assert told == "The instalments are missing; give --instalments NUMBER and --first DATE."
    [told] = shown("undisputed_part", tmp_path, pay_by=None).refused.values()
    assert told == "The deadline is missing; give --pay-by DATE."


@pytest.mark.parametrize(
    ("kind", "more", "told"),
    [
        ("dunning", {}, "There is no letter 'dunning'"),
        ("terms_change", {"only": frozenset()}, "give --customer ID"),
        ("statement", {"only": {"C99"}}, "the ledger has no such customer"),
        ("statement", {"facts": {"agency": "X"}}, "has no such fact"),
        ("statement", {"sample": Sample(1)}, "for balance_confirmation only"),
        ("limit_reduction", {"facts": {"new_limit": "many"}}, "write the amount as 20000.00"),
    ],
)
def test_what_cannot_be_asked_for(kind, more, told, tmp_path):
    with pytest.raises(BadValueError, match=told):
        shown(kind, tmp_path, **more)


def test_a_sample_of_balances_is_drawn_again_the_same(tmp_path):
    sample = Sample(count=1, large=Decimal(1000), seed="2026")
    first = shown("balance_confirmation", tmp_path, sample=sample)
    reasons = {one.customer.customer_id + one.currency: first.picked[one.letter_id] for one in first.letters}  # fmt: skip
    assert reasons["C1EUR"] == "large"
    assert reasons["C3CNY"] == "large"
    assert list(reasons.values()).count("sampled") == 1
    again = shown("balance_confirmation", tmp_path, sample=sample)
    assert [one.letter_id for one in again.letters] == [one.letter_id for one in first.letters]


def test_a_cancelled_letter_is_made_anew_under_another_number(tmp_path):
    found = made("limit_reduction", tmp_path)
    [number] = found.made
    store = CsvJournal(tmp_path / "j")
    row = store.read().letters.to_dicts()[0]
    store.append([row | {"state": "cancelled", "reason": "wrong"}])
    again = made("limit_reduction", tmp_path)
    assert again.made == (f"{number}-2",)
    assert store.read().letters["replaces"].to_list()[-1] == number


INSURED = {
    "insurance_policies": [{"policy_no": "V-1", "insurer": "Allianz Trade", "valid_from": date(2026, 1, 1),
                            "currency": "EUR", "insured_share": 0.9, "max_terms_days": 90}],
    "limits": [{"customer_id": "C1", "kind": "insured", "amount": 5000_00, "currency": "EUR",
                "valid_from": date(2026, 1, 1)}],
}  # fmt: skip


def test_insured_debt_needs_the_insurers_consent(tmp_path):
    """The insurer's answer is recorded in Events; without it nothing is offered or handed over."""
    for kind in ("plan_offer", "collections_handover"):
        [told] = shown(kind, tmp_path, kind_books(**INSURED)).refused.values()
        assert told.startswith("Insured debt: record the insurer’s consent")
    given = [{"customer_id": "C1", "on": date(2026, 10, 1), "kind": "insurer consent", "note": "plan"}]  # fmt: skip
    agreed = kind_books(**INSURED, events=given)
    assert shown("plan_offer", tmp_path, agreed).refused == {}
    assert shown("collections_handover", tmp_path, agreed).refused != {}


CUSTOMERS = 'customer_id,name,address,email,language\n00123,Müller GmbH,"Kai 1\n20457 Hamburg",ar@mueller.example,de\n'  # fmt: skip
ROWS = 'document_no,customer_id,kind,issued_on,due_on,amount,currency\nR1,00123,invoice,2026-09-01,2026-10-01,"1234,56",EUR\n'  # fmt: skip
FIRM = 'company,name,address,country,email\n,Hansen GmbH,"Kai 7\n20457 Hamburg",DE,ar@hansen.example\n'
BANK = "bank,account,currency\nKontorbank,DE89 3704 0044 0532 0130 00,EUR\n"


@pytest.fixture
def folder(tmp_path):
    ledger = tmp_path / "books"
    ledger.mkdir()
    for name, text in {"Customers": CUSTOMERS, "Documents": ROWS, "Companies": FIRM, "BankAccounts": BANK}.items():  # fmt: skip
        (ledger / f"{name}.csv").write_text(text, encoding="utf-8")
    return ledger


def call(*args):
    result = CliRunner().invoke(app, [*map(str, args), "--as-of", "2026-10-31"])
    return result.exit_code, result.output


def test_the_command_previews_makes_and_drafts(folder, tmp_path):
    ask = ("letter", "balance_confirmation", folder, "--fact", "reply_by=2026-11-20")
    code, text = call(*ask, "--out", tmp_path / "look")
    assert (code, "Müller GmbH" in text, (tmp_path / "look" / "index.html").is_file()) == (0, True, True)  # fmt: skip
    assert not folder.with_name("books.receivables").exists()
    code, text = call(*ask, "--approve", "--draft", "--out", tmp_path / "out", "--format", "eml,txt", "--json")  # fmt: skip
    assert code == 0, text
    [number] = json.loads(text)["made"]
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".eml", ".txt"}
    code, text = call("letters", folder, "--issue", number)
    assert (code, number in text) == (0, True)
    code, text = call(*ask, "--approve", "--out", tmp_path / "out", "--format", "txt")
    assert "Made 0, made before 1, refused 0." in text


def test_the_command_tells_what_it_lacks(folder, tmp_path):
    code, text = call("letter", "plan_offer", folder, "--customer", "00123", "--instalments", "3")
    assert (code != 0, "needs both --instalments NUMBER and --first DATE" in text) == (True, True)
    code, text = call("letter", "statement", folder, "--fact", "agency")
    assert (code != 0, "write NAME=VALUE" in text) == (True, True)
    code, text = call("letter", "statement", folder, "--approve")
    assert (code != 0, "--out is missing" in text) == (True, True)
