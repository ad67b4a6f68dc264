"""From whatever a cell holds to the type an argument declares; what cannot be read says why."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import chain
from typing import Any

from receivables.cells.faults import pass_through
from receivables.days import from_serial
from receivables.errors import BadValueError, DomainError
from receivables.resources import data_rows

FIRST_DAY = date(1980, 1, 1)
LAST_DAY = date(2100, 12, 31)
"""Outside these a date is a typing error: a row number, a 1904 serial, a wrong century."""

_DAY_TEXTS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ][\d:.]+Z?)?",
        r"(\d{4})/(\d{1,2})/(\d{1,2})(?: [\d:.]+)?",
        r"(\d{4})\.(\d{1,2})\.(\d{1,2})",
        r"(\d{4})年(\d{1,2})月(\d{1,2})日",
        r"(\d{4})(\d{2})(\d{2})",
    )
)
_DAY_FIRST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}")
_PLAIN_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_LARGEST = 1e15
"""Beyond 15 digits a spreadsheet no longer holds every cent."""


def is_blank(value: object) -> bool:
    """Whether a cell counts as empty: nothing, an empty text, spaces, not-a-number.

    >>> [is_blank(value) for value in (None, "", "  ", float("nan"), 0, False)]
    [True, True, True, True, False, False]
    """
    if value is None:
        return True
    if isinstance(value, str):
        return not value or value.isspace()
    if isinstance(value, Decimal):
        return value.is_nan()
    return isinstance(value, float) and value != value  # noqa: PLR0124


def to_day(value: Any) -> date:
    """Date of a cell: a date, a spreadsheet serial or ISO text; never a guess at day and month.

    >>> to_day("2026-09-30"), to_day(46295.75), to_day("2026年9月30日")
    (datetime.date(2026, 9, 30), datetime.date(2026, 9, 30), datetime.date(2026, 9, 30))
    """
    if type(value) is float:
        day = _day_of_serial(value)
    elif isinstance(value, datetime):
        day = value.date()
    elif isinstance(value, date):
        day = value
    elif isinstance(value, str):
        day = _day_of_text(value)
    elif isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        day = _day_of_serial(value)
    else:
        raise BadValueError(f"{_shown(value)} is not a date. {_WRITE}")
    if FIRST_DAY <= day <= LAST_DAY:
        return day
    raise DomainError(
        f"{_shown(value)} is the date {day}, outside {FIRST_DAY.year} to {LAST_DAY.year}. Check the cell."
    )


def to_text(value: Any) -> str:
    """Text of a cell; a whole number loses its decimal point, so that 123.0 is the key 123.

    >>> to_text(123.0), to_text("00123"), to_text(True)
    ('123', '00123', 'TRUE')
    """
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _LARGEST else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def to_number(value: Any) -> float:
    """Number of a cell: a number, TRUE as 1, or plain text such as 12.5 or 30%.

    >>> to_number("30%"), to_number("-1.5"), to_number(False)
    (0.3, -1.5, 0.0)
    """
    if isinstance(value, (int, float, Decimal)):
        try:
            number = float(value)
        except OverflowError:
            number = float("inf")
        if number - number == 0:
            return number
        raise DomainError(f"{_shown(value)} is not a finite number.")
    if isinstance(value, str):
        return float(_number_of_text(value))
    raise BadValueError(f"{_shown(value)} is not a number.")


def to_whole(value: Any) -> int:
    """Whole number of a cell.

    >>> to_whole(30.0), to_whole("30")
    (30, 30)
    """
    number = to_number(value)
    if number == int(number):
        return int(number)
    raise BadValueError(f"{_shown(value)} is not a whole number.")


def to_amount(value: Any) -> Decimal:
    """Amount of a cell, exact: the digits the cell shows, not the binary fraction behind them.

    >>> to_amount(0.1) + to_amount(0.2), to_amount("1234.50")
    (Decimal('0.3'), Decimal('1234.50'))
    """
    if type(value) is float and -_LARGEST < value < _LARGEST:
        # 1000.0 is how a spreadsheet hands over 1000
        return Decimal(repr(value).removesuffix(".0"))
    if isinstance(value, bool):
        raise BadValueError(f"{_shown(value)} is not an amount.")
    if isinstance(value, str):
        return _number_of_text(value)
    if isinstance(value, (int, float, Decimal)):
        amount = Decimal(repr(value) if isinstance(value, float) else value)
        if amount.is_finite() and abs(amount) < _LARGEST:
            return amount
        raise DomainError(f"{_shown(value)} is too large for an amount.")
    raise BadValueError(f"{_shown(value)} is not an amount.")


def to_flag(value: Any) -> bool:
    """Yes or no of a cell: TRUE, FALSE, 1, 0, yes, no, 是, 否.

    >>> to_flag("是"), to_flag(0.0), to_flag("FALSE")
    (True, False, False)
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float, Decimal)) and value in (0, 1):
        return value == 1
    known = choice_words("flag")
    if isinstance(value, str) and value.strip().casefold() in known:
        return known[value.strip().casefold()] == "true"
    raise BadValueError(f"{_shown(value)} is neither yes nor no. Write TRUE or FALSE.")


def to_list(value: Any) -> str | tuple[object, ...]:
    """A list in one text (`30,60,90`), one number, or a range taken as one value.

    >>> to_list([[30.0], [60.0], [None]]), to_list(30.0), to_list("audit")
    ((30, 60), '30', 'audit')
    """
    if not isinstance(value, (list, tuple)):
        return to_text(value)
    found = [item for item in flat(value) if not is_blank(item)]
    for item in found:
        pass_through(item)
    return tuple(
        int(item) if isinstance(item, float) and item.is_integer() else item for item in found
    )


def to_choice(choices: str) -> Callable[[Any], str]:
    """Reader of a set in `options.csv`: value, number or word in either language, any case.

    >>> read = to_choice("day_on_edge")
    >>> read("Older"), read(2.0), read("归较旧")
    ('older', 'older', 'older')
    """
    words = choice_words(choices)
    values = choice_values(choices)

    def read(value: Any) -> str:
        known = "" if isinstance(value, bool) else to_text(value).casefold()
        if known in words:
            return words[known]
        options = ", ".join(f"{name} ({number})" for number, name in enumerate(values, 1))
        raise BadValueError(f"{_shown(value)} is not one of {options}.")

    return read


def to_table(value: Any) -> list[list[Any]]:
    """Rows of a range with headings; blank rows at the end (whole columns selected) fall away.

    >>> to_table([["due_on", "amount"], ["2026-09-30", 5], [None, ""]])
    [['due_on', 'amount'], ['2026-09-30', 5]]
    """
    if not isinstance(value, (list, tuple)) or not value or not _is_row(value[0]):
        raise BadValueError(
            "A range of rows with headings is needed, not a single cell or column."
        )
    rows = [
        [None if is_blank(cell) else cell for cell in (row if _is_row(row) else [row])]
        for row in value
    ]
    width = len(rows[0])
    if any(len(row) != width for row in rows):
        raise BadValueError("The rows of the range differ in length.")
    while rows and all(cell is None for cell in rows[-1]):
        rows.pop()
    if not rows:
        raise BadValueError("The range is empty.")
    return rows


def column(
    read: Callable[[Any], Any], *, zero_is_blank: bool = False
) -> Callable[[Any], list[Any]]:
    """Reader of a whole column of one type; a blank cell is None, a bad one names its row."""

    def read_all(value: Any) -> list[Any]:
        values: list[Any] = []
        known: dict[float, Any] = {0.0: None} if zero_is_blank else {}
        for row, item in enumerate(flat(value) if _is_row(value) else [value], 1):
            if type(item) is float:
                # most cells are numbers, and dates repeat: each is read once
                if item in known:
                    values.append(known[item])
                    continue
            elif is_blank(item) or (zero_is_blank and item == 0 and not isinstance(item, bool)):
                values.append(None)
                continue
            try:
                values.append(_read_cell(read, item, known))
            except (BadValueError, DomainError) as fault:
                raise type(fault)(f"row {row} of the range: {fault}") from None
        return values

    return read_all


def _read_cell(read: Callable[[Any], Any], item: Any, known: dict[float, Any]) -> Any:
    if type(item) is not float:
        pass_through(item)
        return read(item)
    found = known[item] = None if item != item else read(item)  # noqa: PLR0124
    return found


def flat(value: Sequence[Any]) -> list[Any]:
    """Cells of a range, row by row.

    >>> flat([[1, 2], [3, 4]]), flat([1, 2])
    ([1, 2, 3, 4], [1, 2])
    """
    if _ROWS.issuperset(map(type, value)):
        return list(chain.from_iterable(value))
    return [cell for row in value for cell in (row if _is_row(row) else (row,))]


def plain(value: Any) -> Any:
    """A value of NumPy, pandas, Polars or Narwhals as the standard library has it; ranges as lists.

    >>> plain((1, ("a", None)))
    [1, ['a', None]]
    """
    if isinstance(value, (list, tuple)):
        # a range of 100,000 rows is mostly plain already: ask once, not cell by cell
        if _ROWS.issuperset(map(type, value)) and _PLAIN.issuperset(
            map(type, chain.from_iterable(value))
        ):
            return list(map(list, value))
        return [plain(item) if type(item) not in _PLAIN else item for item in value]
    if type(value) in _PLAIN:
        return value
    if hasattr(value, "columns") and hasattr(value, "shape"):
        frame = value.values.tolist() if hasattr(value, "values") else value.rows()
        return [[str(name) for name in value.columns], *(plain(list(row)) for row in frame)]
    for name in ("tolist", "to_list"):
        if hasattr(value, name):
            items = getattr(value, name)()
            return plain(items) if isinstance(items, (list, tuple)) else _missing_as_none(items)
    return _missing_as_none(value)


@cache
def choice_words(choices: str) -> dict[str, str]:
    """Every accepted word of a set, case-folded, with the value it stands for."""
    found: dict[str, str] = {}
    for row in data_rows("options.csv"):
        if row["set"] == choices:
            words = (
                row["value"],
                row["number"],
                *row["words_en"].split("|"),
                *row["words_zh"].split("|"),
            )
            found.update({word.strip().casefold(): row["value"] for word in words if word.strip()})
    return found


@cache
def choice_values(choices: str) -> tuple[str, ...]:
    """Values of a set in `options.csv`, in the order of their numbers.

    >>> choice_values("day_on_edge")
    ('younger', 'older')
    """
    return tuple(row["value"] for row in data_rows("options.csv") if row["set"] == choices)


_ROWS = {list, tuple}
_PLAIN = {type(None), str, int, float, bool, date, datetime, Decimal}
_WRITE = "Write it as 2026-10-31, or use a date cell."


def _is_row(value: object) -> bool:
    return isinstance(value, (list, tuple))


def _missing_as_none(value: Any) -> Any:
    # pandas' NA refuses to be compared and NaT is a date that equals nothing; both are blanks
    return None if type(value).__name__ in {"NAType", "NaTType"} else value


def _shown(value: object) -> str:
    text = f"'{value}'" if isinstance(value, str) else to_text(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _day_of_text(text: str) -> date:
    body = text.strip()
    found = next((match for pattern in _DAY_TEXTS if (match := pattern.fullmatch(body))), None)
    if found:
        year, month, day = found.groups()
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            raise BadValueError(f"'{text}' is not a day of the calendar. {_WRITE}") from None
    if _PLAIN_NUMBER.fullmatch(body):
        return _day_of_serial(float(body))
    if _DAY_FIRST.fullmatch(body):
        raise BadValueError(
            f"'{text}' does not say which part is the day and which the month. {_WRITE}"
        )
    raise BadValueError(f"{_shown(text)} is not a date. {_WRITE}")


def _day_of_serial(serial: float | Decimal) -> date:
    # 20260930 typed as a number: eight digits are far beyond every serial, so this is no guess
    if 19_000_101 <= serial <= 99_991_231:
        return _day_of_text(str(int(serial)))
    try:
        return from_serial(float(serial))
    except (OverflowError, ValueError):
        raise DomainError(f"{_shown(serial)} is not a date serial. {_WRITE}") from None


def _number_of_text(text: str) -> Decimal:
    body = text.strip()
    share = body.endswith("%")
    body = body.removesuffix("%").strip()
    if not _PLAIN_NUMBER.fullmatch(body):
        raise BadValueError(
            f"{_shown(text)} is text, not a number. Write it without grouping, as 1234.56."
        )
    try:
        number = Decimal(body)
    except InvalidOperation:
        raise BadValueError(f"{_shown(text)} is not a number.") from None
    if abs(number) >= _LARGEST:
        raise DomainError(f"{_shown(text)} is too large.")
    return number / 100 if share else number
