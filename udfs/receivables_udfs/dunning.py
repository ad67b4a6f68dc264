"""Dunning in cells: which letter a debt has reached, and whether one may be sent."""

from datetime import date
from typing import Annotated

from receivables.cells import Amount, Arg, Day, Text, TextList, Whole, cell
from receivables.cells.types import CellType
from receivables.respond.dunning_level import Standing, eligible, next_level
from receivables.respond.dunning_policy import Policy, is_levels, policies, policy_of

POLICY = CellType("text", "scalar", policy_of, one_value=is_levels)

Due = Annotated[Day, Arg("due date; nothing is sent on the day itself", "date")]
AsOf = Annotated[Day, Arg("day of the question", "date")]
LastLevel = Annotated[
    Whole | None, Arg("level of the last letter that was sent; blank: never written to", "index")
]
LastOn = Annotated[Day | None, Arg("day of the last letter to the customer", "date")]
Series = Annotated[
    Annotated[Policy, POLICY] | None,
    Arg(
        "policy: standard, uk, de, fr, cn; or own levels: headings level, days, [basis], [min_gap], [stage]",
        "text",
    ),
]


@cell("DUNNING_LEVEL", family="respond")
def dunning_level(
    due_on: Due,
    as_of: AsOf,
    last_level: LastLevel = None,
    last_letter_on: LastOn = None,
    policy: Series = None,
    hold_until: Annotated[
        Day | None, Arg("no letter up to and including this day", "date")
    ] = None,
) -> Annotated[
    Whole, Arg("level of the letter to send now, 0 = none; DUNNING_ELIGIBLE says why", "index")
]:
    """Level of the next letter: one above the last, once its days past due and the gap since the last letter are over.

    Both ends count: a letter of day 30 is due on day 30, and on day 40 if it was missed.

    Raises:
        NotAvailableError: an unknown policy.

    Source: `data/dunning_levels.csv`.

    >>> dunning_level(date(2026, 9, 30), date(2026, 10, 31), 2, date(2026, 10, 15))
    3
    >>> dunning_level(date(2026, 9, 30), date(2026, 10, 31)), dunning_level(date(2026, 9, 30), date(2026, 10, 31), 2, date(2026, 10, 25))
    (1, 0)
    """
    standing = _standing(last_level, last_letter_on)
    series = policy or policies()["standard"]
    return next_level(series, due_on, as_of, standing, hold_until=hold_until).level


@cell("DUNNING_ELIGIBLE", family="respond")
def dunning_eligible(
    amount: Annotated[
        Amount, Arg("debt less disputed and promised parts and unapplied credits", "money")
    ],
    due_on: Due,
    as_of: AsOf,
    in_currency: Annotated[
        Text, Arg("currency of the amount, for the smallest amount of a letter", "currency")
    ] = "",
    last_level: LastLevel = None,
    last_letter_on: LastOn = None,
    policy: Series = None,
    stops: Annotated[
        TextList | None,
        Arg("what stands against a letter: disputed, promised, plan, held, insolvent …", "text"),
    ] = None,
) -> Annotated[Text, Arg("ok, or the reasons why no letter is due", "text")]:
    """Whether a letter is due for a debt: ok, or every reason against it, gravest first.

    Raises:
        NotAvailableError: an unknown policy.
        BadValueError: a stop that is not in the table of reasons.

    Source: `data/dunning_reasons.csv`, `data/dunning_minimum.csv`.

    >>> from decimal import Decimal
    >>> dunning_eligible(Decimal(1000), date(2026, 9, 30), date(2026, 10, 31), "EUR", 2, date(2026, 10, 15))
    'ok'
    >>> dunning_eligible(Decimal(1000), date(2026, 9, 30), date(2026, 10, 31), stops="disputed, held")
    'held+disputed'
    """
    given = stops.split(",") if isinstance(stops, str) else [str(stop) for stop in stops or ()]
    found = eligible(
        policy or policies()["standard"],
        amount,
        due_on,
        as_of,
        _standing(last_level, last_letter_on),
        currency=in_currency.strip().upper(),
        stops=[stop.strip() for stop in given if stop.strip() and stop != "None"],
    )
    return "+".join(found) or "ok"


def _standing(level: int | None, letter_on: date | None) -> Standing:
    """A level without a day was sent long ago; a day without a level was a letter of another debt."""
    return Standing(level or 0, 1 if level else 0, letter_on if level else None, letter_on)
