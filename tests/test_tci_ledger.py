"""Insurance over the ledger: against an oracle that counts by hand, and at every boundary."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from receivables.ledger.link import link
from receivables.ledger.open import open_items
from receivables.transfer.insurance_ledger import insurance
from tests.ledgers import ledger, payment
from tests.oracle.tci_oracle import Sale, Terms, World, judge

AS_OF = date(2026, 10, 31)
POLICY = {
    "policy_no": "P1", "insurer": "Invented", "currency": "EUR", "valid_from": date(2026, 1, 1),
    "valid_to": date(2026, 12, 31), "insured_share": 0.9, "max_terms_days": 90,
    "max_extension_days": 60, "declare_days": 30, "waiting_days": 180, "claim_days": 60,
    "tax_included": True,
}  # fmt: skip
LIMIT = {"customer_id": "C1", "kind": "insured", "amount": 10**9, "currency": "EUR", "valid_from": date(2026, 1, 1)}  # fmt: skip


def asked(as_of=AS_OF, *, rates=None, holidays=(), **tables):
    tables.setdefault("insurance_policies", [POLICY])
    tables.setdefault("limits", [LIMIT])
    books = ledger(**tables)
    posted = link(books)
    return insurance(posted, books, open_items(posted, as_of), rates=rates, holidays=holidays)


def rows(found):
    return {row["document_no"]: row for row in found.items.iter_rows(named=True)}


def codes(found):
    return [issue.code for issue in found.issues]


def invented(seed, buyers=300):
    """Sales, receipts and limits of many buyers around every boundary of the policy."""
    chance = random.Random(seed)
    start = date(2026, 1, 1)
    made, receipts, limits = [], {}, {}
    for number in range(buyers):
        who = f"C{number:03}"
        for _ in range(chance.randint(1, 8)):
            shipped = start + timedelta(chance.choice([-1, 0, 1, *range(2, 303, 7)]))
            due = shipped + timedelta(chance.choice([0, 30, 60, 89, 90, 91]))
            amount = chance.randint(1, 500)
            told = chance.choice([None, None, None, 80, 89, 90, 91])
            disputed = chance.choice([0, 0, 0, 0, 5, 600])
            made.append(
                Sale(
                    f"R{len(made):04}", who, amount, shipped, due, chance.randint(0, min(3, amount)),
                    disputed, None if told is None else due + timedelta(told),
                )
            )  # fmt: skip
        owed = sum(one.amount for one in made if one.buyer == who)
        receipts[who] = chance.choice([0, 0, owed // 3, owed - 1])
        days = chance.sample(range(0, 300, 9), chance.choice([0, 1, 2, 3]))
        limits[who] = [(start + timedelta(on), chance.choice([0, 100, 400, 900])) for on in days]
    return made, receipts, limits


def as_documents(made):
    return [
        {
            "document_no": one.number, "kind": "invoice", "customer_id": one.buyer,
            "amount": one.amount, "issued_on": one.shipped, "shipped_on": one.shipped,
            "due_on": one.due, "tax_amount": one.tax, "disputed_amount": one.disputed or None,
            "disputed_on": one.shipped if one.disputed else None,
            "insurer_reported_on": one.reported,
        }
        for one in made
    ]  # fmt: skip


@pytest.mark.parametrize("inclusive", [True, False])
def test_the_ledger_agrees_with_the_oracle(inclusive) -> None:
    made, receipts, dated = invented(seed=11 + inclusive)
    for one in made:
        one.tax = 0 if inclusive else one.tax
    terms = Terms(date(2026, 1, 1), date(2026, 12, 31), Decimal("0.9"), 90, 60, 30, 180, 60)
    expected = judge(World(made, receipts, dated, terms), AS_OF)
    paid = [
        payment(f"P{who}", amount, "2026-10-31", customer_id=who)
        for who, amount in receipts.items()
        if amount
    ]
    limits = [
        LIMIT | {"customer_id": who, "amount": amount, "valid_from": since}
        for who, part in dated.items()
        for since, amount in part
    ]
    policy = POLICY | {"tax_included": inclusive}
    found = rows(
        asked(
            documents=as_documents(made), payments=paid, limits=limits, insurance_policies=[policy]
        )
    )
    owed = {number: row for number, row in found.items() if row["insurer_open"]}
    assert set(owed) == set(expected)
    names = ("insurer_open", "insured", "at_stake")
    for number, answer in expected.items():
        assert [owed[number][name] for name in names] == [answer[name] for name in names], number
        if owed[number]["notify"]:
            assert owed[number]["notify"] == answer["notify"]
        if owed[number]["action"] == "report":
            assert owed[number]["act_by"] == answer["act_by"]
    assert sum(row["insured"] for row in owed.values()) > 10_000
    assert sum(row["action"] == "report" for row in owed.values()) > 30
