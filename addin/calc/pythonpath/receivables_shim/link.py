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

    def __init__(self, port, token, seconds):
        try:
            self.socket = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        except OSError as fault:
            raise LinkError("no connection: {}".format(fault)) from None
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.greet(token)
        except (OSError, LinkError) as fault:
            self.close()
            raise fault if isinstance(fault, LinkError) else LinkError(str(fault)) from None

    def greet(self, token):
        """Exchange proofs of the token; it never crosses the wire itself."""
        greeting = self.exactly(GREETING_BYTES)
        if greeting[: len(GREETING)] != GREETING:
            raise LinkError("a stranger answers at the port of the local process")
        (protocol,) = struct.unpack_from("<H", greeting, len(GREETING))
        if protocol != wire.PROTOCOL:
            raise VersionError(
                "The extension speaks version {} and the program version {}. Run: receivables calc "
                "install, then restart the office.".format(wire.PROTOCOL, protocol)
            )
        theirs, ours = greeting[-NONCE_BYTES:], os.urandom(NONCE_BYTES)
        self.socket.sendall(ours + proof(token, b"office", theirs, ours))
        answer = self.exactly(PROOF_BYTES)
        if not hmac.compare_digest(answer, proof(token, b"worker", theirs, ours)):
            raise LinkError("the process at the port does not know the token")

    def exchange(self, frame):
        """Send a frame and wait for the answer."""
        try:
            self.socket.sendall(frame)
            data = self.socket.recv(CHUNK)
            length = _length(data)[0] if len(data) > 4 else None
            if length == len(data) - 4:
                return data
            return self.rest(data)
        except socket.timeout:
            raise TimeOutError("no answer") from None
        except OSError as fault:
            raise LinkError(str(fault)) from None

    def rest(self, data):
        """The remainder of a frame that came in pieces."""
        if not data:
            raise LinkError("the local process has ended")
        if len(data) < 5:
            data += self.exactly(5 - len(data))
        size = 4 + _length(data)[0]
        if not 4 < size <= 4 + wire.LARGEST_FRAME or size < len(data):
            raise LinkError("a frame of an impossible length")
        frame = bytearray(size)
        frame[: len(data)] = data
        view, place = memoryview(frame), len(data)
        while place < size:
            count = self.socket.recv_into(view[place:])
            if not count:
                raise LinkError("the local process has ended")
            place += count
        return frame

    def exactly(self, count):
        """So many bytes, no more."""
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise LinkError("the local process refused the connection or has ended")
            data += part
        return data

    def close(self):
        """Hang up."""
        self.socket.close()


def proof(token, side, theirs, ours):
    """What only a holder of the token can compute, different for each side and connection."""
    return hmac.new(token, side + theirs + ours, hashlib.sha256).digest()
