"""Look into a finished report: tables as rows, the light, and the figures as LibreOffice computes them."""

from __future__ import annotations

import re
import subprocess
import warnings
import zipfile

import openpyxl

from receivables.report.labels import label

GOOD, NEUTRAL, BAD = (label(f"light.{state}", "en") for state in ("good", "neutral", "bad"))


def opened(path, **options):
    with path.open("rb") as handle:
        return openpyxl.load_workbook(handle, **options)


def table_rows(book, sheet_name: str, table: str) -> list[dict]:
    worksheet = book[sheet_name]
    heading, *rows = [
        [cell.value for cell in row] for row in worksheet[worksheet.tables[table].ref]
    ]
    return [dict(zip(heading, row, strict=True)) for row in rows]


def recalculated(path, folder):
    """The workbook as LibreOffice computes it, stored results removed first."""
    bare = folder / "bare.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(bare, "w") as target:
        for item in source.infolist():
            content = source.read(item)
            if item.filename.startswith("xl/worksheets/sheet"):
                content, count = re.subn(rb"</f><v>[^<]*</v>", b"</f>", content)
                assert count or not re.search(r"sheet[123]\.xml$", item.filename)
            target.writestr(item, content)
    command = ["soffice", f"-env:UserInstallation=file://{folder}/office", "--headless"]
    out = folder / "out"
    subprocess.run(
        [*command, "--convert-to", "xlsx", "--outdir", out, bare],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    with warnings.catch_warnings():  # openpyxl warns of LibreOffice's own data bar extension
        warnings.simplefilter("ignore", UserWarning)
        return opened(out / "bare.xlsx", data_only=True)


def light(book) -> str:
    texts = [cell.value for row in book["Close"].iter_rows(max_row=8) for cell in row]
    return next(text for text in texts if text in {GOOD, NEUTRAL, BAD})
