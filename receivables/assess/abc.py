"""What a class of customers is sold on (客户ABC分级): open account, reduced terms, prepayment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from receivables.errors import BadValueError
from receivables.resources import data_rows


@dataclass(frozen=True, slots=True)
class ClassPolicy:
    """One row of `data/abc_policy.csv`: deposit as a share of the order; `cover` in its place or beside it."""

    name: str
    terms: str
    deposit_share: float
    cover: bool
    text_en: str
    text_zh: str

    def text(self, language: str = "en") -> str:
        """In words."""
        return self.text_zh if language == "zh" else self.text_en


def class_policy(name: str) -> ClassPolicy:
    """The policy of a class.

    Raises:
        BadValueError: no such class.

    Source: classes A and C from the source article, FAQ 2; B is ours where it is silent.

    >>> class_policy("B").text(), class_policy("c").terms
    ('Reduced terms with a deposit or cover', 'prepay')
    """
    found = _policies().get(name.strip().upper())
    if found is None:
        raise BadValueError(f"class is '{name}': give one of {', '.join(_policies())}.")
    return found


@cache
def _policies() -> dict[str, ClassPolicy]:
    return {
        row["class"]: ClassPolicy(
            row["class"],
            row["terms"],
            float(row["deposit_share"]),
            row["cover"] == "yes",
            row["text_en"],
            row["text_zh"],
        )
        for row in data_rows("abc_policy.csv")
    }
