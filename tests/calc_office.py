"""A real headless LibreOffice with the extension installed, for the tests that type into cells."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from receivables_addin.calc.install import Place, install
from receivables_addin.calc.office import find_office

DRIVER = Path(__file__).parent / "calc_driver.py"
RESTART = 81
"""Exit code of the first start after an installation: start again."""


class CalcOffice:
    """One running office and the driver that talks to it."""

    def __init__(self, profile: Path, host_file: Path) -> None:
        self.profile, self.host_file = profile, host_file
        self.log = profile.with_suffix(".log")
        self.told = profile.with_suffix(".told")
        self.environment = {
            **os.environ,
            "RECEIVABLES_HOST_FILE": str(host_file),
            "RECEIVABLES_TOLD": str(self.told),
        }
        self.pipe = f"receivables_{uuid.uuid4().hex[:12]}"
        self.process = self.start()
        self.driver = self.connect()

    def start(self) -> subprocess.Popen:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [
                    find_office().soffice,
                    f"-env:UserInstallation={self.profile.as_uri()}",
                    "--headless",
                    "--norestore",
                    "--nologo",
                    "--nodefault",
                    f"--accept=pipe,name={self.pipe};urp;",
                ],
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    def connect(self) -> subprocess.Popen:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() == RESTART:
                self.process = self.start()
            assert self.process.poll() is None, f"the office ended: {self.log.read_text()}"
            driver = subprocess.Popen(
                [python_with_uno(), DRIVER, self.pipe],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            driver.stdin.write('{"op": "open"}\n')
            with contextlib.suppress(BrokenPipeError):
                driver.stdin.flush()
            if driver.stdout.readline():
                return driver
            end(driver)
            time.sleep(0.1)
        raise AssertionError(f"the office does not answer: {self.log.read_text()}")

    def ask(self, op: str, **fields):
        """One request to the driver; a fault in the office fails the test."""
        self.driver.stdin.write(json.dumps({"op": op, **fields}) + "\n")
        self.driver.stdin.flush()
        line = self.driver.stdout.readline()
        assert line, f"the driver ended during {op}: {self.log.read_text()}"
        answer = json.loads(line)
        assert "fault" not in answer, f"{op}: {answer['fault']}"
        return answer["result"]

    def value(self, formula: str, sheet: str = "Scratch"):
        """What one formula shows in a cell of its own."""
        self.ask("formulas", sheet=sheet, cells=[[0, 0, formula, None]])
        return self.ask("read", sheet=sheet, blocks=[[0, 0, 1, 1]])[0][0][0]

    def table(self, formula: str, height: int, width: int, sheet: str = "Array"):
        """What an array formula shows in a block of cells."""
        self.ask("open")
        self.ask("formulas", sheet=sheet, cells=[[0, 0, formula, [height, width]]])
        return self.ask("read", sheet=sheet, blocks=[[0, 0, height, width]])[0]

    def press(self, url: str) -> str:
        """A press on a menu entry; the line that the user would be told."""
        before = self.said()
        self.ask("dispatch", url=url)
        (line,) = self.said()[len(before) :]
        return line

    def said(self) -> list[str]:
        """Every line told so far."""
        if not self.told.exists():
            return []
        return [json.loads(line) for line in self.told.read_text("utf-8").splitlines()]

    def workers(self) -> list[int]:
        """The local processes of this office."""
        return processes_with(str(self.host_file.parent / "run"))

    def kill_workers(self) -> None:
        for pid in self.workers():
            os.kill(pid, 9)

    def stop(self) -> int:
        """Close the office as a user does; the exit code of its process."""
        if self.process.poll() is None:
            self.ask("terminate")
        end(self.driver)
        try:
            return self.process.wait(20)
        finally:
            self.kill()

    def kill(self) -> None:
        end(self.driver)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        # soffice is a script around soffice.bin, which holds the profile
        for pid in office_processes(self.profile):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)


def prepare(folder: Path) -> tuple[Path, Path]:
    """A fresh profile with the extension in it, installed as the command does it; host.toml beside."""
    profile, host = folder / "profile", folder / "host" / "host.toml"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECEIVABLES_HOST_FILE", str(host))
        assert install(Place.find(profile=profile)) == host
    return profile, host


@contextlib.contextmanager
def calc_office(folder: Path) -> Iterator[CalcOffice]:
    """An office of its own in a folder; nothing of it is left behind."""
    office = CalcOffice(*prepare(folder))
    try:
        yield office
        office.stop()
        assert not office.workers()
    finally:
        office.kill()


def end(process: subprocess.Popen) -> None:
    for stream in (process.stdin, process.stdout):
        with contextlib.suppress(BrokenPipeError):
            stream.close()
    process.terminate()
    process.wait(10)


def office_processes(profile: Path) -> list[int]:
    """Processes of the office that work in a profile."""
    return processes_with(profile.as_uri())


def processes_with(text: str) -> list[int]:
    """Processes that carry a text on their command line."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (
                (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            )
            if text in command and int(entry.name) != os.getpid():
                found.append(int(entry.name))
    return found


def python_with_uno() -> str:
    """The Python that has the office's bridge: ours, or the system's."""
    for program in (sys.executable, "/usr/bin/python3", shutil.which("python3")):
        if (
            program
            and not subprocess.run(
                [program, "-c", "import uno"], check=False, capture_output=True
            ).returncode
        ):
            return program
    raise AssertionError("No Python here has the module uno: tools/setup.sh installs python3-uno.")
