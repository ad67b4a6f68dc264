"""What the office loads: the cell functions, the buttons and the events. The work is done elsewhere.

Runs in the Python of the office: standard library and `uno` only.
"""

import json
import os

import uno
import unohelper
from com.sun.star.lang import Locale, XLocalizable, XServiceInfo, XServiceName
from com.sun.star.task import XJob, XJobExecutor
from org.receivables import XFunctions

import receivables_shim

FUNCTIONS = "org.receivables.Functions"
BUTTONS = "org.receivables.Job"
EVENTS = "org.receivables.EventJob"
HERE = os.path.dirname(os.path.abspath(__file__))


class Service(unohelper.Base, XServiceInfo):
    """A service that knows its name, as the office asks for it."""

    service = ""

    def __init__(self, context, *_arguments):
        self.context = context

    def getImplementationName(self):
        return self.service + ".python"

    def supportsService(self, name):
        return name == self.service

    def getSupportedServiceNames(self):
        return (self.service,)


class FunctionService(Service, XServiceName, XLocalizable):
    """The part of the add-in that is the same for every function."""

    service = FUNCTIONS
    locale = Locale("en", "US", "")

    def getServiceName(self):
        return self.service

    def setLocale(self, locale):
        self.locale = locale

    def getLocale(self):
        return self.locale


def method(name):
    """UNO method of a function; Calc gives every declared argument, None where it was left out."""

    def call(self, *cells):
        return receivables_shim.call(name, cells)

    return call


def functions():
    """The add-in class with one method per function of the list in the extension."""
    with open(os.path.join(HERE, "functions.json"), encoding="utf-8") as listed:
        names = json.load(listed)
    methods = {key: method(name) for key, name in names.items()}
    return type("Functions", (FunctionService, XFunctions), methods)


class Buttons(Service, XJobExecutor):
    """Entries of the menu and the toolbar: `service:org.receivables.Job?<action>`."""

    service = BUTTONS

    def trigger(self, action):
        receivables_shim.action(action, self.context)


class Events(Service, XJob):
    """Events of the office, as Jobs.xcu names them."""

    service = EVENTS

    def execute(self, arguments):
        given = {item.Name: item.Value for item in arguments}
        event = {item.Name: item.Value for item in given.get("Environment", ())}
        if event.get("EventName") == "OnCloseApp":
            receivables_shim.stop()


g_ImplementationHelper = unohelper.ImplementationHelper()
for implementation in (functions(), Buttons, Events):
    g_ImplementationHelper.addImplementation(
        implementation, implementation.service + ".python", (implementation.service,)
    )
