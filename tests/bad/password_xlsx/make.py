"""An encrypted workbook: an OLE container with the streams EncryptionInfo and EncryptedPackage (MS-OFFCRYPTO)."""

from __future__ import annotations

import struct
from pathlib import Path

SECTOR = 512
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def build(folder: Path) -> Path:
    info = b"\x04\x00\x04\x00\x40\x00\x00\x00" + b"<encryption/>".ljust(4096)
    package = struct.pack("<Q", 6000) + bytes(range(256)) * 32
    streams = [("EncryptionInfo", info), ("EncryptedPackage", package)]
    fat, body, entries, sector = [FAT, END], b"", [entry("Root Entry", 5, 1, END, 0)], 2
    for at, (name, data) in enumerate(streams, start=1):
        count = -(-len(data) // SECTOR)
        fat += [*range(sector + 1, sector + count), END]
        entries.append(entry(name, 2, -1 if at == 1 else 1, sector, len(data)))
        body += data.ljust(count * SECTOR, b"\0")
        sector += count
    entries[2] = entry(streams[1][0], 2, -1, 2 + -(-len(info) // SECTOR), len(package), left=1)
    entries[0] = entry("Root Entry", 5, 2, END, 0)
    table = struct.pack("<128I", *fat, *[FREE] * (128 - len(fat)))
    path = folder / "ledger.xlsx"
    path.write_bytes(header() + table + b"".join(entries).ljust(SECTOR, b"\0") + body)
    return path


def header() -> bytes:
    head = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    )
    head += bytes(6) + struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0, 0)
    return head.ljust(SECTOR, b"\xff")


def entry(name: str, kind: int, child: int, start: int, size: int, left: int = -1) -> bytes:
    raw = name.encode("utf-16-le")
    text = raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw) + 2, kind, 1)
    text += struct.pack("<iii", left, -1, child if kind == 5 else -1) + bytes(36)
    return text + struct.pack("<IQ", start, size)
