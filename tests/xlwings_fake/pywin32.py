"""The part of pywin32 that xlwings touches on the way of a cell function, and nothing besides.

Every member here is one that xlwings' own code names (tests/test_excel_fake.py); any other raises.
"""

# ruff: noqa: ARG002, N801, N802 - names and signatures are pywin32's

from __future__ import annotations

import datetime as dt
from types import ModuleType
from typing import Self

RANGE = "{00020846-0000-0000-C000-000000000046}"
DISPATCH = "{00020400-0000-0000-C000-000000000046}"


class NotFakedError(AttributeError):
    """xlwings asked for something that the fake does not have."""


class Strict(ModuleType):
    """A module with the members given; any other raises and is written down."""

    def __init__(self, name: str, **members: object) -> None:
        super().__init__(name)
        self.__dict__.update(members)

    def __getattr__(self, member: str) -> object:
        raise NotFakedError(f"the fake of {self.__name__} has no {member}")


class IID(str):
    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        return super().__new__(cls, str(text).upper())


class ComError(Exception):
    """pywintypes.com_error."""


class TimeType(dt.datetime):
    """pywintypes.datetime: how COM hands over a date cell, in a time zone that means nothing."""


class PyIDispatch:
    """A COM object before it is wrapped."""

    def __init__(self, iid: str) -> None:
        self.iid = IID(iid)

    def GetTypeInfo(self) -> TypeInfo:
        return TypeInfo(self.iid)


class TypeInfo:
    def __init__(self, iid: IID) -> None:
        self.iid = iid

    def GetTypeAttr(self) -> TypeInfo:
        return self


class Utc(dt.tzinfo):
    """win32timezone's UTC."""

    def utcoffset(self, moment: dt.datetime | None) -> dt.timedelta:
        return dt.timedelta(0)

    dst = utcoffset

    def tzname(self, moment: dt.datetime | None) -> str:
        return "UTC"


class TimeZoneInfo:
    utc = staticmethod(Utc)


class Library:
    """ctypes.PyDLL: one function, fetched at import and never called."""

    def __init__(self, path: str) -> None:
        assert path == "pythoncom.pyd"

    class PyCom_PyObjectFromIUnknown:
        restype = None


class Ole32:
    """ctypes.oledll.ole32: one function, called at import to read a GUID."""

    @staticmethod
    def CLSIDFromString(*_: object) -> int:
        return 0


class OleLibraries:
    """ctypes.oledll."""

    ole32 = Ole32


class NoLibraries:
    """ctypes.windll: named at import, used by nothing that a cell function needs."""


def nothing(*_: object) -> None:
    """For what is called and gives nothing."""


class Wrapped:
    """An object of Python as VBA holds it."""

    def __init__(self, held: object) -> None:
        self.held = held


def unwrap(value: object) -> object:
    """win32com.server.util.unwrap: refuses what is no object of ours, as every cell value is."""
    if isinstance(value, Wrapped):
        return value.held
    raise ComError(-2147467262, "No such interface supported", None, None)


class ClientObject:
    """win32com.client's classes that xlwings compares types with."""


def modules() -> dict[str, ModuleType]:
    """The fake modules by name."""
    found: dict[str, ModuleType] = {
        "pywintypes": Strict(
            "pywintypes", com_error=ComError, error=ComError, IID=IID, TimeType=TimeType
        ),
        "pythoncom": Strict(
            "pythoncom",
            __file__="pythoncom.pyd",
            CoInitialize=nothing,
            IID_IDispatch=DISPATCH,
            TypeIIDs={DISPATCH: PyIDispatch},
        ),
        "win32timezone": Strict("win32timezone", TimeZoneInfo=TimeZoneInfo),
        "win32com.client": Strict(
            "win32com.client",
            CDispatch=ClientObject,
            CoClassBaseClass=ClientObject,
            DispatchBaseClass=ClientObject,
            Dispatch=nothing,
            DispatchEx=nothing,
        ),
        "win32com.server.util": Strict("win32com.server.util", wrap=Wrapped, unwrap=unwrap),
        "win32com.server.policy": Strict("win32com.server.policy", DefaultPolicy=object),
        "win32com.server.dispatcher": Strict("win32com.server.dispatcher"),
    }
    found["win32process"] = Strict("win32process", GetWindowThreadProcessId=lambda _: (1, 2))
    for name in ("win32api", "win32con", "win32gui", "win32event"):
        found[name] = Strict(name)
    server = {part: found[f"win32com.server.{part}"] for part in ("util", "policy", "dispatcher")}
    found["win32com.server"] = Strict("win32com.server", __path__=[], **server)
    found["win32com"] = Strict(
        "win32com", __path__=[], client=found["win32com.client"], server=found["win32com.server"]
    )
    return found
