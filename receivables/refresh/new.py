"""The job `new`: a workbook to work in, empty, with the demo firm, or with the rows of an export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from receivables.book.new_book import new_book
from receivables.demo.tables import build_firm
from receivables.errors import BadValueError, LedgerFileError
from receivables.ledger.mapping import Mapping as ColumnMapping
from receivables.ledger.mapping import load_mapping
from receivables.ledger.read import read
from receivables.refresh.books import Progress
from receivables.refresh.export_rows import export_rows
from receivables.report.target import replacing
from receivables.settings import known_values

SUFFIX = ".xlsx"


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """The workbook that was made, and how many rows each input table got."""

    path: Path
    rows: dict[str, int]
    language: str
    mapping: Path | None = None
    """Written beside it where the export is a list of open items: a workbook cannot say so itself."""

    def to_json(self) -> dict[str, Any]:
        """Path, language, rows by table."""
        beside = str(self.mapping) if self.mapping else None
        return {
            "path": str(self.path), "language": self.language, "rows": self.rows, "mapping": beside,
        }  # fmt: skip


def new_job(
    path: str | Path,
    *,
    demo: bool = False,
    source: str | Path | None = None,
    map_file: str | Path | None = None,
    values: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> NewAnswer:
    """Make a new workbook, all or nothing; an existing file is never replaced.

    Args:
        path: of the workbook, ending in .xlsx.
        demo: put the ledger of the invented firm in.
        source: export whose rows go in.
        map_file: mapping of that export.
        values: settings, `language` and `paper` among them.
        progress: called with (what, done, of how many).

    Raises:
        LedgerFileError: the file exists, its folder does not, or it cannot be written.
        BadValueError: demo and source at once, or a mapping without a source.
    """
    tell = progress or (lambda _what, _done, _total: None)
    target = Path(path)
    _check_target(target)
    if demo and source:
        raise BadValueError("--demo and --from exclude each other: take one of them.")
    if map_file and not source:
        raise BadValueError("--map describes the export of --from: name it, too.")
    mapping = load_mapping(map_file) if map_file else None
    beside = _beside(target, mapping)
    frames, own = _rows(demo, source, mapping, values or {}, tell)
    given = own | {name: str(value) for name, value in (values or {}).items() if value is not None}
    tell("writing the workbook", 0, 1)
    content = new_book(frames, given)
    _check_target(target)
    with replacing(target) as stream:
        stream.write(content)
    if beside and mapping:
        beside.write_text(_kind(mapping), encoding="utf-8", newline="\n")
    counts = {table: frame.height for table, frame in frames.items() if frame.height}
    return NewAnswer(target, counts, given.get("language", "en"), beside)


def _check_target(path: Path) -> None:
    if path.suffix.lower() != SUFFIX:
        raise LedgerFileError(
            f"{path}: a new workbook is an .xlsx file. Give a name ending in .xlsx."
        )
    if path.exists():
        raise LedgerFileError(
            f"{path} exists already and is left as it is. Give another name; to fill its result "
            "sheets, use: receivables refresh"
        )
    if not path.parent.is_dir():
        raise LedgerFileError(f"{path.parent}: there is no such folder. Create it first.")


def _beside(target: Path, mapping: ColumnMapping | None) -> Path | None:
    """Mapping file that a workbook made of a list of open items needs."""
    if mapping is None or mapping.ledger_kind == "full":
        return None
    beside = target.with_suffix(".toml")
    if beside.exists():
        raise LedgerFileError(f"{beside} exists already and is left as it is. Give another name.")
    return beside


def _kind(mapping: ColumnMapping) -> str:
    day = f"extracted_on = {mapping.extracted_on}\n" if mapping.extracted_on else ""
    return f'ledger_kind = "{mapping.ledger_kind}"\n{day}'


def _rows(
    demo: bool, source: str | Path | None, mapping: ColumnMapping | None, values: Mapping[str, Any],
    tell: Progress,
) -> tuple[dict[str, pl.DataFrame], dict[str, str]]:  # fmt: skip
    if demo:
        tell("inventing the firm", 0, 1)
        frames = build_firm()
        settings = frames.pop("settings")
        return frames, dict(settings.select("name", "value").iter_rows())
    if not source:
        return {}, {}
    raw = read(source, mapping, progress=tell)
    return export_rows(raw, mapping, values), known_values(raw.settings)
