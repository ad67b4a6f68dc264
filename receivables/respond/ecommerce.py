"""Three stages of an online order: identity before, escrow during, cover after the trade."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from receivables.cells.coerce import is_blank, to_text
from receivables.errors import BadValueError
from receivables.ledger.spelling import fold
from receivables.resources import data_rows

COMPLETE = "complete"
EARLY = "released_early"


class Stage(NamedTuple):
    """A stage, its number, the column of Orders that proves it."""

    stage: str
    number: int
    column: str
    text_en: str
    text_zh: str


@cache
def stages() -> tuple[Stage, ...]:
    """The stages in their order (`data/ecom_stages.csv`).

    >>> [stage.stage for stage in stages()]
    ['identity', 'escrow', 'cover']
    """
    return tuple(
        Stage(row["stage"], int(row["number"]), row["column"], row["text_en"], row["text_zh"])
        for row in data_rows("ecom_stages.csv")
    )


def stage(order: Mapping[str, Any]) -> str:
    """First stage of an order that is not passed, or complete; with it, escrow paid out too early.

    Args:
        order: cells of a row of Orders by column: identity_ref, escrow_state, cover, pod_ref,
            delivered_on.

    Raises:
        BadValueError: an escrow state that no word of the table names.

    Source: seed article, FAQ 4.

    >>> stage({"identity_ref": "KYC-17", "escrow_state": "held"})
    'cover'
    >>> stage({"identity_ref": "KYC-17", "escrow_state": "已放款", "cover": "policy 7"})
    'complete+released_early'
    """
    found = next((one.stage for one in stages() if not passed(order, one.stage)), COMPLETE)
    return f"{found}+{EARLY}" if released_early(order) else found


def passed(order: Mapping[str, Any], name: str) -> bool:
    """Whether the order has what the stage asks for."""
    column = next(one.column for one in stages() if one.stage == name)
    if name == "escrow":
        return escrow(order) in {"held", "released"}
    cell = order.get(column)
    return not is_blank(cell) and cell is not False and _means(column, cell) != "no"


def escrow(order: Mapping[str, Any]) -> str:
    """State of the money in escrow: held, released, no, or "" where none is named.

    Raises:
        BadValueError: an unknown state.
    """
    cell = order.get("escrow_state")
    if is_blank(cell):
        return ""
    found = _means("escrow_state", cell)
    if not found:
        raise BadValueError(
            f"escrow_state '{to_text(cell)}' is no state that is known. Write held, released or no."
        )
    return found


def released_early(order: Mapping[str, Any]) -> bool:
    """Whether escrow was paid out although nothing proves the delivery."""
    proven = any(not is_blank(order.get(name)) for name in ("pod_ref", "delivered_on"))
    return escrow(order) == "released" and not proven


def is_online(order: Mapping[str, Any]) -> bool:
    """Whether the stages apply: the order names an identity check, escrow, or the scope ecommerce."""
    from receivables.transfer.rules import scope_words

    scope = order.get("cover_scope")
    named = not is_blank(scope) and scope_words().get(fold(to_text(scope))) == "ecommerce"
    return named or any(not is_blank(order.get(name)) for name in ("identity_ref", "escrow_state"))


def prepaid(order: Mapping[str, Any]) -> bool:
    """Whether the order is paid before it leaves.

    >>> prepaid({"cover": "预付款"})
    True
    """
    cell = order.get("cover")
    return not is_blank(cell) and _means("cover", cell) == "prepaid"


def _means(column: str, cell: Any) -> str:
    return _words().get((column, fold(to_text(cell))), "")


@cache
def _words() -> dict[tuple[str, str], str]:
    return {
        (row["column"], fold(word)): row["means"]
        for row in data_rows("ecom_words.csv")
        for word in (row["means"], *row["words_en"].split("|"), *row["words_zh"].split("|"))
    }
