"""Write a compound file (MS-CFB version 3): the container that holds a VBA project."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

SECTOR = 512
MINI_SECTOR = 64
MINI_CUTOFF = 4096
"""A stream below this size lives in the mini stream."""

FREE = 0xFFFFFFFF
END = 0xFFFFFFFE
FAT_SECTOR = 0xFFFFFFFD
NO_STREAM = 0xFFFFFFFF
STORAGE, STREAM, ROOT = 1, 2, 5
RED, BLACK = 0, 1
HEADER_FATS = 109
"""FAT sectors the header itself can name; more would need DIFAT sectors (files over 7 MB)."""

NAME_UNITS = 31
"""Longest entry name in UTF-16 units, without its closing zero."""

Tree = Mapping[str, "bytes | Tree"]


@dataclass(slots=True)
class _Entry:
    """One directory entry; neighbours are numbers of entries."""

    name: str
    kind: int
    data: bytes = b""
    left: int = NO_STREAM
    right: int = NO_STREAM
    child: int = NO_STREAM
    colour: int = BLACK
    start: int = 0
    size: int = 0

    def packed(self) -> bytes:
        name = self.name.encode("utf-16-le")
        return name.ljust(MINI_SECTOR, b"\0") + struct.pack(
            "<HBBIII16sIQQIQ",
            len(name) + 2, self.kind, self.colour, self.left, self.right, self.child,
            bytes(16), 0, 0, 0, self.start, self.size,
        )  # fmt: skip


@dataclass(slots=True)
class _Sectors:
    """The body of the file and the chains through it."""

    body: list[bytes] = field(default_factory=list)
    fat: list[int] = field(default_factory=list)

    def put(self, data: bytes) -> int:
        """Append a chain, give its first sector."""
        if not data:
            return END
        first = len(self.body)
        for at in range(0, len(data), SECTOR):
            self.body.append(data[at : at + SECTOR].ljust(SECTOR, b"\0"))
        self.fat += [*range(first + 1, len(self.body)), END]
        return first


def compound_file(tree: Tree) -> bytes:
    """The bytes of a compound file with these storages (mappings) and streams (bytes).

    The same tree gives the same bytes: no clock, no random identifier.

    Raises:
        ValueError: a name is too long or two names of a storage differ by case only; over 7 MB.

    >>> compound_file({"PROJECT": b"x"})[:8].hex()
    'd0cf11e0a1b11ae1'
    """
    entries = [_Entry("Root Entry", ROOT)]
    entries[0].child = _add(entries, tree)
    sectors = _Sectors()
    mini, mini_fat = _place_streams(entries, sectors)
    entries[0].start, entries[0].size = sectors.put(mini), len(mini)
    mini_sectors = _table(mini_fat)
    mini_start = sectors.put(mini_sectors)
    directory = sectors.put(_directory(entries))
    fats = _append_fat(sectors)
    header = _header(fats, directory, mini_start, len(mini_sectors) // SECTOR)
    return header + b"".join(sectors.body)


def sort_key(name: str) -> tuple[int, str]:
    """Order of siblings in a directory: the shorter name first, then upper case (2.6.4)."""
    return len(name.encode("utf-16-le")), name.upper()


def _add(entries: list[_Entry], tree: Tree) -> int:
    """Append the children of a storage, give the number of the one at the top of their tree."""
    names = sorted(tree, key=sort_key)
    if len({sort_key(name) for name in names}) < len(names):
        raise ValueError(f"two entries differ by case only: {', '.join(names)}.")
    numbers = []
    for name in names:
        if not 0 < len(name.encode("utf-16-le")) // 2 <= NAME_UNITS:
            raise ValueError(f"{name!r} is no name of an entry: 1 to {NAME_UNITS} characters.")
        value = tree[name]
        storage = isinstance(value, Mapping)
        entry = _Entry(name, STORAGE if storage else STREAM)
        numbers.append(len(entries))
        entries.append(entry)
        if isinstance(value, Mapping):
            entry.child = _add(entries, value)
        else:
            entry.data, entry.size = value, len(value)
    top = _balance(entries, numbers, len(numbers).bit_length())
    if top != NO_STREAM:
        entries[top].colour = BLACK
    return top


def _balance(entries: list[_Entry], numbers: list[int], levels: int) -> int:
    """A balanced tree whose deepest level is red: a valid red-black tree of any size."""
    if not numbers:
        return NO_STREAM
    middle = len(numbers) // 2
    entry = entries[numbers[middle]]
    entry.left = _balance(entries, numbers[:middle], levels - 1)
    entry.right = _balance(entries, numbers[middle + 1 :], levels - 1)
    if levels == 1 and entry.left == entry.right == NO_STREAM:
        entry.colour = RED
    return numbers[middle]


def _place_streams(entries: list[_Entry], sectors: _Sectors) -> tuple[bytes, list[int]]:
    """Give each stream its place; the mini stream and its chains are returned."""
    mini, chains = bytearray(), list[int]()
    for entry in entries:
        if entry.kind != STREAM:
            continue
        if entry.size >= MINI_CUTOFF:
            entry.start = sectors.put(entry.data)
        elif not entry.size:
            entry.start = END
        else:
            entry.start = len(chains)
            last = entry.start + -(-entry.size // MINI_SECTOR)
            chains += [*range(entry.start + 1, last), END]
            mini += entry.data.ljust((last - entry.start) * MINI_SECTOR, b"\0")
    return bytes(mini), chains


def _table(chains: list[int]) -> bytes:
    """A table of sector numbers, filled up to whole sectors."""
    packed = struct.pack(f"<{len(chains)}I", *chains)
    return packed.ljust(-(-len(packed) // SECTOR) * SECTOR, b"\xff")


def _directory(entries: list[_Entry]) -> bytes:
    packed = b"".join(entry.packed() for entry in entries)
    unused = bytes(68) + struct.pack("<III", NO_STREAM, NO_STREAM, NO_STREAM) + bytes(48)
    missing = -(len(packed) // len(unused)) % (SECTOR // len(unused))
    return packed + unused * missing


def _append_fat(sectors: _Sectors) -> list[int]:
    """Append the FAT, which also lists itself; give its sectors."""
    per_sector = SECTOR // 4
    count = 1
    while len(sectors.fat) + count > count * per_sector:
        count += 1
    if count > HEADER_FATS:
        raise ValueError("the file would exceed 7 MB: split the add-in.")
    first = len(sectors.body)
    sectors.fat += [FAT_SECTOR] * count
    table = _table(sectors.fat)
    sectors.body += [table[at : at + SECTOR] for at in range(0, len(table), SECTOR)]
    return list(range(first, first + count))


def _header(fats: list[int], directory: int, mini_start: int, mini_count: int) -> bytes:
    start = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    sizes = struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    places = struct.pack(
        "<IIIIIIIII",
        0, len(fats), directory, 0, MINI_CUTOFF, mini_start, mini_count, END, 0,
    )  # fmt: skip
    listed = fats + [FREE] * (HEADER_FATS - len(fats))
    return start + sizes + places + struct.pack(f"<{HEADER_FATS}I", *listed)
