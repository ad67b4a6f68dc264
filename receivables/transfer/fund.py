"""The mutual fund of an alliance: who pays in how much, and what a claim draws."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from receivables import money
from receivables.cells.coerce import is_blank, to_amount, to_number, to_text
from receivables.errors import BadValueError, DomainError
from receivables.ledger.spelling import fold
from receivables.transfer.headed import Rows, records, share

HEADINGS = ("member", "share", "contribution", "most_drawn", "paid")
COLUMNS = {
    "member": "member|firm|name|成员|企业",
    "turnover": "turnover|sales|revenue|营业额|销售额",
    "risk_weight": "risk_weight|risk weight|weight|风险权重|权重",
    "claim": "claim|loss|claimed|申请金额|损失|索赔",
}


class Member(NamedTuple):
    """A firm in the fund; `claim` is what it asks for."""

    member: str
    turnover: Decimal
    risk_weight: Decimal
    claim: Decimal


def members_of(rows: Rows) -> list[Member]:
    """Members of a range with headings member, turnover, risk_weight and, where one asks, claim.

    Raises:
        BadValueError: a cell is missing, a member twice.
        DomainError: a turnover, weight or claim below 0.
    """
    known = {fold(word): name for name, words in COLUMNS.items() for word in words.split("|")}
    found = [
        _member(record, f"members, row {number}")
        for number, record in enumerate(records(rows, known, "members"), 2)
    ]
    names = [one.member for one in found]
    double = next((name for name in names if names.count(name) > 1), "")
    if double:
        raise BadValueError(f"members name {double} twice. Leave one row.")
    return found


def fund_rows(
    members: Sequence[Member], fund: Decimal, draw_cap: float, currency: str = ""
) -> list[list[object]]:
    """Contribution = fund × turnover × weight ÷ Σ; a claim draws at most cap × fund, all claims the fund.

    Contributions add up to the fund to the last minor unit; claims beyond the fund are cut in
    proportion.

    Raises:
        DomainError: a fund below 0, a cap outside 0–1, no turnover at all.

    >>> members = [Member("A", Decimal(600), Decimal(1), Decimal(0)), Member("B", Decimal(100), Decimal(3), Decimal(50))]
    >>> fund_rows(members, Decimal(100), 0.2)[1:]
    [['A', Decimal('0.6666666666666666666666666667'), Decimal('66.67'), Decimal('20.00'), Decimal('0.00')], ['B', Decimal('0.3333333333333333333333333333'), Decimal('33.33'), Decimal('20.00'), Decimal('20.00')]]
    """
    code = currency.upper() or money.NO_CURRENCY
    total = money.to_minor(fund, code)
    if total < 0:
        raise DomainError(f"The fund is {fund:f}, below 0. Give the amount without a sign.")
    weights = [one.turnover * one.risk_weight for one in members]
    if not sum(weights):
        raise DomainError("No member has turnover × weight above 0: nobody can pay in.")
    paid_in = split(total, weights)
    most = int(total * Decimal(repr(share(draw_cap))))
    asked = [min(money.to_minor(one.claim, code), most) for one in members]
    drawn = asked if sum(asked) <= total else split(total, [Decimal(one) for one in asked])
    told = zip(members, weights, paid_in, drawn, strict=True)
    return [
        list(HEADINGS),
        *(
            [
                one.member,
                weight / sum(weights),
                money.to_decimal(paid, code),
                money.to_decimal(most, code),
                money.to_decimal(draw, code),
            ]
            for one, weight, paid, draw in told
        ),
    ]


def split(total: int, weights: Sequence[Decimal]) -> list[int]:
    """Minor units in proportion to weights, the remainder to the largest fractions: the sum is exact.

    >>> split(100, [Decimal(1), Decimal(1), Decimal(1)])
    [34, 33, 33]
    """
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [int(part) for part in exact]
    by_fraction = sorted(range(len(exact)), key=lambda at: (parts[at] - exact[at], at))
    for at in by_fraction[: total - sum(parts)]:
        parts[at] += 1
    return parts


def _member(record: dict[str, object], where: str) -> Member:
    for name in ("member", "turnover", "risk_weight"):
        if is_blank(record.get(name)):
            raise BadValueError(f"{where}: {name} is missing. Fill it in.")
    claim = record.get("claim")
    found = Member(
        to_text(record["member"]),
        to_amount(record["turnover"]),
        Decimal(repr(to_number(record["risk_weight"]))),
        Decimal(0) if is_blank(claim) else to_amount(claim),
    )
    for name, value in zip(COLUMNS, found, strict=True):
        if isinstance(value, Decimal) and value < 0:
            raise DomainError(f"{where}: {name} is {value:f}, below 0. Correct it.")
    return found
