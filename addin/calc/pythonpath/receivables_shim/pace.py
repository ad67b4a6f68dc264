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

LONGEST_PAUSE = 128_000
"""Calls without another try after looking went wrong again and again."""

LOOK_SECONDS = 0.0005
"""How long to look before sleeping after all."""

step_aside = getattr(os, "sched_yield", None) or functools.partial(time.sleep, 0)
"""Let others have the processor for a moment: the worker may be waiting for this very one."""


class Pace:
    """The way of waiting that was faster the last time both were tried, as long as it stays so.

    Looking can go well for twenty calls and then cost milliseconds each, when the system has had enough
    of two processes that never sleep. So it is watched, and given up for longer each time it goes wrong.
    """

    def __init__(self) -> None:
        self.looks = False
        self.settled = 0
        """Calls until both are tried again; whoever sleeps counts down, looking is noted here."""
        self.pause = KEEP
        self.limit = 0.0
        self.taken: dict[bool, list[float]] = {True: [], False: []}

    def note(self, seconds: float) -> None:
        """What a call took that looked, or was made while both ways are tried.

        >>> pace = Pace()
        >>> for seconds in [5e-5] * TRIAL + [2e-5] * TRIAL:
        ...     pace.note(seconds)
        >>> pace.looks, pace.settled
        (True, 2000)
        >>> for seconds in [2e-5] * (TRIAL - 1) + [2e-3]:
        ...     pace.note(seconds)
        >>> pace.looks, pace.settled
        (False, 8000)
        """
        taken = self.taken[self.looks]
        taken.append(seconds)
        if self.settled:
            self.settled -= 1
        if len(taken) == TRIAL:
            if self.settled:
                self.check(taken)
            else:
                self.choose()

    def check(self, looked: list[float]) -> None:
        """Go on looking, or sleep from now on."""
        if sum(looked) > TRIAL * self.limit:
            self.looks = False
            self.settled = self.pause = min(4 * self.pause, LONGEST_PAUSE)
        looked.clear()

    def choose(self) -> None:
        """Try the other way, or settle for one."""
        if processors() > 1 and not self.taken[not self.looks]:
            self.looks = not self.looks
            return
        looked, slept = self.taken[True], self.taken[False]
        self.limit = sorted(slept)[TRIAL // 2]
        self.looks = bool(looked) and sum(looked) < TRIAL * self.limit
        self.settled = KEEP if self.looks else self.pause
        if self.looks:
            self.pause = KEEP
        looked.clear()
        slept.clear()


def processors() -> int:
    """Processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
