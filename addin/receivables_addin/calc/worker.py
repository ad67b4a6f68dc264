"""The resident process: answers the calls of one office over loopback and ends with it.

`python -P -m receivables_addin.calc.worker --run-file PATH`, started by the office with a pipe as standard
input. It writes port and token to the run file, which only this user can read.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import hashlib
import hmac
import json
import os
import platform
import secrets
import select
import socket
import struct
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from receivables import __version__
from receivables.cells import load_functions
from receivables.errors import BadValueError
from receivables_addin.calc import protocol
from receivables_addin.calc.answers import answer_frame

GREETING = b"RECEIVABLES"
NONCE_BYTES = 32
PROOF_BYTES = 32
TOKEN_BYTES = 32
CHUNK = 1 << 16
WATCH_SECONDS = 2.0
GREET_SECONDS = 10.0
step_aside = getattr(os, "sched_yield", None) or functools.partial(time.sleep, 0)
LOOK_SECONDS = 0.0005
LANE = "RECEIVABLES_LANE"
"""Variable that names our ends of two pipes of the office: where to read, where to write."""
CALLS = {protocol.CALL, protocol.NUMBERS}


def main() -> None:
    """Serve until the office ends."""
    parser = argparse.ArgumentParser(prog="receivables_addin.calc.worker")
    parser.add_argument("--run-file", type=Path, required=True, help="where to write the port")
    serve(parser.parse_args().run_file)


def serve(run_file: Path) -> NoReturn:
    """Listen on a port the system chooses; one thread per connection."""
    load_functions()
    token = secrets.token_bytes(TOKEN_BYTES)
    lane = Lane.given()
    if lane is not None:
        threading.Thread(target=lane.talk, daemon=True).start()
    with socket.create_server(("127.0.0.1", 0)) as server:
        write_run_file(run_file, server.getsockname()[1], token, lane=lane is not None)
        threading.Thread(target=watch_pipe, args=(run_file,), daemon=True).start()
        server.settimeout(WATCH_SECONDS)
        parent = os.getppid()
        while os.getppid() == parent:
            with contextlib.suppress(TimeoutError):
                connection, _ = server.accept()
                threading.Thread(target=talk, args=(connection, token), daemon=True).start()
    end(run_file)


def write_run_file(path: Path, port: int, token: bytes, *, lane: bool) -> None:
    """Port, token, process and version, in one step and for this user's eyes only."""
    found = {
        "pid": os.getpid(),
        "port": port,
        "token": token.hex(),
        "version": __version__,
        "protocol": protocol.PROTOCOL,
        "lane": lane,
    }
    temporary = path.with_suffix(".new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(found, file)
    temporary.replace(path)


def watch_pipe(run_file: Path) -> None:
    """Wait for the end of standard input: the system closes it however the office ends."""
    tidy(run_file.parent)
    with contextlib.suppress(OSError, ValueError):
        while os.read(sys.stdin.fileno(), CHUNK):
            pass
    end(run_file)


def end(run_file: Path) -> NoReturn:
    """End at once, a running calculation included: nobody waits for it any more."""
    remove(run_file)
    os._exit(0)


def remove(run_file: Path) -> None:
    """Delete a run file and its log."""
    for path in (run_file, run_file.with_suffix(".log")):
        with contextlib.suppress(OSError):
            path.unlink()


def tidy(folder: Path) -> None:
    """Delete the run files of processes that were killed together with their office."""
    for path in folder.glob("worker-*.json"):
        try:
            port = json.loads(path.read_text(encoding="utf-8"))["port"]
            socket.create_connection(("127.0.0.1", port), timeout=GREET_SECONDS).close()
        except (ConnectionRefusedError, ValueError, KeyError):
            remove(path)
        except OSError:
            continue


def talk(connection: socket.socket, token: bytes) -> None:
    """Answer one connection until it closes; whoever does not know the token learns nothing."""
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(OSError, protocol.FrameError):
            connection.settimeout(GREET_SECONDS)
            if not greet(connection, token):
                return
            connection.settimeout(None)
            while frame := read_frame(connection):
                if frame[4] in CALLS:
                    connection.sendall(answer_frame(frame))
                else:
                    Conversation(connection).respond(frame)


class Lane:
    """Our ends of the pipes for short calls (`receivables_shim.lane`); only the office has the others."""

    def __init__(self, reader: int, writer: int) -> None:
        self.reader, self.writer = reader, writer
        self.looks = False

    @classmethod
    def given(cls) -> Lane | None:
        """The pipes that the office made, if it did."""
        ends = [int(end) for end in os.environ.pop(LANE, "").split()]
        for end in ends:
            os.set_inheritable(end, False)
        return cls(*ends) if len(ends) == 2 else None

    def talk(self) -> None:
        """Answer until the office closes its end; what is no frame closes ours."""
        try:
            with contextlib.suppress(OSError, protocol.FrameError):
                while frame := self.read():
                    self.respond(frame)
        finally:
            os.close(self.reader)
            os.close(self.writer)

    def respond(self, frame: bytes) -> None:
        """Answer a frame, or wait from now on as it says."""
        if frame[4] in CALLS:
            self.write(answer_frame(frame))
        elif frame[4] == protocol.LOOK:
            self.looks = frame[5:] == b"\1"
            os.set_blocking(self.reader, not self.looks)
            self.write(frame)
        elif frame[4] == protocol.PING:
            self.write(protocol.pack_message(protocol.DONE, who()))
        else:
            raise protocol.FrameError(f"a frame of the unknown kind {frame[4]}")

    def read(self) -> bytes:
        """The next frame; nothing when the office hung up."""
        data = self.piece()
        while data and (len(data) < 5 or len(data) < protocol.frame_size(data)):
            more = self.piece()
            if not more:
                raise protocol.FrameError("a frame that ends too early")
            data += more
        return data

    def piece(self) -> bytes:
        """What comes next: looked for a while, then waited for."""
        if not self.looks:
            return os.read(self.reader, CHUNK)
        end = time.perf_counter() + LOOK_SECONDS
        while time.perf_counter() < end:
            try:
                return os.read(self.reader, CHUNK)
            except BlockingIOError:
                step_aside()
        select.select([self.reader], [], [])
        return os.read(self.reader, CHUNK)

    def write(self, frame: bytes) -> None:
        """Send a frame, however long."""
        done = os.write(self.writer, frame)
        while done < len(frame):
            done += os.write(self.writer, frame[done:])


def greet(connection: socket.socket, token: bytes) -> bool:
    """Exchange proofs of the token before anything else is read."""
    ours = os.urandom(NONCE_BYTES)
    connection.sendall(GREETING + struct.pack("<H", protocol.PROTOCOL) + ours)
    answered = _exactly(connection, NONCE_BYTES + PROOF_BYTES)
    theirs, shown = answered[:NONCE_BYTES], answered[NONCE_BYTES:]
    if not hmac.compare_digest(shown, _proof(token, b"office", ours, theirs)):
        return False
    connection.sendall(_proof(token, b"worker", ours, theirs))
    return True


def read_frame(connection: socket.socket) -> bytes:
    """The next frame; nothing when the other side hung up.

    Raises:
        FrameError: an impossible length.
    """
    data = connection.recv(CHUNK)
    if not data:
        return b""
    while len(data) < 5:
        data += _exactly(connection, 5 - len(data))
    return data + _exactly(connection, protocol.frame_size(data) - len(data))


class Conversation:
    """JSON messages on a connection: who answers, and actions, which ask the office in between."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    def respond(self, frame: bytes) -> None:
        """Do what a frame asks for, and send what came of it."""
        if frame[4] == protocol.PING:
            self.send(protocol.DONE, who())
        elif frame[4] == protocol.ACTION:
            from receivables_addin.calc import buttons

            message = protocol.read_message(frame)
            context = message.get("context") or {}
            self.send(protocol.DONE, buttons.run(str(message.get("id")), context, self.ask))
        else:
            raise protocol.FrameError(f"a frame of the unknown kind {frame[4]}")

    def ask(self, op: str, arguments: Mapping[str, Any]) -> Any:
        """Have the office do something for the running action.

        Raises:
            BadValueError: the office could not; the message is the office's.
        """
        self.send(protocol.ASK, {"op": op, "arguments": dict(arguments)})
        frame = read_frame(self.connection)
        if not frame:
            raise ConnectionResetError
        reply = protocol.read_message(frame)
        if "error" in reply:
            raise BadValueError(str(reply["error"]))
        return reply.get("value")

    def send(self, kind: int, message: Mapping[str, Any]) -> None:
        """Send a JSON message."""
        self.connection.sendall(protocol.pack_message(kind, message))


def who() -> dict[str, Any]:
    """Who answers."""
    return {
        "version": __version__,
        "protocol": protocol.PROTOCOL,
        "pid": os.getpid(),
        "functions": len(load_functions()),
        "python": platform.python_version(),
    }


def _exactly(connection: socket.socket, count: int) -> bytes:
    """So many bytes; they are taken as they come, so that a false length reserves no memory."""
    parts, missing = [], count
    while missing:
        part = connection.recv(min(missing, 1 << 20))
        if not part:
            raise ConnectionResetError
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _proof(token: bytes, side: bytes, theirs: bytes, ours: bytes) -> bytes:
    return hmac.new(token, side + theirs + ours, hashlib.sha256).digest()


if __name__ == "__main__":
    main()
