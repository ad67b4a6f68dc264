"""Cell functions from Calc's side: the local process beside a bare echo and beside no process at all."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle
from pathlib import Path
from unittest.mock import patch

from receivables_addin.calc import hostfile
from receivables_addin.calc.answers import answer_frame

from benchmarks.measure import Timing, race, same, show
from receivables.cells import find_function, load_functions

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "addin" / "calc" / "pythonpath"))
from receivables_shim import wire
from receivables_shim.desk import Desk

CALLS = 2_000
BUCKET = ("AGING_BUCKET", (46295.0, 46326.0, None, None, None, None))
"""As Calc calls it: what was left out is None."""
AS_OF = (46326.0, None, None, None, None)
DATES = range(41_000, 51_000)
"""Due dates asked for in turn: more than the office remembers, so that every call is a new one."""
PIPES = """
import os, sys
reader, writer = map(int, sys.argv[1:])
while data := os.read(reader, 65536):
    os.write(writer, data)
"""
ECHO = """
import socket, sys
here = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
here.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
while data := here.recv(65536):
    here.sendall(data)
"""


def run(sizes: list[int], runs: int) -> None:
    """Print a table for one cell, one for the ranges of each size and one for the first cell."""
    load_functions()
    with office() as desk, echo() as socket_echo, pipe_echo() as piped_echo:
        title = f"AGING_BUCKET from Calc, one cell (mean of {CALLS:,} calls)"
        show(title, scalar(desk, socket_echo, piped_echo, runs), 1e6)
        show(f"AGING_SUM over {sizes[0]:,} × 2 cells", pair(desk, sizes[0], runs), 1e3)
        for rows in sizes:
            show(f"Columns of {rows:,} cells", columns(desk, rows, min(runs, 3)), 1e3)
    show("The first cell, process started for it", [first(runs)], 1e3)


@contextmanager
def office() -> Iterator[Desk]:
    """The office side, with a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        host = hostfile.write(hostfile.HostFile(), Path(folder) / "host.toml")
        with patch.dict(os.environ, {"RECEIVABLES_HOST_FILE": str(host)}):
            desk = Desk()
            desk.call(*BUCKET)
            try:
                yield desk
            finally:
                desk.stop()


@contextmanager
def echo() -> Iterator[Callable[[bytes], bytes]]:
    """Another process that sends back what it gets, and does nothing else."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        with subprocess.Popen([sys.executable, "-c", ECHO, port]):
            connection, _ = server.accept()
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

                def send(data: bytes) -> bytes:
                    connection.sendall(data)
                    return connection.recv(65536)

                yield send


@contextmanager
def pipe_echo() -> Iterator[Callable[[bytes], bytes]]:
    """The same over two pipes."""
    (there_in, writer), (reader, there_out) = os.pipe(), os.pipe()
    theirs = (there_in, there_out)
    command = [sys.executable, "-c", PIPES, *map(str, theirs)]
    with subprocess.Popen(command, pass_fds=theirs):
        for end in theirs:
            os.close(end)

        def send(data: bytes) -> bytes:
            os.write(writer, data)
            return os.read(reader, 65536)

        yield send
        os.close(writer)
        os.close(reader)


def scalar(
    desk: Desk,
    socket_echo: Callable[[bytes], bytes],
    piped_echo: Callable[[bytes], bytes],
    runs: int,
) -> list[Timing]:
    """One cell through the process, no two alike; echoes of as many bytes; what each side does of it."""
    name, spec = BUCKET[0], find_function(BUCKET[0])
    same({"process": desk.call(*BUCKET), "here": spec.call(*BUCKET[1])})
    due = cycle(map(float, DATES))
    reply = answer_frame(wire.pack_call(*BUCKET))
    tasks: dict[str, Callable[[], object]] = {
        "receivables, through its local process": lambda: desk.call(name, (next(due), *AS_OF)),
        "… the same cell again": lambda: desk.call(*BUCKET),
        "a bare echo of 40 bytes over loopback": lambda: socket_echo(b"x" * 40),
        "a bare echo of 40 bytes over two pipes": lambda: piped_echo(b"x" * 40),
        "packing and unpacking in the office": lambda: (
            wire.pack_call(name, (next(due), *AS_OF)),
            wire.unpack(reply),
        ),
        "… and from frame to frame in the process": lambda: answer_frame(
            wire.pack_call(name, (next(due), *AS_OF))
        ),
        "receivables inside the calling Python": lambda: spec.call(next(due), *AS_OF),
    }
    timings = race({label: partial(_many, task) for label, task in tasks.items()}, runs)
    return [timing.per(CALLS) for timing in timings]


def pair(desk: Desk, rows: int, runs: int) -> list[Timing]:
    """Amounts and due dates in, a sum out."""
    amounts = tuple((number + 0.25,) for number in range(rows))
    due = tuple((46000.0 + number % 365,) for number in range(rows))
    return _both(desk, "AGING_SUM", (amounts, due, 46326.0, "31-60 d"), runs)


def columns(desk: Desk, rows: int, runs: int) -> list[Timing]:
    """A column to one number, a column to a column, and a whole column of which 500 rows are used."""
    numbers = tuple((number + 0.25,) for number in range(rows))
    due = tuple((46000.0 + number % 365,) for number in range(rows))
    used = tuple((float(number),) if number < 500 else ("",) for number in range(rows))
    return [
        *_both(desk, "CONCENTRATION_TOP", (numbers, 3.0), runs),
        *_both(desk, "AGING_DAYS", (due, 46326.0), runs),
        *_both(desk, "CONCENTRATION_TOP", (used, 3.0), runs, ", 500 rows used"),
    ]


def first(runs: int) -> Timing:
    """From nothing to the first answer: the process starts, declares every function, answers."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        with office():
            taken.append(time.perf_counter() - start)
    taken.sort()
    return Timing("start and first answer", taken[len(taken) // 2], taken[0], 0.0, runs)


def _both(desk: Desk, name: str, args: tuple, runs: int, note: str = "") -> list[Timing]:
    spec = find_function(name)
    timings = race(
        {
            f"{name}{note}, through the process": lambda: desk.call(name, args),
            f"{name}{note}, inside the calling Python": lambda: spec.call(*args),
        },
        runs,
    )
    process, here = (timing.answer for timing in timings)
    if isinstance(process, tuple):
        process, here = sum(row[0] for row in process), sum(row[0] for row in here)
    same({"process": str(float(process)), "here": str(float(here))})
    return timings


def _many(task: Callable[[], object]) -> None:
    for _ in range(CALLS):
        task()
