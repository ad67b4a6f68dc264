"""Declaring a cell function: what is refused at import."""

from datetime import date
from typing import Annotated

import pytest

from receivables.cells import (
    REGISTRY,
    Arg,
    Choice,
    DeclarationError,
    Number,
    Text,
    cell,
)
from receivables.cells.declare import check_name
from tests.cell_functions import IN, OUT, documented, spec_of

DUE, AS_OF = date(2026, 9, 30), date(2026, 10, 31)


def no_doc(x: IN) -> OUT:
    return x


def long_doc(x: IN) -> OUT:
    return x


long_doc.__doc__ = "x" * 256


def no_annotation(x) -> OUT:
    """Text."""
    return x


def plain_annotation(x: float) -> OUT:
    """Text."""
    return x


def no_arg(x: Number) -> OUT:
    """Text."""
    return x


def no_unit(x: Annotated[Number, Arg("a number")]) -> OUT:
    """Text."""
    return x


def unknown_unit(x: Annotated[Number, Arg("a number", "furlongs")]) -> OUT:
    """Text."""
    return x


def no_help(x: Annotated[Number, Arg("", "days")]) -> OUT:
    """Text."""
    return x


def long_help(x: Annotated[Number, Arg("x" * 256, "days")]) -> OUT:
    """Text."""
    return x


def no_result(x: IN):
    """Text."""
    return x


def result_without_unit(x: IN) -> Annotated[Number, Arg("a number")]:
    """Text."""
    return x


def keyword_only(x: IN, *, y: IN) -> OUT:
    """Text."""
    return x + y


def keywords(**x: IN) -> OUT:
    """Text."""
    return x


def default_and_varargs(x: IN = 1.0, *more: IN) -> OUT:
    """Text."""
    return x


def vba_keyword(date: IN) -> OUT:
    """Text."""
    return date


def vba_type(currency: IN) -> OUT:
    """Text."""
    return currency


def underscore(_x: IN) -> OUT:
    """Text."""
    return _x


def nine(a: IN, b: IN, c: IN, d: IN, e: IN = 1, f: IN = 1, g: IN = 1, h: IN = 1, i: IN = 1) -> OUT:
    """Text."""
    return a


def five_required(a: IN, b: IN, c: IN, d: IN, e: IN) -> OUT:
    """Text."""
    return a


def none_default(x: IN = None) -> OUT:
    """Text."""
    return x


def choice_without_set(x: Annotated[Choice, Arg("pick", "text")]) -> OUT:
    """Text."""
    return x


def set_without_choice(x: Annotated[Text, Arg("pick", "text", "base")]) -> OUT:
    """Text."""
    return x


def unknown_set(x: Annotated[Choice, Arg("pick", "text", "colour")]) -> OUT:
    """Text."""
    return x


def default_not_in_set(x: Annotated[Choice, Arg("pick", "text", "base")] = "both") -> OUT:
    """Text."""
    return x


@pytest.mark.parametrize(
    ("function", "fault"),
    [
        (no_doc, "the docstring is missing"),
        (long_doc, "has 256 characters, 255 at most"),
        (no_annotation, "argument x: annotate it"),
        (plain_annotation, "argument x: annotate it"),
        (no_arg, "argument x: the help text is missing"),
        (no_help, "argument x: the help text is missing"),
        (long_help, "argument x has 256 characters"),
        (no_unit, "argument x: the unit is missing"),
        (unknown_unit, "units.csv has no unit 'furlongs'"),
        (no_result, "the result: annotate it"),
        (result_without_unit, "the result: the unit is missing"),
        (keyword_only, "y is keyword-only"),
        (keywords, "x is keyword-only"),
        (default_and_varargs, "defaults and a variable number"),
        (vba_keyword, "date is a VBA keyword"),
        (vba_type, "currency is a VBA keyword"),
        (underscore, "no leading underscore"),
        (nine, "9 arguments, 8 at most"),
        (five_required, "requires 5 arguments, 4 at most"),
        (none_default, "a default of None needs"),
        (choice_without_set, "the type Choice and `choices` go together"),
        (set_without_choice, "the type Choice and `choices` go together"),
        (unknown_set, "options.csv has no set 'colour'"),
        (default_not_in_set, "'both' is not in the set 'base'"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_refused_at_import(function, fault) -> None:
    with pytest.raises(DeclarationError, match=fault):
        spec_of(function)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("DSO12", "cell address"),
        ("CEI3", "cell address"),
        ("A1", "cell address"),
        ("XFD1048576", "cell address"),
        ("R1C1", "cell address"),
        ("RC", "cell address"),
        ("R", "cell address"),
        ("RUN", "Excel 4 macro function"),
        ("ECHO", "Excel 4 macro function"),
        ("RATE", "built-in function"),
        ("PMT", "built-in function"),
        ("XLOOKUP", "built-in function"),
        ("DECLARE", "VBA keyword"),
        ("aging_days", "capital letters"),
        ("AGING.DAYS", "capital letters"),
        ("_DAYS", "capital letters"),
        ("2DAYS", "capital letters"),
    ],
)
def test_names_that_mean_something_else(name, fault) -> None:
    with pytest.raises(DeclarationError, match=fault):
        check_name(name)


@pytest.mark.parametrize(
    "name", ["DSO", "DSO_12", "AGING_BUCKET", "RESERVE", "DSOX12", "ALTMAN_Z"]
)
def test_names_that_are_free(name) -> None:
    check_name(name)


def test_a_name_is_declared_once() -> None:
    with pytest.raises(DeclarationError, match="AGING_DAYS is declared twice"):
        cell("AGING_DAYS", family="monitor")(documented)


def test_declaring_keeps_the_function_and_registers_it() -> None:
    assert cell("TEST_TWICE", family="monitor")(documented) is documented
    assert REGISTRY.pop("TEST_TWICE").call(21) == 42.0
