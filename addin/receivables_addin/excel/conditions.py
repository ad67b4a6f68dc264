"""Resolve `#If` in VBA where the answer is known, so that only the branch for Excel on Windows stays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from receivables_addin.excel.project import ProjectError

DIRECTIVE = re.compile(r"\s*#(If|ElseIf|Else|End If)\b(?: (Not )?(.*) Then)?\s*(?:'.*)?$")


@dataclass(slots=True)
class _Open:
    """One `#If`: whether its condition is known, was true so far, and applies to this line."""

    known: bool
    taken: bool
    applies: bool


def resolve(text: str, conditions: Mapping[str, bool]) -> str:
    r"""Keep the branch that applies of every `#If` whose condition is known.

    >>> resolve("#If Mac Then\na\n#Else\nb\n#End If\nc", {"Mac": False})
    'b\nc'

    Raises:
        ProjectError: an `#If` without its end, or the other way round.
    """
    kept: list[str] = []
    stack: list[_Open] = []
    for line in text.splitlines():
        directive = DIRECTIVE.match(line)
        known = _step(directive, conditions, stack) if directive else False
        if not known and all(level.applies for level in stack):
            kept.append(line)
    if stack:
        raise ProjectError("an #If without #End If in the VBA text. Add it.")
    return "\n".join(kept)


def _step(found: re.Match[str], conditions: Mapping[str, bool], stack: list[_Open]) -> bool:
    """Follow one directive; whether it belongs to a resolved `#If` and so disappears."""
    word = found[1]
    answer = conditions.get(found[3]) if found[3] else None
    value = answer if answer is None or not found[2] else not answer
    if word == "If":
        stack.append(_Open(value is not None, bool(value), value is not False))
        return value is not None
    if not stack:
        raise ProjectError(f"#{word} without #If in the VBA text. Remove it.")
    level = stack[-1]
    if word == "End If":
        return stack.pop().known
    if level.known:
        if word == "ElseIf" and value is None:
            raise ProjectError(f"cannot tell whether {found[3]} holds. Name it in the build.")
        level.applies = not level.taken and (word == "Else" or bool(value))
        level.taken |= level.applies
    return level.known
