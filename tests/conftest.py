"""Fixtures that several test modules share."""

from __future__ import annotations

from tests.postgres import postgres

__all__ = ["postgres"]

# These run in the office's own Python, which has `uno`.
collect_ignore = ["actions_driver.py", "calc_driver.py"]
