"""The wheel works on its own: outside the repository, with nothing but its dependencies beside it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from receivables_addin.calc.build import pack, parts
from receivables_addin.excel.build import addin_content

ROOT = Path(__file__).resolve().parents[1]
ASSETS = {
    "templates": ROOT / "templates",
    "workbooks": ROOT / "workbooks",
    "excel": ROOT / "addin" / "excel",
    "calc": ROOT / "addin" / "calc",
}


def run(command: list[str], folder: Path) -> str:
    """Run outside the repository, without its paths in the environment."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    clean |= {"RECEIVABLES_HOME": str(folder / "no such folder"), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        command, cwd=folder, env=clean, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = ["pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    run([sys.executable, "-m", *build, str(folder), str(ROOT)], folder)
    return next(folder.glob("receivables-*.whl"))


@pytest.fixture(scope="module")
def outside(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that holds the wheel.

    Our own dependencies are reached through a .pth file: a path named there is searched, but its
    .pth files (the editable install of the repository among them) are not followed.
    """
    folder = tmp_path_factory.mktemp("outside") / "env"
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    names = {"base": str(folder), "platbase": str(folder)}
    python = shutil.which("python", path=sysconfig.get_path("scripts", vars=names)) or ""
    install = ["pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index"]
    run([sys.executable, "-m", *install, str(wheel)], folder)
    site = Path(sysconfig.get_path("purelib", vars=names))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return Path(python).parent


def test_the_wheel_holds_packages_data_and_assets(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "receivables", "udfs", "addin/receivables_addin"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    expected = {name.removeprefix("udfs/").removeprefix("addin/") for name in tracked}
    for kind, folder in ASSETS.items():
        files = (path for path in folder.rglob("*") if path.is_file())
        inside = f"receivables_addin/_assets/{kind}"
        expected |= {f"{inside}/{path.relative_to(folder).as_posix()}" for path in files}
    missing = {name for name in expected - held if "cache" not in name}
    assert not missing
    strangers = {name.split("/")[0] for name in held} - {
        "receivables", "receivables_udfs", "receivables_addin",
    }  # fmt: skip
    assert all(name.endswith(".dist-info") for name in strangers), "nothing else is installed"


def test_the_repository_is_out_of_reach(outside: Path) -> None:
    code = "import receivables, sys; print(receivables.__file__); print(*sys.path, sep='\\n')"
    shown = run([str(outside / "python"), "-c", code], outside).splitlines()
    assert "env" in Path(shown[0]).parts
    assert str(ROOT) not in shown


@pytest.mark.parametrize("kind", ASSETS)
def test_assets_are_found_in_the_wheel(outside: Path, kind: str) -> None:
    code = f"from receivables.resources import asset_path; print(asset_path({kind!r}))"
    found = Path(run([str(outside / "python"), "-c", code], outside).strip())
    assert found.parts[-3:] == ("receivables_addin", "_assets", kind)


def test_a_cell_function_answers(outside: Path) -> None:
    call = ["call", "AGING_BUCKET", "2026-09-30", "2026-10-31"]
    assert run([str(outside / "receivables"), *call], outside).strip() == "31-60 d"


def test_the_functions_are_listed(outside: Path) -> None:
    listed = json.loads(run([str(outside / "receivables"), "functions", "--json"], outside))
    rows = listed if isinstance(listed, list) else listed["functions"]
    assert "AGING_BUCKET" in {row["name"] for row in rows}


def test_the_excel_add_in_is_built_as_in_the_source_tree(outside: Path, tmp_path: Path) -> None:
    target = tmp_path / "X.xlam"
    run([str(outside / "receivables"), "excel", "build", "-o", str(target)], tmp_path)
    assert target.read_bytes() == addin_content()


def test_the_calc_extension_is_built_as_in_the_source_tree(outside: Path, tmp_path: Path) -> None:
    target = tmp_path / "X.oxt"
    run([str(outside / "receivables"), "calc", "build", "-o", str(target)], tmp_path)
    assert target.read_bytes() == pack(parts())


@pytest.fixture(scope="module")
def demo(outside: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `receivables demo --out demo` was run."""
    folder = tmp_path_factory.mktemp("demo")
    run([str(outside / "receivables"), "demo", "--out", "demo"], folder)
    return folder


def test_the_demo_builds_its_report(demo: Path) -> None:
    made = {path.name for path in (demo / "demo").iterdir()}
    assert {"ledger.xlsx", "report.xlsx"} <= made


def test_the_python_example_of_the_readme_runs(outside: Path, demo: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    shown = run([str(outside / "python"), "-c", example], demo)
    assert "customer_id" in shown
