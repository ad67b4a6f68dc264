"""Faulty ledgers as csv: the issues each must give, and what is set aside with which amount."""

from __future__ import annotations

D = "document_no,customer_id,kind,issued_on,currency,amount"
P = "payment_no,customer_id,paid_on,currency,amount,document_no"
ONE = f"{D}\nR1,C1,invoice,2026-01-10,EUR,100"

CASES = {
    "duplicate row": (
        {"documents": f"{ONE}\nR2,C1,invoice,2026-01-10,EUR,5\nR1,C1,invoice,2026-01-10,EUR,100"},
        [("duplicate_row", "error", "A4", "R1")],
        [("documents", 10000)],
    ),
    "duplicate number": (
        {"documents": f"{ONE}\nr1 ,c1,invoice,2026-02-10,EUR,70"},
        [("duplicate_number", "error", "A3", "r1")],
        [("documents", 7000)],
    ),
    "number of another customer": (
        {"documents": f"{ONE}\nR1,C2,invoice,2026-02-10,EUR,70"},
        [("number_shared", "warning", "A3", "R1")],
        [],
    ),
    "due before issue": (
        {"documents": f"{D},due_on\nR1,C1,invoice,2026-01-10,EUR,100,2026-01-09"},
        [("due_before_issue", "warning", "G2", "2026-01-09")],
        [],
    ),
    "payment before invoice": (
        {"documents": ONE, "payments": f"{P}\nP1,C1,2026-01-09,EUR,100,R1"},
        [("paid_before_issue", "warning", "C2", "2026-01-09")],
        [],
    ),
    "payment of an unknown document": (
        {"documents": ONE, "payments": f"{P}\nP1,C1,2026-01-19,EUR,100,R9"},
        [("unknown_document", "warning", "F2", "R9")],
        [],
    ),
    "payment of a document spelt otherwise": (
        {"documents": ONE, "payments": f"{P}\nP1,C1,2026-01-19,EUR,100,R-01"},
        [("unknown_document", "warning", "F2", "R-01")],
        [],
    ),
    "payment of a document with noughts": (
        {
            "documents": ONE.replace("R1", "00123"),
            "payments": f"{P}\nP1,C1,2026-01-19,EUR,100,123",
        },
        [("document_spelling", "warning", "F2", "123")],
        [],
    ),
    "payment of a document set aside": (
        {
            "documents": f"{ONE}\nR2,C1,invoice,2026-01-10,EUR,tbc",
            "payments": f"{P}\nP1,C1,2026-01-19,EUR,100,R2",
        },
        [("amount_text", "error", "F3", "tbc"), ("document_aside", "warning", "F2", "R2")],
        [("documents", None)],
    ),
    "credit to an unknown document": (
        {
            "documents": f"{D},applies_to\nR1,C1,invoice,2026-01-10,EUR,100,\nG1,C1,credit_note,2026-01-11,EUR,-5,R7"
        },
        [("unknown_document", "warning", "G3", "R7")],
        [],
    ),
    "allocations": (
        {
            "documents": ONE,
            "payments": f"{P}\nP1,C1,2026-01-19,EUR,60,",
            "allocations": "credit_no,document_no,amount,applied_on\nP1,R1,40,2026-01-20\nP1,R1,30,2026-01-21\nP9,R9,1,2026-01-20",
        },
        [
            ("over_allocated", "warning", "C3", "P1"),
            ("unknown_credit", "warning", "A4", "P9"),
            ("unknown_document", "warning", "B4", "R9"),
        ],
        [],
    ),
    "unknown customer": (
        {"customers": "customer_id,name\nC2,Two", "documents": ONE},
        [("unknown_customer", "warning", "B2", "C1")],
        [],
    ),
    "customer twice": (
        {"customers": "customer_id,name\nC1,One\nc1,Uno", "documents": ONE},
        [("customer_twice", "error", "A3", "c1")],
        [("customers", 0)],
    ),
    "near customer numbers": (
        {
            "documents": f"{D}\nR1,00123,invoice,2026-01-10,EUR,100\nR2,123,invoice,2026-01-10,EUR,100"
        },
        [("near_key", "warning", "B3", "123")],
        [],
    ),
    "one customer number in several spellings": (
        {
            "documents": f"{D}\nR1,abc,invoice,2026-01-10,EUR,100\nR2,ＡＢＣ,invoice,2026-01-10,EUR,100"
        },
        [("key_spelling", "note", "B2", "abc")],
        [],
    ),
    "near names": (
        {
            "customers": "customer_id,name\nC1,Müller GmbH\nC2,MUELLER G.m.b.H.\nC3,Müller AG",
            "documents": ONE,
        },
        [("near_name", "warning", "B3", "MUELLER G.m.b.H.")],
        [],
    ),
    "one name in several spellings": (
        {
            "documents": f"{D},customer_name\nR1,C1,invoice,2026-01-10,EUR,100,Acme\nR2,C1,invoice,2026-01-10,EUR,100,ACME"
        },
        [("name_spellings", "note", "G2", "C1")],
        [],
    ),
    "near document numbers": (
        {"documents": f"{ONE}\nR-1,C1,invoice,2026-01-10,EUR,100"},
        [("near_document", "warning", "A3", "R-1")],
        [],
    ),
    "amounts that are none": (
        {
            "documents": f"{D}\nR1,C1,invoice,2026-01-10,EUR,abc\nR2,C1,invoice,2026-01-10,EUR,NaN\n"
            "R3,C1,invoice,2026-01-10,EUR,\nR4,C1,invoice,2026-01-10,EUR,9e20\nR5,C1,invoice,2026-01-10,EUR,0"
        },
        [
            ("amount_text", "error", "F2", "abc"),
            ("amount_text", "error", "F3", "NaN"),
            ("amount_missing", "error", "F4", ""),
            ("amount_absurd", "error", "F5", "9e20"),
            ("amount_zero", "note", "F6", "0"),
        ],
        [("documents", None)] * 4,
    ),
    "currency missing and unknown": (
        {"documents": f"{ONE}\nR2,C1,invoice,2026-01-10,,5\nR3,C1,invoice,2026-01-10,EURO$,6"},
        [("currency_missing", "error", "E3", ""), ("currency_unknown", "error", "E4", "EURO$")],
        [("documents", 500), ("documents", 600)],
    ),
    "missing keys": (
        {
            "documents": f"{ONE}\n,C1,invoice,2026-01-10,EUR,5\nR3,,invoice,2026-01-10,EUR,6\nR4,#N/A,invoice,2026-01-10,EUR,7"
        },
        [
            ("key_missing", "error", "A3", ""),
            ("key_missing", "error", "B4", ""),
            ("key_error", "error", "B5", "#N/A"),
        ],
        [("documents", 500), ("documents", 600), ("documents", 700)],
    ),
    "a bad date that matters and one that does not": (
        {
            "documents": f"{D},due_on\nR1,C1,invoice,soon,EUR,100,2026-01-09\nR2,C1,invoice,2026-01-10,EUR,100,soon"
        },
        [("date_text", "error", "D2", "soon"), ("date_text", "warning", "G3", "soon")],
        [("documents", 10000)],
    ),
    "total row": (
        {"documents": f"{ONE}\nR2,C1,credit_note,2026-01-10,EUR,-40\n,,,,,60"},
        [("total_row", "error", "F4", "60")],
        [("documents", 6000)],
    ),
    "totals of blocks and of all": (
        {
            "documents": f"{ONE}\nR2,C1,invoice,2026-01-10,EUR,40\n,,,,,140\n"
            "R3,C2,invoice,2026-01-10,EUR,7\nR4,C2,invoice,2026-01-10,EUR,8\n,,,,,15\n,,,,,155"
        },
        [("total_row", "error", f"F{row}", "") for row in (4, 7, 8)],
        [("documents", 14000), ("documents", 1500), ("documents", 15500)],
    ),
    "no total": (
        {"documents": f"{ONE}\n,C1,invoice,2026-01-10,EUR,99"},
        [("key_missing", "error", "A3", "")],
        [("documents", 9900)],
    ),
    "reversal of another amount": (
        {
            "documents": f"{D},reverses\nR1,C1,invoice,2026-01-10,EUR,100,\nS1,C1,reversal,2026-01-11,EUR,90,R1"
        },
        [("reversal_amount", "warning", "F3", "90.00")],
        [],
    ),
    "reversal of nothing": (
        {
            "documents": f"{D},reverses\nR1,C1,invoice,2026-01-10,EUR,100,\nS1,C1,reversal,2026-01-11,EUR,90,R7"
        },
        [("unknown_reversed", "warning", "G3", "R7")],
        [],
    ),
    "bill among the payments": (
        {
            "documents": ONE,
            "payments": f"{P}\nP1,C1,2026-01-19,EUR,100,R1\nB2,C1,2026-01-19,EUR,100,R1",
            "bills": "bill_no,customer_id,amount,currency,received_on,state\nB2,C1,100,EUR,2026-01-19,dishonoured\nB3,C1,100,EUR,2026-01-19,held",
        },
        [("bill_twice", "note", "A2", "B2"), ("bill_bounced", "warning", "F2", "B2")],
        [],
    ),
    "names like formulas": (
        {
            "customers": "customer_id,name\nC1,=1+1\nC2,@home\nC3,+cmd\nC4,-2+3 Ltd\nC5,-5\nC6,Plain",
            "documents": ONE,
        },
        [("formula_text", "note", f"B{row}", "") for row in (2, 3, 4)],
        [],
    ),
    "payments twice": (
        {
            "documents": ONE,
            "payments": f"{P}\nP1,C1,2026-01-19,EUR,10,R1\nP1,C1,2026-01-19,EUR,20,\nP1,C1,2026-01-19,EUR,10,R1",
        },
        [("duplicate_payment", "error", "A4", "P1")],
        [("payments", -1000)],
    ),
    "payment without a number": (
        {
            "documents": ONE,
            "payments": f"{P}\n,C1,2026-01-19,EUR,10,R1\nP2,C1,2026-01-19,EUR,10,R1",
        },
        [("payment_no_missing", "warning", "A2", "")],
        [],
    ),
    "payments set aside count against the balance": (
        {
            "documents": ONE,
            "payments": f"{P},kind\nP1,C1,bad,EUR,10,R1,payment\nP2,C1,bad,EUR,10,R1,bounced",
        },
        [("date_text", "error", "C2", "bad"), ("date_text", "error", "C3", "bad")],
        [("payments", -1000), ("payments", 1000)],
    ),
    "undated paid amount": (
        {"documents": f"{D},paid_amount\nR1,C1,invoice,2026-01-10,EUR,100,30"},
        [("paid_undated", "error", "G2", "30.00")],
        [("documents", -3000)],
    ),
    "paid more than the amount": (
        {
            "documents": f"{D},paid_amount,settled_on\nR1,C1,invoice,2026-01-10,EUR,100,130,2026-02-01"
        },
        [("paid_too_much", "warning", "G2", "130.00")],
        [],
    ),
    "settled before issue": (
        {"documents": f"{D},settled_on\nR1,C1,invoice,2026-01-10,EUR,100,2026-01-01"},
        [("paid_before_issue", "warning", "G2", "2026-01-01")],
        [],
    ),
    "both signs in one kind": (
        {"documents": f"{ONE}\nR2,C1,invoice,2026-01-10,EUR,-5\nR3,C1,invoice,2026-01-10,EUR,5"},
        [("signs_mixed", "warning", "F3", "-5")],
        [],
    ),
}
