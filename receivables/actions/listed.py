"""The actions and their groups, read from the data tables; the code of an action loads when it runs."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from receivables.actions.host import Host, Report
from receivables.errors import NotAvailableError
from receivables.resources import data_rows


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the ribbon, a sub-menu in Calc: the lines of defence, and what stands around them."""

    id: str
    label_en: str
    label_zh: str

    def label(self, language: str = "en") -> str:
        """The heading in a language."""
        return self.label_zh if language == "zh" else self.label_en


@dataclass(frozen=True, slots=True)
class Action:
    """One button (`data/actions.csv`). Its code is the module `receivables.actions.<id>`."""

    id: str
    group: str
    label_en: str
    label_zh: str
    help_en: str
    help_zh: str
    icon: str

    def label(self, language: str = "en") -> str:
        """What stands on the button.

        >>> find_action("why").label(), find_action("why").label("zh")
        ('Why?', '为什么?')
        """
        return self.label_zh if language == "zh" else self.label_en

    def help(self, language: str = "en") -> str:
        """What the button does, in one sentence."""
        return self.help_zh if language == "zh" else self.help_en

    def run(self, host: Host, choices: Mapping[str, Any] | None = None) -> Report:
        """Do it in a host; `choices` answers what the host would otherwise be asked.

        Raises:
            ReceivablesError: it cannot be done; the message says why and what to do.
        """
        run = import_module(f"receivables.actions.{self.id}").run
        report: Report = run(host, choices or {})
        return report


def find_action(name: str) -> Action:
    """An action by its id, any case, `-` for `_`.

    Raises:
        NotAvailableError: no such action; the nearest is offered.
    """
    wanted = name.strip().lower().replace("-", "_")
    found = next((action for action in ACTIONS if action.id == wanted), None)
    if found:
        return found
    near = difflib.get_close_matches(wanted, [action.id for action in ACTIONS], n=1)
    known = ", ".join(action.id for action in ACTIONS)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {known}."
    raise NotAvailableError(f"There is no action '{name}'. {hint}")


GROUPS = tuple(Group(row["id"], row["en"], row["zh"]) for row in data_rows("action_groups.csv"))
"""Groups in the order of the ribbon."""

ACTIONS = tuple(
    Action(
        id=row["id"],
        group=row["group"],
        label_en=row["label_en"],
        label_zh=row["label_zh"],
        help_en=row["help_en"],
        help_zh=row["help_zh"],
        icon=row["icon"],
    )
    for row in data_rows("actions.csv")
)
"""Actions in the order of the ribbon."""
