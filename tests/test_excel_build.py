"""The add-in as a whole: two independent readers, the same bytes again, every text inside."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from receivables_addin.excel import build as building
from receivables_addin.excel.build import all_functions, build_addin, help_rows, project
from receivables_addin.excel.project import Module, ProjectError
from typer.testing import CliRunner

import receivables
from receivables.cells import REGISTRY, load_functions
from receivables.cli import app
from tests.vba_readers import by_olevba, by_pyopenvba, opened


@pytest.fixture(scope="module")
def addin(tmp_path_factory) -> Path:
    return build_addin(tmp_path_factory.mktemp("build") / "new folder" / "receivables.xlam")


@pytest.mark.parametrize("read", [by_olevba, by_pyopenvba])
def test_independent_readers_see_our_text(addin, read: Callable[[Path], dict[str, str]]) -> None:
    expected = {module.name: module.source() for module in project(all_functions()).modules}
    found = read(addin)
    assert set(found) == set(expected)
    for name, text in expected.items():
        assert found[name].replace("\r\n", "\n").rstrip() == text.replace("\r\n", "\n").rstrip()


def test_a_third_reader_finds_no_fault(addin) -> None:
    import pyopenvba

    report = pyopenvba.check_file(addin)
    assert report.complete
    assert report.issues == ()


def test_the_container_has_no_defect(addin) -> None:
    with zipfile.ZipFile(addin) as archive:
        opened(archive.read("xl/vbaProject.bin"))


def test_a_rebuild_gives_the_same_bytes(addin, tmp_path) -> None:
    assert build_addin(tmp_path / "again.xlam").read_bytes() == addin.read_bytes()


def test_another_process_on_another_day_gives_the_same_bytes(addin, tmp_path) -> None:
    """Nothing depends on the order of a set, the time zone or the clock."""
    target = tmp_path / "other.xlam"
    call = f"from pathlib import Path; from receivables_addin.excel.build import build_addin; build_addin(Path({str(target)!r}))"
    settings = {"PYTHONHASHSEED": "7", "TZ": "Asia/Shanghai", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", call], check=True, env={**os.environ, **settings})
    assert target.read_bytes() == addin.read_bytes()


def test_modules_of_the_add_in() -> None:
    names = [module.name for module in project(all_functions()).modules]
    assert names[:4] == ["ThisWorkbook", "ConfSheet", "TextSheet", "HelpSheet"]
    assert {"Ribbon", "Startup", "Texts", "xlwings", "ReceivablesCells"} <= set(names)


def test_every_function_has_a_wrapper() -> None:
    load_functions()
    text = "\n".join(module.source() for module in project(all_functions()).modules)
    for name in REGISTRY:
        assert text.count(f"Public Function {name}(") == 1


def test_chinese_stands_on_the_sheets_and_not_in_the_code() -> None:
    for module in project(all_functions()).modules:
        assert module.source().isascii() or module.source().encode("cp1252")
    rows = help_rows(all_functions())[1:]
    assert {row[5] for row in rows if not row[1]} <= {
        f"应收账款:{line}" for line in ("评估", "转移", "监控", "应对")
    }


def test_help_has_a_row_for_each_function_and_argument() -> None:
    rows = [(row[0], row[1]) for row in help_rows(all_functions())[1:]]
    expected = [(spec.name, name) for spec in all_functions() for name in ("", *(arg.name for arg in spec.args))]  # fmt: skip
    assert rows == expected


def test_texts_of_the_wizard_fit_and_are_there() -> None:
    for row in help_rows(all_functions())[1:]:
        assert all(0 < len(text) <= 255 for text in row[2:4]), row
        assert len(row) == (4 if row[1] else 6)
        assert all(row) or not row[1]


def test_a_text_excel_could_not_load_stops_the_build(monkeypatch, tmp_path) -> None:
    broken = Module("Texts", "standard", "Public Function Leak()\nEnd Function")
    own = building.own_module
    monkeypatch.setattr(
        building, "own_module", lambda file: broken if "Texts" in file else own(file)
    )
    with pytest.raises(ProjectError, match=r"Texts\.Leak: any formula could call it"):
        build_addin(tmp_path / "broken.xlam")
    assert not list(tmp_path.iterdir()), "nothing is written"


@pytest.mark.parametrize("name", ["receivables.xlsm", "receivables", "receivables.xlam.zip"])
def test_another_ending_is_refused(name, tmp_path) -> None:
    with pytest.raises(ProjectError, match=r"must end in \.xlam"):
        build_addin(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written(tmp_path) -> None:
    (tmp_path / "X.xlam").mkdir()
    with pytest.raises(ProjectError, match=r"cannot be written .* Close Excel"):
        build_addin(tmp_path / "X.xlam")


def test_the_command(tmp_path) -> None:
    target = tmp_path / "X.xlam"
    done = CliRunner().invoke(app, ["excel", "build", "-o", str(target), "--xlsm-twin"])
    assert done.exit_code == 0, done.output
    assert target.is_file()
    assert target.with_suffix(".xlsm").is_file()
    assert "receivables excel install" in done.output


def test_the_command_in_json(tmp_path) -> None:
    target = tmp_path / "X.xlam"
    done = CliRunner().invoke(app, ["excel", "build", "--out", str(target), "--json"])
    said = json.loads(done.output)
    assert said["file"] == str(target)
    assert said["sha256"] == hashlib.sha256(target.read_bytes()).hexdigest()
    assert said["functions"] == len(all_functions())
    assert said["twin"] is None


def test_the_version_is_inside(addin) -> None:
    with zipfile.ZipFile(addin) as archive:
        assert receivables.__version__ in archive.read("xl/worksheets/sheet1.xml").decode()
