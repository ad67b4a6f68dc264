"""Credit insurance in cells: indemnity, cover, deadlines, limits, premium, value."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from receivables.cells import Amount, Arg, CellError, Day, Days, Number, Table, Text, Whole, cell
from receivables.cells.coerce import to_table
from receivables.cells.faults import IncomingError
from receivables.cells.types import CellType
from receivables.errors import BadValueError, ReceivablesError
from receivables.transfer import deadlines as clock
from receivables.transfer import eligibility, limits_at, premium
from receivables.transfer.indemnity import Indemnity, indemnity
from receivables.transfer.policy import InsurancePolicy
from receivables.transfer.rules import joined

POLICY = CellType("table", "table", lambda value: InsurancePolicy.from_range(to_table(value)))

Policy = Annotated[
    Annotated[InsurancePolicy, POLICY],
    Arg(
        "the policy as one range: names of its terms (insured_share, deductible, declare_days …) "
        "over or beside their values; a blank is not 0",
        "table",
    ),
]
Debt = Annotated[Amount, Arg("eligible debt of the buyer, after all receipts", "money")]
Insured = Annotated[Amount, Arg("insured limit at the ship dates; TCI_LIMIT_AT finds it", "money")]
AflUsed = Annotated[Amount | None, Arg("aggregate first loss borne earlier in the year", "money")]
PaidOut = Annotated[Amount | None, Arg("indemnities paid earlier in the year", "money")]
AsOf = Annotated[Day, Arg("day of the question", "date")]
ZERO = Decimal(0)


@cell("TCI_INDEMNITY", family="transfer")
def tci_indemnity(
    debt: Debt,
    insured_limit: Insured,
    policy: Policy,
    afl_used: AflUsed = None,
    liability_used: PaidOut = None,
) -> Annotated[Amount, Arg("what the insurer pays", "money")]:
    """Indemnity = (min(debt, limit) − deductible) × insured share; threshold, retention, first loss and cap apply.

    The deductible comes off before or after the share, as deductible_basis says (default before).

    Raises:
        BadValueError: no policy, or one without insured_share.
        DomainError: a share outside 0–1, an amount below 0.

    >>> tci_indemnity(300000, 250000, policy([["insured_share", 0.9], ["deductible", 5000]]))
    Decimal('220500.0')
    """
    return _indemnity(debt, insured_limit, policy, afl_used, liability_used).amount


@cell("TCI_EXPLAIN", family="transfer")
def tci_explain(
    debt: Debt,
    insured_limit: Insured,
    policy: Policy,
    afl_used: AflUsed = None,
    liability_used: PaidOut = None,
) -> Annotated[Table, Arg("step, input, rule, result; the last result is the indemnity", "table")]:
    """How an indemnity came about, step by step.

    >>> rows = tci_explain(300000, 250000, policy([["insured_share", 0.9], ["deductible", 5000]]))
    >>> [row[0] for row in rows]
    ['step', 'insured debt', 'deductible', 'insured share']
    """
    return _indemnity(debt, insured_limit, policy, afl_used, liability_used).rows()


@cell("TCI_ELIGIBLE", family="transfer")
def tci_eligible(
    invoice: Annotated[
        Table,
        Arg(
            "invoices with headings shipped_on, due_on and, where known, amount, disputed_amount, "
            "cover_scope, insured_limit, insurer_reported_on, legal_form, stop_ship_on",
            "table",
        ),
    ],
    policy: Policy,
    as_of: AsOf,
) -> Annotated[Text, Arg("eligible, or reason codes joined by +; a column for several", "text")]:
    """Whether an invoice is covered by the policy, or the codes of the reasons why not.

    What the range does not hold is not tested: no column of limits, no reason no_limit.

    >>> rows = [["shipped_on", "due_on", "disputed_amount"], [date(2026, 7, 1), date(2026, 8, 30), None]]
    >>> tci_eligible(rows, policy([["max_terms_days", 45]]), date(2026, 9, 30))
    'terms'
    """
    found = eligibility.invoices_of(invoice)
    told = [_cover(record, policy, as_of, number) for number, record in enumerate(found, 1)]
    if len(told) == 1 and not isinstance(told[0], CellError):
        return str(told[0])
    if len(told) == 1:
        eligibility.invoice_of(found[0])
    column: Any = [[one] for one in told]
    answer: str = column
    return answer


@cell("TCI_DEADLINES", family="transfer")
def tci_deadlines(
    due_on: Annotated[Days, Arg("original due date of the invoice, or a column of them", "date")],
    policy: Policy,
    as_of: AsOf,
    extended_to: Annotated[
        Days | None,
        Arg("later due date agreed with the buyer; it does not move the clock", "date"),
    ] = None,
    insolvent_on: Annotated[
        Days | None, Arg("day the buyer's insolvency became known", "date")
    ] = None,
    holidays: Annotated[
        Days | None, Arg("days nobody works, besides Saturday and Sunday", "date")
    ] = None,
) -> Annotated[
    Table,
    Arg("step, date, act_by, days_left, rule; for several due dates a row for each", "table"),
]:
    """Insurer's clock of an overdue invoice: extension ends, stop shipping, notify, collect, claim from and by.

    Counted from the original due date. Act by = the working day before; days left = date − as_of.

    Raises:
        BadValueError: no policy, or one without max_extension_days or declare_days.

    >>> terms = policy([["max_extension_days", 60], ["declare_days", 30], ["waiting_days", 180]])
    >>> found = tci_deadlines([date(2026, 8, 31)], terms, date(2026, 10, 31))
    >>> [[row[0], str(row[1]), row[3]] for row in found[1:]]
    [['extension_ends', '2026-10-30', -1], ['stop_ship', '2026-10-31', 0], ['notify', '2026-11-29', 29], ['claim_from', '2027-02-27', 119]]
    """
    resting = {day for day in holidays or () if day}
    if len(due_on) == 1 and due_on[0] is not None:
        found = clock.deadlines(
            due_on[0], policy, as_of, extended_to=_only(extended_to, "extended_to"),
            insolvent_on=_only(insolvent_on, "insolvent_on"), holidays=resting,
        )  # fmt: skip
        return [list(clock.HEADINGS), *(list(one) for one in found)]
    return clock.several(due_on, policy, as_of, extended_to, insolvent_on, resting)


@cell("TCI_LIMIT_AT", family="transfer")
def tci_limit_at(
    limits: Annotated[
        Table,
        Arg(
            "dated limits: headings amount, valid_from and, where known, valid_to, customer_id, kind",
            "table",
        ),
    ],
    shipped_on: Annotated[Day, Arg("day of the shipment", "date")],
    customer_id: Annotated[
        Text | None, Arg("buyer, where the limits are of several", "text")
    ] = None,
    kind: Annotated[
        Text, Arg("kind of limit: insured, own, group, component", "text")
    ] = "insured",
) -> Annotated[Amount, Arg("limit in force on that day", "money")]:
    """Insured limit in force on the day of shipment; a cut reaches only shipments from its first day on.

    Raises:
        NotAvailableError: no limit was in force; that is not 0.

    >>> rows = [["amount", "valid_from"], [250000, date(2026, 1, 1)], [100000, date(2026, 7, 1)]]
    >>> tci_limit_at(rows, date(2026, 6, 30)), tci_limit_at(rows, date(2026, 7, 1))
    (Decimal('250000'), Decimal('100000'))
    """
    known = limits_at.limits_of(limits)
    return limits_at.limit_at(known, shipped_on, customer_id or "", limits_at.kind_of(kind)).amount


@cell("TCI_PREMIUM", family="transfer")
def tci_premium(
    turnover: Annotated[Amount, Arg("insured turnover of the year", "money")],
    rate: Annotated[Number, Arg("premium rate on it, 0 to 1", "share")],
    minimum: Annotated[Amount | None, Arg("minimum premium of the year", "money")] = None,
    buyers: Annotated[Whole | None, Arg("insured limits that cost a fee", "count")] = None,
    fee: Annotated[Amount | None, Arg("fee per limit and year", "money")] = None,
    rebate: Annotated[Number | None, Arg("share given back, 0 to 1", "share")] = None,
    paid: Annotated[Amount | None, Arg("deposit premium already paid", "money")] = None,
) -> Annotated[Amount, Arg("premium to pay; below 0 a refund", "money")]:
    """Premium = max(turnover × rate, minimum) × (1 − rebate) + buyers × fee − paid.

    >>> tci_premium(20000000, 0.0025)
    Decimal('50000.00000')
    """
    return premium.premium(
        Decimal(turnover), rate, minimum=minimum or ZERO, buyers=buyers or 0, fee=fee or ZERO,
        rebate=rebate or 0.0, paid=paid or ZERO,
    )  # fmt: skip


@cell("TCI_VALUE", family="transfer")
def tci_value(
    cost: Annotated[Amount, Arg("premium of the year", "money")],
    expected_loss: Annotated[Amount, Arg("loss expected without insurance", "money")],
    insured_share: Annotated[Number, Arg("insured part of a loss, 0 to 1", "share")],
    extra_base: Annotated[
        Amount | None, Arg("what the bank lends more on insured debt", "money")
    ] = None,
    spread: Annotated[Number | None, Arg("interest saved on it a year, 0 to 1", "share")] = None,
    extra_sales: Annotated[Amount | None, Arg("sales that cover makes possible", "money")] = None,
    margin: Annotated[Number | None, Arg("margin on them, 0 to 1", "share")] = None,
) -> Annotated[Table, Arg("line, amount, running sum, rule", "table")]:
    """Value of insurance a year in four lines: premium, loss avoided, cheaper funding, margin on extra sales.

    >>> tci_value(50000, 80000, 0.9)[2]
    ['loss avoided', Decimal('72000.0'), Decimal('22000.0'), 'expected loss × insured share']
    """
    return premium.value_lines(
        Decimal(cost), Decimal(expected_loss), insured_share, extra_base=extra_base or ZERO,
        spread=spread or 0.0, extra_sales=extra_sales or ZERO, margin=margin or 0.0,
    )  # fmt: skip


@cell("CASH_RATIO_INSURED", family="transfer")
def cash_ratio_insured(
    cash: Annotated[Amount, Arg("cash, equivalents and marketable securities", "money")],
    current_liabilities: Annotated[Amount, Arg("current liabilities", "money")],
    indemnity_due: Annotated[Amount | None, Arg("indemnity that comes in", "money")] = None,
    sold: Annotated[
        Amount | None, Arg("cash for insured debt sold without recourse", "money")
    ] = None,
    borrowed: Annotated[
        Amount | None, Arg("borrowed against insured debt; raises liabilities too", "money")
    ] = None,
    cost: Annotated[Amount | None, Arg("premium that goes out", "money")] = None,
) -> Annotated[Number, Arg("times current liabilities", "ratio")]:
    """Cash ratio if insured = (cash + indemnity + sold + borrowed − premium) ÷ (current liabilities + borrowed).

    Raises:
        ZeroDivideError: no current liabilities.

    >>> cash_ratio_insured(80000, 400000), cash_ratio_insured(80000, 400000, None, 100000, None, 2000)
    (0.2, 0.445)
    """
    return premium.cash_ratio_insured(
        Decimal(cash), Decimal(current_liabilities), indemnity=indemnity_due or ZERO,
        sold=sold or ZERO, borrowed=borrowed or ZERO, cost=cost or ZERO,
    )  # fmt: skip


def policy(rows: list[list[Any]]) -> InsurancePolicy:
    """A policy of a range, as the functions here take it from Python."""
    return InsurancePolicy.from_range(rows)


def _only(days: list[date | None] | None, name: str) -> date | None:
    if days and len(days) > 1:
        raise BadValueError(f"{name} holds {len(days)} dates for one due date. Give one, or none.")
    return days[0] if days else None


def _indemnity(
    debt: Decimal,
    limit: Decimal,
    terms: InsurancePolicy,
    afl: Decimal | None,
    paid: Decimal | None,
) -> Indemnity:
    return indemnity(
        Decimal(debt), Decimal(limit), terms, afl_used=afl or ZERO, liability_used=paid or ZERO
    )


def _cover(record: dict[str, Any], terms: InsurancePolicy, as_of: date, number: int) -> Any:
    try:
        found = eligibility.invoice_of(record, f"invoice {number}")
    except IncomingError as fault:
        return fault.error
    except ReceivablesError as fault:
        return CellError(fault.cell, str(fault))
    return joined(eligibility.blocked(found, terms, as_of))
