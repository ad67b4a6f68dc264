"""xlwings' own Windows code on Linux: pywin32 faked, xlwings unchanged, everything put back after."""

from __future__ import annotations

import ctypes
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from receivables_addin.excel.pro import import_xlwings

from tests.xlwings_fake import pywin32

WINDOWS_ONLY = ("xlwings._xlwindows", "xlwings.udfs", "xlwings.com_server")
OURS = ("receivables_addin.excel.binding",)
NO_OPS = ("func", "arg", "ret", "sub", "script")


@contextmanager
def windows() -> Iterator[ModuleType]:
    """xlwings.com_server with the real decorators in place; our binding is imported anew inside."""
    xlwings = import_xlwings()
    fakes = pywin32.modules()
    kept = {name: sys.modules.get(name) for name in (*fakes, *WINDOWS_ONLY, *OURS)}
    for name in (*WINDOWS_ONLY, *OURS):
        sys.modules.pop(name, None)
    members = {name: getattr(xlwings, name) for name in NO_OPS}
    engine = xlwings.engines.active
    sys.modules.update(fakes)
    try:
        with _ctypes():
            backend, udfs, com_server = map(importlib.import_module, WINDOWS_ONLY)
        xlwings.engines.add(xlwings.Engine(impl=backend.engine))
        xlwings.engines.active = xlwings.engines["excel"]
        xlwings.func, xlwings.arg, xlwings.ret = udfs.xlfunc, udfs.xlarg, udfs.xlret
        yield com_server
        com_server.loop.close()
        udfs.com_executor.shutdown()
    finally:
        vars(xlwings).update(members)
        xlwings.engines.active = engine
        _put_back(xlwings, kept)


@contextmanager
def _ctypes() -> Iterator[None]:
    loader = ctypes.PyDLL
    ctypes.windll, ctypes.oledll = pywin32.NoLibraries, pywin32.OleLibraries
    ctypes.PyDLL = pywin32.Library
    try:
        yield
    finally:
        ctypes.PyDLL = loader
        del ctypes.windll, ctypes.oledll


def _put_back(xlwings: ModuleType, kept: dict[str, ModuleType | None]) -> None:
    for name in WINDOWS_ONLY:
        vars(xlwings).pop(name.rpartition(".")[2], None)
    for name, module in kept.items():
        if module is None:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = module
