"""Drafts in Outlook: the e-mails of the letters made, saved as drafts that the user sends."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from receivables.actions.host import Host, Report
from receivables.actions.letters_desk import open_desk, told
from receivables.actions.texts import say

DRAFTS = "drafts.csv"
"""Beside the journal: letter and the time at which its draft was saved."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An e-mail as a mail program takes it; `attachments`: name → content."""

    to: str
    subject: str
    html: str
    attachments: Mapping[str, bytes]


def run(host: Host, choices: Mapping[str, Any]) -> Report:
    """Save each e-mail of the as-of date as a draft, once; nothing is sent.

    A letter whose e-mail is gone or was changed since it was issued is named and left out.

    Raises:
        BadValueError: not saved, or no as-of date.
    """
    from receivables.refresh.letters_journal import journal_of, store_of
    from receivables.respond.dunning_journal import ISSUED, RENDERED

    desk = open_desk(host, choices)
    folder = desk.folder("letters", choices)
    store = store_of(desk.books)
    save: Callable[[Draft], bool] | None = getattr(host, "save_draft", None)
    done = _saved(store.folder / DRAFTS)
    count, before, missing = 0, 0, []
    with store.alone():
        letters = journal_of(desk.books, store).in_state(ISSUED, RENDERED)
        rows = [row for row in letters.iter_rows(named=True) if row["cut_off"] == desk.day]
        mails = dict(_mails(rows, folder))
        if not any(mails.values()):
            return Report(say("drafts_none", host.language, day=desk.day))
        for number, mail in mails.items():
            if number in done:
                before += 1
            elif mail is None:
                missing.append(number)
            elif save is None or not save(draft_of(mail)):
                return Report(say("drafts_elsewhere", host.language, folder=folder), str(folder))
            else:
                _log(store.folder / DRAFTS, number, str(choices.get("at") or ""))
                count += 1
    line = say("drafts_saved", host.language, count=f"{count:,}", before=f"{before:,}")
    lost = say("drafts_missing", host.language, names=", ".join(missing)) if missing else ""
    return Report(told([line, lost]), str(folder))


def draft_of(content: bytes) -> Draft:
    """Recipient, subject, HTML and attachments of one of our e-mails."""
    mail = BytesParser(policy=policy.default).parsebytes(content)
    if not isinstance(mail, EmailMessage):
        raise TypeError("the standard library gave no EmailMessage")
    html = mail.get_body(("html",))
    attached = {
        part.get_filename() or "attachment": bytes(part.get_content())
        for part in mail.iter_attachments()
        if part.get_content_maintype() != "text"
    }
    return Draft(
        str(mail["To"] or ""), str(mail["Subject"] or ""), html.get_content() if html else "", attached
    )  # fmt: skip


def _mails(rows: list[dict[str, Any]], folder: Path) -> Iterator[tuple[str, bytes | None]]:
    """Number and e-mail of each letter that has one; None where it is not what was issued."""
    for row in rows:
        names, sums = (row["file"] or "").split("|"), (row["sha256"] or "").split("|")
        for name, checksum in zip(names, sums, strict=False):
            if name.endswith(".eml"):
                path = folder / Path(name).name
                content = path.read_bytes() if path.is_file() else b""
                same = hashlib.sha256(content).hexdigest() == checksum
                yield row["letter_id"], content if same else None


def _saved(path: Path) -> set[str]:
    if not path.exists():
        return set()
    return {line[0] for line in csv.reader(io.StringIO(path.read_text(encoding="utf-8"))) if line}


def _log(path: Path, number: str, at: str) -> None:
    """A draft is noted as soon as it is saved, so that a run that dies saves none twice."""
    with path.open("a", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerow([number, at])
        stream.flush()
        os.fsync(stream.fileno())
