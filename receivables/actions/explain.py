"""Call our functions again with the values their arguments have now, and say how each was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from receivables.actions.formula import Call, body_of, calls, whole_call
from receivables.actions.host import Host, Selection
from receivables.actions.operands import Operand, operand
from receivables.actions.texts import say
from receivables.cells import REGISTRY, ArgSpec, CellError, FunctionSpec, find_function
from receivables.cells.coerce import flat
from receivables.errors import ReceivablesError
from receivables.values import render

SHOWN = 3
"""Cells of a range that an explanation shows."""

SHOWN_ERRORS = 10
"""Rows with an error that an explanation lists."""


@dataclass(frozen=True, slots=True)
class Read:
    """One argument: the text in the formula, its value, and what the function makes of it."""

    name: str
    help: str
    text: str
    operand: Operand
    read: Any
    fault: str = ""
    default: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """One call explained; `why` names the reason of an error, `steps` are those of its EXPLAIN twin."""

    spec: FunctionSpec
    text: str
    arguments: tuple[Read, ...]
    result: Any
    why: tuple[str, ...] = ()
    steps: list[list[Any]] = field(default_factory=list)


def explain(formula: str, host: Host, at: Selection) -> list[Explanation]:
    """Every call of ours in a formula, in the order in which they are written.

    Raises:
        NotAvailableError: an argument that neither we nor the host can calculate; it is named.
    """
    found = calls(formula)
    known: dict[str, Explanation] = {}
    for call in reversed(found):  # inner calls stand behind their outer one
        if call.text not in known:
            known[call.text] = _explained(call, host, at, known)
    return [known[text] for text in dict.fromkeys(call.text for call in found)]


def answer(formula: str, host: Host, at: Selection) -> Any:
    """Value of a formula that is one call of ours.

    Raises:
        NotAvailableError: there is more around the call than we can calculate.
    """
    if not whole_call(formula):
        return host.evaluate(body_of(formula), at.sheet)
    return explain(formula, host, at)[0].result


def _explained(
    call: Call, host: Host, at: Selection, known: dict[str, Explanation]
) -> Explanation:
    spec = find_function(call.name)
    operands = [
        _operand(spec, index, text, host, at, known) for index, text in enumerate(call.arguments)
    ]
    cells = [item.value for item in operands]
    result = spec.call(*cells)
    reads = [
        _read(spec, index, text, item, cells[index + 1 :], host.language)
        for index, (text, item) in enumerate(zip(call.arguments, operands, strict=True))
    ]
    left = spec.args[len(operands) :]
    reads += [_left_out(spec, arg, host.language) for arg in left]
    return Explanation(
        spec, call.text, tuple(reads), result, _reasons(result, host.language), _steps(spec, cells)
    )


def _operand(
    spec: FunctionSpec,
    index: int,
    text: str,
    host: Host,
    at: Selection,
    known: dict[str, Explanation],
) -> Operand:
    if text in known:
        return Operand(known[text].result, "result_of", known[text].spec.name)
    try:
        return operand(text, host, at)
    except ReceivablesError as fault:
        raise type(fault)(f"{spec.name}, {spec.arg(index).name} = {text}: {fault}") from None


def _read(
    spec: FunctionSpec,
    index: int,
    text: str,
    item: Operand,
    following: Sequence[Any],
    language: str,
) -> Read:
    """What the function makes of a cell; a range given for a single value is read cell by cell."""
    arg = spec.arg(index)
    helped = spec.text(arg.name, language)
    try:
        if isinstance(item.value, list) and arg.type.maps(item.value, following):
            value: Any = [_cell(arg, cell) for cell in flat(item.value)]
        else:
            value = arg.value(item.value)
            if isinstance(item.value, list) and not isinstance(value, (list, tuple)):
                value = item.value  # read as a scorecard, a statement: shown as the range it is
    except ReceivablesError as fault:
        return Read(arg.name, helped, text, item, None, str(fault))
    return Read(arg.name, helped, text, item, value, default=arg.is_blank(item.value))


def _cell(arg: ArgSpec, cell: Any) -> Any:
    try:
        return arg.value(cell)
    except ReceivablesError as fault:
        return CellError(fault.cell, str(fault))


def _left_out(spec: FunctionSpec, arg: ArgSpec, language: str) -> Read:
    fault = f"{arg.name} is missing." if arg.required and not arg.nullable else ""
    return Read(
        arg.name,
        spec.text(arg.name, language),
        "",
        Operand(None, "left_out"),
        arg.default,
        fault,
        True,
    )


def _reasons(result: Any, language: str) -> tuple[str, ...]:
    """Why there is an error: one sentence for a value, one for each bad row of a column."""
    if isinstance(result, CellError):
        return (f"{result.code}: {result.why or say('passed_on', language)}",)
    if not isinstance(result, list):
        return ()
    bad = [
        say("row_error", language, row=row, code=cell.code, why=cell.why)
        for row, line in enumerate(result, 1)
        for cell in (line if isinstance(line, list) else [line])
        if isinstance(cell, CellError)
    ]
    more = len(bad) - SHOWN_ERRORS
    return (*bad[:SHOWN_ERRORS], *([say("more_errors", language, count=more)] if more > 0 else []))


def _steps(spec: FunctionSpec, cells: Sequence[Any]) -> list[list[Any]]:
    """Rows of the EXPLAIN twin of a function, given the same cells by the names of the arguments."""
    twin = REGISTRY.get(f"{spec.name}_EXPLAIN") or _shared_twin(spec)
    if twin is None:
        return []
    given = {arg.name: cell for arg, cell in zip(spec.args, cells, strict=False)}
    if any(arg.required and not arg.nullable and arg.name not in given for arg in twin.args):
        return []
    found = twin.call(*(given.get(arg.name) for arg in twin.args))
    return found if isinstance(found, list) else []


def _shared_twin(spec: FunctionSpec) -> FunctionSpec | None:
    """CREDIT_EXPLAIN explains CREDIT_SCORE and CREDIT_GRADE: the same arguments."""
    twin = REGISTRY.get(f"{spec.name.partition('_')[0]}_EXPLAIN")
    same = twin is not None and [arg.name for arg in twin.args] == [arg.name for arg in spec.args]
    return twin if same and twin is not spec else None


def shown(value: Any, language: str, unit: str = "") -> str:
    """A cell value in a few words; of a range its size and first cells.

    >>> shown([[1.0], [2.0], [None], [4.0]], "en"), shown(None, "en")
    ('4 × 1: 1, 2, (blank), …', '(blank)')
    """
    if isinstance(value, (list, tuple)):
        cells = flat(value)
        nested = bool(value) and isinstance(value[0], (list, tuple))
        size = (
            f"{len(value)} × {len(value[0])}"
            if nested
            else say("cells", language, count=len(value))
        )
        first = ", ".join(shown(cell, language, unit) for cell in cells[:SHOWN])
        return f"{size}: {first}{', …' if len(cells) > SHOWN else ''}"
    if value is None or value == "":
        return say("blank", language)
    if isinstance(value, CellError):
        return value.code
    if isinstance(value, str):
        return f'"{value}"'
    return render(value, unit)
