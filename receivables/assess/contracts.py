"""Which clauses a contract has that a court or an insurer asks for, and which are missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from receivables.assess.setting_table import Rows, setting_rows
from receivables.cells.coerce import is_blank, to_flag, to_text
from receivables.cells.faults import pass_through
from receivables.errors import BadValueError, ReceivablesError
from receivables.ledger.spelling import fold, known_columns
from receivables.resources import data_rows

TESTS = ("present", "yes")
HEADINGS = ("clause", "present", "column", "text")


@dataclass(frozen=True, slots=True)
class Clause:
    """One row of `data/contract_clauses.csv`; any of its columns will do."""

    code: str
    columns: tuple[str, ...]
    test: str
    text_en: str
    text_zh: str

    def text(self, language: str = "en") -> str:
        """In words."""
        return self.text_zh if language == "zh" and self.text_zh else self.text_en


@dataclass(frozen=True, slots=True)
class ContractCheck:
    """Clauses with whether the contract has them."""

    found: tuple[tuple[Clause, bool], ...]

    @property
    def share(self) -> float:
        """Clauses that are there ÷ all."""
        return sum(has for _, has in self.found) / len(self.found)

    @property
    def missing(self) -> str:
        """Codes of the clauses that are not there."""
        return ", ".join(clause.code for clause, has in self.found if not has)

    def rows(self, language: str = "en") -> list[list[Any]]:
        """Headings and one row per clause."""
        listed = [[c.code, has, " or ".join(c.columns), c.text(language)] for c, has in self.found]
        return [list(HEADINGS), *listed]


def contract_check(
    contract: Mapping[str, Any], clauses: Sequence[Clause] | None = None
) -> ContractCheck:
    """Which clauses a contract has; a column that is not there counts as missing.

    Args:
        contract: cells by column of Contracts, and columns of own clauses.
        clauses: default `data/contract_clauses.csv`.

    Raises:
        BadValueError: a yes or no that cannot be read; names the column.

    Source: S21 of the rule book.

    >>> check = contract_check({"terms_days": 30, "governing_law": "DE", "retention_of_title": True})
    >>> f"{check.share:.4f}", check.missing
    ('0.4286', 'late_interest, dispute_window, delivery_proof, signature')
    """
    listed = default_clauses() if clauses is None else clauses
    return ContractCheck(tuple((clause, _has(clause, contract)) for clause in listed))


@cache
def default_clauses() -> tuple[Clause, ...]:
    """The shipped clauses.

    >>> len(default_clauses())
    7
    """
    return tuple(
        Clause(
            row["clause"],
            tuple(row["columns"].split("|")),
            row["test"],
            row["text_en"],
            row["text_zh"],
        )
        for row in data_rows("contract_clauses.csv")
    )


def clauses_of(rows: Rows) -> tuple[Clause, ...]:
    """Own clauses from a table: clause, columns (parted by |), test (present or yes), text.

    Raises:
        BadValueError: a clause without column, there twice, or with an unknown test.

    >>> clauses_of([["clause", "columns"], ["arbitration", "jurisdiction"]])[0].columns
    ('jurisdiction',)
    """
    found: dict[str, Clause] = {}
    for row in setting_rows("ContractClauses", rows, ["clause", "columns"], ["test", "text"]):
        code, test = row.text("clause"), row.text("test") or "present"
        names = tuple(field(name) for name in row.text("columns").split("|") if name.strip())
        if not names or not code:
            raise BadValueError(f"{row.where}: name the clause and the columns that show it.")
        if test not in TESTS:
            raise BadValueError(f"{row.where}: test is '{test}': give {' or '.join(TESTS)}.")
        if code in found:
            raise BadValueError(f"{row.where}: {code} is there twice. Leave one.")
        found[code] = Clause(code, names, test, row.text("text") or code, "")
    return tuple(found.values())


def field(heading: Any) -> str:
    """The column of Contracts that a heading stands for, or its folded text for an own one.

    >>> field("适用法律"), field("Arbitration clause")
    ('governing_law', 'arbitrationclause')
    """
    text = fold("" if is_blank(heading) else to_text(heading))
    return known_columns("contracts").get(text, text)


def _has(clause: Clause, contract: Mapping[str, Any]) -> bool:
    given = [(name, contract[name]) for name in clause.columns if not is_blank(contract.get(name))]
    for _, cell in given:
        pass_through(cell)
    if clause.test == "present":
        return bool(given)
    try:
        return any(to_flag(cell) for _, cell in given)
    except ReceivablesError as fault:
        raise type(fault)(f"{given[0][0]}: {fault}") from None
