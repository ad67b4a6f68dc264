"""An action pressed in Calc: it runs in the local process and asks the office for what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from receivables.actions import find_action
from receivables.errors import sentence
from receivables_addin.calc.office_host import Ask, OfficeHost
from receivables_addin.pressed import pressed_at


def run(action_id: str, context: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    """Do an action; its report as JSON (`line`, `link`, `changed`), or `error` with a sentence.

    Nothing is raised: the office waits for an answer whatever happens.

    Args:
        action_id: id of the list of actions.
        context: what the office says unasked: `language`, `name`, `path`, `saved`, and `selection`
            (`sheet`, `address`, `formula`, `value`).
        ask: `ask(op, arguments)` has the office do something (`office_host` lists the operations) and
            gives its answer.
    """
    try:
        report = find_action(action_id).run(OfficeHost(context, ask), {"at": pressed_at()})
    except Exception as fault:  # noqa: BLE001 - the office must hear of any end, or it waits for ever
        return {"error": sentence(fault)}
    return {
        "line": report.line,
        "link": report.link,
        "changed": [str(path) for path in report.changed],
    }
