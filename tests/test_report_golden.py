"""The XML of a small report, kept as it was read and found right."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from receivables.book.report_file import write
from receivables.report.build import build
from tests.report_sample import sample

GOLDEN = Path(__file__).parent / "report_golden"
PARTS = {"close": "sheet1", "aging": "sheet2"}


def content(path: Path) -> dict[str, str]:
    """Cells of Close and Aging and every table part, one element a line."""
    with zipfile.ZipFile(path) as package:
        texts = {
            Path(name).name: package.read(name).decode()
            for name in package.namelist()
            if name.startswith("xl/tables/")
        }
        for part, sheet in PARTS.items():
            xml = package.read(f"xl/worksheets/{sheet}.xml").decode()
            texts[f"{part}.xml"] = re.findall(r"<sheetData>.*</sheetData>", xml, re.DOTALL)[0]
    return {name: text.replace("><", ">\n<") + "\n" for name, text in texts.items()}


def test_the_xml_of_a_small_report_is_the_one_that_was_read(tmp_path):
    """To renew after a change that is meant: delete the folder, run once, read the difference."""
    path = tmp_path / "report.xlsx"
    write(build(sample(8, 2)), path)
    found = content(path)
    if not GOLDEN.exists():
        GOLDEN.mkdir()
        for name, text in found.items():
            (GOLDEN / name).write_text(text, encoding="utf-8")
        pytest.fail("golden files were missing and have been written: read them, then run again")
    kept = {file.name: file.read_text(encoding="utf-8") for file in GOLDEN.iterdir()}
    assert sorted(found) == sorted(kept)
    for name, text in kept.items():
        assert found[name] == text, name
