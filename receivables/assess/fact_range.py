"""Facts of customers from a range: each cell read under the name of its heading, by its kind."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from receivables.assess.factor_range import FactorRange
from receivables.cells.coerce import is_blank, to_amount, to_flag, to_number, to_text
from receivables.cells.faults import pass_through
from receivables.errors import BadValueError, ReceivablesError
from receivables.ledger.spelling import fold
from receivables.resources import data_rows

Facts = dict[str, Any]
READ = {
    "amount": to_amount,
    "amounts": to_amount,
    "number": to_number,
    "text": to_text,
    "flag": to_flag,
    "label": to_text,
}


@cache
def kinds(fact_set: str) -> dict[str, str]:
    """Facts of a set of `data/limit_facts.csv` in order, with the kind of each.

    >>> kinds("usable")
    {'own': 'amount', 'insured': 'amount', 'customer': 'label'}
    """
    return {
        row["fact"]: row["kind"] for row in data_rows("limit_facts.csv") if row["set"] == fact_set
    }


@cache
def _words(fact_set: str) -> dict[str, str]:
    return {
        fold(word): row["fact"]
        for row in data_rows("limit_facts.csv")
        if row["set"] == fact_set
        for word in (row["fact"], *row["words_en"].split("|"), *row["words_zh"].split("|"))
    }


def customers(found: FactorRange, fact_set: str, order: Sequence[str]) -> list[Facts | None]:
    """The facts of each customer of a range; a blank row is None, a blank cell is not there.

    A fact of kind `amounts` may stand in several columns and is a list.

    Args:
        found: headings and rows.
        fact_set: set of `data/limit_facts.csv`.
        order: facts of a row without headings.

    Raises:
        BadValueError: an unknown heading, two for one fact, too many cells, a cell that cannot be
            read; names it.

    >>> from receivables.assess.factor_range import factor_range
    >>> customers(factor_range([["Own limit", "insured"], [5000, None]]), "usable", ())
    [{'own': Decimal('5000')}]
    """
    found.refuse_nameless()
    names = named(found.headings, fact_set) if found.headings else list(order)
    if not found.headings and len(found.rows[0]) > len(names):
        raise BadValueError(
            f"The row has {len(found.rows[0])} cells for {len(names)} facts. Give headings above it."
        )
    return [
        None
        if all(is_blank(cell) for cell in row)
        else facts(fact_set, list(zip(names, row, strict=False)))
        for row in found.rows
    ]


def named(headings: Sequence[Any], fact_set: str) -> list[str]:
    """The fact of each heading; empty for a blank one.

    Raises:
        BadValueError: a heading that names no fact, or two that name the same one.
    """
    known, names = _words(fact_set), []
    for heading in headings:
        text = "" if is_blank(heading) else to_text(heading)
        name = known.get(fold(text) if text else "", "") or _numbered(text, known)
        if text and not name:
            near = difflib.get_close_matches(fold(text), known, n=1)
            hint = f"Did you mean '{known[near[0]]}'?" if near else "Leave the column out."
            raise BadValueError(f"The heading '{text}' names no fact. {hint}")
        if name in names and kinds(fact_set)[name] not in {"amounts", "label"}:
            raise BadValueError(f"Two headings stand for {name}. Leave one.")
        names.append(name)
    return names


def facts(fact_set: str, cells: Sequence[tuple[str, Any]]) -> Facts:
    """Cells read by the kind of their fact; blanks and labels are left out.

    Raises:
        BadValueError: a cell that cannot be read; names the fact.
    """
    found: Facts = {}
    for name, cell in cells:
        kind = kinds(fact_set).get(name, "label")
        if is_blank(cell) or kind == "label":
            continue
        pass_through(cell)
        try:
            value = READ[kind](cell)
        except ReceivablesError as fault:
            raise type(fault)(f"{name}: {fault}") from None
        found[name] = [*found.get(name, []), value] if kind == "amounts" else value
    return found


def _numbered(text: str, known: Mapping[str, str]) -> str:
    """`reference_2` stands for `reference`; only for facts that may be there several times."""
    name = known.get(fold(text.rstrip("0123456789").rstrip("_ ")), "") if text else ""
    return name if name == "reference" else ""
