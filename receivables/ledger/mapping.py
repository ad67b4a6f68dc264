"""The mapping file: how the headings and codes of one export become the ledger's columns."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from receivables.errors import SettingsError
from receivables.ledger.schema import tables
from receivables.ledger.spelling import fold, known_columns

KINDS = ("full", "open_items")
DECIMALS = ("", ".", ",", "auto")
TABLE_KEYS = ("columns", "constants", "kinds", "signs")


@dataclass(frozen=True, slots=True)
class TableMapping:
    """How one input table is read. Every field may stay empty."""

    file: str = ""
    """Name of the file in a folder, or of the table in a database."""
    sheet: tuple[str, ...] = ()
    """Sheets that hold the table; several sheets of one layout are read one below the other."""
    heading_row: int = 0
    """Row of the headings, where they are not found by themselves."""
    from_table: str = ""
    """In the file `from`: the table whose rows hold this one too (flat exports)."""
    date_format: str = ""
    """Order of day, month and year: `dd-mm-yyyy` or `%d-%m-%Y`."""
    decimal: str = ""
    """Decimal mark: `.` or `,`; empty or `auto` lets the amounts decide."""
    encoding: str = ""
    sections: str = ""
    """Column that a section heading (a row holding one text) fills in the rows below it."""
    sign_column: str = ""
    """Heading whose value says the sign of the amount, through `signs`."""
    debit: str = ""
    """Heading of the debit amounts, where debit and credit stand in two columns."""
    credit: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    """Column → heading. Once given, it is complete: other headings are carried as extra columns."""
    constants: dict[str, str] = field(default_factory=dict)
    """Column → one value for every row."""
    kinds: dict[str, str] = field(default_factory=dict)
    """Code in the file → kind; a kind of payment moves the row to Payments."""
    signs: dict[str, str] = field(default_factory=dict)
    """Code in `sign_column` → `+` or `-`."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping file. `mapping["documents"]` is empty where the file says nothing about a table."""

    tables: dict[str, TableMapping] = field(default_factory=dict)
    ledger_kind: str = "full"
    extracted_on: date | None = None
    name: str = ""

    def __getitem__(self, table: str) -> TableMapping:
        """What the file says about a table. Rows taken from the documents keep their formats."""
        part = self.tables.get(table)
        if table == "payments" and (part is None or part.from_table):
            return self._from_documents(part or TableMapping())
        return part or TableMapping()

    def _from_documents(self, part: TableMapping) -> TableMapping:
        flat = self.tables.get("documents", TableMapping())
        known = tables()["payments"]
        constants = {
            name: text for name, text in flat.constants.items() if name in known and name != "kind"
        }
        return replace(
            part,
            date_format=part.date_format or flat.date_format,
            decimal=part.decimal or flat.decimal,
            constants=constants | part.constants,
        )

    def to_toml(self) -> str:
        """The mapping as the text of a file that `load_mapping` reads back.

        >>> print(Mapping({"documents": TableMapping(columns={"amount": "Betrag"})}).to_toml())
        ledger_kind = "full"
        <BLANKLINE>
        [documents]
        columns.amount = "Betrag"
        <BLANKLINE>
        """
        lines = [f"ledger_kind = {quoted(self.ledger_kind)}"]
        if self.extracted_on:
            lines.append(f"extracted_on = {self.extracted_on.isoformat()}")
        for table, part in self.tables.items():
            lines += ["", f"[{table}]", *table_lines(part)]
        return "\n".join(lines) + "\n"


def load_mapping(path: str | Path) -> Mapping:
    """The mapping of a TOML file.

    Raises:
        SettingsError: the file is missing or not TOML, or a key or column does not exist.
    """
    path = Path(path)
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SettingsError(f"{path}: no such mapping file. Write one with 'map'.") from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise SettingsError(f"{path}: not a readable TOML file ({fault}).") from None
    try:
        return mapping_from(values, path.name)
    except SettingsError as fault:
        raise SettingsError(f"{path}: {fault}") from None


def mapping_from(values: dict[str, Any], name: str = "") -> Mapping:
    """The mapping of a parsed TOML file."""
    found: dict[str, TableMapping] = {}
    for key, value in values.items():
        if key in {"ledger_kind", "extracted_on"}:
            continue
        if key not in tables() or not isinstance(value, dict):
            raise SettingsError(
                _unknown("key or table", key, ["extracted_on", "ledger_kind", *tables()])
            )
        found[key] = _table_mapping(key, value)
    kind = str(values.get("ledger_kind", "full"))
    if kind not in KINDS:
        raise SettingsError(f"ledger_kind '{kind}' is not one of {', '.join(KINDS)}.")
    return Mapping(found, kind, _day(values.get("extracted_on")), name)


def table_lines(part: TableMapping) -> list[str]:
    """The lines of one table of a mapping file."""
    lines = []
    for item in fields(part):
        value = getattr(part, item.name)
        key = "from" if item.name == "from_table" else item.name
        if isinstance(value, dict):
            lines += [f"{key}.{_bare(name)} = {quoted(text)}" for name, text in value.items()]
        elif key == "sheet" and value:
            texts = ", ".join(quoted(text) for text in value)
            lines.append(f"sheet = {texts if len(value) == 1 else f'[{texts}]'}")
        elif value:
            lines.append(f"{key} = {value if isinstance(value, int) else quoted(value)}")
    return lines


def quoted(text: str) -> str:
    r"""A TOML string.

    >>> quoted('say "no"\n')
    '"say \\"no\\"\\n"'
    """
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    body = "".join(escapes.get(sign, sign) for sign in str(text))
    plain = "".join(
        sign if sign.isprintable() or sign == " " else f"\\u{ord(sign):04X}" for sign in body
    )
    return f'"{plain}"'


def _table_mapping(table: str, values: dict[str, Any]) -> TableMapping:
    known = ["from" if item.name == "from_table" else item.name for item in fields(TableMapping)]
    made: dict[str, Any] = {}
    for key, value in values.items():
        if key not in known:
            raise SettingsError(f"[{table}] {_unknown('key', key, known)}")
        if key in TABLE_KEYS:
            made[key] = _texts(table, key, value)
        elif key == "sheet":
            made[key] = tuple(map(str, value)) if isinstance(value, list) else (str(value),)
        elif key == "heading_row":
            made[key] = _row_number(table, value)
        else:
            made["from_table" if key == "from" else key] = str(value)
    part = TableMapping(**made)
    _check_names(table, part)
    return part


def _check_names(table: str, part: TableMapping) -> None:
    known = list(tables()[table])
    for name in (*part.columns, *part.constants, *filter(None, [part.sections])):
        if name not in known:
            raise SettingsError(f"[{table}] {_unknown_column(table, name)}")
    if part.from_table and part.from_table not in tables():
        raise SettingsError(f"[{table}] {_unknown('table', part.from_table, tables())}")
    choices = [choice for name in (table, "payments") for choice in _kind_choices(name)]
    for code, kind in part.kinds.items():
        if kind not in choices:
            raise SettingsError(f"[{table}] kinds: {_unknown('kind', kind, choices)} ('{code}')")
    if part.decimal not in DECIMALS:
        raise SettingsError(f"[{table}] decimal '{part.decimal}' is not '.', ',' or 'auto'.")
    for code, sign in part.signs.items():
        if sign not in {"+", "-"}:
            raise SettingsError(f"[{table}] signs: '{code}' is '{sign}'; write '+' or '-'.")
    if part.signs and not part.sign_column:
        raise SettingsError(f"[{table}] signs need sign_column, the heading they stand under.")


def _kind_choices(table: str) -> tuple[str, ...]:
    """Kinds that rows of a table may have."""
    column = tables()[table].get("kind")
    return column.choices if column else ()


def _unknown_column(table: str, name: str) -> str:
    """The sentence for a column that does not exist; a heading of one leads to its name."""
    named = known_columns(table).get(fold(name))
    if named:
        return f"there is no column '{name}'. Did you mean '{named}'?"
    return _unknown("column", name, tables()[table])


def _texts(table: str, key: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise SettingsError(f'[{table}] {key} is a table: {key}.name = "text".')
    return {name: str(text) for name, text in value.items()}


def _row_number(table: str, value: Any) -> int:
    if not isinstance(value, int) or value < 1:
        raise SettingsError(f"[{table}] heading_row '{value}' is not a row number.")
    return value


def _day(value: Any) -> date | None:
    if value is None or value == "":
        return None
    try:
        return value if type(value) is date else date.fromisoformat(str(value)[:10])
    except ValueError:
        raise SettingsError(f"extracted_on '{value}' is not a date like 2026-10-31.") from None


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known)}."
    return f"there is no {what} '{name}'. {hint}"


def _bare(name: str) -> str:
    plain = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if plain else quoted(name)
