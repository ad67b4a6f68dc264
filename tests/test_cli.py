"""The command line: what is printed, exit codes, and one clear line on a mistake."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from receivables import __version__
from receivables.cells import REGISTRY
from receivables.cli import app


def run(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def mistake(*arguments: str) -> str:
    """The one line that a mistake prints on standard error."""
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    assert done.stderr.startswith("receivables: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.removeprefix("receivables: ").strip()


# -- call and functions ---------------------------------------------------------------------


def test_call_prints_the_answer() -> None:
    done = run("call", "AGING_BUCKET", "2026-09-30", "2026-10-31")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "31-60 d\n", "")


def test_call_json() -> None:
    done = run("call", "AGING_BUCKET", "2026-09-30", "2026-10-31", "--json")
    assert json.loads(done.stdout) == {"result": "31-60 d"}
    done = run("call", "--json", "AGING_SUM", "[0.1, 0.2]", "[null, null]", "2026-10-31", "5")
    assert json.loads(done.stdout) == {"result": 0.3}


def test_call_prints_in_the_precision_of_the_unit() -> None:
    done = run("call", "AGING_SUM", "[0.1, 1234.4]", "[null, null]", "2026-10-31", "No due date")
    assert done.stdout == "1234.50\n"


def test_call_takes_negative_numbers_and_columns() -> None:
    done = run("call", "AGING_DAYS", "null", "2026-10-31", "2026-10-31", "-5")
    assert done.stdout == "5\n"
    done = run("call", "aging_days", '["2026-09-30", null]', "2026-10-31")
    assert done.stdout == "31\n\n"


def test_an_error_value_is_a_mistake_with_its_reason() -> None:
    line = mistake("call", "AGING_BUCKET", "03/04/2026", "2026-10-31")
    assert line.startswith("AGING_BUCKET gives #VALUE! due_on: '03/04/2026' does not say")
    done = run("call", "AGING_BUCKET", "03/04/2026", "2026-10-31", "--json")
    assert done.exit_code == 2
    assert json.loads(done.stdout)["result"]["error"] == "#VALUE!"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["call", "AGING_BUKET"], "There is no function AGING_BUKET. Did you mean AGING_BUCKET?"),
        (["call"], "Missing argument 'name'."),
        (["cal"], "No such command 'cal'. Did you mean 'call'?"),
        (["functions", "--colour"], "No such option: --colour"),
        (["functions", "--settings", "none.toml"], "none.toml: no such settings file."),
        (["map", "none.xlsx"], "none.xlsx: no such file. Check the name and the folder."),
    ],
)
def test_mistakes(arguments, line) -> None:
    assert mistake(*arguments).startswith(line)


def test_unknown_settings_are_refused_by_every_command(tmp_path) -> None:
    settings = tmp_path / "s.toml"
    settings.write_text('day_on_egde = "older"\n')
    for arguments in (
        ["functions"],
        ["call", "AGING_DAYS", "1", "2"],
        ["hosts"],
        ["map", "x.csv"],
    ):
        line = mistake(*arguments, "--settings", str(settings))
        assert "Did you mean 'day_on_edge'?" in line


def test_functions_lists_them_all() -> None:
    done = run("functions")
    assert done.exit_code == 0
    for name, spec in REGISTRY.items():
        assert f"{spec.signature}\n    {spec.summary}" in done.stdout, name


def test_functions_in_chinese(tmp_path) -> None:
    settings = tmp_path / "s.toml"
    settings.write_text('language = "zh"\n')
    assert "逾期天数 = 截止日 − 到期日" in run("functions", "--settings", str(settings)).stdout


def test_functions_json() -> None:
    listed = {entry["name"]: entry for entry in json.loads(run("functions", "--json").stdout)}
    assert set(listed) == set(REGISTRY)
    bucket = listed["AGING_BUCKET"]
    assert bucket["family"] == "monitor"
    assert bucket["summary"].startswith("Aging bucket of a document")
    edges = bucket["arguments"][2]
    assert (edges["name"], edges["type"], edges["unit"]) == ("edges", "list", "days")
    assert (edges["required"], edges["default"]) == (False, "30,60,90")
    assert bucket["arguments"][5]["choices"] == ["younger", "older"]
    assert bucket["arguments"][0]["help_zh"] == "单据的到期日"
    assert bucket["result"] == {
        "type": "text",
        "unit": "text",
        "help": "label of the bucket",
        "help_zh": "区间名称",
    }


# -- the program ----------------------------------------------------------------------------


def test_version_and_help() -> None:
    assert run("--version").stdout == f"receivables {__version__}\n"
    done = run()
    assert done.exit_code == 0
    for name in ("call", "functions", "map", "hosts"):
        assert f"\n  {name} " in done.stdout


def test_a_fault_of_ours_is_one_line_too(monkeypatch) -> None:
    def broken(*_cells):
        raise ZeroDivisionError("x")

    spec = REGISTRY["AGING_DAYS"]
    monkeypatch.delenv("RECEIVABLES_DEBUG", raising=False)
    monkeypatch.setitem(
        REGISTRY,
        "AGING_DAYS",
        type(spec)(spec.name, spec.family, broken, spec.summary, spec.args, spec.result),
    )
    done = run("call", "AGING_DAYS", "2026-09-30", "2026-10-31")
    assert done.exit_code == 70
    assert done.stderr.startswith(
        "receivables: This is our fault, not yours: ZeroDivisionError: x."
    )
    assert done.stderr.count("\n") == 1
    monkeypatch.setenv("RECEIVABLES_DEBUG", "1")
    assert isinstance(
        run("call", "AGING_DAYS", "2026-09-30", "2026-10-31").exception, ZeroDivisionError
    )


def test_hosts_is_honest(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("RECEIVABLES_HOST_FILE", str(tmp_path / "none.toml"))
    done = run("hosts", "--json")
    hosts = {entry["host"]: entry for entry in json.loads(done.stdout)}
    assert hosts["Command line"]["cell_functions"] == "yes: receivables call"
    assert hosts["Excel"]["cell_functions"] == "no"
    assert hosts["Excel"]["note"].endswith("receivables excel build")
    assert hosts["LibreOffice Calc"]["cell_functions"] == "no"
    assert hosts["LibreOffice Calc"]["note"].endswith("receivables calc install")
    assert "Excel" in run("hosts").stdout


def test_xlwings_comes_without_its_commercial_part() -> None:
    program = (
        "from receivables_addin.excel.pro import import_xlwings\n"
        "import sys\n"
        "import_xlwings()\n"
        "print([name for name in sys.modules if name.startswith('xlwings.pro') and sys.modules[name]])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "[]\n", done.stderr


def test_the_command_line_loads_nothing_heavy_for_a_call() -> None:
    program = (
        "import sys\n"
        "from receivables.cli import app\n"
        "app(['call', 'AGING_BUCKET', '2026-09-30', '2026-10-31'], standalone_mode=False)\n"
        "print(sorted({'polars', 'pandas', 'numpy', 'xlwings', 'openpyxl'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout == "31-60 d\n[]\n", done.stderr


def test_the_installed_program() -> None:
    program = Path(sys.executable).with_name("receivables")
    done = subprocess.run(
        [program, "call", "AGING_BUCKET", "2026-09-30", "2026-10-31"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "31-60 d\n", "")


# -- an export ------------------------------------------------------------------------------

EXPORT = """Invoice no;Customer;Date;Due date;Amount
00123;C1;2026-08-31;2026-09-30;1.100,50
00124;C2;2026-09-30;2026-10-30;20,00
"""


@pytest.fixture
def export(tmp_path) -> str:
    path = tmp_path / "export.csv"
    path.write_text(EXPORT, encoding="utf-8")
    return str(path)


def test_map_proposes_a_mapping(export, tmp_path) -> None:
    done = run("map", export)
    assert done.exit_code == 0
    assert 'columns.document_no = "Invoice no"' in done.stdout
    out = tmp_path / "export.toml"
    assert str(out) in run("map", export, "--out", str(out)).stdout
    assert out.read_text(encoding="utf-8") == done.stdout
    assert json.loads(run("map", export, "--json").stdout)["toml"] == done.stdout


def test_map_never_overwrites_corrections(export, tmp_path) -> None:
    out = tmp_path / "export.toml"
    out.write_text("mine")
    assert "exists already: it may hold your corrections" in mistake(
        "map", export, "--out", str(out)
    )
    assert out.read_text() == "mine"
