"""What the table functions of the reserve spill: matrix, roll rates, Markov, management buffer."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from receivables.errors import BadValueError, DomainError
from receivables.monitor.reserve import (
    NIL,
    Line,
    effective_rate,
    exactly,
    lines,
    overlay_factor,
)
from receivables.monitor.reserve_chain import loss_of_rolls, markov_loss
from receivables.resources import data_rows

Rows = Sequence[Sequence[Any]]
BUCKET, AMOUNT, RATE, SOURCE = "bucket", "amount", "rate", "source"
WORDS = {
    BUCKET: {"bucket", "aging bucket", "账龄", "区间", "账龄区间"},
    AMOUNT: {"amount", "open", "balance", "exposure", "金额", "余额", "未清金额"},
    RATE: {"rate", "loss rate", "计提比例", "损失率", "预期信用损失率"},
    SOURCE: {"source", "来源", "依据"},
}
TOTALS = {"total", "合计"}
BUFFER = "not an accounting allowance"


def matrix_rows(
    aging: Rows, rates: Rows, overlay: float | None, specific: Decimal | None, negatives: str
) -> list[list[object]]:
    """Provision matrix by bucket label: amount, exposure, rate, reserve, source, and the total.

    `aging` holds either rows bucket, amount, or the rows of AGING_REPORT; there the credits of
    each row clear its own oldest debt first.

    Raises:
        BadValueError: a bucket without rate, headings that cannot be read, several currencies.

    >>> aging = [["bucket", "amount"], ["Current", 1000], ["1-30 d", 500]]
    >>> rates = [["bucket", "rate", "source"], ["1-30 d", 0.02, "own"], ["Current", 0.01, "own"]]
    >>> rows = matrix_rows(aging, rates, None, None, "floor")
    >>> [(row[0], str(row[4])) for row in rows[1:]]
    [('Current', '10.00'), ('1-30 d', '10.00'), ('total', '20.00')]
    """
    known = _rates(rates)
    held = _wide(aging, negatives) if _place(aging[0], BUCKET) is None else _long(aging)
    for label, (amount, _) in held.items():
        if amount and _plain(label) not in known:
            raise BadValueError(
                f"Bucket '{label}' holds {amount} but has no rate. Add it to the rates."
            )
    held = {label: pair for label, pair in held.items() if _plain(label) in known}
    exposed = [exposure for _, exposure in held.values()]
    shares = [known[_plain(label)][0] for label in held]
    found = lines(exposed, shares, overlay, negatives)
    rows: list[list[object]] = [[BUCKET, AMOUNT, "exposure", RATE, "reserve", SOURCE]]
    for (label, (amount, _)), line in zip(held.items(), found, strict=True):
        source = known[_plain(label)][1]
        rows.append([label, amount, line.exposure, line.effective, line.reserve, source])
    if specific is not None:
        rows.append(["specific", "", "", "", specific, ""])
    total = sum((line.reserve for line in found), specific or NIL)
    whole = sum((amount for amount, _ in held.values()), NIL)
    rows.append(["total", whole, sum((line.exposure for line in found), NIL), "", total, ""])
    return rows


def roll_rows(
    rolls: Sequence[float | None],
    balances: Sequence[Decimal | None] | None,
    overlay: float | None,
    default: float | None,
    labels: Sequence[str | None] | None,
) -> list[list[object]]:
    """Roll rates to loss rates, and the reserve where balances are given; capped at 100 %.

    >>> balances = [Decimal(n) for n in (500_000, 120_000, 60_000, 30_000, 20_000)]
    >>> roll_rows([0.2, 0.3, 0.4, 0.6, 0.85], balances, 1.1, None, None)[-1]
    ['total', '', '', Decimal('730000'), Decimal('63804.4000000')]
    """
    losses = loss_of_rolls(rolls, default)
    names = _names(labels, len(losses))
    factor = overlay_factor(overlay)
    rates = [effective_rate(loss, [], factor) for loss in losses]
    rows: list[list[object]] = [[BUCKET, "roll_rate", "loss_rate"]]
    if balances is None:
        return rows + [list(row) for row in zip(names, rolls, rates, strict=True)]
    found = _matched(balances, rates)
    rows[0] += ["balance", "reserve"]
    for name, roll, rate, line in zip(names, rolls, rates, found, strict=True):
        rows.append([name, roll, rate, line.amount, line.reserve])
    return [*rows, ["total", "", "", _sum(balances), sum((line.reserve for line in found), NIL)]]


def markov_rows(
    matrix: Rows, balances: Sequence[Decimal | None] | None, overlay: float | None, loss: str
) -> list[list[object]]:
    """Lifetime loss by state of a Markov matrix with headings, and the reserve of the balances.

    >>> matrix = [["state", "Late", "Paid", "Loss"], ["Late", 0.5, 0.4, 0.1]]
    >>> markov_rows(matrix, [Decimal(1000)], None, "Loss")[1]
    ['Late', Decimal('0.2'), Decimal('1000'), Decimal('200.0')]
    """
    states = [str(heading or "").strip() for heading in matrix[0][1:]]
    order = [str(row[0] or "").strip() for row in matrix[1:]]
    folded = [state.casefold() for state in states]
    if [name.casefold() for name in order] != folded[: len(order)]:
        raise BadValueError(
            "The rows of the matrix do not stand in the order of its columns: "
            f"{', '.join(order)} beside {', '.join(states)}."
        )
    losses = markov_loss(states, [[_share(cell) for cell in row[1:]] for row in matrix[1:]], loss)
    factor = overlay_factor(overlay)
    rates = [effective_rate(rate, [], factor) for rate in losses.values()]
    rows: list[list[object]] = [["state", "loss_rate"]]
    if balances is None:
        return rows + [list(row) for row in zip(losses, rates, strict=True)]
    found = _matched(balances, rates)
    rows[0] += ["balance", "reserve"]
    for name, rate, line in zip(losses, rates, found, strict=True):
        rows.append([name, rate, line.amount, line.reserve])
    return [*rows, ["total", "", _sum(balances), sum((line.reserve for line in found), NIL)]]


def buffer_rows(turnover: Decimal, rate: float | None) -> list[list[object]]:
    """Management buffer, turnover × rate: least, chosen, most. Not part of any allowance.

    A rate outside the published range is flagged, not moved into it.

    Source: rows buffer_low, buffer_high, buffer_usual of `data/reserve_rules.csv`.

    >>> [(row[0], str(row[2]), row[3]) for row in buffer_rows(Decimal(1_000_000), 0.03)[1:]]
    [('least', '5000.000', ''), ('chosen', '30000.00', 'outside 0.005 to 0.02'), ('most', '20000.00', '')]
    """
    if turnover < 0:
        raise DomainError(f"turnover is {turnover}: give the sales of a year, above 0.")
    low, high, usual = (rule(f"buffer_{name}") for name in ("low", "high", "usual"))
    chosen = usual if rate is None else exactly(rate)
    if not 0 <= chosen <= 1:
        raise DomainError(
            f"rate is {chosen}: a share lies between 0 and 1. Did you mean per cent?"
        )
    note = "" if low <= chosen <= high else f"outside {low} to {high}"
    found = [("least", low, ""), ("chosen", chosen, note), ("most", high, "")]
    return [
        [BUFFER, RATE, AMOUNT, "note"],
        *([name, share, turnover * share, text] for name, share, text in found),
    ]


def rule(name: str) -> Decimal:
    """A number of `data/reserve_rules.csv`."""
    found = next(row["value"] for row in data_rows("reserve_rules.csv") if row["rule"] == name)
    return Decimal(found)


def _rates(rates: Rows) -> dict[str, tuple[Decimal, str]]:
    bucket, rate = _place(rates[0], BUCKET), _place(rates[0], RATE)
    if bucket is None or rate is None:
        raise BadValueError("The rates need the headings bucket and rate (and source).")
    source = _place(rates[0], SOURCE)
    known: dict[str, tuple[Decimal, str]] = {}
    for row in rates[1:]:
        label = str(row[bucket] or "").strip()
        if not label:
            continue
        if row[rate] is None:
            raise BadValueError(f"The rate of '{label}' is blank. There is no default: give one.")
        if _plain(label) in known:
            raise BadValueError(f"'{label}' stands twice in the rates. Keep one row.")
        share = _share(row[rate])
        assert share is not None
        text = "" if source is None else str(row[source] or "")
        known[_plain(label)] = (exactly(share), text)
    return known


def _long(aging: Rows) -> dict[str, tuple[Decimal, Decimal]]:
    bucket, amount = _place(aging[0], BUCKET), _place(aging[0], AMOUNT)
    if bucket is None or amount is None:
        raise BadValueError("The aging needs the headings bucket and amount.")
    held: dict[str, tuple[Decimal, Decimal]] = {}
    for row in aging[1:]:
        label = str(row[bucket] or "").strip()
        if label and label.casefold() not in TOTALS:
            if label in held:
                raise BadValueError(f"'{label}' stands twice in the aging. Add the two up.")
            held[label] = (_amount(row[amount]),) * 2
    return held


def _wide(aging: Rows, negatives: str) -> dict[str, tuple[Decimal, Decimal]]:
    """Buckets of an AGING_REPORT: credits of a row clear its own oldest bucket first."""
    from receivables.monitor.reserve import exposures

    heads = [str(heading or "").strip() for heading in aging[0]]
    if "over_30" not in heads:
        raise BadValueError("Give the aging as bucket and amount, or as AGING_REPORT spills it.")
    first = heads.index("over_30") + 1
    if "currency" in heads:
        codes = {str(row[heads.index("currency")]) for row in aging[1:]}
        if len(codes) > 1:
            raise BadValueError(f"The aging is in {', '.join(sorted(codes))}. Give one currency.")
    open_, credit = heads.index("open"), heads.index("unapplied")
    sums = {label: [NIL, NIL] for label in heads[first:]}
    for row in aging[1:]:
        if str(row[0] or "").strip().casefold() in TOTALS:
            continue
        amounts = [_amount(cell) for cell in row[first:]]
        if sum(amounts, _amount(row[credit])) != _amount(row[open_]):
            raise BadValueError(f"The row {row[0]} of the aging does not add up.")
        if negatives == "refuse" and (row[credit] or min(amounts) < 0):
            raise DomainError(f"The row {row[0]} holds credits. Set negatives to floor or oldest.")
        netted = exposures([_amount(row[credit]), *amounts], "oldest")[1:]
        for label, amount, exposure in zip(sums, amounts, netted, strict=True):
            sums[label][0] += amount
            sums[label][1] += exposure
    return {label: (amount, exposure) for label, (amount, exposure) in sums.items()}


def _place(headings: Sequence[Any], role: str) -> int | None:
    for place, heading in enumerate(headings):
        if str(heading or "").strip().casefold() in WORDS[role]:
            return place
    return None


def _plain(label: str) -> str:
    return "".join(label.casefold().split())


def _names(labels: Sequence[str | None] | None, count: int) -> list[str]:
    if labels is None:
        return [str(number) for number in range(1, count + 1)]
    if len(labels) != count:
        raise BadValueError(f"{len(labels)} buckets but {count} roll rates. Give one per rate.")
    return [label or str(number) for number, label in enumerate(labels, 1)]


def _share(cell: Any) -> Decimal | None:
    from receivables.cells.coerce import to_number

    return None if cell is None else exactly(to_number(cell))


def _amount(cell: Any) -> Decimal:
    from receivables.cells.coerce import to_amount

    return NIL if cell is None else to_amount(cell)


def _matched(balances: Sequence[Decimal | None], rates: Sequence[Decimal]) -> list[Line]:
    if None in balances:
        raise BadValueError("A balance is blank. Write 0 where nothing is open.")
    return lines(balances, rates)


def _sum(amounts: Sequence[Decimal | None]) -> Decimal:
    return sum((amount for amount in amounts if amount is not None), NIL)
