"""Altman's Z scores of a balance sheet: which model, which zone, and when none applies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from receivables.days import edate
from receivables.errors import DomainError, NotAvailableError, ZeroDivideError
from receivables.resources import data_rows

ITEMS = (
    "total_assets", "working_capital", "retained_earnings", "ebit", "equity",
    "total_liabilities", "revenue",
)  # fmt: skip
"""What a model is made of, in the order of the arguments of ALTMAN_Z."""
NOISE = 1e-9
Money = Decimal | float


class Model(NamedTuple):
    """One row of `data/altman.csv`: coefficients of X1 … X5, constant, zones."""

    id: str
    name: str
    weights: tuple[float, ...]
    constant: float
    equity: str
    safe_above: float
    distress_below: float


class Term(NamedTuple):
    """One ratio of a model and what it adds."""

    name: str
    formula: str
    ratio: float
    weight: float
    adds: float


@cache
def model(name: str) -> Model:
    """A model by its id: z listed, z1 private, z2 non-manufacturer, em emerging market.

    >>> model("z2").weights
    (6.56, 3.26, 6.72, 1.05, 0.0)
    """
    row = next(row for row in data_rows("altman.csv") if row["model"] == name)
    return Model(
        name,
        row["name"],
        tuple(float(row[f"x{number}"]) for number in range(1, 6)),
        float(row["constant"]),
        row["equity"],
        float(row["safe_above"]),
        float(row["distress_below"]),
    )


def z_score(
    which: str, items: Mapping[str, Money | None], *, no_liabilities: str = "refuse"
) -> float:
    """Z = constant + Σ coefficient × ratio; the ratios are those of `terms`.

    Raises:
        NotAvailableError: an item is blank.
        DomainError: total assets of 0 or less, negative liabilities or sales.
        ZeroDivideError: no liabilities, unless capped.

    Source: Altman 1968, 1983, 1993, 2005 (data/altman.csv).

    >>> sheet = dict(total_assets=1000, working_capital=200, retained_earnings=300, ebit=120)
    >>> sheet |= dict(equity=900, total_liabilities=550, revenue=1200)
    >>> f"{z_score('z', sheet):.4f}"
    '3.2378'
    """
    found = terms(which, items, no_liabilities=no_liabilities)
    return model(which).constant + sum(term.adds for term in found)


def terms(
    which: str, items: Mapping[str, Money | None], *, no_liabilities: str = "refuse"
) -> list[Term]:
    """The ratios X1 … X5 of a model; those that it does not weigh are left out."""
    chosen = model(which)
    sheet = _sheet(chosen, items)
    assets = sheet["total_assets"]
    if assets <= 0:
        raise DomainError(f"total_assets is {assets:g}: give them as a positive amount.")
    for name in ("total_liabilities", "revenue"):
        if sheet.get(name, 0) < 0:
            raise DomainError(f"{name} is {sheet[name]:g}: give it as a positive amount.")
    ratios = [
        ("X1", "working capital ÷ total assets", sheet["working_capital"] / assets),
        ("X2", "retained earnings ÷ total assets", sheet["retained_earnings"] / assets),
        ("X3", "EBIT ÷ total assets", sheet["ebit"] / assets),
        _equity_term(chosen, sheet, no_liabilities),
        ("X5", "sales ÷ total assets", sheet.get("revenue", 0.0) / assets),
    ]
    return [
        Term(name, formula, ratio, weight, weight * ratio)
        for (name, formula, ratio), weight in zip(ratios, chosen.weights, strict=True)
        if weight
    ]


def zone(score: float, which: str) -> str:
    """Zone of a score: safe above the upper cut-off, distress below the lower, grey between and on them.

    >>> zone(3.0, "z"), zone(2.99, "z"), zone(1.81, "z"), zone(1.80, "z")
    ('safe', 'grey', 'grey', 'distress')
    """
    chosen = model(which)
    if score > chosen.safe_above + NOISE:
        return "safe"
    return "distress" if score < chosen.distress_below - NOISE else "grey"


def is_stale(period_end: date, as_of: date) -> bool:
    """Whether a statement is older than the months of `data/altman_rules.csv`; the day itself is not.

    >>> is_stale(date(2025, 4, 30), date(2026, 10, 30)), is_stale(date(2025, 4, 30), date(2026, 10, 31))
    (False, True)
    """
    return as_of > edate(period_end, int(rule("stale_months")))


def refuse_industry(industry: str) -> None:
    """Refuse banks and insurers, to which no model was fitted.

    Raises:
        NotAvailableError: the words of the industry name one.
    """
    text = industry.casefold()
    words = set(re.findall(r"\w+", text))
    for refused in rule("refused_words").split():
        if refused in words or (not refused.isascii() and refused in text):
            raise NotAvailableError(
                f"industry is '{industry}': no Altman model was fitted to banks and insurers. "
                "Use an agency's rating."
            )


@cache
def rule(name: str) -> str:
    """A value of `data/altman_rules.csv`, where its source stands."""
    return next(row["value"] for row in data_rows("altman_rules.csv") if row["rule"] == name)


def needed(which: str) -> tuple[str, ...]:
    """Items a model cannot do without.

    >>> needed("z2")[-1]
    'total_liabilities'
    """
    return ITEMS if model(which).weights[4] else ITEMS[:-1]


def statement_items(which: str, columns: Mapping[str, Any]) -> dict[str, Any]:
    """The items of a model from the columns of a statement (`data/columns.csv`).

    Working capital is current assets − current liabilities; equity is market value for model z.
    """
    found = {name: columns.get(name) for name in ITEMS}
    assets, debts = columns.get("current_assets"), columns.get("current_liabilities")
    if found["working_capital"] is None and assets is not None and debts is not None:
        found["working_capital"] = assets - debts
    found["equity"] = columns.get(model(which).equity)
    return found


def _sheet(chosen: Model, items: Mapping[str, Money | None]) -> dict[str, float]:
    missing = [name for name in needed(chosen.id) if items.get(name) is None]
    if missing:
        shown = [chosen.equity if name == "equity" else name for name in missing]
        raise NotAvailableError(
            f"{chosen.name}: {', '.join(shown)} blank. Fill in, with 0 where there is none."
        )
    return {name: float(amount) for name, amount in items.items() if amount is not None}


def _equity_term(
    chosen: Model, sheet: Mapping[str, float], no_liabilities: str
) -> tuple[str, str, float]:
    formula = f"{chosen.equity.replace('_', ' ')} ÷ total liabilities"
    if sheet["total_liabilities"]:
        return "X4", formula, sheet["equity"] / sheet["total_liabilities"]
    if no_liabilities == "cap":
        return "X4", f"{formula}: none, capped", float(rule("cap_x4"))
    raise ZeroDivideError(
        "total_liabilities is 0: equity over liabilities is not defined. Ask for the cap, or check."
    )
