"""What the insurer pays on a loss: limit, threshold, deductible, share, retention, first loss, cap."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from receivables.errors import DomainError
from receivables.transfer.policy import ZERO, InsurancePolicy


class Step(NamedTuple):
    """One step of the calculation: what it starts from, its rule, what is left."""

    step: str
    input: Decimal
    rule: str
    result: Decimal


@dataclass(frozen=True, slots=True)
class Indemnity:
    """Amount paid, and how it came about."""

    amount: Decimal
    steps: tuple[Step, ...]

    def rows(self) -> list[list[object]]:
        """The steps as a table with headings."""
        return [["step", "input", "rule", "result"], *(list(step) for step in self.steps)]


def indemnity(
    debt: Decimal,
    limit: Decimal,
    policy: InsurancePolicy,
    *,
    afl_used: Decimal = ZERO,
    liability_used: Decimal = ZERO,
) -> Indemnity:
    """Indemnity = (min(debt, limit) − deductible) × insured share, eroded by first loss, capped.

    In this order: limit · threshold (a loss below it is not paid; at it, it is) · deductible before
    the share · share · deductible after the share · minimum retention · what is left of the
    aggregate first loss · what is left of the maximum liability. Nothing is rounded.

    Args:
        debt: eligible debt of one buyer after receipts, the insurer's oldest-first allocation.
        limit: insured limit at the ship dates.
        policy: its terms; amounts in the currency of the debt.
        afl_used: aggregate first loss borne earlier in the year.
        liability_used: indemnities paid earlier in the year.

    Raises:
        BadValueError: the policy does not say the insured share.
        DomainError: an amount below 0.

    Source: the order of data and docs/insurance.md; each policy's wording decides.

    >>> policy = InsurancePolicy(insured_share=Decimal("0.9"), deductible=Decimal(5000))
    >>> indemnity(Decimal(300000), Decimal(250000), policy).amount
    Decimal('220500.0')
    """
    given = {"debt": debt, "limit": limit, "afl_used": afl_used, "liability_used": liability_used}
    for name, amount in given.items():
        if amount < 0:
            raise DomainError(f"{name} is {amount:f}, below 0. Give the amount without a sign.")
    policy.needed("insured_share")
    steps = [Step("insured debt", debt, f"at most the limit {limit:,f}", min(debt, limit))]
    if policy.loss_threshold:
        steps.append(_threshold(steps[-1].result, policy.loss_threshold))
    if policy.deductible_basis == "before":
        steps += _less("deductible", steps[-1].result, policy.deductible, "before the share")
    share = policy.insured_share or ZERO
    steps.append(
        Step("insured share", steps[-1].result, f"× {share:.2%}", steps[-1].result * share)
    )
    if policy.deductible_basis == "after":
        steps += _less("deductible", steps[-1].result, policy.deductible, "after the share")
    steps += _retained(steps[0].result, steps[-1].result, policy.min_retention)
    left = max(policy.aggregate_first_loss - afl_used, ZERO)
    steps += _less("aggregate first loss", steps[-1].result, left, "what is left of it")
    steps += _capped(steps[-1].result, policy.ceiling(), liability_used)
    return Indemnity(steps[-1].result, tuple(steps))


def _threshold(loss: Decimal, threshold: Decimal) -> Step:
    counts = loss >= threshold
    words = "reaches" if counts else "is below"
    told = f"{words} the threshold {threshold:,f}"
    return Step("qualifying loss", loss, told, loss if counts else ZERO)


def _less(step: str, start: Decimal, amount: Decimal, when: str) -> list[Step]:
    if not amount:
        return []
    return [Step(step, start, f"less {amount:,f}, {when}", max(start - amount, ZERO))]


def _retained(insured: Decimal, paid: Decimal, retention: Decimal) -> list[Step]:
    if not retention:
        return []
    most = max(insured - retention, ZERO)
    return [Step("minimum retention", paid, f"at least {retention:,f} is borne", min(paid, most))]


def _capped(paid: Decimal, ceiling: Decimal | None, used: Decimal) -> list[Step]:
    if ceiling is None:
        return []
    left = max(ceiling - used, ZERO)
    return [Step("maximum liability", paid, f"at most {left:,f} is left", min(paid, left))]
