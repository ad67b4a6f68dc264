"""The Python that answers Excel: what it is, what it has installed, which DLL stands beside it."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from receivables.errors import NotAvailableError
from receivables_addin.excel.registry import Registry

PATIENCE_SECONDS = 120
"""A first start with a virus scanner looking on takes its time; a broken one never ends."""

CLICK_TO_RUN = r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration"
OUTLOOK = r"HKLM\SOFTWARE\Microsoft\Office\16.0\Outlook"
BITS = {"x64": 64, "x86": 32}

LIBRARIES = "polars pandas pyarrow fastexcel openpyxl xlsxwriter"
"""Packages with compiled parts, which a machine may refuse one by one."""

QUESTION = """
import importlib.metadata as m, json, platform, site, struct, sys
def version(name):
    try: return m.version(name)
    except Exception: return ''
def pywin32():
    if sys.platform != 'win32': return 'not for this system'
    import pythoncom, pywintypes, win32com
    return 'ok'
def tried(work):
    try: return str(work())
    except Exception as fault: return type(fault).__name__ + ': ' + str(fault)
def functions():
    from receivables_addin.excel import server
    from receivables.cells import REGISTRY
    server.warm()
    return '%d functions' % len(REGISTRY)
def libraries():
    for name in sys.argv[1].split(): __import__(name)
    return 'ok'
print(json.dumps({'functions': tried(functions), 'libraries': tried(libraries),
 'python': platform.python_version(), 'bits': struct.calcsize('P') * 8,
 'windows': sys.platform == 'win32', 'base': sys.base_prefix,
 'folders': [sys.prefix, sys.base_prefix, site.getuserbase()],
 'receivables': version('receivables'), 'xlwings': version('xlwings'), 'pywin32': tried(pywin32)}))
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an interpreter says of itself."""

    python: str
    bits: int
    windows: bool
    base: str
    folders: tuple[str, ...]
    receivables: str
    xlwings: str
    pywin32: str
    functions: str
    libraries: str


def ask(interpreter: Path) -> Answer:
    """Start an interpreter with the switches the add-in starts it with and hear what it has.

    Raises:
        NotAvailableError: it is missing, does not start, does not end, or answers nonsense.
    """
    if not interpreter.is_file():
        raise NotAvailableError(f"{interpreter}: there is no such file.")
    try:
        done = subprocess.run(  # noqa: S603 - the interpreter of this user's own installation
            [str(interpreter), "-P", "-B", "-c", QUESTION, LIBRARIES],
            cwd=interpreter.parent,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except subprocess.TimeoutExpired:
        raise NotAvailableError(
            f"{interpreter}: no answer within {PATIENCE_SECONDS} seconds."
        ) from None
    except OSError as fault:
        raise NotAvailableError(
            f"{interpreter}: cannot be started ({fault.strerror or fault})."
        ) from None
    return _answer(interpreter, done)


def _answer(interpreter: Path, done: subprocess.CompletedProcess[bytes]) -> Answer:
    try:
        raw = json.loads(done.stdout.decode("utf-8", errors="replace"))
        return Answer(**{**raw, "folders": tuple(raw["folders"])})
    except (ValueError, TypeError, KeyError):
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["nothing"]
        raise NotAvailableError(
            f"{interpreter}: starts, but ends with code {done.returncode} and says: {last[0]}"
        ) from None


def from_the_store(path: str) -> bool:
    r"""Whether a program is a Microsoft Store package, which Windows keeps in a sandbox.

    >>> from_the_store(r"C:\Program Files\WindowsApps\PythonSoftwareFoundation.Python.3.12\python.exe")
    True
    >>> from_the_store(r"C:\Users\Chen\AppData\Local\Programs\Python\Python312")
    False
    """
    return "windowsapps" in (part.lower() for part in PureWindowsPath(path).parts)


def excel_bits(registry: Registry | None) -> int | None:
    """32 or 64, as the installed Office says; None where it does not."""
    if registry is None:
        return None
    try:
        said = registry.value(CLICK_TO_RUN, "Platform") or registry.value(OUTLOOK, "Bitness")
    except NotAvailableError:
        return None
    return BITS.get(str(said).lower())


def dll_name(xlwings: str, bits: int) -> str:
    """File name of the DLL that Excel loads; it must have Excel's bits and the add-in's version.

    >>> dll_name("0.37.8", 64)
    'xlwings64-0.37.8.dll'
    """
    return f"xlwings{bits}-{xlwings}.dll"


def dll_folders(interpreter: Path) -> tuple[Path, Path]:
    """The two folders in which the add-in looks for the DLL, in its order."""
    return interpreter.parent, interpreter.parent.parent


def dll_beside(interpreter: Path, name: str) -> Path | None:
    """The DLL that the add-in would load."""
    places = (folder / name for folder in dll_folders(interpreter))
    return next((path for path in places if path.is_file()), None)


def dll_elsewhere(answer: Answer, name: str) -> Path | None:
    """The DLL in a folder where pip may have put it (`pip --user` puts it in the user's base)."""
    places = (Path(folder) / name for folder in answer.folders if folder)
    return next((path for path in places if path.is_file()), None)
