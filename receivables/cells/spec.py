"""One cell function as every host sees it: signature, help, and the call that never raises."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

from receivables.cells import coerce, rows
from receivables.cells.faults import CellError, IncomingError, pass_through
from receivables.cells.types import CellType, for_cell
from receivables.errors import BadValueError, NotAvailableError, ReceivablesError
from receivables.resources import data_toml_folder

REGISTRY: dict[str, FunctionSpec] = {}
"""Every declared cell function by its name."""

_PLAIN = {type(None), str, int, float, bool, date, datetime, Decimal, CellError}


@dataclass(frozen=True, slots=True)
class ArgSpec:
    """One argument of a cell function."""

    name: str
    type: CellType
    unit: str
    help: str
    required: bool
    nullable: bool
    default: Any = None
    choices: str = ""
    read: Callable[[Any], Any] = field(default=str, repr=False)

    def value(self, cell: Any) -> Any:
        """The value to call with: blank becomes the default, a fault names the argument."""
        if type(cell) is not float or not cell or cell != cell:  # noqa: PLR0124 - most are numbers
            pass_through(cell)
            if self.is_blank(cell):
                if self.required and not self.nullable:
                    raise BadValueError(f"{self.name} is missing: {self.help}.")
                return self.default
        try:
            return self.read(cell)
        except IncomingError:
            raise
        except ReceivablesError as fault:
            raise type(fault)(f"{self.name}: {fault}") from None

    def is_blank(self, cell: Any) -> bool:
        """Whether the cell counts as empty for this argument."""
        if coerce.is_blank(cell):
            return True
        return self.type.zero_is_blank and type(cell) in {int, float} and cell == 0

    def options(self) -> tuple[str, ...]:
        """Accepted values of a choice, empty for other types."""
        return coerce.choice_values(self.choices) if self.choices else ()


@dataclass(frozen=True, slots=True)
class Result:
    """What a cell function gives back."""

    type: CellType
    unit: str
    help: str


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """One declared cell function."""

    name: str
    family: str
    function: Callable[..., Any] = field(repr=False)
    summary: str
    args: tuple[ArgSpec, ...]
    result: Result
    varargs: bool = False

    @property
    def topic(self) -> str:
        """Module that declares it, the heading it stands under in the reference."""
        return self.function.__module__.rpartition(".")[2]

    @property
    def required(self) -> int:
        """Number of required arguments."""
        return sum(arg.required for arg in self.args)

    @property
    def signature(self) -> str:
        """The call as an accountant types it, optional arguments in brackets."""
        names = [arg.name if arg.required else f"[{arg.name}]" for arg in self.args]
        if self.varargs:
            names.append("…")
        return f"{self.name}({', '.join(names)})"

    def text(self, key: str, language: str = "en") -> str:
        """Help in a language: an argument's name, `summary` or `result`.

        Raises:
            NotAvailableError: no Chinese text in `data/help_zh`.
        """
        if language == "zh":
            found: str | None = data_toml_folder("help_zh").get(self.name, {}).get(key)
            if found is None:
                raise NotAvailableError(f"data/help_zh has no {self.name}.{key}. Add the text.")
            return found
        if key == "summary":
            return self.summary
        if key == "result":
            return self.result.help
        return next(arg.help for arg in self.args if arg.name == key)

    def call(self, *values: Any) -> Any:
        """The answer for the cells given: a value, a column, a table or a CellError.

        Nothing a user can type makes it raise.

        >>> from receivables.cells import find_function, load_functions
        >>> _ = load_functions()
        >>> find_function("AGING_BUCKET").call("2026-09-30", "2026-10-31")
        '31-60 d'
        """
        plain = [value if type(value) in _PLAIN else coerce.plain(value) for value in values]
        try:
            if len(plain) > len(self.args) and not self.varargs:
                raise BadValueError(
                    f"{self.name} takes {len(self.args)} arguments, {len(plain)} were given: {self.signature}."
                )
            mapped = [
                index
                for index, value in enumerate(plain)
                if type(value) is list and self.arg(index).type.maps(value, plain[index + 1 :])
            ]
            if mapped:
                return rows.over_rows(self, plain, mapped)
            return self.answer(self.values(plain))
        except IncomingError as fault:
            return fault.error
        except ReceivablesError as fault:
            return CellError(fault.cell, str(fault))

    def values(self, cells: Sequence[Any]) -> list[Any]:
        """Read every cell."""
        if len(cells) < len(self.args):
            self.check_given(len(cells))
        return [self.arg(index).value(cell) for index, cell in enumerate(cells)]

    def check_given(self, count: int) -> None:
        """Refuse a call that leaves out a required argument."""
        for arg in self.args[count:]:
            if arg.required and not arg.nullable:
                raise BadValueError(f"{arg.name} is missing: {arg.help}.")

    def answer(self, values: Sequence[Any]) -> Any:
        """Call the function with read values; money leaves as a number, as cells hold it."""
        if len(values) < len(self.args):
            values = [*values, *(arg.default for arg in self.args[len(values) :])]
        return for_cell(self.function(*values))

    def arg(self, index: int) -> ArgSpec:
        """Argument at a position; further ones repeat the last."""
        return self.args[index] if index < len(self.args) else self.args[-1]


def find_function(name: str) -> FunctionSpec:
    """A declared function by name, any case.

    Raises:
        NotAvailableError: no such function; the nearest name is offered.
    """
    wanted = name.strip().lstrip("=").upper()
    if wanted in REGISTRY:
        return REGISTRY[wanted]
    near = difflib.get_close_matches(wanted, REGISTRY, n=1)
    hint = (
        f"Did you mean {near[0]}?" if near else "`receivables functions` lists those that exist."
    )
    raise NotAvailableError(f"There is no function {wanted}. {hint}")


def load_functions() -> dict[str, FunctionSpec]:
    """Import every package that declares cell functions (entry point `receivables.cells`)."""
    for entry in entry_points(group="receivables.cells"):
        entry.load()
    return REGISTRY
