"""The house in order: commands, links, versions and dependencies say what is true."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import receivables

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

TEXT = {".py", ".md", ".toml", ".csv", ".txt", ".j2", ".sh", ".yml", ".yaml", ".json", ".html", ""}
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:wor[k]|tm[p]|roo[t]|far[m]|hom[e]/\w+)/\w")
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)|!\[[^\]]*\]\(([^)\s]+)\)")

IMPORTED_AS = {
    "sklearn": "scikit-learn",
    "docx": "docxtpl",
    "markupsafe": "jinja2",
    "adbc_driver_postgresql": "adbc-driver-postgresql",
    "adbc_driver_manager": "adbc-driver-postgresql",
    "click": "typer",
    "dateutil": "pandas",
    "numpy": "pandas",
    "win32com": "xlwings",
}
"""Module → the distribution in pyproject.toml that brings it, where the names differ."""

IN_THE_OFFICE = {"uno", "unohelper", "com", "org"}
"""What the Python of an office brings along, for the part of the add-in that runs in there."""


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def make_targets() -> dict[str, str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    found = re.findall(r"^([a-z-]+):[^=\n]*?(?:## (.*))?$", text, re.MULTILINE)
    return dict(found)


def test_no_path_of_one_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {row.strip()[:100]}"
        for path in tracked()
        if path.suffix in TEXT
        for number, row in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if MACHINE_PATHS.search(row)
    ]
    assert not found


def test_every_make_target_is_explained() -> None:
    targets = make_targets()
    assert {"demo", "test", "lint", "bench", "docs", "clean", "help"} <= set(targets)
    assert all(targets.values()), targets
    shown = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert all(f"make {name}" in shown for name in targets)


def test_every_make_command_in_the_documents_exists() -> None:
    documents = [path for path in tracked() if path.suffix == ".md"]
    named = {
        name
        for path in documents
        for name in re.findall(
            r"(?:^|`)make ([a-z-]+)", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    assert named - set(make_targets()) == set()


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in tracked()
        if path.suffix == ".md"
        for groups in LINK.findall(path.read_text(encoding="utf-8"))
        for target in groups
        if target and "://" not in target and not (path.parent / target).exists()
    ]
    assert not broken


def test_the_change_log_knows_this_version() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0].startswith("[Unreleased]")
    assert any(receivables.__version__ in heading for heading in headings)


def test_every_test_named_in_the_coverage_exists() -> None:
    text = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", text)
    assert named
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / path).is_file() or f"def {name}" not in (ROOT / path).read_text("utf-8")
    ]
    assert not missing


def distributions() -> set[str]:
    asked = list(PROJECT["dependencies"])
    for extra in ("duckdb", "postgres", "pyspark", "calibrate"):
        asked += PROJECT["optional-dependencies"][extra]
    return {re.split(r"[<>=!\[; ]", name)[0].lower() for name in asked}


def third_party(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    ours = {
        "receivables",
        "receivables_udfs",
        "receivables_addin",
        "receivables_office",
        "receivables_shim",
    }
    return found - ours - IN_THE_OFFICE - sys.stdlib_module_names


def test_every_import_is_a_declared_dependency() -> None:
    """A fresh installation has what pyproject.toml names and nothing else."""
    packages = (ROOT / "receivables", ROOT / "udfs", ROOT / "addin")
    undeclared = {
        f"{path.relative_to(ROOT)}: {name}"
        for package in packages
        for path in package.rglob("*.py")
        for name in third_party(path)
        if IMPORTED_AS.get(name, name) not in distributions()
    }
    assert not undeclared


@pytest.mark.parametrize("extra", ["duckdb", "postgres", "pyspark", "engines", "calibrate", "dev"])
def test_extras_exist(extra: str) -> None:
    assert PROJECT["optional-dependencies"][extra]


def test_the_build_server_runs_the_tests() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111, "git must keep it executable"
    assert "make" in script.read_text(encoding="utf-8")
    assert re.search(r"^ci: test\b", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "usage: tools/setup.sh venv | programs | make"),
        (["everything"], "usage: tools/setup.sh venv | programs | make"),
    ],
)
def test_set_up_says_how_to_call_it(arguments: list[str], message: str) -> None:
    script = str(ROOT / "tools" / "setup.sh")
    done = subprocess.run([script, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert message in done.stderr


def test_set_up_names_the_missing_packages(tmp_path: Path) -> None:
    """On a machine without apt nothing is installed: one sentence, then stop."""
    for name in ("bash", "dirname", "id", "env"):
        (tmp_path / name).symlink_to(shutil.which(name) or "")
    done = subprocess.run(
        [str(ROOT / "tools" / "setup.sh"), "programs"],
        env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "libreoffice-calc libreoffice-writer" in done.stderr
    assert "no apt" in done.stderr
