"""Approvals as rows that hang together: who, when, what, and the hash of the row before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from receivables.assess.approval_tiers import words
from receivables.errors import BadValueError, DomainError
from receivables.ledger.findings import Findings
from receivables.ledger.schema import tables
from receivables.ledger.spelling import fold

TABLE = "approvals"
HASH, BEFORE = "row_hash", "prev_hash"
CHANGED = "the row is not what was recorded"
MOVED = "the row before it was removed or moved"
UNSEALED = "it has no hash, and rows before it have"


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain of approvals does not hold: position from 0, request, and why."""

    at: int
    approval_no: str
    why: str


def chained_columns() -> list[str]:
    """Columns of Approvals that the hash covers: all of the schema but the hash itself.

    >>> {"decided_by", "amount", "prev_hash"} <= set(chained_columns())
    True
    """
    return sorted(name for name in tables()[TABLE] if name != HASH)


def row_hash(row: Mapping[str, Any]) -> str:
    """SHA-256 over the columns of the schema in a fixed order, blanks left out, dates as ISO text.

    >>> row_hash({"approval_no": "A-1", "kind": "limit"})[:12]
    'ef26cf435b56'
    """
    told = {
        name: _plain(row[name])
        for name in chained_columns()
        if row.get(name) is not None and row[name] != ""
    }
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def sealed(row: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """A row with the hash of the row before and its own.

    Raises:
        BadValueError: the one who asks decides; nobody is named; an unknown decision.

    >>> first = sealed({"approval_no": "A-1", "kind": "limit", "requested_by": "Li",
    ...                 "decided_by": "Mo", "decision": "granted"})
    >>> second = sealed({"approval_no": "A-2", "kind": "limit"}, first["row_hash"])
    >>> verify([first, second]), verify([second])[0].why
    ([], 'the row before it was removed or moved')
    """
    asks, decides = _name(row.get("requested_by")), _name(row.get("decided_by"))
    if decides and decides == asks:
        raise BadValueError(
            f"{row['decided_by']} asks and decides in request {row.get('approval_no')}. Let "
            "somebody else decide."
        )
    decision = row.get("decision")
    if decision and not granted(decision) and fold(str(decision)) not in words("refused"):
        raise BadValueError(f"The decision is '{decision}': write granted or refused.")
    if decision and not decides:
        raise BadValueError(
            f"Request {row.get('approval_no')} is decided and names nobody who did."
        )
    told = {**row, BEFORE: before}
    return {**told, HASH: row_hash(told)}


def append(rows: Sequence[Mapping[str, Any]], row: Mapping[str, Any]) -> dict[str, Any]:
    """The row to add behind the others, sealed.

    Raises:
        BadValueError: the chain so far is broken; the same person signed the request already.
    """
    broken = verify(rows)
    if broken:
        raise BadValueError(
            f"The chain breaks at request {broken[0].approval_no}: {broken[0].why}. Nothing is added "
            "to a broken chain; compare with a backup."
        )
    signed = {
        _name(old.get("decided_by"))
        for old in rows
        if old.get("approval_no") == row.get("approval_no") and old.get("decision")
    }
    if row.get("decision") and _name(row.get("decided_by")) in signed:
        raise BadValueError(
            f"{row['decided_by']} signed request {row['approval_no']} already. Two signatures are "
            "two persons."
        )
    return sealed(row, str(rows[-1][HASH]) if rows else "")


def verify(rows: Iterable[Mapping[str, Any]]) -> list[Break]:
    """Where the chain does not hold: a row changed, removed or moved.

    Rows before the first hash are passed over. Rows cut off at the end leave no trace in the chain:
    keep the last hash elsewhere, in the minutes or the log of the refresh.
    """
    found: list[Break] = []
    before = ""
    started = False
    for at, row in enumerate(rows):
        own = row.get(HASH) or ""
        why = ""
        if not own:
            why = UNSEALED if started else ""
        elif own != row_hash(row):
            why = CHANGED
        elif (row.get(BEFORE) or "") != before:
            why = MOVED
        if why:
            found.append(Break(at, str(row.get("approval_no") or ""), why))
        started = started or bool(own)
        before = own or before
    return found


def granted(decision: Any) -> bool:
    """Whether a decision in words is a yes.

    >>> granted("Approved"), granted("同意"), granted("refused"), granted(None)
    (True, True, False, False)
    """
    return fold(str(decision or "")) in words("granted")


def signatures(approvals: pl.DataFrame, as_of: date, findings: Findings) -> pl.DataFrame:
    """Signatures that count, one row each: granted by the date, by another than who asks, once.

    Everything else that was meant as one is reported.
    """
    rows = approvals.with_columns(
        *(
            pl.col(name)
            .map_elements(_name, return_dtype=pl.String)
            .fill_null("")
            .alias(f"_{name}")
            for name in ("requested_by", "decided_by")
        ),
        pl.col("decision")
        .map_elements(_meaning, return_dtype=pl.String)
        .fill_null("")
        .alias("_yes"),
    )
    told = rows.filter(pl.col("_yes") == "?").with_columns(value=pl.col("decision"))
    findings.add("approval_unread", TABLE, told, "decision")
    yes = rows.filter(
        pl.col("_yes") == "granted",
        (pl.col("decided_on") <= as_of) | pl.col("decided_on").is_null(),
    )
    nobody = yes.filter(pl.col("_decided_by") == "").with_columns(value=pl.col("approval_no"))
    findings.add("approval_unsigned", TABLE, nobody, "decided_by")
    named = yes.filter(pl.col("_decided_by") != "").with_columns(value=pl.col("decided_by"))
    own = pl.col("_decided_by") == pl.col("_requested_by")
    findings.add("approval_own_request", TABLE, named.filter(own), "decided_by")
    others = named.filter(~own)
    again = pl.struct("approval_no", "_decided_by").is_first_distinct().not_()
    findings.add("approval_signed_twice", TABLE, others.filter(again), "decided_by")
    return others.filter(~again)


def chain_findings(approvals: pl.DataFrame, findings: Findings) -> list[Break]:
    """Breaks of the chain in a checked table, reported at their rows."""
    rows = approvals.sort("_source", "_row").to_dicts()
    found = verify(rows)
    if found:
        told = pl.DataFrame(
            [
                {"_source": rows[one.at]["_source"], "_row": rows[one.at]["_row"],
                 "value": one.approval_no, "why": one.why}
                for one in found
            ]
        )  # fmt: skip
        findings.add("approval_chain", TABLE, told, HASH)
    return found


def _meaning(decision: str) -> str:
    if granted(decision):
        return "granted"
    return "refused" if fold(decision) in words("refused") else "?"


def _name(person: Any) -> str:
    return fold(str(person)) if person else ""


def _plain(value: Any) -> str:
    if isinstance(value, float):
        raise DomainError(
            "A hash is not taken over binary fractions. Give amounts in minor units."
        )
    return value.isoformat() if isinstance(value, date) else str(value)
