"""Small ledgers for tests of dunning: customers with addresses, a sender with an account."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from receivables.ledger.link import link
from receivables.ledger.open import open_items
from receivables.refresh import Books
from receivables.respond.dunning import Known, make_plan
from receivables.respond.letters.render import Refusal, Rendered, write
from receivables.settings import Settings
from tests.ledgers import invoice, ledger

AS_OF = date(2026, 10, 31)
SENDER = {"company": "", "name": "Hansen GmbH", "address": "Kai 7\n20457 Hamburg", "country": "DE"}
ACCOUNT = {"bank": "Kontorbank", "account": "DE89 3704 0044 0532 0130 00"}


def customer(number="C1", **more):
    own = {"customer_id": number, "name": f"Firm {number}", "address": "Street 1\nTown"}
    return own | {"email": f"{number.lower()}@example.com", "language": "en"} | more


def dunning_ledger(documents, customers=None, **tables):
    names = {row.get("customer_id", "C1") for row in documents}
    people = customers if customers is not None else [customer(name) for name in sorted(names)]
    return ledger(documents=documents, customers=people, companies=[SENDER], bank_accounts=[ACCOUNT], **tables)  # fmt: skip


def books_of(documents, customers=None, settings=None, path="test.csv", until=AS_OF, **tables):
    """Books whose newest posting is of a day, so that they are not older than the bank."""
    newest = [invoice("Z0", 1, on=until.isoformat(), due="2027-12-31", customer_id="Z0")] if until else []  # fmt: skip
    if customers is None:
        customers = [customer(name) for name in sorted({row.get("customer_id", "C1") for row in documents})]  # fmt: skip
    found = dunning_ledger([*documents, *newest], customers, **tables)
    return Books(str(path), "", found, link(found), settings or Settings())


def plan_of(documents, customers=None, as_of=AS_OF, known=None, **tables):
    found = dunning_ledger(documents, customers, **tables)
    return make_plan(found, open_items(link(found), as_of), known or Known())


def outcome(*args, **more):
    """(level, reasons) of the only group."""
    plan = plan_of(*args, **more)
    [(_group, decision)] = plan.decided
    level = decision.letters[0].level.level if decision.letters else 0
    return level, decision.reasons


@dataclass
class TextRenderer:
    """Writes a letter as one line of text: fast, and as strict about whole files as ours."""

    refuse: frozenset[str] = frozenset()
    calls: list[str] = field(default_factory=list)

    def render(self, letter, folder: Path) -> Rendered:
        self.calls.append(letter.letter_id)
        if letter.customer.customer_id in self.refuse:
            return Rendered(letter.letter_id, (), (Refusal(letter.letter_id, "", "", "no"),))
        items = [(item.document_no, item.level, item.open) for item in letter.items]
        text = f"{letter.letter_id} {letter.stage} {letter.customer.name} {letter.payable} {items}"
        return Rendered(letter.letter_id, (write(folder, f"{letter.letter_id}.txt", text.encode()),), ())  # fmt: skip
