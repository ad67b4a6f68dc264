"""Workbooks as their owners fill them, refreshed in place: nothing is lost, every part accounted for."""

from __future__ import annotations

import io
import re
import subprocess
import warnings
from pathlib import Path

import openpyxl
import pytest

from receivables.book.fill import Filled, fill, filled_bytes
from receivables.book.refuse import Refused, check_free, sheet_parts
from receivables.book.structure import render
from receivables.ledger.xlsxparts import relations_of
from tests.zoo import formulas, kinds, lint, programs, shapes, tables
from tests.zoo.bag import Bag
from tests.zoo.months import OCTOBER, OPEN, SEPTEMBER, month
from tests.zoo.months import rows as rows_of
from tests.zoo.trace import Trace

ANIMALS = {
    animal.__name__: animal
    for house in (shapes, tables, programs, formulas)
    for animal in house.ANIMALS
}
TOTAL = sum(OPEN[OCTOBER].values()) / 100


def home() -> Bag:
    """Our workbook after its first refresh, and a sheet of the user's that works with it."""
    bag = Bag.of(filled_bytes(month(SEPTEMBER)))
    mine = bag.add_sheet("Mine")
    cells = {
        1: "SUM(Aging!B6:B10)",
        2: "Aging!B7",
        3: "Aging!B8",
        4: "SUM(Aging!B13:B15)",
        5: "A1*2",
    }
    for row, formula in cells.items():
        bag.cells(mine, row, {"A": f"<f>{formula}</f><v>0</v>"})
    text = bag.text(bag.sheet("Aging")).replace(
        '<c r="E7" s="7"/>', '<c r="E7" s="7" t="inlineStr"><is><t>rang twice</t></is></c>'
    )
    bag.parts[bag.sheet("Aging")] = text.encode()
    return bag


def refreshed(bag: Bag, as_of=OCTOBER, most: int = 99) -> tuple[Bag, Filled]:
    specs = month(as_of, most)
    held = io.BytesIO()
    made = render(specs, held)
    book = bag.package()
    check_free(book, [table.name for spec in specs for table in spec.tables])
    filled = fill(book, Bag.of(held.getvalue()).package(), specs, as_of=as_of, made=made)
    out = io.BytesIO()
    book.save(out)
    return Bag.of(out.getvalue()), filled


def changes(before: Bag, after: Bag) -> set[str]:
    return {
        name
        for name in before.parts.keys() | after.parts.keys()
        if before.parts.get(name) != after.parts.get(name)
    }


@pytest.fixture(scope="module")
def usual() -> tuple[Bag, Bag, set[str]]:
    """The workbook without animals, and the parts that any refresh changes."""
    bag = home()
    after, _ = refreshed(bag)
    return bag, after, changes(bag, after)


@pytest.fixture(scope="module")
def zoo(usual) -> dict[str, tuple[Bag, Bag, Filled, Trace]]:
    found = {}
    for name, animal in ANIMALS.items():
        bag = usual[0].copy()
        trace = animal(bag)
        after, filled = refreshed(bag)
        found[name] = (bag, after, filled, trace)
    return found


def test_a_usual_refresh_touches_what_it_must(usual):
    bag, _, touched = usual
    assert touched == {
        "xl/workbook.xml", "xl/tables/table1.xml", "xl/tables/table2.xml", "xl/charts/chart1.xml",
        bag.sheet("Aging"), bag.sheet("Close"), bag.sheet("Mine"),
    }  # fmt: skip


@pytest.mark.parametrize("name", ANIMALS)
def test_every_part_is_accounted_for(usual, zoo, name: str):
    bag, after, filled, trace = zoo[name]
    touched = changes(bag, after) - _archive_parts(after)
    assert touched == usual[2] | trace.touched | trace.removed
    assert list(bag.parts) == [
        part for part in [*after.parts, *trace.removed] if part in bag.parts
    ] or set(bag.parts) - trace.removed <= set(after.parts)
    assert filled.changed


@pytest.mark.parametrize("name", ANIMALS)
def test_the_animal_is_well(zoo, name: str):
    _, after, _, trace = zoo[name]
    for part, text in trace.texts:
        assert text in after.text(part), f"{part} holds no {text}"
    for part, text in trace.absent:
        assert text not in after.text(part)


@pytest.mark.parametrize("name", ANIMALS)
def test_our_figures_are_right(zoo, name: str):
    _, after, _, trace = zoo[name]
    book = opened(after.content())
    rows = _table(book["Aging"], "Aging")
    assert {row["Customer"]: row["Open"] for row in rows} == {
        key: value / 100 for key, value in OPEN[OCTOBER].items()
    }
    notes = {row["Customer"]: row["Note"] for row in rows if row["Note"]}
    assert notes == {"K-2": "rang twice"} | trace.notes
    archived = _texts(book["Archived notes"]) if "Archived notes" in book.sheetnames else ""
    for text in trace.archived:
        assert text in archived


@pytest.mark.parametrize("name", ANIMALS)
def test_nothing_is_left_to_repair(zoo, name: str):
    before, after, _, _ = zoo[name]
    assert lint.faults(before) == []
    assert lint.faults(after) == []


BROKEN = {
    "points to": lambda bag, _: bag.parts.pop("xl/charts/chart1.xml"),
    "has no type": lambda bag, _: bag.put("xl/odd.part", "<a/>"),
    "after row": lambda bag, part: bag.swap(part, '<row r="7"', '<row r="3"'),
    "in row 8": lambda bag, part: bag.swap(part, 'r="B8"', 'r="B9"'),
    "wrong order": lambda bag, part: bag.swap(part, 'r="B8"', 'r="E8"'),
    "unknown style": lambda bag, part: bag.swap(part, 'r="B8" s="3"', 'r="B8" s="999"'),
    "in a wrong order": lambda bag, part: bag.swap(
        part, "<pageMargins", "<mergeCells/><pageMargins"
    ),
    "heading": lambda bag, _: bag.swap("xl/tables/table1.xml", 'name="Note"', 'name="Other"'),
    "columns in": lambda bag, _: bag.swap("xl/tables/table1.xml", 'ref="A5:E', 'ref="A5:F'),
    "overlap": lambda bag, _: bag.swap("xl/tables/table2.xml", 'ref="A12:B15', 'ref="A9:B15'),
    "merged across": lambda bag, part: bag.behind_rows(
        part, '<mergeCells count="1"><mergeCell ref="A7:B8"/></mergeCells>'
    ),
    "name total twice": lambda bag, _: (bag.name("Total", "1"), bag.name("total", "2")),
}


@pytest.mark.parametrize("told", BROKEN)
def test_what_excel_would_repair_is_seen(usual, told: str):
    bag = usual[0].copy()
    BROKEN[told](bag, bag.sheet("Aging"))
    assert any(told in fault for fault in lint.faults(bag)), lint.faults(bag)


@pytest.mark.parametrize("name", ANIMALS)
def test_a_second_refresh_changes_nothing(zoo, name: str):
    _, after, _, _ = zoo[name]
    again, filled = refreshed(after)
    assert changes(after, again) == set()
    assert not filled.changed


@pytest.mark.parametrize("name", ANIMALS)
def test_there_and_back_again(zoo, name: str):
    _, after, _, trace = zoo[name]
    back, filled = refreshed(after, SEPTEMBER)
    rows = _table(opened(back.content())["Aging"], "Aging")
    assert {row["Customer"]: row["Open"] for row in rows} == {
        key: value / 100 for key, value in OPEN[SEPTEMBER].items()
    }
    assert {row["Customer"]: row["Note"] for row in rows if row["Note"]} == {
        "K-2": "rang twice", **trace.notes,
    }  # fmt: skip
    assert lint.faults(back) == []
    assert filled.archived == 0


RANGES = re.compile(r"<c:f>Aging!\$B\$6(?::\$B\$(\d+))?</c:f>")


@pytest.mark.parametrize(
    ("customers", "last_rows"),
    [([5, 2, 8], ["8", "7", "8"]), ([2, 8], ["7", "8"]), ([1, 2, 3, 4], [None, "7", "8", "8"])],
)
def test_a_chart_of_the_largest_three_shows_three_again(customers, last_rows):
    bag = Bag.of(filled_bytes(month(OCTOBER, customers[0])))
    seen = [RANGES.search(bag.text("xl/charts/chart1.xml"))[1]]
    for most in customers[1:]:
        bag, _ = refreshed(bag, OCTOBER, most)
        seen += [RANGES.search(bag.text("xl/charts/chart1.xml"))[1]]
    assert seen == last_rows


def test_a_chart_that_the_user_made_longer_stays_so():
    bag = home()
    chart = "xl/charts/chart1.xml"
    bag.parts[chart] = (
        bag.parts[chart].replace(b"$B$6:$B$8", b"$B$6:$B$10").replace(b"$A$6:$A$8", b"$A$6:$A$10")
    )
    assert RANGES.search(refreshed(bag)[0].text(chart))[1] == "13"


def test_a_sheet_that_the_user_renamed_is_followed():
    bag = home()
    for name in [*bag.parts]:
        if name.startswith("xl/") and name.endswith(".xml"):
            text = re.sub(r"(?:'Aging'|Aging)!", "'Alter &amp; Co''s'!", bag.text(name))
            bag.parts[name] = text.replace(
                'name="Aging" sheetId', 'name="Alter &amp; Co\'s" sheetId'
            ).encode()
    after, _ = refreshed(bag)
    assert "<f>SUM('Alter &amp; Co''s'!B6:B13)</f>" in after.text(after.sheet("Mine"))
    assert "<c:f>'Alter &amp; Co''s'!$B$6:$B$8</c:f>" in after.text("xl/charts/chart1.xml")
    assert '<c:pt idx="0"><c:v>140.0</c:v>' in after.text("xl/charts/chart1.xml")
    assert lint.faults(after) == []
    assert not refreshed(after)[1].changed


KINDS = (kinds.mac_dates, kinds.strict, kinds.prefixed, kinds.with_mark)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Bag, Bag]]:
    """The workbook as each program saves it, and refreshed."""
    bags = {kind.__name__: kind(home()) for kind in KINDS}
    bags["libreoffice"] = kinds.by_libreoffice(home(), tmp_path_factory.mktemp("office"))
    return {name: (bag, refreshed(bag)[0]) for name, bag in bags.items()}


@pytest.mark.parametrize("name", [kind.__name__ for kind in KINDS])
def test_other_ways_to_save_touch_no_other_part(usual, saved, name: str):
    assert changes(*saved[name]) == usual[2]


def test_other_ways_to_save_leave_nothing_to_repair(saved):
    for name, (_, after) in saved.items():
        assert lint.faults(after) == [], name


def test_a_part_in_strict_form_stays_so(saved):
    before, after = saved["strict"]
    for name, data in after.parts.items():
        assert b"schemas.openxmlformats.org/spreadsheetml" not in data, name
        if name in before.parts:
            assert data.count(b"xmlns") == before.parts[name].count(b"xmlns"), name


@pytest.mark.parametrize("name", ["mac_dates", "prefixed", "with_mark", "libreoffice"])
def test_any_program_reads_the_new_figures(saved, name: str):
    rows = _table(opened(saved[name][1].content())["Aging"], "Aging")
    assert {row["Customer"]: row["Open"] for row in rows} == {
        key: value / 100 for key, value in OPEN[OCTOBER].items()
    }
    assert [row["Due on"].date() for row in rows] == rows_of(OCTOBER)["due_on"].to_list()
    assert {row["Customer"]: row["Note"] for row in rows if row["Note"]} == {"K-2": "rang twice"}


@pytest.mark.parametrize("name", [*(kind.__name__ for kind in KINDS), "libreoffice"])
def test_a_second_refresh_changes_nothing_there_either(saved, name: str):
    again, filled = refreshed(saved[name][1])
    assert changes(saved[name][1], again) == set()
    assert not filled.changed


def test_a_workbook_without_its_tables_is_refused():
    bag = kinds.without_tables(home())
    with pytest.raises(Refused, match="table Aging on sheet 'Aging' is no table any more"):
        refreshed(bag)


@pytest.fixture(scope="module")
def calculated(
    zoo, saved, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, openpyxl.Workbook]:
    """Every workbook as LibreOffice calculates it, stored results taken out first."""
    folder: Path = tmp_path_factory.mktemp("zoo")
    paths = []
    bags = {name: found[1] for name, found in zoo.items()}
    bags |= {name: found[1] for name, found in saved.items()}
    for name, after in bags.items():
        bare = after.copy()
        for part in bare.parts:
            if part.startswith("xl/worksheets/sheet"):
                bare.parts[part] = re.sub(
                    rb"(</(?:x:)?f>)<(?:x:)?v>[^<]*</(?:x:)?v>", rb"\1", bare.parts[part]
                )
        path = folder / f"{name}.xlsx"
        path.write_bytes(bare.content())
        paths.append(str(path))
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder}/office", "--headless",
         "--convert-to", "xlsx", "--outdir", str(folder / "out"), *paths],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    return {name: opened((folder / "out" / f"{name}.xlsx").read_bytes()) for name in bags}


@pytest.mark.parametrize("name", [*ANIMALS, *(kind.__name__ for kind in KINDS), "libreoffice"])
def test_libreoffice_calculates_the_same(zoo, calculated, name: str):
    book = calculated[name]
    assert book["Aging"]["B4"].value == pytest.approx(TOTAL)
    mine = book["Mine"]
    assert mine["A1"].value == pytest.approx(TOTAL)
    assert mine["A2"].value == pytest.approx(70.05)
    assert mine["A3"].value == "#REF!"
    assert mine["A5"].value == pytest.approx(2 * TOTAL)
    for cell, value in zoo[name][3].values.items() if name in zoo else ():
        assert mine[cell].value == pytest.approx(value), cell


def opened(content: bytes) -> openpyxl.Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it warns of what it would lose
        return openpyxl.load_workbook(io.BytesIO(content), data_only=True)


def _table(sheet, name: str) -> list[dict]:
    heading, *rows = [[cell.value for cell in row] for row in sheet[sheet.tables[name].ref]]
    return [dict(zip(heading, row, strict=True)) for row in rows]


def _texts(sheet) -> str:
    return "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)


def _archive_parts(after: Bag) -> set[str]:
    """Parts that a sheet of archived notes brings, where there is one."""
    part = sheet_parts(after.package()).get("Archived notes")
    if part is None:
        return set()
    related = {item.target for item in after.package().relations(part)}
    lists = {"[Content_Types].xml", "xl/_rels/workbook.xml.rels", "customXml/item1.xml"}
    return {part, relations_of(part), *related, *lists}
