"""The Windows kit: nothing is missing on Windows, and setup keeps to its rules (read, not run)."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
import zipfile
from collections.abc import Iterator
from datetime import date
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from receivables.cells import load_functions
from receivables.resources import data_rows
from tools import windows_kit as kit

SCRIPT = (kit.SETUP / "setup.ps1").read_text(encoding="utf-8")
STARTER = (kit.SETUP / "setup.cmd").read_text(encoding="utf-8")
ROOT = Path(__file__).resolve().parents[1]


def own_requirements() -> list[str]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]


def held(python: str) -> dict[str, str]:
    """Package → version of the lock."""
    pins = (line.split(" --hash")[0].split("==") for line in kit.lock_lines(python))
    return {canonicalize_name(name): version for name, version in pins}


def everything_needed(python: str) -> Iterator[tuple[str, Requirement]]:
    """Our requirements on Windows and theirs, as far as this environment knows them; no network."""
    queue = [("receivables", text) for text in own_requirements()]
    seen: set[str] = set()
    while queue:
        parent, text = queue.pop()
        for one in kit.needed([text], python):
            yield parent, one
            if one.name not in seen:
                seen.add(one.name)
                try:
                    queue += [(one.name, text) for text in requires(one.name) or []]
                except PackageNotFoundError:  # for Windows only: its own needs are met by `zip`
                    assert canonicalize_name(one.name) in {"pywin32", "colorama"}


@pytest.mark.parametrize("python", kit.PYTHONS)
def test_what_is_needed_on_windows_is_locked(python) -> None:
    locked = held(python)
    lacking = {
        f"{one} (for {parent})"
        for parent, one in everything_needed(python)
        if not one.specifier.contains(
            locked.get(canonicalize_name(one.name), "0"), prereleases=True
        )
    }
    assert not lacking, "run: tools/windows_kit.py lock"


def test_packages_for_windows_only_are_in() -> None:
    """pip download for another system leaves them out without a word."""
    for python in kit.PYTHONS:
        assert {"pywin32", "colorama", "tzdata"} <= set(held(python))


def test_every_line_of_the_lock_has_a_hash() -> None:
    lines = [line for python in kit.PYTHONS for line in kit.lock_lines(python)]
    assert all(re.fullmatch(r"[\w.-]+==\S+( --hash=sha256:[0-9a-f]{64})+", line) for line in lines)
    assert len(lines) > 90


def wheel(folder: Path, name: str, *needs: str) -> Path:
    path = folder / name
    project, version = name.split("-")[:2]
    text = f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n"
    text += "".join(f"Requires-Dist: {need}\n" for need in needs)
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(f"{project}-{version}.dist-info/METADATA", text)
    return path


def small_kit(folder: Path, *needs: str) -> list[Path]:
    own = wheel(folder, "receivables-0.1.0-py3-none-any.whl", "typer>=1", *needs)
    return [
        own,
        wheel(folder, "typer-1.2-py3-none-any.whl", 'colorama; platform_system == "Windows"'),
    ]


def test_a_package_for_windows_that_is_missing_stops_the_kit(tmp_path) -> None:
    wheels = small_kit(tmp_path, 'uvloop; sys_platform != "win32"', 'rich; extra == "all"')
    with pytest.raises(kit.KitError, match=r"Python 3\.12: colorama; .*\(for typer\)"):
        kit.zip_kit(wheels, tmp_path / "kit.zip")
    assert not (tmp_path / "kit.zip").exists()


def test_a_wheel_too_old_or_for_another_system_does_not_count(tmp_path) -> None:
    wheels = small_kit(tmp_path)
    wheels += [wheel(tmp_path, "colorama-0.4-cp312-cp312-manylinux_2_28_x86_64.whl")]
    assert kit.missing(wheels, "3.12")
    assert kit.missing([wheel(tmp_path, "typer-2.0-py3-none-any.whl", "pip>9")], "3.12") == [
        "pip>9 (for typer)"
    ]


@pytest.mark.parametrize(
    ("tag", "fitting"),
    [
        ("py3-none-any", {"3.12", "3.13", "3.14"}), ("py2.py3-none-any", {"3.12", "3.13", "3.14"}),
        ("cp313-cp313-win_amd64", {"3.13"}), ("cp314-cp314t-win_amd64", set()),
        ("cp310-abi3-win_amd64", {"3.12", "3.13", "3.14"}), ("cp314-abi3-win_amd64", {"3.14"}),
        ("cp312-cp312-win32", set()), ("cp312-cp312-win_arm64", set()),
    ],
)  # fmt: skip
def test_which_wheels_fit(tag, fitting) -> None:
    path = Path(f"x-1-{tag}.whl")
    assert {python for python in kit.PYTHONS if kit.fits(path, python)} == fitting


@pytest.fixture
def made(tmp_path) -> zipfile.ZipFile:
    wheels = [*small_kit(tmp_path), wheel(tmp_path, "colorama-0.4-py3-none-any.whl")]
    return zipfile.ZipFile(kit.zip_kit(wheels, tmp_path / "kit.zip"))


def test_the_kit_holds_setup_wheels_and_sums(made, tmp_path) -> None:
    names = {name for name in made.namelist() if not name.startswith("wheels/")}
    assert names == {
        "setup.cmd",
        "setup.ps1",
        "doctor.cmd",
        "README.txt",
        "kit.json",
        "SHA256SUMS",
    }
    about = json.loads(made.read("kit.json"))
    assert about == {"version": "0.1.0", "pythons": ["3.12", "3.13", "3.14"]}
    listed = dict(line.split("  ")[::-1] for line in made.read("SHA256SUMS").decode().splitlines())
    assert set(listed) == set(made.namelist()) - {"SHA256SUMS"}
    for name, digest in listed.items():
        assert hashlib.sha256(made.read(name)).hexdigest() == digest
    again = kit.zip_kit(sorted(tmp_path.glob("*.whl")), tmp_path / "again.zip")
    assert again.read_bytes() == (tmp_path / "kit.zip").read_bytes()


@pytest.mark.parametrize("name", ["setup.cmd", "doctor.cmd", "setup.ps1", "README.txt"])
def test_bytes_as_windows_reads_them(made, name) -> None:
    """Windows PowerShell 5.1 needs the mark of UTF-8; cmd.exe would take it for a command."""
    content = made.read(name)
    assert content.count(b"\n") == content.count(b"\r\n") > 5
    assert content.startswith(b"\xef\xbb\xbf") == (not name.endswith(".cmd"))
    assert content.isascii() == name.endswith(".cmd")
    assert b"@PYTHONS@" not in content


def code_only(script: str) -> str:
    """The script without comments; texts in quotes become empty, `$(…)` in them is left out too."""
    script = re.sub(r"<#.*?#>", "", script, flags=re.DOTALL)
    script = re.sub(r"'[^'\n]*'", "''", script)
    script = re.sub(r'"(?:\$\((?:[^()"]|"[^"]*"|\([^()]*\))*\)|""|[^"\n])*"', '""', script)
    return re.sub(r"(?m)#.*$", "", script)


CODE = code_only(SCRIPT)


def test_brackets_are_balanced() -> None:
    pairs, stack = {")": "(", "}": "{", "]": "["}, []
    for sign in CODE:
        if sign in pairs.values():
            stack.append(sign)
        elif sign in pairs:
            assert stack.pop() == pairs[sign]
    assert not stack
    assert CODE.count('"') % 2 == 0


CMDLETS = {
    "Add-Content", "ConvertFrom-Json", "Copy-Item", "ForEach-Object", "Get-ChildItem", "Get-Command", "Get-Content",
    "Get-Date", "Get-FileHash", "Get-ItemProperty", "Get-Process", "Join-Path", "New-Item", "Out-Null",
    "Remove-Item", "Select-Object", "Set-Content", "Set-StrictMode", "Test-Path", "Where-Object",
    "Write-Host",
}  # fmt: skip
"""What the script may call: nothing that elevates, downloads, changes a policy or the registry."""


def test_only_known_commands_are_called() -> None:
    defined = set(re.findall(r"(?m)^function ([\w-]+)", CODE))
    inside_texts = " ".join(re.findall(r"\$\(([^)]*)\)", SCRIPT))
    called = set(re.findall(r"(?<![\w$-])[A-Z]\w+-[A-Z]\w+", CODE + inside_texts))
    assert called - defined == CMDLETS
    for name in defined:
        assert len(re.findall(rf"(?<![\w-]){name}(?![\w-])", CODE)) > 1, f"{name} is never called"


@pytest.mark.parametrize(
    "word",
    [
        "runas", "-verb", "executionpolicy", "::", "new-object", "add-type", "invoke-expression",
        "invoke-webrequest", "start-process", "netsh", "schtasks", "setx", "reg add", "icacls",
        "-index-url", "frombase64", "-encodedcommand", "windowstyle",
    ],
)  # fmt: skip
def test_words_that_do_not_stand_in_the_script(word) -> None:
    """No administrator, no download, no policy; no .NET, which constrained language mode refuses."""
    assert word not in CODE.lower()


def test_the_execution_policy_is_relaxed_for_one_process_only() -> None:
    (line,) = (line for line in STARTER.splitlines() if "powershell.exe" in line)
    assert "-NoProfile -ExecutionPolicy Bypass -File" in line
    assert STARTER.lower().count("executionpolicy") == 1


def test_paths_with_spaces_stay_whole() -> None:
    """Every path of cmd.exe stands in quotes; every cmdlet takes a path literally."""
    doctor = (kit.SETUP / "doctor.cmd").read_text(encoding="utf-8")
    for before, after in re.findall(r'(.)%(?:~dp0|LOCALAPPDATA%)[^" ]*(.)', STARTER + doctor):
        assert (before, after) == ('"', '"')
    assert '"%SystemRoot%\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"' in STARTER
    for command in (
        "Get-Content",
        "Add-Content",
        "Set-Content",
        "Test-Path",
        "Get-FileHash",
        "Remove-Item",
    ):
        for line in SCRIPT.splitlines():
            for rest in re.findall(rf"(?<![\w-]){command} ([^|)]*)", line):
                assert re.match(r"-LiteralPath (\$|\(Join-Path \$)", rest), line.strip()
    runs = re.findall(r"(?m)^\s*(?:\$said = )?& (\S+)", SCRIPT)
    assert set(runs) == {"$program", "$candidate"}, "a program is a variable: one argument"


def test_python_runs_apart_from_the_users_settings() -> None:
    """-I: no PYTHONPATH, no user site; pip takes neither an index nor a firm's configuration."""
    for line in SCRIPT.splitlines():
        if re.match(r"\s*(\$said = )?& \$", line):
            assert " -I " in line
    assert "'--no-index', '--find-links', $wheels" in SCRIPT
    assert "$env:PIP_CONFIG_FILE = 'nul'" in SCRIPT


def test_only_an_environment_of_this_setup_is_removed() -> None:
    body = SCRIPT.split("function Remove-All")[1].split("\n}\n")[0]
    guard, removal = body.index("if (Test-Path -LiteralPath $marker)"), body.index("Remove-Item")
    assert guard < removal
    assert SCRIPT.count("Remove-Item") == 1
    creation = SCRIPT.split("function New-Environment")[1].split("\n}\n")[0]
    assert creation.index("-not (Test-Path -LiteralPath $marker)") < creation.index("'--clear'")


def test_the_steps_in_their_order() -> None:
    body = SCRIPT.split("function Install-All")[1].split("\n}\n")[0]
    steps = ("Test-Kit", "Assert-ExcelIsClosed", "Find-Python", "New-Environment", "Install-Packages", "Install-AddIn")  # fmt: skip
    assert [body.index(step) for step in steps] == sorted(body.index(step) for step in steps)
    assert "@('-m', 'receivables', 'excel', 'install')" in SCRIPT
    assert "'doctor', '--report', $report" in SCRIPT


def test_people_are_told_in_two_languages() -> None:
    told = re.findall(r"(?m)^\s*(?:Say|Stop-Setup) (['\"])([^ \n].*)$", SCRIPT)
    spoken = [
        text
        for _, text in told
        if not text.startswith(("  ", "$_", "receivables $", "STOPPED: $"))
    ]
    assert len(spoken) > 20
    for text in spoken:
        assert re.search(r"[\u4e00-\u9fff]", text), text


def test_each_way_to_stop_has_its_own_code() -> None:
    codes = re.findall(r"(?m)['\"] (\d+)$", SCRIPT)
    assert len(codes) >= 11
    twice = {code for code in codes if codes.count(code) > 1}
    assert twice == {"4"}, "missing and damaged files are one case"


def test_a_variable_ends_where_its_name_ends() -> None:
    """`$name:` is a drive to PowerShell, and a letter of any script would join the name."""
    texts = re.findall(r'"[^"\n]*"', SCRIPT)
    for text in texts:
        assert not re.search(r"\$(?!env:|script:)\w+(:|[^\x00-\x7f])", text), text


def test_the_versions_of_python_are_said_in_one_place() -> None:
    assert not re.search(r"Python 3\.1\d", SCRIPT + STARTER)
    assert "@PYTHONS@" in (kit.SETUP / "README.txt").read_text(encoding="utf-8")


def test_the_checklist_asks_for_what_there_is() -> None:
    """A page for a person: its functions exist, its buttons have these labels, nothing is claimed."""
    page = (ROOT / "docs" / "excel-checklist.md").read_text(encoding="utf-8")
    functions = load_functions()
    named = set(re.findall(r"=(?:IFERROR\()?([A-Z_]+)\(", page)) - {"IFERROR"}
    assert named == {"AGING_BUCKET", "AGING_DAYS", "DSO"}
    assert named <= set(functions)
    day, as_of = date(2026, 9, 30), date(2026, 10, 31)
    assert (functions["AGING_DAYS"].call(day, as_of)) == 31
    assert str(functions["AGING_BUCKET"].call("x", as_of)).startswith("#VALUE!")
    labels = {row["label_en"] for row in data_rows("actions.csv")}
    assert labels <= {label.strip("*") for label in re.findall(r"\*\*[^*]+\*\*", page)}
    assert "Nobody has run this list yet." in page
    steps = re.findall(r"(?m)^\| (\d+) \|", page)
    assert [int(step) for step in steps] == list(range(1, len(steps) + 1))
