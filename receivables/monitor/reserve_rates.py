"""Loss rates by bucket out of the ledger's own history: roll rates, Markov, cohorts, 迁徙率."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import polars as pl

from receivables.errors import DomainError
from receivables.monitor.buckets import NO_DATE
from receivables.monitor.reserve import NIL, exactly
from receivables.monitor.reserve_chain import chained, markov_loss
from receivables.monitor.reserve_history import LOST, PAID

METHODS = ("matrix", "roll", "markov", "cohort", "cecl", "cas22")
GIVEN = ("matrix", "cecl")
"""Methods whose rates the user gives; the others read them from the ledger's history."""


@dataclass(frozen=True, slots=True)
class BucketRate:
    """Loss rate of one bucket with where it comes from; None = the history does not say."""

    bucket: int
    label: str
    rate: Decimal | None
    source: str
    roll: Decimal | None = None
    """Share that moves on to an older bucket, of all that leaves (roll rates, 迁徙率)."""
    lost: Decimal | None = None
    """Share that is written off straight from here."""
    seen: Decimal | None = None
    """Minor units that left the bucket in the history: what the rate rests on."""


def roll_rates(
    moved: pl.DataFrame,
    labels: tuple[str, ...],
    source: str,
    given: Mapping[str, Decimal] | None = None,
) -> list[BucketRate]:
    """Chain of roll rates per bucket: loss = written off here + moved on × loss of the next.

    Shares are of what left the bucket by age, cash or write-off: what stayed is asked again at
    the next date, credit notes are dilution. The last bucket ends in cash or write-off, never in
    its own balance. An undated item has no next bucket: only its own write-offs count. `given`
    rates stand in where the history does not say, and carry on to the younger buckets.
    """
    amounts = _amounts(moved)
    last = len(labels) - 1
    rolls: list[Decimal | None] = []
    losses: list[Decimal | None] = []
    seen: list[Decimal] = []
    for bucket in range(last):
        older = sum(
            (
                amount
                for (origin, to), amount in amounts.items()
                if origin == bucket and bucket < to < last
            ),
            NIL,
        )
        gone = older + amounts.get((bucket, PAID), NIL) + amounts.get((bucket, LOST), NIL)
        rolls.append(older / gone if gone else None)
        losses.append(amounts.get((bucket, LOST), NIL) / gone if gone else None)
        seen.append(gone)
    rates = chained(rolls, losses, [(given or {}).get(label) for label in labels[:last]])
    found = [
        BucketRate(
            bucket,
            labels[bucket],
            rates[bucket],
            source,
            rolls[bucket],
            losses[bucket],
            seen[bucket],
        )
        for bucket in range(last)
    ]
    return [*found, _undated(amounts, labels, source)]


def markov_rates(moved: pl.DataFrame, labels: tuple[str, ...], source: str) -> list[BucketRate]:
    """Lifetime loss per bucket of the chain that the history shows, what stays included.

    A bucket that was never seen, that leads into one, or that nothing ever left has no rate.
    """
    amounts = _amounts(moved)
    ways: dict[int, dict[int, Decimal]] = {}
    for (origin, target), amount in amounts.items():
        if target in {PAID, LOST} or target >= 0:
            ways.setdefault(origin, {})[target] = amount
    known = _certain(ways)
    order = sorted(known)
    matrix = []
    for origin in order:
        parts = {target: Fraction(amount) for target, amount in ways[origin].items()}
        total = sum(parts.values(), Fraction(0))
        matrix.append([parts.get(target, Fraction(0)) / total for target in [*order, PAID, LOST]])
    states = [*(labels[bucket] for bucket in order), "Paid", "Loss"]
    rates = markov_loss(states, matrix) if order else {}
    return [
        BucketRate(bucket, label, rates.get(label), source) for bucket, label in enumerate(labels)
    ]


def cohort_rates(reached: pl.DataFrame, labels: tuple[str, ...], source: str) -> list[BucketRate]:
    """Loss by flow: lost ÷ reached, per bucket."""
    shares = {
        bucket: exactly(lost) / exactly(total) if total > 0 else None
        for bucket, total, lost in reached.select("bucket", "reached", "lost").iter_rows()
    }
    return [
        BucketRate(bucket, label, shares.get(bucket), source)
        for bucket, label in enumerate(labels)
    ]


def completed(
    rates: list[BucketRate],
    given: Mapping[str, tuple[Decimal, str]],
    exposed: Mapping[int, int],
    where: str,
) -> list[BucketRate]:
    """Fill what the history does not say from the user's rates; refuse what is still missing.

    Raises:
        DomainError: money in a bucket without a rate; names the buckets and the cure.
    """
    found = [
        replace(line, rate=given[line.label][0], source=given[line.label][1])
        if line.rate is None and line.label in given
        else line
        for line in rates
    ]
    missing = [line.label for line in found if line.rate is None and exposed.get(line.bucket)]
    if missing:
        raise DomainError(
            f"{where}: there is no loss rate for {', '.join(missing)}. Money stands there, and neither "
            "the history nor the rates given say what is lost of it. Add rows bucket, rate, source "
            "to the file of --rates; a history of all currencies is pooled with --currency."
        )
    return found


def _undated(
    amounts: Mapping[tuple[int, int], Decimal], labels: tuple[str, ...], source: str
) -> BucketRate:
    place = len(labels) - 1
    lost = amounts.get((place, LOST), NIL)
    gone = lost + amounts.get((place, PAID), NIL)
    assert labels[place] == NO_DATE
    return BucketRate(place, NO_DATE, lost / gone if gone else None, source, seen=gone)


def _amounts(moved: pl.DataFrame) -> dict[tuple[int, int], Decimal]:
    rows = moved.select("origin", "target", "amount").iter_rows()
    return {(origin, target): exactly(amount) for origin, target, amount in rows}


def _certain(ways: Mapping[int, Mapping[int, Decimal]]) -> set[int]:
    """Buckets from which every way is known and some way leads out."""
    known = set(ways)
    while True:
        lost = {at for at in known if any(to >= 0 and to not in known for to in ways[at])}
        ends = {at for at in known if {PAID, LOST} & set(ways[at])}
        while True:
            more = {at for at in known - ends if ends & set(ways[at])}
            if not more:
                break
            ends |= more
        stuck = lost | (known - ends)
        if not stuck:
            return known
        known -= stuck
