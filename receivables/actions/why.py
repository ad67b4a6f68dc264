"""Why?: the selected formula calculated again by us, argument by argument."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from receivables.actions.explain import Explanation, Read, explain, shown
from receivables.actions.formula import body_of, has_ours, readable
from receivables.actions.host import Host, Report, Selection
from receivables.actions.texts import say
from receivables.errors import BadValueError
from receivables.values import render


def run(host: Host, choices: Mapping[str, Any]) -> Report:
    """Explain the selected cell, or the formula `choices["formula"]` as if it stood there.

    Raises:
        BadValueError: no function of ours in the cell.
        NotAvailableError: an argument that cannot be calculated here.
    """
    at = host.selection()
    formula = str(choices.get("formula") or at.formula)
    place = f"{at.sheet}!{at.address}" if at.sheet else at.address
    if not has_ours(formula):
        raise BadValueError(
            f"{place or 'The formula'} holds no function of ours"
            f"{f' ({formula})' if formula else ''}. Select a cell with one, for example "
            "=AGING_BUCKET(B2,$F$1)."
        )
    found = explain(formula, host, at)
    link = host.write_table(say("why_title", host.language), table(found, formula, at, host))
    return Report(in_words(found[0], place, host.language), link)


def in_words(found: Explanation, place: str, language: str) -> str:
    """The outer call in one line.

    >>> from receivables.cells import find_function, load_functions
    >>> _ = load_functions()
    >>> in_words(Explanation(find_function("DSO"), "DSO(1,2,3)", (), 55.3474), "Sheet1!C5", "en")
    'Sheet1!C5: DSO gives 55.35.'
    """
    where = f"{place}: " if place else ""
    if found.why:
        return f"{where}{found.spec.name}: {found.why[0]}"
    value = _result(found, language)
    return where + say("gives", language, name=found.spec.name, value=value)


def table(found: list[Explanation], formula: str, at: Selection, host: Host) -> list[list[Any]]:
    """The explanation as rows: the formula, then each call with its arguments, result and steps."""
    language = host.language
    rows: list[list[Any]] = [
        [say(key, language) for key in ("item", "written", "value", "read_as", "meaning")],
        [
            f"{at.sheet}!{at.address}".strip("!"),
            f"={readable(body_of(formula))}",
            _plain(at.value, language),
            "",
            "",
        ],
    ]
    for item in found:
        rows.append(
            [item.spec.name, readable(item.text), "", "", item.spec.text("summary", language)]
        )
        rows += [_argument(read, language) for read in item.arguments]
        rows.append(
            [
                say("result", language),
                "",
                _result(item, language),
                "",
                item.spec.text("result", language),
            ]
        )
        rows += [["", "", "", "", reason] for reason in item.why]
        rows += _steps(item, language)
    return rows


def _argument(read: Read, language: str) -> list[Any]:
    how = say(read.operand.how, language, place=read.operand.place)
    taken = shown(read.read, language)
    if read.fault:
        taken = say("unread", language, why=read.fault)
    elif read.default and read.read is not None:
        taken = say("default", language, value=taken)
    value = "" if read.operand.how == "left_out" else shown(read.operand.value, language)
    return [f"  {read.name}", readable(read.text) or how, value, taken, f"{read.help} ({how})"]


def _steps(item: Explanation, language: str) -> list[list[Any]]:
    if not item.steps:
        return []
    heading = ["", f"{item.spec.name}_EXPLAIN", "", "", say("steps", language)]
    return [heading, *(["", *(_plain(cell, language) for cell in row)] for row in item.steps)]


def _result(item: Explanation, language: str) -> str:
    return shown(item.result, language, item.spec.result.unit).strip('"')


def _plain(value: Any, language: str) -> str:
    if isinstance(value, (list, tuple)):
        return shown(value, language)
    return render(value)
