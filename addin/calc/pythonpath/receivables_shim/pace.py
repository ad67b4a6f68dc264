"""Whether a short call looks for its answer or sleeps until it comes: whichever is faster just now.

Waking a sleeping process on another processor takes longer than computing a cell. Looking avoids that, but
on a busy machine it takes the processor from the very process that computes. So sleeping is timed first,
and looking goes on only while it is faster.
"""

from __future__ import annotations

import functools
import os
import time

TRIAL = 20
"""Calls whose times are looked at together."""

KEEP = 2_000
"""Calls after which both ways are tried again."""

LONGEST_PAUSE = 128_000
"""Calls without another try after looking went wrong again and again."""

LOOK_SECONDS = 0.0005
"""How long to look before sleeping after all."""

step_aside = getattr(os, "sched_yield", None) or functools.partial(time.sleep, 0)
"""Let others have the processor for a moment: the worker may be waiting for this very one."""


class Pace:
    """The way of waiting that is faster, as long as it is.

    Looking can go well for twenty calls and then cost milliseconds each, when the system has had enough
    of two processes that never sleep. So one slow call is enough to give it up, for longer each time.
    """

    def __init__(self) -> None:
        self.looks = False
        self.settled = 0
        """Calls until both ways are tried again; whoever sleeps counts down."""
        self.pause = KEEP
        self.slept: list[float] = []
        self.limit = 0.0
        """Seconds that so many calls take which sleep."""
        self.looked = 0.0

    def note(self, seconds: float) -> None:
        """What a call took that looked, or that slept while both ways are tried.

        >>> pace = Pace()
        >>> for seconds in [5e-5] * TRIAL + [2e-5] * TRIAL:
        ...     pace.note(seconds)
        >>> pace.looks, pace.settled
        (True, 1980)
        >>> pace.note(2e-3)
        >>> pace.looks, pace.settled
        (False, 8000)
        """
        if self.looks:
            self.note_looking(seconds)
            return
        self.slept.append(seconds)
        if len(self.slept) == TRIAL:
            self.limit = sorted(self.slept)[TRIAL // 2] * TRIAL
            self.slept.clear()
            self.looks, self.looked = processors() > 1, 0.0
            self.settled = KEEP if self.looks else self.pause

    def note_looking(self, seconds: float) -> None:
        """Go on looking, or give it up for a while."""
        self.settled -= 1
        self.looked += seconds
        if self.looked > self.limit:
            self.looks = False
            self.settled = self.pause = min(4 * self.pause, LONGEST_PAUSE)
        elif not self.settled:
            self.looks, self.pause = False, KEEP
        elif self.settled % TRIAL == 0:
            self.looked = 0.0


def processors() -> int:
    """Processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
