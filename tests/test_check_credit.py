"""The credit file as typed: days that cannot be, limits below nil, countries nobody knows."""

from datetime import date

import pytest

from receivables.assess.factor_rows import factor_rows
from receivables.ledger.check import check
from receivables.ledger.link import link
from tests.check_cases import ONE
from tests.rawledger import raw_ledger

AS_OF = date(2026, 10, 31)
ROWS = {
    "ratings": ("subject,source,date,rating,known_on\nC1,S&P,{made},BBB,{known}", "C2", "E2"),
    "country_ratings": ("subject,source,date,rating,known_on\nDE,OECD,{made},0,{known}", "C2", "E2"),
    "statements": ("customer_id,currency,period_end,total_assets,known_on\nC1,EUR,{made},5,{known}", "C2", "E2"),
}  # fmt: skip


def told(as_of=AS_OF, **tables):
    customers = tables.pop("customers", "customer_id,name,country\nC1,One,DE")
    checked = check(raw_ledger(customers=customers, documents=ONE, **tables), as_of=as_of)
    return [(issue.code, issue.level, issue.cell, issue.value) for issue in checked.issues]


@pytest.mark.parametrize("table", ROWS)
@pytest.mark.parametrize(
    ("made", "known", "code"),
    [
        ("2026-10-31", "", ""),
        ("2026-11-01", "", "dated_ahead"),
        ("2026-11-01", "2026-11-01", ""),
        ("2026-11-01", "2026-10-31", "known_too_early"),
        ("2026-01-05", "2026-01-05", ""),
        ("2026-01-05", "2026-01-04", "known_too_early"),
    ],
)
def test_days_of_ratings_and_accounts(table, made, known, code) -> None:
    text, made_at, known_at = ROWS[table]
    cell = {"dated_ahead": made_at, "known_too_early": known_at}.get(code)
    value = {"dated_ahead": made, "known_too_early": known}.get(code)
    level = "note" if code == "dated_ahead" else "warning"
    found = told(**{table: text.format(made=made, known=known)})
    assert found == ([(code, level, cell, value)] if code else [])


def test_without_a_date_asked_about_nothing_lies_ahead() -> None:
    text = ROWS["ratings"][0].format(made="2099-01-01", known="")
    assert told(as_of=None, ratings=text) == []


@pytest.mark.parametrize(
    ("amount", "codes"), [("-0.01", ["limit_below_nil"]), ("0", []), ("0.01", [])]
)
def test_a_limit_below_nil_is_named(amount, codes) -> None:
    limits = f"customer_id,kind,amount,currency,valid_from\nC1,own,{amount},EUR,2026-01-01"
    found = told(limits=limits)
    assert [item[0] for item in found] == codes
    assert [item[2:] for item in found] == [("C2", "-0.01")] * len(codes)


def test_an_unknown_country_is_named_once_where_it_is_graded() -> None:
    rows = "customer_id,name,country\nC1,One,Atlantis\nC2,Two,Atlantis\nC3,Three,ROM\nC4,Four,"
    ledger = check(raw_ledger(customers=rows, documents=ONE))
    issues = factor_rows(link(ledger), ledger, AS_OF).issues
    assert [(one.code, one.cell) for one in issues] == [("country_unknown", "C2")]
