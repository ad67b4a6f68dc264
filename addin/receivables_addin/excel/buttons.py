"""What the ribbon calls: `run("check")` does an action in the Excel that is open."""

from __future__ import annotations

from receivables.actions import find_action
from receivables.errors import sentence
from receivables_addin.excel.excel_host import ExcelHost, active_host
from receivables_addin.pressed import pressed_at


def run(action_id: str, language: str = "en") -> str:
    """Do an action in the active workbook; the answer is the line that the user was shown.

    `language` is that of the ribbon, which the add-in knows (`UiLanguage` of its VBA). A message is shown in place of an error: VBA would make a bare number of it.
    """
    try:
        with active_host(language) as host:
            line = _line(action_id, host)
    except Exception as fault:  # noqa: BLE001 - no workbook, or Excel is gone: nobody is left to tell
        return f"Excel does not answer: {fault}"
    host.tell(line)
    return line


def _line(action_id: str, host: ExcelHost) -> str:
    try:
        return find_action(action_id).run(host, {"at": pressed_at()}).line
    except Exception as fault:  # noqa: BLE001 - as above
        return sentence(fault)
