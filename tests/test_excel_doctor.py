"""The doctor: a healthy profile, then one fault at a time, and exactly that check speaks up."""

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from receivables_addin.excel import conf, interpreter
from receivables_addin.excel.doctor import Examination, examine, report
from receivables_addin.excel.install import install
from receivables_addin.excel.profile import Profile
from receivables_addin.excel.registry import WindowsRegistry
from typer.testing import CliRunner

from receivables.cli import app
from receivables.errors import NotAvailableError, ReceivablesError
from receivables.resources import data_rows
from tests.excel_profiles import BUILT, XLWINGS, make, windows_python

OFFICE = r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration"
EXCEL = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
CODE_PAGE = r"HKLM\SYSTEM\CurrentControlSet\Control\Nls\CodePage"
OPTIONS = r"HKCU\Software\Microsoft\Office\16.0\Excel\Options"
REGISTRY: dict[str, Any] = {
    OFFICE: {
        "Platform": "x64",
        "VersionToReport": "16.0.19328.20190",
        "InstallationPath": "Office",
    },
    EXCEL: {"": r"C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE"},
    CODE_PAGE: {"ACP": "1252"},
}
WINDOWS_ONLY = {"mark_of_the_web", "environment"}
"""Checks that a folder on another system cannot answer."""


def installed(home: Path, registry: dict[str, Any] | None = None, **said: Any) -> Profile:
    profile = make(home, REGISTRY | (registry or {}))
    install(profile, windows_python(profile), lambda target: target.write_bytes(BUILT))
    if said:
        windows_python(profile, **said)
    return profile


def names(examination: Examination, *states: str) -> set[str]:
    return {finding.id for finding in examination.in_state(*states)}


@pytest.mark.parametrize("name", ["plain", "Jörg Müller & Söhne", "O'Neill (AR)"])
def test_a_healthy_profile(tmp_path, name) -> None:
    examination = examine(installed(tmp_path / name))
    assert examination.healthy
    assert names(examination, "not checked") == WINDOWS_ONLY
    assert examination.verdict == (
        "Healthy: 27 checks are well. Not checked (2): mark_of_the_web, environment."
    )


def test_with_the_variables_of_the_user_more_is_checked(tmp_path) -> None:
    profile = installed(tmp_path)
    assert names(examine(profile, {"PATH": "x"}), "not checked") == {"mark_of_the_web"}
    ill = examine(profile, {"PYTHONHOME": r"C:\old", "XLWINGS_LICENSE_KEY": "key"})
    assert names(ill, "warn") == {"environment", "licence_key"}


def test_nothing_is_called_healthy_that_was_not_looked_at(tmp_path) -> None:
    """Without a registry every policy is named as not checked."""
    profile = make(tmp_path)
    install(profile, windows_python(profile), lambda target: target.write_bytes(BUILT))
    examination = examine(profile)
    assert examination.healthy
    policies = {row["check"] for row in data_rows("excel_policies.csv")}
    assert policies | WINDOWS_ONLY | {"excel", "excel_bits"} <= names(examination, "not checked")
    for name in policies:
        assert name in examination.verdict


def test_a_key_that_may_not_be_read_is_not_taken_for_unset(tmp_path) -> None:
    key = r"HKLM\SOFTWARE\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
    examination = examine(installed(tmp_path, {key: None, OPTIONS: None}))
    assert {"child_processes", "duplicates"} <= names(examination, "not checked")
    assert examination.healthy


def remove(path: Callable[[Profile], Path]) -> Callable[[Profile], None]:
    return lambda profile: path(profile).unlink()


def python_of(profile: Profile) -> Path:
    return profile.local / "receivables" / "Scripts" / "python.exe"


def dll_of(profile: Profile) -> Path:
    return profile.local / "receivables" / f"xlwings64-{XLWINGS}.dll"


def put(where: Callable[[Profile], Path], text: str = "x") -> Callable[[Profile], None]:
    def fault(profile: Profile) -> None:
        where(profile).parent.mkdir(parents=True, exist_ok=True)
        where(profile).write_text(text, encoding="utf-8")

    return fault


def says(**said: Any) -> Callable[[Profile], None]:
    return lambda profile: windows_python(profile, **said) and None


def changed_settings(text: str) -> Callable[[Profile], None]:
    def fault(profile: Profile) -> None:
        kept = profile.conf.read_bytes().decode()
        profile.conf.write_bytes((text + "\r\n" + kept).encode())

    return fault


def no_record(profile: Profile) -> None:
    profile.manifest.unlink()


STORE = r"C:\Program Files\WindowsApps\PythonSoftwareFoundation.Python.3.12\python.exe"
FILE_FAULTS = [
    ("installed", "fail", no_record, "excel-install.json"),
    ("addin", "fail", remove(lambda at: at.addin), "XLSTART\\receivables.xlam is gone"),
    ("addin", "fail", put(lambda at: at.addin), "was changed: 1 bytes"),
    ("mark_of_the_web", "fail",
     put(lambda at: Path(f"{at.addin}:Zone.Identifier"), "[ZoneTransfer]\nZoneId=3"), "ZoneId=3"),
    ("duplicates", "fail", put(lambda at: at.startup / "Receivables (1).XLAM"), "(1).XLAM"),
    ("duplicates", "fail", put(lambda at: at.roaming / "Microsoft/AddIns/receivables.xlam"),
     "%APPDATA%\\Microsoft\\AddIns"),
    ("settings", "fail", remove(lambda at: at.conf), "receivables.conf is gone"),
    ("settings", "fail", changed_settings('"USE UDF SERVER","false"'), "USE UDF SERVER"),
    ("settings", "fail", changed_settings('"PYTHONPATH","C:\\elsewhere"'), "PYTHONPATH"),
    ("licence_key", "warn", changed_settings('"LICENSE_KEY","abc"'), "receivables.conf"),
    ("licence_key", "warn",
     put(lambda at: at.home / ".xlwings/xlwings.conf", '"LICENSE_KEY","abc"\n'), "xlwings.conf"),
    ("interpreter", "fail", remove(python_of), "python.exe is not there"),
    ("interpreter_runs", "fail", put(python_of, "#!/bin/sh\nexit 9\n"), "code 9"),
    ("store_python", "fail", says(base=STORE), "WindowsApps"),
    ("package", "fail", says(receivables="9.9"), "receivables 9.9, add-in built with"),
    ("xlwings", "fail", says(xlwings="0.30.1"), "xlwings 0.30.1"),
    ("pywin32", "fail", says(pywin32="ImportError: DLL load failed"), "DLL load failed"),
    ("functions", "fail", says(functions="ModuleNotFoundError: no udfs"), "no udfs"),
    ("libraries", "fail", says(libraries="ImportError: DLL load failed: polars"), "polars"),
    ("dll", "fail", remove(dll_of), f"xlwings64-{XLWINGS}.dll is not in"),
]  # fmt: skip


def only(examination: Examination, check: str, state: str, seen: str) -> None:
    """Exactly one check speaks up, says what it saw, and names a cure and who applies it."""
    assert names(examination, "warn", "fail") == {check}
    (found,) = examination.in_state("warn", "fail")
    assert found.state == state
    assert seen in found.seen
    assert found.cure
    assert found.cure_zh
    assert found.who in {"user", "helpdesk", "IT"}
    assert not examination.healthy
    assert examination.verdict.startswith(f"Needs a look: {check}. ")


@pytest.mark.parametrize(("check", "state", "fault", "seen"), FILE_FAULTS)
def test_one_fault_in_the_files(tmp_path, check, state, fault, seen) -> None:
    profile = installed(tmp_path / "a b")
    fault(profile)
    only(examine(profile), check, state, seen)


REGISTRY_FAULTS = [
    ("disabled_items", "fail", r"HKCU\Software\Microsoft\Office\16.0\Excel\Resiliency\DisabledItems",
     {"2F1A": r"c:\users\chen\xlstart\Receivables.xlam"}, "2F1A"),
    ("duplicates", "fail", OPTIONS, {"OPEN1": r'"C:\tools\receivables.xlam"'}, "OPEN1"),
    ("excel", "fail", EXCEL, {"": STORE}, "WindowsApps"),
    ("excel", "fail", EXCEL, {}, "no excel.exe"),
    ("dll", "fail", OFFICE, {"Platform": "x86"}, f"xlwings32-{XLWINGS}.dll is not in"),
    ("folders", "warn", r"HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders",
     {"AppData": r"\\server\home\chen"}, r"\\server\home"),
    ("child_processes", "fail", r"HKLM\SOFTWARE\Microsoft\Windows Defender\Policy Manager",
     {"ASRRules": "d4f940ab-401b-4efc-aadc-ad5f3c50688a=1|x=2"}, "blocks programs"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "state", "key", "values", "seen"), REGISTRY_FAULTS)
def test_one_fault_in_the_registry(tmp_path, check, state, key, values, seen) -> None:
    profile = installed(tmp_path)
    (tmp_path / "registry.json").write_text(json.dumps(REGISTRY | {key: values}))
    only(examine(make(tmp_path)), check, state, seen)
    assert profile.trial


@pytest.mark.parametrize("row", data_rows("excel_policies.csv"), ids=lambda row: row["meaning"])
def test_every_policy_of_the_table(tmp_path, row) -> None:
    installed(tmp_path)
    value = int(row["value"])
    (tmp_path / "registry.json").write_text(
        json.dumps(REGISTRY | {row["key"].upper(): {row["name"].lower(): value}})
    )
    examination = examine(make(tmp_path))
    if row["state"] == "ok":
        assert examination.healthy
        assert row["meaning"] in {finding.seen for finding in examination.findings}
    else:
        only(examination, row["check"], row["state"], row["meaning"])


def test_a_folder_in_onedrive(tmp_path) -> None:
    only(examine(installed(tmp_path / "OneDrive - Firma" / "chen")), "folders", "warn", "OneDrive")


def test_a_path_too_long_for_excel(tmp_path) -> None:
    home = tmp_path / ("d" * 120) / ("e" * 100)
    only(examine(installed(home)), "path_length", "fail", "characters, Excel takes 218")


@pytest.mark.parametrize(
    ("code_page", "state"),
    [("936", "ok"), ("65001", "ok"), ("1252", "fail"), (None, "not checked")],
)
def test_letters_that_the_code_page_lacks(tmp_path, code_page, state) -> None:
    """陈 is a letter on a Chinese Windows and none on a German one, where VBA loses the path."""
    pages = {CODE_PAGE: {"ACP": code_page} if code_page else {}}
    examination = examine(installed(tmp_path / "陈", pages))
    assert {finding.id: finding.state for finding in examination.findings}["code_page"] == state
    assert examination.healthy == (state != "fail")


def test_a_python_that_never_answers_is_given_up(tmp_path, monkeypatch) -> None:
    profile = installed(tmp_path)
    python_of(profile).write_text("#!/bin/sh\nexec sleep 60\n")
    monkeypatch.setattr(interpreter, "PATIENCE_SECONDS", 0.2)
    only(examine(profile), "interpreter_runs", "fail", "no answer within")


def test_nothing_installed(tmp_path) -> None:
    only(examine(make(tmp_path, REGISTRY)), "installed", "fail", "excel-install.json")


def test_every_check_has_texts_in_two_languages() -> None:
    rows = data_rows("excel_checks.csv")
    for row in rows:
        assert all(row[name] for name in row if name != "variant"), row
    assert len({(row["id"], row["variant"]) for row in rows}) == len(rows)
    assert {row["check"] for row in data_rows("excel_policies.csv")} <= {row["id"] for row in rows}


def test_the_report_is_for_a_helpdesk(tmp_path) -> None:
    profile = installed(tmp_path / "Chen")
    profile.addin.unlink()
    text = report(examine(profile))
    written = json.loads(profile.manifest.read_text())["files"][0]
    assert f"SHA-256 {written['sha256']}" in text
    assert "list of files with their hashes" in text
    assert "哈希清单" in text
    assert "who:  helpdesk" in text
    assert re.search(r"NOT CHECKED / 未检查: 2\n  \[not checked\] mark_of_the_web", text)
    assert "Chen" not in text, "no person's name where no name is the fault"


def test_the_command_and_its_exit_code(tmp_path) -> None:
    profile = installed(tmp_path)
    where = ["excel", "doctor", "--profile", str(tmp_path)]
    runner = CliRunner()
    done = runner.invoke(app, [*where, "--report", str(tmp_path / "report.txt")])
    assert (done.exit_code, "Healthy: 27" in done.output) == (0, True)
    assert (tmp_path / "report.txt").read_bytes().startswith(b"\xef\xbb\xbfreceivables ")
    profile.addin.unlink()
    done = runner.invoke(app, [*where, "--json"])
    answer = json.loads(done.output)
    assert (done.exit_code, answer["healthy"]) == (2, False)
    assert [row["id"] for row in answer["checks"] if row["state"] == "fail"] == ["addin"]


def test_the_settings_of_install_are_those_the_doctor_wants(tmp_path) -> None:
    profile = installed(tmp_path)
    found = conf.parse(profile.conf.read_bytes(), profile.code_page)
    assert set(found) == {conf.INTERPRETER, *conf.FIXED}


class Winreg:
    """The part of Python's `winreg` that is asked for, as documented: one key, one that is denied."""

    HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE, KEY_READ, KEY_WOW64_64KEY = 1, 2, 0x20019, 0x100

    @staticmethod
    def OpenKey(hive: int, path: str, reserved: int, access: int) -> Any:  # noqa: N802
        assert (reserved, access) == (0, 0x20119)
        if (hive, path) == (2, "Denied"):
            raise PermissionError(13, "Access is denied")
        if (hive, path) != (1, "Software\\There"):
            raise FileNotFoundError(2, "The system cannot find the file specified")
        return contextlib.nullcontext()

    @staticmethod
    def QueryInfoKey(_key: Any) -> tuple[int, int, int]:  # noqa: N802
        return 0, 2, 0

    @staticmethod
    def EnumValue(_key: Any, row: int) -> tuple[str, Any, int]:  # noqa: N802
        return [("VBAWarnings", 4, 4), ("", "default", 1)][row]


def test_the_registry_of_windows_is_only_read(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "winreg", Winreg)
    registry = WindowsRegistry()
    assert registry.values("HKCU\\Software\\There") == {"VBAWarnings": 4, "": "default"}
    assert registry.value("HKCU\\Software\\There", "vbawarnings") == 4
    assert registry.value("HKLM\\Software\\There", "x") is None
    with pytest.raises(NotAvailableError, match="may not be read"):
        registry.value("HKLM\\Denied", "x")


def test_a_registry_file_that_is_none(tmp_path) -> None:
    (tmp_path / "registry.json").write_text("[1]")
    with pytest.raises(ReceivablesError, match="not a registry file"):
        make(tmp_path)


def test_every_check_is_on_the_page(tmp_path) -> None:
    page = (Path(__file__).resolve().parents[1] / "docs" / "excel-install.md").read_text()
    for found in examine(make(tmp_path)).findings:
        assert f"`{found.id}`" in page
