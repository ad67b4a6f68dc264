"""Whether a new customer may be sold to on credit: rules, what failed, and where to look it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from receivables.assess.setting_table import Rows, setting_rows
from receivables.cells.coerce import is_blank, to_flag, to_number, to_text
from receivables.cells.faults import pass_through
from receivables.errors import BadValueError, ReceivablesError
from receivables.ledger.spelling import fold, known_columns
from receivables.monitor.country import find_country
from receivables.resources import data_rows

OUTCOMES = ("fail", "conditional", "off")
ADMITTED = "pass"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of `data/admission_rules.csv`: a test of fields, and what follows when it fails."""

    code: str
    test: str
    fields: tuple[str, ...]
    value: float
    outcome: str
    except_forms: tuple[str, ...]
    reason_en: str
    reason_zh: str

    def reason(self, language: str = "en") -> str:
        """Why the rule failed, in words."""
        return self.reason_zh if language == "zh" else self.reason_en


@dataclass(frozen=True, slots=True)
class Registry:
    """A public register of companies; `confirmed` is False where nobody opened the address."""

    country: str
    name: str
    url: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Admission:
    """The decision, the rules that failed, and the register to look the customer up in."""

    decision: str
    failed: tuple[Rule, ...]
    registry: Registry | None

    @property
    def codes(self) -> str:
        """Codes of the failed rules."""
        return ", ".join(rule.code for rule in self.failed)

    def text(self) -> str:
        """Decision and codes in one line.

        >>> admit({"registration_no": "HRB 1"}).text()
        'conditional: grade_known, sanctions, items'
        """
        return f"{self.decision}: {self.codes}" if self.failed else self.decision


def admit(customer: Mapping[str, Any], rules: Sequence[Rule] | None = None) -> Admission:
    """Decision on a customer: `fail` if a rule of that kind fails, else `conditional`, else `pass`.

    A field that is not there counts as blank: an open question is never a yes.

    Args:
        customer: cells by column of Customers, and grade, insolvency, registration_valid.
        rules: default `data/admission_rules.csv`.

    Raises:
        BadValueError: a cell that cannot be read; names the field.

    Source: S01, S02 and S31 of the rule book; the rules themselves are ours and editable.

    >>> admit({"registration_no": "HRB 1", "grade": 7}).decision
    'fail'
    """
    form = str(customer.get("legal_form") or "").strip().casefold().replace(" ", "_")
    failed = tuple(
        rule
        for rule in (default_rules() if rules is None else rules)
        if rule.outcome != "off" and form not in rule.except_forms and not _holds(rule, customer)
    )
    worst = {rule.outcome for rule in failed}
    decision = next((name for name in OUTCOMES if name in worst), ADMITTED)
    return Admission(decision, failed, registry(customer.get("country")))


def registry(country: Any) -> Registry | None:
    """The register of a country by code or name; None where the list has none.

    >>> registry("Germany").url
    'https://www.handelsregister.de/'
    """
    if is_blank(country):
        return None
    try:
        code = find_country(to_text(country)).alpha2
    except ReceivablesError:
        return None
    return registries().get(code)


def no_registry(country: Any, language: str = "en") -> str:
    """Why no register is named for a country; empty where one is.

    >>> no_registry("ROM")
    "'ROM' is an old code or name: Romania is RO or ROU since 2002. Write that."
    >>> no_registry("Germany"), no_registry("VE")
    ('', 'none listed for Venezuela (VE)')
    """
    chinese = language == "zh"
    if is_blank(country):
        return "客户未填写国家" if chinese else "the customer has no country"
    try:
        found = find_country(to_text(country))
    except ReceivablesError as fault:
        return str(fault)
    if found.alpha2 in registries():
        return ""
    name = f"{found.name(language)} ({found.alpha2})"
    return f"登记系统清单中没有:{name}" if chinese else f"none listed for {name}"


@cache
def registries() -> dict[str, Registry]:
    """Registers by country (`data/registries.csv`): addresses to open by hand, nothing is fetched."""
    return {
        row["country"]: Registry(
            row["country"], row["name"], row["url"], row["confirmed"] == "yes"
        )
        for row in data_rows("registries.csv")
    }


@cache
def default_rules() -> tuple[Rule, ...]:
    """The shipped rules.

    >>> [rule.code for rule in default_rules()][:3]
    ['block_list', 'insolvency', 'registration']
    """
    return tuple(
        Rule(
            row["rule"],
            row["test"],
            tuple(row["fields"].split("|")),
            float(row["value"] or 0),
            row["outcome"],
            tuple(filter(None, row["except_forms"].split("|"))),
            row["reason_en"],
            row["reason_zh"],
        )
        for row in data_rows("admission_rules.csv")
    )


def rules_of(rows: Rows) -> tuple[Rule, ...]:
    """The shipped rules with own values and outcomes from a table (rule, value, outcome).

    Raises:
        BadValueError: an unknown rule or outcome.

    >>> rules_of([["rule", "outcome"], ["sanctions", "off"]])[6].outcome
    'off'
    """
    own = {rule.code: rule for rule in default_rules()}
    for row in setting_rows("AdmissionRules", rows, ["rule"], ["value", "outcome"]):
        code, outcome, value = row.text("rule"), row.text("outcome"), row.number("value")
        if code not in own:
            raise BadValueError(f"{row.where}: no rule '{code}'. Rules: {', '.join(own)}.")
        if outcome and outcome not in OUTCOMES:
            raise BadValueError(f"{row.where}: '{outcome}' is not one of {', '.join(OUTCOMES)}.")
        kept = own[code]
        own[code] = replace(
            kept,
            outcome=outcome or kept.outcome,
            value=kept.value if value is None else value,
        )
    return tuple(own.values())


def fields(headings: Sequence[Any]) -> list[str]:
    """The field of each heading of a customer file; empty where the rules know none.

    >>> fields(["Customer name", "工商注册号", "等级", "shoe size"])
    ['name', 'registration_no', 'grade', '']
    """
    known = _known_fields()
    return [known.get(fold("" if is_blank(cell) else to_text(cell)), "") for cell in headings]


@cache
def _known_fields() -> dict[str, str]:
    own = {
        fold(word): row["fact"]
        for row in data_rows("limit_facts.csv")
        if row["set"] == "admit"
        for word in (row["fact"], *row["words_en"].split("|"), *row["words_zh"].split("|"))
    }
    return dict(known_columns("customers")) | own


def _holds(rule: Rule, customer: Mapping[str, Any]) -> bool:
    cells = [customer.get(name) for name in rule.fields]
    for cell in cells:
        pass_through(cell)
    given = [cell for cell in cells if not is_blank(cell)]
    if rule.test == "present":
        return bool(given)
    if rule.test == "at_least":
        return len(given) >= rule.value
    if not given:
        return True
    try:
        if rule.test == "at_most":
            return to_number(given[0]) <= rule.value
        return to_flag(given[0]) is (rule.test == "not_no")
    except ReceivablesError as fault:
        raise type(fault)(f"{rule.fields[0]}: {fault}") from None
