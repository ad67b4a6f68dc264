"""Short cuts for speed give what the long way gives."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.respond.letters.eml import CRLF, _encoded, _mailbox
from receivables.respond.letters.letter import Item
from receivables.respond.letters.plain import LONGEST, clean, cleaned
from receivables.respond.letters.render import Renderer
from receivables.respond.letters.sample import sample
from receivables.respond.letters.tables import Table
from receivables.respond.letters.text import grid, width

SIGNS = st.text(st.sampled_from("aZ9 |,.-'\"&<>%\t\n\u00a0éß–余额🙂\u202e\u0301"), max_size=90)


@given(st.lists(SIGNS, max_size=8))
def test_a_column_is_cleaned_as_its_values_are(texts: list[str]) -> None:
    assert cleaned(texts) == [clean(text) for text in texts]


def test_a_column_of_long_values_is_cut_as_its_values_are() -> None:
    assert cleaned(["x" * (LONGEST + 1), "y"])[0].endswith("…")


@given(SIGNS.map(clean).filter(bool))
def test_a_subject_comes_back_whole(text: str) -> None:
    coded = _encoded(text)
    assert coded.isascii()
    assert max(len(line) for line in f"Subject: {coded}".split(CRLF)) <= 78
    assert str(make_header(decode_header(coded.replace(CRLF, "")))) == text


@given(SIGNS.map(clean).filter(bool))
def test_a_name_comes_back_whole(name: str) -> None:
    coded = f"To: {_mailbox(name, 'ar@example.com')}{CRLF}{CRLF}".encode("ascii")
    assert all(len(line) <= 78 for line in coded.split(b"\r\n"))
    (found,) = message_from_bytes(coded, policy=policy.default)["to"].addresses
    assert found.addr_spec == "ar@example.com"
    # Python 3.11 reads a blank between two encoded words of a name; RFC 2047 §6.2 drops it.
    coded_name = _mailbox(name, "ar@example.com").rpartition("<")[0].replace(CRLF, "").strip()
    plain = coded_name if "=?" not in coded_name else str(make_header(decode_header(coded_name)))
    assert plain.strip('"').replace("\\", "") == " ".join(name.replace('"', "'").split())


@pytest.mark.parametrize("rows", list(product(["a", "1\u00a02", "é", "余", "e\u0301"], repeat=2)))
def test_columns_of_plain_text_stand_below_each_other(rows: tuple[str, str]) -> None:
    table = Table("x", "x", ("A", "B"), frozenset({1}), tuple((one, one) for one in rows))
    head, _, *lines = grid(table).split("\n")
    assert len({width(line) for line in (head, *lines)}) == 1


@pytest.mark.parametrize("sign", ["&", "<", ">", '"', "'", "%s", "%", "{", "]]>"])
def test_a_sign_in_one_cell_of_a_table_is_escaped(sign: str, tmp_path: Path) -> None:
    """Rows are escaped only where some cell asks for it: one is enough."""
    letter = sample("en", "dunning", "first")
    items = tuple(
        Item(one.document_no, one.issued_on, one.due_on, one.original, one.open,
             days_overdue=9, reference=sign if place == 1 else one.reference)
        for place, one in enumerate(letter.items)
    )  # fmt: skip
    made = Renderer(["docx", "html"]).render(
        sample("en", "dunning", "first", items=items), tmp_path
    )
    assert not made.refusals
    from docx import Document
    from lxml import html

    cells = {cell.text for table in Document(str(made.files[0])).tables for cell in table._cells}
    assert sign in cells
    assert sign in {cell.text_content() for cell in html.parse(made.files[1]).iter("td")}
