"""The command `receivables fix-xlsx`: names of our functions in a file, for Excel or for LibreOffice Calc."""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from receivables.cells import load_functions
from receivables.commands.options import Json, SettingsFile, print_json
from receivables.errors import LedgerFileError
from receivables.ledger.container import check_zip, load
from receivables.report.target import replacing
from receivables.settings import load_settings
from receivables_addin.calc.names import programmatic_name
from receivables_addin.calc.rewrite import CALC, EXCEL, Names, RewriteError, rewrite

KINDS = {".xlsx", ".xlsm"}


class Program(StrEnum):
    """Who is to read the file."""

    calc = CALC
    excel = EXCEL


@dataclass(frozen=True, slots=True)
class Fixed:
    """What was done: the file, the number of names changed, and where the old file went."""

    path: Path
    changed: int
    backup: Path | None = None


def our_names() -> Names:
    """Every function of the registry under both names."""
    return Names({programmatic_name(name): name for name in load_functions()})


def fix(source: Path, program: Program, out: Path | None = None) -> Fixed:
    """Rewrite a workbook in its place, with a backup, or into another file.

    In its place nothing is written if no name changes.

    Raises:
        LedgerFileError: no such file, not an .xlsx, open in a program, protected, signed, or a
            target that is there already.
    """
    _check(source, source if out is None else out)
    content = io.BytesIO()
    try:
        changed = rewrite(source, content, our_names(), program.value)
    except RewriteError as fault:
        raise LedgerFileError(f"{source}: {fault}") from None
    if out is None and not changed:
        return Fixed(source, 0)
    backup = _backup(source) if out is None else None
    with replacing(out or source) as stream:
        stream.write(content.getvalue())
    return Fixed(out or source, changed, backup)


def fix_xlsx(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="Workbook, .xlsx or .xlsm.")],
    program: Annotated[
        Program, typer.Option("--for", help="Who is to read it: calc or excel.", show_choices=True)
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Write here; FILE.xlsx stays as it is."),
    ] = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Rewrite the names of our functions in an .xlsx, so that Calc computes it or Excel reads plain names."""
    if settings:
        load_settings(settings)
    done = fix(file, program, out)
    if as_json:
        backup = str(done.backup) if done.backup else None
        print_json({"file": str(done.path), "changed": done.changed, "backup": backup})
        return
    kept = f" The old file is {done.backup}." if done.backup else ""
    typer.echo(f"{done.path}: {done.changed:,} names changed.{kept}")


def _check(source: Path, target: Path) -> None:
    """Refuse what is no workbook of this kind, open, damaged, or not ours to write over."""
    for path in (source, target):
        if path.suffix.lower() not in KINDS:
            raise LedgerFileError(f"{path}: only .xlsx and .xlsm. Save the workbook as .xlsx.")
    content = load(source)
    if content.startswith(b"PK"):
        check_zip(source, content)
    if target != source:
        if target.exists():
            raise LedgerFileError(f"{target}: there is such a file already. Give another name.")
        if target.suffix.lower() != source.suffix.lower():
            raise LedgerFileError(
                f"{target}: give it the ending {source.suffix}, as the workbook."
            )
        return
    for lock in (f"~${source.name}", f".~lock.{source.name}#"):
        if (source.parent / lock).exists():
            raise LedgerFileError(
                f"{source}: the workbook is open. Close it and run again; if it is not open, delete "
                f"the left-over file {lock}. Or write a copy with -o."
            )


def _backup(source: Path) -> Path:
    """A copy of the file beside it, under a name that is free."""
    number, path = 1, source.with_name(f"{source.stem} before fix-xlsx{source.suffix}")
    while path.exists():
        number += 1
        path = source.with_name(f"{source.stem} before fix-xlsx ({number}){source.suffix}")
    shutil.copy2(source, path)
    return path
