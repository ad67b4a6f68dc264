"""Every folder of tests/bad is a faulty ledger with the issues or the error it must give.

A folder holds the file (or `make.py` with `build(folder) -> Path`), and `expected.toml`:

    error = "text that must appear"          # reading or checking must fail with it
    as_of = 2026-10-31                       # optional, like [settings] and map = "map.toml"
    without_rights = true                    # read as a user who may not
    aging = true                             # the fault shows only when an aging is asked for
    rows = {documents = 2}                   # rows of the checked tables

    [[issues]]                               # each must be found; what is not named is not compared
    code = "hidden_rows"
    cell = "row 3"

    [set_aside]
    rows = 1
    amount = "12.50"                         # sum, in the currency's minor unit / 100
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from receivables.errors import ReceivablesError
from receivables.ledger.check import check
from receivables.ledger.mapping import load_mapping
from receivables.ledger.model import Ledger
from receivables.ledger.read import read
from receivables.refresh import Books, aging_job, load, refresh_job
from receivables.settings import Settings

BAD = Path(__file__).parent / "bad"
CASES = sorted(folder.name for folder in BAD.iterdir() if (folder / "expected.toml").is_file())
NOBODY = 65534
OUR_FILES = {"expected.toml", "make.py", "map.toml"}
KEYS = {
    "error",
    "as_of",
    "settings",
    "map",
    "without_rights",
    "rows",
    "issues",
    "set_aside",
    "absent",
    "about",
    "aging",
}


@pytest.mark.parametrize("case", CASES)
def test_bad(case: str, tmp_path: Path) -> None:
    expected = tomllib.loads((BAD / case / "expected.toml").read_text(encoding="utf-8"))
    assert set(expected) <= KEYS, f"unknown key in {case}/expected.toml"
    path = ledger_path(BAD / case, tmp_path)
    if "error" in expected:
        with pytest.raises(ReceivablesError) as fault:
            run(case, path, expected)
        assert expected["error"] in str(fault.value)
        return
    ledger = run(case, path, expected)
    compare(ledger, expected)


def run(case: str, path: Path, expected: dict[str, Any]) -> Ledger:
    mapping = load_mapping(BAD / case / expected["map"]) if "map" in expected else None
    settings = Settings().with_values(expected.get("settings", {}))
    with rights(without=expected.get("without_rights", False)):
        raw = read(path, mapping, settings)
    if expected.get("aging"):
        aging_job(loaded(case, path, expected), expected["as_of"])
    return check(raw, mapping, settings, expected.get("as_of"))


def loaded(case: str, path: Path, expected: dict[str, Any]) -> Books:
    mapping = BAD / case / expected["map"] if "map" in expected else None
    values = expected.get("settings", {})
    return load(path, map_file=mapping, values=values, as_of=expected.get("as_of"))


USABLE = [
    case
    for case in CASES
    if "error" not in tomllib.loads((BAD / case / "expected.toml").read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("case", USABLE)
def test_a_faulty_ledger_still_gives_a_report_that_adds_up(case: str, tmp_path: Path) -> None:
    expected = tomllib.loads((BAD / case / "expected.toml").read_text(encoding="utf-8"))
    books = loaded(case, ledger_path(BAD / case, tmp_path), expected)
    last = books.posted.details["posted_on"].max()
    as_of = books.ledger.extracted_on or (last if isinstance(last, date) else date(2026, 10, 31))
    answer = refresh_job(books, as_of, tmp_path / "month_end_report.xlsx")
    assert all(tie.adds_up for tie in answer.ties)


def compare(ledger: Ledger, expected: dict[str, Any]) -> None:
    for wanted in expected.get("issues", []):
        fits = [
            issue
            for issue in ledger.issues
            if all(getattr(issue, k) == v for k, v in wanted.items())
        ]
        assert fits, f"no issue {wanted} among:\n" + "\n".join(
            f"{i.level} {i.code} {i.cell} {i.value!r}: {i}" for i in ledger.issues
        )
    for code in expected.get("absent", []):
        assert code not in {issue.code for issue in ledger.issues}
    for table, count in expected.get("rows", {}).items():
        assert ledger[table].height == count, table
    aside = expected.get("set_aside", {})
    if "rows" in aside:
        assert ledger.set_aside.height == aside["rows"]
    if "amount" in aside:
        assert Decimal(int(ledger.set_aside["amount"].sum())) / 100 == Decimal(aside["amount"])


def ledger_path(folder: Path, tmp_path: Path) -> Path:
    """The file of a case: built, or copied so that nothing is written beside it."""
    if (folder / "make.py").is_file():
        spec = importlib.util.spec_from_file_location(f"bad_{folder.name}", folder / "make.py")
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return Path(module.build(tmp_path))
    files = [
        file
        for file in folder.iterdir()
        if file.name not in OUR_FILES and file.name != "__pycache__"
    ]
    if len(files) == 1:
        target = tmp_path / files[0].name
        shutil.copytree(files[0], target) if files[0].is_dir() else shutil.copy(files[0], target)
        return target
    for file in files:
        shutil.copy(file, tmp_path / file.name)
    return tmp_path


@contextmanager
def rights(*, without: bool) -> Iterator[None]:
    """Give up the rights of root for a moment: root may read what is locked to everybody."""
    if not without or os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_the_cases_asked_for_are_there() -> None:
    asked = {
        "empty_file",
        "headings_only",
        "password_xlsx",
        "password_xls",
        "xls_named_xlsx",
        "truncated_zip",
        "zip_claims_2gb",
        "html_named_xls",
        "merged_headings",
        "hidden_rows",
        "million_blank_rows",
        "duplicate_headings",
        "locked_file",
        "unknown_mapping_key",
        "formula_without_value",
        "error_cells",
        "long_numeric_key",
        "text_at_row_5000",
        "as_of_before_first",
        "currency_without_rate",
        "unknown_setting",
        "names_like_formulas",
    }
    assert asked <= set(CASES)
