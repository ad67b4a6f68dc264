"""Match keys: what is one, what only looks alike."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.ledger.keys import fold, folded, loose, loose_name, loosened


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("00123 ", "00123"),
        ("\u00a000123", "00123"),
        ("ＡＢＣ１", "abc1"),
        ("Straße", "STRASSE"),
        ("RE  1", "re 1"),
        ("RE\t1", "RE 1"),
    ],
)
def test_one_key(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("00123", "123"), ("RE-1", "RE1"), ("A.1", "A1")])
def test_alike_but_two_keys(one, other):
    assert fold(one) != fold(other)
    assert loose(one) == loose(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller GmbH", "Müller G.m.b.H."),
        ("Müller GmbH", "MUELLER GMBH"),
        ("Café Lyon SARL", "Cafe Lyon S.A.R.L."),
        ("Ostsee-Handel AG", "Ostsee Handel AG"),
        ("Acme Limited", "ACME, Ltd."),
        ("Smith & Sons", "Smith and Sons"),
        ("上海 贸易有限公司", "上海贸易有限公司"),
    ],
)
def test_one_name(one, other):
    assert loose_name(one) == loose_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Acme GmbH", "Acme AG"), ("Meyer", "Meier"), ("上海贸易有限公司", "上海贸易股份有限公司")],
)
def test_two_names(one, other):
    assert loose_name(one) != loose_name(other)


def test_a_name_of_a_legal_form_alone_stays():
    assert loose_name("AG") == ("ag", "")
    assert loose_name("有限公司") == ("有限公司", "")


@given(st.lists(st.none() | st.text(max_size=8), min_size=1, max_size=20))
def test_columns_agree_with_rows(keys):
    column = pl.Series(keys, dtype=pl.String)
    wanted = [None if key is None else fold(key) for key in keys]
    assert folded(column).to_list() == wanted


@given(st.lists(st.text("0123456789-ab/. é", max_size=8), min_size=1, max_size=20))
def test_loose_columns_agree_with_rows(keys):
    folds = [fold(key) for key in keys]
    assert loosened(pl.Series(folds)).to_list() == [loose(key) for key in folds]
