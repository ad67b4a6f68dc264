"""Small cell functions that the tests declare."""

from typing import Annotated

from receivables.cells import Arg, Number, load_functions
from receivables.cells.declare import build_spec

load_functions()
OUT = Annotated[Number, Arg("a number", "days")]
IN = Annotated[Number, Arg("a number", "days")]


def documented(x: IN) -> OUT:
    """Twice x."""
    return 2 * x


def spec_of(function):
    return build_spec("TEST_FUNCTION", "monitor", function)
