"""Compression and encryption of a VBA project (MS-OVBA 2.4.1 and 2.4.3)."""

from __future__ import annotations

import struct

CHUNK = 4096
SHORTEST_COPY = 3
TRIES = 256
"""Earlier places looked at for a longer copy: more costs time and saves almost nothing."""


def compress(data: bytes) -> bytes:
    """The compressed container of a source text or a `dir` stream.

    >>> compress(b"aaaaaaaaaaaaaaaa").hex()
    '0103b002610c00'
    """
    out = bytearray(b"\x01")
    for at in range(0, len(data), CHUNK):
        raw = data[at : at + CHUNK]
        tokens = _tokens(raw)
        if len(tokens) < CHUNK:
            out += struct.pack("<H", 0xB000 | (len(tokens) - 1)) + tokens
        else:  # a raw chunk always has its full size
            out += struct.pack("<H", 0x3FFF) + raw.ljust(CHUNK, b"\0")
    return bytes(out)


def _tokens(chunk: bytes) -> bytes:
    """One chunk as groups of a flag byte and eight tokens: a byte, or a copy from earlier."""
    out, at = bytearray(), 0
    while at < len(chunk):
        flags, place = 0, len(out)
        out.append(0)
        for bit in range(8):
            if at >= len(chunk):
                break
            bits = max(4, (at - 1).bit_length()) if at > 1 else 4
            offset, length = _longest_copy(chunk, at, (0xFFFF >> bits) + SHORTEST_COPY)
            if length:
                token = (offset - 1) << (16 - bits) | (length - SHORTEST_COPY)
                out += struct.pack("<H", token)
                flags |= 1 << bit
            else:
                out.append(chunk[at])
            at += length or 1
        out[place] = flags
    return bytes(out)


def _longest_copy(chunk: bytes, at: int, longest: int) -> tuple[int, int]:
    """Distance and length of the longest earlier text that goes on here; 0, 0 if none pays."""
    limit = min(longest, len(chunk) - at)
    best = offset = 0
    start = chunk[at : at + SHORTEST_COPY]
    place = chunk.rfind(start, 0, at + 2) if limit >= SHORTEST_COPY else -1
    for _ in range(TRIES):
        if place < 0 or best == limit:
            break
        length = SHORTEST_COPY
        while length < limit and chunk[place + length] == chunk[at + length]:
            length += 1
        if length > best:
            best, offset = length, at - place
        place = chunk.rfind(start, 0, place + 2)
    return offset, best


def encrypt(data: bytes, project_id: str, seed: int = 0x5D) -> str:
    """The text of CMG, DPB and GC in the PROJECT stream, always with the same seed.

    >>> decrypt(encrypt(b"secret", "{0}"), "{0}")
    b'secret'
    """
    key = sum(project_id.encode("ascii")) & 0xFF
    out = bytearray([seed, seed ^ 2, seed ^ key])
    last_plain, before, last = key, out[1], out[2]
    ignored = bytes([7]) * ((seed & 6) // 2)
    for plain in ignored + struct.pack("<I", len(data)) + data:
        out.append(plain ^ ((before + last_plain) & 0xFF))
        last_plain, before, last = plain, last, out[-1]
    return out.hex().upper()


def decrypt(text: str, project_id: str) -> bytes:
    """What CMG, DPB or GC of a PROJECT stream says.

    Raises:
        ValueError: it was made for another project.
    """
    seed, version, key, *rest = bytes.fromhex(text)
    key ^= seed
    if version ^ seed != 2 or key != sum(project_id.encode("ascii")) & 0xFF:
        raise ValueError(f"{text} does not belong to the project {project_id}.")
    plain = bytearray()
    last_plain, before, last = key, version, key ^ seed
    for value in rest:
        last_plain = value ^ ((before + last_plain) & 0xFF)
        plain.append(last_plain)
        before, last = last, value
    del plain[: (seed & 6) // 2]
    (size,) = struct.unpack_from("<I", plain)
    return bytes(plain[4 : 4 + size])
