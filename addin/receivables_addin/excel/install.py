"""Install the add-in for one Windows user, take it away, say what is there: no admin, no Excel started."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from receivables import __version__
from receivables.errors import NotAvailableError
from receivables_addin.excel import conf, interpreter, manifest
from receivables_addin.excel.manifest import Manifest, Written
from receivables_addin.excel.place import Step, Wanted, make_folders, put, take_away, write
from receivables_addin.excel.profile import Profile

ADDIN, SETTINGS, DLL = "add-in", "settings", "DLL"
Builder = Callable[[Path], Any]
AGAIN = "Run setup.cmd of the kit again, or install the wheel of receivables with the pip of that Python."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did, and what a person should know about it."""

    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether any file was touched."""
        return any(step.done in {"written", "replaced", "removed"} for step in self.steps)


def install(profile: Profile, python: Path, build: Builder | None = None) -> Outcome:
    """Build the add-in from the installed package and put it where Excel finds it.

    Everything is examined before the first file is written; the add-in, the one file Excel may
    hold open, is written first.

    Raises:
        ReceivablesError: the interpreter is unfit, a DLL is missing, or Excel is open.
    """
    python = python.expanduser().absolute()
    answer = fit(python)
    before = manifest.read(profile)
    settings = conf.render(conf.settings(profile, python), profile.code_page)
    wanted = [
        Wanted(ADDIN, profile.addin, addin_content(build), profile.excel),
        Wanted(SETTINGS, profile.conf, settings, profile.own),
    ]
    dll, notes = _dll(profile, python, answer)
    wanted += [dll] if dll else []
    return _write(profile, wanted, before, (python, answer.xlwings, notes))


def _write(
    profile: Profile,
    wanted: list[Wanted],
    before: Manifest | None,
    about: tuple[Path, str, list[str]],
) -> Outcome:
    python, xlwings, notes = about
    folders = list(before.folders) if before else []
    for file in wanted:
        folders += make_folders(profile, file.path)
    steps: list[Step] = []
    files: list[Written] = []
    for file in wanted:
        step, written = put(profile, file, before)
        steps.append(step)
        files.append(written)
    left = _left_behind(before, files)
    steps += [take_away(profile, written) for written in left]
    record = Manifest(
        __version__, xlwings, profile.short(python), tuple(files), tuple(dict.fromkeys(folders))
    )
    if record != before:
        write(Wanted("record", profile.manifest, manifest.render(record), profile.own))
    return Outcome(tuple(steps), tuple(notes))


def _left_behind(before: Manifest | None, files: list[Written]) -> list[Written]:
    """Files of an older installation in places that the new one does not use."""
    places = {file.path for file in files}
    return [file for file in before.files if file.path not in places] if before else []


def fit(python: Path) -> interpreter.Answer:
    """The interpreter's answer, or why it cannot serve Excel.

    Raises:
        NotAvailableError: with the cure.
    """
    try:
        answer = interpreter.ask(python)
    except NotAvailableError as fault:
        raise NotAvailableError(
            f"{fault} Name the python.exe that has receivables installed with --interpreter."
        ) from None
    if interpreter.from_the_store(answer.base):
        raise NotAvailableError(
            f"{python}: this Python is from the Microsoft Store. Windows hides its files from Excel. "
            "Install Python from python.org for yourself alone and run setup.cmd again."
        )
    if answer.receivables != __version__:
        found = f"receivables {answer.receivables}" if answer.receivables else "no receivables"
        raise NotAvailableError(f"{python} has {found}, this program is {__version__}. {AGAIN}")
    if answer.xlwings != version("xlwings"):
        found = f"xlwings {answer.xlwings}" if answer.xlwings else "no xlwings"
        raise NotAvailableError(
            f"{python} has {found}, the add-in is built with {version('xlwings')}. {AGAIN}"
        )
    return answer


def addin_content(build: Builder | None = None) -> bytes:
    """The add-in file, built from the installed package."""
    if build is None:
        from receivables_addin.excel.build import build_addin

        build = build_addin
    with tempfile.TemporaryDirectory(prefix="receivables-") as folder:
        target = Path(folder) / "receivables.xlam"
        build(target)
        return target.read_bytes()


def _dll(
    profile: Profile, python: Path, answer: interpreter.Answer
) -> tuple[Wanted | None, list[str]]:
    """The DLL to copy beside the interpreter, if it is not there; a note where it cannot be told."""
    bits = interpreter.excel_bits(profile.registry)
    name = interpreter.dll_name(answer.xlwings, bits or 64)
    if not answer.windows:
        return None, [f"{name} was not looked for: {python.name} is not a Python for Windows."]
    before = manifest.read(profile)
    copied = before.file(DLL) if before else None
    beside = interpreter.dll_beside(python, name)
    if beside and not (copied and profile.full(copied.path) == beside):
        return None, []
    source = beside or interpreter.dll_elsewhere(answer, name)
    if source is None:
        raise NotAvailableError(
            f"{name} is not beside {python}, and not in {', '.join(answer.folders)}. A virus scanner may have "
            f"removed it; ask for an exception for it, then: {python} -m pip install --force-reinstall "
            f"--no-deps xlwings=={answer.xlwings}"
        )
    folder = interpreter.dll_folders(python)[0]
    return Wanted(DLL, folder / name, source.read_bytes(), folder), []


def uninstall(profile: Profile) -> Outcome:
    """Remove what install wrote; files changed since are kept and named.

    Raises:
        ReceivablesError: Excel holds the add-in open; nothing was removed.
    """
    record = manifest.read(profile)
    if record is None:
        there = [Step(ADDIN, profile.short(profile.addin), "kept, was changed")]
        note = "There is no record of an installation, so a file of that name is left as it is."
        return Outcome(tuple(there), (note,)) if profile.addin.exists() else Outcome(())
    steps = [take_away(profile, written) for written in record.files]
    profile.manifest.unlink()
    folders = {profile.backups, *map(profile.full, record.folders)}
    for folder in sorted(folders, key=lambda path: len(path.parts), reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return Outcome(tuple(steps))


def status(profile: Profile) -> dict[str, Any]:
    """What is installed, from the record and the files; nothing is started.

    Raises:
        ReceivablesError: the record is damaged.
    """
    record = manifest.read(profile)
    if record is None:
        return {"installed": False, "program": __version__, "files": []}
    files = [
        {"what": file.what, "path": file.path, "state": manifest.state(profile, file), "size": file.size,
         "sha256": file.sha256}
        for file in record.files
    ]  # fmt: skip
    return {
        "installed": all(file["state"] == "as installed" for file in files),
        "program": __version__,
        "installed_by": record.program,
        "xlwings": record.xlwings,
        "interpreter": record.interpreter,
        "files": files,
    }
