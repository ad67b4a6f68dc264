"""What the user decides about the reserve: rates, specific cases, overlay, scenarios, accounts."""

from __future__ import annotations

import csv
import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

from receivables.errors import BadValueError, DomainError
from receivables.monitor.reserve import (
    ONE,
    check_weights,
    checked_rate,
    effective_rate,
    overlay_factor,
)

DILUTION = "Dilution"
"""Row of the rates that says what part of disputed amounts will be credited."""
FRAMEWORKS = ("IFRS", "CECL", "CAS22")
ROLES = ("impairment_loss", "allowance", "revenue", "refund_liability", "recoveries")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class RateRow:
    """ReserveMatrix: loss rate of a bucket, with its source; CECL adjustments add to it."""

    bucket: str
    rate: Decimal
    source: str = ""
    valid_from: date | None = None
    conditions: Decimal = Decimal(0)
    """Adjustment for current conditions (CECL), in points of the rate."""
    pool: str = ""
    """Value of the column `pool_by` for which the rate holds; blank = every customer."""
    forecast: Decimal = Decimal(0)
    """Adjustment for the forecast (CECL); nil where current conditions are taken to persist."""


@dataclass(frozen=True, slots=True)
class SpecificRow:
    """ReserveSpecific: a customer, or one document, assessed alone: by rate or by amount."""

    customer_id: str
    document_no: str = ""
    company: str = ""
    currency: str = ""
    rate: Decimal | None = None
    amount: Decimal | None = None
    reason: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """ReserveScenarios: a view of the future, its weight and its factor on the rates."""

    name: str
    weight: Decimal
    factor: Decimal
    source: str = ""


@dataclass(frozen=True, slots=True)
class NettingRow:
    """ReserveNetting: recorded opt-in to leave a secured or insured part out of the exposure."""

    kind: str
    reason: str
    decided_by: str
    customer_id: str = ""
    share: Decimal | None = None
    """Insured part of what is insured; the secured share stands on the documents."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything the user decides; nothing here has a rate by default."""

    method: str = ""
    framework: str = ""
    overlay: Decimal | None = None
    overlay_reason: str = ""
    pool_by: str = ""
    """Column of Customers (market, country, …) that groups debt of like risk (组合)."""
    months: int = 12
    mature_months: int = 12
    loss_given_default: Decimal = ONE
    insured_share: Decimal | None = None
    """Part of an insured loss that the insurer pays: shown as a reimbursement asset of its own."""
    conditions_persist: bool = False
    collections_until: date | None = None
    public: bool | None = None
    matrix: tuple[RateRow, ...] = ()
    specific: tuple[SpecificRow, ...] = ()
    scenarios: tuple[ScenarioRow, ...] = ()
    netting: tuple[NettingRow, ...] = ()
    accounts: Mapping[str, str] = field(default_factory=dict)

    def at(self, on: date, pool: str = "") -> dict[str, RateRow]:
        """Rates by bucket in force on a day: the pool's own before those for all, then the latest."""
        found: dict[str, RateRow] = {}
        for row in sorted(
            self.matrix, key=lambda row: (row.pool != "", row.valid_from or date.min)
        ):
            if row.pool in {"", pool} and (row.valid_from is None or row.valid_from <= on):
                found[row.bucket] = row
        return found

    @property
    def pools(self) -> list[str]:
        """Pools that the rates name, "" (everybody) first."""
        return sorted({"", *(row.pool for row in self.matrix)})

    def specific_at(self, on: date) -> list[SpecificRow]:
        """Specific cases in force on a day."""
        return [
            row for row in self.specific if (row.valid_from or on) <= on <= (row.valid_to or on)
        ]

    def effective(self, rate: Decimal) -> Decimal:
        """Rate after loss given default, overlay and scenarios, at most 1."""
        weights = [(row.weight, row.factor) for row in self.scenarios]
        return effective_rate(
            rate * self.loss_given_default, weights, overlay_factor(self.overlay)
        )


TABLES: dict[str, type[Any]] = {
    "matrix": RateRow,
    "specific": SpecificRow,
    "scenarios": ScenarioRow,
    "netting": NettingRow,
}
SHEETS = {
    "matrix": "ReserveMatrix",
    "specific": "ReserveSpecific",
    "scenarios": "ReserveScenarios",
    "netting": "ReserveNetting",
}
HEADINGS = {
    "区间": "bucket", "账龄": "bucket", "账龄区间": "bucket", "损失率": "rate", "计提比例": "rate",
    "预期信用损失率": "rate", "来源": "source", "依据": "source", "生效日期": "valid_from",
    "失效日期": "valid_to", "客户编码": "customer_id", "customer": "customer_id",
    "单据编号": "document_no", "document": "document_no", "公司": "company", "币种": "currency",
    "金额": "amount", "原因": "reason", "情景": "name", "scenario": "name", "权重": "weight",
    "系数": "factor", "组合": "pool", "loss rate": "rate",
}  # fmt: skip


def load_policy(rates: Path | None, specific: Path | None = None) -> Policy:
    """Policy of the files given: csv or workbook with ReserveMatrix rows, or TOML with everything.

    Raises:
        BadValueError: a file, heading or value that cannot be read; names the place.
    """
    values: dict[str, Any] = {}
    if rates is not None:
        values = _file(rates, "matrix")
    if specific is not None:
        values["specific"] = _file(specific, "specific").get("specific", [])
    return policy_of(values, str(rates or specific or ""))


def policy_of(values: Mapping[str, Any], where: str = "policy") -> Policy:
    """Policy from names and rows; an unknown name is an error with the nearest known one.

    >>> rows = [{"bucket": "Current", "rate": "0.3%", "source": "own history"}]
    >>> policy_of({"matrix": rows}).at(date(2026, 10, 31))["Current"].rate
    Decimal('0.003')
    """
    known = {item.name: item for item in fields(Policy)}
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise BadValueError(f"{where}: {_unknown(name, known)}")
        if name in TABLES:
            listed = enumerate(value, 1)
            found[name] = tuple(
                _row(TABLES[name], row, f"{where}, {name} row {n}") for n, row in listed
            )
        elif name == "accounts":
            found[name] = _accounts(value, where)
        else:
            found[name] = _read(str(known[name].type), value, f"{where}, {name}")
    policy = Policy(**found)
    _check(policy, where)
    return policy


def _check(policy: Policy, where: str) -> None:
    if policy.framework and policy.framework not in FRAMEWORKS:
        raise BadValueError(f"{where}: framework is one of {', '.join(FRAMEWORKS)}.")
    overlay_factor(policy.overlay)
    checked_rate(policy.loss_given_default, "loss_given_default")
    if policy.insured_share is not None:
        checked_rate(policy.insured_share, "insured_share")
    if policy.scenarios:
        check_weights([row.weight for row in policy.scenarios])
    seen = set()
    for row in policy.matrix:
        checked_rate(row.rate, row.bucket)
        if (row.pool, row.bucket, row.valid_from) in seen:
            raise BadValueError(f"{where}: '{row.bucket}' stands twice. Keep one row per bucket.")
        seen.add((row.pool, row.bucket, row.valid_from))
        if row.pool and not policy.pool_by:
            raise BadValueError(f"{where}: '{row.bucket}' names the pool {row.pool}; set pool_by.")
    for case in policy.specific:
        _check_specific(case, where)
    for opt in policy.netting:
        _check_netting(opt, where)


def _check_specific(case: SpecificRow, where: str) -> None:
    name = f"{where}: specific case {case.customer_id} {case.document_no}".rstrip()
    if (case.rate is None) == (case.amount is None):
        raise BadValueError(f"{name} needs a rate or an amount, one of the two (0 is a value).")
    if case.rate is not None:
        checked_rate(case.rate, name)
    if case.amount is not None and case.amount < 0:
        raise DomainError(f"{name}: the amount is negative. A reserve is 0 or more.")


def _check_netting(opt: NettingRow, where: str) -> None:
    if opt.kind not in {"secured", "insured"}:
        raise BadValueError(f"{where}: netting kind '{opt.kind}' is neither secured nor insured.")
    if not opt.reason.strip() or not opt.decided_by.strip():
        raise BadValueError(
            f"{where}: netting of {opt.kind} debt needs a reason and decided_by. Record both, or "
            "leave the row out: the cover is then shown, not deducted."
        )
    if opt.kind == "insured" and opt.share is None:
        raise BadValueError(f"{where}: netting of insured debt needs the insured share.")
    if opt.share is not None:
        checked_rate(opt.share, f"netting of {opt.kind} debt")


def _file(path: Path, table: str) -> dict[str, Any]:
    if not path.is_file():
        raise BadValueError(f"{path}: no such file.")
    kind = path.suffix.casefold()
    if kind == ".toml":
        try:
            return tomllib.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            raise BadValueError(f"{path}: not a TOML file ({fault}).") from None
    if kind == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as handle:
            return {table: _filled(csv.DictReader(handle))}
    if kind in {".xlsx", ".xlsm"}:
        return _workbook(path, table)
    raise BadValueError(f"{path}: give a .csv, .toml or .xlsx file.")


def _workbook(path: Path, table: str) -> dict[str, Any]:
    import fastexcel

    book = fastexcel.read_excel(str(path))
    found: dict[str, Any] = {}
    for name, sheet in SHEETS.items():
        if sheet in book.sheet_names:
            frame = book.load_sheet(sheet, dtypes="string").to_polars()
            found[name] = _filled(frame.iter_rows(named=True))
    if table not in found:
        raise BadValueError(f"{path}: there is no sheet {SHEETS[table]}.")
    return found


def _filled(rows: Iterable[Mapping[Any, Any]]) -> list[dict[str, Any]]:
    return [row for row in map(_named, rows) if row]


def _named(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Headings in their own names; blank cells and blank rows fall away."""
    plain = {str(name or "").strip().casefold(): value for name, value in row.items()}
    return {
        HEADINGS.get(name, name.replace(" ", "_")): value
        for name, value in plain.items()
        if value is not None and str(value).strip()
    }


def _row(kind: type[Row], values: Mapping[str, Any], where: str) -> Row:
    known = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]
    found = {}
    for name, value in values.items():
        if name not in known:
            raise BadValueError(f"{where}: {_unknown(name, known)}")
        found[name] = _read(str(known[name].type), value, f"{where}, {name}")
    needed = [name for name, item in known.items() if _required(item) and name not in found]
    if needed:
        raise BadValueError(f"{where}: {needed[0]} is blank. There is no default: write it down.")
    return kind(**found)


def _required(item: Any) -> bool:
    from dataclasses import MISSING

    return item.default is MISSING and item.default_factory is MISSING


def _read(kind: str, value: Any, where: str) -> Any:
    """A value of a file as the type of its field."""
    if "Decimal" in kind:
        return _decimal(value, where)
    if "date" in kind:
        return _day(value, where)
    if "bool" in kind:
        if isinstance(value, bool):
            return value
        raise BadValueError(f"{where}: write true or false.")
    if kind == "int":
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        raise BadValueError(f"{where}: '{value}' is not a whole number above 0.")
    return str(value).strip()


def _decimal(value: Any, where: str) -> Decimal:
    text = str(value).strip()
    try:
        number = Decimal(text.rstrip("% ")) / (100 if text.endswith("%") else 1)
    except InvalidOperation:
        raise BadValueError(f"{where}: '{text}' is not a number. Write 0.016 or 1.6%.") from None
    if not number.is_finite():
        raise BadValueError(f"{where}: '{text}' is not a number.")
    return number


def _day(value: Any, where: str) -> date:
    from receivables.cells.coerce import to_day

    try:
        return to_day(value)
    except (BadValueError, DomainError) as fault:
        raise BadValueError(f"{where}: {fault}") from None


def _accounts(value: Mapping[str, Any], where: str) -> dict[str, str]:
    """Account numbers by role; `role` for every company, or `COMPANY.role` as a table in a table."""
    found: dict[str, str] = {}
    for name, given in value.items():
        if isinstance(given, Mapping):
            nested = _accounts(given, f"{where}, {name}")
            found |= {f"{name}.{role}": account for role, account in nested.items()}
        elif name in ROLES:
            found[name] = str(given).strip()
        else:
            raise BadValueError(f"{where}: {_unknown(name, ROLES)}")
    return found


def _unknown(name: str, known: Iterable[str]) -> str:
    choices = list(known)
    near = difflib.get_close_matches(name, choices, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(choices)}."
    return f"there is no '{name}'. {hint}"
