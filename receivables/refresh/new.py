"""The job `new`: a workbook to work in, empty, with the demo firm, or with the rows of an export."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from receivables import money
from receivables.book.new_book import new_book
from receivables.demo.tables import build_firm
from receivables.errors import BadValueError, LedgerFileError
from receivables.ledger.check import check
from receivables.ledger.mapping import Mapping as ColumnMapping
from receivables.ledger.mapping import load_mapping
from receivables.ledger.model import RawLedger
from receivables.ledger.read import read
from receivables.ledger.schema import Column, tables
from receivables.refresh.books import Progress
from receivables.report.target import replacing
from receivables.settings import Settings, known_values

PLACE = ("_source", "_row")
TYPED = "·typed"
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


def export_rows(
    raw: RawLedger, mapping: ColumnMapping | None, values: Mapping[str, Any]
) -> dict[str, pl.DataFrame]:
    """Rows of an export as the input sheets take them: every row of it, understood or not.

    What was understood is written plainly (ISO dates, decimal points, our words); a cell that was
    not stays as it was typed, so that checking names it again.
    """
    settings = Settings().with_values(known_values(raw.settings)).with_values(values)
    ledger = check(raw, mapping, settings)
    return {
        name: _plain(name, table.frame, ledger.tables[name], _constants(mapping, name))
        for name, table in raw.tables.items()
        if name in tables()
    }


def _constants(mapping: ColumnMapping | None, table: str) -> Collection[str]:
    return mapping[table].constants if mapping else ()


def _plain(
    table: str, raw: pl.DataFrame, typed: pl.DataFrame, constants: Collection[str]
) -> pl.DataFrame:
    schema = tables()[table]
    given = {*raw.columns, *constants, "kind"}
    known = [name for name in schema if name in typed.columns and name in given]
    texts = typed.select(*PLACE, *(_text(typed, schema[name]) for name in known))
    found = raw.join(
        texts.unique(PLACE, keep="first"),
        on=PLACE,
        how="left",
        suffix=TYPED,
        maintain_order="left",
    )
    own = [name for name in raw.columns if name not in {*known, *PLACE}]
    columns = [_cell(raw, name) for name in known] + [pl.col(name) for name in own]
    rows = found.select(columns)
    return rows.select(name for name in rows.columns if rows[name].null_count() < rows.height)


def _cell(raw: pl.DataFrame, name: str) -> pl.Expr:
    """As it was understood, else as it was typed; what was blank stays so and is derived anew."""
    if name not in raw.columns:
        return pl.col(name)
    filled = pl.col(name).is_not_null()
    return pl.when(filled).then(pl.coalesce(f"{name}{TYPED}", name)).alias(name)


def _text(typed: pl.DataFrame, column: Column) -> pl.Expr:
    """A typed column as plain text."""
    cell = pl.col(column.name)
    if column.type == "amount" and typed.schema[column.name] == pl.Int64:
        return _amounts(typed, column.name).alias(column.name)
    if column.type == "flag":
        return pl.when(cell).then(pl.lit("yes")).when(~cell).then(pl.lit("no")).alias(column.name)
    text = cell.dt.to_string("iso") if column.type == "date" else cell.cast(pl.String)
    return pl.when(text != "").then(text).alias(column.name)


def _amounts(typed: pl.DataFrame, name: str) -> pl.Expr:
    """Minor units as decimals of the row's currency."""
    codes = (
        typed["currency"].fill_null("")
        if "currency" in typed.columns
        else pl.repeat("", typed.height, eager=True)
    )
    texts = [
        None if minor is None else money.text(minor, code)
        for minor, code in zip(typed[name], codes, strict=True)
    ]
    return pl.lit(pl.Series(texts, dtype=pl.String))
