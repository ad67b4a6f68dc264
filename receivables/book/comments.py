"""Comments go with the row they were written on; those of a row that is gone are handed over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from receivables.book.around_xml import Element, edit, local, named
from receivables.book.package import Package
from receivables.book.refs import RowMap, column_of

_LEAD = re.compile(r"^\[Threaded comment\].*?\n\s*Comment:\s*", re.DOTALL)
"""What Excel writes into the note that stands in for a threaded comment."""


@dataclass(frozen=True, slots=True)
class LostComment:
    """A comment whose row is gone: where it stood, counted from 1, and what it said."""

    sheet: str
    """Part of the sheet."""
    row: int
    column: int
    text: str
    author: str = ""


def move_comments(book: Package, sheet: str, rows: RowMap) -> list[LostComment]:
    """Move the comments of a sheet part; those of rows that are gone are taken out and given back."""
    lost: dict[tuple[int, int], list[LostComment]] = {}
    for item in book.relations(sheet):
        if item.kind in {"comments", "threadedComment"}:
            for comment in _move(book, item.target, sheet, rows):
                lost.setdefault((comment.row, comment.column), []).append(comment)
    gone = [comment for found in lost.values() for comment in _told_once(found)]
    if lost:
        _take_out_boxes(book, sheet, set(lost))
    return sorted(gone, key=lambda comment: (comment.row, comment.column))


def _told_once(found: list[LostComment]) -> list[LostComment]:
    """A threaded comment and the note that stands in for it are one."""
    threaded = [comment for comment in found if not comment.author.startswith("tc=")]
    return threaded or found


def _move(book: Package, part: str, sheet: str, rows: RowMap) -> Iterator[LostComment]:
    people = _people(book)
    lost: list[LostComment] = []

    def change(root: Element) -> bool:
        changed = False
        authors = [element.text or "" for element in named(root, "author")]
        for comment in named(root, "comment", "threadedComment"):
            cell = re.fullmatch(r"([A-Z]+)(\d+)", comment.get("ref", ""))
            if not cell:
                continue
            row, column = int(cell[2]), column_of(cell[1])
            new = rows.point(row, column)
            if new == row:
                continue
            changed = True
            if new is not None:
                comment.set("ref", f"{cell[1]}{new}")
                continue
            author = people.get(comment.get("personId", ""), "")
            if local(comment) == "comment":
                number = int(comment.get("authorId", "0"))
                author = authors[number] if number < len(authors) else ""
            lost.append(LostComment(sheet, row, column, _said(comment), author))
            comment.getparent().remove(comment)
        return changed

    edit(book, part, change)
    yield from lost


def _said(comment: Element) -> str:
    text = "".join(
        element.text or ""
        for element in named(comment, "t", "text")
        if not any(local(above) == "rPh" for above in element.iterancestors())
    )
    return _LEAD.sub("", text).strip()


def _people(book: Package) -> dict[str, str]:
    found = {}
    for name in book.names():
        if name.startswith("xl/persons/") and name.endswith(".xml"):
            for tag in re.findall(rb"<(?:\w+:)?person\b[^>]*>", book.part(name)):
                number = re.search(rb'\bid="([^"]*)"', tag)
                shown = re.search(rb'displayName="([^"]*)"', tag)
                if number and shown:
                    found[number[1].decode()] = shown[1].decode("utf-8", "replace")
    return found


def _take_out_boxes(book: Package, sheet: str, cells: set[tuple[int, int]]) -> None:
    """Take the boxes of notes that are gone out of the legacy drawing."""

    def kept(match: re.Match[bytes]) -> bytes:
        shape = match[0]
        row, column = (re.search(rb"<x:%s>\s*(\d+)" % name, shape) for name in (b"Row", b"Column"))
        if b'"Note"' not in shape or not row or not column:
            return shape
        return b"" if (int(row[1]) + 1, int(column[1]) + 1) in cells else shape

    for item in book.relations(sheet):
        if item.kind == "vmlDrawing":
            xml = book.part(item.target)
            left = re.sub(rb"<v:shape\b(?!type).*?</v:shape>\s*", kept, xml, flags=re.DOTALL)
            if left != xml:
                book.put(item.target, left)
