"""Whether a small call looks for its answer or sleeps until it comes: whichever is faster just now.

Waking a sleeping process on another processor takes longer than computing a cell. Looking avoids that, but
on a busy machine it takes the processor from the very process that computes. So both are timed in turns.
"""

from __future__ import annotations

import functools
import os
import socket
import time

TRIAL = 20
"""Calls timed each way."""

KEEP = 2_000
"""Calls after which both are timed again."""

LOOK_SECONDS = 0.0005
"""How long to look before sleeping after all."""

DO_NOT_WAIT = int(getattr(socket, "MSG_DONTWAIT", 0))
"""The flag for looking; Windows has none, so a call sleeps there."""

step_aside = getattr(os, "sched_yield", None) or functools.partial(time.sleep, 0)
"""Let others have the processor for a moment: the worker may be waiting for this very one."""


class Pace:
    """The way of waiting that was faster the last time both were tried."""

    def __init__(self) -> None:
        self.looks = False
        self.calls = 0
        self.slept: list[float] = []
        self.looked: list[float] = []

    def note(self, seconds: float) -> None:
        """Count a call, and while both ways are tried, what it took.

        >>> pace = Pace()
        >>> for seconds in [5e-5] * TRIAL + [2e-5] * TRIAL:
        ...     pace.note(seconds)
        >>> pace.looks
        True
        """
        self.calls += 1
        if self.calls <= 2 * TRIAL:
            (self.looked if self.looks else self.slept).append(seconds)
            if self.calls == TRIAL:
                self.looks = processors() > 1 and DO_NOT_WAIT > 0
            elif self.calls == 2 * TRIAL:
                self.looks = self.looks and _middle(self.looked) < _middle(self.slept)
        elif self.calls == KEEP:
            self.calls, self.looks = 0, False
            self.slept.clear()
            self.looked.clear()


def processors() -> int:
    """Processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _middle(found: list[float]) -> float:
    return sorted(found)[len(found) // 2]
