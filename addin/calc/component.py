"""What the office loads: the cell functions, the buttons and the events. The work is done elsewhere.

Runs in the Python of the office: standard library and `uno` only.
"""

from __future__ import annotations

import json
import os
import weakref
from typing import Any, ClassVar

import receivables_office
import receivables_shim
import uno
import unohelper
from com.sun.star.lang import Locale, XLocalizable, XServiceInfo, XServiceName
from com.sun.star.sheet import XVolatileResult
from com.sun.star.task import XJob, XJobExecutor
from org.receivables import XFunctions
from receivables_office.daycount import DAYS
from receivables_shim import wire

FUNCTIONS = "org.receivables.Functions"
BUTTONS = "org.receivables.Job"
EVENTS = "org.receivables.EventJob"
HERE = os.path.dirname(os.path.abspath(__file__))
TEXT_IN_ARRAY = wire.error_value("#VALUE!")


class Service(unohelper.Base, XServiceInfo):
    """A service that knows its name, as the office asks for it."""

    service = ""

    def __init__(self, context: Any, *_arguments: Any) -> None:
        self.context = context

    def getImplementationName(self) -> str:
        return self.service + ".python"

    def supportsService(self, name: str) -> bool:
        return name == self.service

    def getSupportedServiceNames(self) -> tuple[str, ...]:
        return (self.service,)


class Column(unohelper.Base, XVolatileResult):
    """Rows that answer a function of one value, when it was given ranges.

    A method of type `any` reaches Calc with one value, never with an array: the bridge to Python turns
    tuples into a type that Calc refuses. A result that reports itself is the way round. Calc keeps it
    until the document closes, so equal rows share one.
    """

    known: ClassVar[Any] = weakref.WeakValueDictionary()

    def __init__(self, rows: tuple[tuple[Any, ...], ...]) -> None:
        self.rows = rows

    @classmethod
    def of(cls, rows: tuple[tuple[Any, ...], ...]) -> Any:
        """The result that holds the rows; rows with text are refused.

        Text of an array that an add-in returns equals nothing in Calc, not even itself typed again,
        so that SUMIF over it gives 0. An error is seen; a wrong nought is not.
        """
        if any(type(cell) is str for row in rows for cell in row):
            return TEXT_IN_ARRAY
        found = cls.known.get(rows)
        if found is None:
            found = cls.known[rows] = cls(rows)
        return found

    def addResultListener(self, listener: Any) -> None:
        event = uno.createUnoStruct("com.sun.star.sheet.ResultEvent")
        event.Value = uno.Any("[][]any", self.rows)
        uno.invoke(listener, "modified", (event,))

    def removeResultListener(self, listener: Any) -> None:
        """Nothing to do: the rows never change."""


def value_method(name: str) -> Any:
    """Method of a function of one value. Calc gives every argument, None where it was left out."""

    def call(self: Any, *cells: Any) -> Any:
        answer = receivables_shim.call(name, cells, DAYS.shift(self.context))
        return Column.of(answer) if type(answer) is tuple else answer

    return call


def table_method(name: str) -> Any:
    """Method of a function that gives a table; an error is a table of one cell."""

    def call(self: Any, *cells: Any) -> Any:
        answer = receivables_shim.call(name, cells, DAYS.shift(self.context))
        return answer if type(answer) is tuple else ((answer,),)

    return call


class FunctionsBase(Service, XServiceName, XLocalizable):
    """The part of the add-in that is the same for every function."""

    service = FUNCTIONS
    locale = Locale("en", "US", "")

    def getServiceName(self) -> str:
        return self.service

    def setLocale(self, locale: Any) -> None:
        self.locale = locale

    def getLocale(self) -> Any:
        return self.locale


def listed() -> Any:
    """Functions of the extension by method: name, and `value` or `table`."""
    with open(os.path.join(HERE, "functions.json"), encoding="utf-8") as text:
        return json.load(text)


def functions() -> Any:
    """The add-in class, with one method per function of the list in the extension."""
    kinds = {"value": value_method, "table": table_method}
    methods = {key: kinds[kind](name) for key, (name, kind) in listed().items()}
    return type("Functions", (FunctionsBase, XFunctions), methods)


class Buttons(Service, XJobExecutor):
    """Entries of the menu and the toolbar: `service:org.receivables.Job?<action>`."""

    service = BUTTONS

    def trigger(self, action: str) -> None:
        receivables_office.press(self.context, action)


class Events(Service, XJob):
    """Events of the office, as Jobs.xcu names them."""

    service = EVENTS

    def execute(self, arguments: Any) -> None:
        given = {item.Name: item.Value for item in arguments}
        event = {item.Name: item.Value for item in given.get("Environment", ())}
        if event.get("EventName") == "OnCloseApp":
            receivables_shim.stop()
        else:
            receivables_office.heard(self.context, event, listed())


g_ImplementationHelper = unohelper.ImplementationHelper()
for implementation in (functions(), Buttons, Events):
    g_ImplementationHelper.addImplementation(
        implementation, implementation.service + ".python", (implementation.service,)
    )
