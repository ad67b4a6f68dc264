"""The office's side of a button: what the workbook holds, and what an action asks the office to do.

Runs in the Python of the office: standard library and `uno` only.
"""

from __future__ import annotations

from receivables_office.document import Workbook
from receivables_office.jobs import heard
from receivables_office.live import Live
from receivables_office.windows import Windows

__all__ = ["Desk", "heard", "press"]


def press(context, action_id):
    """Run an action on the workbook in front, and say in one line what came of it."""
    import receivables_shim

    desk = Desk(context)
    try:
        report = receivables_shim.action(action_id, desk.snapshot(), desk.perform)
    except Exception as fault:  # noqa: BLE001 - an exception here would show as a crash of the office
        report = {"error": f"The button failed in the office: {fault}"}
    finally:
        desk.windows.idle()
    desk.windows.tell(report.get("error") or report.get("line") or "")
    return report


class Desk:
    """The workbook in front and the windows around it; `perform` does what an action asks for."""

    def __init__(self, context, document=None):
        self.windows = Windows(context)
        if document is None:
            document = self.windows.desktop.getCurrentComponent()
        self.book = Workbook(document, self.windows)

    def snapshot(self):
        """What every action starts from; the workbook's own language comes before the office's."""
        language = self.book.language() or self.windows.language()
        return dict(self.book.described(), language=language)

    def perform(self, op, arguments):
        """Do one operation; whatever is raised is told to the action."""
        if op not in OPERATIONS:
            raise ValueError(f"unknown operation {op}")
        owners = (self.book, Live(self.book.document, self.windows.desktop), self.windows)
        owner = next(each for each in owners if hasattr(each, op))
        return getattr(owner, op)(**arguments)


OPERATIONS = frozenset(
    [
        "settings",
        "tables",
        "values",
        "evaluate",
        "write_table",
        "show_sheet",
        "save_copy",
        "apply",
        "open",
        "pdf",
        "ask",
        "progress",
        "tell",
    ]
)
"""What `office_host.py` of the local process may ask for."""
