"""The Python process behind Excel's cells and buttons: one per Excel, started and ended with it."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys
import threading
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from receivables.cells import load_functions
from receivables_addin.excel.pro import block_pro

READY = "ready"
REASON_LENGTH = 400
"""Characters of a reason that still fit a message box."""


def main(given: Sequence[str] | None = None) -> int:
    """Serve until Excel ends; `--ready` names a file that says in one line how the start went.

    VBA reads the file while Excel stays free, and calls only when it says `ready`.
    """
    parser = argparse.ArgumentParser(prog="receivables_addin.excel.server", description=__doc__)
    parser.add_argument("--clsid", required=True, help="class that Excel will ask COM for")
    parser.add_argument("--ready", required=True, type=Path, help="file that says how it went")
    parser.add_argument("--excel", required=True, type=int, help="window of the Excel to end with")
    chosen = parser.parse_args(given)
    try:
        end_with(chosen.excel)
        serve(chosen.clsid, chosen.ready)
    except Exception as fault:  # noqa: BLE001 - whatever it is, Excel must learn of it and not wait
        report(chosen.ready, f"{type(fault).__name__}: {fault}")
        return 1
    return 0


def serve(clsid: str, ready: Path | None = None) -> None:
    """Answer cells and buttons through xlwings' COM server, its commercial part kept out.

    Everything a first call needs is loaded before Excel hears that the process is ready.
    """
    block_pro()
    from xlwings import com_server

    warm()
    if ready:
        announce(com_server.logger, ready)
    com_server.serve(clsid)


def warm() -> None:
    """Load the functions and their tables, so that the first cell does not wait for them.

    What is loaded stays to the end: the collector no longer walks over it during a long column.
    """
    import_module("receivables_addin.excel.binding")
    for spec in load_functions().values():
        spec.call(*[None] * spec.required)
    gc.collect()
    gc.freeze()


def stop() -> None:
    """End the process after the running call; the add-in calls it when it is closed."""
    import_module("win32api").PostQuitMessage(0)


def end_with(window: int) -> None:
    """End this process when the Excel of a window has ended, however it ended."""
    # by name, since they exist on Windows only; pywintypes first: it brings the DLL of the others
    import_module("pywintypes")
    api, events, processes = map(import_module, ("win32api", "win32event", "win32process"))
    _thread, process = processes.GetWindowThreadProcessId(window)
    excel = api.OpenProcess(import_module("win32con").SYNCHRONIZE, False, process)

    def wait() -> None:
        events.WaitForSingleObject(excel, events.INFINITE)
        # the main thread waits for messages that no longer come
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def announce(logger: logging.Logger, ready: Path) -> None:
    """Write `ready` when xlwings logs that it runs: the moment COM can find the process."""

    class Announcing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "running" in record.getMessage():
                report(ready, READY)

    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(Announcing())


def report(ready: Path, line: str) -> None:
    """Write one line of plain ASCII, whole or not at all: VBA may be reading at this moment."""
    text = " ".join(line.split())[:REASON_LENGTH].encode("ascii", "backslashreplace")
    being_written = ready.with_suffix(".part")
    being_written.write_bytes(text)
    being_written.replace(ready)


if __name__ == "__main__":
    sys.exit(main())
