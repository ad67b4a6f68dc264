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


def settings_of(path: Path | None, **values: Any) -> Settings:
    """Settings of a file, with the options given on the command line on top."""
    base = load_settings(path) if path else Settings()
    return base.with_values(values)


def print_json(value: Any) -> None:
    """JSON on standard output, readable, in its own script."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
