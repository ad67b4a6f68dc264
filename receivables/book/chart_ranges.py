"""Charts of the first rows of a table: back to their length once a short table has grown again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from receivables.book.around_xml import Element, edit, named, parse
from receivables.book.package import Package
from receivables.book.refs import Reference, RowMap, Span, references
from receivables.book.refuse import sheet_parts


def renew_ranges(
    book: Package,
    donor: Package,
    translate: Callable[[str, str], str | None],
    maps: Mapping[str, RowMap],
) -> None:
    """Give a chart of the first fifteen rows its fifteen rows again.

    While a table is shorter than that, the chart shows the whole of it, and a range over a whole
    table grows with it. A chart whose range the user changed himself is not touched: it is only done
    where the table had no more rows than that, and all other references are those of a chart of ours.

    Args:
        book: the user's workbook, references moved.
        donor: the fresh workbook.
        translate: a formula of a donor's sheet in the user's cells.
        maps: where rows went, by sheet.
    """
    known = {name.casefold(): rows for name, rows in maps.items()}
    wanted = []
    for sheet, _, root in _charts(donor):
        texts = [translate(area.text or "", sheet) for area in named(root, "f")]
        if texts and all(texts):
            wanted.append([_only(text or "") for text in texts])
    if not wanted or not known:
        return
    for _, part, _ in list(_charts(book)):
        edit(book, part, lambda root: any(_renewed(root, one, known) for one in wanted))


def _renewed(root: Element, wanted: list[Reference | None], maps: Mapping[str, RowMap]) -> bool:
    areas = list(named(root, "f"))
    held = [_only(area.text or "") for area in areas]
    if len(held) != len(wanted):
        return False
    short = []
    for area, have, want in zip(areas, held, wanted, strict=True):
        if have is None or want is None or not _alike(have, want):
            return False
        if _cells(have) == _cells(want):
            continue
        if not _was_short(have, want, maps.get(have.sheet.casefold(), RowMap())):
            return False
        short.append((area, have.text.rpartition(":")[0] + ":" + want.text.rpartition(":")[2]))
    for area, text in short:
        area.text = text
    return bool(short)


def _was_short(have: Reference, want: Reference, rows: RowMap) -> bool:
    """Whether a range over the whole table stands for one of its first rows."""
    first, last = _rows(have)
    shown = _rows(want)[1] - first + 1
    spans = (span for span in rows.spans if span.rows is not None)
    return any(
        (span.new_first, span.new_last) == (first, last) and _height(span) <= shown
        for span in spans
    )


def _height(span: Span) -> int:
    return span.last - span.first + 1


def _alike(have: Reference, want: Reference) -> bool:
    """The same reference but for its last row."""
    same_sheet = have.sheet.casefold() == want.sheet.casefold()
    first, last = _corners(have), _corners(want)
    return (
        same_sheet and first[0] == last[0] and first[1].rstrip(_DIGITS) == last[1].rstrip(_DIGITS)
    )


def _cells(reference: Reference) -> str:
    return reference.text.rpartition("!")[2]


def _corners(reference: Reference) -> tuple[str, str]:
    first, _, last = _cells(reference).partition(":")
    return first, last or first


def _rows(reference: Reference) -> tuple[int, int]:
    first, last = (corner.rpartition("$")[2] for corner in _corners(reference))
    return int(first) if first.isdigit() else 0, int(last) if last.isdigit() else 0


def _only(text: str) -> Reference | None:
    found = list(references(text))
    return found[0] if len(found) == 1 else None


def _charts(book: Package) -> Iterator[tuple[str, str, Element]]:
    """Sheet, part and tree of each classic chart."""
    for sheet, part in sheet_parts(book).items():
        for drawing in book.relations(part):
            if drawing.kind != "drawing":
                continue
            for item in book.relations(drawing.target):
                if item.kind == "chart":
                    yield sheet, item.target, parse(item.target, book.part(item.target))


_DIGITS = "0123456789"
