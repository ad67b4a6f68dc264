"""Orders in cells: held or not, the stages of an online order, the match of three flows."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

from receivables.cells import Amount, Arg, CellError, Day, Table, Text, cell
from receivables.cells.coerce import is_blank, to_number, to_text
from receivables.cells.faults import IncomingError
from receivables.errors import BadValueError, ReceivablesError
from receivables.ledger.spelling import fold, known_columns
from receivables.respond import ecommerce, order_hold
from receivables.respond import flow_match as flows
from receivables.transfer.headed import records

ORDER = {"terms_days": "terms|payment terms|账期", "cover_scope": "scope|cover scope|保障范围"}
CUSTOMER = {
    "limit": "limit|credit limit|额度|信用额度",
    "exposure": "exposure|open|receivables|敞口|应收余额",
    "overdue_days": "overdue_days|overdue days|days overdue|days late|逾期天数",
    "grade": "grade|credit grade|等级|信用等级",
    "insolvent": "insolvent|insolvency|破产",
    "stop_ship_on": "stop_ship_on|stop ship|停止发货日",
}
POLICY = {"rule": "rule|code|threshold|规则", "value": "value|阈值|值"}


@cell("ORDER_HOLD", family="respond")
def order_hold_of(
    order: Annotated[
        Table,
        Arg(
            "orders with headings amount and, where known, terms_days, identity_ref, escrow_state, "
            "cover, released_by, released_on, customer_id",
            "table",
        ),
    ],
    customer: Annotated[
        Table,
        Arg(
            "their customers with headings limit, exposure, overdue_days, grade, credit_hold, "
            "insolvent, stop_ship_on, terms_days; one row, one per order, or by customer_id",
            "table",
        ),
    ],
    as_of: Annotated[Day, Arg("day of the question", "date")],
    policy: Annotated[
        Table | None,
        Arg(
            "own thresholds with headings rule, value: overdue, limit, prepay, release_days",
            "table",
        ),
    ] = None,
) -> Annotated[
    Text, Arg("ok, hold: reasons, or released: reasons (name, date); a column for several", "text")
]:
    """Whether an order is held and why; a release by name and date lifts it and stays visible.

    A blank cell is not tested. Exposure is without this order; equal to the limit is allowed.

    >>> from datetime import date
    >>> customer = [["limit", "exposure", "overdue_days"], [100000, 90000, 3]]
    >>> order_hold_of([["amount"], [10000]], customer, date(2026, 10, 31))
    'ok'
    >>> order_hold_of([["amount"], [10001]], customer, date(2026, 10, 31))
    'hold: limit'
    """
    orders = records(order, _words("orders", ORDER), "order")
    found = _matched(orders, records(customer, _words("customers", CUSTOMER), "customer"))
    terms = order_hold.HoldPolicy.of(_thresholds(policy))
    return _texts(
        [
            partial(_held, *pair, at, as_of, terms)
            for at, pair in enumerate(zip(orders, found, strict=True), 1)
        ]
    )


@cell("ECOM_STAGE", family="respond")
def ecom_stage(
    order: Annotated[
        Table,
        Arg(
            "orders with headings identity_ref, escrow_state, cover, pod_ref, delivered_on",
            "table",
        ),
    ],
) -> Annotated[
    Text, Arg("identity, escrow, cover or complete; +released_early; a column for several", "text")
]:
    """First stage of an online order that is not passed: identity before, escrow during, cover after the trade.

    >>> ecom_stage([["identity_ref", "escrow_state", "cover"], ["KYC-17", None, None]])
    'escrow'
    """
    orders = records(order, _words("orders", ORDER), "order")
    return _texts([partial(ecommerce.stage, row) for row in orders])


@cell("FLOW_MATCH", family="respond")
def flow_match(
    ordered: Annotated[Amount, Arg("value ordered", "money")],
    delivered: Annotated[Amount, Arg("value delivered; 0 or blank = nothing", "money")] = Decimal(
        0
    ),
    paid: Annotated[Amount, Arg("value paid; 0 or blank = nothing", "money")] = Decimal(0),
    tolerance: Annotated[
        Amount, Arg("largest difference that counts as equal", "money")
    ] = Decimal(0),
    buyer: Annotated[Text, Arg("who ordered", "text")] = "",
    consignee: Annotated[Text, Arg("who received the goods", "text")] = "",
    payer: Annotated[Text, Arg("who paid", "text")] = "",
) -> Annotated[Text, Arg("match, or reason codes joined by +", "text")]:
    """Three-way match of order, delivery and payment (三流合一): match, or the codes of the differences.

    >>> flow_match(100, 100, 100), flow_match(100, 80, 100)
    ('match', 'short_delivery+over_payment')
    """
    found = flows.flow_match(
        Decimal(ordered), Decimal(delivered), Decimal(paid), Decimal(tolerance),
        buyer=buyer, consignee=consignee, payer=payer,
    )  # fmt: skip
    return "+".join(found) or flows.MATCH


def _held(
    order: dict[str, Any],
    customer: dict[str, Any],
    number: int,
    as_of: Day,
    terms: order_hold.HoldPolicy,
) -> str:
    facts = order_hold.facts_of(order, customer, f"order {number}")
    return order_hold.decide(facts, as_of, terms).text()


def _words(table: str, own: dict[str, str]) -> dict[str, str]:
    extra = {fold(word): name for name, words in own.items() for word in (name, *words.split("|"))}
    return known_columns(table) | extra


def _matched(
    orders: Sequence[dict[str, Any]], customers: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    keyed = {_key(row): row for row in customers if _key(row)}
    if keyed and all(_key(row) for row in orders):
        missing = next((row for row in orders if _key(row) not in keyed), None)
        if missing:
            raise BadValueError(
                f"The customer {to_text(missing['customer_id'])} is not in the range of customers. "
                "Add its row."
            )
        return [keyed[_key(row)] for row in orders]
    if len(customers) not in {1, len(orders)}:
        raise BadValueError(
            f"{len(orders)} orders stand beside {len(customers)} customers. Give one row for each "
            "order, one for all, or customer_id in both ranges."
        )
    return list(customers) if len(customers) > 1 else list(customers) * len(orders)


def _key(row: dict[str, Any]) -> str:
    from receivables.transfer.limits_at import fold_key

    cell = row.get("customer_id")
    return "" if is_blank(cell) else fold_key(to_text(cell))


def _thresholds(policy: list[list[Any]] | None) -> dict[str, float]:
    if policy is None:
        return {}
    known = {fold(word): name for name, words in POLICY.items() for word in words.split("|")}
    found = {}
    for number, row in enumerate(records(policy, known, "policy"), 2):
        if is_blank(row.get("rule")) or is_blank(row.get("value")):
            raise BadValueError(f"policy, row {number}: rule and value are both needed.")
        found[to_text(row["rule"])] = to_number(row["value"])
    return found


def _texts(answers: Sequence[Callable[[], str]]) -> str:
    """One answer, or a column of them in which a fault marks its own row."""
    if len(answers) == 1:
        return answers[0]()
    column: Any = [[_marked(answer)] for answer in answers]
    told: str = column
    return told


def _marked(answer: Callable[[], str]) -> str | CellError:
    try:
        return answer()
    except IncomingError as fault:
        return fault.error
    except ReceivablesError as fault:
        return CellError(fault.cell, str(fault))
