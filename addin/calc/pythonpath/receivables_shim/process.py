"""The local process: started without a shell, known by its run file, ended with the office."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from receivables_shim import lane
from receivables_shim.files import CURE, check_owner, run_folder

WAIT_SECONDS = 0.005
STOP_SECONDS = 2.0
LONGEST_WORDS = 400
OFFICE_ONLY = (lane.VARIABLE, "PYTHON", "LD_LIBRARY_PATH", "DYLD_", "URE_", "UNO_")
"""Variables that an office sets for its own Python; they would break another one."""


class StartError(Exception):
    """The local process did not start; the message says why and what to do."""


class Process:
    """One worker. Its standard input is a pipe, which closes when the office ends, however it ends."""

    def __init__(self, settings: dict[str, Any]) -> None:
        folder = run_folder()
        name = f"worker-{os.getpid()}-{secrets.token_hex(4)}"
        self.run_file = folder / f"{name}.json"
        self.log_file = folder / f"{name}.log"
        self.settings = settings
        self.found: dict[str, Any] = {}
        self.lane = lane.Lane(settings["timeout_seconds"]) if lane.possible() else None
        try:
            self.popen = self.launch(folder)
        finally:
            if self.lane:
                self.lane.started()

    def launch(self, folder: Path) -> subprocess.Popen[bytes]:
        """Start the program of host.toml, without a shell and with no text of a workbook."""
        theirs = self.lane.theirs if self.lane else ()
        names = {lane.VARIABLE: " ".join(map(str, theirs))} if theirs else {}
        with self.log_file.open("wb") as log:
            return subprocess.Popen(  # noqa: S603 - see above
                self.command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=folder,
                env={**environment(), **names},
                pass_fds=theirs,
                **apart(),
            )

    def command(self) -> list[str]:
        """The program and its arguments; `-P` keeps the current folder off its path."""
        module = ["-P", "-m", "receivables_addin.calc.worker"]
        return [self.settings["interpreter"], *module, "--run-file", str(self.run_file)]

    def address(self) -> tuple[int, bytes]:
        """Port and token, as soon as the worker has written its run file.

        Raises:
            StartError: it ended before, or takes too long.
        """
        seconds = self.settings["start_seconds"]
        end = time.monotonic() + seconds
        while not self.found:
            if self.run_file.exists():
                check_owner(self.run_file)
                self.found = json.loads(self.run_file.read_text(encoding="utf-8"))
            elif not self.runs():
                raise StartError(f"The local process ended at once: {self.last_words()} {CURE}")
            elif time.monotonic() > end:
                raise StartError(f"The local process did not start in {seconds} seconds. {CURE}")
            else:
                time.sleep(WAIT_SECONDS)
        return self.found["port"], bytes.fromhex(self.found["token"])

    def last_words(self) -> str:
        """The last line that the worker wrote before it ended."""
        lines = self.log_file.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return f"{lines[-1][-LONGEST_WORDS:]}." if lines else "it did not say why."

    def runs(self) -> bool:
        """Whether the process is there."""
        return self.popen.poll() is None

    def stop(self) -> None:
        """End the process: it goes by itself when the pipe closes."""
        self.close_pipe()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End a process that may no longer listen, and remove its files."""
        self.popen.kill()
        self.popen.wait()
        self.close_pipe()
        if self.lane:
            self.lane.close()
        for path in (self.run_file, self.log_file):
            with contextlib.suppress(OSError):
                path.unlink()

    def close_pipe(self) -> None:
        """Close its standard input."""
        if self.popen.stdin:
            with contextlib.suppress(OSError):
                self.popen.stdin.close()


def environment() -> dict[str, str]:
    """The environment without what the office set for its own Python."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OFFICE_ONLY)}


def apart() -> dict[str, Any]:
    """No window, and out of reach of a Ctrl+C meant for the office."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}
