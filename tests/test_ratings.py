"""Ratings name their scale; each grade of each scale has its place on ours."""

import itertools

import pytest

from receivables.assess.ratings import rating, scales
from receivables.errors import BadValueError
from receivables.resources import data_rows


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("S&P:AAA", 1), ("s&p:bbb", 3), ("标普:BBB-", 4), ("SP：BB", 5), ("S&P:B-", 8), ("S&P:D", 10),
        ("Fitch:BBB−", 4), ("Moody's:Baa2", 3), ("moodys:Caa1", 9), ("惠誉:RD", 10),
        ("Coface:10", 1), ("Coface:7", 4), ("Coface:1", 9), ("Coface:0", 10),
        ("AZ:1", 1), ("AZ:7", 7), ("Allianz Trade: 10", 10), ("安联:7.0", 7),
        ("Atradius:good", 3), ("D&B:1570", 2), ("D&B:1569", 3), ("D&B class:5", 9),
        ("Creditsafe:71", 2), ("Creditsafe:70", 4), ("Creditsafe:29", 8), ("own:4", 4),
    ],
)  # fmt: skip
def test_known_ratings(text, grade) -> None:
    assert rating(text).grade == grade


def test_a_seven_is_weak_at_one_agency_and_good_at_another() -> None:
    assert rating("AZ:7").grade > rating("Coface:7").grade
    with pytest.raises(BadValueError) as fault:
        rating("7")
    assert str(fault.value) == (
        "'7' names no scale: 7 is weak at Allianz Trade (AZ:7) and good at Coface (Coface:7). Write "
        "the scale before it, own:7 for your own 1 (best) to 10."
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("BBB", "'BBB' names no scale. Write it as S&P:BBB, Coface:7 or own:4."),
        ("S&P BBB+", "'S&P BBB+': put a colon between scale and grade, as in S&P:BBB+."),
        ("Moddy:Baa2", "There is no rating scale 'Moddy'. Did you mean 'Moody's'?"),
        ("Fitch:BBX", "Fitch has no grade 'BBX'. Did you mean 'BB'?"),
        ("AZ:11", "AZ has no grade '11'. It has whole numbers from 1 to 10."),
        ("AZ:7.5", "AZ has no grade '7.5'. It has whole numbers from 1 to 10."),
        ("Atradius:35", "Atradius has no grade '35'. It has good, medium, below."),
        ("D&B:3", "D&B has no grade '3'. It has whole numbers from 1001 to 1875."),
    ],
)
def test_what_is_refused(text, message) -> None:
    with pytest.raises(BadValueError) as fault:
        rating(text)
    assert str(fault.value) == message


def test_every_grade_of_every_scale_is_found() -> None:
    for scale, steps in scales().items():
        for step in steps:
            given = step.text or f"{step.least:g}"
            assert rating(f"{scale}:{given}").grade == step.grade
            assert 1 <= step.grade <= 10


def test_numeric_scales_have_no_hole() -> None:
    for scale, steps in scales().items():
        spans = sorted((step.least, step.most) for step in steps if step.least is not None)
        for (_, end), (begin, _) in itertools.pairwise(spans):
            assert begin == end + 1, scale


def test_no_product_name_of_another_firm_is_used() -> None:
    """Their scores may be read in, never offered under their names."""
    for row in data_rows("rating_scales.csv"):
        assert not {"tradescore", "paydex"} & set(f"{row['scale']} {row['names']}".lower().split())
