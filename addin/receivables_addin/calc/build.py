"""The LibreOffice extension as one file, made of the declared functions and the actions."""

from __future__ import annotations

import json
from pathlib import Path

from receivables import __version__
from receivables.actions import ACTIONS
from receivables.cells import load_functions
from receivables.resources import asset_path
from receivables_addin.calc import rewrite
from receivables_addin.calc.idl import gives_table, idl
from receivables_addin.calc.menu import addons_xcu
from receivables_addin.calc.names import check_names, method_name
from receivables_addin.calc.xcu import functions_xcu
from receivables_addin.zipped import zipped

FILE_NAME = "receivables.oxt"
_SOURCES = {".py", ".xcu", ".xml", ".txt", ".csv", ".json"}


def build(target: Path) -> Path:
    """Write the extension; the same functions and version give the same bytes.

    Raises:
        BadValueError: Calc could not carry a name.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(pack(parts()))
    return target


def parts() -> dict[str, bytes]:
    """Every file of the extension by its path inside."""
    specs = [spec for _, spec in sorted(load_functions().items())]
    check_names(specs)
    icons = _icons()
    methods = {
        method_name(spec.name): [spec.name, "table" if gives_table(spec) else "value"]
        for spec in specs
    }
    return {
        **_sources(),
        **{f"icons/{name}.png": picture for name, picture in icons.items()},
        "XFunctions.idl": idl(specs).encode("ascii"),
        "CalcAddIns.xcu": functions_xcu(specs),
        "Addons.xcu": addons_xcu(ACTIONS, icons),
        "functions.json": json.dumps(methods, indent=0).encode(),
        "pythonpath/receivables_office/rewrite.py": Path(rewrite.__file__).read_bytes(),
    }


def pack(files: dict[str, bytes]) -> bytes:
    """Files as a zip without clock or order of chance.

    >>> pack({"b": b"", "a": b""}) == pack({"a": b"", "b": b""})
    True
    """
    return zipped(dict(sorted(files.items())))


def _sources() -> dict[str, bytes]:
    """What `addin/calc` holds as it is: manifest, licence, component, what runs in the office."""
    folder = asset_path("calc")
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.suffix in _SOURCES and "__pycache__" not in path.parts
    }
    description = found["description.xml"].replace(b"@VERSION@", __version__.encode())
    return {**found, "description.xml": description}


def _icons() -> dict[str, bytes]:
    """Pictures of the actions; Excel's ribbon has the same."""
    folder = asset_path("excel") / "icons"
    paths = {action.icon: folder / f"{action.icon}.png" for action in ACTIONS}
    return {name: path.read_bytes() for name, path in sorted(paths.items()) if path.is_file()}
