"""The office side of Calc: its host.toml, what it hands on to the process, and buttons."""

from __future__ import annotations

import os
import stat
import sys
import tomllib
from pathlib import Path

import pytest
from receivables_addin.calc import hostfile

from receivables.errors import SettingsError
from tests.calc_shim import BUCKET, environment, error_code, files, office, program


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda _: None, "cannot be read"),
        (lambda path: path.write_text("interpreter = nothing"), "line 1 is not 'name = value'"),
        (lambda path: path.write_text("timeout_seconds = 'x'"), "line 1 is not"),
        (lambda path: path.write_text('timeout_seconds = "x"'), "timeout_seconds has a value of the wrong type"),
        (lambda path: path.write_text('interpreter = "/no/python"'), "there is no Python at '/no/python'"),
        (lambda path: path.write_text('interpreter = "python3"'), "there is no Python at 'python3'"),
        (lambda path: (path.write_text("x = 1"), path.chmod(0o666)), "can be changed by other users"),
        (lambda path: (path.write_text('interpreter = "/bin/false"')), "ended at once"),
    ],
    ids=range(8),
)  # fmt: skip
def test_what_is_wrong_with_the_installation_is_said(tmp_path: Path, make, message: str) -> None:
    with office(tmp_path) as desk:
        path = tmp_path / "host.toml"
        path.unlink()
        make(path)
        assert error_code(desk.call(*BUCKET)) == "#N/A"
        assert message in desk.fault()
        assert desk.fault().endswith("Run: receivables calc install")
        assert desk.action("why") == {"error": desk.fault()}


@pytest.mark.parametrize(
    "name", ["C:\\Program Files\\应收\\python.exe", 'a "b"', "/opt/a b/python"]
)
def test_both_sides_read_host_toml_alike(tmp_path: Path, name: str) -> None:
    path = hostfile.write(
        hostfile.HostFile(interpreter=name, start_seconds=1.5), tmp_path / "h.toml"
    )
    text = path.read_text(encoding="utf-8")
    assert files.parse(text) == tomllib.loads(text)
    assert hostfile.read(path).interpreter == name
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(files.DEFAULTS) == set(tomllib.loads(text))


def test_host_toml_with_an_unknown_entry(tmp_path: Path) -> None:
    path = tmp_path / "host.toml"
    with pytest.raises(SettingsError, match="cannot be read"):
        hostfile.read(path)
    path.write_text("port = 1", encoding="utf-8")
    with pytest.raises(SettingsError, match="'port' is not an entry"):
        hostfile.read(path)


def test_where_host_toml_stands(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.delenv("RECEIVABLES_HOST_FILE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path / "roaming"))
    for platform in ("linux", "win32", "darwin"):
        monkeypatch.setattr(sys, "platform", platform)
        assert hostfile.default_path() == files.host_file()


def test_what_the_office_set_for_its_own_python_is_not_handed_on(monkeypatch) -> None:
    for name in ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "URE_BOOTSTRAP", "KEPT"):
        monkeypatch.setenv(name, "/an/office")
    kept = environment()
    assert kept["KEPT"] == "/an/office"
    assert kept["PATH"] == os.environ["PATH"]
    assert not {"PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "URE_BOOTSTRAP"} & set(kept)


def test_a_python_file_beside_the_worker_is_not_imported(tmp_path: Path) -> None:
    """Its folder is never on the path, so nobody can slip a module in there."""
    (tmp_path / "run").mkdir(mode=0o700)
    for name in ("json", "socket", "receivables"):
        (tmp_path / "run" / f"{name}.py").write_text(
            "raise SystemExit('caught')", encoding="utf-8"
        )
    with office(tmp_path) as desk:
        assert desk.call(*BUCKET) == "31-60 d"


ASKS = """
from receivables_addin.calc import buttons
def run(action_id, context, ask):
    if action_id == "slow": time.sleep(60)
    found = [ask("values", {"sheet": name}) for name in context["sheets"]]
    return {"line": f"{action_id}: {found}", "link": "", "changed": []}
buttons.run = run
"""


def test_a_button_asks_the_office(tmp_path: Path) -> None:
    with office(tmp_path, interpreter=program(tmp_path, ASKS), action_seconds=0.5) as desk:

        def answer(op: str, arguments):
            assert op == "values"
            # a cell that recalculates meanwhile is answered over the other connection
            return [desk.call(*BUCKET), arguments["sheet"], None]

        found = desk.action("check", {"sheets": ["A", "应收"]}, answer)
        assert found == {
            "line": "check: [['31-60 d', 'A', None], ['31-60 d', '应收', None]]", "link": "", "changed": []
        }  # fmt: skip
        assert desk.action("check", {"sheets": []}) == {
            "line": "check: []",
            "link": "",
            "changed": [],
        }
        assert "given up" in desk.action("slow", {"sheets": []})["error"]


def test_a_button_hears_what_the_office_could_not_do(tmp_path: Path) -> None:
    with office(tmp_path, interpreter=program(tmp_path, ASKS)) as desk:

        def refuse(op: str, arguments):
            raise RuntimeError("The sheet is protected.")

        # what no action caught ends its connection, not the process
        assert "ended" in desk.action("check", {"sheets": ["A"]}, refuse)["error"]
        assert desk.call(*BUCKET) == "31-60 d"
