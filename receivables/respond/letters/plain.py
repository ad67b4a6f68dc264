"""Text of a ledger made harmless: one line, no control or direction signs, names safe as files."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence

_BREAKS = re.compile(r"[\s\u0085\u2028\u2029]+")
_UNWANTED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
    "\ufffe\uffff\ud800-\udfff]"
)
"""Control signs, marks that turn the direction of text, and what XML may not hold."""

LONGEST = 500
"""Characters of one value; a name of 300 stays whole."""

_FILE = re.compile(r"[^\w.-]+")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_STEM = 80


def clean(text: str) -> str:
    r"""One line of printable text; what a template marks is never forged by data.

    >>> clean("Müller\r\nBcc: x@y.z"), clean("abc\u202egpj.exe")
    ('Müller Bcc: x@y.z', 'abcgpj.exe')
    """
    if text.isascii() and text.isprintable() and len(text) <= LONGEST and "  " not in text:
        return text.strip()
    one_line = _UNWANTED.sub("", _BREAKS.sub(" ", text)).strip()
    return one_line if len(one_line) <= LONGEST else one_line[: LONGEST - 1] + "…"


def cleaned(texts: Sequence[str]) -> list[str]:
    r"""`clean` for a column: looked at as a whole, value by value only where that finds a cause.

    >>> cleaned(["R-1", "", "R-2\tb"])
    ['R-1', '', 'R-2 b']
    """
    whole = "|".join(texts)
    plain = whole.isascii() and whole.isprintable() and "  " not in f" {whole} "
    if plain and len(whole) <= LONGEST and "| " not in whole and " |" not in whole:
        return list(texts)
    return [clean(text) for text in texts]


def address_lines(text: str) -> tuple[str, ...]:
    r"""Lines of an address that a ledger keeps in one cell: broken at line ends, ; and |.

    >>> address_lines("1 High Street\nLeeds; LS1 4AP")
    ('1 High Street', 'Leeds', 'LS1 4AP')
    """
    return tuple(line for line in (clean(part) for part in re.split(r"[\r\n;|]+", text)) if line)


def file_stem(text: str) -> str:
    """A file name without its ending that stays in its folder on every system.

    What had to be changed gets a mark of its own, so that two names never become one.

    >>> file_stem("L-2026-001"), file_stem("../../etc/passwd")
    ('L-2026-001', 'etc_passwd-3754d6cb')
    """
    normal = unicodedata.normalize("NFC", text)
    stem = _FILE.sub("_", normal).strip("._- ")
    if len(stem.encode()) > _STEM:
        stem = stem.encode()[:_STEM].decode(errors="ignore")
    if stem and stem == text and not _RESERVED.fullmatch(stem):
        return stem
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{stem or 'letter'}-{mark}"


_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}"
)


def email_fault(address: str) -> str:
    r"""What is wrong with the address of an e-mail; empty = one plain address.

    >>> email_fault("ar@example.com"), email_fault("a@b.co,c@d.co")
    ('', 'it holds two addresses')
    >>> email_fault("a@b.co\r\nBcc: c@d.co")
    'it holds a line break'
    """
    if re.search(r"[\r\n\x00-\x1f]", address.strip(" ")):
        return "it holds a line break"
    if address.count("@") > 1:
        return "it holds two addresses"
    if not address.strip():
        return "there is none"
    return "" if _ADDRESS.fullmatch(address.strip()) else "it is not an address"
