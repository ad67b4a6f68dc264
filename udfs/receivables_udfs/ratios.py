"""Ratios of a balance sheet and Altman's Z in cells, from single figures or a range of them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

from receivables.assess import altman
from receivables.assess import ratios as core
from receivables.assess.factor_range import factor_range, is_factor_range
from receivables.assess.statement_range import (
    Statement,
    StatementRange,
    amount,
    explained,
    read_item,
    z_of_statement,
)
from receivables.cells import Amount, Arg, Choice, Day, Number, Table, Text, cell
from receivables.cells.coerce import to_amount, to_table
from receivables.cells.types import CellType
from receivables.errors import BadValueError
from receivables_udfs.factor_types import answers


def _first(value: Any) -> Decimal | StatementRange:
    return StatementRange(factor_range(value)) if isinstance(value, list) else to_amount(value)


FIRST = CellType("amount", "scalar", _first, one_value=is_factor_range)
STATEMENT = CellType("table", "table", lambda value: StatementRange(factor_range(to_table(value))))

First = Annotated[Decimal | StatementRange, FIRST]
"""One figure, or in its place a range with all of them."""
Whole = Annotated[StatementRange, STATEMENT]

OR_RANGE = "; or one range with headings over the figures, or a row of them"
Model = Annotated[
    Choice,
    Arg("z listed, z1 private, z2 non-manufacturer, em emerging market", "text", "altman_model"),
]
Ratio = Annotated[Number, Arg("the ratio", "ratio")]


@cell("DEBT_RATIO", family="assess")
def debt_ratio(
    total_liabilities: Annotated[First | None, Arg(f"total liabilities{OR_RANGE}", "money")],
    total_assets: Annotated[Amount | None, Arg("total assets", "money")],
) -> Ratio:
    """Debt ratio (资产负债率) = total liabilities ÷ total assets; above 1 equity is negative.

    Raises:
        ZeroDivideError: no assets.

    >>> debt_ratio(550, 1000)
    0.55
    """
    order = ("total_liabilities", "total_assets")
    return _each(total_liabilities, (total_assets,), order, core.debt_ratio)


@cell("CURRENT_RATIO", family="assess")
def current_ratio(
    current_assets: Annotated[First | None, Arg(f"current assets{OR_RANGE}", "money")],
    current_liabilities: Annotated[Amount | None, Arg("current liabilities", "money")],
) -> Ratio:
    """Current ratio (流动比率) = current assets ÷ current liabilities.

    >>> current_ratio(600, 400)
    1.5
    """
    order = ("current_assets", "current_liabilities")
    return _each(current_assets, (current_liabilities,), order, core.current_ratio)


@cell("CASHFLOW_COVER", family="assess")
def cashflow_cover(
    operating_cash_flow: Annotated[First | None, Arg(f"operating cash flow{OR_RANGE}", "money")],
    current_liabilities: Annotated[Amount | None, Arg("current liabilities", "money")],
) -> Ratio:
    """Cash-flow cover = operating cash flow ÷ current liabilities; negative if operations use up cash.

    >>> cashflow_cover(100, 400)
    0.25
    """
    order = ("operating_cash_flow", "current_liabilities")
    return _each(operating_cash_flow, (current_liabilities,), order, core.cashflow_cover)


@cell("ALTMAN_Z", family="assess")
def altman_z(
    model: Model,
    total_assets: Annotated[First | None, Arg(f"total assets{OR_RANGE}", "money")],
    working_capital: Annotated[
        Amount | None, Arg("current assets − current liabilities", "money")
    ] = None,
    retained_earnings: Annotated[Amount | None, Arg("retained earnings", "money")] = None,
    ebit: Annotated[Amount | None, Arg("profit before interest and tax", "money")] = None,
    equity: Annotated[
        Amount | None, Arg("market value of equity for model z, else book equity", "money")
    ] = None,
    total_liabilities: Annotated[Amount | None, Arg("total liabilities", "money")] = None,
    sales: Annotated[Amount | None, Arg("sales; models z2 and em do without", "money")] = None,
) -> Annotated[Number, Arg("Z; ALTMAN_ZONE says what it means", "ratio")]:
    """Altman's Z of one of four models; the model is never guessed.

    A range may add the columns industry (banks and insurers are refused) and no_liabilities (cap).

    Raises:
        NotAvailableError: an item is blank, a bank or an insurer.
        DomainError: total assets of 0 or less.
        ZeroDivideError: no liabilities, unless capped.

    Source: Altman 1968, 1983, 1993, 2005 (data/altman.csv).

    >>> f"{altman_z('z2', 1000, 200, 300, 120, 450, 550):.4f}"
    '3.9555'
    """
    figures = (working_capital, retained_earnings, ebit, equity, total_liabilities, sales)
    if not isinstance(total_assets, StatementRange):
        items = dict(zip(altman.ITEMS, (total_assets, *figures), strict=True))
        return altman.z_score(model, items)
    _refuse_beside(figures, altman.ITEMS[1:])
    found = _statements(total_assets, model)
    column: float = answers(found, len(found) > 1, lambda row: z_of_statement(model, row))
    return column


@cell("ALTMAN_ZONE", family="assess")
def altman_zone(
    score: Annotated[Number, Arg("what ALTMAN_Z gives", "ratio")], model: Model
) -> Annotated[Text, Arg("safe, grey or distress", "text")]:
    """Zone of an Altman score: safe above the model's upper cut-off, distress below its lower one.

    >>> altman_zone(3.2378, "z"), altman_zone(2.3116, "z1"), altman_zone(1.0, "z2")
    ('safe', 'grey', 'distress')
    """
    return altman.zone(score, model)


@cell("ALTMAN_EXPLAIN", family="assess")
def altman_explain(
    model: Model,
    statement: Annotated[
        Whole, Arg("one statement: headings and figures as in the table Statements", "table")
    ],
    as_of: Annotated[Day, Arg("day on which its age counts", "date")],
    no_liabilities: Annotated[
        Choice, Arg("without liabilities: refuse, or cap the ratio", "text", "no_liabilities")
    ] = "refuse",
) -> Annotated[
    Table, Arg("step, input, rule, result; score, zone, age of the statement", "table")
]:
    """How ALTMAN_Z came about: each ratio, the score, its zone, and whether the statement is stale.

    >>> from datetime import date
    >>> names = ["total_assets", "working_capital", "retained_earnings", "ebit", "equity"]
    >>> sheet = [[*names, "total_liabilities"], [1000, 200, 300, 120, 450, 550]]
    >>> altman_explain("z2", StatementRange(factor_range(sheet)), date(2026, 10, 31))[-2][3]
    'safe'
    """
    found = _statements(statement, model)
    if len(found) > 1 or found[0] is None:
        raise BadValueError(
            f"ALTMAN_EXPLAIN explains one statement, the range holds {len(found)}."
        )
    option = read_item("no_liabilities", found[0].get("no_liabilities")) or no_liabilities
    return explained(model, found[0], as_of, option)


def _statements(given: StatementRange, model: str) -> list[Statement | None]:
    equity = altman.model(model).equity
    order = [equity if name == "equity" else name for name in altman.ITEMS]
    return given.statements(order)


def _each(first: Any, others: Sequence[Any], order: Sequence[str], ratio: Any) -> float:
    if not isinstance(first, StatementRange):
        single: float = ratio(first, *others)
        return single
    _refuse_beside(others, order[1:])
    found = first.statements(order)
    column: float = answers(
        found, len(found) > 1, lambda row: ratio(*(amount(row, name) for name in order))
    )
    return column


def _refuse_beside(others: Sequence[Any], names: Sequence[str]) -> None:
    for name, cell_value in zip(names, others, strict=True):
        if cell_value is not None:
            raise BadValueError(
                f"{name} is given beside a range of figures. Put all into the range, or none."
            )
