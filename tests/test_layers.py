"""The house's own rules, read from the source: layers, cycles, clock, rounding, length."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CORE = ROOT / "receivables"
UDFS = ROOT / "udfs" / "receivables_udfs"
ADDIN = ROOT / "addin" / "receivables_addin"
PACKAGES = (CORE, UDFS, ADDIN)

SHARED = ("errors", "resources", "money", "days", "rates", "settings", "values", "cells")
"""Used by every line; they import one another and nothing above."""

LINES = (
    "ledger", "monitor", "assess", "transfer", "respond", "report", "book", "demo", "refresh",
    "actions",
)  # fmt: skip
"""Each imports only what stands before it. `demo` only builds a ledger; `refresh` runs it."""

COMMAND_LINE = ("cli", "commands", "docs", "__main__")
"""Above everything: they may import any part of the core."""

HOSTS = ("receivables_udfs", "receivables_addin", "xlwings", "uno", "win32com", "pythoncom")
"""What the core never imports. Functions and host commands come in through entry points."""

ROUNDING_ALLOWED: dict[str, str] = {}
"""Module → why its `round` never meets money."""

LONG_FUNCTIONS_ALLOWED: dict[str, str] = {}
"""module.function → why it is clearer in one piece."""

CLOCK_ALLOWED = {
    "receivables.commands.close": "the log says when a period was locked; nothing is computed from it",
    "receivables.commands.month_end": "the log says when a refresh was made; nothing is computed from it",
    "receivables.commands.letters": "the journal says when letters were made; nothing is computed from it",
    "receivables.commands.approve": "a signature bears the time it was recorded; nothing is computed from it",
}
"""Module → why it may read the clock."""

CLOCK_CALLS = {"today", "now", "utcnow", "localtime", "gmtime", "time_ns"}
MAX_LINES = 400
MAX_FUNCTION_LINES = 40


def sources(*packages: Path) -> list[Path]:
    return sorted(path for package in packages for path in package.rglob("*.py"))


def module_name(path: Path) -> str:
    package = next(parent for parent in PACKAGES if path.is_relative_to(parent))
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path, *, lazy: bool = True) -> Iterator[str]:
    """Names of the modules a file imports at run time; `lazy` includes those inside functions."""
    stack: list[ast.AST] = [tree(path)]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: write imports in full, not relative"
            yield from imported_from(node)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            stack.extend(node.orelse)
        elif lazy or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            stack.extend(ast.iter_child_nodes(node))


def imported_from(node: ast.ImportFrom) -> Iterator[str]:
    """`from receivables.ledger import link` imports a module; `from x import f` a name of x."""
    base = node.module or ""
    for alias in node.names:
        name = f"{base}.{alias.name}"
        yield name if name in MODULES else base


MODULES = {module_name(path): path for path in sources(*PACKAGES)}


def line(module: str) -> str:
    """The part of the core a module belongs to: `receivables.ledger.read` → `ledger`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def rank(module: str) -> int:
    part = line(module)
    if not part or part in SHARED:
        return 0
    return len(LINES) + 1 if part in COMMAND_LINE else LINES.index(part) + 1


@pytest.mark.parametrize("path", sources(CORE), ids=module_name)
def test_a_line_never_imports_a_later_line(path: Path) -> None:
    module = module_name(path)
    assert line(module) in ("", *SHARED, *LINES, *COMMAND_LINE), (
        f"{module}: say in test_layers.py on which layer it stands"
    )
    upward = {
        name
        for name in imports(path)
        if name.startswith("receivables.") and rank(name) > rank(module)
    }
    assert not upward, f"{module} imports a later layer: {upward}"


@pytest.mark.parametrize("path", sources(CORE), ids=module_name)
def test_the_core_imports_no_host(path: Path) -> None:
    hosts = {name for name in imports(path) if name.split(".")[0] in HOSTS}
    assert not hosts, f"{module_name(path)} imports {hosts}"


def test_no_import_cycles() -> None:
    graph = {
        module: {
            name
            for name in imports(path, lazy=False)
            if name in MODULES and name != module and not module.startswith(f"{name}.")
        }
        for module, path in MODULES.items()
    }
    try:
        tuple(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as fault:
        pytest.fail(" → ".join(fault.args[1]))


def clock_reads(path: Path) -> list[str]:
    """`date.today()` and its like, called or handed over as a default."""
    attributes = (node for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute))
    return [
        f"{path.name}:{node.lineno} {ast.unparse(node)}"
        for node in attributes
        if node.attr in CLOCK_CALLS or ast.unparse(node) == "time.time"
    ]


@pytest.mark.parametrize("path", sources(CORE, UDFS), ids=module_name)
def test_nothing_reads_the_clock(path: Path) -> None:
    if module_name(path) not in CLOCK_ALLOWED:
        assert not clock_reads(path), "as_of is an argument"


def is_rounding(call: ast.Call) -> bool:
    """`round`, `.round`, or `.quantize` that leaves the rule to the context (half to even)."""
    if isinstance(call.func, ast.Name):
        return call.func.id == "round"
    if not isinstance(call.func, ast.Attribute):
        return False
    says_how = "ROUND_" in ast.unparse(call)
    return call.func.attr == "round" or (call.func.attr == "quantize" and not says_how)


def roundings(path: Path) -> list[str]:
    return [
        f"{path.name}:{node.lineno} {ast.unparse(node.func)}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and is_rounding(node)
    ]


@pytest.mark.parametrize("path", sources(CORE, UDFS), ids=module_name)
def test_money_is_never_rounded_by_the_library(path: Path) -> None:
    """Half-even on Polars and pandas, half-away on DuckDB and Spark: money.half_up instead."""
    if module_name(path) not in ROUNDING_ALLOWED:
        assert not roundings(path), "use money.half_up, or explain it in ROUNDING_ALLOWED"


def test_every_exception_is_still_needed() -> None:
    unneeded = [name for name in ROUNDING_ALLOWED if not roundings(MODULES[name])]
    long_ones = {name for path in MODULES.values() for name, _ in long_functions(path)}
    unneeded += [name for name in LONG_FUNCTIONS_ALLOWED if name not in long_ones]
    assert not unneeded


def long_functions(path: Path) -> Iterator[tuple[str, int]]:
    """Functions over the limit; their docstring and signature do not count."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            if length > MAX_FUNCTION_LINES:
                yield f"{module_name(path)}.{node.name}", length


@pytest.mark.parametrize("path", sources(*PACKAGES), ids=module_name)
def test_functions_fit_on_a_screen(path: Path) -> None:
    found = {
        name: length for name, length in long_functions(path) if name not in LONG_FUNCTIONS_ALLOWED
    }
    assert not found, f"at most {MAX_FUNCTION_LINES} lines"


def test_no_file_is_too_long() -> None:
    everything = sources(*PACKAGES, ROOT / "tests", ROOT / "benchmarks")
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in everything
    }
    found = {name: length for name, length in lengths.items() if length > MAX_LINES}
    assert not found, f"at most {MAX_LINES} lines; a file that needs sections needs splitting"


@pytest.mark.parametrize("path", sources(*PACKAGES), ids=module_name)
def test_every_module_says_what_it_answers(path: Path) -> None:
    assert ast.get_docstring(tree(path)), f"{module_name(path)} has no docstring"
