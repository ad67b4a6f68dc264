"""The stories in docs/ that an accountant reads are run, line by line."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
STORIES = ["three_month_ends.md"]


@pytest.mark.parametrize("story", STORIES)
def test_story(story, tmp_path):
    names = {"folder": tmp_path, "rates": ROOT / "receivables" / "demo" / "reserve.toml"}
    path = ROOT / "docs" / story
    failed, tried = doctest.testfile(str(path), module_relative=False, globs=names)
    assert tried
    assert not failed
