"""Whatever a user and the months do to a workbook: every note stays, every sum ties."""

from datetime import date

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.book_reading import faults
from tests.filling import (
    archived,
    area,
    body,
    edited,
    fresh,
    load_workbook_of,
    own_column,
    refreshed,
    report,
    rows_put_in,
    sorted_by,
    typed,
)

CUSTOMERS = ["00123", "00200", "9", "10", "77", "C-5"]
months = st.lists(
    st.tuples(st.sampled_from(CUSTOMERS), st.integers(-10_000, 10_000_000)),
    max_size=6, unique_by=lambda pair: pair[0],
)  # fmt: skip
steps = st.one_of(
    st.tuples(st.just("refresh"), months),
    st.tuples(st.just("sort"), st.sampled_from([0, 1, 2]), st.booleans()),
    st.tuples(st.just("note"), st.sampled_from(CUSTOMERS), st.text("aé& <\"'_x", min_size=1)),
    st.tuples(st.just("rows"), st.integers(1, 14), st.sampled_from([1, 2])),
    st.tuples(st.just("delete"), st.integers(0, 5)),
)


def rows_of(month):
    return [(key, f"Name of {key}", minor, date(2026, 1, 2)) for key, minor in month]


@settings(
    max_examples=12, deadline=None, suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)  # fmt: skip
@example(
    first=[(key, 100) for key in CUSTOMERS],
    actions=[("rows", 10, 2), ("delete", 4), ("delete", 1)],
)
@given(first=months, actions=st.lists(steps, max_size=6))
def test_every_note_stays_and_every_sum_ties(first, actions):
    data = edited(fresh(report(rows_of(first))), own_column())
    notes = {row[0]: row[-1] for row in body(data) if row[0] is not None}
    blank = [row[-1] for row in body(data) if row[0] is None]
    kept: set[str] = set(blank)
    for action in [*actions, ("refresh", first)]:
        match action:
            case ("sort", column, down):
                data = edited(data, sorted_by(column, down=down))
            case ("note", key, text):
                data = edited(data, typed(key, text))
                if any(row[0] == key for row in body(data)):
                    notes[key] = text
            case ("rows", row, count):
                data = edited(data, rows_put_in(row, count))
            case ("delete", place):
                data, taken = without_row(data, place)
                notes.pop(taken, None)
            case ("refresh", month):
                data = checked(data, month, notes, kept)


def without_row(data, place):
    """The user deletes one of several rows of the table."""
    sheet = load_workbook_of(data)["Aging"]
    top, bottom, _, _ = area(sheet, "Aging")
    if bottom - top < 2:
        return data, None
    row = top + 1 + place % (bottom - top)
    return edited(data, rows_put_in(row, -1)), sheet.cell(row, 1).value


def checked(data, month, notes, kept):
    """Refresh, and look at everything."""
    rows = rows_of(month)
    data, _, _ = refreshed(data, report(rows))
    assert faults(data) == []
    shown = body(data)
    assert [row[0] for row in shown if row[0]] == [key for key, _ in month]
    assert sum(round(row[2] * 100) for row in shown if row[2]) == sum(minor for _, minor in month)
    present = {key for key, _ in month}
    for key in list(notes):
        if key not in present:
            kept.add(notes.pop(key))
    assert {row[0]: row[4] for row in shown if row[0] and row[4]} == {
        k: v for k, v in notes.items() if v
    }
    told = {row[5] for row in archived(data)}
    assert {text for text in kept if text} <= told | {row[4] for row in shown}
    again, done, changed = refreshed(data, report(rows))
    assert not done.changed
    assert changed == {}
    assert again == data
    return data
