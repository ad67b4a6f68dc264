"""The local process: started without a shell, known by its run file, ended with the office."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
import time

from receivables_shim.files import CURE, check_owner, run_folder

WAIT_SECONDS = 0.005
STOP_SECONDS = 2.0
LOG_TAIL = 400
OFFICE_ONLY = ("PYTHON", "LD_LIBRARY_PATH", "DYLD_", "URE_BOOTSTRAP", "UNO_")
"""Variables an office sets for its own Python; they would break another one."""


class StartError(Exception):
    """The local process did not start; the message says why and what to do."""


class Process:
    """One running worker. Its standard input is a pipe: when the office ends, however, it closes."""

    def __init__(self, settings):
        name = "worker-{}-{}".format(os.getpid(), secrets.token_hex(4))
        self.run_file = os.path.join(run_folder(), name + ".json")
        self.log_file = os.path.join(run_folder(), name + ".log")
        self.settings = settings
        self.found = None
        with open(self.log_file, "wb") as log:
            self.popen = subprocess.Popen(
                self.command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=run_folder(),
                env=environment(),
                **apart(),
            )

    def command(self):
        """The program and its arguments, as a list: nothing of a workbook is in it."""
        program = self.settings["interpreter"]
        return [program, "-P", "-m", "receivables_addin.calc.worker", "--run-file", self.run_file]

    def address(self):
        """Port and token, once the worker has written its run file.

        Raises:
            StartError: it ended before, or took too long.
        """
        if self.found is None:
            end = time.monotonic() + self.settings["start_seconds"]
            while not os.path.exists(self.run_file):
                if self.popen.poll() is not None:
                    raise StartError(
                        "The local process ended at once: {}. {}".format(self.last_words(), CURE)
                    )
                if time.monotonic() > end:
                    self.stop()
                    raise StartError(
                        "The local process did not start within {} seconds. {}".format(
                            self.settings["start_seconds"], CURE
                        )
                    )
                time.sleep(WAIT_SECONDS)
            check_owner(self.run_file)
            with open(self.run_file, encoding="utf-8") as handle:
                self.found = json.load(handle)
        return self.found["port"], bytes.fromhex(self.found["token"])

    def last_words(self):
        """The last line the worker wrote before it ended."""
        with open(self.log_file, encoding="utf-8", errors="replace") as handle:
            lines = handle.read().strip().splitlines()
        return lines[-1][-LOG_TAIL:] if lines else "it said nothing"

    def runs(self):
        """Whether the process is there."""
        return self.popen.poll() is None

    def stop(self):
        """End the process, by asking first."""
        with contextlib.suppress(OSError):
            self.popen.stdin.close()
        try:
            self.popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self.tidy()

    def kill(self):
        """End a process that no longer listens."""
        self.popen.kill()
        self.popen.wait()
        with contextlib.suppress(OSError):
            self.popen.stdin.close()
        self.tidy()

    def tidy(self):
        """Remove the files of a process that has ended."""
        for path in (self.run_file, self.log_file):
            with contextlib.suppress(OSError):
                os.remove(path)


def environment():
    """The environment without what the office set for its own Python."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OFFICE_ONLY)}


def apart():
    """Start it without a window and out of reach of the office's Ctrl+C."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}
