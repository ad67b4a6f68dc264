"""Declared cell functions by family: signature, help, a call into the core."""
