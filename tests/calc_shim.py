"""The office side of Calc, for tests: the shim on the path, a host file of its own, ended afterwards."""

from __future__ import annotations

import math
import os
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from receivables_addin.calc import hostfile

ROOT = Path(__file__).resolve().parents[1]
PYTHONPATH = ROOT / "addin" / "calc" / "pythonpath"
sys.path.insert(0, str(PYTHONPATH))

from receivables_shim import files, link, wire  # noqa: E402
from receivables_shim.desk import Desk  # noqa: E402
from receivables_shim.process import environment  # noqa: E402

__all__ = ["Desk", "environment", "files", "link", "wire"]

BUCKET = ("AGING_BUCKET", (46295.0, 46326.0))
"""A call whose answer is 31-60 d."""

ERRORS = {code: number for number, code in wire.CODES.items()}


@contextmanager
def office(folder: Path, **entries) -> Iterator[Desk]:
    """An office with a host.toml in the folder; its process must be gone at the end."""
    host = hostfile.write(hostfile.HostFile(**entries), folder / "host.toml")
    with patch.dict(os.environ, {"RECEIVABLES_HOST_FILE": str(host)}):
        desk = Desk()
        try:
            yield desk
        finally:
            process = desk.process
            desk.stop()
            assert process is None or not process.runs()


def error_code(value) -> str:
    """The error value in an answer, as Calc shows it."""
    assert isinstance(value, float)
    assert math.isnan(value)
    return ERRORS[struct.unpack("<Q", struct.pack("<d", value))[0] & 0xFFFFFFFF]


def gone(pid: int, seconds: float = 5.0) -> bool:
    """Whether a process ends in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            state = (
                Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
            )
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def program(folder: Path, text: str) -> str:
    """A program in place of the interpreter: it runs our worker with something changed."""
    body = folder / "strange.py"
    body.write_text(
        f"import sys, time, os\nfrom pathlib import Path\n"
        f"from receivables_addin.calc import answers, protocol, worker\n{text}\n"
        f"worker.serve(Path(sys.argv[-1]))\n",
        encoding="utf-8",
    )
    script = folder / "python"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{body}" "$@"\n', encoding="utf-8")
    script.chmod(0o700)
    return str(script)
