"""On what a market and a grade are sold: open account, insurance and factoring, letter of credit, prepayment."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from receivables.cells.coerce import is_blank, to_text, to_whole
from receivables.errors import BadValueError, DomainError, NotAvailableError
from receivables.ledger.choices import choice_of
from receivables.ledger.spelling import fold
from receivables.resources import data_rows
from receivables.transfer.headed import Rows, records

MARKETS = ("mature", "new", "high_risk")
WORDS = {
    "open_account": ("open account", "赊销"),
    "insurance_factoring": ("insurance + factoring", "保险+保理"),
    "letter_of_credit": ("letter of credit", "信用证"),
    "prepayment": ("prepayment", "预付款"),
}
BEST, WORST = 1, 10
COLUMNS = {
    "market": "market|市场|市场类型",
    "worst_grade": "worst_grade|worst grade|grade|up to grade|最差等级|等级",
    "instrument": "instrument|means of payment|结算方式|工具",
}


class Rule(NamedTuple):
    """Grades up to `worst_grade` of a market are sold on `instrument`."""

    market: str
    worst_grade: int
    instrument: str


@cache
def default_rules() -> tuple[Rule, ...]:
    """The shipped rules (`data/instrument_rules.csv`)."""
    return tuple(
        Rule(row["market"], int(row["worst_grade"]), row["instrument"])
        for row in data_rows("instrument_rules.csv")
    )


def rules_of(rows: Rows) -> tuple[Rule, ...]:
    """Rules of a range with headings market, worst_grade, instrument.

    Raises:
        BadValueError: a heading or cell is missing, an unknown market, a grade twice.
    """
    known = {fold(word): name for name, words in COLUMNS.items() for word in words.split("|")}
    found = []
    for number, record in enumerate(records(rows, known, "rules", strict=True), 2):
        where = f"rules, row {number}"
        for name in COLUMNS:
            if is_blank(record.get(name)):
                raise BadValueError(f"{where}: {name} is missing. Fill it in.")
        grade = _grade(to_whole(record["worst_grade"]), where)
        found.append(
            Rule(market_of(to_text(record["market"])), grade, to_text(record["instrument"]))
        )
    keys = [rule[:2] for rule in found]
    double = next((key for key in keys if keys.count(key) > 1), None)
    if double:
        raise BadValueError(
            f"rules name {double[0]} up to grade {double[1]} twice. Leave one row."
        )
    return tuple(found)


def market_of(text: str) -> str:
    """Class of a market that a word names.

    Raises:
        BadValueError: an unknown class.

    >>> market_of("成熟市场"), market_of("High risk")
    ('mature', 'high_risk')
    """
    found = choice_of("customers", "market", text)
    if found is None:
        raise BadValueError(f"'{text}' is no class of market. Use {', '.join(MARKETS)}.")
    return found


def instrument(market: str, grade: int | None = None, rules: Sequence[Rule] | None = None) -> str:
    """Instrument of a market, and of a grade where it is known; without one the market decides alone.

    Args:
        market: mature, new or high_risk.
        grade: 1 best to 10.
        rules: default `data/instrument_rules.csv`.

    Raises:
        DomainError: no such grade.
        NotAvailableError: no rule reaches that market and grade.

    Source: seed article, FAQ 5 and 2.

    >>> [instrument(market) for market in MARKETS]
    ['open_account', 'insurance_factoring', 'letter_of_credit']
    >>> instrument("mature", 6), instrument("mature", 7)
    ('open_account', 'prepayment')
    """
    known = market_of(market)
    reach = BEST if grade is None else _grade(grade, "grade")
    fitting = [
        rule
        for rule in (default_rules() if rules is None else rules)
        if rule.market == known and rule.worst_grade >= reach
    ]
    if not fitting:
        raise NotAvailableError(
            f"No rule says on what grade {reach} of a {known} market is sold. Add its row."
        )
    return min(fitting, key=lambda rule: rule.worst_grade).instrument


def instrument_text(code: str, language: str = "en") -> str:
    """Words for an instrument; one of the user's own stays as it is.

    >>> instrument_text("letter_of_credit", "zh"), instrument_text("bank guarantee")
    ('信用证', 'bank guarantee')
    """
    english, chinese = WORDS.get(code, (code, code))
    return chinese if language == "zh" else english


def _grade(grade: int, where: str) -> int:
    if BEST <= grade <= WORST:
        return grade
    raise DomainError(f"{where}: {grade} is no grade. Grades run from {BEST} (best) to {WORST}.")
