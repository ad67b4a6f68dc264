"""The job `reserve`: what is not expected to be collected, from the aging total to the journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from receivables import money
from receivables.days import previous_month_end
from receivables.errors import BadValueError, DomainError, Issue, NotAvailableError
from receivables.ledger.open import OpenItems
from receivables.monitor.buckets import Buckets
from receivables.monitor.grouping import column
from receivables.monitor.receipts import subsequent
from receivables.monitor.reserve_base import ecl_base
from receivables.monitor.reserve_buffer import buffers
from receivables.monitor.reserve_history import unmatched_write_offs
from receivables.monitor.reserve_ledger import Reserve, assess, note, rules_of
from receivables.monitor.reserve_methods import elections, framework_of, rates_at
from receivables.monitor.reserve_policy import Policy
from receivables.monitor.reserve_rates import GIVEN, METHODS
from receivables.monitor.reserve_roll import (
    Booked,
    JournalLine,
    Movement,
    booked,
    in_local,
    journal,
    local_of,
    roll_forward,
)
from receivables.refresh.books import Books
from receivables.refresh.reserve_answer import ReserveAnswer


def reserve_job(
    books: Books,
    as_of: date,
    policy: Policy | None = None,
    *,
    method: str = "",
    prior: date | None = None,
) -> ReserveAnswer:
    """The reserve as of a date, its roll-forward from `prior`, and the journal it takes.

    Args:
        books: the loaded ledger; its settings name edges, base and local currencies. With a
            reporting currency, a history of all currencies is pooled at the as-of rates.
        as_of: balance date.
        policy: rates, specific cases, overlay, scenarios, accounts.
        method: matrix, roll, markov, cohort, cecl or cas22; default the policy's, else matrix.
        prior: start of the roll-forward; default the month end before.

    Raises:
        BadValueError: no rates where the method needs them; an election that is not allowed.
        DomainError: money in a bucket without a rate.
        NotAvailableError: less history than the method asks for.
    """
    policy = policy or Policy()
    method = method or policy.method or "matrix"
    if method not in METHODS:
        raise BadValueError(f"There is no method '{method}'. Methods: {', '.join(METHODS)}.")
    start = prior or previous_month_end(as_of)
    if start >= as_of:
        raise BadValueError(f"The prior date {start} does not lie before {as_of}.")
    framework = framework_of(policy, method)
    issues = [*elections(policy, method, as_of), *_cover(policy, framework)]
    closing = required_at(books, as_of, policy, method)
    issues += [*closing.issues, *_unaged(books, as_of, method)]
    opening, more = _opening(books, start, policy, method)
    movements, allowances, entries, found = _books_side(books, opening, closing, policy, framework)
    return ReserveAnswer(
        as_of, method, framework, policy, closing, opening, movements, allowances, entries,
        [*issues, *more, *found], len(books.issues),
        buffers(books.ledger["sales"], as_of),
    )  # fmt: skip


def required_at(books: Books, as_of: date, policy: Policy, method: str) -> Reserve:
    """The reserve required on one day, in document currency."""
    opened = books.open(as_of)
    policy = _with_column(policy, opened)
    if method == "cas22":
        buckets, base = Buckets.parse("cn"), "issued"
    else:
        buckets, base = books.buckets(forward=False), books.base()
    if method not in GIVEN:
        _must_have_history(books, as_of)
    rates = rates_at(
        books.posted, as_of, policy, method, buckets, base, _weights(books, as_of), books.engine
    )
    reached = ecl_base(
        opened,
        disputes=books.ledger["disputes"],
        rules=rules_of(policy, as_of),
        buckets=buckets,
        base=base,
        segment=policy.pool_by,
    )
    return assess(reached, policy, rates, _collected(books, as_of, policy))


def _with_column(policy: Policy, opened: OpenItems) -> Policy:
    """`pool_by` as a column of Customers, under its own name."""
    if not policy.pool_by:
        return policy
    name = column(policy.pool_by, opened)
    if name not in opened.parties.columns:
        raise BadValueError(
            f"pool_by '{policy.pool_by}' is no column of Customers. Group by one, such as market "
            "or country."
        )
    return replace(policy, pool_by=name)


def _opening(
    books: Books, start: date, policy: Policy, method: str
) -> tuple[Reserve | None, list[Issue]]:
    earlier = replace(policy, collections_until=None)
    try:
        return required_at(books, start, earlier, method), []
    except (NotAvailableError, BadValueError, DomainError) as fault:
        return None, [
            note("reserve_no_opening", "warning", start,
                 f"There is no reserve as of {start}, so no roll-forward: {fault}",
                 "Give --prior a date for which the ledger and the rates hold.")
        ]  # fmt: skip


def _books_side(
    books: Books, opening: Reserve | None, closing: Reserve, policy: Policy, framework: str
) -> tuple[list[Movement], list[Booked], list[JournalLine], list[Issue]]:
    """What the books take: nothing where a rate or a local currency is missing, and why."""
    local, rates = books.local(), books.rates()
    try:
        allowances, issues = booked(closing, books.ledger["controls"], local, rates)
        movements = (
            roll_forward(opening, closing, books.posted, local, rates, framework)
            if opening
            else []
        )
        diluted = _refund_movement(books, opening, closing)
    except NotAvailableError as fault:
        return [], [], [], [
            note("reserve_not_local", "warning", closing.as_of,
                 f"No roll-forward and no journal: {fault}", "The reserve itself stands.")
        ]  # fmt: skip
    entries, more = journal(allowances, diluted, policy.accounts)
    return movements, allowances, entries, [*issues, *more, *_unbooked(books, opening)]


def _unbooked(books: Books, opening: Reserve | None) -> list[Issue]:
    """Where the books at the opening held another allowance than was required, or none is known."""
    if opening is None:
        return []
    held, _ = booked(opening, books.ledger["controls"], books.local(), books.rates())
    start, known = opening.as_of, {item.company for item in held}
    issues = [
        note("reserve_opening_booked", "note", item.company,
             f"On {start} company '{item.company}' had booked {item.currency} "
             f"{money.text(item.balance, item.currency)} where "
             f"{money.text(item.required, item.currency)} was required.",
             "The roll-forward shows what was required; the difference is part of the journal.")
        for item in held
        if item.adjustment
    ]  # fmt: skip
    return issues + [
        note("reserve_opening_unknown", "note", company,
             f"Controls hold no usable allowance of company '{company}' on {start}.",
             "The roll-forward opens with what was required. Add that balance to compare.")
        for company in sorted({key[0] for key in opening.required()} - known)
    ]  # fmt: skip


def _refund_movement(
    books: Books, opening: Reserve | None, closing: Reserve
) -> dict[str, tuple[str, int]]:
    """Change of the refund liability since the opening, by company; Controls hold no such account."""
    if opening is None:
        return {}
    local, rates = books.local(), books.rates()
    first = in_local(opening, local, rates, opening.as_of, "dilution")
    last = in_local(closing, local, rates, closing.as_of, "dilution")
    codes = {pair[0]: pair[1] for pair in closing.required()}
    return {
        company: (
            local_of(company, codes[company], local, closing),
            amount - first.get(company, 0),
        )
        for company, amount in last.items()
    }


def _cover(policy: Policy, framework: str) -> list[Issue]:
    """Insurance that stands on its own never lowers a CECL allowance; elsewhere it is an opt-in."""
    insured = [row for row in policy.netting if row.kind == "insured"]
    if insured and framework == "CECL":
        raise BadValueError(
            "Under CECL freestanding insurance never nets: take the insured rows out of netting. "
            "The insured part is shown beside the pool."
        )
    return [
        note("reserve_netted", "note", row.kind,
             f"{row.kind.capitalize()} debt is netted: {row.reason} ({row.decided_by}).",
             "Keep the decision with the papers of the close.")
        for row in policy.netting
    ]  # fmt: skip


def _unaged(books: Books, as_of: date, method: str) -> list[Issue]:
    if method in GIVEN:
        return []
    return [
        note("reserve_write_off_alone", "warning", row["amount"],
             f"{row['rows']} write-offs ({row['currency']} "
             f"{money.text(row['amount'], row['currency'])}) settle no document: the loss rates "
             "do not hold them.",
             "Fill applies_to with the document written off.")
        for row in unmatched_write_offs(books.posted, as_of).iter_rows(named=True)
    ]  # fmt: skip


def _must_have_history(books: Books, as_of: date) -> None:
    if books.ledger.kind == "open_items":
        raise NotAvailableError(
            f"{books.path} is a list of open items of one day: it holds no history as of {as_of}. "
            "Give your own rates with --rates, or export all postings."
        )


def _weights(books: Books, as_of: date) -> dict[str, float] | None:
    """Rate of each currency to the reporting one, in minor units; None keeps currencies apart."""
    target = books.settings.currency
    if not target:
        return None
    rates = books.rates()
    scale = money.exponent(target)
    return {
        code: float(rates.find(code, target, as_of).value) * 10.0 ** (scale - money.exponent(code))
        for code in books.posted.parties["currency"].unique()
    }


def _collected(books: Books, as_of: date, policy: Policy) -> dict[int, int]:
    if policy.collections_until is None:
        return {}
    found = subsequent(
        books.posted, books.open(as_of), policy.collections_until, engine=books.engine
    )
    rows = found.items.filter((pl.col("open") > 0) & (pl.col("received") > 0))
    return dict(rows.select("item", "received").iter_rows())
