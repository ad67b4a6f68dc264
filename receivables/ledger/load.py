"""From a file, a folder or a URL to grids of text, by what the content is."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import polars as pl

from receivables.errors import LedgerFileError, SettingsError
from receivables.ledger import container
from receivables.ledger.database import SCHEMES, SUFFIXES, database_grids, frame_grid
from receivables.ledger.grid import Grid
from receivables.ledger.htmlfile import html_grids
from receivables.ledger.mapping import Mapping
from receivables.ledger.spelling import fold, table_named
from receivables.ledger.textfile import text_grid
from receivables.ledger.workbook import workbook_grids

TEXT_SUFFIXES = {".csv", ".tsv", ".txt", ".gz"}


def load_grids(path: str | Path, mapping: Mapping) -> tuple[list[Grid], dict[str, str]]:
    """All sheets, files or tables that hold anything, and the settings beside them."""
    text = str(path)
    if "://" in text:
        if text.partition(":")[0].lower() not in SCHEMES:
            raise LedgerFileError(
                f"{text}: databases are read from duckdb, sqlite and postgresql URLs."
            )
        return database_grids(text, mapping), {}
    place = Path(path)
    if os.path.isdir(place):  # noqa: PTH112 - a folder we may not look into is no error here
        return _folder(place, mapping), _settings_file(place / "settings.toml")
    return _file_grids(place, mapping), {}


def _folder(place: Path, mapping: Mapping) -> list[Grid]:
    files = sorted(
        file
        for file in place.iterdir()
        if file.suffix.lower() in {*TEXT_SUFFIXES, ".parquet"} and file.is_file()
    )
    if not files:
        raise LedgerFileError(
            f"{place}: a folder without csv or parquet files. Put one file per table there."
        )
    return [grid for file in files for grid in _file_grids(file, mapping)]


def _file_grids(path: Path, mapping: Mapping) -> list[Grid]:
    if path.suffix.lower() in SUFFIXES and os.path.isfile(path):  # noqa: PTH113 - as above
        return database_grids(f"{SUFFIXES[path.suffix.lower()]}:///{path.absolute()}", mapping)
    data = container.load(path)
    kind = container.kind_of(path, data)
    if kind in {"zip", "ole"}:
        return list(workbook_grids(path, data, kind))
    if kind == "parquet":
        return [_parquet(path)]
    if kind in {"sqlite", "duckdb"}:
        return database_grids(f"{kind}:///{path.absolute()}", mapping)
    if kind in {"html", "xml"}:
        return html_grids(path, data)
    encodings = [
        part.encoding
        for part in mapping.tables.values()
        if part.encoding and part.file in {"", path.name}
    ]
    return [text_grid(path, data, encodings[0] if encodings else "")]


def _parquet(path: Path) -> Grid:
    try:
        return frame_grid(path.name, "", pl.read_parquet(path))
    except (pl.exceptions.PolarsError, OSError) as fault:
        raise LedgerFileError(
            f"{path}: not a readable parquet file ({str(fault).splitlines()[0]}). Write it again."
        ) from None


def is_settings(grid: Grid) -> bool:
    """Whether a sheet or file is called Settings."""
    return table_named(grid.sheet or Path(grid.file).stem) == "settings"


def settings_of(grid: Grid) -> dict[str, str]:
    """Name → value of a Settings sheet; the first two columns where it has no headings."""
    rows = grid.frame.select(grid.columns[:2]).rows() if len(grid.columns) > 1 else []
    return {
        str(name).strip(): str(value)
        for name, value in rows
        if name and value and fold(name) not in {"name", "setting", "名称", "设置"}
    }


def _settings_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise SettingsError(f"{path}: not a readable TOML file ({fault}).") from None
    return {
        name: ",".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in values.items()
    }
