"""Letters a second: Word, e-mail, PDF and print batch, beside docxtpl and WeasyPrint, to files."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.measure import race, race_processes
from receivables.respond.letters.docx import Letterhead
from receivables.respond.letters.environment import Templates
from receivables.respond.letters.html import Pages
from receivables.respond.letters.letter import Letter
from receivables.respond.letters.print_batch import print_batch
from receivables.respond.letters.render import render_many, write
from receivables.respond.letters.sample import long_sample
from receivables.respond.letters.wording import Composer

ITEMS = 10
DOCXTPL = "docxtpl, its template for each letter"
SEVERAL = ("Word, two processes", "e-mail, two processes")
SLOW = {DOCXTPL: 20, "WeasyPrint, a page for each letter": 50}
"""How many times fewer letters the slow ones make: their rate does not depend on the number."""


def letters(count: int) -> Iterator[Letter]:
    """One-page letters of ten items with bank details, each of its own customer and amounts."""
    first = replace(long_sample("en", ITEMS), disputed=(), not_due=(), credits=())
    for number in range(count):
        items = tuple(replace(one, open=one.open + number) for one in first.items)
        customer = replace(first.customer, customer_id=f"{number:05d}", name=f"Customer {number}")
        yield replace(first, letter_id=f"L-{number:06d}", items=items, customer=customer)


def run(count: int, runs: int) -> None:
    """Print the memory of long runs, then letters a second."""
    memory(count * 10)  # first: a child's peak is never below its parent's size
    with tempfile.TemporaryDirectory() as folder:
        tasks = contenders(count, Path(folder))
        timings = race(tasks, runs)
    print(f"\n### {count:,} one-page letters of {ITEMS} items, written to files\n")
    print("| | letters/s, median | fastest | of one processor | times docxtpl | runs |")
    print("|---|--:|--:|--:|--:|--:|")
    rates = {one.name: count // SLOW.get(one.name, 1) / one.processor for one in timings}
    for timing in timings:
        made = count // SLOW.get(timing.name, 1)
        alone = timing.name in SEVERAL  # The work of other processes is not in our own time.
        own = "–" if alone else f"{rates[timing.name]:,.0f}"
        times = "–" if alone else f"{rates[timing.name] / rates[DOCXTPL]:,.1f}"
        print(
            f"| {timing.name} | {made / timing.median:,.0f} | {made / timing.fastest:,.0f} | "
            f"{own} | {times} | {timing.runs} |"
        )


def contenders(count: int, folder: Path) -> dict[str, Callable[[], int]]:
    """Each writes its letters and returns how many."""
    many = list(letters(count))

    def ours(form: str, workers: int = 0) -> int:
        return sum(len(one.files) for one in render_many(many, [form], folder, workers=workers))

    tasks = {
        "Word": lambda: ours("docx", 1),
        "e-mail": lambda: ours("eml", 1),
        SEVERAL[0]: lambda: ours("docx", 2),
        SEVERAL[1]: lambda: ours("eml", 2),
        "PDF one by one": lambda: ours("pdf"),
        "PDF one by one, one thread": lambda: ours("pdf", 1),
        "PDF print batch": lambda: sum(len(one.letter_ids) for one in print_batch(many, folder)),
        DOCXTPL: lambda: _docxtpl(many[: count // 20], folder),
    }
    if importlib.util.find_spec("weasyprint"):
        tasks["WeasyPrint, a page for each letter"] = lambda: _weasyprint(
            many[: count // 50], folder
        )
    return tasks


def _docxtpl(many: list[Letter], folder: Path) -> int:
    """The same letterhead through docxtpl, as its manual shows."""
    composer, head = Composer(), Letterhead(Templates())
    head.slow = True
    for letter in many:
        write(folder, f"{letter.letter_id}.docx", head.fill(composer.compose(letter)))
    return len(many)


def _weasyprint(many: list[Letter], folder: Path) -> int:
    """The same page through WeasyPrint."""
    from weasyprint import HTML  # type: ignore[import-not-found]

    composer, pages = Composer(), Pages(Templates())
    for letter in many:
        page = pages.page(composer.compose(letter))
        HTML(string=page).write_pdf(folder / f"{letter.letter_id}.pdf")
    return len(many)


def memory(count: int) -> None:
    """Peak memory of long runs, each in a process of its own."""
    commands = {
        f"{form}, {number:,} letters": [
            sys.executable, "-m", "benchmarks.letters", form, str(number),
        ]
        for form in ("docx", "eml", "pdf", "print")
        for number in (count // 10, count)
    }  # fmt: skip
    print("\n| a run of its own | seconds | peak MB |\n|---|--:|--:|")
    for timing in race_processes(commands, 1):
        print(f"| {timing.name} | {timing.median:,.1f} | {timing.megabytes or 0:,.0f} |")


def child(form: str, count: int) -> None:
    """One long run, for its memory."""
    with tempfile.TemporaryDirectory() as folder:
        if form == "print":
            for _ in print_batch(letters(count), Path(folder)):
                pass
            return
        for one in render_many(letters(count), [form], Path(folder)):
            assert not one.refusals
            for path in one.files:
                path.unlink()


if __name__ == "__main__":
    child(sys.argv[1], int(sys.argv[2]))
