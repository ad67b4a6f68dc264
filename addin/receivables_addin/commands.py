"""What this machine can run: the command `receivables hosts`."""

from __future__ import annotations


def register(app: object) -> None:
    """Add the commands of the hosts."""
