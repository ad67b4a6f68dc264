"""Small ledgers for tests of the reserve, and a policy of sample rates."""

from receivables.ledger.link import link
from receivables.monitor.reserve_policy import policy_of
from receivables.refresh import Books
from receivables.settings import Settings
from tests.ledgers import credit, day, invoice, ledger

SAMPLE = {
    "Current": "0.3%",
    "1-30 d": "1.6%",
    "31-60 d": "3.6%",
    "61-90 d": "6.6%",
    "91+ d": "10.6%",
    "No due date": "3.6%",
    "Dilution": "25%",
}
"""Sample rates (those of IFRS 9 IE74, a sample there too)."""


def books(settings=None, **tables):
    checked = ledger(**tables)
    return Books("test", "", checked, link(checked), settings or Settings(local_currency="EUR"))


def sample(**more):
    rows = [{"bucket": name, "rate": rate, "source": "sample"} for name, rate in SAMPLE.items()]
    return policy_of({"matrix": rows, **more})


def allowance(balance, on="10-31", currency="EUR", **more):
    return {
        "company": "", "account": "1246", "currency": currency, "as_of": day(on),
        "balance": balance, "kind": "allowance", **more,
    }  # fmt: skip


def write_off(number, amount, on, applies_to, **more):
    return {**credit(number, amount, on, applies_to), "kind": "write_off", **more}


def recovery(number, amount, on, applies_to, **more):
    return {
        **invoice(number, amount, on, on),
        "kind": "recovery",
        "applies_to": applies_to,
        **more,
    }
