"""A small ledger with a dispute, a plan in arrears, limits, a contract, an insolvency, two currencies."""

from __future__ import annotations

from datetime import date

from tests.dunning_books import books_of, customer
from tests.ledgers import invoice

PEOPLE = [
    customer("C1", name="Pennine Engineering Ltd", country="GB", terms_days=60),
    customer("C2", name="Hafen & Söhne GmbH", language="de", country="DE"),
    customer("C3", name="上海灯具有限公司", language="zh", country="CN"),
    customer("C4", name="Atelier Lyon SARL", language="fr", country="FR", currency="EUR"),
]
DOCUMENTS = [
    invoice("R1", 1200_00, on="2026-07-01", due="2026-08-30", customer_id="C1"),
    invoice("R2", 500_00, on="2026-08-01", due="2026-09-30", customer_id="C1"),
    invoice("R3", 70_00, on="2026-10-20", due="2026-12-19", customer_id="C1"),
    invoice("R4", 900_00, on="2026-08-01", due="2026-08-31", customer_id="C2"),
    invoice("R5", 3000_00, on="2026-08-01", due="2026-08-31", customer_id="C3", currency="CNY"),
    invoice("R6", 40_00, on="2026-09-01", due="2026-10-01", customer_id="C3"),
]
TABLES = {
    "disputes": [{"dispute_no": "D-7", "customer_id": "C1", "document_no": "R1", "amount": 300_00,
                  "currency": "EUR", "reason": "two pumps damaged", "opened_on": date(2026, 10, 5)}],
    "plans": [{"plan_no": "P-1", "customer_id": "C2", "amount": 900_00, "currency": "EUR", "agreed_on": date(2026, 9, 15)}],
    "plan_instalments": [
        {"plan_no": "P-1", "instalment": 1, "due_on": date(2026, 9, 30), "amount": 300_00, "currency": "EUR",
         "paid_on": date(2026, 9, 30), "paid_amount": 300_00},
        {"plan_no": "P-1", "instalment": 2, "due_on": date(2026, 10, 15), "amount": 300_00, "currency": "EUR"},
        {"plan_no": "P-1", "instalment": 3, "due_on": date(2026, 11, 15), "amount": 300_00, "currency": "EUR"},
    ],
    "limits": [
        {"customer_id": "C1", "kind": "own", "amount": 5000_00, "currency": "EUR", "valid_from": date(2025, 1, 1)},
        {"customer_id": "C1", "kind": "own", "amount": 2000_00, "currency": "EUR", "valid_from": date(2026, 12, 1)},
    ],
    "contracts": [{"contract_no": "K-12", "customer_id": "C2", "retention_of_title": True}],
    "events": [{"customer_id": "C3", "on": date(2026, 10, 10), "kind": "insolvency"}],
}  # fmt: skip


def kind_books(**more):
    return books_of(DOCUMENTS, PEOPLE, **{**TABLES, **more})
