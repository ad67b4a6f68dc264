"""Parts of the .xlam and its twin: what Excel refuses a file for."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePosixPath

import openpyxl
import pytest
from lxml import etree
from receivables_addin.excel.build import addin_content, all_functions, help_rows, settings_rows
from receivables_addin.excel.package import Sheet, Workbook
from receivables_addin.excel.twin import build_twin

from tests.vba_readers import opened

RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module", params=[".xlam", ".xlsm"])
def parts(request, tmp_path_factory) -> dict[str, bytes]:
    """Parts of the add-in and of its twin."""
    content = addin_content()
    if request.param == ".xlsm":
        path = tmp_path_factory.mktemp("twin") / "twin.xlsm"
        content = build_twin(path, ["=1+1"]).read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        found = {name: archive.read(name) for name in archive.namelist()}
    return {"ending": request.param.encode(), **found}


@pytest.fixture(scope="module")
def addin() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(addin_content())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def relations(parts: dict[str, bytes], part: str) -> dict[str, tuple[str, str]]:
    """Id → type and part, of one part's relationships."""
    path = PurePosixPath(part)
    root = etree.fromstring(parts[str(path.parent / "_rels" / f"{path.name}.rels")])
    return {
        one.get("Id"): (one.get("Type"), str(path.parent / one.get("Target")))
        for one in root.iter(f"{RELATIONS}Relationship")
    }


def test_every_part_is_well_formed_xml(parts) -> None:
    for name, data in parts.items():
        if name.endswith((".xml", ".rels")):
            etree.fromstring(data)


def test_the_content_type_belongs_to_the_ending(parts) -> None:
    kinds = dict(re.findall(r'PartName="([^"]+)" ContentType="([^"]+)"', parts["[Content_Types].xml"].decode()))  # fmt: skip
    kind = {b".xlam": "addin", b".xlsm": "sheet"}[parts["ending"]]
    assert kinds["/xl/workbook.xml"] == f"application/vnd.ms-excel.{kind}.macroEnabled.main+xml"


def test_every_part_has_a_content_type(parts) -> None:
    text = parts["[Content_Types].xml"].decode()
    named = {part.removeprefix("/") for part in re.findall(r'PartName="([^"]+)"', text)}
    endings = set(re.findall(r'Extension="([^"]+)"', text))
    files = set(parts) - {"ending", "[Content_Types].xml"}
    assert named <= files
    assert {name for name in files - named if name.rpartition(".")[2] not in endings} == set()


@pytest.mark.parametrize("part", ["", "xl/workbook.xml", "customUI/customUI14.xml"])
def test_relationships_lead_to_parts(addin, part) -> None:
    for _, target in relations(addin, part).values():
        assert target in addin


def test_the_ribbon_is_found_by_its_2009_part(addin) -> None:
    """The namespace of 2009 and the relationship of 2007 belong together."""
    by_type = dict(relations(addin, "").values())
    kind = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
    assert by_type[kind] == "customUI/customUI14.xml"
    root = etree.fromstring(addin["customUI/customUI14.xml"])
    assert root.tag == "{http://schemas.microsoft.com/office/2009/07/customui}customUI"


def test_the_project_is_related_as_microsofts_own_type(parts) -> None:
    by_type = dict(relations(parts, "xl/workbook.xml").values())
    kind = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
    assert by_type[kind] == "xl/vbaProject.bin"


def code_names(parts: dict[str, bytes]) -> list[str]:
    workbook = etree.fromstring(parts["xl/workbook.xml"])
    names = [one.get("codeName") for one in workbook.iter(f"{MAIN}workbookPr")]
    for part in sorted(name for name in parts if name.startswith("xl/worksheets/sheet")):
        found = etree.fromstring(parts[part]).findall(f"{MAIN}sheetPr")
        assert len(found) == 1, part
        names.append(found[0].get("codeName"))
    return names


def test_every_sheet_has_its_module_and_every_document_module_its_sheet(parts) -> None:
    text = opened(parts["xl/vbaProject.bin"]).openstream("PROJECT").read().decode("cp1252")
    documents = re.findall(r"^Document=(\w+)/&H00000000\r?$", text, re.MULTILINE)
    assert sorted(code_names(parts)) == sorted(documents)


def states(parts: dict[str, bytes]) -> dict[str, str]:
    root = etree.fromstring(parts["xl/workbook.xml"])
    return {one.get("name"): one.get("state", "visible") for one in root.iter(f"{MAIN}sheet")}


def test_one_sheet_is_visible_the_texts_are_not(addin) -> None:
    assert states(addin) == {"receivables.conf": "visible", "Texts": "hidden", "Help": "hidden"}


def test_the_add_in_holds_no_formula(addin) -> None:
    sheets = [data for name, data in addin.items() if name.startswith("xl/worksheets/")]
    assert len(sheets) == 3
    assert all(b"<f>" not in data for data in sheets)


def test_parts_carry_no_date_of_today() -> None:
    with zipfile.ZipFile(io.BytesIO(addin_content())) as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {one.create_system for one in archive.infolist()} == {3}, "on Windows too"


def test_another_reader_sees_the_same_texts() -> None:
    content = io.BytesIO(addin_content())
    with zipfile.ZipFile(content) as archive, zipfile.ZipFile(plain := io.BytesIO(), "w") as out:
        for name in archive.namelist():  # openpyxl refuses add-ins by their content type
            data = archive.read(name).replace(b"addin.macroEnabled", b"sheet.macroEnabled")
            out.writestr(name, data)
    book = openpyxl.load_workbook(plain)
    rows = [tuple(cell or "" for cell in row) for row in book["Help"].iter_rows(values_only=True)]
    assert rows == [(*row, "", "", "", "", "", "")[:6] for row in help_rows(all_functions())]
    assert list(book["receivables.conf"].iter_rows(values_only=True)) == settings_rows()


def sheet_xml(sheet: Sheet) -> str:
    packed = Workbook([sheet], b"").packed(".xlsm")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize(("formulas", "cell"), [(True, "<f>1+1</f>"), (False, ">=1+1</t>")])
def test_text_is_a_formula_only_where_formulas_are_meant(formulas, cell) -> None:
    assert cell in sheet_xml(Sheet("A", "SheetA", [["=1+1"]], formulas=formulas))


def test_markup_in_a_text_stays_text() -> None:
    assert "a &lt; b &amp; c" in sheet_xml(Sheet("A", "SheetA", [["a < b & c"]]))


def test_a_file_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match=r"none of \.xlam, \.xlsm"):
        Workbook([Sheet("A", "SheetA", [])], b"").packed(".xlsx")


def test_a_workbook_of_hidden_sheets_is_refused() -> None:
    with pytest.raises(ValueError, match="one sheet must not be hidden"):
        Workbook([Sheet("A", "SheetA", [], hidden=True)], b"").packed(".xlam")
