"""Two pipes to the local process, for short calls: half the way of a socket, and nobody else can reach them."""

from __future__ import annotations

import os
import select
import signal
import sys
import time

from receivables_shim import wire
from receivables_shim.link import CHUNK, LinkError, TimeOutError, frame_size
from receivables_shim.pace import LOOK_SECONDS, Pace, step_aside

LONGEST = 1 << 12
"""Frames up to this size go through the pipes: the system writes them in one piece."""

VARIABLE = "RECEIVABLES_LANE"
"""Names the worker's ends of the pipes to it: where to read, where to write."""


def possible() -> bool:
    """Whether a child can be given pipes, and writing to a dead one is an error and not the end of the office."""
    if os.name != "posix" or sys.platform == "cygwin":
        return False
    return signal.getsignal(signal.SIGPIPE) is not signal.SIG_DFL


SLICES = 30
"""A wait is cut into so many pieces: a computer that slept meanwhile has lost one of them, not the whole."""


class Lane:
    """The office's ends of two pipes, and until it is started, the worker's."""

    def __init__(self, seconds: float) -> None:
        self.pace = Pace()
        self.slice = seconds * 1000 / SLICES
        self.asked = False
        """An answer is outstanding: whoever asks next would get that one."""
        theirs_in, self.writer = os.pipe()
        self.reader, theirs_out = os.pipe()
        self.theirs = (theirs_in, theirs_out)
        poller = select.poll()
        poller.register(self.reader, select.POLLIN)
        self.wait = poller.poll

    def started(self) -> None:
        """Close the worker's ends here, so that its end is seen."""
        for end in self.theirs:
            os.close(end)
        self.theirs = ()

    def __del__(self) -> None:
        self.close()

    def exchange(self, frame: bytes) -> bytes:
        """Send a short frame and wait for the answer.

        Raises:
            TimeOutError: none in time.
            LinkError: the process has ended.
        """
        if self.asked:
            raise LinkError("the call before was cut off")
        self.asked = True
        try:
            if self.pace.looks or not self.pace.settled:
                data = self.timed(frame)
            else:
                self.pace.settled -= 1
                data = self.first(frame)
            if len(data) < 5 or int.from_bytes(data[:4], "little") != len(data) - 4:
                data = self.rest(data)
        except OSError as fault:
            raise LinkError(str(fault)) from None
        self.asked = False
        return data

    def first(self, frame: bytes) -> bytes:
        """Send a frame; the first piece of the answer, which mostly is all of it."""
        os.write(self.writer, frame)
        if self.pace.looks:
            end = time.perf_counter() + LOOK_SECONDS
            while time.perf_counter() < end:
                try:
                    return os.read(self.reader, CHUNK)
                except BlockingIOError:  # noqa: PERF203 - that is the point
                    step_aside()
        return self.more(CHUNK)

    def timed(self, frame: bytes) -> bytes:
        """The same where the way of waiting may change."""
        looks, start = self.pace.looks, time.perf_counter()
        data = self.first(frame)
        self.pace.note(time.perf_counter() - start)
        if self.pace.looks != looks:
            os.set_blocking(self.reader, looks)
            os.write(self.writer, wire.pack_look(not looks))
            # answered like everything else: two frames at once would be a stranger's
            self.rest(self.more(CHUNK))
        return data

    def rest(self, data: bytes) -> bytes:
        """The remainder of a frame that came in pieces."""
        while len(data) < 5:
            data += self.more(5 - len(data))
        size, parts = frame_size(data), [data]
        missing = size - len(data)
        while missing:
            parts.append(self.more(min(missing, CHUNK)))
            missing -= len(parts[-1])
        return b"".join(parts)

    def more(self, count: int) -> bytes:
        """What comes next, not more than so many bytes."""
        for _ in range(SLICES):
            if self.wait(self.slice):
                break
        else:
            raise TimeOutError("no answer")
        data = os.read(self.reader, count)
        if not data:
            raise LinkError("the local process has ended")
        return data

    def close(self) -> None:
        """Hang up; a second time is nothing."""
        ends = (self.reader, self.writer, *self.theirs)
        self.reader = self.writer = -1
        self.theirs = ()
        for end in ends:
            if end >= 0:
                os.close(end)
