"""When a button was pressed: the log of refreshes says so, nothing is computed from it."""

from __future__ import annotations

from datetime import datetime


def pressed_at() -> str:
    """Time of this machine to the second, as text."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
