"""Names under which Calc knows the extension, its services and its functions."""

from __future__ import annotations

import re
from collections.abc import Iterable

from receivables.cells import ArgSpec, FunctionSpec
from receivables.errors import BadValueError

EXTENSION = "org.receivables.calc"
MODULE = ("org", "receivables")
INTERFACE = "XFunctions"
FUNCTIONS = "org.receivables.Functions"
BUTTONS = "org.receivables.Job"
EVENTS = "org.receivables.EventJob"

_IDL_WORDS = """
any attribute boolean bound byte char const constants constrained context default double ellipsis
enum exception false float get hyper in inout interface interfaces long maybeambiguous maybedefault
maybevoid module needs null object observes octet oneway optional out property published raises
readonly removable sequence service services set short singleton singletons string struct transient
true type typedef union unsigned void
"""
_UNO_METHODS = """
acquire addEventListener getAvailableServiceNames getImplementationName getLocale getServiceName
getSupportedServiceNames getTypes queryInterface release setLocale supportsService
"""
_TAKEN_PARAMETERS = frozenset(_IDL_WORDS.split())
_TAKEN_METHODS = _TAKEN_PARAMETERS | frozenset(_UNO_METHODS.split())


def method_name(function: str) -> str:
    """Name of the UNO method behind a function.

    >>> method_name("AGING_BUCKET"), method_name("DSO")
    ('agingBucket', 'dso')
    """
    return _camel(function.lower())


def parameter_name(arg: ArgSpec) -> str:
    """Name of an argument in the IDL; a word that IDL keeps for itself gets a tail.

    >>> from receivables.cells import find_function, load_functions
    >>> _ = load_functions()
    >>> [parameter_name(arg) for arg in find_function("DSO").args]
    ['receivables', 'creditSales', 'days', 'allowCredit']
    """
    name = _camel(arg.name)
    return f"{name}Value" if name in _TAKEN_PARAMETERS else name


def programmatic_name(function: str) -> str:
    """Name that LibreOffice 7.4 writes into a file instead of the displayed one.

    >>> programmatic_name("AGING_BUCKET")
    'ORG.RECEIVABLES.FUNCTIONS.AGINGBUCKET'
    """
    return f"{FUNCTIONS}.{method_name(function)}".upper()


def check_names(specs: Iterable[FunctionSpec]) -> None:
    """Refuse functions that Calc could not tell apart or could not carry.

    Raises:
        BadValueError: two functions share a method name, or a name belongs to UNO.
    """
    seen: dict[str, str] = {}
    for spec in specs:
        method = method_name(spec.name)
        if method in _TAKEN_METHODS:
            raise BadValueError(
                f"{spec.name}: UNO keeps the method {method} for itself. Rename it."
            )
        other = seen.setdefault(method.upper(), spec.name)
        if other != spec.name:
            raise BadValueError(f"{spec.name} and {other} are one method in Calc. Rename one.")
        parameters = [parameter_name(arg) for arg in spec.args]
        if len({name.upper() for name in parameters}) != len(parameters):
            raise BadValueError(f"{spec.name}: two arguments have one name in Calc. Rename one.")


def _camel(words: str) -> str:
    return re.sub(r"_+([a-z0-9])", lambda found: found.group(1).upper(), words)
