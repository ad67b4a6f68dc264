"""Declared cell functions by family: signature, help, a call into the core."""

from receivables_udfs import (
    aging,
    approval,
    country,
    credit,
    exposure,
    habits,
    instruments,
    limits,
    orders,
    ratios,
    reserve,
    review,
    speed,
    tci,
    warning,
    write_off,
)

__all__ = [
    "aging",
    "approval",
    "country",
    "credit",
    "exposure",
    "habits",
    "instruments",
    "limits",
    "orders",
    "ratios",
    "reserve",
    "review",
    "speed",
    "tci",
    "warning",
    "write_off",
]
