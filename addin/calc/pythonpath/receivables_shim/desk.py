"""Calls in, answers out: starts the local process when it is needed and again when it has died."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Any, Callable, Dict, Sequence

from receivables_shim import files, wire
from receivables_shim.lane import LONGEST, Lane
from receivables_shim.link import Link, LinkError, TimeOutError, VersionError
from receivables_shim.process import Process, StartError

Ask = Callable[[str, Dict[str, Any]], Any]

PAUSES = (0, 2, 10, 30)
"""Seconds without a new attempt after the first, second … failure in a row."""

NOT_AVAILABLE = wire.error_value("#N/A")
WRONG_VALUE = wire.error_value("#VALUE!")
REMEMBERED = 4096
"""Answers kept for calls that come again; a formula filled down asks for the same due date many times."""

LONGEST_REMEMBERED = 256
"""Bytes of a call and its answer that are kept; tables and errors are not."""

LOST = "The local process ended while it computed. Recalculate to try again."


class DownError(Exception):
    """No answer; the message says why and what to do."""


class Desk:
    """One office's connection to its one local process; safe to call from several threads."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.known: dict[bytes, wire.Answer] = {}
        self.process: Process | None = None
        self.link: Link | None = None
        self.lane: Lane | None = None
        self.settings: dict[str, Any] = dict(files.DEFAULTS)
        self.failures = 0
        self.closed_until = 0.0
        self.reason = ""

    def call(self, name: str, args: Sequence[Any], shift: int = 0) -> wire.Answer:
        """The value of a cell function for the cells given."""
        try:
            frame = wire.pack_call(name, args, shift)
            found = self.known.get(frame)
            if found is not None:
                return found
            return self.remembered(frame, self.exchange(frame))
        except DownError:
            return NOT_AVAILABLE
        except Exception as fault:  # noqa: BLE001 - what a method raises is Err:504 in the cell
            self.reason = f"{name}: {fault}"
            return WRONG_VALUE

    def remembered(self, frame: bytes, reply: bytes) -> wire.Answer:
        """The answer in a reply, kept for the same call: cell functions know no clock, file or chance."""
        answer = wire.unpack(reply)
        if len(frame) + len(reply) < LONGEST_REMEMBERED and wire.is_plain(answer):
            if len(self.known) >= REMEMBERED:
                self.known.clear()
            self.known[frame] = answer
        return answer

    def exchange(self, frame: bytes) -> bytes:
        """The answering frame, from a process started anew if the last one is gone.

        Raises:
            DownError: there is none; the reason is kept for whoever asks.
        """
        with self.lock:
            if self.link is not None:
                try:
                    return self.send(frame)
                except TimeOutError:
                    raise self.hung() from None
                except LinkError:
                    self.drop()
                    self.end_process()
            return self.first(frame)

    def first(self, frame: bytes) -> bytes:
        """The answer over a new connection; if that breaks too, the frame is not sent a third time."""
        self.connect()
        try:
            answer = self.send(frame)
        except TimeOutError:
            raise self.hung() from None
        except LinkError:
            raise self.failed(LOST) from None
        self.failures, self.reason = 0, ""
        return answer

    def send(self, frame: bytes) -> bytes:
        """The answer to a frame: a short one by the pipes, where there are some."""
        if self.lane is not None and len(frame) <= LONGEST:
            return self.lane.exchange(frame)
        if self.link is None:
            raise LinkError("there is no connection")
        return self.link.exchange(frame)

    def connect(self) -> None:
        """A new connection to the process, which is started if need be.

        Raises:
            DownError: not now; the reason is kept for whoever asks.
        """
        if time.monotonic() < self.closed_until:
            raise DownError(self.reason)
        try:
            port, token = self.started().address()
            self.link = Link(port, token, self.settings["timeout_seconds"])
            self.meet(self.started())
        except (files.HostFileError, StartError, VersionError) as fault:
            raise self.failed(str(fault)) from None
        except (OSError, ValueError, KeyError, LinkError) as fault:
            reason = f"The local process cannot be reached: {fault}. {files.CURE}"
            raise self.failed(reason) from None

    def meet(self, process: Process) -> None:
        """Take the pipes of a process of our own version.

        Raises:
            VersionError: of another one, whose arguments may stand in another order.
        """
        ours, theirs = files.extension_version(), process.found.get("version")
        if ours and ours != theirs:
            raise VersionError(
                f"The extension is of version {ours}, the program of version {theirs}. "
                "Run: receivables calc install, then restart the office."
            )
        self.lane = process.lane if process.found.get("lane") else None

    def started(self) -> Process:
        """The process, started if there is none."""
        if self.process is not None and not self.process.found:
            return self.process
        if self.process is not None and not self.process.runs():
            self.end_process()
        if self.process is None:
            self.settings = files.read_host_file()
            self.process = Process(self.settings)
        return self.process

    def hung(self) -> DownError:
        """The fault of a process that gave no answer in time; it is ended."""
        seconds = self.settings["timeout_seconds"]
        # the next cell may well hang too: the office gets some time first
        self.failures = max(self.failures, 1)
        return self.failed(
            f"No answer within {seconds} seconds, so the local process was ended. Recalculate to "
            "try again; timeout_seconds in host.toml allows more."
        )

    def failed(self, reason: str) -> DownError:
        """Note a failure: the process ends, and calls are answered without it for a while."""
        self.reason = reason
        self.drop()
        self.end_process()
        self.closed_until = time.monotonic() + PAUSES[min(self.failures, len(PAUSES) - 1)]
        self.failures += 1
        return DownError(reason)

    def drop(self) -> None:
        """Forget the connection, and what was said over it."""
        self.known.clear()
        self.lane = None
        if self.link is not None:
            self.link.close()
            self.link = None

    def end_process(self) -> None:
        """End the process without asking."""
        if self.process is not None:
            self.process.kill()
            self.process = None

    def action(
        self, action_id: str, context: dict[str, Any] | None = None, ask: Ask | None = None
    ) -> dict[str, Any]:
        """Run a button over a connection of its own, so that cells are answered meanwhile."""
        try:
            with contextlib.closing(self.second_link()) as link:
                return converse(link, action_id, context or {}, ask)
        except TimeOutError:
            return {"error": "The button did not answer any more and was given up."}
        except (DownError, LinkError, TypeError, ValueError) as fault:
            return {"error": str(fault)}

    def second_link(self) -> Link:
        """A further connection to the process, which proves on the first that it answers."""
        with self.lock:
            self.exchange(wire.pack_message(wire.PING, {}))
            port, token = self.started().address()
            return Link(port, token, self.settings["action_seconds"])

    def ping(self) -> dict[str, Any]:
        """What the process says of itself: version, pid, number of functions; or `error`."""
        try:
            return wire.read_message(self.exchange(wire.pack_message(wire.PING, {})))
        except (DownError, ValueError) as fault:
            return {"error": str(fault)}

    def warm(self) -> None:
        """Start the process without waiting for it."""
        with self.lock, contextlib.suppress(files.HostFileError, OSError):
            if time.monotonic() >= self.closed_until:
                self.started()

    def stop(self) -> None:
        """Hang up and end the process."""
        with self.lock:
            self.drop()
            if self.process is not None:
                self.process.stop()
                self.process = None

    def fault(self) -> str:
        """Why the last call had no answer."""
        return self.reason


def converse(
    link: Link, action_id: str, context: dict[str, Any], ask: Ask | None
) -> dict[str, Any]:
    """Run an action: do what the process asks of the office until it sends the report."""
    message = {"id": action_id, "context": context}
    frame = link.exchange(wire.pack_message(wire.ACTION, message))
    while frame[4] == wire.ASK:
        reply = answered(ask, wire.read_message(frame))
        frame = link.exchange(wire.pack_message(wire.REPLY, reply))
    return wire.read_message(frame)


def answered(ask: Ask | None, message: dict[str, Any]) -> dict[str, Any]:
    """What the office gives for a request, or why it could not."""
    if ask is None:
        return {"error": f"This host cannot do '{message['op']}'."}
    try:
        return {"value": ask(message["op"], message["arguments"])}
    except Exception as fault:  # noqa: BLE001 - whatever the office raises is told to the action
        return {"error": str(fault) or type(fault).__name__}
