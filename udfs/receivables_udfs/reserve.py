"""The reserve in cells: provision matrix, roll rates, Markov chain, the buffer beside them."""

from typing import Annotated

from receivables.cells import (
    Amount,
    Amounts,
    Arg,
    Choice,
    Number,
    Numbers,
    Table,
    Text,
    Texts,
    cell,
)
from receivables.monitor import reserve as core
from receivables.monitor import reserve_tables as tables

BucketAmounts = Annotated[Amounts, Arg("amount per aging bucket, one currency", "money")]
LossRates = Annotated[
    Numbers, Arg("your own loss rate per bucket, 0 to 1; there is no default", "share")
]
Overlay = Annotated[
    Number | None, Arg("factor on the rates for what the past does not show; blank = 1", "ratio")
]
Specific = Annotated[
    Amount | None,
    Arg("reserves of customers assessed on their own and not in the amounts", "money"),
]
Negatives = Annotated[
    Choice,
    Arg("buckets below nil: floor at 0, off the oldest debt, or refuse", "text", "negatives"),
]
Balances = Annotated[Amounts | None, Arg("balances in the same order, for the reserve", "money")]


@cell("RESERVE", family="monitor")
def reserve(
    bucket_amounts: BucketAmounts,
    rates: LossRates,
    overlay: Overlay = None,
    specific: Specific = None,
    negatives: Negatives = "floor",
) -> Annotated[Amount, Arg("loss reserve", "money")]:
    """Loss reserve: sum of bucket amount × loss rate (with overlay at most 100 %) + specific reserves.

    Raises:
        BadValueError: sizes differ, or a rate is blank beside an amount.
        DomainError: a rate outside 0 to 1.

    Source: IFRS 9 B5.5.35. The rates here are those of example IE74, a sample.

    >>> from decimal import Decimal
    >>> amounts = [Decimal(n) for n in (15_000_000, 7_500_000, 4_000_000, 2_500_000, 1_000_000)]
    >>> reserve(amounts, [0.003, 0.016, 0.036, 0.066, 0.106])
    Decimal('580000.000')
    """
    return core.reserve(bucket_amounts, rates, overlay, specific, negatives)


@cell("RESERVE_EXPLAIN", family="monitor")
def reserve_explain(
    bucket_amounts: BucketAmounts,
    rates: LossRates,
    overlay: Overlay = None,
    specific: Specific = None,
    negatives: Negatives = "floor",
) -> Annotated[Table, Arg("step, input, rule, result with headings", "table")]:
    """How RESERVE came about, bucket by bucket; a rate that falls with age is marked.

    >>> from decimal import Decimal
    >>> for row in reserve_explain([Decimal(1000)], [0.02]):
    ...     print(*row, sep=" | ")
    step | input | rule | result
    bucket 1 | 1000 | 2 % of 1,000 | 20.00
    collective |  | sum of the buckets | 20.00
    specific | 0 | assessed on their own, outside the buckets | 0
    reserve |  | collective + specific | 20.00
    """
    return core.explained(bucket_amounts, rates, overlay, specific, negatives)


@cell("RESERVE_MATRIX", family="monitor")
def reserve_matrix(
    aging: Annotated[
        Table, Arg("headings bucket and amount, or what AGING_REPORT spills", "table")
    ],
    rates: Annotated[Table, Arg("headings bucket, rate, source: your own rates", "table")],
    overlay: Overlay = None,
    specific: Specific = None,
    negatives: Negatives = "floor",
) -> Annotated[Table, Arg("bucket, amount, exposure, rate, reserve, source; total", "table")]:
    """Provision matrix with rates found by bucket label; a bucket with money and no rate is an error.

    The rows of AGING_REPORT are netted one by one: credits clear the oldest debt of their own row.

    >>> aging = [["bucket", "amount"], ["Current", 1000], ["1-30 d", 500]]
    >>> rates = [["bucket", "rate", "source"], ["Current", 0.01, "own"], ["1-30 d", 0.02, "own"]]
    >>> reserve_matrix(aging, rates)[-1][4]
    Decimal('20.00')
    """
    return tables.matrix_rows(aging, rates, overlay, specific, negatives)


@cell("RESERVE_ROLL_RATES", family="monitor")
def reserve_roll_rates(
    roll_rates: Annotated[
        Numbers, Arg("share that rolls on, youngest first; the last into write-off", "share")
    ],
    balances: Balances = None,
    overlay: Overlay = None,
    loss_given_default: Annotated[
        Number | None, Arg("part lost of what is written off; blank = 1", "share")
    ] = None,
    buckets: Annotated[Texts | None, Arg("labels of the buckets", "text")] = None,
) -> Annotated[Table, Arg("bucket, roll rate, loss rate, balance, reserve; total", "table")]:
    """Loss rates from roll rates: each bucket loses the product of its own and all later roll rates.

    The last roll rate is the share of the oldest bucket that ends in a write-off.

    >>> [f"{row[2]:.5f}" for row in reserve_roll_rates([0.20, 0.30, 0.40, 0.60, 0.85])[1:]]
    ['0.01224', '0.06120', '0.20400', '0.51000', '0.85000']
    """
    return tables.roll_rows(roll_rates, balances, overlay, loss_given_default, buckets)


@cell("RESERVE_MARKOV", family="monitor")
def reserve_markov(
    matrix: Annotated[
        Table, Arg("headings = states, one row per open state, shares that move", "table")
    ],
    balances: Balances = None,
    overlay: Overlay = None,
    loss: Annotated[Text, Arg("heading of the state that stands for the loss", "text")] = "Loss",
) -> Annotated[Table, Arg("state, lifetime loss rate, balance, reserve; total", "table")]:
    """Lifetime loss by state of a Markov chain with absorbing states: (I − Q)⁻¹ × share lost.

    Every row adds up to 1 (± 0.000000001), else #NUM!.

    >>> matrix = [["state", "Late", "Paid", "Loss"], ["Late", 0.5, 0.4, 0.1]]
    >>> reserve_markov(matrix)[1]
    ['Late', Decimal('0.2')]
    """
    return tables.markov_rows(matrix, balances, overlay, loss)


@cell("RESERVE_REVENUE", family="monitor")
def reserve_revenue(
    turnover: Annotated[Amount, Arg("annual turnover", "money")],
    rate: Annotated[Number | None, Arg("share kept; blank = the usual one", "share")] = None,
) -> Annotated[Table, Arg("least, chosen and most, headed: not an accounting allowance", "table")]:
    """Management buffer of 0.5 to 2 % of turnover; outside every journal and never an allowance.

    >>> from decimal import Decimal
    >>> reserve_revenue(Decimal(1_000_000))[2][:3]
    ['chosen', Decimal('0.01'), Decimal('10000.00')]
    """
    return tables.buffer_rows(turnover, rate)
