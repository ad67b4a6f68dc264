"""Benchmarks: the same question asked of the program and of plain scripts, answers compared first."""
