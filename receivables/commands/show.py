"""What people see: amounts with grouping, aligned tables, the tie-out in one line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table

Progress = Callable[[str, int, int], None]
LIGHTS = {
    "green": "ties to the control account",
    "amber": "adds up (no control balance given)",
    "red": "DOES NOT TIE",
}
WIDTH = 120
"""Columns of the output where there is no terminal to ask: in a file or a pipe."""


def console() -> Console:
    """Standard output, as wide as the terminal."""
    return Console(highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else WIDTH)


def amount(text: str | None) -> str:
    """A decimal text with grouping.

    >>> amount("-1234567.50"), amount(None)
    ('-1,234,567.50', '')
    """
    return "" if text is None else f"{Decimal(text):,}"


def print_table(
    title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], money: int
) -> None:
    """A table whose columns from `money` on are amounts, aligned to the right."""
    table = Table(title=title, title_justify="left")
    for number, heading in enumerate(headings):
        if number < money:
            table.add_column(heading, overflow="fold")
        else:
            table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*(cell.replace("[", r"\[") for cell in row))
    console().print(table)


def tie_out_line(tie_out: Mapping[str, Any]) -> str:
    """The tie-out of one currency in one sentence.

    >>> print(tie_out_line({"currency": "EUR", "read": "9.00", "used": "8.00", "after_as_of": "1.00",
    ...     "set_aside": "0.00", "unreadable": 0, "open": "5.00", "settled": "3.00", "light": "amber"}))
    EUR adds up (no control balance given): read 9.00 = used 8.00 + later 1.00 + set aside 0.00; used = open 5.00 + settled 3.00.
    """
    parts = ("read", "used", "after_as_of", "set_aside", "open", "settled")
    sums = {name: amount(tie_out[name]) for name in parts}
    line = (
        f"{tie_out['currency']} {LIGHTS[tie_out['light']]}: read {sums['read']} = used {sums['used']}"
        f" + later {sums['after_as_of']} + set aside {sums['set_aside']};"
        f" used = open {sums['open']} + settled {sums['settled']}."
    )
    if tie_out.get("unreadable"):
        line += f" {tie_out['unreadable']} rows have no readable amount."
    if tie_out.get("control_account") is not None:
        control, difference = amount(tie_out["control_account"]), amount(tie_out["difference"])
        line += f" Control account {control}, difference {difference}."
    return line


def issues_line(count: int, ledger: str) -> str:
    """How many issues there are, and how to see them.

    >>> issues_line(0, "ledger.xlsx"), issues_line(2, "ledger.xlsx")
    ('No issues.', '2 issues: receivables check ledger.xlsx lists them.')
    """
    if not count:
        return "No issues."
    return f"{count:,} issue{'s' if count > 1 else ''}: receivables check {ledger} lists them."


@contextmanager
def progress() -> Iterator[Progress]:
    """A bar on standard error for long work; nothing where that is not a terminal."""
    if not sys.stderr.isatty():
        yield lambda _what, _done, _total: None
        return
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(
            task, description=what, completed=done, total=total
        )
