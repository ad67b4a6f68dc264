"""The preview finds every letter; the sample of confirmations is an auditor's."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from receivables.errors import DomainError
from receivables.respond.letters.confirmations import Balance, pick
from receivables.respond.letters.gallery import WORDINGS, write_gallery
from receivables.respond.letters.letter import KINDS, STAGES
from receivables.respond.letters.sample import every_sample, sample


def test_every_letter_is_found_by_language_level_and_customer(tmp_path: Path) -> None:
    letters = list(every_sample())
    made = write_gallery(letters, tmp_path, title="31 October 2026")
    assert made.letters == len(letters) == 95
    tree = html.parse(made.index)
    links = Counter(tree.xpath("//td/a/@href"))
    assert len(links) == 95
    assert set(links.values()) == {2}, "once by language and level, once by customer"
    for link in links:
        page = html.parse(tmp_path / link).getroot().text_content()
        assert Path(link).stem in page
    assert {"en", "zh-CN", "de", "fr", "es", "customers"} == {
        one.removeprefix("#") for one in tree.xpath("//nav/a/@href")
    }
    assert tree.xpath("//h3/text()")[0].startswith("pre_due")
    assert not tree.xpath("//script")
    assert not [one for one in tree.xpath("//@src | //@href") if "//" in one]


def test_refusals_stand_on_top(tmp_path: Path) -> None:
    good, bad = sample("en", "dunning", "first"), sample("de", "dunning", "first", currency="<b>")
    made = write_gallery([good, bad], tmp_path)
    assert (made.letters, len(made.refusals)) == (1, 1)
    page = made.index.read_text(encoding="utf-8")
    assert "no bank account in &lt;b&gt;" in page
    assert page.index("Cannot be made") < page.index("First notice")


def test_hostile_names_stay_names_in_the_index(tmp_path: Path) -> None:
    letter = sample("en", "dunning", "first", letter_id="../../x")
    letter = replace(letter, customer=replace(letter.customer, name="<script>alert(1)</script>"))
    made = write_gallery([letter], tmp_path / "out")
    tree = html.parse(made.index)
    assert not tree.xpath("//script")
    assert "<script>alert(1)</script>" in tree.getroot().text_content()
    assert {path.parent for path in tmp_path.rglob("*.html")} == {
        tmp_path / "out",
        tmp_path / "out" / "letters",
    }


def test_wordings_are_stages_and_kinds() -> None:
    assert set(WORDINGS) == {*STAGES, *KINDS} - {"dunning"}


def balances(*amounts: int) -> list[Balance]:
    return [Balance(f"{number:03d}", "EUR", amount) for number, amount in enumerate(amounts)]


def test_large_balances_are_always_asked() -> None:
    """Boundary: from the amount on."""
    rows = balances(99, 100, 101, 5)
    found = {one.balance.customer_id for one in pick(rows, 0, large=100)}
    assert found == {"001", "002"}


def test_a_balance_above_the_interval_is_hit_for_certain() -> None:
    rows = balances(*[10] * 50, 500)
    for seed in "abcdefgh":
        assert "050" in {one.balance.customer_id for one in pick(rows, 4, seed=seed)}


def test_credit_and_zero_balances_are_drawn_apart() -> None:
    rows = balances(100, -50, -60, 0, 0, 0)
    found = pick(rows, 1, in_credit=1, zeros=2, seed="2026")
    assert Counter(one.reason for one in found) == {"sampled": 1, "credit": 1, "zero": 2}
    assert all(one.balance.amount < 0 for one in found if one.reason == "credit")
    assert all(one.balance.amount == 0 for one in found if one.reason == "zero")


@given(
    st.lists(st.integers(-1000, 10_000), max_size=40),
    st.integers(0, 12),
    st.text(max_size=5),
    st.randoms(use_true_random=False),
)
def test_a_sample_can_be_drawn_again(amounts, count, seed, random) -> None:
    """Same balances, any order of rows, same seed: the same sample, nobody twice."""
    rows = balances(*amounts)
    shuffled = list(rows)
    random.shuffle(shuffled)
    found = pick(rows, count, 5_000, in_credit=2, zeros=2, seed=seed)
    assert found == pick(shuffled, count, 5_000, in_credit=2, zeros=2, seed=seed)
    ids = [one.balance.customer_id for one in found]
    assert len(ids) == len(set(ids))
    assert sum(one.reason == "sampled" for one in found) <= count
    rest = sum(1 for amount in amounts if 0 < amount < 5_000)
    if count and rest:
        assert any(one.reason == "sampled" for one in found)


def test_currencies_are_never_one_sum() -> None:
    with pytest.raises(DomainError, match="two currencies"):
        pick([Balance("1", "EUR", 1), Balance("2", "USD", 1)], 1)
    with pytest.raises(DomainError, match="0 or more"):
        pick(balances(1), -1)
