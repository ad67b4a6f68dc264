"""The sandbox in which wording runs: it prints declared values, loops little, reaches nothing."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, cast

from jinja2 import BaseLoader, Environment, StrictUndefined, Template, TemplateNotFound, nodes
from jinja2.exceptions import SecurityError, TemplateError, TemplateSyntaxError
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, TemplateReference
from jinja2.sandbox import SandboxedEnvironment
from jinja2.visitor import NodeTransformer

from receivables.errors import ReceivablesError
from receivables.resources import asset_path

STEPS = 50_000
"""Turns of loops and calls that one letter may take; a letter of 2,000 lines takes 2,000."""

OUTPUT = 4_000_000
"""Characters that one letter may print."""

TEXT = 200_000
"""Characters that one value inside a template may grow to."""

FILTERS = (
    "capitalize", "count", "d", "default", "e", "escape", "first", "join", "last", "length",
    "lower", "title", "trim", "upper",
)  # fmt: skip
"""Filters a template may use: none that pads, repeats or reaches attributes."""

_ARITHMETIC = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow)


class TemplateFaultError(ReceivablesError):
    """A template that cannot be used. The message names file, line and what is wrong there."""


class Templates(BaseLoader):
    """Templates by name: a folder of the caller's, then the user's, then ours."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        """File of a template; names that leave the folder do not exist."""
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
            raise TemplateNotFound(name)
        own = self.folder / name if self.folder else None
        if own is not None and own.is_file():
            return own
        try:
            return asset_path("templates", f"letters/{name}")
        except FileNotFoundError:
            raise TemplateNotFound(name) from None

    def get_source(
        self,
        environment: Environment,  # noqa: ARG002 - asked for by Jinja
        template: str,
    ) -> tuple[str, str, Callable[[], bool]]:
        """Text and file of a template, for Jinja."""
        path = self.path(template)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as fault:
            raise TemplateFaultError(f"{path}: not UTF-8 text. Save it as UTF-8.") from fault
        return text, str(path), lambda: True


class Sandbox(SandboxedEnvironment):
    """Jinja's sandbox with StrictUndefined and a budget of loop turns, calls and characters."""

    def __init__(self, templates: Templates, *, html: bool = False, trim: bool = True) -> None:
        super().__init__(
            loader=templates,
            undefined=StrictUndefined,
            autoescape=html,
            trim_blocks=trim,
            lstrip_blocks=trim,
            finalize=self._printed,
            cache_size=1000,
            auto_reload=False,
        )
        self.filters = {name: self.filters[name] for name in FILTERS}
        self.filters |= {"join": self._joined, "_counted": self._counted, "_limited": _limited}
        self.tests = {n: self.tests[n] for n in ("defined", "undefined", "none", "eq", "ne", "in")}
        self.globals.clear()
        self.fixed: dict[str, Callable[[str], str]] = {}
        self.refill()

    def refill(self) -> None:
        """A full budget, before each letter."""
        self.steps, self.output = STEPS, OUTPUT

    def offer(self, **functions: Callable[[str], str]) -> None:
        """Functions of one fixed text: they run when a template is read, not for each letter."""
        self.fixed.update(functions)

    def is_safe_callable(self, obj: Any) -> bool:
        """Macros and blocks of templates; no method of any value."""
        return isinstance(obj, Macro | BlockReference)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Declared values are dicts: their keys, and the loop's own counters, nothing else."""
        if isinstance(obj, dict):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        if isinstance(obj, LoopContext | TemplateReference) and not attribute.startswith("_"):
            return getattr(obj, attribute)
        if isinstance(obj, StrictUndefined):
            return super().getattr(obj, attribute)
        raise SecurityError(f"'.{attribute}' is not offered to templates")

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Keys of declared values and places in lists."""
        if isinstance(obj, dict | list | tuple):
            try:
                return obj[argument]
            except (LookupError, TypeError):
                return self.undefined(obj=obj, name=argument)
        if isinstance(obj, TemplateReference):
            return obj[argument]
        raise SecurityError(f"[{argument!r}] is not offered to templates")

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Each call costs a step."""
        self._step()
        return _limited(super().call(context, obj, *args, **kwargs))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        _refuse(tree, name, filename)
        tree = cast("nodes.Template", _Folded(self.fixed, name, filename).visit(tree))
        for loop in list(tree.find_all(nodes.For)):
            loop.iter = _filtered(loop.iter, "_counted")
            if loop.recursive:
                raise TemplateSyntaxError("recursive loops are off", loop.lineno, name, filename)
        _limit_joins(tree)
        return tree

    def _step(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise SecurityError(f"more than {STEPS} loop turns and calls in one letter")

    def _counted(self, values: Iterable[Any]) -> Iterator[Any]:
        for value in values:
            self._step()
            yield value

    def _printed(self, value: Any) -> Any:
        self.output -= len(value) if isinstance(value, str) else 20
        if self.output < 0:
            raise SecurityError(f"more than {OUTPUT} characters in one letter")
        return value

    def _joined(self, values: Iterable[Any], between: str = "") -> str:
        return str(_limited(between.join(str(value) for value in self._counted(values))))


class _Folded(NodeTransformer):
    """`table("items")` becomes its mark while the template is read."""

    def __init__(
        self, fixed: dict[str, Callable[[str], str]], name: str | None, file: str | None
    ) -> None:
        self.fixed, self.name, self.file = fixed, name, file

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802
        """A call of an offered function with one fixed text."""
        self.generic_visit(node)
        called = node.node
        if not isinstance(called, nodes.Name) or called.name not in self.fixed:
            return node
        if len(node.args) != 1 or not isinstance(node.args[0], nodes.Const) or node.kwargs:
            why = f'{called.name}() takes one name in quotation marks, {called.name}("…")'
            raise TemplateSyntaxError(why, node.lineno, self.name, self.file)
        try:
            made = self.fixed[called.name](str(node.args[0].value))
        except ReceivablesError as error:
            raise TemplateSyntaxError(str(error), node.lineno, self.name, self.file) from error
        return nodes.Const(made).set_lineno(node.lineno)


def _limited(value: Any) -> Any:
    if isinstance(value, str) and len(value) > TEXT:
        raise SecurityError(f"a value of more than {TEXT} characters")
    return value


def _filtered(node: Any, name: str) -> Any:
    return nodes.Filter(node, name, [], [], None, None).set_lineno(node.lineno)


def _limit_joins(tree: nodes.Template) -> None:
    """`{% set a = a ~ a %}` forty times over would fill the memory: each value is measured."""
    for node in list(tree.find_all(nodes.Assign)):
        node.node = _filtered(node.node, "_limited")
    for block in list(tree.find_all(nodes.AssignBlock)):
        limited: Any = nodes.Filter(block.filter, "_limited", [], [], None, None)
        block.filter = limited.set_lineno(block.lineno)


def _refuse(tree: nodes.Template, name: str | None, filename: str | None) -> None:
    for node in tree.find_all(_ARITHMETIC):
        raise TemplateSyntaxError(
            "templates do not calculate: print a declared value", node.lineno, name, filename
        )


def fault(error: Exception, template: str = "") -> TemplateFaultError:
    """The user's sentence for whatever went wrong in a template: file, line, cause, cure."""
    if isinstance(error, TemplateFaultError):
        return error
    if isinstance(error, TemplateNotFound):
        return TemplateFaultError(
            f"Template {error.name} is missing. Put it back, or remove your own templates folder."
        )
    if isinstance(error, TemplateSyntaxError):
        where, line = error.filename or error.name or template, error.lineno
    else:
        where, line = _place(error, template)
    cause = error.message if isinstance(error, TemplateError) and error.message else str(error)
    if isinstance(error, RecursionError):
        cause = "it calls itself without end"
    return TemplateFaultError(
        f"{where}, line {line}: {cause.rstrip('.')}. Correct the template; variables stand in "
        "docs/letters.md."
    )


def _place(error: Exception, template: str) -> tuple[str, int]:
    """The last line of a template in the traceback: Jinja maps compiled lines back."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.endswith((".j2", ".docx")) or frame.filename == "<template>"
    ]
    return (frames[-1].filename, frames[-1].lineno or 0) if frames else (template, 0)


def loaded(sandbox: Sandbox, name: str) -> Template:
    """A compiled template, or the sentence why not."""
    try:
        return sandbox.get_template(name)
    except (TemplateError, ReceivablesError) as error:
        raise fault(error, name) from error
