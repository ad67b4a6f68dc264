"""An action pressed in Calc: it runs here, and asks the office for what it needs, one request at a time.

The office begins an action and answers requests until it is told that the action is over. Each message is
JSON: `{"ticket", "op", "args"}` asks for something (`office_host` lists the operations), `{"done": …}` and
`{"failed": "…"}` end the action. The office never waits longer than `PATIENCE` seconds for a message: a
long calculation sends the operation `wait` meanwhile, so that the office can draw its windows.
"""

from __future__ import annotations

import queue
import secrets
import threading
from collections.abc import Mapping
from typing import Any

from receivables.actions import Report, find_action
from receivables.errors import ReceivablesError
from receivables_addin.calc.office_host import OfficeHost

PATIENCE = 2.0
"""Seconds between messages to the office while an action calculates."""

FORGOTTEN = 600.0
"""Seconds after which an action whose office no longer answers ends."""

_RUNNING: dict[str, _Conversation] = {}


def begin(action_id: str, context: Mapping[str, Any]) -> dict[str, Any]:
    """Start an action; the first message to the office.

    Args:
        action_id: id of the list of actions.
        context: what the office says unasked: `language`, `name`, `path`, `saved`, and `selection`
            (`sheet`, `address`, `formula`, `value`).
    """
    ticket = secrets.token_hex(8)
    conversation = _Conversation(ticket, action_id, context)
    _RUNNING[ticket] = conversation
    conversation.start()
    return _message(conversation)


def proceed(ticket: str, answer: Any) -> dict[str, Any]:
    """Hand the office's answer to its action; the next message.

    An answer `{"failed": "…"}` says that the office could not do it, and why.
    """
    conversation = _RUNNING.get(ticket)
    if conversation is None:
        return {"failed": "This action is no longer running. Press the button again."}
    if conversation.waiting:
        conversation.answers.put(answer)
    return _message(conversation)


def _message(conversation: _Conversation) -> dict[str, Any]:
    try:
        message = conversation.messages.get(timeout=PATIENCE)
    except queue.Empty:
        conversation.waiting = False
        return {"ticket": conversation.ticket, "op": "wait", "args": {}}
    conversation.waiting = True
    if "op" not in message:
        _RUNNING.pop(conversation.ticket, None)
    return message


class _Conversation(threading.Thread):
    """One running action and its two queues."""

    def __init__(self, ticket: str, action_id: str, context: Mapping[str, Any]) -> None:
        super().__init__(name=f"action {action_id}", daemon=True)
        self.ticket, self.action_id, self.context = ticket, action_id, context
        self.messages: queue.Queue[dict[str, Any]] = queue.Queue()
        self.answers: queue.Queue[Any] = queue.Queue()
        self.waiting = True
        """Whether the last message was a request, so that an answer belongs to it."""

    def run(self) -> None:
        self.messages.put(_outcome(self.action_id, OfficeHost(self.context, self.ask)))

    def ask(self, op: str, args: Mapping[str, Any]) -> Any:
        """Put a request to the office and wait for the answer."""
        self.messages.put({"ticket": self.ticket, "op": op, "args": dict(args)})
        try:
            return self.answers.get(timeout=FORGOTTEN)
        except queue.Empty:
            _RUNNING.pop(self.ticket, None)
            raise ReceivablesError(
                "The office no longer answers. Press the button again."
            ) from None


def _outcome(action_id: str, host: OfficeHost) -> dict[str, Any]:
    try:
        report = find_action(action_id).run(host)
    except ReceivablesError as fault:
        return {"failed": str(fault)}
    except OSError as fault:
        return {"failed": f"{fault.filename or ''}: {fault.strerror or fault}.".removeprefix(": ")}
    except Exception as fault:  # noqa: BLE001 - the office must hear of any end, or it waits for ever
        return {"failed": f"This is our fault, not yours: {type(fault).__name__}: {fault}."}
    return {"done": _told(report)}


def _told(report: Report) -> dict[str, Any]:
    return {
        "line": report.line,
        "link": report.link,
        "changed": [str(path) for path in report.changed],
    }
