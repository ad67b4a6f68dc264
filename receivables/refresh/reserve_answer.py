"""The reserve of a date with everything that goes with it, and the same as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from receivables import money
from receivables.errors import Issue
from receivables.monitor.reserve_base import STEPS
from receivables.monitor.reserve_ledger import Reserve
from receivables.monitor.reserve_policy import Policy
from receivables.monitor.reserve_roll import Booked, JournalLine, Movement

_POOL = ("exposure", "netted", "collected", "insured", "secured", "reserve", "reimbursement")
_CASE = ("exposure", "reserve")


@dataclass(frozen=True, slots=True)
class ReserveAnswer:
    """The reserve as of a date with its bridge, roll-forward and proposed journal.

    `opening` is the reserve required at the start of the period by the same rule; None where it
    cannot be computed, and `issues` says why.
    """

    as_of: date
    method: str
    framework: str
    policy: Policy
    reserve: Reserve
    opening: Reserve | None = None
    movements: list[Movement] = field(default_factory=list)
    allowances: list[Booked] = field(default_factory=list)
    journal: list[JournalLine] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    ledger_issues: int = 0
    buffers: list[dict[str, str]] = field(default_factory=list)
    """0.5 to 2 % of a year's sales per company and currency: not an accounting allowance."""

    def to_json(self) -> dict[str, Any]:
        """Amounts as decimal text; `currencies` has one block per company and currency."""
        return answer_json(self)


def answer_json(answer: ReserveAnswer) -> dict[str, Any]:
    """A reserve with amounts as decimal text; `currencies` has one block per company and currency."""
    policy = answer.policy
    return {
        "as_of": answer.as_of.isoformat(),
        "method": answer.method,
        "framework": answer.framework,
        "overlay": None if policy.overlay is None else f"{policy.overlay:f}",
        "scenarios": [
            {"name": row.name, "weight": f"{row.weight:f}", "factor": f"{row.factor:f}"}
            for row in policy.scenarios
        ],
        "ties": answer.reserve.base.ties,
        "currencies": [_block(answer, row) for row in answer.reserve.base.bridge.iter_rows(named=True)],
        "rates": _rates(answer),
        "roll_forward": [_movement(item) for item in answer.movements],
        "allowances": [_booked(item) for item in answer.allowances],
        "journal": [_journal(line) for line in answer.journal],
        "management_buffer": answer.buffers,
        "notices": [
            {"code": issue.code, "level": issue.level, "message": issue.message, "cure": issue.cure}
            for issue in answer.issues
        ],
        "issues": answer.ledger_issues,
    }  # fmt: skip


def _block(answer: ReserveAnswer, row: dict[str, Any]) -> dict[str, Any]:
    key = (row["company"], row["currency"])
    code = row["currency"]
    collective, specific, dilution = answer.reserve.required()[key]
    mine = [line for line in answer.reserve.pool if (line.company, line.currency) == key]
    cases = [line for line in answer.reserve.cases if (line.company, line.currency) == key]
    diluted = [line for line in answer.reserve.dilution if (line.company, line.currency) == key]
    return {
        "company": row["company"],
        "currency": code,
        "bridge": {name: money.text(row[name], code) for name in STEPS},
        "pool": [_amounts(line, code, _POOL) for line in mine],
        "specific": [_amounts(line, code, _CASE) for line in cases],
        "dilution": [_amounts(line, code, ("exposure", "reserve")) for line in diluted],
        "collective_reserve": money.text(collective, code),
        "specific_reserve": money.text(specific, code),
        "allowance": money.text(collective + specific, code),
        "refund_liability": money.text(dilution, code),
        "reimbursement_asset": money.text(sum(line.reimbursement for line in mine), code),
    }


def _rates(answer: ReserveAnswer) -> list[dict[str, Any]]:
    return [
        {
            "pool": pool,
            "bucket": line.label,
            "rate": _share(line.rate),
            "effective": None if line.rate is None else _share(answer.policy.effective(line.rate)),
            "roll_rate": _share(line.roll),
            "written_off": _share(line.lost),
            "source": line.source,
        }
        for pool, lines in answer.reserve.rates.items()
        for line in lines
    ]  # fmt: skip


def _amounts(line: Any, currency: str, names: tuple[str, ...]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name in line.__slots__:
        value = getattr(line, name)
        if name in {"company", "currency"}:
            continue
        if name in names:
            value = money.text(value, currency)
        elif isinstance(value, Decimal):
            value = _share(value)
        shown[name] = value
    return shown


def _share(rate: Decimal | None) -> str | None:
    """A share with at most ten digits, as text."""
    if rate is None:
        return None
    text = f"{rate:.10f}".rstrip("0")
    return text + "0" if text.endswith(".") else text


def _movement(item: Movement) -> dict[str, Any]:
    names = (
        "opening", "charge", "reversal", "written_off", "recovered", "fx", "closing",
        "recovered_in_income",
    )  # fmt: skip
    return {
        "company": item.company,
        "currency": item.currency,
        "start": item.start.isoformat(),
        "end": item.end.isoformat(),
        **{name: money.text(getattr(item, name), item.currency) for name in names},
    }


def _booked(item: Booked) -> dict[str, Any]:
    return {
        "company": item.company,
        "account": item.account,
        "currency": item.currency,
        "booked": money.text(item.balance, item.currency),
        "required": money.text(item.required, item.currency),
        "adjustment": money.text(item.adjustment, item.currency),
    }


def _journal(line: JournalLine) -> dict[str, Any]:
    return {
        "company": line.company, "entry": line.entry, "side": line.side, "account": line.account,
        "role": line.role, "currency": line.currency,
        "amount": money.text(line.amount, line.currency), "text": line.text,
    }  # fmt: skip
