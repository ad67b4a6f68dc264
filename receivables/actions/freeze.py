"""Freeze for auditor: a copy with values in place of our formulas, each formula in a note, and a PDF."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from receivables.actions.asked import as_of, saved_path
from receivables.actions.frozen_book import Frozen, freeze
from receivables.actions.frozen_ods import freeze_ods
from receivables.actions.host import Host, Report
from receivables.actions.texts import say
from receivables.errors import BadValueError, LedgerFileError
from receivables.report.target import replacing

KINDS = {".xlsx": freeze, ".xlsm": freeze, ".ods": freeze_ods}


def run(host: Host, choices: Mapping[str, Any]) -> Report:
    """Write `<name> frozen <as_of>` and its PDF beside the workbook, or into `choices["out"]`.

    Raises:
        BadValueError: not saved, no formula of ours in it, or one without a result to keep.
        LedgerFileError: the file cannot be read, or the folder not written to.
    """
    source = saved_path(host)
    kind = source.suffix.lower()
    if kind not in KINDS:
        raise BadValueError(
            f"{source.name}: only .xlsx, .xlsm and .ods can be frozen. Save the workbook as .xlsx."
        )
    day = as_of(host, choices, say("freeze_title", host.language))
    host.progress(say("freezing", host.language), 0, 2)
    package, done = KINDS[kind](source, say("frozen_on", host.language, day=day.isoformat()))
    if not done.cells:
        raise BadValueError(
            f"{source.name} holds no formula of ours: it can be handed over as it is."
        )
    content = io.BytesIO()
    package.save(content)
    folder = Path(choices.get("out") or source.parent)
    target, new = _put(folder, f"{source.stem} frozen {day}", source.suffix, content.getvalue())
    host.progress(say("printing", host.language), 1, 2)
    pdf = target.with_suffix(".pdf")
    printed = choices.get("pdf", True) and host.export_pdf(target, pdf)
    host.progress("", 2, 2)
    link = (
        host.write_table(say("frozen_title", host.language), _table(done, host.language))
        if _notable(done)
        else ""
    )
    host.open_document(target)
    changed = ([target] if new else []) + ([pdf] if printed else [])
    return Report(
        _line(target, done, host.language, printed=bool(printed)),
        link or str(target),
        tuple(changed),
    )


def _put(folder: Path, stem: str, suffix: str, content: bytes) -> tuple[Path, bool]:
    """Write the copy under a name that is free; the same copy is not written twice."""
    if not folder.is_dir():
        raise LedgerFileError(f"{folder}: there is no such folder. Create it first.")
    number = 1
    while True:
        target = folder / (f"{stem}{suffix}" if number == 1 else f"{stem} ({number}){suffix}")
        if not target.exists():
            with replacing(target) as stream:
                stream.write(content)
            return target, True
        if target.read_bytes() == content:
            return target, False
        number += 1


def _line(target: Path, done: Frozen, language: str, *, printed: bool) -> str:
    sheets = len({cell.sheet for cell in done.cells})
    line = say("frozen", language, name=target.name, count=f"{len(done.cells):,}", sheets=sheets)
    more = [say("with_pdf" if printed else "without_pdf", language)]
    if _notable(done):
        more.append(say("look_at_rest", language))
    return " ".join([line, *more])


def _notable(done: Frozen) -> bool:
    return bool(done.left) or not all(cell.noted for cell in done.cells)


def _table(done: Frozen, language: str) -> list[list[Any]]:
    """What an auditor's spreadsheet still meets, and formulas that have no note of their own."""
    rows: list[list[Any]] = [[say(key, language) for key in ("place", "formula", "remark")]]
    rows += [[place, text, say("still_ours", language)] for place, text in done.left]
    rows += [
        [f"{cell.sheet}!{cell.address}", cell.formula, say("threaded", language)]
        for cell in done.cells
        if not cell.noted
    ]
    return rows
