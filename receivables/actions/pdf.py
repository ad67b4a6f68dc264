"""Print a workbook to PDF with the LibreOffice of this machine, in a profile of its own."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

TIMEOUT = 300
"""Seconds after which the conversion is given up."""


def office_program() -> str:
    """LibreOffice on the path; empty if there is none."""
    return shutil.which("soffice") or shutil.which("libreoffice") or ""


def print_to_pdf(source: Path, target: Path, program: str = "") -> bool:
    """Whether a PDF was written; False where there is no LibreOffice or it could not."""
    program = program or office_program()
    if not program:
        return False
    with tempfile.TemporaryDirectory(prefix="receivables-") as folder:
        profile = Path(folder, "profile").as_uri()
        try:
            subprocess.run(  # noqa: S603 - the program found on the path; the file is one argument
                [
                    program,
                    f"-env:UserInstallation={profile}",
                    "--headless",
                    "--norestore",
                    "--convert-to",
                    "pdf",
                    "--outdir",
                    folder,
                    str(source.resolve()),
                ],
                capture_output=True,
                timeout=TIMEOUT,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        printed = Path(folder, f"{source.stem}.pdf")
        if not printed.is_file():
            return False
        shutil.copyfile(printed, target)
    return True
