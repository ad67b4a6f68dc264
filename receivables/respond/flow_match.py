"""Order, goods and money of one sale side by side: where the three flows part, and who is not the buyer."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

from receivables.errors import DomainError

MATCH = "match"
REASONS = {
    "no_order": ("delivered or paid without an order", "无订单而有发货或付款"),
    "not_delivered": ("ordered, nothing delivered", "已下单未发货"),
    "short_delivery": ("delivered less than ordered", "发货少于订单"),
    "over_delivery": ("delivered more than ordered", "发货多于订单"),
    "not_paid": ("delivered, nothing paid", "已发货未付款"),
    "short_payment": ("paid less than delivered", "付款少于发货"),
    "over_payment": ("paid more than delivered", "付款多于发货"),
    "consignee": ("the goods went to somebody else than the buyer", "收货方与买方不一致"),
    "payer": ("the money came from somebody else than the buyer", "付款方与买方不一致"),
}
"""Reason codes with their words; the first three pairs compare amounts, the last two names."""


def flow_match(
    ordered: Decimal,
    delivered: Decimal,
    paid: Decimal,
    tolerance: Decimal = Decimal(0),
    *,
    buyer: str = "",
    consignee: str = "",
    payer: str = "",
) -> list[str]:
    """Codes of the differences between order, delivery and payment; none = the three flows match.

    Two amounts match if they differ by no more than the tolerance. Names are compared only where
    both are given.

    Args:
        ordered: value of the order, same currency and same tax for all three.
        delivered: value of what was delivered.
        paid: what was paid.
        tolerance: largest difference that counts as equal, such as a bank charge.
        buyer: who ordered.
        consignee: who received the goods.
        payer: who paid.

    Raises:
        DomainError: an amount below 0.

    Source: seed article (订单流、物流与资金流的三流合一).

    >>> flow_match(Decimal(100), Decimal(80), Decimal(100))
    ['short_delivery', 'over_payment']
    >>> flow_match(Decimal(100), Decimal(100), Decimal("99.5"), Decimal("0.5"), buyer="Acme", payer="Bolt")
    ['payer']
    """
    given = {"ordered": ordered, "delivered": delivered, "paid": paid, "tolerance": tolerance}
    for name, amount in given.items():
        if amount < 0:
            raise DomainError(f"{name} is {amount:f}, below 0. Give the amount without a sign.")
    found = [*_goods(ordered, delivered, paid, tolerance), *_money(delivered, paid, tolerance)]
    for name, other in (("consignee", consignee), ("payer", payer)):
        if buyer and other and _plain(buyer) != _plain(other):
            found.append(name)
    return found


def _goods(ordered: Decimal, delivered: Decimal, paid: Decimal, tolerance: Decimal) -> list[str]:
    if not ordered:
        return ["no_order"] if delivered or paid else []
    if not delivered:
        return ["not_delivered"]
    if delivered < ordered - tolerance:
        return ["short_delivery"]
    return ["over_delivery"] if delivered > ordered + tolerance else []


def _money(delivered: Decimal, paid: Decimal, tolerance: Decimal) -> list[str]:
    if delivered and not paid:
        return ["not_paid"]
    if paid < delivered - tolerance:
        return ["short_payment"]
    return ["over_payment"] if paid > delivered + tolerance else []


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
