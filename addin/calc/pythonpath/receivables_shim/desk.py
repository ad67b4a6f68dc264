"""Calls in, answers out: starts the local process when it is needed and again when it has died."""

from __future__ import annotations

import contextlib
import json
import threading
import time

from receivables_shim import files, wire
from receivables_shim.link import Link, LinkError, TimeOutError, VersionError
from receivables_shim.process import Process, StartError

PAUSES = (0, 2, 10, 30)
"""Seconds without a new attempt after the first, second … failure in a row."""

NOT_AVAILABLE = wire.error_value("#N/A")
WRONG_VALUE = wire.error_value("#VALUE!")


class DownError(Exception):
    """No answer; the message says why and what to do."""


class Desk:
    """One office's connection to its one local process; safe to call from several threads."""

    def __init__(self):
        self.lock = threading.RLock()
        self.process = None
        self.link = None
        self.settings = dict(files.TABLE)
        self.failures = 0
        self.closed_until = 0.0
        self.reason = ""

    def call(self, name, args, shift=0):
        """The value of a cell function for the cells given."""
        try:
            return wire.unpack(self.exchange(wire.pack_call(name, args, shift)))
        except DownError:
            return NOT_AVAILABLE
        except Exception as fault:  # noqa: BLE001 - what a method raises is Err:504 in the cell
            self.reason = "{}: {}".format(name, fault)
            return WRONG_VALUE

    def exchange(self, frame):
        """The answering frame, from a process started anew if the last one is gone.

        Raises:
            DownError: there is none; the reason is kept for whoever asks.
        """
        with self.lock:
            if self.link is not None:
                try:
                    return self.link.exchange(frame)
                except TimeOutError:
                    raise self.hung() from None
                except LinkError:
                    self.drop()
            return self.first(frame)

    def first(self, frame):
        """The answer over a new connection; one that breaks again is not tried a third time."""
        link = self.connected()
        try:
            answer = link.exchange(frame)
        except TimeOutError:
            raise self.hung() from None
        except LinkError:
            self.failed("The local process ended while it computed. Recalculate to try again.")
            raise DownError(self.reason) from None
        self.failures, self.reason = 0, ""
        return answer

    def connected(self):
        """The open connection, after a start if need be.

        Raises:
            DownError: not now; the reason is kept for whoever asks.
        """
        if time.monotonic() < self.closed_until:
            raise DownError(self.reason)
        try:
            port, token = self.started().address()
            self.link = Link(port, token, self.settings["timeout_seconds"])
        except (files.HostFileError, StartError, VersionError) as fault:
            self.failed(str(fault))
        except (OSError, ValueError, KeyError, LinkError) as fault:
            self.failed("The local process cannot be reached: {}. {}".format(fault, files.CURE))
        else:
            return self.link
        raise DownError(self.reason)

    def started(self):
        """The process, started if there is none."""
        if self.process is not None and not self.process.runs():
            self.process.tidy()
            self.process = None
        if self.process is None:
            self.settings = files.read_host_file()
            self.process = Process(self.settings)
        return self.process

    def hung(self):
        """The fault of a process that gave no answer in time; it is ended."""
        self.failed(
            "No answer within {} seconds, so the local process was ended. Recalculate to try again; "
            "timeout_seconds in host.toml allows more.".format(self.settings["timeout_seconds"]),
            at_least=1,
        )
        return DownError(self.reason)

    def failed(self, reason, at_least=0):
        """Note a failure: the process ends, and calls are answered without it for a while."""
        self.reason = reason
        self.drop()
        if self.process is not None:
            self.process.kill()
            self.process = None
        self.failures = max(self.failures, at_least)
        pause = PAUSES[min(self.failures, len(PAUSES) - 1)]
        self.failures += 1
        self.closed_until = time.monotonic() + pause

    def drop(self):
        """Forget the connection."""
        if self.link is not None:
            self.link.close()
            self.link = None

    def action(self, action_id, context=None, ask=None):
        """Run a button: the process calculates, and asks the office for what it needs, piece by piece."""
        message = {"id": action_id, "context": context or {}}
        while True:
            reply = self.told(wire.ACTION, message)
            if "op" not in reply:
                return reply["done"] if "done" in reply else {"error": reply.get("failed", "")}
            message = {"ticket": reply["ticket"], "answer": answered(ask, reply)}

    def ping(self):
        """What the process says of itself: version, pid, number of functions; or `error`."""
        reply = self.told(wire.PING, {})
        return {"error": reply["failed"]} if "failed" in reply else reply

    def told(self, kind, message):
        """The answer to a JSON message, `failed` included."""
        try:
            frame = self.exchange(wire.pack_text(kind, json.dumps(message)))
            return json.loads(bytes(frame[5:]).decode("utf-8"))
        except (DownError, TypeError, ValueError) as fault:
            return {"failed": str(fault)}

    def warm(self):
        """Start the process without waiting for it."""
        with self.lock, contextlib.suppress(files.HostFileError, OSError):
            if time.monotonic() >= self.closed_until:
                self.started()

    def stop(self):
        """Hang up and end the process."""
        with self.lock:
            self.drop()
            if self.process is not None:
                self.process.stop()
                self.process = None

    def fault(self):
        """Why the last call had no answer."""
        return self.reason


def answered(ask, reply):
    """What the office gives for a request; `failed` says why it could not."""
    if ask is None:
        return None
    try:
        return ask(reply["op"], reply["args"])
    except Exception as fault:  # noqa: BLE001 - whatever the office raises is told to the action
        return {"failed": str(fault) or type(fault).__name__}
