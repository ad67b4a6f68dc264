"""What people see: amounts with grouping, aligned tables, the tie-out in one line."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

Progress = Callable[[str, int, int], None]
LIGHTS = {
    "green": "ties to the control account",
    "amber": "adds up (no control balance given)",
    "red": "DOES NOT TIE",
}
PIPE_WIDTH = 120
"""Columns for running text where there is no terminal to ask: in a file or a pipe."""
UNBOUNDED = 10_000
"""Tables of amounts are as wide as their amounts: a shortened figure is a wrong figure."""
NAME_WIDTH = 32


def amount(text: str | None) -> str:
    """A decimal text with grouping.

    >>> amount("-1234567.50"), amount(None)
    ('-1,234,567.50', '')
    """
    return "" if text is None else f"{Decimal(text):,}"


def print_table(
    title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], money: int
) -> None:
    """A table whose columns from `money` on are amounts, aligned to the right and never cut."""
    table = _table(title)
    for number, heading in enumerate(headings):
        if number < money:
            table.add_column(heading, no_wrap=True, overflow="ellipsis", max_width=NAME_WIDTH)
        else:
            table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*map(escape, row))
    Console(highlight=False, width=UNBOUNDED).print(table)


def print_texts(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table of running text, wrapped to the terminal."""
    table = _table(title)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH).print(table)


def _table(title: str) -> Table:
    return Table(
        title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False
    )


def tie_out_line(tie_out: Mapping[str, Any]) -> str:
    """The tie-out of one currency in one sentence.

    >>> print(tie_out_line({"currency": "EUR", "read": "9.00", "used": "8.00", "after_as_of": "1.00",
    ...     "set_aside": "0.00", "unreadable": 0, "open": "5.00", "settled": "3.00", "light": "amber"}))
    EUR adds up (no control balance given): read 9.00 = used 8.00 + later 1.00 + set aside 0.00; used = open 5.00 + settled 3.00.
    """
    parts = ("read", "used", "after_as_of", "set_aside", "open", "settled")
    sums = {name: amount(tie_out[name]) for name in parts}
    line = (
        f"{tie_out['currency'] or 'No currency:'} {LIGHTS[tie_out['light']]}: read {sums['read']} = used {sums['used']}"
        f" + later {sums['after_as_of']} + set aside {sums['set_aside']};"
        f" used = open {sums['open']} + settled {sums['settled']}."
    )
    if tie_out.get("unreadable"):
        line += f" Without a readable amount: {counted(tie_out['unreadable'], 'row')}."
    if tie_out.get("control_account") is not None:
        control, difference = amount(tie_out["control_account"]), amount(tie_out["difference"])
        line += f" Control account {control}, difference {difference}."
    return line


def issues_line(count: int, ledger: str, as_of: str, map_file: object = None) -> str:
    """How many issues there are, and the command that lists them.

    >>> issues_line(0, "ledger.xlsx", "2026-10-31")
    'No issues.'
    >>> issues_line(2, "my ledger.xlsx", "2026-10-31", "sap.toml")
    "2 issues. To see them: receivables check 'my ledger.xlsx' --as-of 2026-10-31 --map sap.toml"
    """
    if not count:
        return "No issues."
    words = ["receivables", "check", ledger, "--as-of", as_of]
    command = shlex.join([*words, "--map", str(map_file)] if map_file else words)
    return f"{counted(count, 'issue')}. To see them: {command}"


def counted(count: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def more_line(count: int, shown: int) -> str:
    r"""What a table on the terminal leaves out.

    >>> more_line(5, 50), more_line(1250, 50)
    ('', '1,200 more rows: --json prints them all.\n')
    """
    return f"{count - shown:,} more rows: --json prints them all.\n" if count > shown else ""


def tie_rows(blocks: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """The tie-out of each book as headings and rows of a table."""
    amounts = (
        "read", "after_as_of", "set_aside", "settled", "open", "control_account", "difference",
    )  # fmt: skip
    rows = []
    for block in blocks:
        book = " ".join(filter(None, (block[name] for name in ("company", "account", "currency"))))
        rows.append([book, block["light"], *(amount(block[name]) for name in amounts)])
    titles = ("read", "later", "set aside", "settled", "open", "control", "difference")
    return ["book", "light", *titles], rows


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
