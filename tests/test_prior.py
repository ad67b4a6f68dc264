"""Two agings side by side: nothing is lost that came or went."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.errors import BadValueError
from receivables.monitor.aging import age
from receivables.monitor.buckets import Buckets
from receivables.monitor.prior import compare
from tests.aging_frames import AS_OF, item, opened

BEFORE = date(2026, 9, 30)


def aged(rows, as_of=AS_OF, **options):
    return age(replace(opened(rows), as_of=as_of), **options)


def test_new_gone_and_changed():
    before = aged([item(1, 1, 5, 100), item(2, 2, 5, 70)], BEFORE)
    now = aged([item(1, 1, 5, 40), item(3, 1, None, -5), item(4, 5, 40, 9), item(5, 4, 1, 3)])
    frame = compare(now, before)
    assert frame.select("currency", "customer_id", "name", "state", "open", "open_prior", "open_change").rows() == [
        ("EUR", "00123", "Ångström AB", "", 35, 100, -65),
        ("EUR", "Z9", "Sister GmbH", "new", 9, 0, 9),
        ("JPY", "00123", "Ångström AB", "new", 3, 0, 3),
        ("EUR", "123", "Trading Ltd", "gone", 0, 70, -70),
    ]  # fmt: skip
    assert frame.select("unapplied_change", "b1_prior", "b1_change").row(0) == (-5, 0, 40)
    assert set(frame.columns) >= {
        f"{name}{end}" for name in now.amounts for end in ("", "_prior", "_change")
    }


@given(
    *[
        st.lists(st.tuples(st.integers(1, 5), st.integers(-50, 50).filter(bool)), max_size=8)
        for _ in "ab"
    ]
)
@settings(max_examples=40, deadline=None)
def test_changes_sum_to_the_difference_of_the_totals(one, two):
    now, before = (
        aged(
            [item(number, party, 3, amount) for number, (party, amount) in enumerate(rows)],
            day,
            by=by,
        )
        for rows, day, by in ((one, AS_OF, "document"), (two, BEFORE, "document"))
    )
    frame = compare(now, before)
    assert frame["open_change"].sum() == sum(amount for _, amount in one) - sum(
        amount for _, amount in two
    )
    assert frame["open"].sum() == sum(amount for _, amount in one)
    assert frame["open_prior"].sum() == sum(amount for _, amount in two)


def test_two_documents_of_one_number_do_not_multiply():
    rows = [item(1, 1, 5, 100), item(2, 1, 5, 50)]
    same = {"document_no": ["X", "X"], "instalment": [None, None]}
    now, before = (
        age(replace(opened(rows, details=same), as_of=day), by="document")
        for day in (AS_OF, BEFORE)
    )
    frame = compare(now, before)
    assert frame.select("open", "open_prior", "open_change").rows() == [(150, 150, 0)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": "country"}, "differ in by"),
        ({"buckets": Buckets.parse("15")}, "differ in labels"),
        ({"credits": "own"}, "differ in credits"),
        ({"base": "issued"}, "differ in base"),
        ({"as_of": AS_OF}, "not before 2026-10-31. Give an earlier date"),
    ],
)
def test_refuses_what_cannot_be_compared(options, message):
    with pytest.raises(BadValueError, match=message):
        compare(
            aged([item(1, 1, 5, 1)]), aged([item(1, 1, 5, 1)], **({"as_of": BEFORE} | options))
        )
