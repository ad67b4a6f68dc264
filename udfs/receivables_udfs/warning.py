"""Early warnings in cells: trigger, signals, level, action, horizon."""

from typing import Annotated

from receivables.cells import (
    Amount,
    Arg,
    Choice,
    Day,
    Days,
    Flag,
    Number,
    Numbers,
    Table,
    Text,
    Whole,
    cell,
)
from receivables.monitor import warnings_rules as rules

Language = Annotated[Choice, Arg("language of the texts: en or zh", "text", "language")]


@cell("WARNING_TRIGGER", family="monitor")
def warning_trigger(
    days_late: Annotated[
        Number | None,
        Arg("worst undisputed overdue in days, net of unapplied cash, above materiality", "days"),
    ],
    grade_now: Annotated[
        Whole | None, Arg("grade now, 1 (best) to 10; blank or 0 = none", "points")
    ],
    grade_before: Annotated[
        Whole | None, Arg("grade of the last approved review; blank or 0 = none", "points")
    ],
    days: Annotated[
        Number | None, Arg("days late beyond which a review is due; 15 where left out", "days")
    ] = None,
    notches: Annotated[
        Whole | None, Arg("grades worse, from which on a review is due; 2 where left out", "count")
    ] = None,
) -> Annotated[Text, Arg('"", "days", "grade" or "days+grade"', "text")]:
    """Why a review is due: more than 15 days late, or 2 or more grades worse; says which.

    Raises:
        NotAvailableError: neither the days nor both grades are given.

    >>> warning_trigger(15, 4, 4), warning_trigger(16, 4, 4), warning_trigger(3, 6, 4)
    ('', 'days', 'grade')
    """
    return rules.trigger(days_late, grade_now, grade_before, days, notches)


@cell("WARNING_LEVEL", family="monitor")
def warning_level(
    trigger: Annotated[
        Text | None, Arg('result of WARNING_TRIGGER: "", days, grade, days+grade', "text")
    ],
    signals: Annotated[Whole | None, Arg("how many of the five signals fired", "count")] = None,
    default_expected: Annotated[
        Flag, Arg("TRUE if the trend reaches the default state within the horizon", "flag")
    ] = False,
    insolvent: Annotated[Flag, Arg("TRUE if insolvency proceedings are known", "flag")] = False,
) -> Annotated[Text, Arg('"", blue, yellow or red', "text")]:
    """Level of a warning from trigger, signals, expected default and insolvency: blue, yellow, red.

    >>> warning_level("days"), warning_level("days+grade"), warning_level("", 1)
    ('yellow', 'red', 'blue')
    """
    fired = (trigger or "").replace(" ", "").casefold()
    return rules.level(
        "" if fired == "0" else fired, signals or 0, expected=default_expected, insolvent=insolvent
    )


@cell("WARNING_ACTION", family="monitor")
def warning_action(
    level: Annotated[Choice | None, Arg("blue, yellow or red", "text", "warning_level")],
    grade: Annotated[
        Whole | None, Arg("grade now, 1 to 10; left out: the most cautious action", "points")
    ] = None,
    exposure: Annotated[Amount | None, Arg("what is at risk, for the amounts", "money")] = None,
    language: Language = "en",
) -> Annotated[Table, Arg("terms, collateral, reduce: share, amount, owner, days", "table")]:
    """Recommended response to a level: terms, collateral and volume with size and owner. Nothing is applied.

    >>> from decimal import Decimal
    >>> warning_action("yellow", 5, Decimal(10_000))[3]
    ['yellow', 'reduce', 'Bring the exposure down', 0.25, Decimal('2500.00'), 'Sales with credit manager', 30, 'recommended, not applied']
    """
    found = rules.actions(level or "", grade, exposure, language)
    return [list(rules.ACTION_HEADINGS), *(one.cells(language) for one in found)]


@cell("WARNING_SIGNALS", family="monitor")
def warning_signals(
    events: Annotated[
        Table | None,
        Arg("events of one customer with headings date, kind; blank = not kept", "table"),
    ],
    periods: Annotated[
        Table | None,
        Arg("days to pay with headings month_end, days_to_pay; blank = not known", "table"),
    ],
    as_of: Annotated[Day, Arg("day of the question; later rows are not known yet", "date")],
    rules_table: Annotated[
        Table | None,
        Arg("other windows and counts with headings signal, window, count", "table"),
    ] = None,
    language: Language = "en",
) -> Annotated[Table, Arg("signal, fired, evidence, rule; fired is blank if untested", "table")]:
    """The five early signals of one customer: fired or not, the evidence, and the rule.

    >>> from datetime import date
    >>> events = [["date", "kind"], ["2026-10-02", "Lawsuit"]]
    >>> [row[0] for row in warning_signals(events, None, date(2026, 10, 31)) if row[1] is True]
    ['lawsuits']
    """
    from receivables.monitor import warnings_signals as early
    from receivables.monitor import warnings_table as read

    found = early.signals(
        None if events is None else read.events_of(events),
        None if periods is None else read.periods_of(periods),
        as_of,
        None if rules_table is None else read.rules_of(rules_table),
        language,
    )
    return early.rows(found, language)


@cell("WARNING_HORIZON", family="monitor")
def warning_horizon(
    month_ends: Annotated[Days, Arg("ends of the months", "date")],
    days_beyond_terms: Annotated[
        Numbers, Arg("days beyond terms of each month; blank = no payments", "days")
    ],
    as_of: Annotated[Day, Arg("day of the question; later months are not known yet", "date")],
    default_days: Annotated[
        Number | None,
        Arg("days beyond terms that are the default state; 60 where left out", "days"),
    ] = None,
    horizon_days: Annotated[
        Number | None, Arg("days ahead that are watched; 90 where left out", "days")
    ] = None,
    confidence: Annotated[
        Number | None,
        Arg("0.8, 0.9 or 0.95: share the band is to hold; 0.8 where left out", "share"),
    ] = None,
    min_points: Annotated[
        Whole | None, Arg("months needed for a trend; 6 where left out", "count")
    ] = None,
) -> Annotated[Table, Arg("now, slope, days until default, within: value, low, high", "table")]:
    """Days until days beyond terms reach the default state, by a least-squares line with its prediction band.

    Raises:
        NotAvailableError: fewer months than needed, or none of late.

    >>> from datetime import date
    >>> ends = [date(2026, month, 28) for month in range(5, 11)]
    >>> warning_horizon(ends, [10, 20, 30, 40, 50, 60], date(2026, 10, 31))[4]
    ['within', 'yes', None, None]
    """
    from receivables.monitor import horizon

    aim = horizon.Aim.of(default_days, horizon_days, confidence, min_points)
    return horizon.rows(horizon.horizon(month_ends, days_beyond_terms, as_of, aim))
