"""The five early signs that a customer is going to default, each with its window and evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import pairwise

from receivables.days import edate
from receivables.errors import BadValueError, DomainError
from receivables.monitor.country import fold
from receivables.monitor.warnings_rules import rule
from receivables.resources import data_rows

HEADINGS = ("signal", "fired", "evidence", "rule")
FIVE = ("cycle", "terms", "management", "lawsuits", "bank")
"""The five signals of the source; insolvency stands beside them."""
INSOLVENCY = "insolvency"
OTHER = "other"

_TEXTS = {
    "en": {
        "none": "no event", "events": "{now} within {window} days, last on {last}",
        "before": "; {before} in the {window} days before", "few": "{have} periods, {need} needed",
        "old": "last period {last} is too old", "gap": "periods too far apart",
        "other": "of no signal: {names}",
    },
    "zh": {
        "none": "无事件", "events": "{window} 天内 {now} 次,最近 {last}",
        "before": ";此前 {window} 天 {before} 次", "few": "仅 {have} 期,需要 {need} 期",
        "old": "最近一期 {last} 过旧", "gap": "各期间隔过大",
        "other": "不属于任何信号:{names}",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """How a signal fires: `rising` periods, `at_least` so many events, `more` events than before."""

    signal: str
    kind: str
    window: int
    count: int
    words: tuple[str, ...]
    text_en: str
    text_zh: str
    rule_en: str
    rule_zh: str

    def text(self, language: str) -> str:
        """The signal in words."""
        return self.text_zh if language == "zh" else self.text_en

    def in_words(self, language: str) -> str:
        """The rule in words, with its figures."""
        pattern = self.rule_zh if language == "zh" else self.rule_en
        return pattern.format(count=self.count, window=self.window)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a customer; `kind` as the ledger writes it."""

    on: date
    kind: str


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal: fired, not fired, or None = could not be tested; with its evidence."""

    rule: Rule
    fired: bool | None
    evidence: str


@cache
def rules() -> dict[str, Rule]:
    """The rule of each signal (`data/warning_signals.csv`), the five first.

    >>> rules()["terms"].window, rules()["terms"].count, len(rules())
    (90, 2, 6)
    """
    return {
        row["signal"]: Rule(
            row["signal"], row["rule"], int(row["window"] or 0), int(row["count"]),
            tuple(row["words"].split("|")), row["text_en"], row["text_zh"], row["rule_en"],
            row["rule_zh"],
        )
        for row in data_rows("warning_signals.csv")
    }  # fmt: skip


def changed_rules(changes: Mapping[str, tuple[int | None, int | None]]) -> dict[str, Rule]:
    """The rules with other windows and counts: signal → (window, count), None keeps what stands.

    Raises:
        BadValueError: an unknown signal.
        DomainError: a window or count below 1.

    >>> changed_rules({"terms": (30, None)})["terms"].in_words("en")
    '2 requests or more within 30 days'
    """
    found = dict(rules())
    for name, (window, count) in changes.items():
        if name not in found:
            raise BadValueError(f"There is no signal '{name}'. Known: {', '.join(found)}.")
        if (window is not None and window < 1) or (count is not None and count < 1):
            raise DomainError(f"{name}: window {window}, count {count}. Give 1 or more.")
        old = found[name]
        found[name] = replace(old, window=window or old.window, count=count or old.count)
    return found


@cache
def signal_of(kind: str) -> str:
    """The signal that a kind of event belongs to; "" where none knows it.

    >>> signal_of("Lawsuit"), signal_of("高管离职"), signal_of("Cheque returned")
    ('lawsuits', 'management', '')
    """
    return _words().get(fold(kind), "")


def signals(
    events: Sequence[Event] | None,
    periods: Mapping[date, float] | None,
    as_of: date,
    wanted: Mapping[str, Rule] | None = None,
    language: str = "en",
) -> list[Signal]:
    """Every signal of one customer, as known on the as-of date.

    Later events and periods are not known yet. An event counts for `window` days, the last of them
    included. Events of no signal are named in a line of their own, never dropped.

    Args:
        events: what happened; None = not kept, so these signals cannot be tested.
        periods: end of a period → days to pay in it; None = not known.
        as_of: day of the question.
        wanted: rules by signal, default `rules()`.
        language: of the evidence, en or zh.

    >>> today = date(2026, 10, 31)
    >>> asked = [Event(date(2026, 8, 31), "Terms change requested"), Event(date(2026, 10, 2), "Extension requested")]
    >>> found = signals(asked, {date(2026, 8, 31): 41, date(2026, 9, 30): 47, today: 58}, today)
    >>> [one.rule.signal for one in found if one.fired]
    ['cycle', 'terms']
    """
    known = [event for event in events or () if event.on <= as_of]
    found = [
        _rising(one, periods, as_of, language)
        if one.kind == "rising"
        else _counted(one, None if events is None else known, as_of, language)
        for one in (wanted or rules()).values()
    ]
    names = sorted({event.kind for event in known if not signal_of(event.kind)})
    if names:
        text = _TEXTS[language]["other"].format(names=", ".join(names))
        found.append(Signal(Rule(OTHER, "", 0, 0, (), "", "", "", ""), None, text))
    return found


def _counted(one: Rule, events: Sequence[Event] | None, as_of: date, language: str) -> Signal:
    if events is None:
        return Signal(one, None, "")
    mine = [event.on for event in events if signal_of(event.kind) == one.signal]
    ages = [(as_of - day).days for day in mine]
    now = sum(age <= one.window for age in ages)
    before = sum(one.window < age <= 2 * one.window for age in ages)
    evidence = count_evidence(one, now, before, max(mine, default=None), language)
    return Signal(one, fires(one, now, before), evidence)


def fires(one: Rule, now: int, before: int) -> bool:
    """Whether the events of the window, and of the window before it, fire a signal.

    >>> fires(rules()["lawsuits"], 2, 2), fires(rules()["lawsuits"], 3, 2), fires(rules()["terms"], 1, 0)
    (False, True, False)
    """
    return now >= one.count and (one.kind != "more" or now > before)


def count_evidence(one: Rule, now: int, before: int, last: date | None, language: str) -> str:
    """What was counted, in words."""
    texts = _TEXTS[language]
    if not now and not (before and one.kind == "more"):
        return texts["none"]
    shown = texts["events"].format(now=now, window=one.window, last=last)
    if one.kind == "more":
        shown += texts["before"].format(before=before, window=one.window)
    return shown


def _rising(one: Rule, periods: Mapping[date, float] | None, as_of: date, language: str) -> Signal:
    if periods is None:
        return Signal(one, None, "")
    days = sorted(day for day in periods if day <= as_of)[-one.count :]
    texts, gap = _TEXTS[language], int(rule("period_gap_months"))
    if len(days) < one.count:
        return Signal(one, None, texts["few"].format(have=len(days), need=one.count))
    if edate(days[-1], gap) < as_of:
        return Signal(one, None, texts["old"].format(last=days[-1]))
    pairs = list(pairwise(days))
    if any(edate(early, gap) < late for early, late in pairs):
        return Signal(one, None, texts["gap"])
    fired = all(periods[late] > periods[early] for early, late in pairs)
    return Signal(one, fired, " → ".join(f"{periods[day]:.1f}" for day in days))


@cache
def _words() -> dict[str, str]:
    return {fold(word): one.signal for one in rules().values() for word in one.words if word}


def rows(found: Sequence[Signal], language: str = "en") -> list[list[object]]:
    """The signals with headings.

    >>> rows(signals(None, None, date(2026, 10, 31)))[1]
    ['cycle', None, '', 'each of the last 3 periods longer than the one before']
    """
    lines: list[list[object]] = [list(HEADINGS)]
    lines += [
        [one.rule.signal, one.fired, one.evidence, one.rule.in_words(language)] for one in found
    ]
    return lines
