"""The resident process: answers the calls of one office over loopback and ends with it.

`python -P -m receivables_addin.calc.worker --run-file PATH`, started by the office with a pipe as standard
input. It writes port and token to the run file, which only this user can read.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import hmac
import json
import os
import secrets
import socket
import struct
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from receivables import __version__
from receivables.cells import load_functions
from receivables_addin.calc import protocol
from receivables_addin.calc.answers import answer

GREETING = b"RECEIVABLES"
NONCE_BYTES = 32
PROOF_BYTES = 32
TOKEN_BYTES = 32
CHUNK = 1 << 16
WATCH_SECONDS = 2.0
GREET_SECONDS = 10.0


def main() -> None:
    """Serve until the office ends."""
    parser = argparse.ArgumentParser(prog="receivables_addin.calc.worker")
    parser.add_argument("--run-file", type=Path, required=True, help="where to write the port")
    serve(parser.parse_args().run_file)


def serve(run_file: Path) -> NoReturn:
    """Listen on a port the system chooses; one thread per connection."""
    load_functions()
    token = secrets.token_bytes(TOKEN_BYTES)
    with socket.create_server(("127.0.0.1", 0)) as server:
        write_run_file(run_file, server.getsockname()[1], token)
        threading.Thread(target=watch_pipe, args=(run_file,), daemon=True).start()
        server.settimeout(WATCH_SECONDS)
        parent = os.getppid()
        while os.getppid() == parent:
            with contextlib.suppress(TimeoutError):
                connection, _ = server.accept()
                threading.Thread(target=talk, args=(connection, token), daemon=True).start()
    end(run_file)


def write_run_file(path: Path, port: int, token: bytes) -> None:
    """Port, token, process and version, in one step and for this user's eyes only."""
    found = {
        "pid": os.getpid(),
        "port": port,
        "token": token.hex(),
        "version": __version__,
        "protocol": protocol.PROTOCOL,
    }
    temporary = path.with_suffix(".new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(found, file)
    temporary.replace(path)


def watch_pipe(run_file: Path) -> None:
    """Wait for the end of standard input: the system closes it however the office ends."""
    with contextlib.suppress(OSError, ValueError):
        while os.read(sys.stdin.fileno(), CHUNK):
            pass
    end(run_file)


def end(run_file: Path) -> NoReturn:
    """End at once, a running calculation included: nobody waits for it any more."""
    with contextlib.suppress(OSError):
        run_file.unlink()
    os._exit(0)


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
                connection.sendall(respond(frame))


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
    size = 4 + int.from_bytes(data[:4], "little")
    if size == len(data):
        return data
    if not 4 < size <= protocol.LARGEST_FRAME + 4 or size < len(data):
        raise protocol.FrameError(f"a frame of {size} bytes")
    return data + _exactly(connection, size - len(data))


def respond(frame: bytes) -> bytes:
    """The answering frame of a frame."""
    kind = frame[4]
    if kind == protocol.CALL:
        return answer(protocol.read_call(frame))
    responder = _RESPONDERS.get(kind)
    if responder is None:
        raise protocol.FrameError(f"a frame of the unknown kind {kind}")
    try:
        message = json.loads(frame[5:])
    except (ValueError, RecursionError) as fault:
        raise protocol.FrameError(str(fault)) from None
    if not isinstance(message, dict):
        raise protocol.FrameError("a message that is no object")
    return protocol.pack_reply(json.dumps(responder(message)))


def act(message: dict[str, Any]) -> dict[str, Any]:
    """Begin an action or hand it what the office answered (`buttons` holds the conversation)."""
    from receivables_addin.calc import buttons

    if "ticket" in message:
        return buttons.proceed(str(message["ticket"]), message.get("answer"))
    return buttons.begin(str(message.get("id", "")), message.get("context") or {})


def ping(_message: dict[str, Any]) -> dict[str, Any]:
    """Who answers."""
    return {
        "version": __version__,
        "protocol": protocol.PROTOCOL,
        "pid": os.getpid(),
        "functions": len(load_functions()),
        "python": sys.version.split()[0],
    }


_RESPONDERS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    protocol.ACTION: act,
    protocol.PING: ping,
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
