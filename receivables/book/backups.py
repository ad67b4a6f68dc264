"""Copies of a workbook from before each refresh: how they are named, and which are kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

FOLDER = "backups"
KEPT = 12
"""Latest copies that stay, a year of month ends; those of year ends stay for good."""
NEW = "new"
"""Stands for the date in the name of a copy that shows none yet."""
_NAME = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2}|new) (?P<at>[\d\-T]*)(?: \d+)?$")


def backup_path(folder: Path, path: Path, shown: date | None, at: str) -> Path:
    """Free name for a copy: workbook, the date that it shows, and when it was made.

    Args:
        folder: of the ledger's snapshots.
        path: the workbook.
        shown: as-of date that the workbook shows; None = not refreshed yet.
        at: time as ISO text; nothing here reads the clock.

    >>> backup_path(Path("b"), Path("ledger.xlsx"), date(2026, 9, 30), "2026-11-02T09:15:00").as_posix()
    'b/backups/ledger 2026-09-30 2026-11-02T09-15-00.xlsx'
    """
    time = re.sub(r"[^\dT-]", "-", at[:19])
    name = f"{path.stem} {shown or NEW} {time}".rstrip()
    place = folder / FOLDER / f"{name}{path.suffix}"
    number = 2
    while place.exists():
        place = folder / FOLDER / f"{name} {number}{path.suffix}"
        number += 1
    return place


def prune(folder: Path, path: Path, needed: Iterable[str] = ()) -> list[Path]:
    """Delete what is past keeping: all but the last 12 and the last of each calendar year shown.

    Args:
        folder: of the ledger's snapshots.
        path: the workbook.
        needed: names of copies that stay whatever their age.

    Returns:
        The copies that went.
    """
    found = sorted(
        (match["at"], match["day"], place)
        for place in (folder / FOLDER).glob(f"*{path.suffix}")
        if place.stem.startswith(f"{path.stem} ")
        and (match := _NAME.fullmatch(place.stem.removeprefix(f"{path.stem} ")))
    )
    year_ends: dict[str, tuple[str, str, Path]] = {}
    for at, day, place in found:
        year = day[:4]
        if day != NEW and (day, at) >= year_ends.get(year, ("", ""))[:2]:
            year_ends[year] = (day, at, place)
    stay = {place for _, _, place in [*found[-KEPT:], *year_ends.values()]}
    gone = [place for _, _, place in found if place not in stay and place.name not in {*needed}]
    for place in gone:
        place.unlink(missing_ok=True)
    return gone
