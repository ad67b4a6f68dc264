"""Install, uninstall, status and doctor on a fresh profile; each fault named with its cure."""

import json
import sys
from pathlib import Path

import pytest
from receivables_addin.calc import doctor, hostfile, install
from receivables_addin.calc.office import Office, OfficeError, find_office
from typer.testing import CliRunner

from receivables import __version__
from receivables.cells import load_functions
from receivables.cli import app
from receivables.errors import NotAvailableError

CHECKS = {
    "office",
    "python",
    "extension",
    "current",
    "host_file",
    "private",
    "interpreter",
    "worker",
    "language",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> install.Place:
    """A profile with the extension; its folder has a space and Chinese in its name."""
    folder = tmp_path_factory.mktemp("a profile 应收")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECEIVABLES_HOST_FILE", str(folder / "host" / "host.toml"))
        place = install.Place.find(profile=folder / "profile")
        install.install(place)
    return place


@pytest.fixture
def place(made, monkeypatch) -> install.Place:
    """The installed profile with a host.toml as it should be."""
    path = made.profile.parent / "host" / "host.toml"
    monkeypatch.setenv("RECEIVABLES_HOST_FILE", str(path))
    hostfile.write(hostfile.HostFile(), path)
    return made


def run(command: str, place: install.Place, *more: str):
    return CliRunner().invoke(app, ["calc", command, "--profile", str(place.profile), *more])


def faults(place: install.Place) -> dict[str, doctor.Finding]:
    return {item.id: item for item in doctor.examine(place) if item.state in {"warn", "fail"}}


def test_an_installation_is_healthy(place) -> None:
    findings = doctor.examine(place)
    assert {item.id for item in findings} == CHECKS
    assert {item.id: item.seen for item in findings if item.state != "ok"} == {}
    done = run("doctor", place, "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["healthy"]


def test_status_says_what_is_there(place) -> None:
    found = json.loads(run("status", place, "--json").stdout)
    assert found["installed"]
    assert found["current"]
    assert found["extension"] == found["program"] == __version__
    assert found["functions"] == len(load_functions())
    assert found["interpreter"] == sys.executable
    assert not found["office_open"]


def test_installing_again_leaves_one_extension(place) -> None:
    install.install(place)
    assert faults(place) == {}
    found = install.installed(place.profile)
    assert found is not None
    assert found.is_current


def test_install_from_the_command_then_uninstall(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("RECEIVABLES_HOST_FILE", str(tmp_path / "host.toml"))
    place = install.Place.find(profile=tmp_path / "profile")
    assert run("status", place).exit_code == 2
    assert run("uninstall", place).stdout == "The extension is not installed here.\n"
    assert run("install", place).exit_code == 0
    assert (tmp_path / "host.toml").stat().st_mode & 0o777 == 0o600
    run_file = tmp_path / "run" / "worker-1.json"
    run_file.parent.mkdir()
    run_file.write_text("{}")
    gone = json.loads(run("uninstall", place, "--json").stdout)["removed"]
    assert gone == [
        f"extension org.receivables.calc {__version__}",
        str(tmp_path / "host.toml"),
        str(run_file),
    ]
    assert install.installed(place.profile) is None
    assert run("status", place).exit_code == 2


def test_the_profile_of_the_user_without_any_option(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("RECEIVABLES_HOST_FILE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert CliRunner().invoke(app, ["calc", "install"]).exit_code == 0
    assert (tmp_path / "libreoffice" / "4" / "user").is_dir()
    assert (tmp_path / "receivables" / "host.toml").is_file()
    hosts = json.loads(CliRunner().invoke(app, ["hosts", "--json"]).stdout)
    (calc,) = [host for host in hosts if host["host"] == "LibreOffice Calc"]
    assert calc["cell_functions"] == f"yes: {len(load_functions())}"


def test_an_open_office_is_not_touched(place, request) -> None:
    lock = place.profile / ".lock"
    request.addfinalizer(lambda: lock.unlink(missing_ok=True))
    lock.write_text("")
    with pytest.raises(
        OfficeError, match=r"LibreOffice is open .* Close every LibreOffice window"
    ):
        install.install(place)
    with pytest.raises(OfficeError, match="LibreOffice is open"):
        install.uninstall(place)
    assert install.status(place)["office_open"]


def test_an_office_that_is_not_there_is_named(tmp_path) -> None:
    with pytest.raises(NotAvailableError, match="name its folder with --office"):
        find_office(tmp_path)


def test_an_office_without_python_is_refused_with_the_cure(place, tmp_path) -> None:
    poor = install.Place(bare_office(tmp_path), place.profile)
    with pytest.raises(OfficeError, match="apt-get install python3-uno"):
        install.install(poor)
    found = faults(poor)
    assert found["python"].who == "helpdesk"
    assert "python3-uno" in found["python"].cure


def test_an_old_office_is_told(place, tmp_path) -> None:
    office = bare_office(tmp_path, "ProductKey=LibreOffice 6.4")
    assert "LibreOffice 6.4" in faults(install.Place(office, place.profile))["office"].seen


def bare_office(folder: Path, line: str = "ProductKey=LibreOffice 7.4") -> Office:
    for name in ("soffice", "unopkg"):
        (folder / name).touch()
    (folder / "bootstraprc").write_text(f"[Bootstrap]\n{line}\n")
    return find_office(folder)


def test_an_office_is_found_by_its_program_or_a_folder_above(tmp_path) -> None:
    folder = tmp_path / "LibreOffice" / "program"
    folder.mkdir(parents=True)
    bare_office(folder)
    for given in (folder, folder / "soffice", tmp_path / "LibreOffice"):
        assert find_office(given).program == folder


def test_no_extension(tmp_path, place) -> None:
    empty = install.Place(place.office, tmp_path)
    found = faults(empty)
    assert set(found) == {"extension"}
    assert found["extension"].cure.endswith("receivables calc install")
    assert "receivables calc install" in found["extension"].cure_zh


def test_an_extension_that_was_changed(place, request) -> None:
    found = install.installed(place.profile)
    assert found is not None
    part = found.folder / "functions.json"
    before = part.read_bytes()
    request.addfinalizer(lambda: part.write_bytes(before))
    part.write_bytes(before + b" ")
    assert set(faults(place)) == {"current"}


def test_an_extension_of_another_version(place, request) -> None:
    found = install.installed(place.profile)
    assert found is not None
    part = found.folder / "description.xml"
    before = part.read_bytes()
    request.addfinalizer(lambda: part.write_bytes(before))
    part.write_bytes(before.replace(f'"{__version__}"'.encode(), b'"0.0.9"'))
    assert faults(place)["current"].seen == f"extension 0.0.9, program {__version__}"


def test_no_host_file(place) -> None:
    hostfile.default_path().unlink()
    found = faults(place)
    assert set(found) == {"host_file", "interpreter", "worker"}
    assert not install.status(place)["installed"]


def test_a_host_file_that_others_may_change(place) -> None:
    hostfile.default_path().chmod(0o666)
    found = faults(place)
    assert set(found) == {"private", "worker"}
    assert "mode 666" in found["private"].seen


def test_a_python_that_is_gone(place) -> None:
    hostfile.write(hostfile.HostFile(interpreter="/nowhere/python"))
    assert set(faults(place)) == {"host_file", "interpreter", "worker"}


def test_a_python_without_the_program(place) -> None:
    system = "/usr/bin/python3"
    hostfile.write(hostfile.HostFile(interpreter=system))
    found = faults(place)
    assert set(found) == {"interpreter", "worker"}
    assert "No module named" in found["interpreter"].seen
    assert run("doctor", place).exit_code == 2


def test_every_check_has_its_texts() -> None:
    from receivables.resources import data_rows

    rows = {row["id"]: row for row in data_rows("calc_checks.csv")}
    assert set(rows) == CHECKS
    for name, row in rows.items():
        assert row["title_en"]
        assert row["title_zh"]
        assert bool(row["cure_en"]) == bool(row["cure_zh"]) == (name != "language")
