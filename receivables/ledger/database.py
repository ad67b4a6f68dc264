"""Tables of a database by URL: DuckDB, SQLite, PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

import polars as pl

from receivables.errors import LedgerFileError
from receivables.ledger.astext import as_text
from receivables.ledger.grid import ROW, Grid, tidy
from receivables.ledger.mapping import Mapping
from receivables.ledger.spelling import table_named

SUFFIXES = {".duckdb": "duckdb", ".sqlite": "sqlite", ".sqlite3": "sqlite", ".db": "sqlite"}
SCHEMES = ("duckdb", "sqlite", "postgresql", "postgres")
Query = Callable[[str], pl.DataFrame]


def database_grids(url: str, mapping: Mapping) -> list[Grid]:
    """The tables of a database that are named after a table of the ledger, or by the mapping.

    Args:
        url: `duckdb:///path`, `sqlite:///path` or `postgresql://user@host/base`, with `?schema=name`.
        mapping: `file` of a table names the database table.

    Raises:
        LedgerFileError: no such database or driver, no access, or no table of the ledger in it.
    """
    scheme = url.partition(":")[0].lower()
    readers = {
        "duckdb": _duckdb,
        "sqlite": _sqlite,
        "postgresql": _postgres,
        "postgres": _postgres,
    }
    if scheme not in readers:
        raise LedgerFileError(f"{url}: databases are read from {', '.join(SCHEMES[:3])} URLs.")
    return readers[scheme](url, mapping)


def _duckdb(url: str, mapping: Mapping) -> list[Grid]:
    try:
        import duckdb
    except ImportError:
        raise _no_driver("DuckDB", "duckdb") from None
    path, schema = _file(url)
    try:
        with duckdb.connect(str(path), read_only=True) as base:

            def query(sql: str) -> pl.DataFrame:
                return pl.DataFrame(pl.from_arrow(base.sql(sql).to_arrow_table()))

            return _grids(path.name, query, schema or "main", mapping)
    except duckdb.Error as fault:
        raise _refused(str(path), fault) from None


def _sqlite(url: str, mapping: Mapping) -> list[Grid]:
    path, _ = _file(url)
    try:
        base = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            found = base.execute(
                "select name from sqlite_master where type in ('table', 'view') order by name"
            )
            names = [str(name) for (name,) in found]
            return [
                _sqlite_grid(path.name, base, name) for name in _wanted(path.name, names, mapping)
            ]
        finally:
            base.close()
    except sqlite3.Error as fault:
        raise _refused(str(path), fault) from None


def _sqlite_grid(file: str, base: sqlite3.Connection, name: str) -> Grid:
    """SQLite types each value, not each column: the engine itself writes the text."""
    columns = [str(row[1]) for row in base.execute(f"pragma table_info({_quote(name)})")]
    parts = ", ".join(f"cast({_quote(column)} as text)" for column in columns)
    rows = base.execute(f"select {parts} from {_quote(name)}").fetchall()  # noqa: S608 - quoted names
    schema = dict.fromkeys(columns, pl.String)
    return _grid(file, name, pl.DataFrame(rows, schema=schema, orient="row"))


def _postgres(url: str, mapping: Mapping) -> list[Grid]:
    try:
        import adbc_driver_postgresql.dbapi as driver
    except ImportError:
        raise _no_driver("PostgreSQL", "postgres") from None
    parts = urlsplit(url)
    options = parse_qs(parts.query)
    schema = (options.pop("schema", None) or ["public"])[0]
    rest = "&".join(f"{name}={value}" for name, values in options.items() for value in values)
    target = urlunsplit(("postgresql", parts.netloc, parts.path, rest, ""))
    shown = f"{parts.hostname or ''}{parts.path}"
    try:
        with driver.connect(target) as base, base.cursor() as cursor:

            def query(sql: str) -> pl.DataFrame:
                cursor.execute(sql)
                return _without_extensions(cursor.fetch_arrow_table())

            return _grids(shown, query, schema, mapping)
    except driver.Error as fault:
        raise _refused(shown, fault) from None


def _grids(file: str, query: Query, schema: str, mapping: Mapping) -> list[Grid]:
    sql = f"select table_name from information_schema.tables where table_schema = {_literal(schema)} order by 1"  # noqa: S608
    names = [str(name) for name in query(sql).get_column("table_name").to_list()]
    return [
        _grid(file, name, query(f"select * from {_quote(schema)}.{_quote(name)}"))  # noqa: S608 - quoted names
        for name in _wanted(f"{file} (schema {schema})", names, mapping)
    ]


def _without_extensions(table: Any) -> pl.DataFrame:
    """Types that Arrow does not know (numeric, character(n)) arrive as text under a wrapper."""
    columns = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        storage = getattr(column.type, "storage_type", None)
        columns[name] = pl.Series(name, pl.from_arrow(column.cast(storage) if storage else column))
    return pl.DataFrame(columns)


def _wanted(file: str, names: Iterable[str], mapping: Mapping) -> list[str]:
    mapped = {part.file for part in mapping.tables.values() if part.file}
    known = list(names)
    missing = mapped - set(known)
    if missing:
        raise LedgerFileError(
            f"{file}: no table '{min(missing)}'. There are: {', '.join(known) or 'none'}."
        )
    wanted = [name for name in known if name in mapped or table_named(name)]
    if not wanted:
        raise LedgerFileError(
            f"{file}: no table is called documents, customers or payments. There are: {', '.join(known) or 'none'}. "
            'Name them in a mapping: [documents] file = "table".'
        )
    return wanted


def _grid(file: str, name: str, frame: pl.DataFrame) -> Grid:
    headings = tuple(frame.columns)
    text = as_text(frame)
    text.columns = [f"c{index}" for index in range(text.width)]
    numbered = text.with_row_index(ROW, offset=1).with_columns(pl.col(ROW).cast(pl.Int64))
    cells = tidy(numbered.select(pl.exclude(ROW), ROW)) if text.width else numbered
    return Grid(file, name, cells, headings=headings)


def frame_grid(file: str, name: str, frame: pl.DataFrame) -> Grid:
    """A typed frame, such as a parquet file, as a grid of exact text."""
    return _grid(file, name, frame)


def _file(url: str) -> tuple[Path, str]:
    parts = urlsplit(url)
    path = Path(
        unquote(parts.netloc + parts.path).removeprefix("/")
        if _relative(parts.path)
        else unquote(parts.path)
    )
    if not path.is_file():
        raise LedgerFileError(f"{path}: no such database file. Check the name and the folder.")
    return path, (parse_qs(parts.query).get("schema") or [""])[0]


def _relative(path: str) -> bool:
    """`duckdb:///ledger.duckdb` may mean a file beside us; `duckdb:////data/x` never does."""
    return not Path(path).is_file() or path[2:3] == ":"


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _no_driver(what: str, extra: str) -> LedgerFileError:
    return LedgerFileError(
        f"The driver for {what} is not installed. Run: pip install 'receivables[{extra}]'"
    )


def _refused(where: str, fault: Any) -> LedgerFileError:
    text = str(fault).strip().splitlines()[0]
    return LedgerFileError(
        f"{where}: the database refused ({text}). Check address, user and schema; close other users."
    )
