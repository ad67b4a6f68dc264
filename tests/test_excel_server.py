"""The process behind Excel's cells: it says when it is ready, why not, and ends with Excel."""

from __future__ import annotations

import ast
import importlib
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from receivables_addin.excel import server
from receivables_addin.excel.pro import import_xlwings

from tests.xlwings_fake import pywin32
from tests.xlwings_fake.excel import MODULE
from tests.xlwings_fake.session import windows

xlwings = import_xlwings()
CLSID = "{11111111-2222-3333-4444-555555555555}"
WINDOW = 4711


@pytest.fixture
def com_server() -> Iterator[ModuleType]:
    with windows() as module:
        yield module


class Windows:
    """What xlwings' serve() and our server call while they start and wait, in the order of calls."""

    def __init__(self, monkeypatch, ready: Path) -> None:
        self.calls: list[str] = []
        self.ready = ready
        self.excel_ends = threading.Event()
        self.fakes = {name: sys.modules[name] for name in pywin32.modules()}
        add = monkeypatch.setattr
        com, api = self.fakes["pythoncom"], self.fakes["win32api"]
        events, processes = self.fakes["win32event"], self.fakes["win32process"]
        for name in ("CLSCTX_LOCAL_SERVER", "REGCLS_MULTIPLEUSE", "REGCLS_SUSPENDED"):
            add(com, name, 0, raising=False)
        for name in (
            "MakePyFactory", "CoRegisterClassObject", "EnableQuitMessage", "CoResumeClassObjects",
            "CoRevokeClassObject", "CoUninitialize",
        ):  # fmt: skip
            add(com, name, self.noting(name), raising=False)
        add(com, "PumpWaitingMessages", self.noting("PumpWaitingMessages", 1), raising=False)
        add(api, "GetCurrentThreadId", lambda: 1, raising=False)
        add(api, "PostQuitMessage", self.noting("PostQuitMessage"), raising=False)
        add(api, "OpenProcess", self.noting("OpenProcess"), raising=False)
        add(self.fakes["win32con"], "SYNCHRONIZE", 0x100000, raising=False)
        for name in ("INFINITE", "QS_ALLEVENTS", "WAIT_OBJECT_0"):
            add(events, name, 0, raising=False)
        add(events, "MsgWaitForMultipleObjects", lambda *_: 0, raising=False)
        add(events, "WaitForSingleObject", lambda *_: self.excel_ends.wait(), raising=False)
        add(processes, "GetWindowThreadProcessId", lambda window: (1, window + 1))

    def noting(self, name: str, answer: object = None):
        def called(*arguments: object) -> object:
            self.calls.append(name if name != "OpenProcess" else f"{name} {arguments[2]}")
            if self.ready.exists():
                self.calls.append("ready")
            return answer

        return called


@pytest.fixture
def ready(tmp_path) -> Path:
    return tmp_path / "receivables-ready.txt"


@pytest.fixture
def started(com_server, monkeypatch, ready) -> Iterator[Windows]:
    found = Windows(monkeypatch, ready)
    monkeypatch.setattr(com_server, "_start_background_loop", lambda: None)
    handlers = list(com_server.logger.handlers)
    yield found
    com_server.logger.handlers[:] = handlers
    com_server.logger.setLevel(logging.NOTSET)
    com_server.logger.propagate = True


def run(ready: Path) -> int:
    return server.main(["--clsid", CLSID, "--ready", str(ready), "--excel", str(WINDOW)])


def test_ready_is_written_when_com_can_find_the_process_and_not_before(started, ready) -> None:
    assert run(ready) == 0
    assert ready.read_bytes() == b"ready"
    assert started.calls == [
        f"OpenProcess {WINDOW + 1}", "MakePyFactory", "CoRegisterClassObject",
        "EnableQuitMessage", "CoResumeClassObjects",
        "PumpWaitingMessages", "ready", "CoRevokeClassObject", "ready", "CoUninitialize", "ready",
    ]  # fmt: skip


def test_everything_is_loaded_before_excel_may_call(started, ready) -> None:
    run(ready)
    assert MODULE in sys.modules


def test_a_start_that_fails_says_why_in_one_line_of_ascii(started, ready, monkeypatch) -> None:
    def refused(*_: object) -> None:
        raise pywin32.ComError("Zugriff verweigert:\n Gerät 中文 " + "x" * 500)

    monkeypatch.setattr(started.fakes["pythoncom"], "CoRegisterClassObject", refused)
    assert run(ready) == 1
    text = ready.read_bytes()
    assert text.startswith(rb"ComError: Zugriff verweigert: Ger\xe4t \u4e2d\u6587 xxx")
    assert b"\n" not in text
    assert not list(ready.parent.glob("*.part"))


def test_without_pywin32_the_reason_names_it(ready) -> None:
    """As on a machine where the installation is broken: here, there is no pywin32 at all."""
    done = subprocess.run(
        [sys.executable, "-P", "-B", "-m", "receivables_addin.excel.server",
         "--clsid", CLSID, "--ready", str(ready), "--excel", "1"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "No module named 'pywintypes'" in ready.read_text()


def test_pywintypes_comes_first(started, ready, monkeypatch) -> None:
    """Else Windows does not find the DLL of win32api: ImportError, DLL load failed."""
    asked = []
    plain = server.import_module
    monkeypatch.setattr(server, "import_module", lambda name: asked.append(name) or plain(name))
    run(ready)
    assert asked[0] == "pywintypes"


def test_it_ends_when_excel_has_ended(started, ready, monkeypatch) -> None:
    ended = threading.Event()
    monkeypatch.setattr(server.os, "_exit", lambda _: ended.set())
    run(ready)
    assert not ended.is_set()
    started.excel_ends.set()
    assert ended.wait(5)


def test_the_add_in_can_stop_it(started) -> None:
    server.stop()
    assert started.calls == ["PostQuitMessage"]


def test_the_fake_has_nothing_that_xlwings_does_not_call() -> None:
    """Each member of the fake is a word in xlwings' own source (or in that of our server)."""
    folder = Path(xlwings.__file__).parent
    files = [folder / f"{name}.py" for name in ("_xlwindows", "udfs", "com_server", "_win32patch")]
    words = {word for file in (*files, Path(server.__file__)) for word in names(file)}
    for name, module in pywin32.modules().items():
        members = {member for member in vars(module) if not member.startswith("__")}
        members -= {part.rpartition(".")[2] for part in pywin32.modules()}
        assert members <= words, f"{name}: {members - words}"


def names(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield node.name
        elif isinstance(node, ast.Name):
            yield node.id


def test_a_member_that_is_not_on_the_list_raises(com_server) -> None:
    with pytest.raises(pywin32.NotFakedError, match="pythoncom has no CoCreateGuid"):
        _ = sys.modules["pythoncom"].CoCreateGuid


def test_xlwings_is_as_installed(com_server) -> None:
    """The code that runs is the package's own file, and the session leaves nothing behind."""
    folder = Path(xlwings.__file__).parent
    for name in ("_xlwindows", "udfs", "com_server", "conversion.framework"):
        module = importlib.import_module(f"xlwings.{name}")
        assert Path(module.__file__) == folder / f"{name.replace('.', '/')}.py"


def test_after_the_session_everything_is_as_before() -> None:
    before = {name: sys.modules.get(name) for name in ("pythoncom", "xlwings.udfs", MODULE)}
    decorators = (xlwings.func, xlwings.arg, xlwings.engines.active)
    with windows():
        assert sys.modules["pythoncom"] is not before["pythoncom"]
    assert {name: sys.modules.get(name) for name in before} == before
    assert (xlwings.func, xlwings.arg, xlwings.engines.active) == decorators
