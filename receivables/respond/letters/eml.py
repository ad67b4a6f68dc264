"""A letter as an e-mail draft: a file that Thunderbird and Outlook open ready to send."""

from __future__ import annotations

import binascii
import hashlib
import mimetypes
from dataclasses import dataclass
from email.utils import formataddr
from functools import lru_cache

from receivables.errors import BadValueError
from receivables.respond.letters.plain import clean, email_fault, file_stem
from receivables.respond.letters.wording import Composed

CRLF = "\r\n"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along."""

    name: str
    content: bytes


def message(
    composed: Composed, text: str, page: str, attachments: tuple[Attachment, ...] = ()
) -> bytes:
    """An RFC 5322 message: text and HTML as alternatives, attachments behind them.

    `X-Unsent: 1` lets Outlook open it as a draft. Its date is the letter's, so that the same
    letter gives the same bytes. No value of the ledger reaches a header before line breaks are
    taken out and signs beyond ASCII are encoded.

    Raises:
        BadValueError: the customer's or the sender's address is not one plain address.
    """
    letter = composed.letter
    _check(letter.customer.email, f"customer {clean(letter.customer.customer_id)}")
    _check(letter.sender.email, f"the sender {clean(letter.sender.name)}")
    mark = hashlib.sha256(letter.letter_id.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    day = letter.issued_on
    head = CRLF.join(
        (
            f"From: {_mailbox(letter.sender.name, letter.sender.email)}",
            f"To: {_mailbox(letter.customer.name, letter.customer.email)}",
            f"Subject: {_encoded(clean(composed.subject))}",
            f"Date: {_DAYS[day.weekday()]}, {day.day:02d} {_MONTHS[day.month - 1]} {day.year} 12:00:00 +0000",
            f"Message-ID: <{mark}@{letter.sender.email.strip().partition('@')[2]}>",
            f"Content-Language: {letter.language}",
            "X-Unsent: 1",
            "MIME-Version: 1.0",
        )
    )
    body = _alternative(f"=_alt_{mark}", text, page, letter.language)
    if attachments:
        body = _mixed(f"=_mix_{mark}", body, attachments)
    return f"{head}{CRLF}{body}".encode("ascii")


def _check(address: str, whose: str) -> None:
    wrong = email_fault(address)
    if wrong:
        raise BadValueError(
            f"No e-mail for {whose}: its address '{clean(address)}' cannot be used, {wrong}. "
            "Enter one plain address, or make the letter as PDF."
        )


@lru_cache(maxsize=5_000)
def _mailbox(name: str, address: str) -> str:
    """`Name <address>`, folded: a name of 300 characters makes several lines."""
    # A run of blanks in a name is one blank to every reader of e-mail.
    shown = " ".join(clean(name).replace('"', "'").split())
    if len(shown) + len(address) <= 67 and shown.isascii():
        return formataddr((shown, address.strip()))
    return f"{_words(shown)}{CRLF} <{address.strip()}>"


@lru_cache(maxsize=2_000)
def _encoded(text: str) -> str:
    return text if text.isascii() and len(text) <= 66 else _words(text)


WORD = 42
"""Bytes in one encoded word: with `Subject: ` in front it stays within 78 signs of a line."""


def _words(text: str) -> str:
    """Encoded words of RFC 2047, one a line; no sign is cut in two.

    >>> _words("Übersicht")
    '=?utf-8?b?w5xiZXJzaWNodA==?='
    """
    coded, start = text.encode("utf-8"), 0
    words = []
    while start < len(coded):
        end = min(start + WORD, len(coded))
        while end < len(coded) and coded[end] & 0xC0 == 0x80:
            end -= 1
        words.append(binascii.b2a_base64(coded[start:end], newline=False).decode("ascii"))
        start = end
    return f"{CRLF} ".join(f"=?utf-8?b?{word}?=" for word in words)


def _alternative(boundary: str, text: str, page: str, language: str) -> str:
    # Latin text stays readable in its source; Chinese and HTML are shorter and faster in base64.
    first = _base64(text) if language == "zh-CN" else _quoted(text)
    made = "".join(
        f"--{boundary}{CRLF}Content-Type: text/{kind}; charset=utf-8{CRLF}{body}"
        for kind, body in (("plain", first), ("html", _base64(page)))
    )
    lead = f'Content-Type: multipart/alternative; boundary="{boundary}"{CRLF}{CRLF}'
    return f"{lead}{made}--{boundary}--{CRLF}"


def _quoted(body: str) -> str:
    coded = binascii.b2a_qp(body.replace("\n", CRLF).encode("utf-8")).decode("ascii")
    return f"Content-Transfer-Encoding: quoted-printable{CRLF}{CRLF}{coded}{CRLF}"


def _base64(body: str) -> str:
    coded = _lines(body.replace("\n", CRLF).encode("utf-8"))
    return f"Content-Transfer-Encoding: base64{CRLF}{CRLF}{coded}{CRLF}"


LINE = 76


def _lines(content: bytes) -> str:
    """Base64 in lines of 76 signs."""
    coded = binascii.b2a_base64(content, newline=False).decode("ascii")
    return CRLF.join([coded[start : start + LINE] for start in range(0, len(coded), LINE)])


def _mixed(boundary: str, body: str, attachments: tuple[Attachment, ...]) -> str:
    lead = f'Content-Type: multipart/mixed; boundary="{boundary}"{CRLF}{CRLF}'
    files = "".join(f"--{boundary}{CRLF}{_attached(one)}" for one in attachments)
    return f"{lead}--{boundary}{CRLF}{body}{files}--{boundary}--{CRLF}"


def _attached(one: Attachment) -> str:
    name = _file_name(one.name)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return (
        f'Content-Type: {kind}; name="{name}"{CRLF}'
        f"Content-Transfer-Encoding: base64{CRLF}"
        f'Content-Disposition: attachment; filename="{name}"{CRLF}{CRLF}{_lines(one.content)}{CRLF}'
    )


def _file_name(name: str) -> str:
    """ASCII and without quotes: every mail program shows it alike."""
    stem, _, ending = name.rpartition(".")
    plain = f"{stem or ending}".encode("ascii", "ignore").decode()
    safe = file_stem(plain or "letter")
    return f"{safe}.{ending}" if stem and ending.isascii() and ending.isalnum() else safe
