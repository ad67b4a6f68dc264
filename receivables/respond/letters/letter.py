"""What one letter holds before any words are chosen: parties, items, charges, dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType

from receivables.errors import BadValueError

LANGUAGES = ("en", "zh-CN", "de", "fr", "es")
"""Languages that letters are written in."""

STAGES = ("pre_due", "reminder", "first", "formal", "final", "pre_legal")
"""Stages of dunning, from the courtesy note before the due date to the letter before action."""

KINDS = (
    "dunning",
    "statement",
    "dispute_ack",
    "undisputed_part",
    "plan_offer",
    "plan_confirmation",
    "plan_breach",
    "terms_change",
    "limit_reduction",
    "security_request",
    "retention_notice",
    "collections_handover",
    "balance_confirmation",
    "proof_of_claim",
)
"""Kinds of letter. Only `dunning` has stages."""

Fact = str | int | date
"""A further fact of a kind of letter: text, minor units of the letter's currency, or a day.
Which facts a kind needs stands in `templates/variables.toml`."""


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where to pay: IBAN and BIC, or account number and branch (开户行)."""

    currency: str
    bank: str
    account: str
    bic: str = ""
    holder: str = ""
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """The company that writes, as its letterhead names it."""

    name: str
    address: tuple[str, ...] = ()
    country: str = ""
    registration_no: str = ""
    tax_no: str = ""
    contact: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""
    dispute_email: str = ""
    """Where disputes go; empty = `email`."""
    dispute_address: str = ""
    data_protection: str = ""
    """Address or page of the data-protection notice; the sentence around it is ours."""
    signatory: str = ""
    accounts: tuple[BankAccount, ...] = ()
    company: str = ""
    """Key of the company in the ledger."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """The customer as the letter addresses it."""

    customer_id: str
    name: str
    address: tuple[str, ...] = ()
    country: str = ""
    registration_no: str = ""
    contact: str = ""
    email: str = ""
    legal_form: str = "company"
    """company, sole_trader, consumer or public_body: decides legal notices and periods."""


@dataclass(frozen=True, slots=True)
class Item:
    """One document (or instalment of one) of the letter, money in minor units."""

    document_no: str
    issued_on: date | None
    due_on: date | None
    original: int
    open: int
    paid: int = 0
    credited: int = 0
    days_overdue: int = 0
    instalment: str = ""
    reference: str = ""
    """The customer's own reference: order or purchase order number."""
    kind: str = "invoice"
    level: int = 0
    interest: int = 0
    fixed_sum: int = 0
    disputed: int = 0
    reason: str = ""
    """Why it is disputed, as the customer put it."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of interest: principal × rate over days."""

    document_no: str
    from_on: date
    to_on: date
    principal: int
    rate: str
    days: int
    amount: int


@dataclass(frozen=True, slots=True)
class Interest:
    """Late-payment interest of the letter: `rate` and `basis` are text as they are to be printed."""

    amount: int
    scheme: str
    rate: str
    basis: str
    from_on: date
    to_on: date
    segments: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class Instalment:
    """One instalment of a plan."""

    number: str
    due_on: date
    amount: int
    paid: int = 0


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one customer in one currency; money in minor units of `currency`.

    What is demanded is computed here and nowhere else: a template prints it.

    >>> day = date(2026, 10, 31)
    >>> letter = Letter("L1", "dunning", "en", Sender("A"), Recipient("1", "B"), "EUR", day, day,
    ...     stage="first", items=(Item("R1", day, day, 10_000, 9_000, paid=1_000),),
    ...     credits=(Item("P9", day, None, -500, -500),), fee=250)
    >>> letter.overdue, letter.unapplied, letter.payable
    (9000, 500, 8750)
    """

    letter_id: str
    kind: str
    language: str
    sender: Sender
    customer: Recipient
    currency: str
    cut_off: date
    issued_on: date
    stage: str = ""
    pay_by: date | None = None
    policy: str = ""
    level: int = 0
    items: tuple[Item, ...] = ()
    """Demanded (or confirmed, claimed): overdue and undisputed."""
    disputed: tuple[Item, ...] = ()
    """Shown apart and not demanded."""
    not_due: tuple[Item, ...] = ()
    """Shown apart and not demanded."""
    credits: tuple[Item, ...] = ()
    """Unapplied payments and credit notes, `open` negative."""
    interest: Interest | None = None
    fee: int = 0
    fixed_sum: int = 0
    instalments: tuple[Instalment, ...] = ()
    governing_law: str = ""
    """Country of the law of the contract; empty = the customer's country."""
    notices: tuple[str, ...] = ()
    """Legal notices of the firm's own, printed after those of `data/letter_notices.csv`."""
    last_payment_on: date | None = None
    enclosures: tuple[Path, ...] = ()
    """Files that go along: attached to the e-mail, named at the end of the letter."""
    facts: Mapping[str, Fact] = field(default_factory=lambda: MappingProxyType({}))

    overdue: int = field(init=False, repr=False, compare=False)
    """Sum of what the demanded items owe."""
    in_dispute: int = field(init=False, repr=False, compare=False)
    """Sum of the disputed amounts."""
    falling_due: int = field(init=False, repr=False, compare=False)
    """Sum of the items not yet due."""
    unapplied: int = field(init=False, repr=False, compare=False)
    """Payments and credits without an invoice, as a positive amount."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadValueError(
                f"Letter {self.letter_id}: no kind '{self.kind}'; give one of {', '.join(KINDS)}."
            )
        if self.kind == "dunning" and self.stage not in STAGES:
            raise BadValueError(
                f"Letter {self.letter_id}: no stage '{self.stage}'; give one of {', '.join(STAGES)}."
            )

        for name, items, sign in (
            ("overdue", self.items, 1),
            ("in_dispute", self.disputed, 1),
            ("falling_due", self.not_due, 1),
            ("unapplied", self.credits, -1),
        ):
            object.__setattr__(self, name, sign * sum([item.open for item in items]))

    @property
    def wording(self) -> str:
        """Name of its wording: the stage of a dunning letter, else its kind."""
        return self.stage if self.kind == "dunning" else self.kind

    @property
    def charges(self) -> int:
        """Interest, fee and fixed sums."""
        return (self.interest.amount if self.interest else 0) + self.fee + self.fixed_sum

    @property
    def payable(self) -> int:
        """What is demanded: overdue + charges − unapplied credits, never below zero."""
        return max(0, self.overdue + self.charges - self.unapplied)

    @property
    def balance(self) -> int:
        """Balance of the account: everything open, less credits; no charges."""
        return self.overdue + self.in_dispute + self.falling_due - self.unapplied
