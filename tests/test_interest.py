"""Late-payment interest against a day-by-day ledger that imports nothing of it, and the traps of each scheme."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.errors import BadValueError, DomainError, NotAvailableError
from receivables.resources import data_rows
from receivables.respond.interest import Debt, Payment, charge, explained
from receivables.respond.interest_own import terms_of
from receivables.respond.interest_rates import dated, series
from receivables.respond.interest_schemes import schemes
from receivables.respond.interest_terms import Terms
from receivables.respond.statutory import default_start, fixed_sum, has_fixed_sum

DAY = timedelta(1)


def day_by_day(amount, due_on, until, rate_of, payments, *, divisor=None, first="principal"):
    """The oracle: walk over every day, one at a time."""
    principal, owed, total = Decimal(amount), Decimal(0), Decimal(0)
    came: dict[date, list[tuple[Decimal, str]]] = {}
    for on, paid, kind in payments:
        came.setdefault(on, []).append((Decimal(paid), kind))
    day = min([due_on, *came])
    while day <= until:
        if day > due_on:
            leap = day.year % 4 == 0 and (day.year % 100 != 0 or day.year % 400 == 0)
            interest = principal * rate_of(day) / (divisor or (366 if leap else 365))
            owed += interest
            total += interest
        for paid, kind in sorted(came.get(day, []), key=lambda one: one[1] == "payment"):
            rest = paid
            if kind == "payment" and first == "interest":
                taken = min(rest, owed)
                owed, rest = owed - taken, rest - taken
            taken = min(rest, principal)
            principal, rest = principal - taken, rest - taken
            if kind == "payment":
                owed -= min(rest, owed)
        day += DAY
    return owed, total


AMOUNTS = st.decimals("0.01", "250000", places=2)
OFFSETS = st.integers(-20, 900)
PAYMENTS = st.lists(
    st.tuples(OFFSETS, AMOUNTS, st.sampled_from(["payment", "credit_note"])), max_size=5
)
DUE = st.dates(date(2021, 1, 1), date(2023, 12, 31))


def oracle_rate(series_name: str, margin: str, up: Decimal | None = None):
    rows = [row for row in data_rows("interest_rates.csv") if row["series"] == series_name]

    def rate(day: date) -> Decimal:
        row = next(row for row in rows if row["valid_from"] <= day.isoformat() <= row["valid_to"])
        found = Decimal(row["rate"]) + Decimal(margin)
        while up is not None and found % up:
            found += Decimal("0.0001")
        return found

    return rate


@settings(max_examples=60, deadline=None)
@given(
    AMOUNTS, DUE, st.integers(0, 800), PAYMENTS, st.sampled_from([1, 2, 3]),
    st.sampled_from(["principal", "interest"]),
)  # fmt: skip
def test_a_flat_rate_equals_the_walk_over_days(
    amount, due_on, days, payments, basis, first
) -> None:
    until = due_on + timedelta(days)
    came = [(due_on + timedelta(offset), paid, kind) for offset, paid, kind in payments]
    terms = Terms.of("7.3%", basis=basis, allocation=first)
    debt = Debt(amount, due_on, payments=tuple(Payment(*one) for one in came))
    found = charge(debt, until, terms)
    divisor = {1: None, 2: 360, 3: 365}[basis]
    owed, total = day_by_day(
        amount, due_on, until, lambda _day: Decimal("0.073"), came, divisor=divisor, first=first
    )
    assert abs(found.amount - owed) < Decimal("1e-12")
    assert abs(found.accrued - total) < Decimal("1e-12")


@settings(max_examples=60, deadline=None)
@given(
    AMOUNTS, DUE, st.integers(0, 800), PAYMENTS, st.sampled_from(["DE", "FR", "BE", "EU", "UK"])
)
def test_a_scheme_equals_the_walk_over_days(amount, due_on, days, payments, law) -> None:
    until = due_on + timedelta(days)
    came = [(due_on + timedelta(offset), paid, kind) for offset, paid, kind in payments]
    debt = Debt(amount, due_on, payments=tuple(Payment(*one) for one in came))
    found = charge(debt, until, Terms.of(law))
    start = due_on
    if law == "DE":
        while start.weekday() > 4:
            start += DAY
    rate = {
        "DE": oracle_rate("DE_BASIS", "0.09"),
        "FR": oracle_rate("ECB_MRO", "0.10"),
        "EU": oracle_rate("ECB_MRO", "0.08"),
        "BE": oracle_rate("ECB_MRO", "0.08", Decimal("0.005")),
        "UK": lambda _day: oracle_rate("BOE_BASE", "0.08")(start + DAY),
    }[law]
    came = [(on, paid, kind) for on, paid, kind in came]
    owed, total = day_by_day(amount, start, until, rate, came, divisor=365)
    assert abs(found.accrued - total) < Decimal("1e-12")
    assert abs(found.amount - owed) < Decimal("1e-12")


@settings(max_examples=40, deadline=None)
@given(AMOUNTS, DUE, st.integers(1, 800), PAYMENTS, st.sampled_from(sorted(schemes())))
def test_segments_join_without_gap_and_sum_up(amount, due_on, days, payments, law) -> None:
    if law in {"CUSTOM", "CN_CONTRACT", "IE"}:
        return
    debt = Debt(
        amount, due_on,
        payments=tuple(Payment(due_on + timedelta(at), paid, kind) for at, paid, kind in payments),
    )  # fmt: skip
    found = charge(debt, due_on + timedelta(days), Terms.of(law))
    assert sum((part.interest for part in found.segments), Decimal(0)) == found.accrued
    for first, second in zip(found.segments, found.segments[1:], strict=False):
        assert first.to_on + DAY == second.from_on
        assert first.principal >= second.principal
    rows = explained(found)
    assert len(rows) == len(found.segments) + 2
    assert rows[-1][6] == found.amount


def test_daily_rounding_is_each_days_interest_times_days() -> None:
    debt = Debt(Decimal("333.33"), date(2026, 1, 31))
    terms = Terms.of("10%", rounding="daily", currency="EUR")
    assert charge(debt, date(2026, 3, 2), terms).amount == Decimal("0.09") * 30
    yen = Terms.of("10%", rounding="daily", currency="JPY")
    assert charge(Debt(Decimal(10000), date(2026, 1, 31)), date(2026, 3, 2), yen).amount == 3 * 30
    with pytest.raises(BadValueError, match="actual days"):
        charge(debt, date(2026, 3, 2), Terms.of("10%", rounding="daily", basis=0))


def test_ireland_charges_each_part_at_the_rate_of_its_payment_date() -> None:
    debt = Debt(
        Decimal(1000), date(2025, 6, 20), payments=(Payment(date(2025, 6, 30), Decimal(400)),)
    )
    found = charge(debt, date(2025, 7, 10), Terms.of("IE"))
    expected = Decimal(400) * 10 * Decimal("0.1115") + Decimal(600) * 20 * Decimal("0.1015")
    assert abs(found.amount - expected / 365) < Decimal("1e-12")
    assert found.provisional
    paid = Debt(
        Decimal(1000), date(2025, 6, 20), payments=(Payment(date(2025, 6, 30), Decimal(1000)),)
    )
    assert not charge(paid, date(2025, 7, 10), Terms.of("IE")).provisional
    with pytest.raises(BadValueError, match="principal first"):
        charge(debt, date(2025, 7, 10), Terms.of("IE", allocation="interest"))


def test_a_letter_shows_what_it_needs() -> None:
    found = charge(Debt(Decimal(10000), date(2026, 1, 31)), date(2026, 4, 1), Terms.of("UK"))
    assert found.minor("GBP") == 19315
    assert found.rate_text == "11.75 % a year"
    assert found.basis == "actual/365"
    assert (found.from_on, found.until) == (date(2026, 2, 1), date(2026, 4, 1))
    assert found.confirmed
    german = charge(Debt(Decimal(10000), date(2025, 6, 11)), date(2025, 7, 10), Terms.of("DE"))
    assert german.rate_text == "11.27 % a year, 10.27 % a year"
    assert not german.confirmed


def test_surplus_settles_interest_and_disputed_bears_none() -> None:
    debt = Debt(
        Decimal(1000), date(2026, 1, 31), payments=(Payment(date(2026, 2, 10), Decimal(1001)),)
    )
    found = charge(debt, date(2026, 2, 20), Terms.of("10%"))
    assert found.accrued == Decimal(1000) * Decimal("0.1") * 10 / 365
    assert found.amount == found.accrued - 1
    part = Debt(Decimal(1000), date(2026, 1, 31), disputed=Decimal(250))
    assert charge(part, date(2026, 2, 20), Terms.of("10%")).segments[0].principal == 750
    with pytest.raises(DomainError, match="is disputed of a debt"):
        charge(
            Debt(Decimal(5), date(2026, 1, 31), disputed=Decimal(6)),
            date(2026, 2, 20),
            Terms.of("10%"),
        )


def test_past_the_last_known_rate() -> None:
    debt = Debt(Decimal(1000), date(2026, 6, 10))
    with pytest.raises(NotAvailableError, match="known from 2020-01-01 to 2026-06-30"):
        charge(debt, date(2026, 7, 1), Terms.of("FR"))
    assert charge(debt, date(2026, 6, 30), Terms.of("FR")).amount
    assumed = charge(debt, date(2026, 7, 1), Terms.of("FR", assume_last=True))
    assert not assumed.confirmed
    with pytest.raises(NotAvailableError):
        charge(
            Debt(Decimal(1), date(2019, 1, 1)), date(2019, 2, 1), Terms.of("FR", assume_last=True)
        )


def test_the_rate_of_the_contract_date() -> None:
    terms = terms_of(
        [
            ["scheme", "CN_SALE"],
            ["factor", 1],
            ["reset", "contract"],
            ["contract_on", "2024-10-20"],
        ]
    )
    debt = Debt(Decimal(36500), date(2025, 6, 30))
    assert charge(debt, date(2025, 7, 10), terms).amount == Decimal("33.5")
    with pytest.raises(BadValueError, match="give contract_on"):
        charge(debt, date(2025, 7, 10), terms_of([["scheme", "CN_SALE"], ["reset", "contract"]]))


@pytest.mark.parametrize(("rate", "good"), [(0.0309, False), (0.031, True), (0.12, True)])
def test_an_agreed_rate_of_the_sme_regulation_is_not_below_the_lpr_of_the_contract(
    rate, good
) -> None:
    rows = [["scheme", "CN_SME"], ["rate", rate], ["contract_on", "2025-05-19"]]
    if good:
        assert terms_of(rows).rate_on(date(2026, 3, 1)).rate == Decimal(repr(rate))
        return
    with pytest.raises(DomainError, match="at least CN_LPR1Y of the contract date"):
        terms_of(rows)


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ([["rate", "daily_rate"], [0.1, 0.001]], "Give one of them"),
        ([["scheme", "colour"], ["UK", "red"]], "unknown heading 'colour'"),
        ([["rate", "reset"], [0.1, "often"]], "reset: 'often' is not one of"),
        ([["scheme", "rate"], ["UK", 12]], "12 means 12 %"),
    ],
)
def test_own_terms_that_cannot_be(terms, message) -> None:
    with pytest.raises((BadValueError, DomainError), match=message):
        terms_of(terms)


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        ([["valid_from", "rate"], [None, 0.1]], "no valid_from"),
        ([["valid_from", "rate", "base_rate"], ["2026-07-01", 0.1, 0.02]], "either base_rate"),
        ([["valid_from", "rate"], ["2026-07-01", None]], "either base_rate"),
        (
            [["valid_from", "valid_to", "rate"], ["2026-07-01", "2026-06-01", 0.1]],
            "ends on 2026-06-01",
        ),
        ([["valid_from", "rate"], ["2026-07-01", 0.1], ["2026-07-01", 0.2]], "ends on"),
        ([["scheme", "valid_from", "rate"], ["FR", "2026-07-01", 0.1]], "no row for DE"),
    ],
)
def test_rates_that_cannot_be(rates, message) -> None:
    with pytest.raises((BadValueError, NotAvailableError), match=message):
        terms_of("DE", rates)


def test_own_rates_stand_in_place_of_those_shipped_on_the_same_days() -> None:
    rates = [["valid_from", "valid_to", "rate"], ["2025-03-01", "2025-03-31", 0.2]]
    table = terms_of("FR", rates).table
    assert table is not None
    told = {
        day: table.at(date.fromisoformat(day)).rate
        for day in ("2025-02-28", "2025-03-01", "2025-03-31", "2025-04-01")
    }
    assert list(told.values()) == [
        Decimal("0.1315"),
        Decimal("0.2"),
        Decimal("0.2"),
        Decimal("0.1315"),
    ]


def test_rates_without_an_end() -> None:
    rows = [(date(2026, 1, 1), None, Decimal("0.1")), (date(2026, 3, 1), None, Decimal("0.2"))]
    assert [one.valid_to for one in dated(rows, half_years=True)] == [
        date(2026, 2, 28),
        date(2026, 6, 30),
    ]
    assert dated(rows, half_years=False)[1].valid_to == date(9999, 12, 31)


def test_every_rate_and_scheme_has_a_source_and_no_gap() -> None:
    names = {row["series"] for row in data_rows("interest_rates.csv")}
    assert {found.series for found in schemes().values() if found.series} == names
    for name in names:
        periods = series(name).periods
        for first, second in itertools.pairwise(periods):
            assert first.valid_to + DAY == second.valid_from, name
    for table in (
        "interest_rates.csv",
        "interest_schemes.csv",
        "statutory_sums.csv",
        "default_start.csv",
        "limitation.csv",
    ):
        for row in data_rows(table):
            assert row["source"], table
            assert row.get("as_of") or row["checked_on"], table
            assert None not in row, f"{table}: a comma that is not quoted"
            assert None not in row.values(), f"{table}: a cell is missing"


def test_fixed_sums() -> None:
    assert has_fixed_sum("UK")
    assert not has_fixed_sum("CH")
    assert fixed_sum("PL", Decimal(60000), "PLN").currency == "EUR"
    with pytest.raises(BadValueError, match="Convert it first"):
        fixed_sum("UK", Decimal(5), "EUR")
    with pytest.raises(DomainError, match="no late debt"):
        fixed_sum("UK", Decimal(0))


@pytest.mark.parametrize(
    ("law", "options", "expected"),
    [
        ("DE", {}, date(2026, 3, 3)),
        ("DE", {"contractual": False}, date(2026, 4, 2)),
        ("DE", {"contractual": False, "received_on": date(2026, 3, 10)}, date(2026, 4, 10)),
        ("DE", {"contractual": False, "reminded_on": date(2026, 3, 2)}, date(2026, 4, 2)),
        ("DE", {"contractual": False, "reminded_on": date(2026, 3, 3)}, date(2026, 3, 4)),
        ("FR", {"contractual": False, "reminded_on": date(2026, 3, 3)}, date(2026, 4, 2)),
        ("CN_SME", {"contractual": False}, date(2026, 3, 3)),
    ],
)
def test_when_default_begins(law, options, expected) -> None:
    assert default_start(law, date(2026, 3, 2), **options) == expected
