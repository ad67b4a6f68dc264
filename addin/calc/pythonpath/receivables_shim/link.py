"""A connection to the local process: both sides prove the token, then frames go back and forth."""

from __future__ import annotations

import hashlib
import hmac
import os
import socket
import struct

from receivables_shim import wire

GREETING = b"RECEIVABLES"
NONCE_BYTES = 32
PROOF_BYTES = 32
GREETING_BYTES = len(GREETING) + 2 + NONCE_BYTES
CHUNK = 1 << 16

_length = struct.Struct("<I").unpack_from


class LinkError(Exception):
    """The other end is gone, or is not ours."""


class VersionError(LinkError):
    """The extension and the program speak different versions."""


class TimeOutError(LinkError):
    """No answer in time."""


class Link:
    """One authenticated connection."""

    def __init__(self, port: int, token: bytes, seconds: float) -> None:
        self.asked = False
        """An answer is outstanding: whoever asks next would get that one."""
        try:
            self.socket = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        except OSError as fault:
            raise LinkError(f"nothing answers at its port ({fault})") from None
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.greet(token)
            be_patient(self.socket, seconds)
        except (OSError, LinkError) as fault:
            self.close()
            raise fault if isinstance(fault, LinkError) else LinkError(str(fault)) from None

    def greet(self, token: bytes) -> None:
        """Exchange proofs of the token, which itself never crosses the wire."""
        greeting = self.exactly(GREETING_BYTES)
        if greeting[: len(GREETING)] != GREETING:
            raise LinkError("a stranger answers at its port")
        (protocol,) = struct.unpack_from("<H", greeting, len(GREETING))
        if protocol != wire.PROTOCOL:
            raise VersionError(
                f"The extension speaks protocol {wire.PROTOCOL}, the program {protocol}. "
                "Run: receivables calc install, then restart the office."
            )
        theirs, ours = greeting[-NONCE_BYTES:], os.urandom(NONCE_BYTES)
        self.socket.sendall(ours + proof(token, b"office", theirs, ours))
        answer = self.exactly(PROOF_BYTES)
        if not hmac.compare_digest(answer, proof(token, b"worker", theirs, ours)):
            raise LinkError("who answers at its port does not know the token")

    def exchange(self, frame: bytes) -> bytes:
        """Send a frame and wait for the answer."""
        if self.asked:
            raise LinkError("the call before was cut off")
        self.asked = True
        try:
            self.socket.sendall(frame)
            data = self.rest(self.socket.recv(CHUNK))
        except (socket.timeout, BlockingIOError):
            raise TimeOutError("no answer") from None
        except OSError as fault:
            raise LinkError(str(fault)) from None
        self.asked = False
        return data

    def rest(self, data: bytes) -> bytes:
        """A whole frame, of which this much has come."""
        if not data:
            raise LinkError("the local process has ended")
        if len(data) < 5:
            data += self.exactly(5 - len(data))
        size = frame_size(data)
        if size == len(data):
            return data
        frame = bytearray(size)
        frame[: len(data)] = data
        view, place = memoryview(frame), len(data)
        while place < size:
            count = self.socket.recv_into(view[place:])
            if not count:
                raise LinkError("the local process has ended")
            place += count
        return bytes(frame)

    def exactly(self, count: int) -> bytes:
        """So many bytes, no more."""
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise LinkError("it refused the connection or has ended")
            data += part
        return data

    def close(self) -> None:
        """Hang up."""
        self.socket.close()


def frame_size(data: bytes) -> int:
    """The size of the frame that begins with these five bytes or more."""
    size = 4 + _length(data)[0]
    if not 4 < size <= 4 + wire.LARGEST_FRAME or size < len(data):
        raise LinkError("a frame of an impossible length")
    return size


def proof(token: bytes, side: bytes, theirs: bytes, ours: bytes) -> bytes:
    """What only a holder of the token can compute, different for each side and connection."""
    return hmac.new(token, side + theirs + ours, hashlib.sha256).digest()


def be_patient(connection: socket.socket, seconds: float) -> None:
    """Wait so long for an answer; left to the system where it can, which saves two calls each time."""
    if os.name != "posix":
        connection.settimeout(seconds)
        return
    connection.settimeout(None)
    whole = int(seconds)
    limit = struct.pack("@ll", whole, int((seconds - whole) * 1e6))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
