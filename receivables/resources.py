"""Find the files that belong to the program: data tables, templates, workbooks, host assets."""

from __future__ import annotations

import csv
import importlib.util
import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent


def data_path(name: str) -> Path:
    """Path of a table in `receivables/data`.

    >>> data_path("currencies.csv").name
    'currencies.csv'
    """
    path = PACKAGE / "data" / name
    if not path.is_file():
        raise FileNotFoundError(f"receivables/data has no {name}")
    return path


@cache
def data_rows(name: str) -> tuple[dict[str, str], ...]:
    """Rows of a CSV table in `receivables/data`, headings as keys."""
    with data_path(name).open(encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle))


@cache
def data_toml(name: str) -> dict[str, Any]:
    """Content of a TOML file in `receivables/data`."""
    return tomllib.loads(data_path(name).read_text(encoding="utf-8"))


@cache
def data_toml_folder(name: str) -> dict[str, Any]:
    """Content of every TOML file in a folder of `receivables/data`, as one table."""
    folder = PACKAGE / "data" / name
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.toml"))]
    return {key: value for text in texts for key, value in tomllib.loads(text).items()}


def asset_path(kind: str, name: str = "") -> Path:
    """Path of a template, workbook or host asset: user's folder, then the wheel, then the source tree.

    Args:
        kind: `templates`, `workbooks`, `excel` or `calc`.
        name: file below it; empty for the folder.
    """
    for root in _asset_roots(kind):
        path = root / name
        if path.exists():
            return path
    raise FileNotFoundError(f"no {kind}/{name} in the user's folder, the wheel or the source tree")


def _asset_roots(kind: str) -> list[Path]:
    roots = []
    home = os.environ.get("RECEIVABLES_HOME", "")
    roots.append((Path(home) if home else Path.home() / ".receivables") / kind)
    host = importlib.util.find_spec("receivables_addin")
    if host and host.submodule_search_locations:
        roots.append(Path(next(iter(host.submodule_search_locations))) / "_assets" / kind)
    source = PACKAGE.parent
    roots.append(source / ("addin" if kind in {"excel", "calc"} else "") / kind)
    return roots
