"""Admission, contract clauses and the right to approve, in cells."""

from collections.abc import Callable
from typing import Annotated, Any

from receivables.assess import admission, approval_tiers, contracts
from receivables.assess.factor_range import FactorRange, factor_range
from receivables.cells import Amount, Arg, Choice, Number, Text, Whole, cell
from receivables.cells.coerce import is_blank, to_table
from receivables.cells.types import CellType
from receivables.errors import BadValueError
from receivables_udfs.factor_types import answers

HEADED = CellType("table", "table", lambda value: factor_range(to_table(value)))
RULES = CellType("table", "table", lambda value: admission.rules_of(to_table(value)))
CLAUSES = CellType("table", "table", lambda value: contracts.clauses_of(to_table(value)))
TIERS = CellType("table", "table", lambda value: approval_tiers.tiers_of(to_table(value)))
Language = Annotated[Choice, Arg("language of the texts: en or zh", "text", "language")]


@cell("CREDIT_ADMIT", family="assess")
def credit_admit(
    customer: Annotated[
        Annotated[FactorRange, HEADED],
        Arg("headings of Customers, and grade, insolvency, over the values", "table"),
    ],
    policy: Annotated[
        Annotated[tuple[admission.Rule, ...], RULES] | None,
        Arg("your own: headings rule, value, outcome (fail, conditional, off)", "table"),
    ] = None,
    what: Annotated[
        Choice,
        Arg("all; decision; codes; reasons; link to the companies register", "text", "admit_what"),
    ] = "all",
    language: Language = "en",
) -> Annotated[
    Text, Arg("pass, conditional or fail with the failed rules; several: a column", "text")
]:
    """Whether a new customer may be sold to on credit: pass, conditional or fail, and the rules that failed.

    Raises:
        BadValueError: a cell that cannot be read.

    Source: `data/admission_rules.csv`, `data/registries.csv`.

    >>> from receivables.assess.factor_range import factor_range
    >>> credit_admit(factor_range([["registration_no", "grade"], ["HRB 1", 7]]))
    'fail: grade_limit, sanctions, items'
    """

    def measure(row: dict[str, Any]) -> str:
        found = admission.admit(row, policy)
        if what == "link":
            return found.registry.url if found.registry else ""
        if what == "reasons":
            return "; ".join(rule.reason(language) for rule in found.failed)
        return {"all": found.text(), "decision": found.decision, "codes": found.codes}[what]

    text_or_column: str = _each(customer, admission.fields, measure)
    return text_or_column


@cell("CONTRACT_CHECK", family="assess")
def contract_check(
    contract: Annotated[
        Annotated[FactorRange, HEADED], Arg("headings of Contracts over the values", "table")
    ],
    what: Annotated[
        Choice, Arg("share of clauses present; missing; table of all", "text", "contract_what")
    ] = "share",
    clauses: Annotated[
        Annotated[tuple[contracts.Clause, ...], CLAUSES] | None,
        Arg("your own: headings clause, columns, test (present, yes), text", "table"),
    ] = None,
    language: Language = "en",
) -> Annotated[Number | Text, Arg("share complete 0 to 1, missing clauses, or a table", "share")]:
    """Clauses of a contract: share present, which are missing. A clause without entry is missing.

    Source: `data/contract_clauses.csv`.

    >>> from receivables.assess.factor_range import factor_range
    >>> contract_check(factor_range([["terms_days", "governing_law"], [30, "DE"]]), "missing")
    'late_interest, retention_of_title, dispute_window, delivery_proof, signature'
    """
    if what == "table":
        table: float | str = _one(contract, clauses, language)
        return table

    def measure(row: dict[str, Any]) -> float | str:
        found = contracts.contract_check(row, clauses)
        return found.share if what == "share" else found.missing

    def names(headings: Any) -> list[str]:
        return [contracts.field(heading) for heading in headings]

    one_or_column: float | str = _each(contract, names, measure)
    return one_or_column


@cell("CREDIT_APPROVAL", family="assess")
def credit_approval(
    amount: Annotated[Amount, Arg("what is asked for, on top of the exposure", "money")],
    exposure: Annotated[Amount, Arg("exposure before the request", "money")],
    grade: Annotated[
        Number | None, Arg("credit grade, where the tiers ask for it; blank or 0 = none", "grade")
    ] = None,
    tiers: Annotated[
        Annotated[tuple[approval_tiers.Tier, ...], TIERS] | None,
        Arg(
            "your own: headings role, up_to, currency, signatures, worst_grade; no default",
            "table",
        ),
    ] = None,
    what: Annotated[
        Choice, Arg("all; role; signatures; total after the request", "text", "approval_what")
    ] = "all",
) -> Annotated[Text | Whole | Amount, Arg("role and signatures needed", "text")]:
    """Who may approve: the first role whose limit covers the exposure after the request, itself included.

    Raises:
        BadValueError: no tiers are given; a sales role above 0.
        NotAvailableError: nobody may approve as much.

    >>> from decimal import Decimal
    >>> rows = [["role", "up_to", "signatures"], ["Manager", 50000, 1], ["Committee", None, 2]]
    >>> credit_approval(Decimal(20000), Decimal(40000), None, approval_tiers.tiers_of(rows))
    'Committee, 2 signatures'
    """
    tier = approval_tiers.approver(amount, exposure, tiers or (), grade or None)
    if what == "total":
        return amount + exposure
    if what == "signatures":
        return tier.signatures
    return tier.role if what == "role" else tier.text()


def _each(
    found: FactorRange, names: Callable[[Any], list[str]], measure: Callable[[Any], Any]
) -> Any:
    """The answer for the only row of a headed range, or a column of answers."""
    rows = _rows(found, names)
    return answers(rows, len(rows) > 1, measure)


def _rows(found: FactorRange, names: Callable[[Any], list[str]]) -> list[dict[str, Any] | None]:
    if not found.headings:
        raise BadValueError("The range has no headings: row 1 names the columns.")
    fields = names(found.headings)
    twice = next((name for name in fields if name and fields.count(name) > 1), "")
    if twice:
        raise BadValueError(f"Two headings stand for {twice}. Leave one.")
    return [
        None
        if all(is_blank(item) for item in row)
        else {name: item for name, item in zip(fields, row, strict=True) if name}
        for row in found.rows
    ]


def _one(
    contract: FactorRange, clauses: tuple[contracts.Clause, ...] | None, language: str
) -> Any:
    rows = _rows(contract, lambda headings: [contracts.field(heading) for heading in headings])
    if len(rows) > 1 or rows[0] is None:
        raise BadValueError(f"The table shows one contract, the range holds {len(rows)}.")
    return contracts.contract_check(rows[0], clauses).rows(language)
