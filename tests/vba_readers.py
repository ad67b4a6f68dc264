"""Two independent readers of VBA projects: oletools' olevba, and pyOpenVBA."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import olefile

with warnings.catch_warnings():
    # olevba still calls pyparsing by its old names; pytest would make that an error
    warnings.simplefilter("ignore", DeprecationWarning)
    from oletools.olevba import VBA_Parser, decompress_stream


def decompressed(data: bytes) -> bytes:
    return bytes(decompress_stream(bytearray(data)))


def opened(data: bytes) -> olefile.OleFileIO:
    """Read by olefile, which then takes the slightest defect for an error."""
    return olefile.OleFileIO(io.BytesIO(data), raise_defects=olefile.DEFECT_UNSURE)


def by_olevba(path: Path) -> dict[str, str]:
    """Text of every module, by its name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        parser = VBA_Parser(str(path))
        found = {name.rpartition(".")[0]: text for _, _, name, text in parser.extract_macros()}
        parser.close()
    return found


def by_pyopenvba(path: Path) -> dict[str, str]:
    """Text of every module, by its name."""
    import pyopenvba

    with pyopenvba.ExcelFile(path) as book:
        return {name: book.get_module(name) for name in book.module_names()}
