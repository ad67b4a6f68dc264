"""Run in the office's own Python: open macro workbooks in a headless office, run macros, read cells.

Reads a job as JSON on standard input, writes the answers as JSON on standard output.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time

ALWAYS_RUN_MACROS = 4
LOCATION = "vnd.sun.star.script:{library}.{macro}?language=Basic&location=document"


def property_value(name, value):
    from com.sun.star.beans import PropertyValue

    made = PropertyValue()
    made.Name, made.Value = name, value
    return made


def connect(pipe, tries=300):
    import uno

    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
    for _ in range(tries):
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except Exception:  # noqa: BLE001 - UNO's own, while the office starts
            time.sleep(0.1)
    raise TimeoutError("the office did not answer")


@contextlib.contextmanager
def office(profile):
    pipe = f"receivables{os.getpid()}"
    command = [
        shutil.which("soffice"), "--headless", "--norestore", "--nologo",
        f"-env:UserInstallation=file://{profile}", f"--accept=pipe,name={pipe};urp;",
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        context = connect(pipe)
        name = "com.sun.star.frame.Desktop"
        desktop = context.ServiceManager.createInstanceWithContext(name, context)
        yield desktop
        with contextlib.suppress(Exception):
            desktop.terminate()
        process.wait(20)
    finally:
        process.kill()


def answers(desktop, document):
    flags = (
        property_value("Hidden", True),
        property_value("MacroExecutionMode", ALWAYS_RUN_MACROS),
    )
    book = desktop.loadComponentFromURL(f"file://{document['path']}", "_blank", 0, flags)
    scripts = book.getScriptProvider()
    libraries = book.BasicLibraries
    library = next(name for name in libraries.getElementNames() if name != "Standard")
    said = []
    for macro, arguments in document["macros"]:
        script = scripts.getScript(LOCATION.format(library=library, macro=macro))
        said.append(script.invoke(tuple(arguments), (), ())[0])
    sheet = book.Sheets.getByName(document["sheet"])
    area = sheet.getCellRangeByName(document["area"])
    cells = [list(row) for row in area.getDataArray()]
    modules = sorted(libraries.getByName(library).getElementNames())
    vba = bool(libraries.VBACompatibilityMode)
    book.close(True)
    return {"said": said, "cells": cells, "modules": modules, "vba": vba}


def main():
    job = json.load(sys.stdin)
    with office(job["profile"]) as desktop:
        json.dump([answers(desktop, document) for document in job["documents"]], sys.stdout)


if __name__ == "__main__":
    main()
