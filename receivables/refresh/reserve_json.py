"""A reserve as JSON: bridge, pool, cases, dilution, rates, roll-forward, journal."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from receivables import money
from receivables.monitor.reserve_base import STEPS

if TYPE_CHECKING:
    from receivables.monitor.reserve_roll import Booked, JournalLine, Movement
    from receivables.refresh.reserve import ReserveAnswer

_POOL = ("exposure", "netted", "collected", "insured", "secured", "reserve", "reimbursement")
_CASE = ("exposure", "reserve")


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
