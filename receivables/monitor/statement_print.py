"""Print a statement of account as text or as a page of HTML, in English or Chinese."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from jinja2 import FunctionLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from receivables import money
from receivables.errors import BadValueError
from receivables.monitor.statement_shape import Account, Line, OpenLine, Statement
from receivables.resources import asset_path, data_rows

FORMATS = ("text", "html")
_TEMPLATES = {"text": "statement.txt.j2", "html": "statement.html.j2"}
_LABELS = (
    (re.compile(r"Current"), "bucket_current"),
    (re.compile(r"No due date"), "bucket_none"),
    (re.compile(r"(?P<first>\d+)-(?P<last>\d+) d"), "bucket_span"),
    (re.compile(r"(?P<first>\d+) d"), "bucket_day"),
    (re.compile(r"(?P<first>\d+)\+ d"), "bucket_above"),
    (re.compile(r"Due in (?P<first>\d+)-(?P<last>\d+) d"), "bucket_ahead_span"),
    (re.compile(r"Due in (?P<first>\d+)\+ d"), "bucket_ahead_above"),
)

LINE_HEADINGS = (
    "date",
    "kind",
    "document_no",
    "reference",
    "due_on",
    "debit",
    "credit",
    "balance",
)
ITEM_HEADINGS = ("document_no", "kind", "issued_on", "due_on", "days_past_due", "amount", "open")
SUMS = ("opening", "charges", "settlements", "closing", "overdue")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends the statement: printed on top and at the foot, nothing where empty."""

    name: str = ""
    address: tuple[str, ...] = ()
    contact: tuple[str, ...] = ()
    bank: tuple[str, ...] = ()


def render(statement: Statement, form: str = "text", sender: Sender | None = None) -> str:
    """The statement as text (fixed width) or HTML (one A4 page and more, no outside files).

    Wording comes from `data/statement.csv`, layout from `templates/statement.*`. Amounts are
    printed with thousands separators and the currency's own decimals, dates as 2026-10-31.

    Raises:
        BadValueError: a form other than text or html.
    """
    if form not in _TEMPLATES:
        raise BadValueError(
            f"A statement cannot be printed as '{form}': give one of {', '.join(FORMATS)}."
        )
    words = labels(statement.language)
    accounts = [_view(account, statement.language, words) for account in statement.accounts]
    template = _environment().get_template(_TEMPLATES[form])
    return template.render(
        statement=statement,
        about=[(words.get(name, ""), value) for name, value in statement.about.items()],
        accounts=accounts,
        sender=sender or Sender(),
        words=words,
        note=words["note"].format(as_of=statement.as_of),
        summary=_overview(accounts, words),
    )


@cache
def labels(language: str) -> dict[str, str]:
    """Wording of the statement and of the kinds of posting in a language.

    >>> labels("en")["title"], labels("zh")["title"], labels("zh")["invoice"]
    ('Statement of account', '对账单', '发票')
    """
    kinds = {
        row["choice"]: row[f"label_{language}"]
        for row in data_rows("choices.csv")
        if row["table"] in {"documents", "payments"} and row["column"] == "kind"
    }
    return kinds | {row["key"]: row[language] for row in data_rows("statement.csv")}


def bucket_label(label: str, language: str) -> str:
    """A bucket's label in a language; labels of year presets stay as they are.

    >>> bucket_label("31-60 d", "zh"), bucket_label("91+ d", "zh"), bucket_label("1-2年", "zh")
    ('逾期31-60天', '逾期91天及以上', '1-2年')
    """
    for pattern, key in _LABELS:
        found = pattern.fullmatch(label)
        if found:
            return labels(language)[key].format(**found.groupdict())
    return label


def amount(minor: int, currency: str) -> str:
    """Amount with thousands separators and the currency's own decimals.

    >>> amount(-123456789, "EUR"), amount(123456789, "JPY")
    ('-1,234,567.89', '123,456,789')
    """
    return format(money.to_decimal(minor, currency), ",f")


@cache
def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        loader=FunctionLoader(
            lambda name: asset_path("templates", name).read_text(encoding="utf-8")
        ),
        undefined=StrictUndefined,
        autoescape=lambda name: bool(name) and str(name).endswith(".html.j2"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["grid"] = grid
    return environment


def _view(account: Account, language: str, words: dict[str, str]) -> dict[str, Any]:
    """Everything of an account as text: templates hold no arithmetic."""
    code = account.currency
    aged = [
        (bucket_label(label, language), amount(minor, code))
        for label, minor in account.aged.items()
    ]
    return {
        "company": account.company,
        "currency": words["no_currency"] if code == money.NO_CURRENCY else code,
        **{name: amount(getattr(account, name), code) for name in SUMS},
        "is_overdue": account.overdue > 0,
        "line_headings": [words[key] for key in LINE_HEADINGS],
        "lines": [_line_cells(line, code, words) for line in account.lines],
        "item_headings": [words[key] for key in ITEM_HEADINGS],
        "items": [_item_cells(item, code, words) for item in account.open_items],
        "aged": [
            *aged,
            (words["unapplied"], amount(account.unapplied, code)),
            (words["total"], amount(account.closing, code)),
        ],
    }


def _line_cells(line: Line, currency: str, words: dict[str, str]) -> tuple[str, ...]:
    return (
        line.on.isoformat(),
        words.get(line.kind, line.kind),
        _numbered(line.document_no, line.instalment),
        line.reference,
        _day(line.due_on),
        amount(line.amount, currency) if line.amount >= 0 else "",
        amount(-line.amount, currency) if line.amount < 0 else "",
        amount(line.balance, currency),
    )


def _item_cells(item: OpenLine, currency: str, words: dict[str, str]) -> tuple[str, ...]:
    late = item.days_past_due or 0
    return (
        _numbered(item.document_no, item.instalment),
        words.get(item.kind, item.kind),
        _day(item.issued_on),
        _day(item.due_on),
        str(late) if late > 0 else "",
        amount(item.amount, currency),
        amount(item.open, currency),
    )


def _numbered(number: str, part: str) -> str:
    return f"{number}/{part}" if part else number


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _overview(accounts: Sequence[dict[str, Any]], words: dict[str, str]) -> dict[str, Any]:
    """The box on top: one row per account."""
    companies = any(account["company"] for account in accounts)
    lead = ("company", "currency") if companies else ("currency",)
    return {
        "headings": [words[key] for key in (*lead, *SUMS)],
        "texts": len(lead),
        "rows": [[account[key] for key in (*lead, *SUMS)] for account in accounts],
    }


def width(text: str) -> int:
    """Columns a text takes on a terminal: Chinese signs take two.

    >>> width("abc"), width("余额")
    (3, 4)
    """
    return sum(
        0
        if unicodedata.combining(sign)
        else 2
        if unicodedata.east_asian_width(sign) in "WF"
        else 1
        for sign in text
    )


def grid(rows: Sequence[Sequence[str]], texts: int, headings: Sequence[str] = ()) -> str:
    """Rows as aligned text: the first `texts` columns to the left, the others to the right.

    >>> print(grid([("A", "1.00"), ("BB", "10.00")], 1))
    A    1.00
    BB  10.00
    """
    table = [headings, *rows] if headings else list(rows)
    if not table:
        return ""
    sizes = [max(width(row[column]) for row in table) for column in range(len(table[0]))]

    def row_text(row: Sequence[str]) -> str:
        cells = []
        for column, (text, size) in enumerate(zip(row, sizes, strict=True)):
            blank = " " * (size - width(text))
            cells.append(text + blank if column < texts else blank + text)
        return "  ".join(cells).rstrip()

    shown = [row_text(row) for row in table]
    if headings:
        shown.insert(1, "-" * (sum(sizes) + 2 * (len(sizes) - 1)))
    return "\n".join(shown)
