"""Declared cell functions by family: signature, help, a call into the core."""

from receivables_udfs import aging, exposure, habits, reserve, speed, write_off

__all__ = ["aging", "exposure", "habits", "reserve", "speed", "write_off"]
