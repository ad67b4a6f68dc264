"""Workbooks that ship with the program, each built by a script beside it."""
