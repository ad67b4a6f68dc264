"""Where the office side finds its settings and the local process, and that nobody else wrote them."""

from __future__ import annotations

import json
import os
import sys

TABLE = {
    "interpreter": "",
    "version": "",
    "timeout_seconds": 60,
    "start_seconds": 20,
}
"""Entries of host.toml with their defaults; the interpreter has none."""

CURE = "Run: receivables calc install"


class HostFileError(Exception):
    """host.toml is missing, unreadable, or can be written by others."""


def folder():
    """The folder of this user's host.toml."""
    if sys.platform == "win32":
        base = os.environ.get("APPDATA") or os.path.expanduser("~")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Application Support")
    else:
        base = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return os.path.join(base, "receivables")


def host_file():
    """The path of host.toml; RECEIVABLES_HOST_FILE names another one."""
    return os.environ.get("RECEIVABLES_HOST_FILE") or os.path.join(folder(), "host.toml")


def read_host_file(path=None):
    """Entries of host.toml.

    Raises:
        HostFileError: with the sentence a user can act on.
    """
    path = path or host_file()
    try:
        check_owner(path)
        with open(path, encoding="utf-8") as handle:
            found = dict(TABLE, **parse(handle.read()))
    except OSError as fault:
        raise HostFileError("{} cannot be read ({}). {}".format(path, fault.strerror, CURE)) from None
    except ValueError as fault:
        raise HostFileError("{}: {}. {}".format(path, fault, CURE)) from None
    if not os.path.isabs(found["interpreter"]) or not os.path.isfile(found["interpreter"]):
        raise HostFileError(
            "{}: there is no Python at '{}'. {}".format(path, found["interpreter"], CURE)
        )
    return found


def parse(text):
    """Key and value of every line: the part of TOML that is also JSON, which needs no library.

    >>> parse('# ours' + chr(10) + 'timeout_seconds = 60')
    {'timeout_seconds': 60}
    """
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        body = line.strip()
        if not body or body.startswith("#"):
            continue
        key, equals, value = body.partition("=")
        try:
            found[key.strip()] = json.loads(value)
        except ValueError:
            raise ValueError("line {} is not 'name = value'".format(number)) from None
    for key, default in TABLE.items():
        if not isinstance(found.get(key, default), (int, float) if default else str):
            raise ValueError("{} has a value of the wrong type".format(key))
    return found


def check_owner(path):
    """Refuse a file that another user owns or may write: it says which program runs.

    Windows keeps the folder to its user by the access list that %APPDATA% hands down.
    """
    if os.name != "posix":
        return
    status = os.stat(path)
    if status.st_uid not in (os.getuid(), 0) or status.st_mode & 0o022:
        raise HostFileError("{} can be changed by other users. {}".format(path, CURE))


def run_folder():
    """The folder of the run files, readable by this user only."""
    path = os.path.join(os.path.dirname(host_file()), "run")
    os.makedirs(path, mode=0o700, exist_ok=True)
    return path
