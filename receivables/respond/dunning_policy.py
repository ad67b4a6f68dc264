"""Policies of dunning: which letter after how many days, to whom, and how far apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from typing import Any

from receivables import money
from receivables.assess.setting_table import Rows, SettingRow, rows_of_tables, setting_rows
from receivables.cells.coerce import is_blank, to_text
from receivables.errors import BadValueError, NotAvailableError
from receivables.ledger.spelling import fold
from receivables.resources import data_rows

DEFAULT = "standard"
STAGES = ("pre_due", "reminder", "first", "formal", "final", "pre_legal")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "level_by": ("issued", "oldest", "state"),
    "younger": ("join", "apart"),
    "drafts": ("stay", "replace", "block"),
    "not_due": ("list", "leave"),
    "basis": ("due", "month_end", "last_letter"),
    "channel": ("email", "post", "both"),
    "stage": STAGES,
}
"""Words of the options. Levels by: the letters issued so far, one step a run; the days of the item;
the state of the customer. Younger overdue items join the letter, or wait for one of their own.
An unsent draft keeps its items, is replaced, or blocks the customer."""

LEVEL_COLUMNS = ("level", "days")
LEVEL_OPTIONS = (
    "policy", "stage", "basis", "min_gap", "pay_days", "pay_days_person", "persons", "repeats", "channel", "fee",
    "interest_scheme", "fixed_sum", "legal_review", "min_amount", "currency", "template",
    "confirmed",
)  # fmt: skip
POLICY_OPTIONS = (
    "level_by", "younger", "drafts", "not_due", "call_days", "stale_days", "consumers",
)  # fmt: skip
"""Columns of the same table that are about the policy as a whole: its first row that fills one counts."""


@dataclass(frozen=True, slots=True)
class Level:
    """One letter of a series; days count from `basis`, both ends inclusive.

    `min_gap` = days since the last letter to the customer; `pay_days` = days to pay from the day of
    the letter, `pay_days_person` for sole traders and consumers, who are written to at all only where
    `persons` says so; `repeats` = how often this level may be sent.
    """

    level: int
    stage: str
    days: int
    basis: str = "due"
    min_gap: int = 0
    pay_days: int | None = None
    pay_days_person: int | None = None
    persons: bool = True
    repeats: int = 1
    channel: str = "email"
    fee: str = ""
    interest_scheme: str = ""
    fixed_sum: bool = False
    legal_review: bool = False
    min_amount: Decimal | None = None
    currency: str = ""
    template: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """What a customer must have reached for a level: every condition that is given, inclusive."""

    level: int
    from_days: int = 0
    from_amount: Decimal | None = None
    currency: str = ""
    from_count: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """A series of letters and how a customer moves along it."""

    name: str
    levels: tuple[Level, ...] = ()
    level_by: str = "issued"
    younger: str = "join"
    drafts: str = "stay"
    not_due: str = "list"
    call_days: int | None = None
    stale_days: int = 1
    consumers: bool = False
    states: tuple[State, ...] = ()
    minimum: Mapping[str, Decimal] = field(default_factory=dict)
    """Smallest amount worth a letter by currency, major units; "" holds for those not named."""

    def level(self, number: int) -> Level | None:
        """The level of a number, None where there is none."""
        return next((level for level in self.levels if level.level == number), None)

    def least(self, level: Level, currency: str) -> int:
        """Smallest amount of a letter in minor units: the level's own, else the policy's.

        >>> standard = policies()["standard"]
        >>> standard.least(standard.levels[1], "EUR"), standard.least(standard.levels[1], "JPY")
        (2500, 4000)
        """
        own = level.min_amount
        if own is not None and level.currency in {"", currency}:
            return money.to_minor(own, currency)
        return money.to_minor(self.minimum.get(currency, self.minimum.get("", 0)), currency)


@cache
def policies() -> Mapping[str, Policy]:
    """The shipped policies by name (`data/dunning_*.csv`).

    >>> [level.days for level in policies()["standard"].levels]
    [-3, 1, 7, 30, 45, 60]
    """
    levels = levels_of(rows_of_tables(data_rows("dunning_levels.csv")))
    heads = data_rows("dunning_policies.csv")
    return {row["policy"]: _policy(row, levels.get(row["policy"], ())) for row in heads}


@cache
def _words() -> Mapping[str, str]:
    return {
        fold(word): row["policy"]
        for row in data_rows("dunning_policies.csv")
        for word in (row["policy"], *row["words"].split("|"))
    }


def find_policy(name: str, known: Mapping[str, Policy] | None = None) -> Policy:
    """A policy by name or by a word for it; blank = the standard one.

    Raises:
        NotAvailableError: no such policy.

    >>> find_policy("德国").name, find_policy("").name
    ('de', 'standard')
    """
    known = known or policies()
    folded = {fold(policy): policy for policy in known}
    text = fold(name) or fold(DEFAULT)
    found = folded.get(text) or folded.get(fold(_words().get(text, "")))
    if not found:
        raise NotAvailableError(
            f"There is no dunning policy '{name}'. Known: {', '.join(known)}; a table of your own "
            "is named in the setting dunning_levels."
        )
    return known[found]


def with_levels(rows: Rows) -> Mapping[str, Policy]:
    """The shipped policies with the levels of a table in their place; a new name is a new policy.

    Raises:
        BadValueError: a row that cannot be used; names it.

    >>> own = with_levels([["policy", "level", "stage", "days"], ["brisk", 1, "reminder", 1], ["brisk", 2, "final", 10]])
    >>> [level.stage for level in own["brisk"].levels], "standard" in own
    (['reminder', 'final'], True)
    """
    shipped = policies()
    found = dict(shipped)
    options = _options(rows)
    for name, levels in levels_of(rows).items():
        base = shipped.get(name) or shipped[DEFAULT]
        found[name] = replace(base, name=name, levels=levels, **options.get(name, {}))
    return found


def _options(rows: Rows) -> dict[str, dict[str, Any]]:
    """What a table says of each policy as a whole."""
    found: dict[str, dict[str, Any]] = {}
    for row in _table(rows):
        own = found.setdefault(row.text("policy") or DEFAULT, {})
        for name in POLICY_OPTIONS:
            if row.text(name) and name not in own:
                own[name] = _option(row, name)
    return found


def _option(row: SettingRow, name: str) -> Any:
    if name in CHOICES:
        return _choice(row, name, "")
    return _flag(row, name, default=False) if name == "consumers" else _whole(row, name, 0)


def _table(rows: Rows) -> list[SettingRow]:
    return setting_rows("DunningLevels", rows, LEVEL_COLUMNS, (*LEVEL_OPTIONS, *POLICY_OPTIONS))


def levels_of(rows: Rows) -> dict[str, tuple[Level, ...]]:
    """Levels by policy from a table DunningLevels, lowest first.

    Raises:
        BadValueError: a missing or unknown column, a word that is no option, a level twice.
    """
    found: dict[str, list[Level]] = {}
    for row in _table(rows):
        listed = found.setdefault(row.text("policy") or DEFAULT, [])
        level = _level(row)
        if any(other.level == level.level for other in listed):
            raise BadValueError(
                f"{row.where}: level {level.level} of this policy stands there twice. Keep one row."
            )
        listed.append(level)
    return {name: tuple(sorted(each, key=lambda one: one.level)) for name, each in found.items()}


def _level(row: SettingRow) -> Level:
    least = row.number("min_amount")
    return Level(
        level=_whole(row, "level", -1),
        stage=_choice(row, "stage", "reminder"),
        days=_whole(row, "days", 0, lowest=-366),
        basis=_choice(row, "basis", "due"),
        min_gap=_whole(row, "min_gap", 0),
        pay_days=_maybe(row, "pay_days"),
        pay_days_person=_maybe(row, "pay_days_person"),
        persons=_flag(row, "persons", default=True),
        repeats=_whole(row, "repeats", 1),
        channel=_choice(row, "channel", "email"),
        fee=row.text("fee"),
        interest_scheme=row.text("interest_scheme"),
        fixed_sum=_flag(row, "fixed_sum", default=False),
        legal_review=_flag(row, "legal_review", default=False),
        min_amount=None if least is None else Decimal(repr(least)),
        currency=row.text("currency").upper(),
        template=row.text("template"),
    )


def _policy(row: Mapping[str, Any], levels: tuple[Level, ...]) -> Policy:
    name = row["policy"]
    return Policy(
        name=name,
        levels=levels,
        **{option: row[option] for option in ("level_by", "younger", "drafts", "not_due")},
        call_days=int(row["call_days"]) if row["call_days"] else None,
        stale_days=int(row["stale_days"]),
        consumers=row["consumers"] == "yes",
        states=tuple(_state(line) for line in _own("dunning_states.csv", name)),
        minimum={
            line["currency"]: Decimal(line["min_amount"])
            for line in _own("dunning_minimum.csv", name)
        },
    )


def _own(file: str, policy: str) -> list[dict[str, str]]:
    """Rows of a policy, or those for every policy where it has none of its own."""
    rows = data_rows(file)
    return [row for row in rows if row["policy"] == policy] or [
        row for row in rows if not row["policy"]
    ]


def _state(row: Mapping[str, str]) -> State:
    amount = row["from_amount"]
    return State(
        int(row["level"]), int(row["from_days"] or 0), Decimal(amount) if amount else None,
        row["currency"], int(row["from_count"] or 0),
    )  # fmt: skip


def _choice(row: SettingRow, column: str, default: str) -> str:
    words = {fold(word): word for word in CHOICES[column]}
    text = fold(row.text(column)) or fold(default)
    if text not in words:
        raise BadValueError(
            f"{row.where}, {column}: '{row.text(column)}' is none of {', '.join(CHOICES[column])}."
        )
    return words[text]


def _maybe(row: SettingRow, column: str) -> int | None:
    return None if row.number(column) is None else _whole(row, column, 0)


def _whole(row: SettingRow, column: str, default: int, lowest: int = 0) -> int:
    number = row.number(column)
    if number is None:
        number = default
    if number != int(number) or number < lowest:
        raise BadValueError(
            f"{row.where}, {column}: {number:g} is no whole number from {lowest} on."
        )
    return int(number)


def _flag(row: SettingRow, column: str, *, default: bool) -> bool:
    text = fold(row.text(column))
    words = {"": default, "yes": True, "no": False, "true": True, "false": False, "是": True, "否": False}  # fmt: skip
    if text not in words:
        raise BadValueError(f"{row.where}, {column}: '{row.text(column)}' is neither yes nor no.")
    return words[text]


def policy_of(cells: Any) -> Policy:
    """A policy from a cell: its name, or a range of levels with headings.

    Raises:
        NotAvailableError: no such policy.
        BadValueError: a range that cannot be read, or one with several policies.

    >>> policy_of("UK").levels[0].days, policy_of([["level", "days"], [1, 5], [2, 20]]).levels[1].days
    (7, 20)
    """
    if not isinstance(cells, list):
        return find_policy("" if is_blank(cells) else to_text(cells))
    found = levels_of(cells)
    if len(found) > 1:
        raise BadValueError(
            f"The range holds the policies {', '.join(found)}. Give the rows of one."
        )
    [name] = found
    return with_levels(cells)[name]


def is_levels(cells: Any, _following: Any) -> bool:
    """Whether a range given for the policy holds levels: headings over more than one column.

    >>> is_levels([["level", "days"], [1, 5]], []), is_levels([["uk"], ["de"]], [])
    (True, False)
    """
    first = cells[0] if cells and isinstance(cells[0], list) else []
    return len(first) > 1
