"""Loss rates from how debt moves: roll-rate chains, loss by flow, Markov chains that absorb."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from receivables.errors import BadValueError, DomainError, ZeroDivideError
from receivables.monitor.reserve import ONE, checked_rate, exactly

TOLERANCE = Fraction(1, 10**9)
"""How far from 1 the sum of a row of a Markov matrix may lie."""


def loss_of_rolls(
    rolls: Sequence[float | Decimal | None], loss_given_default: float | Decimal | None = None
) -> list[Decimal]:
    """Loss rate per bucket: the product of its own and every later roll rate (× loss given default).

    The last roll rate is the share of the last bucket that ends in a write-off, not what stays
    in it.

    Raises:
        BadValueError: a blank roll rate.
        DomainError: a roll rate outside 0 to 1.

    >>> [format(rate, "f") for rate in loss_of_rolls([0.20, 0.30, 0.40, 0.60, 0.85])]
    ['0.012240', '0.06120', '0.2040', '0.510', '0.85']
    """
    lost = ONE if loss_given_default is None else checked_rate(loss_given_default, "default")
    found = []
    for place in range(len(rolls) - 1, -1, -1):
        roll = rolls[place]
        if roll is None:
            raise BadValueError(
                f"Roll rate {place + 1} is blank. Without it no younger bucket has a loss rate: "
                "give the share that rolls on."
            )
        lost *= checked_rate(roll, f"roll {place + 1}")
        found.append(lost)
    return found[::-1]


def loss_by_flow(loss: Decimal, reached: Sequence[Decimal]) -> list[Decimal]:
    """Historical loss by flow: loss ÷ the balance that reached each stage.

    Raises:
        ZeroDivideError: nothing reached a stage.
        DomainError: more was lost than reached a stage.

    >>> [f"{rate:.4f}" for rate in loss_by_flow(Decimal(3), [Decimal(n) for n in (100, 80, 45, 15)])]
    ['0.0300', '0.0375', '0.0667', '0.2000']
    """
    found = []
    for place, balance in enumerate(reached, 1):
        if balance <= 0:
            raise ZeroDivideError(f"Nothing reached stage {place}, so it has no loss rate.")
        if not 0 <= loss <= balance:
            raise DomainError(
                f"A loss of {loss} exceeds the {balance} that reached stage {place}."
            )
        found.append(loss / balance)
    return found


def markov_loss(
    states: Sequence[str],
    matrix: Sequence[Sequence[float | Decimal | Fraction | None]],
    loss: str = "Loss",
) -> dict[str, Decimal]:
    """Lifetime loss of each open state: N × R, N = (I − Q)⁻¹, R the step into the loss.

    Args:
        states: every state in the order of the columns; those without a row of their own, or
            that only lead to themselves, absorb.
        matrix: one row per open state, in the order of `states`, share that moves to each state.
        loss: name of the state that stands for the loss.

    Raises:
        DomainError: a row that does not add up to 1 ± 1e-9, or debt that never leaves.
        BadValueError: a blank cell, no state of that name.

    >>> states = ["Current", "Late", "Paid", "Loss"]
    >>> rates = markov_loss(states, [[0.5, 0.2, 0.3, 0], [0, 0.5, 0.25, 0.25]])
    >>> {state: format(rate, "f") for state, rate in rates.items()}
    {'Current': '0.2', 'Late': '0.5'}
    """
    names = [state.strip().casefold() for state in states]
    if loss.strip().casefold() not in names:
        raise BadValueError(
            f"There is no column '{loss}'. Name the state that stands for the loss."
        )
    steps = [_row(states[place], row, len(states)) for place, row in enumerate(matrix)]
    if len(steps) >= len(states):
        steps = steps[: len(states)]
    open_ = [place for place, row in enumerate(steps) if row[place] != 1]
    lost = names.index(loss.strip().casefold())
    if lost in open_:
        raise DomainError(f"'{loss}' leads on to other states: a loss is final. Correct its row.")
    system = [
        [(1 if a == b else 0) - steps[a][b] for b in open_] + [steps[a][lost]] for a in open_
    ]
    solved = _solve(system)
    return {
        states[place]: Decimal(share.numerator) / Decimal(share.denominator)
        for place, share in zip(open_, solved, strict=True)
    }


def _row(
    state: str, row: Sequence[float | Decimal | Fraction | None], width: int
) -> list[Fraction]:
    if len(row) != width:
        raise BadValueError(f"The row of {state} has {len(row)} shares for {width} states.")
    if any(cell is None for cell in row):
        raise BadValueError(f"The row of {state} has a blank cell. Write 0 where nothing moves.")
    shares = [_fraction(cell) for cell in row if cell is not None]
    if any(share < 0 for share in shares):
        raise DomainError(f"The row of {state} holds a negative share. Correct it.")
    total = sum(shares, Fraction(0))
    if abs(total - 1) > TOLERANCE:
        raise DomainError(
            f"The row of {state} adds up to {float(total):.10g}, not 1. Everything must go somewhere."
        )
    return shares


def _fraction(share: float | Decimal | Fraction) -> Fraction:
    return share if isinstance(share, Fraction) else Fraction(exactly(share))


def _solve(system: list[list[Fraction]]) -> list[Fraction]:
    """Gauss elimination in exact fractions; the last column is the right-hand side."""
    size = len(system)
    for place in range(size):
        pivot = next((row for row in range(place, size) if system[row][place]), None)
        if pivot is None:
            raise DomainError("Some debt never leaves its states: it is neither paid nor lost.")
        system[place], system[pivot] = system[pivot], system[place]
        head = system[place][place]
        system[place] = [cell / head for cell in system[place]]
        for row in range(size):
            if row != place and system[row][place]:
                factor = system[row][place]
                system[row] = [
                    cell - factor * own
                    for cell, own in zip(system[row], system[place], strict=True)
                ]
    return [row[-1] for row in system]


def chained(
    moved_on: Sequence[Decimal | None],
    lost: Sequence[Decimal | None],
    given: Sequence[Decimal | None],
) -> list[Decimal | None]:
    """Loss rate per bucket: written off there + share that rolls on × loss rate of the next.

    A rate given by the user stands in where the history does not say, and the younger buckets
    build on it. None where neither says. What nothing ever rolls into needs no rate.

    >>> nil = Decimal(0)
    >>> chained([Decimal("0.5"), nil], [nil, Decimal("0.2")], [None, None])
    [Decimal('0.10'), Decimal('0.2')]
    >>> chained([Decimal("0.5"), None], [nil, None], [None, Decimal("0.8")])
    [Decimal('0.40'), Decimal('0.8')]
    """
    later: Decimal | None = None
    found: list[Decimal | None] = []
    for roll, loss, own in zip(reversed(moved_on), reversed(lost), reversed(given), strict=True):
        if roll is None or loss is None:
            later = own
        elif roll == 0:
            later = loss
        else:
            later = own if later is None else min(ONE, loss + roll * later)
        found.append(later)
    return found[::-1]
