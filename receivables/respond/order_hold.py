"""Whether an order is held, for which reasons, and who released it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from receivables.cells.coerce import is_blank, to_amount, to_day, to_flag, to_number, to_text
from receivables.errors import BadValueError, ReceivablesError
from receivables.resources import data_rows
from receivables.respond import ecommerce

OK, HOLD, RELEASED = "ok", "hold", "released"


@dataclass(frozen=True, slots=True)
class HoldPolicy:
    """Thresholds of a hold; each a row of `data/ecom_holds.csv` unless the user gives his own."""

    overdue: float
    limit: Decimal
    prepay: float
    release_days: float

    @classmethod
    def of(cls, own: Mapping[str, float] | None = None) -> HoldPolicy:
        """The shipped thresholds, with the user's in their place.

        Raises:
            BadValueError: a threshold that does not exist.

        >>> HoldPolicy.of({"overdue": 30}).overdue
        30
        """
        values = {
            row["code"]: float(row["value"]) for row in data_rows("ecom_holds.csv") if row["value"]
        }
        for name in own or {}:
            if name not in values:
                raise BadValueError(f"'{name}' is no threshold. Use {', '.join(values)}.")
        values |= own or {}
        return cls(values["overdue"], Decimal(repr(values["limit"])), values["prepay"], values["release_days"])  # fmt: skip


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What decides about one order; None = not known, so not tested."""

    amount: Decimal | None = None
    limit: Decimal | None = None
    exposure: Decimal | None = None
    overdue_days: float | None = None
    grade: float | None = None
    credit_hold: bool | None = None
    insolvent: bool | None = None
    stop_ship_on: date | None = None
    terms_days: float | None = None
    terms_cap: float | None = None
    released_by: str = ""
    released_on: date | None = None
    online: Mapping[str, Any] | None = None
    """Columns of the online stages as they stand in Orders."""


@dataclass(frozen=True, slots=True)
class Decision:
    """ok, hold or released; the reasons stay visible after a release."""

    state: str
    reasons: tuple[str, ...]
    released_by: str = ""
    released_on: date | None = None

    def text(self) -> str:
        """The decision as a cell shows it.

        >>> Decision("released", ("limit",), "Chen", date(2026, 10, 30)).text()
        'released: limit (Chen, 2026-10-30)'
        """
        if self.state == OK:
            return OK
        told = f"{self.state}: {'+'.join(self.reasons)}"
        if self.state == RELEASED:
            return f"{told} ({self.released_by}, {self.released_on})"
        return told


def decide(facts: OrderFacts, as_of: date, policy: HoldPolicy) -> Decision:
    """The order is held while a reason applies, unless somebody released it by name and date.

    A release counts from its day on, for the days of the policy; a name without a date, a date
    without a name or one after the as-of date releases nothing.

    Args:
        facts: order and customer.
        as_of: day of the question.
        policy: thresholds.

    >>> facts = OrderFacts(amount=Decimal(20), exposure=Decimal(90), limit=Decimal(100), overdue_days=15)
    >>> decide(facts, date(2026, 10, 31), HoldPolicy.of()).text()
    'hold: overdue+limit'
    """
    found = reasons(facts, as_of, policy)
    if not found:
        return Decision(OK, ())
    on = facts.released_on
    valid = (
        bool(facts.released_by)
        and on is not None
        and 0 <= (as_of - on).days <= policy.release_days
    )
    if valid:
        return Decision(RELEASED, tuple(found), facts.released_by, on)
    return Decision(HOLD, tuple(found))


def reasons(facts: OrderFacts, as_of: date, policy: HoldPolicy) -> list[str]:
    """Codes of the reasons that apply, in the order of the table."""
    online = facts.online or {}
    open_stages = _open_stages(online) if ecommerce.is_online(online) else set()
    applies = {
        "credit_hold": facts.credit_hold is True,
        "insolvent": facts.insolvent is True,
        "stop_ship": facts.stop_ship_on is not None and facts.stop_ship_on <= as_of,
        "overdue": facts.overdue_days is not None and facts.overdue_days >= policy.overdue,
        "limit": _over_limit(facts, policy),
        "prepay": facts.grade is not None and facts.grade >= policy.prepay and not ecommerce.prepaid(online),
        "terms": _longer(facts),
        "identity": "identity" in open_stages,
        "escrow": "escrow" in open_stages,
        "no_amount": facts.amount is None and facts.limit is not None,
    }  # fmt: skip
    return [code for code in reason_texts() if applies.get(code)]


@cache
def reason_texts() -> dict[str, tuple[str, str]]:
    """Reasons in English and Chinese by code.

    >>> reason_texts()["insolvent"][0]
    'customer is insolvent'
    """
    return {
        row["code"]: (row["text_en"], row["text_zh"])
        for row in data_rows("ecom_holds.csv")
        if row["code"] != "release_days"
    }


def facts_of(order: Mapping[str, Any], customer: Mapping[str, Any], where: str) -> OrderFacts:
    """Facts of the cells of an order and of its customer.

    Raises:
        BadValueError: a cell that cannot be read; names it.
    """
    cells = dict(customer) | {name: cell for name, cell in order.items() if name != "terms_days"}
    cells["terms_cap"] = customer.get("terms_days")
    cells["terms_days"] = order.get("terms_days")
    given: dict[str, Any] = {}
    for name, read in _READERS.items():
        if is_blank(cells.get(name)):
            continue
        try:
            given[name] = read(cells[name])
        except ReceivablesError as fault:
            raise type(fault)(f"{where}, {name}: {fault}") from None
    return OrderFacts(**given, online=order)


def _over_limit(facts: OrderFacts, policy: HoldPolicy) -> bool:
    if facts.limit is None or facts.amount is None:
        return False
    return (facts.exposure or Decimal(0)) + facts.amount > facts.limit * policy.limit


def _longer(facts: OrderFacts) -> bool:
    if facts.terms_days is None or facts.terms_cap is None:
        return False
    return facts.terms_days > facts.terms_cap


def _open_stages(order: Mapping[str, Any]) -> set[str]:
    return {name for name in ("identity", "escrow") if not ecommerce.passed(order, name)}


_READERS: dict[str, Any] = {
    "amount": to_amount,
    "limit": to_amount,
    "exposure": to_amount,
    "overdue_days": to_number,
    "grade": to_number,
    "credit_hold": to_flag,
    "insolvent": to_flag,
    "stop_ship_on": to_day,
    "terms_days": to_number,
    "terms_cap": to_number,
    "released_by": to_text,
    "released_on": to_day,
}
