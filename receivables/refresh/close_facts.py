"""What a close found, as the sign-off part of the report shows it."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from receivables.refresh.close_answer import CloseAnswer
from receivables.report import pack_data as pack


def close_facts(
    answer: CloseAnswer, materiality: Mapping[str, int] | None = None
) -> pack.CloseFacts:
    """Restated balances, back-dated postings, changed settings and open exceptions of a close.

    Where this period was closed already, its own figures are shown as reported; else those of the
    opening balance.

    Args:
        answer: result of `close_job`.
        materiality: minor units by currency.
    """
    restated = answer.closed_before or answer.opening
    postings = answer.back_dated
    if answer.closed_before is not None:
        postings = answer.closed_before.postings
    changes = [
        {"setting": row["name"], "before": row["before"], "now": row["now"]}
        for row in answer.settings_changed
    ]
    return pack.CloseFacts(
        materiality=materiality or {},
        compared_with=answer.opening.as_of if answer.opening else None,
        changes=pl.DataFrame(changes, schema=pack.CHANGE_SCHEMA),
        exceptions=_exceptions(answer),
        reported_on=restated.as_of.isoformat() if restated else "",
        reported=restated.customers.rename({"now": "now_known"}).select(*pack.REPORTED_SCHEMA)
        if restated
        else pack.empty(pack.REPORTED_SCHEMA),
        backdated=postings.rename({"state": "why"}).select(*pack.BACKDATED_SCHEMA),
    )


def _exceptions(answer: CloseAnswer) -> pl.DataFrame:
    """Differences to the control accounts, unreadable rows, books that do not add up."""
    rows = []
    for tie in answer.ties:
        where = " ".join(part for part in (tie.company, tie.account) if part)
        found = {
            "difference": (tie.difference or 0, tie.difference),
            "unreadable": (tie.unreadable, None),
            "does_not_add_up": (int(not tie.adds_up), None),
        }
        rows += [
            {"currency": tie.currency, "exception": name, "place": where, "amount": amount}
            for name, (count, amount) in found.items()
            if count
        ]
    full = [dict.fromkeys(pack.EXCEPTION_SCHEMA) | row for row in rows]
    return pl.DataFrame(full, schema=pack.EXCEPTION_SCHEMA)
