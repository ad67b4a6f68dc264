"""The VBA project file, record by record, as Excel needs it (MS-OVBA, MS-CFB)."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import olefile
import pytest
from receivables_addin.excel.cfb import compound_file, sort_key
from receivables_addin.excel.ovba import compress, decrypt, encrypt
from receivables_addin.excel.project import Module, Project, ProjectError

from tests.vba_readers import decompressed, opened

NO_STREAM = 0xFFFFFFFF
MODULES = (
    Module("ThisWorkbook", "workbook", "Private Sub Workbook_Open()\nEnd Sub"),
    Module("Sheet1", "sheet"),
    Module("Watch", "class", "Public WithEvents App As Application"),
    Module("Texts", "standard", "Option Explicit\n' Zürich – 5 €\n"),
)
PROJECT = Project("Receivables", MODULES, "Credit control")


def stream(project: Project, name: str) -> bytes:
    return opened(project.vba_project_bin()).openstream(name).read()


def source(project: Project, module: str) -> str:
    return decompressed(stream(project, f"VBA/{module}")).decode(f"cp{project.code_page}")


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        number, size = struct.unpack_from("<HI", data, at)
        size += 2 if number == 0x09 else 0
        yield number, data[at + 6 : at + 6 + size]
        at += 6 + size


# --- compression


@pytest.mark.parametrize("size", [0, 1, 2, 3, 17, 4095, 4096, 4097, 12_288, 20_001])
@pytest.mark.parametrize("kind", ["zeros", "text", "noise"])
def test_what_is_compressed_is_read_back_by_olevba(kind, size) -> None:
    text = b"Public Function AGING_DAYS(due_on As Variant)\r\n"
    noise = bytes((at * at * 7 + at // 3) % 251 for at in range(size))
    data = {"zeros": bytes(size), "text": (text * size)[:size], "noise": noise}[kind]
    read = decompressed(compress(data))
    assert read[:size] == data
    assert not read[size:].strip(b"\0"), "only a last raw chunk is filled up, with zeros"


def test_text_becomes_smaller() -> None:
    text = Path(__file__).read_bytes()
    assert len(compress(text)) < 0.6 * len(text)


def test_noise_is_kept_in_raw_chunks_of_full_size() -> None:
    noise = bytes((at * 167 + (at * at >> 3) ^ at) & 0xFF for at in range(4096))
    packed = compress(noise)
    if len(packed) > 4098:
        assert struct.unpack_from("<H", packed, 1) == (0x3FFF,)
    assert decompressed(packed) == noise


# --- encryption


@pytest.mark.parametrize("seed", range(0, 256, 5))
@pytest.mark.parametrize("data", [bytes(4), b"\0", b"\xff", b"secret"])
def test_encrypted_and_back(data, seed) -> None:
    assert decrypt(encrypt(data, "{AB}", seed), "{AB}") == data


def test_another_projects_protection_is_refused() -> None:
    with pytest.raises(ValueError, match="does not belong to the project"):
        decrypt(encrypt(b"\xff", "{AB}"), "{AC}")


def protection(project_stream: str) -> dict[str, str]:
    lines = dict(line.split("=", 1) for line in project_stream.splitlines() if "=" in line)
    identifier = lines["ID"].strip('"')
    return {key: decrypt(lines[key].strip('"'), identifier).hex() for key in ("CMG", "DPB", "GC")}


def shipped(name: str) -> olefile.OleFileIO:
    """The project of an add-in that xlwings ships and Excel opens; Excel did not write it either."""
    with zipfile.ZipFile(str(distribution("xlwings").locate_file(f"xlwings/{name}"))) as archive:
        return olefile.OleFileIO(io.BytesIO(archive.read("xl/vbaProject.bin")))


def test_protection_reads_like_that_of_an_add_in_that_excel_opens() -> None:
    theirs = shipped("quickstart_addin_ribbon.xlam").openstream("PROJECT").read().decode("cp1252")
    ours = stream(PROJECT, "PROJECT").decode("cp1252")
    assert protection(theirs) == protection(ours) == {"CMG": "00000000", "DPB": "00", "GC": "ff"}


def test_records_stand_as_in_an_add_in_that_excel_opens() -> None:
    """Project, two references, then each module: the same records in the same order."""
    theirs = shipped("addin/xlwings.xlam")
    assert theirs.openstream("VBA/_VBA_PROJECT").read() == stream(PROJECT, "VBA/_VBA_PROJECT")
    shapes = [shape(theirs.openstream("VBA/dir").read()), shape(stream(PROJECT, "VBA/dir"))]
    assert shapes[0] == shapes[1]


def shape(packed: bytes) -> tuple[list[int], set[tuple[int, ...]]]:
    """Numbers of the records before the first module, and those of every module."""
    numbers = [number for number, _ in records(decompressed(packed))]
    first = numbers.index(0x19)
    modules, closing = [], numbers[first:-1]
    while closing:
        end = closing.index(0x2B) + 1
        modules.append(tuple(closing[:end]))
        closing = closing[end:]
    return [*numbers[:first], numbers[-1]], set(modules)


# --- the container


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 511, 512, 4095, 4096, 4097, 70_000])
def test_streams_of_every_size_come_back(size) -> None:
    data = bytes(at % 251 for at in range(size))
    read = opened(compound_file({"a": data, "VBA": {"b": data, "empty": b""}, "PROJECT": b"x"}))
    assert read.openstream("a").read() == read.openstream("VBA/b").read() == data
    assert read.openstream("VBA/empty").read() == b""


def siblings(entries: list, number: int) -> Iterator[tuple[int, int]]:
    """Numbers of a storage's children in order, each with its count of black ones up to the top."""
    if number == NO_STREAM:
        return
    entry = entries[number]
    black = entry.color == 1
    for child in (entry.sid_left, entry.sid_right):
        if child != NO_STREAM:
            assert black or entries[child].color == 1, "no red entry below a red one"
    for at, count in siblings(entries, entry.sid_left):
        yield at, count + black
    yield number, int(black)
    for at, count in siblings(entries, entry.sid_right):
        yield at, count + black


def black_heights(entries: list, number: int) -> set[int]:
    if number == NO_STREAM:
        return {0}
    entry = entries[number]
    below = black_heights(entries, entry.sid_left) | black_heights(entries, entry.sid_right)
    return {height + (entry.color == 1) for height in below}


@pytest.mark.parametrize("count", [*range(1, 20), 31, 32, 33, 100])
def test_the_directory_is_a_sorted_red_black_tree(count) -> None:
    """Excel looks names up in it: an unsorted directory is a damaged file."""
    names = [f"{'m' * (at % 7)}odule{at}" for at in range(count)]
    read = opened(compound_file(dict.fromkeys(names, b"x")))
    top = read.root.sid_child
    assert read.direntries[top].color == 1, "the top is black"
    order = [read.direntries[at].name for at, _ in siblings(read.direntries, top)]
    assert order == sorted(names, key=sort_key)
    assert len(black_heights(read.direntries, top)) == 1, "every way down has as many black ones"


def test_shorter_names_come_first_whatever_their_letters() -> None:
    assert sorted(["aaa", "ZZ", "b", "Aab"], key=sort_key) == ["b", "ZZ", "aaa", "Aab"]


@pytest.mark.parametrize("name", ["", "m" * 32, "😀" * 16])
def test_a_name_the_directory_cannot_hold(name) -> None:
    with pytest.raises(ValueError, match="no name of an entry"):
        compound_file({name: b"x"})


def test_names_that_differ_by_case_only() -> None:
    with pytest.raises(ValueError, match="differ by case only"):
        compound_file({"Texts": b"x", "TEXTS": b"y"})


def test_a_file_beyond_the_header_is_refused_not_damaged() -> None:
    with pytest.raises(ValueError, match="7 MB"):
        compound_file({"a": bytes(8_000_000)})


# --- the project


def test_storages_and_streams() -> None:
    read = opened(PROJECT.vba_project_bin())
    modules = [["VBA", module.name] for module in MODULES]
    expected = [["PROJECT"], ["PROJECTwm"], ["VBA", "_VBA_PROJECT"], ["VBA", "dir"], *modules]
    assert sorted(read.listdir()) == sorted(expected)
    assert all(read.get_size(path) for path in read.listdir()), "an empty stream cannot be opened"


def test_version_tells_excel_to_compile_the_source() -> None:
    assert stream(PROJECT, "VBA/_VBA_PROJECT").hex() == "cc61ffff000100"


def test_records_of_the_dir_stream() -> None:
    read = list(records(decompressed(stream(PROJECT, "VBA/dir"))))
    project = [0x01, 0x02, 0x14, 0x03, 0x04, 0x05, 0x40, 0x06, 0x3D, 0x07, 0x08, 0x09, 0x0C, 0x3C]
    references = [0x16, 0x3E, 0x0D] * 2
    module = [0x19, 0x47, 0x1A, 0x32, 0x1C, 0x48, 0x31, 0x1E, 0x2C]
    modules = [number for kind in (0x22, 0x22, 0x22, 0x21) for number in (*module, kind, 0x2B)]
    expected = [*project, *references, 0x0F, 0x13, *modules, 0x10]
    assert [number for number, _ in read] == expected


def dir_values() -> dict[int, list[bytes]]:
    found: dict[int, list[bytes]] = {}
    data = decompressed(stream(PROJECT, "VBA/dir"))
    for number, body in records(data):
        found.setdefault(number, []).append(body)
    return found


@pytest.mark.parametrize(
    ("number", "what", "expected"),
    [
        (0x01, "SYSKIND", ["01000000"]),
        (0x02, "LCID", ["09040000"]),
        (0x14, "LCIDINVOKE", ["09040000"]),
        (0x03, "CODEPAGE 1252", ["e404"]),
        (0x04, "NAME", [b"Receivables".hex()]),
        (0x40, "DOCSTRING", ["Credit control".encode("utf-16-le").hex()]),
        (0x08, "LIBFLAGS", ["00000000"]),
        (0x09, "VERSION of six bytes", ["83f7ee610300"]),
        (0x0F, "count of modules", ["0400"]),
        (0x13, "COOKIE", ["ffff"]),
        (0x31, "MODULEOFFSET: the source begins at once", ["00000000"] * 4),
        (0x2C, "COOKIE of a module", ["ffff"] * 4),
        (0x10, "end", [""]),
    ],
)
def test_values_of_the_dir_stream(number, what, expected) -> None:
    assert [body.hex() for body in dir_values()[number]] == expected, what


def test_names_stand_in_the_code_page_and_in_utf_16() -> None:
    values = dir_values()
    names = [module.name for module in MODULES]
    assert [name.decode("cp1252") for name in values[0x19]] == names
    assert [name.decode("cp1252") for name in values[0x1A]] == names
    assert [name.decode("utf-16-le") for name in values[0x47]] == names
    assert [name.decode("utf-16-le") for name in values[0x32]] == names


def test_references_name_their_libraries() -> None:
    values = dir_values()
    assert values[0x16] == [b"stdole", b"Office"]
    for body in values[0x0D]:
        (size,) = struct.unpack_from("<I", body)
        assert body[4 : 4 + size].startswith(b"*\\G{")
        assert body[4 + size :] == bytes(6)


def test_the_project_stream() -> None:
    lines = stream(PROJECT, "PROJECT").decode("cp1252").split("\r\n")
    assert lines[0] == f'ID="{PROJECT.project_id}"'
    assert lines[1:5] == [
        "Document=ThisWorkbook/&H00000000",
        "Document=Sheet1/&H00000000",
        "Class=Watch",
        "Module=Texts",
    ]
    assert lines[5:9] == [
        'Name="Receivables"',
        'HelpContextID="0"',
        'Description="Credit control"',
        'VersionCompatible32="393222000"',
    ]
    assert [line.partition("=")[0] for line in lines[9:12]] == ["CMG", "DPB", "GC"]
    assert lines[12:] == [
        "",
        "[Host Extender Info]",
        "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000",
        "",
        "[Workspace]",
        *(f"{module.name}=0, 0, 0, 0, C" for module in MODULES),
        "",
    ]


def test_projectwm_is_not_compressed() -> None:
    """Excel 1708 began to drop projects whose PROJECTwm was."""
    pairs = (f"{module.name}\0".encode() + f"{module.name}\0".encode("utf-16-le") for module in MODULES)  # fmt: skip
    assert stream(PROJECT, "PROJECTwm") == b"".join(pairs) + b"\0\0"


def test_the_name_decides_the_id_and_nothing_else_does() -> None:
    assert PROJECT.project_id == Project("Receivables", ()).project_id
    assert PROJECT.project_id != Project("Other", ()).project_id


def test_a_rebuild_gives_the_same_bytes() -> None:
    assert PROJECT.vba_project_bin() == Project(*PROJECT_PARTS).vba_project_bin()


PROJECT_PARTS = ("Receivables", MODULES, "Credit control")


# --- the modules


def test_a_standard_module_begins_with_its_name() -> None:
    text = 'Attribute VB_Name = "Texts"\r\nOption Explicit\r\n\' Zürich – 5 €\r\n'
    assert source(PROJECT, "Texts") == text


@pytest.mark.parametrize(
    ("module", "base", "document"),
    [
        ("ThisWorkbook", "0{00020819-0000-0000-C000-000000000046}", "True"),
        ("Sheet1", "0{00020820-0000-0000-C000-000000000046}", "True"),
        ("Watch", "0{FCFB3D2A-A0FA-1068-A738-08002B3371B5}", "False"),
    ],
)
def test_attributes_of_a_class_module(module, base, document) -> None:
    assert source(PROJECT, module).split("\r\n")[:8] == [
        f'Attribute VB_Name = "{module}"',
        f'Attribute VB_Base = "{base}"',
        "Attribute VB_GlobalNameSpace = False",
        "Attribute VB_Creatable = False",
        f"Attribute VB_PredeclaredId = {document}",
        f"Attribute VB_Exposed = {document}",
        "Attribute VB_TemplateDerived = False",
        f"Attribute VB_Customizable = {document}",
    ]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_every_line_ends_with_crlf(ends) -> None:
    module = Module("M", "standard", f"Sub A(){ends}End Sub{ends}")
    assert module.source() == 'Attribute VB_Name = "M"\r\nSub A()\r\nEnd Sub\r\n'


@pytest.mark.parametrize("text", ["' 应收账款", "' −1", "' ≥ 30"])
def test_what_the_code_page_lacks_is_refused_with_its_line(text) -> None:
    project = Project("P", (Module("Texts", "standard", f"Option Explicit\n{text}"),))
    with pytest.raises(ProjectError, match="Texts, line 3: code page 1252 has no"):
        project.vba_project_bin()


@pytest.mark.parametrize("text", ["' Zürich – 5 €", "' £ ¥ ß ñ"])
def test_what_the_code_page_has_survives(text) -> None:
    project = Project("P", (Module("Texts", "standard", text),))
    assert text in source(project, "Texts")


@pytest.mark.parametrize(
    "name", ["1st", "_private", "m" * 32, "Übersicht", "two words", "", "a.b"]
)
def test_a_name_vba_cannot_load(name) -> None:
    with pytest.raises(ProjectError, match="no name of a module"):
        Project("P", (Module(name, "standard"),)).vba_project_bin()


@pytest.mark.parametrize("names", [("Texts", "TEXTS"), ("P", "Other")])
def test_names_must_differ_by_more_than_case_and_from_the_project(names) -> None:
    with pytest.raises(ProjectError, match="comes twice"):
        Project("p", tuple(Module(name, "standard") for name in names)).vba_project_bin()


def test_thirty_one_letters_are_allowed() -> None:
    Project("P", (Module("m" * 31, "standard"),)).vba_project_bin()
