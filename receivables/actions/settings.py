"""Settings: the workbook's own table of settings, or a new one with everything that can be set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from receivables.actions.host import Host, Report
from receivables.actions.texts import say
from receivables.resources import data_rows

SHEETS = ("Settings", "设置")


def run(host: Host, _choices: Mapping[str, Any]) -> Report:
    """Show the sheet Settings; without one, a new workbook with a sheet to copy over."""
    name = host.document().name
    for sheet in SHEETS:
        if host.show_sheet(sheet):
            known = {row["name"] for row in data_rows("settings.csv")}
            own = host.settings()
            unknown = ", ".join(sorted(set(own) - known))
            line = say("settings_there", host.language, name=name, count=len(own))
            if unknown:
                line += " " + say("settings_unknown", host.language, names=unknown)
            return Report(line, sheet)
    link = host.write_table(say("settings_sheet", host.language), template(host.language))
    return Report(say("settings_none", host.language, name=name), link)


def template(language: str) -> list[list[Any]]:
    """Every setting with its default, choices and meaning: a sheet Settings as it is read.

    >>> [row[:2] for row in template("en")[:3]]
    [['name', 'value'], ['edges', '30,60,90'], ['base', 'due']]
    """
    rows = [
        [
            row["name"],
            int(row["default"]) if row["type"] == "integer" else row["default"],
            row["unit"],
            row["choices"].replace("|", ", "),
            row[f"help_{language}"],
        ]
        for row in data_rows("settings.csv")
    ]
    return [["name", "value", "unit", say("choices", language), say("meaning", language)], *rows]
