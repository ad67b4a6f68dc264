"""Declared cell functions by family: signature, help, a call into the core."""

from receivables_udfs import (
    aging,
    country,
    exposure,
    habits,
    reserve,
    review,
    speed,
    warning,
    write_off,
)

__all__ = [
    "aging",
    "country",
    "exposure",
    "habits",
    "reserve",
    "review",
    "speed",
    "warning",
    "write_off",
]
