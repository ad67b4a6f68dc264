"""Letters due in the report: the sheet Dunning, and a task of This week for each letter."""

from __future__ import annotations

from datetime import date

import polars as pl

from receivables.refresh.books import Books
from receivables.refresh.letters import planning
from receivables.refresh.letters_journal import journal_known
from receivables.report.dunning_data import DunningData
from receivables.report.labels import label, term


def dunning_found(books: Books, as_of: date) -> DunningData | None:
    """The dunning plan of a day, as it was known then; None where nobody writes letters.

    A firm writes letters if the ledger has a letterhead or letters, or a journal lies beside it.
    """
    journal = journal_known(books)
    wanted = journal.letters.height or books.ledger["companies"].height
    if not wanted:
        return None
    found = planning(books, as_of, journal.up_to(as_of))
    return DunningData(found.frame)


def letter_tasks(found: DunningData | None, language: str) -> pl.DataFrame:
    """One task per letter due; it asks for what the letter asks for.

    Args:
        found: the plan.
        language: en or zh.
    """
    frame = (found or DunningData()).frame.filter(pl.col("outcome") == "letter")
    told = [
        label(
            "this_week.letter", language, stage=term("dunning_stage", row["stage"], language),
            level=row["level"], items=row["items"], days=row["oldest_days"],
        )
        for row in frame.iter_rows(named=True)
    ]  # fmt: skip
    return frame.with_columns(
        task=pl.lit("letter"),
        what=pl.Series("what", told, dtype=pl.String),
        amount="payable",
        sheet=pl.lit("dunning"),
    )
