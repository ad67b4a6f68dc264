"""Cell functions in a real LibreOffice: a call beside a bare echo from the same place, ranges, the first call."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from receivables_addin.calc.build import pack
from receivables_addin.calc.office import find_office, unopkg

from benchmarks.measure import Timing, same, show
from tests.calc_office import CalcOffice, prepare

FORMULAS = 10_000
DUE, AS_OF = 46295, 46326
DATES = 200
"""Different due dates of a usual ledger, which repeat."""
ROWS = 1_048_576
WORTH_IT = 100_000
"""Rows from which whole columns are timed as well."""
ECHO_PORT = "RECEIVABLES_ECHO_PORT"
ECHO = """
import socket
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    there, _ = server.accept()
    there.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while data := there.recv(65536):
        there.sendall(data)
"""
IDL = """module org { module receivables { module bench {
interface XBench { any benchEcho([in] any due, [in] any asOf); any benchNothing([in] any due, [in] any asOf);
any benchEchoSix([in] any due, [in] any asOf, [in] any edges, [in] any issued, [in] any terms, [in] any edge); };
}; }; };
"""
COMPONENT = f"""
import os, socket
import unohelper
from com.sun.star.lang import XServiceInfo, XServiceName
from org.receivables.bench import XBench
NAME = "org.receivables.bench.Functions"
class Functions(unohelper.Base, XBench, XServiceInfo, XServiceName):
    there = None
    def __init__(self, context): pass
    def getServiceName(self): return NAME
    def getImplementationName(self): return NAME + ".python"
    def supportsService(self, name): return name == NAME
    def getSupportedServiceNames(self): return (NAME,)
    def benchNothing(self, due, as_of): return "31-60 d"
    def benchEcho(self, due, as_of):
        if self.there is None:
            self.there = socket.create_connection(("127.0.0.1", int(os.environ["{ECHO_PORT}"])))
            self.there.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.there.sendall(b"x" * 40)
        self.there.recv(65536)
        return "31-60 d"
    def benchEchoSix(self, due, as_of, edges, issued, terms, edge): return self.benchEcho(due, as_of)
g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Functions, NAME + ".python", (NAME,))
"""
FUNCTION = '<node oor:name="{0}" oor:op="replace"><prop oor:name="DisplayName"><value xml:lang="en">{1}</value></prop><prop oor:name="Category"><value>Add-In</value></prop><node oor:name="Parameters"/></node>'
XCU = f"""<?xml version="1.0" encoding="UTF-8"?>
<oor:component-data xmlns:oor="http://openoffice.org/2001/registry" oor:name="CalcAddIns" oor:package="org.openoffice.Office">
<node oor:name="AddInInfo"><node oor:name="org.receivables.bench.Functions" oor:op="replace"><node oor:name="AddInFunctions">
{FUNCTION.format("benchEcho", "BENCH_ECHO")}{FUNCTION.format("benchEchoSix", "BENCH_ECHO_SIX")}{FUNCTION.format("benchNothing", "BENCH_NOTHING")}
</node></node></node></oor:component-data>
"""
MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">
<manifest:file-entry manifest:full-path="X.idl" manifest:media-type="application/vnd.sun.star.uno-typelibrary;type=RDB"/>
<manifest:file-entry manifest:full-path="c.py" manifest:media-type="application/vnd.sun.star.uno-component;type=Python"/>
<manifest:file-entry manifest:full-path="a.xcu" manifest:media-type="application/vnd.sun.star.configuration-data"/>
</manifest:manifest>
"""
DESCRIPTION = """<?xml version="1.0" encoding="UTF-8"?>
<description xmlns="http://openoffice.org/extensions/description/2006"><identifier value="org.receivables.bench"/><version value="1"/></description>
"""


def run(rows: int, runs: int) -> None:
    """Print two tables for one cell, one for ranges, one for the first cell."""
    count = min(rows, FORMULAS)
    with tempfile.TemporaryDirectory() as folder, office(Path(folder)) as calc:
        first = Timing("AGING_BUCKET, nothing running yet", *[timed(calc, one())] * 2, 0.0, 1)
        for title, different in (("no two alike", count), (f"{DATES} due dates", DATES)):
            timings = scalars(calc, count, runs, different)
            show(f"One cell in LibreOffice (mean of {count:,} formulas, {title})", timings, 1e6)
        show("Ranges in LibreOffice", ranges(calc, rows, runs), 1e3)
        show("The first formula, the local process started for it", [first], 1e3)


@contextmanager
def office(folder: Path) -> Iterator[CalcOffice]:
    """An office with our extension and the bare one beside it."""
    profile, host = prepare(folder)
    bare = folder / "bench.oxt"
    parts = {"X.idl": IDL, "c.py": COMPONENT, "a.xcu": XCU, "description.xml": DESCRIPTION}
    parts["META-INF/manifest.xml"] = MANIFEST
    bare.write_bytes(pack({name: text.encode() for name, text in parts.items()}))
    unopkg(find_office(), profile, "add", "--force", str(bare))
    with subprocess.Popen([sys.executable, "-c", ECHO], stdout=subprocess.PIPE, text=True) as echo:
        assert echo.stdout is not None
        with patch.dict(os.environ, {ECHO_PORT: echo.stdout.readline().strip()}):
            calc = CalcOffice(profile, host)
        try:
            yield calc
            calc.stop()
        finally:
            calc.kill()
            echo.terminate()


def scalars(calc: CalcOffice, count: int, runs: int, different: int) -> list[Timing]:
    """The same column of formulas for each contender, in turns."""
    contenders = {
        "receivables, through its local process": f"=AGING_BUCKET(A1;{AS_OF})",
        "an add-in that echoes 40 bytes off another process": f"=BENCH_ECHO(A1;{AS_OF})",
        "… with as many parameters as AGING_BUCKET": f"=BENCH_ECHO_SIX(A1;{AS_OF})",
        "an add-in in Python that does nothing": f"=BENCH_NOTHING(A1;{AS_OF})",
        "IF, built in": f'=IF(A1<{AS_OF};"31-60 d";"")',
    }
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(runs + 1):
        for name, formula in contenders.items():
            seconds, answer = column(calc, formula, count, different)
            same({name: answer, "expected": "31-60 d"})
            if turn:
                taken[name].append(seconds / count)
    return [
        Timing(name, statistics.median(all_), min(all_), 0.0, runs) for name, all_ in taken.items()
    ]


def column(calc: CalcOffice, formula: str, count: int, different: int) -> tuple[float, str]:
    """Seconds to fill and compute a column of formulas on that many due dates, and its last answer."""
    calc.ask("open")
    dates = [[DUE - (count - 1 - row) % different] for row in range(count)]
    calc.ask("fill", sheet="Data", blocks=[[0, 0, dates]])
    calc.ask("formulas", sheet="Data", cells=[[0, 1, formula, None]])
    seconds = calc.ask("fill_down", sheet="Data", row=0, column=1, count=count)
    shown = calc.ask("read", sheet="Data", blocks=[[count - 1, 1, 1, 1]])
    return seconds, shown[0][0][0]


def ranges(calc: CalcOffice, rows: int, runs: int) -> list[Timing]:
    """Ranges of two columns into one number: tall, a whole sheet, a whole sheet that is nearly empty."""
    found = []
    whole = ((ROWS, ROWS), (500, ROWS)) if rows >= WORTH_IT else ()
    for filled, selected in ((rows, rows), *whole):
        calc.ask("open")
        calc.ask("tile", sheet="Data", count=filled, row=[DUE, 2])
        formula = f'=AGING_SUM(Data.B1:B{selected};Data.A1:A{selected};{AS_OF};"31-60 d")'
        taken = sorted(timed(calc, formula, 2 * filled) for _ in range(min(runs, 3) + 1))[:-1]
        name = f"AGING_SUM, {selected:,} × 2 cells, {filled:,} rows used"
        found.append(Timing(name, taken[len(taken) // 2], taken[0], 0.0, len(taken)))
    return found


def one() -> str:
    return f"=AGING_BUCKET({DUE};{AS_OF})"


def timed(calc: CalcOffice, formula: str, expected: object = "31-60 d") -> float:
    """Seconds from typing a formula to its answer."""
    started = time.perf_counter()
    answer = calc.value(formula)
    assert answer == expected, answer
    return time.perf_counter() - started
