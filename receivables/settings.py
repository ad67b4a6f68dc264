"""The settings of a run: one frozen dataclass, filled from a TOML file or a Settings table."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import InvalidOperation
from pathlib import Path
from typing import Any

from receivables import money
from receivables.errors import SettingsError
from receivables.resources import data_rows


@dataclass(frozen=True, slots=True)
class Settings:
    """Values of `data/settings.csv`, where each is explained."""

    edges: str = "30,60,90"
    base: str = "due"
    credits: str = "separate"
    day_on_edge: str = "younger"
    forward_edges: str = ""
    currency: str = ""
    local_currency: str = ""
    default_currency: str = ""
    match_cutoff_days: int = 0
    unapplied: str = "keep"
    materiality: str = ""
    top_n: int = 10
    cut_off_days: int = 5
    language: str = "en"
    paper: str = "A4"
    max_issue_rows: int = 10_000
    as_of: str = ""
    home_countries: str = ""
    approval_tiers: str = ""
    reserve_rates: str = ""
    dunning_policy: str = ""
    dunning_levels: str = ""

    def local_currencies(self) -> dict[str, str]:
        """Local currency by company; the key "" holds for all that are not named.

        >>> Settings(local_currency="DE01=EUR, CN01=CNY").local_currencies()
        {'DE01': 'EUR', 'CN01': 'CNY'}
        >>> Settings(local_currency="EUR").local_currencies()
        {'': 'EUR'}
        """
        parts = [part.partition("=") for part in self.local_currency.split(",") if part.strip()]
        return {
            (company.strip() if currency else ""): (currency or company).strip().upper()
            for company, _, currency in parts
        }

    def materiality_by_currency(self) -> dict[str, int]:
        """Materiality in minor units by currency.

        >>> Settings(materiality="EUR=10000, JPY=1500000").materiality_by_currency()
        {'EUR': 1000000, 'JPY': 1500000}
        """
        found = {}
        for part in self.materiality.split(","):
            currency, _, amount = (text.strip() for text in part.partition("="))
            if not currency:
                continue
            try:
                found[currency.upper()] = money.to_minor(amount, currency.upper())
            except InvalidOperation:
                raise SettingsError(
                    f"Setting materiality: '{part.strip()}' is not like EUR=10000."
                ) from None
        return found

    def with_values(self, values: Mapping[str, Any]) -> Settings:
        """A copy with some settings changed; None keeps what stands.

        >>> Settings().with_values({"base": "issued", "edges": None}).base
        'issued'
        """
        known = {field.name: field.type for field in fields(self)}
        changes = {}
        for name, value in values.items():
            if name not in known:
                raise SettingsError(unknown_setting(name))
            if value is not None:
                changes[name] = _checked(name, value)
        return replace(self, **changes)


def unknown_setting(name: str) -> str:
    """The sentence for a setting that does not exist, with the nearest that does.

    >>> unknown_setting("day_on_egde")
    "There is no setting 'day_on_egde'. Did you mean 'day_on_edge'?"
    """
    known = [field.name for field in fields(Settings)]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else f"Known settings: {', '.join(known)}."
    return f"There is no setting '{name}'. {hint}"


def known_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those settings of a workbook or folder that exist and hold a possible value.

    Checking lists the others as Issues.

    >>> known_values({"base": "issued", "bass": "due", "edges": "", "top_n": "many"})
    {'base': 'issued'}
    """
    found = {}
    for name, value in values.items():
        try:
            Settings().with_values({name: value})
        except SettingsError:
            continue
        if value:
            found[name] = value
    return found


def settings_file(path: Path) -> dict[str, Any]:
    """Names and values of a settings file (TOML), checked."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SettingsError(f"{path}: no such settings file.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise SettingsError(f"{path}: not a TOML file ({fault}).") from None
    try:
        Settings().with_values(values)
    except SettingsError as fault:
        raise SettingsError(f"{path}: {fault}") from None
    return values


def load_settings(path: Path) -> Settings:
    """Settings of a TOML file."""
    return Settings().with_values(settings_file(path))


def _checked(name: str, value: Any) -> Any:
    row = next(row for row in data_rows("settings.csv") if row["name"] == name)
    if row["type"] == "integer":
        try:
            return int(str(value))
        except ValueError:
            raise SettingsError(f"Setting {name}: '{value}' is not a whole number.") from None
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value).strip()
    choices = [choice for choice in row["choices"].split("|") if choice]
    if choices and text not in choices:
        raise SettingsError(f"Setting {name}: '{text}' is not one of {', '.join(choices)}.")
    return text
