"""Tries every template before a run: a broken one is named with file and line, and nothing is made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from jinja2 import nodes
from jinja2.exceptions import TemplateError

from receivables.errors import ReceivablesError
from receivables.respond.letters.docx import Letterhead
from receivables.respond.letters.environment import TemplateFaultError, fault
from receivables.respond.letters.html import Pages
from receivables.respond.letters.letter import LANGUAGES
from receivables.respond.letters.pdf import Printer
from receivables.respond.letters.sample import samples
from receivables.respond.letters.variables import declared
from receivables.respond.letters.wording import Composed, Composer

PRIVATE = ("total", "fact.missed_amount", "fact.amount", "has")
"""What a subject may not print: subjects are read on locked screens and by mail servers."""

_LOCAL = ("words", "loop", "self", "caller", "super")


def check_templates(
    folder: Path | None = None,
    languages: Iterable[str] = LANGUAGES,
    forms: Iterable[str] = ("eml", "docx", "pdf"),
) -> list[str]:
    """Every fault of the templates in use; nothing if all can be used.

    Each wording is read, its variables are compared with `templates/variables.toml` (also in
    branches that no letter takes today), and a sample letter of every stage and kind is made in
    every form asked for.

    Args:
        folder: own templates that stand before the user's and ours.
        languages: languages of the letters to come.
        forms: of eml, docx, pdf.
    """
    composer = Composer(folder)
    trees = _Trees(composer)
    faults: list[str] = []
    made: list[Composed] = []
    for language in languages:
        for letter in samples(language):
            name = f"{language}/{letter.wording}.j2"
            faults += _variables(trees, name, letter.kind)
            try:
                made.append(composer.compose(letter))
            except ReceivablesError as error:
                faults.append(str(error))
    for form in forms:
        faults += _layout(form, composer, made)
    return list(dict.fromkeys(faults))


def _layout(form: str, composer: Composer, made: list[Composed]) -> Iterator[str]:
    """Layout of a form, tried with one letter of each language."""
    firsts = {composed.letter.language: composed for composed in made}
    try:
        for composed in firsts.values():
            if form == "docx":
                Letterhead(composer.templates).fill(composed)
            elif form == "pdf":
                Printer(composer.templates).one(composed)
            else:
                Pages(composer.templates).page(composed)
    except ReceivablesError as error:
        yield str(error)


def _variables(trees: _Trees, name: str, kind: str) -> Iterator[str]:
    """Names that a wording and the templates it builds on print and nobody declared."""
    known = names_for(kind)
    chain = trees.chain(name)
    for part in chain:
        if part in trees.faults:
            yield trees.faults[part]
        elif part not in trees.done:
            yield from _undeclared(trees.read[part], known, trees.path(part))
            yield from _in_subject(trees.read[part], trees.path(part))
            trees.done.add(part)
    offered = {
        block.name
        for part in chain[1:]
        if part in trees.read
        for block in trees.read[part].find_all(nodes.Block)
    }
    if not offered or name not in trees.read:
        return
    for block in trees.read[name].find_all(nodes.Block):
        if block.name not in offered:
            yield (
                f"{trees.path(name)}, line {block.lineno}: no block '{block.name}' in the template "
                f"it extends. Use one of {', '.join(sorted(offered))}."
            )


class _Trees:
    """Templates as syntax trees, each read once: a base is extended by a dozen letters."""

    def __init__(self, composer: Composer) -> None:
        self.composer = composer
        self.read: dict[str, nodes.Template] = {}
        self.faults: dict[str, str] = {}
        self.done: set[str] = set()

    def path(self, name: str) -> Path:
        """File of a template."""
        return self.composer.templates.path(name)

    def chain(self, name: str) -> list[str]:
        """The template and those it extends, from the child up."""
        found: list[str] = []
        while name and name not in found:
            found.append(name)
            self._read(name)
            parent = self.read[name].find(nodes.Extends) if name in self.read else None
            above = parent.template if parent is not None else None
            name = str(above.value) if isinstance(above, nodes.Const) else ""
        return found

    def _read(self, name: str) -> None:
        if name in self.read or name in self.faults:
            return
        try:
            path = self.path(name)
            text = path.read_text(encoding="utf-8-sig")
            self.read[name] = self.composer.sandbox.parse(text, name, str(path))
        except (TemplateError, OSError, UnicodeDecodeError) as error:
            self.faults[name] = str(fault(error, name))


def names_for(kind: str) -> set[str]:
    """Every declared name that a kind of letter may print."""
    table = declared()
    return {*table["variable"], *(f"fact.{name}" for name in table["fact"].get(kind, {}))}


def _undeclared(tree: nodes.Template, known: set[str], path: Path) -> Iterator[str]:
    local = {
        name.name
        for node in tree.find_all((nodes.For, nodes.Assign, nodes.Macro))
        for name in node.find_all(nodes.Name)
        if name.ctx in {"store", "param"}
    }
    for line, dotted in printed(tree):
        root = dotted.split(".")[0]
        if root in local or root in _LOCAL or dotted in known:
            continue
        yield (
            f"{path}, line {line}: '{dotted}' is not a variable of this letter. "
            "The variables stand in docs/letters.md."
        )


def _in_subject(tree: nodes.Template, path: Path) -> Iterator[str]:
    for block in tree.find_all(nodes.Block):
        if block.name != "subject":
            continue
        for line, dotted in printed(block):
            if dotted.startswith(PRIVATE):
                yield (
                    f"{path}, line {line}: '{dotted}' stands in the subject. Subjects are seen by "
                    "others: leave amounts to the letter."
                )


def printed(tree: nodes.Node) -> Iterator[tuple[int, str]]:
    """Names that a template reads, dotted as they stand there, with their lines."""
    inner: set[int] = set()
    for node in tree.find_all(nodes.Getattr):
        inner.add(id(node.node))
        if isinstance(node.node, nodes.Name):
            yield node.lineno, f"{node.node.name}.{node.attr}"
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and id(name) not in inner:
            yield name.lineno, name.name


def require_templates(
    folder: Path | None = None, languages: Iterable[str] = LANGUAGES, forms: Iterable[str] = ()
) -> None:
    """Stops a run whose templates cannot be used.

    Raises:
        TemplateFaultError: with every fault, one a line.
    """
    faults = check_templates(folder, languages, forms or ("eml", "docx", "pdf"))
    if faults:
        raise TemplateFaultError("\n".join(faults))
