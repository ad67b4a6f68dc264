"""Declare a cell function once; what a host could not carry is refused when it is imported."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from receivables.cells import coerce
from receivables.cells.spec import REGISTRY, ArgSpec, FunctionSpec, Result
from receivables.cells.types import Arg, CellType
from receivables.resources import data_rows

Function = TypeVar("Function", bound=Callable[..., Any])

MAX_TEXT = 255
"""Characters the function wizard of a spreadsheet shows."""
MAX_ARGS = 8
MAX_REQUIRED = 4

_NAME = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
_ADDRESS = re.compile(r"[A-Z]{1,3}[0-9]+|R[0-9]*C?[0-9]*|C[0-9]*")
_ARGUMENT = re.compile(r"[a-z][a-z0-9_]*")


class DeclarationError(TypeError):
    """A cell function that a host could not carry; the developer reads this at import."""


def cell(name: str, *, family: str) -> Callable[[Function], Function]:
    """Declare a cell function under its spreadsheet name; the function itself stays as it is.

    Args:
        name: upper case, words joined by underscores: `AGING_BUCKET`.
        family: line of defence it belongs to: assess, transfer, monitor, respond.

    Raises:
        DeclarationError: a text, type or unit is missing, or a host could not carry the name.
    """

    def declare(function: Function) -> Function:
        check_name(name)
        if name in REGISTRY:
            raise DeclarationError(f"{name} is declared twice: choose another name.")
        REGISTRY[name] = build_spec(name, family, function)
        return function

    return declare


def check_name(name: str) -> None:
    """Refuse a name that a spreadsheet reads as something else.

    >>> check_name("DSO12")
    Traceback (most recent call last):
    receivables.cells.declare.DeclarationError: DSO12 reads as a cell address: use a longer word.
    """
    if not _NAME.fullmatch(name):
        raise DeclarationError(f"{name}: write capital letters, digits and single underscores.")
    if _ADDRESS.fullmatch(name):
        raise DeclarationError(f"{name} reads as a cell address: use a longer word.")
    kind = reserved().get(name)
    if kind:
        raise DeclarationError(f"{name} is taken ({kind}): choose another name.")


def build_spec(name: str, family: str, function: Callable[..., Any]) -> FunctionSpec:
    """The declaration read from signature, annotations and docstring."""
    summary = (inspect.getdoc(function) or "").partition("\n\n")[0].replace("\n", " ").strip()
    _check_text(name, "docstring", summary)
    hints = get_type_hints(function, include_extras=True)
    parameters = list(inspect.signature(function).parameters.values())
    _check_parameters(name, parameters)
    args = tuple(_argument(name, parameter, hints) for parameter in parameters)
    result_type, _, result = _annotation(name, "the result", hints.get("return"))
    return FunctionSpec(
        name=name,
        family=family,
        function=function,
        summary=summary,
        args=args,
        result=Result(result_type, result.unit, result.help),
        varargs=any(item.kind is item.VAR_POSITIONAL for item in parameters),
    )


@cache
def reserved() -> dict[str, str]:
    """Names that are taken (`data/reserved.csv`): built-in and Excel 4 functions, VBA keywords."""
    return {
        name: row["kind"] for row in data_rows("reserved.csv") for name in row["names"].split()
    }


@cache
def units() -> frozenset[str]:
    """Units an argument may have (`data/units.csv`)."""
    return frozenset(row["unit"] for row in data_rows("units.csv"))


def _check_parameters(name: str, parameters: list[inspect.Parameter]) -> None:
    for item in parameters:
        if item.kind in {item.KEYWORD_ONLY, item.VAR_KEYWORD}:
            raise DeclarationError(
                f"{name}.{item.name} is keyword-only: a cell gives arguments by position."
            )
        if not _ARGUMENT.fullmatch(item.name):
            raise DeclarationError(f"{name}.{item.name}: write lower case, no leading underscore.")
        if reserved().get(item.name.upper(), "").startswith("VBA"):
            raise DeclarationError(
                f"{name}.{item.name} is a VBA keyword: the generated macro module would not compile."
            )
    optional = [item for item in parameters if item.default is not item.empty]
    if optional and any(item.kind is item.VAR_POSITIONAL for item in parameters):
        raise DeclarationError(
            f"{name} has defaults and a variable number of arguments: no host can tell them apart."
        )
    if len(parameters) > MAX_ARGS:
        raise DeclarationError(f"{name} has {len(parameters)} arguments, {MAX_ARGS} at most.")
    if len(parameters) - len(optional) > MAX_REQUIRED:
        raise DeclarationError(
            f"{name} requires {len(parameters) - len(optional)} arguments, {MAX_REQUIRED} at most."
        )


def _argument(name: str, parameter: inspect.Parameter, hints: dict[str, Any]) -> ArgSpec:
    where = f"argument {parameter.name}"
    cell_type, nullable, arg = _annotation(name, where, hints.get(parameter.name))
    _check_text(name, where, arg.help)
    required = parameter.default is parameter.empty
    default = None if required else parameter.default
    if default is None and not required and not nullable:
        raise DeclarationError(f"{name}, {where}: a default of None needs the type `… | None`.")
    if (cell_type.name == "choice") != bool(arg.choices):
        raise DeclarationError(f"{name}, {where}: the type Choice and `choices` go together.")
    if arg.choices and not coerce.choice_values(arg.choices):
        raise DeclarationError(f"{name}, {where}: options.csv has no set '{arg.choices}'.")
    if arg.choices and default is not None and default not in coerce.choice_values(arg.choices):
        raise DeclarationError(f"{name}, {where}: '{default}' is not in the set '{arg.choices}'.")
    return ArgSpec(
        name=parameter.name,
        type=cell_type,
        unit=arg.unit,
        help=arg.help,
        required=required,
        nullable=nullable,
        default=default,
        choices=arg.choices,
        read=coerce.to_choice(arg.choices) if arg.choices else cell_type.read,
    )


def _annotation(name: str, where: str, hint: Any) -> tuple[CellType, bool, Arg]:
    if get_origin(hint) is not Annotated:
        raise DeclarationError(
            f"{name}, {where}: annotate it, for example Annotated[Day, Arg('due date', 'date')]."
        )
    base, *extras = get_args(hint)
    nullable = get_origin(base) in {Union, UnionType} and NoneType in get_args(base)
    for part in get_args(base):
        if get_origin(part) is Annotated:
            extras.extend(get_args(part)[1:])
    arg = next((extra for extra in extras if isinstance(extra, Arg)), None)
    cell_type = next((extra for extra in extras if isinstance(extra, CellType)), None)
    if cell_type is None:
        raise DeclarationError(f"{name}, {where}: use a type of receivables.cells such as Day.")
    if arg is None or not arg.help:
        raise DeclarationError(f"{name}, {where}: the help text is missing; add Arg(help, unit).")
    if not arg.unit:
        raise DeclarationError(f"{name}, {where}: the unit is missing; add Arg(help, unit).")
    if arg.unit not in units():
        raise DeclarationError(f"{name}, {where}: units.csv has no unit '{arg.unit}'.")
    return cell_type, nullable, arg


def _check_text(name: str, where: str, text: str) -> None:
    if not text:
        raise DeclarationError(f"{name}: the {where} is missing. Say what it measures.")
    if len(text) > MAX_TEXT:
        raise DeclarationError(
            f"{name}: the {where} has {len(text)} characters, {MAX_TEXT} at most."
        )
