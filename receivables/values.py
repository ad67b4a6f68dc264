"""Values of cells as text and JSON: what the command line, case tables and hosts exchange."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from receivables.cells import coerce
from receivables.cells.faults import CellError
from receivables.cells.spec import ArgSpec
from receivables.errors import BadValueError, ReceivablesError
from receivables.resources import data_rows

_LARGEST = 10**15
"""Numbers beyond 15 digits are shown in full: their decimals mean nothing."""


def parse_cell(text: str, arg: ArgSpec) -> Any:
    """A cell value typed on the command line: JSON where it is JSON, else the text itself.

    Text arguments keep the digits typed, so that the key 00123 and the number 1e5 stay texts.

    >>> from receivables.cells import find_function, load_functions
    >>> _ = load_functions()
    >>> due_on, _as_of, edges, *_ = find_function("AGING_BUCKET").args
    >>> parse_cell("2026-09-30", due_on), parse_cell("null", due_on), parse_cell("[30, 60]", edges)
    ('2026-09-30', None, [30, 60])
    """
    try:
        value = from_json(json.loads(text, parse_constant=_no_constant))
    except (ValueError, RecursionError):
        return text
    if isinstance(value, (int, float)) and arg.type.name in {"text", "list", "choice"}:
        return value if isinstance(value, bool) else text
    return value


def from_json(value: Any) -> Any:
    """A cell value of its JSON form; `{"error": …}` is an error value.

    >>> from_json([1, {"error": "#N/A", "why": "no data"}])
    [1, CellError(code='#N/A', why='no data')]
    """
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if isinstance(value, dict):
        if isinstance(value.get("error"), str) and set(value) <= {"error", "why"}:
            return CellError(value["error"], str(value.get("why", "")))
        raise ValueError(f"{value} is not a cell value: write a value, a list or an error.")
    return value


def to_json(value: Any) -> Any:
    """The JSON form of a cell value: dates as ISO text, errors with their reason.

    >>> to_json([date(2026, 10, 31), CellError("#N/A", "no data")])
    ['2026-10-31', {'error': '#N/A', 'why': 'no data'}]
    """
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, CellError):
        return {"error": value.code, "why": value.why}
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return value


def render(value: Any, unit: str = "") -> str:
    r"""A cell value as text in the display precision of its unit; a range has one line per row.

    >>> render(55.3485, "days"), render(1234.5, "money"), render([["a", None], [0.5, True]])
    ('55.35', '1234.50', 'a\t\n0.5\tTRUE')
    """
    if isinstance(value, (list, tuple)):
        rows = (item if isinstance(item, (list, tuple)) else [item] for item in value)
        return "\n".join("\t".join(render(cell, unit) for cell in row) for row in rows)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (float, Decimal)):
        return _digits(value, decimals().get(unit))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return str(value)


def parse_day(text: str, name: str) -> date:
    """A date typed as an option; the fault names the option.

    >>> parse_day("2026-10-31", "--as-of")
    datetime.date(2026, 10, 31)
    """
    try:
        return coerce.to_day(text)
    except ReceivablesError as fault:
        raise BadValueError(f"{name}: {fault}") from None


@cache
def decimals() -> dict[str, int]:
    """Decimals shown per unit (`data/units.csv`); units without a number of their own are left out.

    >>> decimals()["money"]
    2
    """
    return {row["unit"]: int(row["decimals"]) for row in data_rows("units.csv") if row["decimals"]}


def _digits(value: float | Decimal, places: int | None) -> str:
    number = Decimal(repr(value)) if isinstance(value, float) else value
    if places is None or abs(number) >= _LARGEST:
        plain = format(number, "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    shown = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return format(shown or abs(shown), "f")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
