"""What the office calls: cell functions and actions, answered by one local process of our own Python.

Nothing here raises into the office, nothing waits for ever, and nothing outside the standard library
is needed. `call` takes the values exactly as UNO delivers them and gives back what a UNO method returns.
"""

from __future__ import annotations

from receivables_shim.desk import Desk

__all__ = ["action", "call", "fault", "ping", "stop", "warm"]

_DESK = Desk()

call = _DESK.call
"""`call(name, args, shift=0)`: the value of a cell function; a fault of ours shows as #N/A.

`name` is the name in a cell (`AGING_BUCKET`), `args` the tuple of arguments with varargs spread out,
`shift` the days from 1899-12-30 to the null date of the document (1462 for 1904-01-01).
"""

action = _DESK.action
"""`action(action_id, context, ask=None)`: run a button; a dict with `line`, `link`, `changed` or `error`.

`context` is a dict that JSON can carry. While it runs, the process asks the office for something:
`ask(op, arguments)` does it and returns a value that JSON can carry (`receivables_addin.calc.office_host`
lists the operations); what it raises is told to the action.
"""

ping = _DESK.ping
"""What the process says of itself, for a check of the installation: a dict; `error` if there is none."""

warm = _DESK.warm
"""Start the process without waiting for it, so that the first cell finds it ready."""

stop = _DESK.stop
"""End the process: the office closes."""

fault = _DESK.fault
"""Why the last call had no answer, as a sentence; empty when it had one."""
