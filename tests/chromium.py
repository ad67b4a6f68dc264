"""A page as a real browser shows it: Chromium without a screen, cut off from every network."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    # Whatever the browser itself would ask for finds no host.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)  # fmt: skip


def browser() -> str:
    """The browser's program; a test that needs it fails where it is missing."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    assert found, "Chromium is missing: run `tools/setup.sh programs`"
    return found


def run(page: Path, folder: Path, *options: str) -> str:
    """Open a page in a profile of its own; what the browser prints."""
    command = [browser(), *FLAGS, f"--user-data-dir={folder / 'profile'}", *options, page.as_uri()]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    return done.stdout.decode()


def dom(page: Path, folder: Path) -> str:
    """The page after the browser read it."""
    return run(page, folder, "--dump-dom")


def printed(page: Path, folder: Path) -> Path:
    """The page as the browser prints it."""
    target = folder / f"{page.stem}.pdf"
    run(page, folder, "--no-pdf-header-footer", f"--print-to-pdf={target}")
    return target
