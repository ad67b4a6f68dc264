"""The interface that Calc calls: one UNO method per declared function."""

from __future__ import annotations

from collections.abc import Iterable

from receivables.cells import FunctionSpec
from receivables_addin.calc.names import INTERFACE, MODULE, method_name, parameter_name


def idl(specs: Iterable[FunctionSpec]) -> str:
    """Text of the interface. Every parameter is `any`: a cell may hold anything, and be left out.

    Functions that give a table say so, because Calc takes an array only of a method typed for it.

    >>> from receivables.cells import find_function, load_functions
    >>> _ = load_functions()
    >>> print(idl([find_function("AGING_YEARS")]), end="")
    module org { module receivables {
    interface XFunctions {
        any agingYears([in] any issuedOn, [in] any asOf);
    };
    }; };
    """
    opening = " ".join(f"module {name} {{" for name in MODULE)
    closing = " ".join("};" for _ in MODULE)
    methods = "".join(f"    {_method(spec)};\n" for spec in specs)
    return f"{opening}\ninterface {INTERFACE} {{\n{methods}}};\n{closing}\n"


def gives_table(spec: FunctionSpec) -> bool:
    """Whether a function always gives rows."""
    return spec.result.type.shape == "table"


def _method(spec: FunctionSpec) -> str:
    parameters = [f"[in] any {parameter_name(arg)}" for arg in spec.args]
    if spec.varargs:
        parameters[-1] = f"[in] sequence<any> {parameter_name(spec.args[-1])}"
    result = "sequence< sequence<any> >" if gives_table(spec) else "any"
    return f"{result} {method_name(spec.name)}({', '.join(parameters)})"
