"""Small ledgers and what is open in them on 2026-10-31: one rule each."""

from __future__ import annotations

from tests.ledgers import allocation, credit, day, invoice, payment

CASES = {
    "an unpaid invoice": (dict(documents=[invoice("A", 100)]), {"A": 100}),
    "paid in full": (
        dict(documents=[invoice("A", 100)], payments=[payment("P", 100, "10-05", "A")]),
        {},
    ),
    "part-paid": (
        dict(documents=[invoice("A", 100)], payments=[payment("P", 30, "10-05", "A")]),
        {"A": 70},
    ),
    "over-paid: the rest stays with the payment": (
        dict(documents=[invoice("A", 100)], payments=[payment("P", 130, "10-05", "A")]),
        {"P": -30},
    ),
    "over-paid by the second of two: the first is used up": (
        dict(
            documents=[invoice("A", 100)],
            payments=[payment("P", 80, "10-05", "A"), payment("Q", 50, "10-06", "A")],
        ),
        {"Q": -30},
    ),
    "paid after the date": (
        dict(documents=[invoice("A", 100)], payments=[payment("P", 100, "11-01", "A")]),
        {"A": 100},
    ),
    "paid on the date": (
        dict(documents=[invoice("A", 100)], payments=[payment("P", 100, "10-31", "A")]),
        {},
    ),
    "paid before the date, posted after": (
        dict(
            documents=[invoice("A", 100)],
            payments=[payment("P", 100, "10-30", "A", posted_on=day("11-02"))],
        ),
        {"A": 100},
    ),
    "invoice issued before, posted after": (
        dict(documents=[invoice("A", 100, posted_on=day("11-01"))]),
        {},
    ),
    "cash before, matched after: unapplied": (
        dict(
            documents=[invoice("A", 100)],
            payments=[payment("P", 100, "10-20")],
            allocations=[allocation("P", "A", 100, "11-03")],
        ),
        {"A": 100, "P": -100},
    ),
    "matched on the day itself": (
        dict(
            documents=[invoice("A", 100)],
            payments=[payment("P", 100, "10-20")],
            allocations=[allocation("P", "A", 100, "10-31")],
        ),
        {},
    ),
    "matching entered later than it says": (
        dict(
            documents=[invoice("A", 100)],
            payments=[payment("P", 100, "10-20")],
            allocations=[allocation("P", "A", 100, "10-25", entered_on=day("11-03"))],
        ),
        {"A": 100, "P": -100},
    ),
    "one payment over three invoices": (
        dict(
            documents=[invoice("A", 100), invoice("B", 50), invoice("C", 70)],
            payments=[payment("P", 180, "10-20")],
            allocations=[
                allocation("P", "A", 100, "10-20"),
                allocation("P", "B", 50, "10-20"),
                allocation("P", "C", 20, "10-20"),
            ],
        ),
        {"C": 50, "P": -10},
    ),
    "allocated more than was paid": (
        dict(
            documents=[invoice("A", 100), invoice("B", 100)],
            payments=[payment("P", 120, "10-20")],
            allocations=[allocation("P", "A", 100, "10-20"), allocation("P", "B", 100, "10-21")],
        ),
        {"B": 80},
    ),
    "an allocation taken back": (
        dict(
            documents=[invoice("A", 100)],
            payments=[payment("P", 100, "10-10")],
            allocations=[allocation("P", "A", 100, "10-12"), allocation("P", "A", -100, "10-20")],
        ),
        {"A": 100, "P": -100},
    ),
    "an advance before its invoice": (
        dict(
            documents=[invoice("A", 100, on="10-15")],
            payments=[payment("P", 100, "10-01", "A", kind="advance")],
        ),
        {},
    ),
    "an advance whose invoice comes later": (
        dict(
            documents=[invoice("A", 100, on="11-15")],
            payments=[payment("P", 100, "10-01", "A", kind="advance")],
        ),
        {"P": -100},
    ),
    "on account": (
        dict(
            documents=[invoice("A", 100)],
            payments=[payment("P", 40, "10-01", kind="on_account")],
        ),
        {"A": 100, "P": -40},
    ),
    "a bounced payment re-opens its invoice": (
        dict(
            documents=[invoice("A", 100)],
            payments=[
                payment("P", 100, "10-05", "A"),
                payment("B", 100, "10-12", kind="bounced", reverses="P"),
            ],
        ),
        {"A": 100},
    ),
    "a bounced payment before it bounces": (
        dict(
            documents=[invoice("A", 100)],
            payments=[
                payment("P", 100, "10-05", "A"),
                payment("B", 100, "11-12", kind="bounced", reverses="P"),
            ],
        ),
        {},
    ),
    "half of it bounces": (
        dict(
            documents=[invoice("A", 100)],
            payments=[
                payment("P", 100, "10-05", "A"),
                payment("B", 60, "10-12", kind="bounced", reverses="P"),
            ],
        ),
        {"A": 60},
    ),
    "a bounce that names the invoice": (
        dict(
            documents=[invoice("A", 100)],
            payments=[
                payment("P", 100, "10-05", "A"),
                payment("B", 100, "10-12", "A", kind="bounced"),
            ],
        ),
        {"A": 100},
    ),
    "a bounce that names the payment as its document": (
        dict(
            documents=[invoice("A", 100)],
            payments=[
                payment("P", 100, "10-05", "A"),
                payment("B", 100, "10-12", "P", kind="bounced"),
            ],
        ),
        {"A": 100},
    ),
    "standing credit note": (
        dict(documents=[invoice("A", 100), credit("K", 30, "10-01")]),
        {"A": 100, "K": -30},
    ),
    "credit note on its invoice": (
        dict(documents=[invoice("A", 100), credit("K", 30, "10-01", "A")]),
        {"A": 70},
    ),
    "credit note older than its invoice": (
        dict(documents=[invoice("A", 100, on="10-20"), credit("K", 30, "10-01", "A")]),
        {"A": 70},
    ),
    "credit note allocated to another invoice": (
        dict(
            documents=[invoice("A", 100), invoice("B", 80), credit("K", 30, "10-01", "A")],
            allocations=[allocation("K", "B", 30, "10-10")],
        ),
        {"A": 100, "B": 50},
    ),
    "credit note larger than what is open": (
        dict(
            documents=[invoice("A", 100), credit("K", 100, "10-06", "A")],
            payments=[payment("P", 70, "10-05", "A")],
        ),
        {"K": -70},
    ),
    "instalments are paid oldest first": (
        dict(
            documents=[
                invoice("A", 100, due="11-01", instalment=2),
                invoice("A", 100, due="10-01", instalment=1),
                invoice("A", 100, due="12-01", instalment=3),
            ],
            payments=[payment("P", 150, "10-05", "A")],
        ),
        {"A/2": 50, "A/3": 100},
    ),
    "instalments over-paid": (
        dict(
            documents=[
                invoice("A", 100, due="10-01", instalment=1),
                invoice("A", 100, due="11-01", instalment=2),
            ],
            payments=[payment("P", 230, "10-05", "A")],
        ),
        {"P": -30},
    ),
    "an instalment named, the rest oldest first": (
        dict(
            documents=[
                invoice("A", 100, due="10-01", instalment=1),
                invoice("A", 100, due="11-01", instalment=2),
                invoice("A", 100, due="12-01", instalment=3),
            ],
            payments=[payment("P", 120, "10-05")],
            allocations=[allocation("P", "A", 120, "10-05", instalment=2)],
        ),
        {"A/1": 80, "A/3": 100},
    ),
    "opening balance and journal": (
        dict(
            documents=[
                invoice("O", 500, kind="opening"),
                invoice("J", 20, kind="journal"),
                {**credit("J2", 5, "10-01"), "kind": "journal"},
            ]
        ),
        {"O": 500, "J": 20, "J2": -5},
    ),
    "written off": (
        dict(
            documents=[
                invoice("A", 100),
                {**credit("W", 100, "10-20", "A"), "kind": "write_off"},
            ]
        ),
        {},
    ),
    "written off, then recovered in part, then paid": (
        dict(
            documents=[
                invoice("A", 100),
                {**credit("W", 100, "10-10", "A"), "kind": "write_off"},
                invoice("R", 40, on="10-20", kind="recovery", applies_to="A"),
            ],
            payments=[payment("P", 25, "10-25", "A")],
        ),
        {"A": 15},
    ),
    "reversed": (
        dict(
            documents=[
                invoice("A", 100),
                {**credit("S", 100, "10-20"), "kind": "reversal", "reverses": "A"},
            ]
        ),
        {},
    ),
    "paid, then reversed: the money is unapplied": (
        dict(
            documents=[
                invoice("A", 100),
                {**credit("S", 100, "10-20"), "kind": "reversal", "reverses": "A"},
            ],
            payments=[payment("P", 100, "10-05", "A")],
        ),
        {"P": -100},
    ),
    "a credit note reversed": (
        dict(
            documents=[
                invoice("A", 100),
                credit("K", 30, "10-01", "A"),
                {**invoice("S", 30, on="10-20"), "kind": "reversal", "reverses": "K"},
            ]
        ),
        {"A": 100},
    ),
    "reversal of a document with instalments": (
        dict(
            documents=[
                invoice("A", 100, due="10-01", instalment=1),
                invoice("A", 100, due="11-01", instalment=2),
                {**credit("S", 200, "10-20"), "kind": "reversal", "reverses": "A"},
            ]
        ),
        {},
    ),
    "refund of a credit note": (
        dict(
            documents=[credit("K", 30, "10-01")],
            payments=[payment("R", 30, "10-10", "K", kind="refund")],
        ),
        {},
    ),
    "refund of unapplied cash": (
        dict(
            payments=[
                payment("P", 50, "10-01"),
                payment("R", 20, "10-10", "P", kind="refund"),
            ],
        ),
        {"P": -30},
    ),
    "money noted on the document": (
        dict(
            documents=[
                invoice("A", 100, settled_on=day("10-20"), paid_amount=40),
                invoice("B", 100, settled_on=day("11-20"), paid_amount=100),
                invoice("C", 100, settled_on=day("10-20")),
            ]
        ),
        {"A": 60, "B": 100},
    ),
    "a bill settles, dishonoured it does not": (
        dict(
            documents=[invoice("A", 100), invoice("B", 100)],
            bills=[
                {
                    "bill_no": number,
                    "document_no": document,
                    "amount": 100,
                    "received_on": day("09-20"),
                    "matures_on": day("10-20"),
                    "state": state,
                }
                for number, document, state in (("X", "A", "held"), ("Y", "B", "dishonoured"))
            ],
        ),
        {"B": 100},
    ),
    "the payer is another customer": (
        dict(
            documents=[invoice("A", 100, customer_id="C1")],
            payments=[payment("P", 100, "10-05", "A", customer_id="HEAD")],
        ),
        {},
    ),
    "the same number at two customers: each his own": (
        dict(
            documents=[invoice("A", 100, customer_id="C1"), invoice("A", 70, customer_id="C2")],
            payments=[payment("P", 70, "10-05", "A", customer_id="C2")],
        ),
        {"A": 100},
    ),
    "a leading zero is another document": (
        dict(documents=[invoice("00123", 100)], payments=[payment("P", 100, "10-05", "123")]),
        {"00123": 100, "P": -100},
    ),
    "another currency is never matched": (
        dict(
            documents=[invoice("A", 100, currency="USD")],
            payments=[payment("P", 100, "10-05", "A")],
        ),
        {"A": 100, "P": -100},
    ),
}
