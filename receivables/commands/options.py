"""Options that several commands share, and what they stand for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from receivables.settings import Settings, load_settings

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
SettingsFile = Annotated[
    Path | None, typer.Option("--settings", metavar="FILE.toml", help="Settings file (TOML).")
]

LedgerPath = Annotated[
    str,
    typer.Argument(help="Workbook, text file, folder of csv or parquet files, or database URL."),
]
MapFile = Annotated[
    Path | None, typer.Option("--map", metavar="FILE.toml", help="Mapping file of this export.")
]
AsOf = Annotated[str, typer.Option("--as-of", metavar="DATE", help="Balance date, 2026-10-31.")]
Edges = Annotated[
    str | None,
    typer.Option("--edges", help="Upper ends of the buckets in days, 30,60,90, or audit, cn."),
]
OnEdge = Annotated[
    str | None,
    typer.Option("--day-on-edge", help="Day 30 belongs to the younger or the older bucket."),
]
Base = Annotated[str | None, typer.Option("--base", help="Age from the due or the issued date.")]
Currency = Annotated[
    str | None, typer.Option("--currency", help="Report in this currency at the as-of rate.")
]
Cutoff = Annotated[
    str | None,
    typer.Option("--match-cutoff", metavar="DATE", help="Matchings entered up to this day count."),
]
Engine = Annotated[
    str, typer.Option("--engine", help="polars, duckdb, pandas or pyspark: the same figures.")
]


def settings_of(path: Path | None, **values: Any) -> Settings:
    """Settings of a file, with the options given on the command line on top."""
    base = load_settings(path) if path else Settings()
    return base.with_values(values)


def print_json(value: Any) -> None:
    """JSON on standard output, readable, in its own script."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
