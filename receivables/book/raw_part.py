"""Carry a part of a zip over as it stands, packed: the same bytes, and no time lost on packing them again."""

from __future__ import annotations

import struct
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

_LOCAL = struct.Struct("<4s22xHH")
"""Signature, and the lengths of name and extra field, at the head of a part."""
_BLOCK = 1 << 20
ENCRYPTED = 1


def can_carry(info: ZipInfo) -> bool:
    """Whether a part is packed in a way that can be carried over unopened."""
    plain = not info.flag_bits & ENCRYPTED
    return plain and info.compress_type in {ZIP_STORED, ZIP_DEFLATED}


def carry(source: ZipFile, info: ZipInfo, target: ZipFile, like: ZipInfo) -> None:
    """Copy the packed bytes of a part to the end of another zip.

    Nothing is unpacked: whoever needs to know that the part is whole reads the target back.

    Args:
        source: open zip that holds the part.
        info: the part in it.
        target: zip that is being written.
        like: name, date and rights in the target.

    Raises:
        BadZipFile: there is no part where the directory says.
    """
    packed, out = source.fp, target.fp
    assert packed is not None
    assert out is not None
    packed.seek(info.header_offset)
    head = packed.read(_LOCAL.size)
    if len(head) != _LOCAL.size or not head.startswith(b"PK\x03\x04"):
        raise BadZipFile(f"no part at {info.header_offset}")
    _, name, extra = _LOCAL.unpack(head)
    packed.seek(name + extra, 1)
    like.CRC, like.file_size, like.compress_size = info.CRC, info.file_size, info.compress_size
    like.header_offset = out.tell()
    out.write(like.FileHeader())
    left = info.compress_size
    while left:
        block = packed.read(min(left, _BLOCK))
        if not block:
            raise BadZipFile(f"{info.filename} is cut off")
        out.write(block)
        left -= len(block)
    target.filelist.append(like)
    target.NameToInfo[like.filename] = like
    target.start_dir = out.tell()
    # so that closing writes the directory, as after any part that it wrote itself
    target._didModify = True  # type: ignore[attr-defined]  # noqa: SLF001
