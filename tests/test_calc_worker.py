"""The local process of Calc: started on first use, one per office, never left behind, never waited for long."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from receivables_addin.calc import hostfile, worker

from receivables import __version__
from receivables.cells import find_function, load_functions
from tests.calc_shim import BUCKET, PYTHONPATH, error_code, gone, link, office, program

load_functions()
OFFICE_PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").is_file() else sys.executable


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with office(tmp_path_factory.mktemp("office")) as found:
        yield found


def test_a_call_and_its_answer(desk) -> None:
    assert desk.call(*BUCKET) == "31-60 d"
    assert desk.call("AGING_DAYS", (((46295.0,), ("",)), 46326.0)) == ((31.0,), (None,))
    assert error_code(desk.call("AGING_BUCKET", ("soon", 46326.0))) == "#VALUE!"
    assert desk.fault() == ""


def test_who_answers(desk) -> None:
    found = desk.ping()
    assert found["version"] == __version__
    assert found["pid"] == desk.process.popen.pid
    assert found["functions"] > 30


def test_scalar_functions_do_without_heavy_libraries(tmp_path: Path) -> None:
    """The first cell must not wait for Polars."""
    check = "import atexit; answers.sys.modules['polars'] = answers.sys.modules['numpy'] = None"
    with office(tmp_path, interpreter=program(tmp_path, check)) as blocked:
        assert blocked.call(*BUCKET) == "31-60 d", blocked.fault()


def test_a_range_of_100_000_rows(desk) -> None:
    rows = tuple((float(number), f"C{number % 999}") for number in range(100_000))
    amounts, customers = tuple((row[0],) for row in rows), tuple((row[1],) for row in rows)
    expected = find_function("CONCENTRATION_HHI").call(
        [row[0] for row in rows], [row[1] for row in rows]
    )
    assert desk.call("CONCENTRATION_HHI", (amounts, customers)) == expected


def test_a_column_of_1_048_576_rows(desk) -> None:
    column = tuple((1.0,) for _ in range(1_048_576))
    assert desk.call("CONCENTRATION_TOP", (column, 1.0)) == 1 / 1_048_576
    blank = tuple((3.0,) if row < 4 else ("",) for row in range(1_048_576))
    assert desk.call("CONCENTRATION_TOP", (blank, 1.0)) == 0.25


def test_threads_get_their_own_answers(desk) -> None:
    wrong = []

    def ask(days: int) -> None:
        for _ in range(200):
            found = desk.call("AGING_DAYS", (46326.0 - days, 46326.0))
            if found != float(days):
                wrong.append(found)

    threads = [threading.Thread(target=ask, args=(days,)) for days in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_two_offices_have_a_process_each(desk, tmp_path: Path) -> None:
    with office(tmp_path) as other:
        assert other.call(*BUCKET) == desk.call(*BUCKET) == "31-60 d"
        assert other.process.popen.pid != desk.process.popen.pid
        assert other.process.found["port"] != desk.process.found["port"]
    assert desk.call(*BUCKET) == "31-60 d"


def test_a_killed_process_is_replaced_by_the_next_call(tmp_path: Path) -> None:
    with office(tmp_path) as desk:
        desk.call(*BUCKET)
        first = desk.process
        first.popen.kill()
        first.popen.wait()
        # the one asked before is remembered; another needs a process
        assert desk.call(*BUCKET) == "31-60 d"
        assert desk.call("AGING_DAYS", (46290.0, 46326.0)) == 36.0
        assert desk.process.popen.pid != first.popen.pid
        assert not first.run_file.exists()
        desk.process.popen.kill()
        assert desk.ping()["functions"] > 30


def test_a_process_that_dies_while_it_computes(tmp_path: Path) -> None:
    """A second one is tried once; then there is a pause, in which cells answer at once."""
    dies = "worker.answer_frame = lambda frame: os._exit(3)"
    with office(tmp_path, interpreter=program(tmp_path, dies)) as desk:
        assert error_code(desk.call(*BUCKET)) == "#N/A"
        assert "ended while it computed" in desk.fault()
        assert error_code(desk.call(*BUCKET)) == "#N/A"
        start = time.monotonic()
        assert all(error_code(desk.call(*BUCKET)) == "#N/A" for _ in range(1_000))
        assert time.monotonic() - start < 1.0
        desk.closed_until = 0.0
        hostfile.write(hostfile.HostFile(), tmp_path / "host.toml")
        assert desk.call(*BUCKET) == "31-60 d"
        assert desk.fault() == ""


def test_a_hung_process_is_ended_and_the_office_goes_on(tmp_path: Path) -> None:
    hangs = "worker.answer_frame = lambda frame: time.sleep(60)"
    interpreter = program(tmp_path, hangs)
    with office(tmp_path, interpreter=interpreter, timeout_seconds=0.3) as desk:
        desk.warm()
        pid = desk.started().popen.pid
        start = time.monotonic()
        assert all(error_code(desk.call(*BUCKET)) == "#N/A" for _ in range(100))
        assert time.monotonic() - start < 10
        assert desk.fault().startswith("No answer within 0.3 seconds")
        assert gone(pid)


@pytest.mark.parametrize(
    "shown", [b"\0" * 64, bytes(range(64)), b"", b"GET / HTTP/1.1\r\n" * 8], ids=range(4)
)
def test_who_does_not_know_the_token_learns_nothing(desk, shown: bytes) -> None:
    port = desk.process.address()[0] if desk.call(*BUCKET) else 0
    with socket.create_connection(("127.0.0.1", port), timeout=5) as stranger:
        greeting = stranger.recv(1_000)
        assert greeting.startswith(worker.GREETING)
        stranger.sendall(shown[:64])
        stranger.shutdown(socket.SHUT_WR)
        assert stranger.recv(1_000) == b""
    assert desk.call(*BUCKET) == "31-60 d"


def test_a_wrong_token_is_refused(desk) -> None:
    desk.call(*BUCKET)
    with pytest.raises(link.LinkError, match="refused"):
        link.Link(desk.process.found["port"], b"\0" * 32, 5)


def test_the_token_is_of_this_process_and_for_this_user(desk) -> None:
    desk.call(*BUCKET)
    assert stat.S_IMODE(desk.process.run_file.stat().st_mode) == 0o600
    found = json.loads(desk.process.run_file.read_text(encoding="utf-8"))
    assert found["pid"] == desk.process.popen.pid
    assert len(bytes.fromhex(found["token"])) == 32
    arguments = Path(f"/proc/{found['pid']}/cmdline").read_bytes()
    assert found["token"].encode() not in arguments


def stranger(greeting: bytes) -> tuple[socket.socket, int]:
    """Somebody else at a port, who greets in his own way."""
    server = socket.create_server(("127.0.0.1", 0))

    def greet() -> None:
        with suppress(OSError), server.accept()[0] as connection:
            connection.sendall(greeting)
            connection.recv(1_000)
            connection.sendall(b"\0" * 32)

    threading.Thread(target=greet, daemon=True).start()
    return server, server.getsockname()[1]


@pytest.mark.parametrize(
    ("greeting", "message"),
    [
        (b"HTTP/1.1 400 Bad Request" + b" " * 40, "a stranger answers"),
        (worker.GREETING + b"\x02\0" + b"n" * 32, "does not know the token"),
    ],
)
def test_a_stranger_at_the_port_gets_no_data(greeting: bytes, message: str) -> None:
    server, port = stranger(greeting)
    with server, pytest.raises(link.LinkError, match=message):
        link.Link(port, b"\0" * 32, 5)


def test_a_program_of_another_version(tmp_path: Path) -> None:
    older = program(tmp_path, "protocol.PROTOCOL = 0")
    with office(tmp_path, interpreter=older) as desk:
        assert error_code(desk.call(*BUCKET)) == "#N/A"
        assert desk.fault() == (
            "The extension speaks protocol 2, the program 0. Run: receivables calc install, then restart the office."
        )


def test_malformed_frames_end_their_connection_only(desk) -> None:
    desk.call(*BUCKET)
    port, token = desk.process.address()
    for frame in (
        b"\0\0\0\0",
        b"\xff\xff\xff\xff?",
        b"\x01\0\0\0?",
        b"\x02\0\0\0C?",
        b"\x02\0\0\0N?",
        b"\x03\0\0\0A[]",
    ):
        connection = link.Link(port, token, 5)
        with pytest.raises(link.LinkError):
            connection.exchange(frame + b"?" * (5 - len(frame)))
        connection.close()
    assert desk.call(*BUCKET) == "31-60 d"


def test_files_of_a_process_that_was_killed_with_its_office(tmp_path: Path) -> None:
    """Their port may be taken by somebody else by now; nobody asks there."""
    server, port = stranger(b"")
    run = tmp_path / "run"
    run.mkdir(mode=0o700)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        free = closed.getsockname()[1]
    for name, number in (("worker-1-dead", free), ("worker-2-taken", port)):
        (run / f"{name}.json").write_text(json.dumps({"port": number}), encoding="utf-8")
    with server, office(tmp_path) as desk:
        assert desk.call(*BUCKET) == "31-60 d"
        for _ in range(200):
            if not (run / "worker-1-dead.json").exists():
                break
            time.sleep(0.01)
        assert not (run / "worker-1-dead.json").exists()
    assert [path.name for path in run.iterdir()] == ["worker-2-taken.json"]


STAND_IN = """
import sys, time
sys.path.insert(0, sys.argv[1])
import receivables_shim
answer = receivables_shim.call("AGING_BUCKET", (46295.0, 46326.0))
print(answer, receivables_shim.ping()["pid"], flush=True)
if sys.argv[2] == "stop":
    receivables_shim.stop()
elif sys.argv[2] == "busy":
    receivables_shim.call("CONCENTRATION_TOP", (((1.0,),) * 3_000_000, 1.0))
elif sys.argv[2] != "end":
    time.sleep(60)
"""


def stand_in(folder: Path, how: str) -> tuple[subprocess.Popen[str], int]:
    """An office of plain Python, without our packages, and the process it started."""
    host = hostfile.write(hostfile.HostFile(), folder / "host.toml")
    command = [OFFICE_PYTHON, "-I", "-S", "-c", STAND_IN, str(PYTHONPATH), how]
    env = {
        "RECEIVABLES_HOST_FILE": str(host),
        "PATH": os.environ["PATH"],
        "PYTHONHOME": "/nowhere",
    }
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
    answer, pid = started.stdout.readline().rsplit(maxsplit=1)
    assert answer == "31-60 d"
    return started, int(pid)


@pytest.mark.parametrize("how", ["end", "stop", "kill", "terminate", "busy"])
def test_no_process_outlives_its_office(tmp_path: Path, how: str) -> None:
    started, pid = stand_in(tmp_path, how)
    with started:
        if how in {"kill", "terminate", "busy"}:
            time.sleep(0.3 if how == "busy" else 0)
            started.send_signal(signal.SIGTERM if how == "terminate" else signal.SIGKILL)
        started.wait(20)
    assert gone(pid)
    assert list((tmp_path / "run").iterdir()) == []


def test_a_process_whose_pipe_stays_open_watches_its_parent(tmp_path: Path) -> None:
    """An office may hand its end of the pipe to a child by accident."""
    reader, writer = os.pipe()
    run_file = tmp_path / "worker.json"
    command = [
        sys.executable,
        "-P",
        "-m",
        "receivables_addin.calc.worker",
        "--run-file",
        str(run_file),
    ]
    parent = (
        "import subprocess, sys, time\n"
        f"subprocess.Popen({command!r}, stdin={reader})\n"
        f"while not __import__('os').path.exists({str(run_file)!r}): time.sleep(0.01)\n"
    )
    subprocess.run([sys.executable, "-c", parent], pass_fds=[reader], check=True, timeout=30)
    try:
        found = json.loads(run_file.read_text(encoding="utf-8")) if run_file.exists() else None
        assert found is None or gone(found["pid"])
    finally:
        os.close(reader)
        os.close(writer)


def test_an_unknown_button(desk) -> None:
    assert "There is no action 'dance'" in desk.action("dance")["error"]


def test_the_first_answer_comes_soon(tmp_path: Path) -> None:
    """The aim is 1.5 s; it takes 0.1 s on a machine that has nothing else to do."""
    with office(tmp_path) as desk:
        start = time.monotonic()
        assert desk.call(*BUCKET) == "31-60 d"
        assert time.monotonic() - start < 1.5
