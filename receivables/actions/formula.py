"""Find our functions in the text of a formula, as Excel, Calc or a file writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from receivables.cells import FunctionSpec, load_functions


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a function of ours inside a formula."""

    name: str
    """Name in the registry."""
    text: str
    """The call as it was written."""
    arguments: tuple[str, ...]
    start: int


def calls(formula: str) -> list[Call]:
    """Our calls in a formula, in the order in which they begin; nested ones follow their outer one.

    >>> [call.name for call in calls('=IFERROR(AGING_BUCKET(B2,$F$1),"")&DSO(A1,B1)')]
    ['AGING_BUCKET', 'DSO']
    >>> calls("of:=ORG.RECEIVABLES.FUNCTIONS.AGINGBUCKET([.B2];[.$F$1])")[0].arguments
    ('[.B2]', '[.$F$1]')
    >>> calls('="AGING_BUCKET(B2)"')
    []
    """
    formula = body_of(formula)
    separator = separator_of(formula)
    found = []
    open_calls: list[tuple[str, int, list[int]]] = []
    for piece, start, end in _tokens(formula):
        if piece.endswith("("):
            open_calls.append((piece[:-1].strip(), start, [end]))
        elif piece == separator and open_calls:
            open_calls[-1][2].append(end)
        elif piece == ")" and open_calls:
            name, begin, cuts = open_calls.pop()
            ours = our_name(name)
            if ours:
                text = formula[begin:end]
                found.append(Call(ours, text, _cut(formula, cuts, start), begin))
    return sorted(found, key=lambda call: call.start)


def whole_call(formula: str) -> bool:
    """Whether a formula is one call of ours and nothing around it.

    >>> whole_call("=DSO(A1,B1,90)"), whole_call("=DSO(A1,B1,90)*2")
    (True, False)
    """
    found = calls(formula)
    return bool(found) and found[0].text == body_of(formula).strip()


def has_ours(formula: str) -> bool:
    """Whether a formula calls any function of ours.

    >>> has_ours("_xll.DSO(A1,B1,90)"), has_ours("[1]!DSO(A1,B1)"), has_ours("SUM(A1)")
    (True, True, False)
    """
    if not any(word.upper() in _words() for word in _CALLED.findall(formula)):
        return False  # by far the most formulas of a workbook, and ten times as quick
    return any(
        piece.endswith("(") and our_name(piece[:-1].strip())
        for piece, *_ in _tokens(body_of(formula))
    )


def readable(formula: str) -> str:
    """A formula with our functions under the names that are typed, whatever the program wrote.

    >>> readable("_xll.DSO(A1,B1)+[1]!DSO(A2,B2)"), readable('"_xll.DSO("&A1')
    ('DSO(A1,B1)+DSO(A2,B2)', '"_xll.DSO("&A1')
    """
    pieces, done = [], 0
    for piece, start, end in _tokens(formula):
        name = our_name(piece[:-1].strip()) if piece.endswith("(") else ""
        if name:
            pieces += [formula[done:start], name, "("]
            done = end
    return "".join([*pieces, formula[done:]])


def our_name(written: str) -> str:
    """Name in the registry of a function as a formula writes it; empty if it is not ours.

    Excel puts `_xll.`, `_xldudf_` or the add-in's file in front; Calc writes the service and the method.

    >>> our_name("_xldudf_AGING_BUCKET"), our_name("ORG.RECEIVABLES.FUNCTIONS.AGINGBUCKET")
    ('AGING_BUCKET', 'AGING_BUCKET')
    >>> our_name("OTHER.AGING_BUCKET"), our_name("SUM")
    ('', '')
    """
    registry = _registry()
    name = _PREFIX.sub("", written.rpartition("!")[2]).upper()
    if name in registry:
        return name
    service, _, method = name.rpartition(".")
    if "RECEIVABLES" in service.split("."):
        return _squashed().get(method, "")
    return ""


def separator_of(formula: str) -> str:
    """What stands between arguments: `;` in Calc, in the file format of Calc and in many languages.

    >>> separator_of('=DSO(A1;B1;"a,b")'), separator_of("=DSO(A1,B1,{1;2})")
    (';', ',')
    """
    return ";" if any(piece == ";" for piece, *_ in _tokens(formula)) else ","


def body_of(formula: str) -> str:
    """A formula without its equals sign, braces of an array formula or format mark.

    >>> body_of("{=DSO(A1,B1)}"), body_of("of:=DSO([.A1])")
    ('DSO(A1,B1)', 'DSO([.A1])')
    """
    text = formula.strip()
    if text.startswith("{=") and text.endswith("}"):
        text = text[1:-1]
    return re.sub(r"^(?:\w+:)?=", "", text)


def _cut(formula: str, cuts: list[int], end: int) -> tuple[str, ...]:
    parts = [
        formula[begin : (following - 1 if following is not None else end)].strip()
        for begin, following in zip(cuts, [*cuts[1:], None], strict=True)
    ]
    return () if parts == [""] else tuple(parts)


def _tokens(formula: str) -> Iterator[tuple[str, int, int]]:
    """Names with their bracket, brackets and separators; texts, references and arrays are skipped."""
    place = 0
    while place < len(formula):
        match = _TOKEN.match(formula, place)
        if not match:
            place += 1
            continue
        place = match.end()
        if match["brackets"]:
            place = _closing(formula, place)
        elif match["token"] or match["sign"]:
            yield match[0], match.start(), match.end()


def _closing(formula: str, place: int) -> int:
    """End of a bracketed reference that may hold brackets itself; `'` takes the next sign as it is."""
    depth = 1
    while place < len(formula) and depth:
        sign = formula[place]
        depth += (sign == "[") - (sign == "]")
        place += 2 if sign == "'" else 1
    return place


@cache
def _registry() -> dict[str, FunctionSpec]:
    return load_functions()


@cache
def _squashed() -> dict[str, str]:
    return {name.replace("_", ""): name for name in _registry()}


@cache
def _words() -> frozenset[str]:
    """What may stand before the bracket of a call of ours, the last part of a dotted name."""
    names = {*_registry(), *_squashed()}
    return frozenset(names | {f"_XLDUDF_{name}" for name in names})


_CALLED = re.compile(r"(\w+)\s*\(")
_PREFIX = re.compile(r"^(?:_xll\.|_xldudf_|_xlfn\.|_xludf\.)+", re.IGNORECASE)
_TEXT = r'"(?:[^"]|"")*"'
_TOKEN = re.compile(
    rf"{_TEXT}"
    r"|(?P<token>(?:(?:\[\d+\]|'(?:[^']|'')*'|[\w.]+)!)?[^\W\d][\w.]*\s*\()"
    r"|'(?:[^']|'')*'"
    rf"|\{{(?:{_TEXT}|[^\"}}])*\}}"
    r"|(?P<brackets>\[)"
    r"|[\w.$]+"
    r"|(?P<sign>[(),;])"
)
