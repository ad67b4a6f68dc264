"""What is not expected to be collected: amounts by bucket times the user's own loss rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from receivables.errors import BadValueError, DomainError

NEGATIVES = ("floor", "oldest", "refuse")
ONE, NIL = Decimal(1), Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """One bucket of a provision matrix: reserve = exposure × effective rate, unrounded."""

    number: int
    amount: Decimal
    exposure: Decimal
    rate: Decimal
    effective: Decimal

    @property
    def reserve(self) -> Decimal:
        """Exposure × effective rate."""
        return self.exposure * self.effective


def reserve(
    amounts: Sequence[Decimal | None],
    rates: Sequence[float | Decimal | None],
    overlay: float | Decimal | None = None,
    specific: Decimal | None = None,
    negatives: str = "floor",
) -> Decimal:
    """Loss reserve: Σ bucket amount × loss rate (× overlay, at most 100 %) + specific reserves.

    Args:
        amounts: amount per bucket, one currency.
        rates: loss rate per bucket, 0 to 1; there is no default.
        overlay: factor for conditions the past does not show; None is 1.
        specific: reserves of customers assessed on their own and outside the amounts.
        negatives: a bucket below nil counts as 0 (`floor`), clears the oldest debt (`oldest`) or
            is an error (`refuse`).

    Raises:
        BadValueError: sizes differ, a rate is blank beside an amount.
        DomainError: a rate outside 0 to 1, an overlay of 0 or less.

    Source: IFRS 9 B5.5.35; the rates of the example are those of IFRS 9 IE74, a sample.

    >>> amounts = [Decimal(n) for n in (15_000_000, 7_500_000, 4_000_000, 2_500_000, 1_000_000)]
    >>> reserve(amounts, [0.003, 0.016, 0.036, 0.066, 0.106])
    Decimal('580000.000')
    """
    own = specific if specific is not None else NIL
    if own < 0:
        raise DomainError(f"specific is {own}: a reserve is not negative. Give its amount.")
    return sum((line.reserve for line in lines(amounts, rates, overlay, negatives)), own)


def lines(
    amounts: Sequence[Decimal | None],
    rates: Sequence[float | Decimal | None],
    overlay: float | Decimal | None = None,
    negatives: str = "floor",
) -> list[Line]:
    """The matrix behind `reserve`, one line per bucket that has an amount or a rate."""
    if len(amounts) != len(rates):
        raise BadValueError(
            f"{len(amounts)} amounts but {len(rates)} rates. Give one rate per bucket."
        )
    factor = overlay_factor(overlay)
    filled = [amount if amount is not None else NIL for amount in amounts]
    exposed = exposures(filled, negatives)
    found = []
    for number, (amount, exposure, rate) in enumerate(zip(amounts, exposed, rates, strict=True)):
        if rate is None:
            if amount is None:
                continue
            raise BadValueError(
                f"Bucket {number + 1} holds {amount} but has no rate. There is no default: "
                "give your own loss rate, 0 where none is expected."
            )
        known = checked_rate(rate, f"bucket {number + 1}")
        found.append(
            Line(number, filled[number], exposure, known, effective_rate(known, [(ONE, factor)]))
        )
    if not found:
        raise BadValueError("There are no amounts and no rates. Give one of each per bucket.")
    return found


def checked_rate(rate: float | Decimal, where: str) -> Decimal:
    """A loss rate as an exact share between 0 and 1.

    >>> checked_rate(0.016, "1-30 d")
    Decimal('0.016')
    >>> checked_rate(30, "1-30 d")
    Traceback (most recent call last):
    receivables.errors.DomainError: The rate of 1-30 d is 30: a loss rate lies between 0 and 1. Did you mean 30 %?
    """
    exact = exactly(rate)
    if 0 <= exact <= 1:
        return exact
    hint = f"Did you mean {exact} %?" if 1 < exact <= 100 else "Correct it."
    raise DomainError(f"The rate of {where} is {exact}: a loss rate lies between 0 and 1. {hint}")


def overlay_factor(overlay: float | Decimal | None) -> Decimal:
    """Factor of an overlay; None is 1. Nil is refused: an empty cell must not clear the reserve."""
    if overlay is None:
        return ONE
    factor = exactly(overlay)
    if factor <= 0:
        raise DomainError(
            f"overlay is {factor}: it multiplies the rates, so it is above 0. Leave it blank for none."
        )
    return factor


def effective_rate(
    rate: Decimal, scenarios: Sequence[tuple[Decimal, Decimal]], overlay: Decimal = ONE
) -> Decimal:
    """Rate after overlay and scenarios: Σ weight × min(1, rate × overlay × factor).

    >>> effective_rate(Decimal("0.5"), [(Decimal("0.6"), Decimal(1)), (Decimal("0.4"), Decimal(3))])
    Decimal('0.70')
    """
    return sum(
        (
            weight * min(ONE, rate * overlay * factor)
            for weight, factor in scenarios or [(ONE, ONE)]
        ),
        NIL,
    )


def check_weights(weights: Sequence[Decimal]) -> None:
    """Refuse scenario weights that are negative or do not add up to 1.

    >>> check_weights([Decimal("0.5"), Decimal("0.4")])
    Traceback (most recent call last):
    receivables.errors.DomainError: The scenario weights add up to 0.9, not 1. Correct them.
    """
    if any(weight < 0 for weight in weights):
        raise DomainError("A scenario weight is negative. Give shares between 0 and 1.")
    total = sum(weights, NIL)
    if abs(total - 1) > Decimal("1e-9"):
        raise DomainError(f"The scenario weights add up to {total}, not 1. Correct them.")


def exposures(amounts: Sequence[Decimal], negatives: str) -> list[Decimal]:
    """Amounts at risk by bucket: no bucket is below nil, so that a credit is no negative loss.

    >>> exposures([Decimal(100), Decimal(-30), Decimal(50)], "oldest")
    [Decimal('100'), Decimal('0'), Decimal('20')]
    """
    if negatives == "refuse" and any(amount < 0 for amount in amounts):
        low = min(amounts)
        raise DomainError(f"A bucket holds {low}. Reclass credit balances, or set negatives.")
    left = (
        -sum((amount for amount in amounts if amount < 0), NIL) if negatives == "oldest" else NIL
    )
    rest = [max(amount, NIL) for amount in amounts]
    for place in range(len(rest) - 1, -1, -1):
        taken = min(rest[place], left)
        rest[place] -= taken
        left -= taken
    return rest


def falling(rates: Sequence[Decimal]) -> list[int]:
    """Places at which a rate is below that of the younger bucket before it.

    >>> falling([Decimal("0.01"), Decimal("0.05"), Decimal("0.03")])
    [2]
    """
    return [place for place, (young, old) in enumerate(pairwise(rates), 1) if old < young]


def explained(
    amounts: Sequence[Decimal | None],
    rates: Sequence[float | None],
    overlay: float | None,
    specific: Decimal | None,
    negatives: str,
) -> list[list[object]]:
    """How `reserve` came about: step, input, rule, result, with headings."""
    total = reserve(amounts, rates, overlay, specific, negatives)
    found = lines(amounts, rates, overlay, negatives)
    late = {found[place].number for place in falling([line.rate for line in found])}
    rows: list[list[object]] = [["step", "input", "rule", "result"]]
    for line in found:
        rule = f"{_percent(line.rate)} of {line.exposure:,f}"
        if line.effective != line.rate:
            rule += f", with overlay {_percent(line.effective)}"
        if line.exposure != line.amount:
            rule += f"; credits: {negatives}"
        if line.number in late:
            rule += "; WARNING: lower than the rate of the younger bucket"
        rows.append([f"bucket {line.number + 1}", line.amount, rule, line.reserve])
    collective = total - (specific or NIL)
    rows.append(["collective", "", "sum of the buckets", collective])
    rows.append(
        [
            "specific",
            specific or NIL,
            "assessed on their own, outside the buckets",
            specific or NIL,
        ]
    )
    rows.append(["reserve", "", "collective + specific", total])
    return rows


def exactly(number: float | Decimal | str) -> Decimal:
    """The digits a cell shows as an exact number.

    >>> exactly(0.1) + exactly(0.2)
    Decimal('0.3')
    """
    return number if isinstance(number, Decimal) else Decimal(str(number))


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f} %"
