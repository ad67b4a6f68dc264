"""Short calls of Calc: the pipes, what is remembered, and a process that stops, dies or is of another version."""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
from receivables_addin.calc import hostfile

from receivables import __version__
from tests.calc_shim import BUCKET, PYTHONPATH, error_code, gone, office, program
from tests.test_calc_worker import OFFICE_PYTHON

from receivables_shim import desk as desk_module, pace  # isort: skip
from receivables_shim.pace import KEEP, LONGEST_PAUSE, TRIAL, Pace  # isort: skip


def changed(folder: Path, body: str) -> str:
    """A worker that does something before it answers."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    text = f"before = answers.answer_frame\ndef late(frame):\n{lines}\n    return before(frame)\n"
    return program(folder, f"{text}worker.answer_frame = late")


def test_short_calls_need_no_socket(tmp_path: Path) -> None:
    with office(tmp_path) as desk:
        assert desk.call(*BUCKET) == "31-60 d"
        desk.link.close()
        assert desk.call("AGING_DAYS", (46290.0, 46326.0)) == 36.0
        assert desk.call("AGING_BUCKET", (46290.0, 46326.0, "10,20")) == "21+ d"
        # a range is too long for the pipes; its connection is broken, so another process answers
        pid = desk.process.popen.pid
        long = tuple((46326.0 - row,) for row in range(1_000))
        assert desk.call("AGING_DAYS", (long, 46326.0)) == tuple(
            (float(row),) for row in range(1_000)
        )
        assert desk.process.popen.pid != pid


def test_one_process_answers_however_it_is_waited_for(tmp_path: Path, monkeypatch) -> None:
    """Every twenty calls the office changes from sleeping to looking or back."""
    monkeypatch.setattr(pace, "processors", lambda: 2)
    monkeypatch.setattr(pace, "KEEP", 40)
    with office(tmp_path) as desk:
        desk.ping()
        pid, ways = desk.process.popen.pid, set()
        for days in range(400):
            desk.lane.pace.pause = 1
            assert desk.call("AGING_DAYS", (46326.0 - days, 46326.0)) == days
            ways.add(desk.lane.pace.looks)
        assert desk.process.popen.pid == pid
        assert ways == {False, True}


def test_where_there_are_no_pipes_the_socket_does_it(tmp_path: Path, monkeypatch) -> None:
    """As on Windows, or in an office that a broken pipe would end."""
    monkeypatch.setattr(signal, "getsignal", lambda _: signal.SIG_DFL)
    with office(tmp_path) as desk:
        assert desk.call(*BUCKET) == "31-60 d"
        assert desk.lane is None
        assert [desk.call("AGING_DAYS", (46326.0 - n, 46326.0)) for n in range(50)] == list(
            range(50)
        )


def test_a_long_answer_to_a_short_call_comes_whole(tmp_path: Path) -> None:
    long = "from receivables_addin.calc.protocol import pack_answer\nworker.answer_frame = lambda frame: pack_answer([float(n) for n in range(100_000)])"
    with office(tmp_path, interpreter=program(tmp_path, long)) as desk:
        assert desk.call(*BUCKET) == tuple((float(n),) for n in range(100_000))


def test_the_pipes_are_closed_with_their_process(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with office(tmp_path) as desk:
        for days in range(5):
            assert desk.call("AGING_DAYS", (46326.0 - days, 46326.0)) == days
            desk.process.popen.kill()
            desk.process.popen.wait()
    (tmp_path / "none").write_bytes(b"")
    with office(tmp_path, interpreter=str(tmp_path / "none")) as desk:
        for _ in range(5):
            desk.closed_until = 0.0
            assert error_code(desk.call(*BUCKET)) == "#N/A"
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_what_is_remembered(tmp_path: Path) -> None:
    """Answers of one number or text; no table, no error; not more than so many; nothing of a dead process."""
    with office(tmp_path) as desk:
        for name, args in (
            BUCKET, ("DSO", (1000.0, 0.0, 90.0)), ("RESERVE_REVENUE", (1e6,)), ("AGING_BUCKET", ("soon", 1.0)),
            ("AGING_DAYS", (((46295.0,), (46290.0,)), 46326.0)),
        ):  # fmt: skip
            assert str(desk.call(name, args)) == str(desk.call(name, args))
        assert list(desk.known.values()) == ["31-60 d"]
        desk.process.popen.kill()
        desk.process.popen.wait()
        assert desk.call(*BUCKET) == "31-60 d"
        assert desk.call("DSO", (1000.0, 3000.0, 90.0)) == 30.0
        assert list(desk.known.values()) == [30.0], "a new process starts with nothing"
        for days in range(desk_module.REMEMBERED + 10):
            assert desk.call("AGING_INDEX", (46326.0 - days, 46326.0)) is not None
        assert len(desk.known) < desk_module.REMEMBERED


def test_null_dates_are_remembered_apart(tmp_path: Path) -> None:
    with office(tmp_path) as desk:
        args = (46295.0, "2026-10-31")
        assert [desk.call("AGING_DAYS", args, shift) for shift in (0, 1, 0, 1)] == [31, 30, 31, 30]


@pytest.mark.parametrize("rows", [0, 1_000], ids=["pipes", "socket"])
def test_a_process_killed_in_the_middle_of_a_call(tmp_path: Path, rows: int) -> None:
    """The call is sent once more, to a new one."""
    first = tmp_path / "first"
    body = (
        f"first = Path({str(first)!r})\nif not first.exists():\n    first.touch(); time.sleep(60)"
    )
    with office(tmp_path, interpreter=changed(tmp_path, body)) as desk:
        due = tuple((46295.0,) for _ in range(rows)) or 46295.0
        expected = ((31.0,),) * rows or 31.0

        def kill() -> None:
            while not first.exists():
                time.sleep(0.01)
            desk.process.popen.send_signal(signal.SIGKILL)

        desk.ping()
        killer = threading.Thread(target=kill)
        killer.start()
        assert desk.call("AGING_DAYS", (due, 46326.0)) == expected
        killer.join()
        assert desk.fault() == ""


def test_a_stopped_process_is_ended(tmp_path: Path) -> None:
    """SIGSTOP: it neither answers nor listens to a polite end."""
    with office(tmp_path, timeout_seconds=0.3) as desk:
        assert desk.call(*BUCKET) == "31-60 d"
        pid = desk.process.popen.pid
        os.kill(pid, signal.SIGSTOP)
        assert error_code(desk.call("AGING_DAYS", (46295.0, 46326.0))) == "#N/A"
        assert "No answer within 0.3 seconds" in desk.fault()
        assert gone(pid)
        # what the process had said is not said without it
        assert error_code(desk.call(*BUCKET)) == "#N/A"


def test_a_call_that_was_cut_off_leaves_no_answer_to_the_next(tmp_path: Path, monkeypatch) -> None:
    with office(tmp_path) as desk:
        assert desk.call(*BUCKET) == "31-60 d"
        with monkeypatch.context() as patch:
            patch.setattr(
                desk.lane, "first", lambda frame: os.write(desk.lane.writer, frame) and 1 / 0
            )
            patch.setattr(desk.lane.pace, "settled", 10)
            assert error_code(desk.call("AGING_DAYS", (46290.0, 46326.0))) == "#VALUE!"
        assert desk.call("AGING_DAYS", (46295.0, 46326.0)) == 31.0


def test_two_threads_by_pipes_and_socket(tmp_path: Path) -> None:
    wrong: list[object] = []
    with office(tmp_path) as desk:

        def ask(days: int) -> None:
            for turn in range(150):
                due = 46326.0 - days - 2 * turn
                wide = ((due,),) * 600 if turn % 10 == 0 else due
                found = desk.call("AGING_DAYS", (wide, 46326.0))
                expected = days + 2.0 * turn
                if found != (((expected,),) * 600 if turn % 10 == 0 else expected):
                    wrong.append(found)

        threads = [threading.Thread(target=ask, args=(days,)) for days in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


OFFICE = """
import sys
sys.path.insert(0, sys.argv[1])
import receivables_shim
print(receivables_shim.call("AGING_DAYS", (46295.0, 46326.0)), receivables_shim.fault(), flush=True)
receivables_shim.stop()
"""


def plain_office(folder: Path, pythonpath: Path, **entries) -> subprocess.Popen[str]:
    """An office of plain Python that asks for one cell."""
    host = hostfile.write(hostfile.HostFile(**entries), folder / "host.toml")
    return subprocess.Popen(
        [OFFICE_PYTHON, "-I", "-S", "-c", OFFICE, str(pythonpath)],
        stdout=subprocess.PIPE,
        text=True,
        env={"RECEIVABLES_HOST_FILE": str(host), "PATH": os.environ["PATH"]},
    )


def test_a_computer_that_slept_in_the_middle_of_a_call(tmp_path: Path) -> None:
    """Both stop for longer than a cell waits; the time that nobody lived through does not count."""
    asked = tmp_path / "asked"
    interpreter = changed(tmp_path, f"Path({str(asked)!r}).touch(); time.sleep(0.2)")
    with plain_office(
        tmp_path, PYTHONPATH, interpreter=interpreter, timeout_seconds=1.2
    ) as started:
        while not asked.exists():
            time.sleep(0.01)
        (run_file,) = (tmp_path / "run").glob("worker-*.json")
        pids = [started.pid, json.loads(run_file.read_text(encoding="utf-8"))["pid"]]
        for number in (signal.SIGSTOP, signal.SIGCONT):
            for pid in pids:
                os.kill(pid, number)
            time.sleep(1.5 if number == signal.SIGSTOP else 0)
        assert started.communicate(timeout=20)[0] == "31.0 \n"


@pytest.mark.parametrize(
    "path", sorted((PYTHONPATH / "receivables_shim").glob("*.py")), ids=lambda path: path.stem
)
def test_nothing_in_the_office_looks_at_the_clock_on_the_wall(path: Path) -> None:
    """It jumps: after a sleep, in summer, when somebody sets it."""
    names = {
        node.attr for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "time"
    }  # fmt: skip
    assert names <= {"monotonic", "perf_counter", "sleep"}


@pytest.mark.parametrize("version", [__version__, "0.0.1"])
def test_an_extension_of_another_version(tmp_path: Path, version: str) -> None:
    """The arguments of a function may stand in another order there: no number is better than a wrong one."""
    pythonpath = tmp_path / "extension" / "pythonpath"
    shutil.copytree(PYTHONPATH / "receivables_shim", pythonpath / "receivables_shim")
    text = f'<description><version value="{version}"/></description>'
    (pythonpath.parent / "description.xml").write_text(text, encoding="utf-8")
    with plain_office(tmp_path, pythonpath) as started:
        answer, _, fault = started.communicate(timeout=20)[0].strip().partition(" ")
    if version == __version__:
        assert (answer, fault) == ("31.0", "")
    else:
        assert answer == "nan"
        assert fault == (
            f"The extension is of version 0.0.1, the program of version {__version__}. "
            "Run: receivables calc install, then restart the office."
        )


def test_looking_is_given_up_for_longer_each_time() -> None:
    found, pauses = Pace(), []
    for _ in range(5):
        for seconds in [5e-5] * TRIAL + [2e-5] * TRIAL + [3e-3]:
            found.note(seconds)
        assert not found.looks
        pauses.append(found.settled)
        found.settled = 0
    assert pauses == [4 * KEEP, 16 * KEEP, 64 * KEEP, LONGEST_PAUSE, LONGEST_PAUSE]


def test_looking_goes_on_while_it_is_fast() -> None:
    found = Pace()
    for seconds in [5e-5] * TRIAL + [2e-5] * (KEEP - 1):
        found.note(seconds)
    assert (found.looks, found.settled) == (True, 1)
    found.note(2e-5)
    assert (found.looks, found.settled) == (False, 0), "sleeping is timed again"


def test_looking_that_is_no_faster_is_not_kept() -> None:
    found = Pace()
    for seconds in [2e-5] * TRIAL + [2.2e-5] * TRIAL:
        found.note(seconds)
    assert not found.looks
