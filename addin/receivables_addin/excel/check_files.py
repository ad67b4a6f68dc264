"""Checks of the add-in's files and of the folders they stand in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

from receivables_addin.excel import conf, manifest
from receivables_addin.excel.case import (
    NEEDS_RECORD,
    NEEDS_REGISTRY,
    Case,
    finding,
    not_checked,
    ok,
)
from receivables_addin.excel.interpreter import CLICK_TO_RUN
from receivables_addin.excel.profile import ADDIN_NAME, CODE_PAGE_KEY
from receivables_addin.findings import Finding

EXCEL_PATH_LIMIT = 218
"""Longest path of a workbook that Excel opens (Microsoft, Excel specifications and limits)."""

OPTIONS = r"HKCU\Software\Microsoft\Office\16.0\Excel\Options"
DISABLED = r"HKCU\Software\Microsoft\Office\16.0\Excel\Resiliency\DisabledItems"
SHELL_FOLDERS = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders"
STREAM = ":Zone.Identifier"
"""Second content of a file in which Windows notes that it was downloaded."""


def was_installed(case: Case) -> Finding:
    """There is a record of an installation."""
    if case.record is None:
        return finding("installed", "fail", f"no {case.profile.short(case.profile.manifest)}")
    return ok("installed", f"by receivables {case.record.program}")


def addin_is_unchanged(case: Case) -> Finding:
    """The add-in is there, byte for byte as installed."""
    written = case.record.file("add-in") if case.record else None
    if written is None:
        return not_checked("addin", NEEDS_RECORD)
    state = manifest.state(case.profile, written)
    if state == "gone":
        return finding("addin", "fail", f"{written.path} is gone")
    if state == "changed":
        size = case.profile.full(written.path).stat().st_size
        seen = f"{written.path} was changed: {size:,} bytes, installed {written.size:,}"
        return finding("addin", "fail", seen, "changed")
    return ok("addin", f"{written.path}, {written.size:,} bytes")


def not_marked_as_downloaded(case: Case) -> Finding:
    """The add-in carries no mark of the web."""
    if not case.profile.addin.is_file():
        return not_checked("mark_of_the_web", "there is no add-in file")
    stream = Path(f"{case.profile.addin}{STREAM}")
    try:
        mark = stream.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        if case.profile.trial:
            return not_checked("mark_of_the_web", "needs a drive of Windows")
        return ok("mark_of_the_web", "no mark")
    except OSError as fault:
        return not_checked("mark_of_the_web", f"could not be read: {fault.strerror}")
    return finding("mark_of_the_web", "fail", "; ".join(mark.split()))


def only_one_copy(case: Case) -> Finding:
    """No other copy of the add-in would be opened too."""
    seen = [*sorted({case.profile.short(path) for path in _copies(case)}), *_opened(case)]
    if seen:
        return finding("duplicates", "fail", "; ".join(seen))
    places = "the user's folders" if case.profile.registry is None else "all start folders"
    return ok("duplicates", f"none in {places}")


def _copies(case: Case) -> Iterator[Path]:
    for folder in _start_folders(case):
        for path in folder.iterdir() if folder.is_dir() else ():
            name = path.name.lower()
            ours = name.startswith("receivables") and name.endswith((".xla", ".xlam", ".xlsm"))
            if ours and path != case.profile.addin:
                yield path


def _start_folders(case: Case) -> Iterator[Path]:
    yield case.profile.startup
    yield case.profile.roaming / "Microsoft" / "AddIns"
    if case.profile.registry is None:
        return
    other = case.profile.registry.value(OPTIONS, "AltStartup")
    if other:
        yield case.profile.full(str(other))
    office = case.profile.registry.value(CLICK_TO_RUN, "InstallationPath")
    if office:
        yield case.profile.full(str(office)) / "root" / "Office16" / "XLSTART"


def _opened(case: Case) -> list[str]:
    if case.profile.registry is None:
        return []
    values = case.profile.registry.values(OPTIONS)
    return [
        f"Excel option {name}: {value}"
        for name, value in values.items()
        if name.upper().startswith("OPEN") and ADDIN_NAME in str(value).lower()
    ]


def not_switched_off(case: Case) -> Finding:
    """Excel keeps a list of files it will not open again after a crash."""
    if case.profile.registry is None:
        return not_checked("disabled_items", NEEDS_REGISTRY)
    values = case.profile.registry.values(DISABLED)
    listed = [name for name, value in values.items() if ADDIN_NAME in _text(value).lower()]
    if listed:
        return finding("disabled_items", "fail", f"{ADDIN_NAME} is in Excel's list: {listed[0]}")
    return ok("disabled_items", f"{ADDIN_NAME} is not in Excel's list")


def _text(value: object) -> str:
    return value.decode("utf-16-le", errors="ignore") if isinstance(value, bytes) else str(value)


def settings_are_unchanged(case: Case) -> Finding:
    """The settings are there, with every key install wrote."""
    written = case.record.file("settings") if case.record else None
    if case.record is None or written is None:
        return not_checked("settings", NEEDS_RECORD)
    if case.settings is None:
        return finding("settings", "fail", f"{written.path} is gone")
    wanted = {conf.INTERPRETER: case.record.interpreter, **conf.FIXED}
    wrong = [name for name, value in wanted.items() if case.settings.get(name) != value]
    wrong += [name for name in case.settings if name in conf.FORBIDDEN and name != "LICENSE_KEY"]
    if wrong:
        return finding("settings", "fail", f"{written.path}: {', '.join(wrong)} was changed")
    return ok("settings", written.path)


def no_licence_key(case: Case) -> Finding:
    """Nobody's key switches the commercial part of xlwings on."""
    found = [case.profile.short(path) for path in _with_key(case)]
    if (case.environment or {}).get("XLWINGS_LICENSE_KEY"):
        found.append("variable XLWINGS_LICENSE_KEY")
    if found:
        return finding("licence_key", "warn", f"a key is in {', '.join(found)}; it is not used")
    places = "files" if case.environment is None else "files and variables"
    return ok("licence_key", f"none in the {places} of this user")


def _with_key(case: Case) -> Iterator[Path]:
    xlwings = case.profile.home / ".xlwings" / "xlwings.conf"
    for path in (case.profile.conf, xlwings):
        if path.is_file():
            found = conf.parse(path.read_bytes(), case.profile.code_page)
            if found.get("LICENSE_KEY"):
                yield path


def folders_are_local(case: Case) -> Finding:
    """No folder of the profile lies in OneDrive or on a server."""
    profile = case.profile
    texts = {name: str(path) for name, path in profile.roots().items()}
    if profile.registry:
        texts["AppData"] = str(profile.registry.value(SHELL_FOLDERS, "AppData") or "")
    moved = [f"{name} = {text}" for name, text in texts.items() if _is_away(text)]
    return finding("folders", "warn" if moved else "ok", "; ".join(moved) or "none is moved away")


def _is_away(text: str) -> bool:
    parts = (*PureWindowsPath(text).parts, *Path(text).parts)
    return text.startswith("\\\\") or any(part.lower().startswith("onedrive") for part in parts)


def paths_are_short(case: Case) -> Finding:
    """Excel can open a file of that length."""
    longest = max(_paths(case), key=len)
    seen = f"{len(longest)} characters, Excel takes {EXCEL_PATH_LIMIT}"
    return finding("path_length", "fail" if len(longest) > EXCEL_PATH_LIMIT else "ok", seen)


def paths_fit_the_code_page(case: Case) -> Finding:
    """VBA hands paths to Windows in the system's code page."""
    texts = [text for text in _paths(case) if not text.isascii()]
    if not texts:
        return ok("code_page", "plain letters only")
    registry = case.profile.registry
    if registry is None or (case.profile.trial and not registry.value(CODE_PAGE_KEY, "ACP")):
        return not_checked("code_page", "needs the code page of Windows")
    lost = [text for text in texts if not _fits(text, case.profile.code_page)]
    seen = "; ".join(lost) or f"{case.profile.code_page} has every letter"
    return finding("code_page", "fail" if lost else "ok", seen)


def _paths(case: Case) -> list[str]:
    paths = (case.profile.addin, case.profile.conf, case.python, case.dll)
    return [str(path) for path in paths if path is not None]


def _fits(text: str, code_page: str) -> bool:
    try:
        text.encode(code_page)
    except UnicodeEncodeError:
        return False
    return True


CHECKS = {
    "installed": was_installed,
    "addin": addin_is_unchanged,
    "mark_of_the_web": not_marked_as_downloaded,
    "duplicates": only_one_copy,
    "disabled_items": not_switched_off,
    "settings": settings_are_unchanged,
    "licence_key": no_licence_key,
    "folders": folders_are_local,
    "path_length": paths_are_short,
    "code_page": paths_fit_the_code_page,
}
