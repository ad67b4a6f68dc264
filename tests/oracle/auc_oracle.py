"""AUC pair by pair, as it is defined; knows nothing of the program."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def auc(events: Sequence[bool], risks: Sequence[float], times: Sequence[int]) -> Fraction | None:
    """Share of pairs, one event and one other, in which the event is riskier; ties half.

    `times` says how often each observation stands there. None without a pair.
    """
    won = pairs = Fraction(0)
    for event, risk, count in zip(events, risks, times, strict=True):
        for other, other_risk, other_count in zip(events, risks, times, strict=True):
            if event and not other:
                weight = count * other_count
                pairs += weight
                won += weight * (
                    Fraction(1) if risk > other_risk else Fraction(risk == other_risk, 2)
                )
    return won / pairs if pairs else None
