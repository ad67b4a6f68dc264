"""Sheets of a workbook that the program fills itself: they are no input, whatever they are called."""

from __future__ import annotations

import re
from html import unescape

ANCHOR = "_rcv_"
"""Defined names that begin so mark sheets of results; the user may have renamed the sheets."""
_NAME = re.compile(rb'<definedName\b[^>]*\bname="_rcv_[^"]*"[^>]*>([^<]*)</definedName>')


def result_sheets(workbook_xml: bytes) -> set[str]:
    r"""Names of the sheets that a marked defined name points to.

    >>> xml = b'<definedName name="_rcv_aging_Aging" hidden="1">\'Aging &amp; more\'!$A$1:$P$4</definedName>'
    >>> result_sheets(xml)
    {'Aging & more'}
    """
    found = set()
    for text in _NAME.findall(workbook_xml):
        sheet = unescape(text.decode("utf-8", "replace")).rpartition("!")[0]
        if sheet.startswith("'") and sheet.endswith("'"):
            sheet = sheet[1:-1].replace("''", "'")
        if sheet and "#REF" not in sheet:
            found.add(sheet)
    return found
