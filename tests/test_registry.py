"""Every declared function is complete: help in two languages, units, a doctest, a place."""

import doctest
import inspect
import re

import pytest

from receivables.cells import REGISTRY, find_function, load_functions
from receivables.cells.declare import MAX_TEXT, check_name, reserved, units
from receivables.errors import NotAvailableError
from receivables.resources import data_rows, data_toml_folder

load_functions()
SPECS = [pytest.param(spec, id=name) for name, spec in sorted(REGISTRY.items())]


def test_the_aging_family_is_there() -> None:
    wanted = {"DAYS", "BUCKET", "INDEX", "SUM", "OPEN", "REPORT", "YEARS"}
    assert {f"AGING_{name}" for name in wanted} <= set(REGISTRY)


@pytest.mark.parametrize("spec", SPECS)
def test_help_is_complete_in_two_languages(spec) -> None:
    for key in ("summary", "result", *(arg.name for arg in spec.args)):
        english, chinese = spec.text(key), spec.text(key, "zh")
        assert 0 < len(english) <= MAX_TEXT
        assert 0 < len(chinese) <= MAX_TEXT
        assert re.search(r"[\u4e00-\u9fff]", chinese), f"{spec.name}.{key}: {chinese}"


def test_help_names_nothing_that_does_not_exist() -> None:
    for name, texts in data_toml_folder("help_zh").items():
        known = {"summary", "result", *(arg.name for arg in find_function(name).args)}
        assert set(texts) == known, name


@pytest.mark.parametrize("spec", SPECS)
def test_a_doctest_with_real_numbers(spec) -> None:
    examples = doctest.DocTestParser().get_examples(inspect.getdoc(spec.function) or "")
    assert any(spec.function.__name__ in example.source for example in examples)


def first_word(spec) -> tuple[str, str]:
    return spec.family, spec.name.partition("_")[0]


TOPICS = {("assess", "CREDIT"): {"credit", "limits", "approval"}}
"""First word of a name → its modules, where one would be too long; else there is one."""


@pytest.mark.parametrize("spec", SPECS)
def test_spec(spec) -> None:
    check_name(spec.name)
    assert spec.family in {"assess", "transfer", "monitor", "respond"}
    together = {
        other.topic for other in REGISTRY.values() if first_word(other) == first_word(spec)
    }
    assert together <= TOPICS.get(first_word(spec), {spec.topic}), (
        "names that begin alike stand in one module"
    )
    assert all(arg.unit in units() for arg in spec.args)


def test_as_of_is_always_required() -> None:
    """Where age matters the date is given: nothing falls back on a clock."""
    for spec in REGISTRY.values():
        dates = [arg for arg in spec.args if arg.name == "as_of"]
        assert dates or not spec.name.startswith("AGING_"), spec.name
        assert all(arg.required and not arg.nullable for arg in dates), spec.name


def test_signature() -> None:
    assert find_function("=aging_bucket").signature == (
        "AGING_BUCKET(due_on, as_of, [edges], [issued_on], [terms_days], [day_on_edge])"
    )
    assert find_function("AGING_REPORT").signature == (
        "AGING_REPORT(items, as_of, [by], [edges], [credits], [base], [in_currency], [rates])"
    )


def test_unknown_function() -> None:
    with pytest.raises(NotAvailableError, match="Did you mean AGING_BUCKET"):
        find_function("AGING_BUCKETS")
    with pytest.raises(NotAvailableError, match="`receivables functions` lists"):
        find_function("ZZZ")


def test_unknown_help() -> None:
    with pytest.raises(NotAvailableError, match=r"data/help_zh has no AGING_DAYS.colour"):
        find_function("AGING_DAYS").text("colour", "zh")


def test_tables_of_names_have_a_source() -> None:
    for row in data_rows("reserved.csv"):
        assert row["source"], row["kind"]
        assert row["as_of"], row["kind"]
    assert {"SUM", "XLOOKUP", "ECHO", "CURRENCY", "DATE"} <= set(reserved())


def test_option_words_are_unique_within_their_set() -> None:
    for name in {row["set"] for row in data_rows("options.csv")}:
        words = [
            word.strip().casefold()
            for row in data_rows("options.csv")
            if row["set"] == name
            for word in (
                row["number"],
                row["value"],
                *row["words_en"].split("|"),
                *row["words_zh"].split("|"),
            )
        ]
        assert len(words) == len(set(words)), name
