"""Made-up letters of every kind and language: what templates are tried with before a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from receivables.resources import data_toml
from receivables.respond.letters.letter import (
    KINDS,
    LANGUAGES,
    STAGES,
    BankAccount,
    Fact,
    Instalment,
    Interest,
    Item,
    Letter,
    Recipient,
    Segment,
    Sender,
)

CUT_OFF = date(2026, 10, 31)
ISSUED = date(2026, 11, 2)
PAY_BY = date(2026, 11, 16)


def samples(language: str) -> Iterator[Letter]:
    """One letter of every stage and kind in a language."""
    for stage in STAGES:
        yield sample(language, "dunning", stage)
    for kind in KINDS:
        if kind != "dunning":
            yield sample(language, kind)


def every_sample() -> Iterator[Letter]:
    """One letter of every stage and kind in every language."""
    for language in LANGUAGES:
        yield from samples(language)


def sample(language: str, kind: str = "dunning", stage: str = "", **changes: Any) -> Letter:
    """A letter with something in every part that its kind prints.

    >>> letter = sample("de", "dunning", "first")
    >>> letter.customer.name, letter.currency, letter.payable
    ('Hafen & Söhne Schiffsausrüstung GmbH', 'EUR', 1806500)
    """
    firm = data_toml("letter_samples.toml")[language]
    charged = stage in {"formal", "final", "pre_legal"} or kind == "proof_of_claim"
    bare = stage == "pre_due" or kind == "proof_of_claim"
    until = date(2026, 10, 11) if kind == "proof_of_claim" else CUT_OFF
    items = _upcoming() if stage == "pre_due" else _overdue()
    parts: dict[str, Any] = {
        "items": items,
        "disputed": () if bare else _disputed(firm["reason"]),
        "not_due": () if bare else _upcoming()[:1],
        "credits": (Item("ZE-20931", date(2026, 10, 19), None, -50_000, -50_000),),
        "interest": _interest(items, firm["rate"], until) if charged else None,
        "fixed_sum": 8_000 if stage in {"final", "pre_legal"} else 0,
        "instalments": _instalments() if kind.startswith("plan_") else (),
        "facts": _facts(firm, kind),
    }
    number = STAGES.index(stage) + 1 if stage in STAGES else 0
    letter = Letter(
        letter_id=f"{firm['prefix']}-2026-{KINDS.index(kind):02d}{number}",
        kind=kind,
        language=language,
        sender=_sender(firm),
        customer=_customer(firm),
        currency=firm["currency"],
        cut_off=CUT_OFF,
        issued_on=ISSUED,
        stage=stage,
        pay_by=None if stage == "pre_due" else PAY_BY,
        policy="standard",
        level=max(0, number - 1),
        **parts,
    )
    return replace(letter, **changes)


def long_sample(language: str, items: int) -> Letter:
    """A letter with many items, for page breaks and speed."""
    first = _overdue()[0]
    many = tuple(
        Item(
            document_no=f"R-{260_000 + number}",
            issued_on=first.issued_on,
            due_on=first.due_on,
            original=100_000 + 137 * number,
            open=100_000 + 137 * number,
            days_overdue=first.days_overdue,
            reference=f"PO-{7_000 + number}",
        )
        for number in range(items)
    )
    return sample(language, "dunning", "first", items=many)


def _sender(firm: dict[str, Any]) -> Sender:
    own = {key: value for key, value in firm["sender"].items() if key != "account"}
    own["address"] = tuple(own["address"])
    return Sender(**own, accounts=(BankAccount(firm["currency"], **firm["sender"]["account"]),))


def _customer(firm: dict[str, Any]) -> Recipient:
    return Recipient(**{**firm["customer"], "address": tuple(firm["customer"]["address"])})


def _overdue() -> tuple[Item, ...]:
    """Two invoices; of the first a part was paid and a part credited."""
    return (
        Item("R-260711", date(2026, 7, 11), date(2026, 8, 10), 1_250_000, 900_000,
             paid=300_000, credited=50_000, days_overdue=82, reference="PO-7741"),
        Item("R-260802", date(2026, 8, 2), date(2026, 9, 1), 856_500, 856_500,
             days_overdue=60, reference="PO-7802"),
        Item("R-260830", date(2026, 8, 30), date(2026, 9, 29), 100_000, 100_000,
             days_overdue=32, reference="PO-7855", instalment="2"),
    )  # fmt: skip


def _upcoming() -> tuple[Item, ...]:
    return (
        Item("R-261004", date(2026, 10, 4), date(2026, 11, 3), 320_000, 320_000, reference="PO-7990"),
        Item("R-261007", date(2026, 10, 7), date(2026, 11, 6), 145_050, 145_050, reference="PO-8003"),
    )  # fmt: skip


def _disputed(reason: str) -> tuple[Item, ...]:
    return (
        Item("R-260815", date(2026, 8, 15), date(2026, 9, 14), 480_000, 120_000,
             paid=360_000, days_overdue=47, reference="PO-7820", reason=reason),
    )  # fmt: skip


def _interest(items: tuple[Item, ...], rate: str, until: date) -> Interest:
    """Interest at 12 % over 365 days: figures of a sample, not of a law."""
    segments = tuple(
        Segment(item.document_no, item.due_on + timedelta(1), until, item.open, rate, days,
                item.open * 12 * days // 36_500)
        for item in items
        if item.due_on and (days := (until - item.due_on).days) > 0
    )  # fmt: skip
    amount = sum(part.amount for part in segments)
    return Interest(amount, "§", rate, "act/365", segments[0].from_on, until, segments)


def _instalments() -> tuple[Instalment, ...]:
    days = (date(2026, 10, 15), date(2026, 11, 15), date(2026, 12, 15), date(2027, 1, 15))
    amounts = (541_950, 421_517, 421_517, 421_516)
    return tuple(
        Instalment(str(number), day, amount)
        for number, (day, amount) in enumerate(zip(days, amounts, strict=True), 1)
    )


def _facts(firm: dict[str, Any], kind: str) -> dict[str, Fact]:
    return {
        **data_toml("letter_samples.toml")["facts"].get(kind, {}),
        **firm["facts"].get(kind, {}),
    }
