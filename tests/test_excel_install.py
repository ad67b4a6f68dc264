"""Install, status and uninstall for one Windows user, in folders laid out like a profile."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from receivables_addin.excel import conf
from receivables_addin.excel.install import install, status, uninstall
from receivables_addin.excel.profile import find, of_windows
from receivables_addin.excel.registry import FileRegistry
from typer.testing import CliRunner

from receivables.cli import app
from receivables.errors import BadValueError, NotAvailableError, ReceivablesError
from tests.excel_profiles import BUILT, XLWINGS, content, interpreter, make, windows_python

ROAMING = "AppData/Roaming/Microsoft/Excel/XLSTART/receivables.xlam"
NAMES = ("plain", "Jörg Müller & Söhne", "陈 静", "O'Neill (AR)")


@pytest.fixture(params=NAMES)
def home(request, tmp_path) -> Path:
    return tmp_path / request.param


def build(target: Path) -> None:
    target.write_bytes(BUILT)


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_it_lays_out_add_in_settings_and_record(home) -> None:
    profile = make(home)
    outcome = install(profile, interpreter(profile), build)
    assert [(step.what, step.done) for step in outcome.steps] == [
        ("add-in", "written"), ("settings", "written"),
    ]  # fmt: skip
    assert (home / ROAMING).read_bytes() == BUILT
    assert (home / ".receivables/receivables.conf").read_bytes() == (
        b'"INTERPRETER_WIN","%LOCALAPPDATA%\\receivables\\Scripts\\python.exe"\r\n'
        b'"ADD_WORKBOOK_TO_PYTHONPATH","false"\r\n"USE UDF SERVER","true"\r\n'
    )
    assert status(profile)["installed"] is True


def test_the_settings_never_hold_the_persons_name(home) -> None:
    profile = make(home)
    install(profile, interpreter(profile), build)
    assert content(profile.conf).isascii()
    assert home.name not in content(profile.manifest)


def test_twice_is_no_change(home) -> None:
    profile = make(home)
    install(profile, interpreter(profile), build)
    before = snapshot(home)
    again = install(profile, interpreter(profile), build)
    assert {step.done for step in again.steps} == {"unchanged"}
    assert not again.changed
    assert snapshot(home) == before


def test_uninstall_leaves_the_profile_as_it_was(home) -> None:
    profile = make(home)
    windows_python(profile)
    before = snapshot(home)
    folders = {path for path in home.rglob("*") if path.is_dir()}
    install(profile, interpreter(profile), build)
    outcome = uninstall(profile)
    assert {step.done for step in outcome.steps} == {"removed"}
    assert snapshot(home) == before
    assert {path for path in home.rglob("*") if path.is_dir()} == folders
    assert uninstall(profile).steps == ()


def test_an_older_add_in_of_ours_is_replaced_without_a_backup(tmp_path) -> None:
    profile = make(tmp_path)
    install(profile, interpreter(profile), lambda target: target.write_bytes(b"old"))
    outcome = install(profile, interpreter(profile), build)
    assert [step.done for step in outcome.steps] == ["replaced", "unchanged"]
    assert profile.addin.read_bytes() == BUILT
    assert not profile.backups.exists()


def test_a_strangers_file_is_kept_and_comes_back(tmp_path) -> None:
    profile = make(tmp_path)
    profile.startup.mkdir(parents=True)
    profile.addin.write_bytes(b"somebody else's add-in")
    first = install(profile, interpreter(profile), build)
    assert "is kept as %USERPROFILE%\\.receivables\\excel-backup\\receivables-" in (
        first.steps[0].note
    )
    install(profile, interpreter(profile), lambda target: target.write_bytes(b"a newer one"))
    outcome = uninstall(profile)
    assert profile.addin.read_bytes() == b"somebody else's add-in"
    assert outcome.steps[0].note == "the file that stood there before is back"
    assert not profile.own.exists()


def test_uninstall_keeps_what_was_changed_since(tmp_path) -> None:
    profile = make(tmp_path)
    install(profile, interpreter(profile), build)
    profile.conf.write_bytes(b'"SHOW CONSOLE","true"\r\n')
    outcome = uninstall(profile)
    assert [step.done for step in outcome.steps] == ["removed", "kept, was changed"]
    assert profile.conf.read_bytes() == b'"SHOW CONSOLE","true"\r\n'
    assert not profile.addin.exists()


def test_uninstall_without_a_record_touches_nothing(tmp_path) -> None:
    profile = make(tmp_path)
    profile.startup.mkdir(parents=True)
    profile.addin.write_bytes(b"whose is it?")
    outcome = uninstall(profile)
    assert "no record" in outcome.notes[0]
    assert profile.addin.read_bytes() == b"whose is it?"


@pytest.fixture
def excel_is_open(monkeypatch) -> None:
    """Windows refuses to replace or delete a file that Excel holds open."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "The process cannot access the file")

    def unlink(path: Path, missing_ok: bool = False) -> None:
        (refuse if path.parent.name == "XLSTART" else real)(path, missing_ok)

    real = Path.unlink
    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr(Path, "unlink", unlink)


def test_over_an_open_excel_nothing_changes(tmp_path, request) -> None:
    profile = make(tmp_path)
    install(profile, interpreter(profile), lambda target: target.write_bytes(b"old"))
    before = snapshot(tmp_path)
    request.getfixturevalue("excel_is_open")
    with pytest.raises(
        ReceivablesError, match=r"in use and was left as it is\. Close every Excel window"
    ):
        install(profile, interpreter(profile), build)
    assert snapshot(tmp_path) == before, "no half file, no left-over"
    with pytest.raises(ReceivablesError, match="in use"):
        uninstall(profile)
    assert snapshot(tmp_path) == before


def test_over_an_open_strangers_file_no_backup_is_left(tmp_path, request) -> None:
    profile = make(tmp_path)
    profile.startup.mkdir(parents=True)
    profile.addin.write_bytes(b"somebody else's, and open")
    python = interpreter(profile)
    before = snapshot(tmp_path)
    request.getfixturevalue("excel_is_open")
    with pytest.raises(ReceivablesError, match="in use"):
        install(profile, python, build)
    assert snapshot(tmp_path) == before


def test_a_half_written_file_is_never_where_excel_looks(tmp_path, monkeypatch) -> None:
    """Excel opens whatever lies in XLSTART, so the unfinished file stands outside of it."""
    profile = make(tmp_path)
    real, seen = os.replace, []
    monkeypatch.setattr(os, "replace", lambda old, new: (seen.append(Path(old)), real(old, new)))
    install(profile, interpreter(profile), build)
    assert seen[0].parent == profile.excel
    assert all(path.parent != profile.startup for path in seen)


def test_a_missing_dll_is_fetched_from_where_pip_put_it(tmp_path) -> None:
    """`pip install --user` puts it in the user's base folder, where the add-in does not look."""
    profile = make(tmp_path)
    base = tmp_path / "user base"
    base.mkdir()
    python = windows_python(profile, dll=False, folders=[str(base)])
    dll = f"xlwings64-{XLWINGS}.dll"
    with pytest.raises(NotAvailableError, match=rf"{dll} is not beside .* exception"):
        install(profile, python, build)
    assert not profile.addin.exists(), "refused before anything was written"
    (base / dll).write_bytes(b"MZ")
    outcome = install(profile, python, build)
    assert (outcome.steps[2].what, outcome.steps[2].done) == ("DLL", "written")
    assert (python.parent / dll).read_bytes() == b"MZ"
    assert not install(profile, python, build).changed
    uninstall(profile)
    assert not (python.parent / dll).exists()


def test_a_dll_no_longer_needed_is_taken_away(tmp_path) -> None:
    base = tmp_path / "user base"
    base.mkdir()
    for bits in (32, 64):
        (base / f"xlwings{bits}-{XLWINGS}.dll").write_bytes(b"MZ")
    profile = make(tmp_path)
    python = windows_python(profile, dll=False, folders=[str(base)])
    install(profile, python, build)
    assert [path.name for path in python.parent.glob("*.dll")] == [f"xlwings64-{XLWINGS}.dll"]
    key = r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration"
    install(make(tmp_path, {key: {"Platform": "x86"}}), python, build)
    assert [path.name for path in python.parent.glob("*.dll")] == [f"xlwings32-{XLWINGS}.dll"]


def test_excel_of_32_bit_wants_the_dll_of_32_bit(tmp_path) -> None:
    key = r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration"
    profile = make(tmp_path, {key: {"Platform": "x86"}})
    with pytest.raises(NotAvailableError, match=f"xlwings32-{XLWINGS}.dll"):
        install(profile, windows_python(profile), build)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"base": r"C:\Program Files\WindowsApps\Python.3.12"}, "Microsoft Store"),
        ({"receivables": "0.0.1"}, r"has receivables 0\.0\.1, this program is"),
        ({"receivables": ""}, "has no receivables"),
        ({"xlwings": "0.30.1"}, r"has xlwings 0\.30\.1, the add-in is built with"),
    ],
)
def test_an_unfit_python_is_refused_with_the_cure(tmp_path, said, message) -> None:
    profile = make(tmp_path)
    with pytest.raises(NotAvailableError, match=message):
        install(profile, windows_python(profile, **said), build)
    assert not profile.own.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("#!/bin/sh\nexit 3\n", "ends with code 3"),
        (None, "no such file"),
        ("#!/none\n", "cannot be"),
    ],
)
def test_a_broken_python_is_refused(tmp_path, text, message) -> None:
    python = tmp_path / "python.exe"
    if text is not None:
        python.write_text(text)
        python.chmod(0o755)
    with pytest.raises(NotAvailableError, match=rf"{message}.*--interpreter"):
        install(make(tmp_path), python, build)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('C:\\a"b\\python.exe', "quote"),
        ('C:\\a\r\n"LICENSE_KEY","x', "quote, line break"),
        ("C:\\50% off\\python.exe", "percent sign"),
        ("%TEMP%\\python.exe", "percent sign"),
        ("C:\\陈\\python.exe", "code page"),
    ],
)  # fmt: skip
def test_a_path_cannot_smuggle_settings_in(value, message) -> None:
    with pytest.raises(BadValueError, match=message):
        conf.render({conf.INTERPRETER: value}, "cp1252")


@pytest.mark.parametrize("key", conf.FORBIDDEN)
def test_some_keys_are_never_written(key) -> None:
    with pytest.raises(BadValueError, match=key):
        conf.render({key: "x"}, "cp1252")


def test_settings_go_through_the_code_page_and_back() -> None:
    values = {"INTERPRETER_WIN": "C:\\Müller, Söhne\\python.exe", "USE UDF SERVER": "true"}
    assert conf.parse(conf.render(values, "cp1252"), "cp1252") == values


def test_a_setting_added_by_hand_survives_the_next_installation(tmp_path) -> None:
    profile = make(tmp_path)
    install(profile, interpreter(profile), build)
    own = b'"LANGUAGE","zh"\r\n'
    profile.conf.write_bytes(profile.conf.read_bytes() + own + b'"PYTHONPATH","C:\\x"\r\n')
    assert install(profile, interpreter(profile), build).steps[1].done == "replaced"
    assert profile.conf.read_bytes().endswith(own)
    assert status(profile)["installed"] is True


def test_the_folders_of_windows_come_from_its_variables() -> None:
    nowhere = FileRegistry({})
    roaming = "//server/profiles/chen/Roaming"
    found = of_windows(
        {"USERPROFILE": "/u/chen", "APPDATA": roaming, "LOCALAPPDATA": "/u/chen/L"}, nowhere
    )
    assert found.addin == Path(roaming, "Microsoft/Excel/XLSTART/receivables.xlam")
    with pytest.raises(ReceivablesError, match="APPDATA, LOCALAPPDATA is not set"):
        of_windows({"USERPROFILE": "/u/chen"}, nowhere)


def test_a_damaged_record_is_named(tmp_path) -> None:
    profile = make(tmp_path)
    install(profile, interpreter(profile), build)
    profile.manifest.write_text("{}")
    with pytest.raises(
        ReceivablesError, match=r"record of the installation is damaged\. Delete it"
    ):
        uninstall(profile)


def excel(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["excel", *words])
    return done.exit_code, done.output


def test_the_commands_with_the_real_add_in(tmp_path) -> None:
    """What the issue asks for: a profile that install lays out is one that doctor calls healthy."""
    where = ("--profile", str(tmp_path / "Jörg 陈"))
    assert excel("status", *where)[0] == 2
    code, told = excel("install", *where)
    assert (code, "add-in: written %APPDATA%" in told) == (0, True)
    code, told = excel("install", *where, "--json")
    assert (code, json.loads(told)["changed"]) == (0, False)
    code, told = excel("doctor", *where)
    assert (code, "Healthy: 14 checks are well. Not checked (15):" in told) == (0, True)
    code, told = excel("status", *where, "--json")
    assert (code, json.loads(told)["installed"]) == (0, True)
    assert find(tmp_path / "Jörg 陈").addin.read_bytes()[:2] == b"PK"
    assert excel("uninstall", *where)[0] == 0
    assert excel("uninstall", *where)[0] == 0
    assert not (tmp_path / "Jörg 陈").exists()


def test_without_windows_a_profile_must_be_given() -> None:
    code, told = excel("install")
    assert (code, "--profile" in told) == (2, True)


def test_exit_code_two_when_something_is_left(tmp_path) -> None:
    profile = make(tmp_path)
    install(profile, interpreter(profile), build)
    profile.conf.write_bytes(b"changed")
    assert excel("uninstall", "--profile", str(tmp_path))[0] == 2
