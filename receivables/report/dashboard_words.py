"""The dashboard's sentences and figures as text, the same on the sheet and on the page."""

from __future__ import annotations

from dataclasses import dataclass

from receivables import money
from receivables.report.dashboard_figures import Figures
from receivables.report.labels import label, term

NAME_LETTERS = 30
FIRST_WIDE = 0x2E7F
"""Letters from here on take the room of two."""
LEVELS = ("red", "yellow", "blue")
AGES = {"due": "screen.ages_due", "issued": "screen.ages_issued"}


@dataclass(frozen=True, slots=True)
class Words:
    """Texts around the figures in a language."""

    figures: Figures
    language: str
    base: str = "due"

    def text(self, key: str, **values: object) -> str:
        """Label of a key."""
        return label(key, self.language, **values)

    def amount(self, minor: int | None) -> str:
        """Whole units of the main currency."""
        return whole(minor, self.figures.currency)

    def light(self) -> str:
        """How many books do not tie out, and by how much."""
        light = self.figures.light
        if not light.failing:
            return self.text("screen.books", count=light.books)
        apart = ", ".join(f"{name} {exact(amount, name)}" for name, amount in light.differences)
        said = self.text("screen.books_bad", count=light.failing, books=light.books)
        return f"{said}: {apart}" if apart else said

    def main(self) -> str:
        """Which currency the figures are in."""
        return self.text("screen.main", currency=self.figures.currency or "–")

    def open_note(self) -> str:
        """Change since the period before."""
        now, before = self.figures.main["open"], self.figures.prior
        if not isinstance(now, int) or before is None:
            return self.text("screen.no_prior")
        return self.text("screen.since", change=self._change(now, before))

    def overdue_note(self) -> str:
        """Share of the debt, and what is 30 days late or more."""
        share, over = self.figures.main["overdue_share"], self.figures.main["over_30"]
        if not isinstance(share, float) or not isinstance(over, int):
            return ""
        return self.text("screen.overdue_note", share=f"{share:.1%}", over=self.amount(over))

    def dso_note(self) -> str:
        """Best possible DSO and the month before."""
        row = self.figures.main
        if row["dso"] is None:
            return self.text("screen.no_speed")
        said = self.text("screen.dso_note", best=days(row["best"]), before=days(row["dso_before"]))
        over = self.figures.trend["month_end"][-1] == self.figures.as_of
        return said if over else f"{self.month()}: {said}"

    def reserve_note(self) -> str:
        """Change since the opening, or why there is no reserve."""
        reserve = self.figures.reserve
        if reserve.why:
            return self.text(
                "screen.no_rates" if reserve.why == "no_rates" else "screen.no_book",
                currency=self.figures.currency,
            )
        assert reserve.closing is not None
        assert reserve.opening is not None
        return self.text("screen.since", change=self._change(reserve.closing, reserve.opening))

    def warning_label(self) -> str:
        """Heading of the warnings, or that there are none to know."""
        if self.figures.levels is None:
            return self.text("screen.no_warnings")
        return self.text("screen.warnings")

    def panel(self, name: str) -> str:
        """Heading of a chart: what it shows, in which currency, or why it shows nothing."""
        figures = self.figures
        currency = figures.currency
        if name == "ages":
            apart_amount = int(figures.ages["amount"][-1])
            said = self.text(AGES[self.base], currency=currency)
            apart = (
                self.text("screen.credits", amount=self.amount(apart_amount))
                if apart_amount
                else ""
            )
            return said + apart
        if name == "reserve":
            reserve = figures.reserve
            said = self.text("screen.reserve_steps", currency=currency)
            if reserve.why:
                return f"{said}: {self.reserve_note()}"
            return f"{said}, {reserve.start} – {figures.as_of}"
        return {
            "share": self._trend("overdue_share", "screen.share"),
            "speed": self._trend("dso", "screen.speed"),
            "top": self.text("screen.top", currency=currency),
            "grades": self._grades(),
            "map": self._map(),
            "insurer": self._insurer(),
            "currencies": self.text("screen.currencies"),
        }[name]

    def step(self, name: str) -> str:
        """A step of the reserve's movement."""
        return self.text("opening") if name == "opening" else term("roll", name, self.language)

    def month(self) -> str:
        """The last month of the trend."""
        return f"{self.figures.trend['month_end'][-1]:%Y-%m}"

    def caption(self, name: str, amount: int | None) -> str:
        """A step and its amount, to stand below a column."""
        # A minus sign: charts break a line after a hyphen.
        return (
            self.step(name)
            if amount is None
            else f"{self.step(name)} {self.amount(amount)}".replace("-", "\u2212")
        )

    def further(self) -> str:
        """Currencies that have no row, or that nothing was converted."""
        if not self.figures.further:
            return self.text("screen.apart")
        return self.text("screen.further", names=", ".join(self.figures.further))

    def insurer_more(self) -> str:
        """How many more there are than the list has."""
        found = self.figures.insurer
        if found is None:
            return ""
        more = self.figures.insurer_count - found.height
        return self.text("screen.insurer_more", count=more) if more else ""

    def insurer_nothing(self) -> str:
        """What stands in place of the list."""
        if self.figures.insurer is None:
            return self.text("screen.no_insurance")
        return "" if self.figures.insurer_count else self.text("screen.insurer_none")

    def watch(self, name: str, count: int | None) -> tuple[str, str]:
        """A further count and its name; – = the ledger cannot say."""
        return label(
            f"dashboard.watch_{name}", self.language
        ), "–" if count is None else f"{count:,}"

    def _grades(self) -> str:
        found = self.figures.grades
        if found is None:
            return self.text("screen.no_grades")
        if found.before is None:
            return self.text("screen.grades")
        return self.text(
            "screen.grades_moved", better=found.better, worse=found.worse, date=found.before
        )

    def _trend(self, name: str, key: str) -> str:
        said = self.text(key, currency=self.figures.currency, month=self.month())
        if self.figures.trend[name].drop_nulls().len():
            return said
        why = self.text("screen.no_speed" if name == "dso" else "screen.not_known")
        return f"{said}: {why}"

    def _map(self) -> str:
        said = self.text("screen.map", currency=self.figures.currency)
        return said if self.figures.mapped else f"{said}: {self.text('screen.no_map')}"

    def _insurer(self) -> str:
        count = self.figures.insurer_count
        return self.text("screen.insurer", count=count) if count else self.text("screen.insurer_0")

    def _change(self, now: int, before: int) -> str:
        moved = now - before
        part = f" ({moved / before:+.1%})" if before > 0 else ""
        sign = "+" if moved > 0 else ""
        return f"{sign}{self.amount(moved)}{part}"


def short_name(name: str | None) -> str:
    """A name as long as there is room for beside a bar, wide letters counted twice.

    >>> short_name("Meyer"), short_name("Société Générale de Distribution et de Représentation")
    ('Meyer', 'Société Générale de Distribut...')
    """
    wide = 0
    for index, sign in enumerate(name or ""):
        wide += 2 if ord(sign) > FIRST_WIDE else 1
        if wide > NAME_LETTERS:
            return f"{(name or '')[: index - 1]}..."
    return name or ""


def whole(minor: int | None, currency: str) -> str:
    """Whole units of a currency, half up, as a cell shows them.

    >>> whole(123456789, "EUR"), whole(-150, "EUR"), whole(None, "EUR")
    ('1,234,568', '-2', '–')
    """
    return (
        "–" if minor is None else f"{money.half_up(money.to_decimal(minor, currency or 'EUR')):,}"
    )


def exact(minor: int, currency: str) -> str:
    """An amount with all its decimals.

    >>> exact(-186340, "EUR"), exact(500, "JPY")
    ('-1,863.40', '500')
    """
    return f"{money.to_decimal(minor, currency or 'EUR'):,f}"


def days(value: object) -> str:
    """Days with one decimal, – where not known.

    >>> days(39.356), days(None)
    ('39.4', '–')
    """
    return f"{value:.1f}" if isinstance(value, float) else "–"
