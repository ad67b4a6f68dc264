"""Record a request or a signature as a sealed row behind the others: the command `approve`."""

from __future__ import annotations

import csv
import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from receivables.commands.options import Json, SettingsFile, day, print_json, settings_of
from receivables.errors import BadValueError

if TYPE_CHECKING:
    from receivables.ledger.model import RawLedger

TABLE = "approvals"

ApprovalsFile = Annotated[
    Path, typer.Argument(help="Approvals.csv of the ledger's folder; made if it is not there.")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(approve)


def approve(
    file: ApprovalsFile,
    no: Annotated[str, typer.Option("--no", help="Number of the request.")],
    customer: Annotated[str, typer.Option("--customer", help="Customer or group.")],
    kind: Annotated[str, typer.Option("--kind", help="limit, terms, order, review, admission …")],
    requested_by: Annotated[str, typer.Option("--requested-by", help="Who asks.")],
    amount: Annotated[
        str | None, typer.Option("--amount", help="Amount; of a limit the limit itself.")
    ] = None,
    currency: Annotated[str | None, typer.Option("--currency", help="ISO 4217.")] = None,
    decided_by: Annotated[
        str | None, typer.Option("--decided-by", help="Who signs; left out: the request waits.")
    ] = None,
    decision: Annotated[str, typer.Option("--decision", help="granted or refused.")] = "granted",
    role: Annotated[str | None, typer.Option("--role", help="Role in which he signs.")] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="Day of the request or signature.")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why.")] = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Add a request or a signature to Approvals.csv, with the hash of the row before; nothing is changed."""
    from receivables.assess.approvals import append

    settings_of(settings)
    rows = _rows(file)
    recorded = datetime.now(UTC).isoformat(timespec="seconds")
    row: dict[str, Any] = {
        "approval_no": no,
        "customer_id": customer,
        "kind": kind,
        "amount": _minor(amount, currency),
        "currency": currency,
        "requested_by": requested_by,
        "role": role,
        "reason": reason,
        "os_user": getpass.getuser(),
        "recorded_at": recorded,
    }
    when = day(on, "--on") or datetime.now(UTC).date()
    first = next((old for old in rows if old["approval_no"] == no), None)
    row["requested_on"] = first["requested_on"] if first else when
    if decided_by:
        row |= {"decided_by": decided_by, "decided_on": when, "decision": decision}
    told = append(rows, {name: value for name, value in row.items() if value is not None})
    _write(file, told)
    if as_json:
        print_json({"file": str(file), "approval_no": no, "row_hash": told["row_hash"]})
        return
    typer.echo(f"{file}: request {no} recorded. Its hash, to keep elsewhere: {told['row_hash']}")


def _rows(file: Path) -> list[dict[str, Any]]:
    """Rows of the file as the ledger reads them; none if it is not there yet."""
    from receivables.ledger.check import check

    if not file.exists():
        return []
    ledger = check(_raw(file))
    wrong = [issue for issue in ledger.issues if issue.level == "error"]
    if wrong:
        raise BadValueError(f"{wrong[0]} Nothing was added.")
    return ledger["approvals"].sort("_source", "_row").to_dicts()


def _raw(file: Path) -> RawLedger:
    """The file alone as a ledger of text."""
    import polars as pl

    from receivables.assess.setting_table import csv_rows
    from receivables.ledger.model import RawLedger, RawTable, Source
    from receivables.ledger.spelling import fold, known_columns

    headings, *rows = csv_rows(file)
    names = [known_columns(TABLE).get(fold(text), text) for text in headings]
    if "approval_no" not in names or "row_hash" not in names:
        raise BadValueError(
            f"{file} has no columns approval_no and row_hash. Give the ledger's Approvals.csv."
        )
    frame = pl.DataFrame(
        [[cell or None for cell in row] for row in rows],
        schema=dict.fromkeys(names, pl.String), orient="row",
    )  # fmt: skip
    frame = frame.with_columns(
        pl.lit(0, pl.Int32).alias("_source"),
        pl.int_range(2, pl.len() + 2, dtype=pl.Int64).alias("_row"),
    )
    source = Source(file=str(file), sheet="", table=TABLE, heading_row=1, letters={})
    return RawLedger({TABLE: RawTable(TABLE, frame)}, [source])


def _minor(amount: str | None, currency: str | None) -> int | None:
    from receivables import money
    from receivables.cells.coerce import to_amount

    if amount is None:
        return None
    if not currency or currency not in money.exponents():
        raise BadValueError(
            f"currency is {currency or 'missing'}: give the ISO 4217 code of the amount."
        )
    exact = to_amount(amount)
    if exact != money.to_decimal(money.to_minor(exact, currency), currency):
        raise BadValueError(
            f"{amount} has more decimals than {currency} has. Nothing was rounded."
        )
    return money.to_minor(exact, currency)


def _write(file: Path, row: dict[str, Any]) -> None:
    """Append one line; columns that the file lacks are refused, so that no row loses its hash."""
    from receivables import money
    from receivables.ledger.schema import tables
    from receivables.ledger.spelling import fold, known_columns

    told = {name: value for name, value in row.items() if value not in {None, ""}}
    if "amount" in told:
        told["amount"] = money.text(told["amount"], told["currency"])
    made = not file.exists()
    columns = list(tables()[TABLE])
    if not made:
        with file.open(encoding="utf-8-sig", newline="") as handle:
            columns = next(csv.reader(handle))
    names = [known_columns(TABLE).get(fold(text), text) for text in columns]
    missing = [name for name in told if name not in names]
    if missing:
        raise BadValueError(
            f"{file} has no column {missing[0]}. Add the columns {', '.join(missing)} to row 1."
        )
    ended = made or file.read_bytes().endswith((b"\n", b"\r"))
    with file.open("a", encoding="utf-8", newline="") as handle:
        handle.write("" if ended else "\n")
        writer = csv.DictWriter(handle, names, lineterminator="\n")
        if made:
            writer.writeheader()
        writer.writerow(told)
