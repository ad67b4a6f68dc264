"""Rates, day counts and schemes of interest are printed in the letter's language."""

from __future__ import annotations

from dataclasses import replace

import pytest

from receivables.resources import data_rows
from receivables.respond.interest_days import LABELS
from receivables.respond.letters.interest_words import in_language
from receivables.respond.letters.letter import LANGUAGES
from receivables.respond.letters.sample import sample
from receivables.respond.letters.text import as_text
from receivables.respond.letters.wording import Composer

COMPOSER = Composer()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_scheme_and_day_count_has_words(language):
    known = {row["en"]: row for row in data_rows("letter_interest.csv")}
    for text in (*LABELS, *(row["label_en"] for row in data_rows("interest_schemes.csv"))):
        assert known[text][language].strip()
        assert in_language(text, language) == known[text][language]


@pytest.mark.parametrize(
    ("language", "rate", "basis", "scheme"),
    [
        ("en", "11.75 % a year", "actual/365", "Germany § 288 (2) BGB (business)"),
        ("zh-CN", "年利率 11.75%", "实际天数/365", "《德国民法典》第288条第2款"),
        ("de", "11,75 % p. a.", "taggenau/365", "§ 288 Abs. 2 BGB"),
        ("fr", "11,75 % l'an", "exact/365", "§ 288, al. 2 BGB (Allemagne)"),
        ("es", "11,75 % anual", "real/365", "§ 288, apdo. 2 BGB (Alemania)"),
    ],
)
def test_a_letter_says_interest_in_its_language(language, rate, basis, scheme):
    letter = sample(language, "dunning", "final")
    own = replace(
        letter.interest, rate="11.75 % a year", basis="actual/365", scheme="Germany § 288 (2) BGB (business)",
        segments=tuple(replace(one, rate="11.75 % a year") for one in letter.interest.segments),
    )  # fmt: skip
    text = as_text(COMPOSER.compose(replace(letter, interest=own))).replace("\u00a0", " ")
    for part in (rate, basis, scheme):
        assert part in text
    assert text.count(rate) == 1 + len(own.segments)
    assert language == "en" or "a year" not in text


def test_several_rates_are_turned_one_by_one():
    assert in_language("10.27 % a year; 0.05 % a day", "de") == "10,27 % p. a.; 0,05 % pro Tag"
