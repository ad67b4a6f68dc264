"""Options that several commands share, and what they stand for."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from receivables.errors import BadValueError
from receivables.settings import Settings, load_settings

if TYPE_CHECKING:
    from receivables.refresh import Books

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
    typer.Option("--day-on-edge", help="younger or older: where day 30 belongs."),
]
Base = Annotated[str | None, typer.Option("--base", help="due or issued: the age counts from it.")]
Credits = Annotated[
    str | None,
    typer.Option("--credits", help="separate, own or oldest: where credits stand."),
]
Currency = Annotated[
    str | None, typer.Option("--currency", help="Report in this currency at the as-of rate.")
]
Cutoff = Annotated[
    str | None,
    typer.Option("--match-cutoff", metavar="DATE", help="Matchings entered up to this day count."),
]
Later = Annotated[
    str | None,
    typer.Option("--subsequent-to", metavar="DATE", help="Show what came in up to this day."),
]
Prior = Annotated[
    str | None, typer.Option("--prior", metavar="DATE", help="Earlier date to compare with.")
]
Engine = Annotated[
    str, typer.Option("--engine", help="polars, duckdb, pandas or pyspark: the same figures.")
]

RatesFile = Annotated[
    Path | None,
    typer.Option(
        "--rates",
        metavar="FILE",
        help="Your loss rates: csv or sheet ReserveMatrix (bucket, rate, source), or TOML.",
    ),
]
SpecificFile = Annotated[
    Path | None,
    typer.Option(
        "--specific",
        metavar="FILE",
        help="Customers or documents assessed alone: customer_id, document_no, rate or amount.",
    ),
]


def settings_of(path: Path | None) -> Settings:
    """Settings of a file, or the defaults."""
    return load_settings(path) if path else Settings()


def values_of(path: Path | None, **options: Any) -> dict[str, Any]:
    """What a settings file and the command line say; the rest is left to the ledger's own table."""
    values: dict[str, Any] = {}
    if path:
        load_settings(path)
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    return values | {name: value for name, value in options.items() if value is not None}


def day(text: str | None, name: str) -> date | None:
    """A date option, None where it was not given."""
    from receivables.values import parse_day

    return None if text is None else parse_day(text, name)


def balance_day(text: str) -> date:
    """The date of `--as-of`."""
    from receivables.values import parse_day

    return parse_day(text, "--as-of")


def filters(pairs: Sequence[str]) -> dict[str, list[str]]:
    """Filters typed as `column=value`; one column may be given several values.

    >>> filters(["country=DE", "country=FR"])
    {'country': ['DE', 'FR']}
    """
    found: dict[str, list[str]] = {}
    for pair in pairs:
        column, equals, value = pair.partition("=")
        if not equals or not column.strip():
            raise BadValueError(f"--where {pair}: write column=value, for example country=DE.")
        found.setdefault(column.strip(), []).append(value.strip())
    return found


def names(texts: Sequence[str]) -> list[str]:
    """Columns given one by one or with commas between.

    >>> names(["customer,currency", "company"])
    ['customer', 'currency', 'company']
    """
    return [part.strip() for text in texts for part in text.split(",") if part.strip()]


def books(
    ledger: str,
    map_file: Path | None,
    values: dict[str, Any],
    as_of: date | None,
    engine: str = "polars",
) -> Books:
    """Load a ledger with a progress bar."""
    from receivables.commands.show import progress
    from receivables.refresh import load

    with progress() as tell:
        return load(
            ledger, map_file=map_file, values=values, as_of=as_of, engine=engine, progress=tell
        )


def print_json(value: Any) -> None:
    """JSON on standard output, readable, in its own script."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
