"""Renders letters into a folder: each file whole or not at all, each refusal with its reason."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

from receivables.errors import BadValueError, ReceivablesError
from receivables.respond.letters.docx import Letterhead
from receivables.respond.letters.eml import Attachment, message
from receivables.respond.letters.environment import TemplateFaultError, Templates
from receivables.respond.letters.html import Pages
from receivables.respond.letters.letter import LANGUAGES, Letter
from receivables.respond.letters.notices import needs_enclosure
from receivables.respond.letters.pdf import Printer
from receivables.respond.letters.plain import clean, file_stem
from receivables.respond.letters.tables import account_of
from receivables.respond.letters.text import as_text
from receivables.respond.letters.variables import missing_facts
from receivables.respond.letters.wording import Composed, Composer
from receivables.respond.letters.workers import Worker, in_processes

FORMS = ("eml", "docx", "pdf", "html", "txt")
"""Forms of a single letter. `html` is what the gallery shows."""

NO_PAYMENT = ("terms_change", "limit_reduction", "dispute_ack", "security_request",
              "balance_confirmation", "retention_notice")  # fmt: skip
"""Kinds that ask for no payment and so need no bank account."""

ATTACHABLE = 20_000_000
"""Bytes of enclosures in one e-mail; mailboxes refuse more."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A letter, or one form of it, that was not made."""

    letter_id: str
    customer_id: str
    form: str
    """eml, docx, pdf …, or empty where the letter cannot be made at all."""
    message: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """What became of one letter."""

    letter_id: str
    files: tuple[Path, ...]
    refusals: tuple[Refusal, ...]


def file_name(letter: Letter, form: str) -> str:
    """Name of a letter's file: its number, made safe for every system.

    >>> from receivables.respond.letters.sample import sample
    >>> file_name(sample("en", "dunning", "first"), "pdf")
    'NH-2026-003.pdf'
    """
    return f"{file_stem(letter.letter_id)}.{form}"


def refusals(letter: Letter) -> list[Refusal]:
    """Why a letter cannot be made at all; nothing where it can.

    A letter in the wrong language, without address, without account or without a fact that its
    kind needs is worse than none.
    """
    who = f"Letter {clean(letter.letter_id)} to customer {clean(letter.customer.customer_id)}"
    why = []
    if letter.language not in LANGUAGES:
        why.append(
            f"there are no letters in '{clean(letter.language)}'. Enter one of {', '.join(LANGUAGES)}."
        )
    if not clean(letter.customer.name) or not any(map(clean, letter.customer.address)):
        why.append("its name or address is missing. Complete the customer.")
    if not clean(letter.sender.name):
        why.append("the sender has no name. Complete the company.")
    if letter.kind not in NO_PAYMENT and account_of(letter) is None:
        why.append(
            f"the sender has no bank account in {letter.currency}. Add one to the bank accounts."
        )
    if letter.customer.legal_form == "consumer":
        why.append("there is no wording for consumers, whose rights differ. Write by hand.")
    gone = missing_facts(letter)
    if gone:
        why.append(f"{', '.join(gone)} missing for a letter of kind {letter.kind}. Enter them.")
    if needs_enclosure(letter) and not letter.enclosures:
        why.append("its legal notice names enclosures and there are none. Add the papers.")
    why += _claim_faults(letter)
    return [
        Refusal(letter.letter_id, letter.customer.customer_id, "", f"{who}: {one}") for one in why
    ]


def _claim_faults(letter: Letter) -> list[str]:
    """A claim in insolvency: everything is due, and interest ends the day before."""
    opened = letter.facts.get("opened_on")
    if letter.kind != "proof_of_claim" or not isinstance(opened, date):
        return []
    why = []
    if letter.disputed or letter.not_due:
        why.append("a claim in insolvency lists every item as claimed. Put all into its items.")
    if letter.interest is not None and letter.interest.to_on >= opened:
        why.append(f"its interest runs past {opened}, the opening. End it the day before.")
    return why


class Renderer:
    """Makes letters in the forms asked for; every template is read once.

    Args:
        forms: of `FORMS`.
        templates: a folder whose templates stand before the user's and ours.
        attach_pdf: put the PDF of a letter into its e-mail, when both are made.

    Raises:
        BadValueError: an unknown form.
        TemplateFaultError: a layout that cannot be used; nothing has been made then.
    """

    def __init__(
        self, forms: Sequence[str], templates: Path | None = None, *, attach_pdf: bool = True
    ) -> None:
        unknown = [form for form in forms if form not in FORMS]
        if unknown or not forms:
            raise BadValueError(
                f"A letter has no form '{', '.join(unknown)}': give some of {', '.join(FORMS)}."
            )
        self.forms = sorted(set(forms), key=("pdf", *FORMS).index)
        self.attach_pdf = attach_pdf
        self.composer = Composer(templates)
        self.templates = Templates(templates)

    @cached_property
    def letterhead(self) -> Letterhead:
        """The letterhead, read when the first Word file is made."""
        return Letterhead(self.templates)

    @cached_property
    def pages(self) -> Pages:
        """The layout of HTML pages."""
        return Pages(self.templates)

    @cached_property
    def printer(self) -> Printer:
        """The compiler of PDFs."""
        return Printer(self.templates)

    def compose(self, letter: Letter) -> Composed:
        """The letter in words."""
        return self.composer.compose(letter)

    def render(self, letter: Letter, folder: Path) -> Rendered:
        """Makes one letter in every form and puts the files into `folder`.

        Files are written beside their place and moved there at once, so that a run that is killed
        leaves no half letter. The same letter gives the same bytes.

        Raises:
            TemplateFaultError: a template that cannot be used: it concerns every letter.
        """
        faults = refusals(letter)
        if faults:
            return Rendered(letter.letter_id, (), tuple(faults))
        composed = self.composer.compose(letter)
        made: dict[str, bytes] = {}
        for form in self.forms:
            try:
                made[form] = self._made(form, composed, made)
            except TemplateFaultError:
                raise
            except (ReceivablesError, OSError) as error:
                customer = letter.customer.customer_id
                faults.append(Refusal(letter.letter_id, customer, form, str(error)))
        files = [write(folder, file_name(letter, form), data) for form, data in made.items()]
        return Rendered(letter.letter_id, tuple(files), tuple(faults))

    def _made(self, form: str, composed: Composed, made: dict[str, bytes]) -> bytes:
        if form == "docx":
            return self.letterhead.fill(composed)
        if form == "pdf":
            return self.printer.one(composed)
        if form == "txt":
            return as_text(composed).encode("utf-8")
        page = self.pages.page(composed)
        if form == "html":
            return page.encode("utf-8")
        letter = composed.letter
        attached = [Attachment(path.name, path.read_bytes()) for path in letter.enclosures]
        if self.attach_pdf and "pdf" in made:
            attached.insert(0, Attachment(file_name(letter, "pdf"), made["pdf"]))
        if sum(len(one.content) for one in attached) > ATTACHABLE:
            raise BadValueError(
                f"Letter {clean(letter.letter_id)}: its enclosures are larger than "
                f"{ATTACHABLE // 1_000_000} MB. Send them another way."
            )
        return message(composed, as_text(composed), page, tuple(attached))


def render_many(
    letters: Iterable[Letter],
    forms: Sequence[str],
    folder: Path,
    progress: Callable[[int], None] | None = None,
    templates: Path | None = None,
    workers: int = 0,
) -> Iterator[Rendered]:
    """Makes letters in their order; memory does not grow with their number.

    Args:
        letters: any number; only a few are held at a time.
        forms: of `FORMS`.
        folder: where the files go; made if missing.
        progress: called with the number of letters made so far.
        templates: a folder of own templates.
        workers: threads where PDFs are made (typst works outside Python's lock), else processes;
            0 = one for each processor, and no processes for fewer than `LARGE` letters.
    """
    folder.mkdir(parents=True, exist_ok=True)
    count = workers or min(MOST_WORKERS, os.cpu_count() or 1)
    if "pdf" in forms or count == 1:
        made = _in_threads(letters, forms, folder, templates, count)
    else:
        rest = iter(letters)
        first = list(islice(rest, 1 if workers else LARGE))
        if len(first) < LARGE and not workers:
            made = _in_threads(first, forms, folder, templates, 1)
        else:
            begin = partial(Worker, forms, templates, folder)
            made = in_processes(chain(first, rest), side_by_side, begin, count)
    for number, rendered in enumerate(made, 1):
        yield rendered
        if progress is not None:
            progress(number)


def _in_threads(
    letters: Iterable[Letter],
    forms: Sequence[str],
    folder: Path,
    templates: Path | None,
    count: int,
) -> Iterator[Rendered]:
    own = threading.local()

    def one(letter: Letter) -> Rendered:
        if not hasattr(own, "renderer"):
            own.renderer = Renderer(forms, templates)
        made: Rendered = own.renderer.render(letter, folder)
        return made

    return map(one, letters) if count == 1 else side_by_side(one, letters, count)


LARGE = 2_000
"""Letters from which processes of their own pay: each takes half a second to start."""

MOST_WORKERS = 4
"""More compilers than this wait for one another's disk."""

Task = TypeVar("Task")
Done = TypeVar("Done")

AHEAD = 4
"""Letters that each worker may be ahead of the reader."""


def side_by_side(
    work: Callable[[Task], Done], tasks: Iterable[Task], count: int, ahead: int = AHEAD
) -> Generator[Done, None, None]:
    """Results in the order of the tasks, a bounded number of them under way."""
    pool = ThreadPoolExecutor(count)
    waiting: deque[Future[Done]] = deque()
    try:
        for task in tasks:
            waiting.append(pool.submit(work, task))
            if len(waiting) >= count * ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def write(folder: Path, name: str, content: bytes) -> Path:
    """A file, whole or not at all: written beside its place, then moved there."""
    path = folder / name
    if path.parent != folder or name in {"", ".", ".."} or "\\" in name:
        raise BadValueError(
            f"'{name}' would leave the folder {folder}: give another letter number."
        )
    beside = folder / f".{name}.part"
    with beside.open("wb") as handle:
        handle.write(content)
    os.replace(beside, path)  # noqa: PTH105 - the atomic call by its name
    return path
