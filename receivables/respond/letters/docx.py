"""A letter as a Word file: the letterhead is read once, then only its text is filled in."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Template
from jinja2.exceptions import TemplateError
from markupsafe import Markup

from receivables.errors import ReceivablesError
from receivables.respond.letters.environment import (
    Sandbox,
    TemplateFaultError,
    Templates,
    fault,
)
from receivables.respond.letters.word import USED, body
from receivables.respond.letters.wording import Composed

NAME = "letterhead.docx"

_FILLED = re.compile(r"word/(document|header\d*|footer\d*|footnotes)\.xml")
"""Parts that the fast way fills in."""

_SLOW = re.compile(r"\{%\s*(cellbg|colspan|hm|vm)\b|\{%tc\b|\{[{%]-?\s*r\s")
"""Tags of docxtpl that change tables or runs after filling in: those files take its own way."""

_LOOPED_PICTURE = re.compile(r"\{%\s*for\b(?:(?!endfor).)*<wp:docPr", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Packed:
    """One part of a zip, compressed: its local entry and its entry in the directory."""

    local: bytes
    name: bytes
    crc: int
    size: int
    packed: int


class Letterhead:
    """A letterhead ready to be filled in thousands of times."""

    def __init__(self, templates: Templates) -> None:
        self.path = templates.path(NAME)
        self.sandbox = Sandbox(templates, html=True, trim=False)
        parts = _parts(self.path)
        self.sources = {
            name: _patched(self.path, content)
            for name, content in parts.items()
            if _FILLED.fullmatch(name)
        }
        self.slow = _needs_docxtpl(parts, self.sources)
        self.filled = {name: self._compiled(name) for name in self.sources}
        fixed = [name for name in parts if name not in self.filled]
        fixed.sort(key=lambda name: name != "[Content_Types].xml")
        self.fixed = [_pack(name, parts[name]) for name in fixed]
        self._check(parts)

    def _compiled(self, name: str) -> Template:
        try:
            return self.sandbox.from_string(self.sources[name])
        except TemplateError as error:
            raise fault(error, f"{self.path}, {name}") from error

    def _check(self, parts: dict[str, bytes]) -> None:
        """The place of the letter and the styles that it is set in."""
        if not re.search(r"\{\{\s*letter_body\s*\}\}", self.sources.get("word/document.xml", "")):
            raise TemplateFaultError(
                f"{self.path}: no paragraph {{{{p letter_body }}}}. Put it where the letter stands."
            )
        styles = parts.get("word/styles.xml", b"").decode("utf-8", "replace")
        gone = [style for style in USED if f'w:styleId="{style}"' not in styles]
        if gone:
            raise TemplateFaultError(
                f"{self.path}: the styles {', '.join(gone)} are missing. Begin with a copy of our "
                "letterhead and change its styles instead of removing them."
            )

    def fill(self, composed: Composed) -> bytes:
        """The letter as a Word file.

        Raises:
            TemplateFaultError: a tag in the letterhead that cannot be filled in.
        """
        self.sandbox.refill()
        values = {
            **composed.view,
            "subject": composed.subject,
            "letter_body": Markup(body(composed)),  # noqa: S704 - escaped piece by piece in word.py
        }
        try:
            if self.slow:
                return self._by_docxtpl(values)
            parts = [
                _filled(name, template.render(values)) for name, template in self.filled.items()
            ]
        except (TemplateError, ReceivablesError, TypeError) as error:
            raise fault(error, str(self.path)) from error
        return _zipped([*self.fixed, *parts])

    def _by_docxtpl(self, values: dict[str, Any]) -> bytes:
        """The slow way of docxtpl, for tags that the fast way does not know."""
        from docxtpl import DocxTemplate

        document = DocxTemplate(self.path)
        document.render(values, jinja_env=self.sandbox, autoescape=True)
        stream = io.BytesIO()
        document.save(stream)
        return stream.getvalue()


def _parts(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as book:
            return {name: book.read(name) for name in book.namelist() if not name.endswith("/")}
    except (OSError, zipfile.BadZipFile, KeyError) as error:
        raise TemplateFaultError(
            f"{path}: not a Word file ({error}). Save the letterhead in Word as .docx."
        ) from error


def _patched(path: Path, content: bytes) -> str:
    """The part with docxtpl's tags as plain Jinja: Word splits a tag over several runs."""
    from docxtpl import DocxTemplate

    return str(DocxTemplate(path).patch_xml(content.decode("utf-8")))


def _needs_docxtpl(parts: dict[str, bytes], sources: dict[str, str]) -> bool:
    elsewhere = [content for name, content in parts.items() if name.startswith("docProps/")]
    if any(b"{{" in content or b"{%" in content for content in elsewhere):
        return True
    raw = [parts[name].decode("utf-8", "replace") for name in sources]
    return any(_SLOW.search(text) or _LOOPED_PICTURE.search(text) for text in raw)


def _pack(name: str, content: bytes, level: int = 6) -> _Packed:
    """A part, deflated, with the header in front of it."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    packed = packer.compress(content) + packer.flush()
    crc, label = zlib.crc32(content), name.encode()
    head = struct.pack(
        "<IHHHHHIIIHH", 0x04034B50, 20, 0x800, 8, 0, 0x21, crc, len(packed), len(content),
        len(label), 0,
    )  # fmt: skip
    return _Packed(head + label + packed, label, crc, len(content), len(packed))


def _filled(name: str, text: str) -> _Packed:
    """A header is the same in thousands of letters and is deflated once; the rest is in a hurry."""
    return _same(name, text) if "header" in name else _pack(name, text.encode("utf-8"), 2)


@lru_cache(maxsize=64)
def _same(name: str, text: str) -> _Packed:
    return _pack(name, text.encode("utf-8"))


def _zipped(parts: list[_Packed]) -> bytes:
    """The parts as one zip file; every entry bears 1 January 1980."""
    directory, offset = [], 0
    for part in parts:
        directory.append(
            struct.pack(
                "<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0x800, 8, 0, 0x21, part.crc, part.packed,
                part.size, len(part.name), 0, 0, 0, 0, 0, offset,
            ) + part.name
        )  # fmt: skip
        offset += len(part.local)
    index = b"".join(directory)
    count = len(parts)
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, len(index), offset, 0)
    return b"".join([part.local for part in parts]) + index + end
