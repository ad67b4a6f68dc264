"""Declared cell functions by family: signature, help, a call into the core."""

from receivables_udfs import aging

__all__ = ["aging"]
