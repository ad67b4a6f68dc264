"""The admission gate over a ledger, registers, and its rules as a table."""

from datetime import date

import polars as pl
import pytest

from receivables.assess.admission import admit, default_rules, registries, registry, rules_of
from receivables.assess.admission_table import new_customers
from receivables.errors import BadValueError
from receivables.ledger.link import link
from receivables.ledger.open import open_items
from receivables.monitor.country import find_country
from receivables.resources import data_rows
from tests.ledgers import day, invoice, ledger

AS_OF = date(2026, 10, 31)
GOOD = {
    "registration_no": "HRB 5", "name": "Nord GmbH", "country": "DE", "address": "Hafen 1",
    "tax_no": "DE1", "legal_form": "company", "grade": 4, "sanctions_checked_on": day("10-01"),
}  # fmt: skip


@pytest.mark.parametrize("rule", default_rules(), ids=lambda rule: rule.code)
def test_every_rule_decides_by_itself(rule) -> None:
    """Break one thing at a time: that rule fails and no other."""
    breaks = {
        "not_yes": {rule.fields[0]: True},
        "not_no": {rule.fields[0]: "no"},
        "at_most": {rule.fields[0]: rule.value + 1},
        "present": {rule.fields[0]: None},
        "at_least": dict.fromkeys(("address", "tax_no")),
    }
    assert admit(GOOD).text() == "pass"
    found = admit(GOOD | breaks[rule.test])
    codes = {one.code for one in found.failed}
    assert rule.code in codes
    assert codes - {rule.code} <= {"items"}
    assert found.decision == rule.outcome


def test_a_refusal_outweighs_what_is_open() -> None:
    assert (
        admit(GOOD | {"grade": 9, "sanctions_checked_on": None}).text()
        == "fail: grade_limit, sanctions"
    )


def test_a_rule_can_be_switched_off_and_cannot_be_invented() -> None:
    rules = rules_of([["rule", "outcome"], ["sanctions", "fail"], ["items", "off"]])
    assert admit({**GOOD, "sanctions_checked_on": None}, rules).decision == "fail"
    with pytest.raises(BadValueError, match="not one of fail, conditional, off"):
        rules_of([["rule", "outcome"], ["sanctions", "perhaps"]])


def test_registers_are_addresses_with_source_and_nobody_claims_to_have_opened_them() -> None:
    rows = data_rows("registries.csv")
    assert len(registries()) == len(rows) >= 40
    for row in rows:
        assert find_country(row["country"]).alpha2 == row["country"]
        assert row["url"].startswith("https://")
        assert row["source"]
        assert row["confirmed"] in {"yes", "no"}
        assert date.fromisoformat(row["as_of"])


def test_a_register_by_code_or_name() -> None:
    assert registry("德国") == registry("DE") == registry("Germany")
    assert registry("Atlantis") is registry(None) is None


@pytest.mark.parametrize(
    ("country", "told"),
    [
        ("ROM", "'ROM' is an old code or name: Romania is RO or ROU since 2002. Write that."),
        ("VE", "none listed for Venezuela (VE)"),
        (None, "the customer has no country"),
        ("DE", "Handelsregister"),
    ],
)
def test_without_a_register_the_table_says_why(country, told) -> None:
    books = ledger(
        customers=[GOOD | {"customer_id": "C1", "country": country, "since": day("10-01")}],
        documents=[invoice("R1", 5)],
    )
    found = new_customers(books, open_items(link(books), AS_OF)).row(0, named=True)
    assert found["registry"] == told
    assert (found["url"] is None) == (country != "DE")


@pytest.mark.parametrize(
    ("customer", "first", "new"),
    [
        ({}, "10-01", True),
        ({}, "05-05", True),
        ({}, "05-04", False),
        ({"since": day("01-01")}, "10-01", False),
        ({"since": day("10-01")}, "05-01", True),
        ({"since": day("11-01")}, "10-01", False),
    ],
)
def test_new_is_who_began_within_180_days(customer, first, new) -> None:
    books = ledger(
        customers=[{"customer_id": "C1"} | customer],
        documents=[invoice("R1", 5, on=first, due=None)],
    )
    assert new_customers(books, open_items(link(books), AS_OF)).height == new


def test_the_gate_over_a_ledger_knows_events_and_grades() -> None:
    columns = {name: value for name, value in GOOD.items() if name != "grade"}
    customers = [
        columns | {"customer_id": name, "since": day("10-01")} for name in ("C1", "C2", "C3")
    ]
    events = [
        {"customer_id": "C2", "on": day("10-05"), "kind": "Insolvency"},
        {"customer_id": "C3", "on": day("10-05"), "kind": "Insolvency", "known_on": day("11-01")},
    ]
    books = ledger(customers=customers, events=events, documents=[invoice("R1", 5)])
    grades = pl.DataFrame({"customer_key": ["c1", "c2", "c3"], "grade_now": [6, 3, 7]})
    found = new_customers(books, open_items(link(books), AS_OF), grades=grades)
    told = found.sort("customer_id").select("customer_id", "decision", "codes").rows()
    assert told == [
        ("C1", "pass", ""),
        ("C2", "fail", "insolvency"),
        ("C3", "fail", "grade_limit"),
    ]
    assert set(found["url"]) == {"https://www.handelsregister.de/"}
