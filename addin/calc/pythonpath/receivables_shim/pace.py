"""Whether a short call looks for its answer or sleeps until it comes: whichever is faster just now.

Waking a sleeping process on another processor takes longer than computing a cell. Looking avoids that, but
on a busy machine it takes the processor from the very process that computes. So both are timed in turns.
"""

from __future__ import annotations

import functools
import os
import time

TRIAL = 20
"""Calls timed each way."""

KEEP = 2_000
"""Calls after which both are timed again."""

LOOK_SECONDS = 0.0005
"""How long to look before sleeping after all."""

step_aside = getattr(os, "sched_yield", None) or functools.partial(time.sleep, 0)
"""Let others have the processor for a moment: the worker may be waiting for this very one."""


class Pace:
    """The way of waiting that was faster the last time both were tried."""

    def __init__(self) -> None:
        self.looks = False
        self.settled = 0
        """Calls that need not be timed any more; whoever makes them counts down."""
        self.taken: dict[bool, list[float]] = {True: [], False: []}

    def note(self, seconds: float) -> None:
        """What a call took that was made while both ways are tried.

        >>> pace = Pace()
        >>> for seconds in [5e-5] * TRIAL + [2e-5] * TRIAL:
        ...     pace.note(seconds)
        >>> pace.looks, pace.settled
        (True, 2000)
        """
        self.taken[self.looks].append(seconds)
        if len(self.taken[self.looks]) < TRIAL:
            return
        if processors() > 1 and not self.taken[not self.looks]:
            self.looks = not self.looks
            return
        looked, slept = self.taken[True], self.taken[False]
        self.looks = bool(looked) and _middle(looked) < _middle(slept)
        self.settled = KEEP
        looked.clear()
        slept.clear()


def processors() -> int:
    """Processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _middle(found: list[float]) -> float:
    return sorted(found)[len(found) // 2]
