"""A real PostgreSQL server for one test session: own folder, own port, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

INSTALL = "Install it: apt-get install postgresql (make test does it where it may)."


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of an empty database. A missing server is a failure, not a skip."""
    with server() as url:
        yield url


@contextmanager
def server() -> Iterator[str]:
    """Start a server on a free loopback port; stop it and remove its files afterwards."""
    tools = _tools()
    home = Path(tempfile.mkdtemp(prefix="receivables-pg-"))
    data = home / "data"
    as_user = _as_user(home)
    port = _free_port()
    try:
        _run(
            [
                *as_user,
                str(tools / "initdb"),
                "-D",
                str(data),
                "-U",
                "tester",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "-N",
            ]
        )
        options = f"-p {port} -h 127.0.0.1 -k {home} -F"
        _run(
            [
                *as_user,
                str(tools / "pg_ctl"),
                "-D",
                str(data),
                "-w",
                "-t",
                "60",
                "-l",
                str(home / "log"),
                "-o",
                options,
                "start",
            ]
        )
        try:
            yield f"postgresql://tester@127.0.0.1:{port}/postgres"
        finally:
            _run(
                [*as_user, str(tools / "pg_ctl"), "-D", str(data), "-w", "-m", "immediate", "stop"]
            )
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _tools() -> Path:
    """Folder of initdb and pg_ctl, newest version first."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4])
    )
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        pytest.fail(f"PostgreSQL is not installed. {INSTALL}")
    return Path(on_path).parent


def _as_user(home: Path) -> list[str]:
    """The server refuses to run as root: another user then owns the folder and the process."""
    if os.geteuid() != 0:
        return []
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    shutil.chown(home, user)
    home.chmod(0o700)
    entry = pwd.getpwnam(user)
    return ["setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd="/", stdin=subprocess.DEVNULL
    )
    if done.returncode:
        pytest.fail(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
