"""Loss rates out of a ledger's own history, against flows added up by hand."""

from datetime import date
from decimal import Decimal

import pytest

from receivables.errors import BadValueError, DomainError, NotAvailableError
from receivables.monitor import reserve_history as history
from receivables.monitor.buckets import Buckets
from receivables.monitor.reserve_methods import history_dates, rates_at
from receivables.monitor.reserve_policy import policy_of
from receivables.monitor.reserve_rates import cohort_rates, markov_rates, roll_rates
from receivables.refresh import reserve_job
from tests.ledgers import credit, invoice, payment
from tests.reserve_books import books, sample, write_off

AUG, SEP, OCT = date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31)
BUCKETS = Buckets.parse()


def flows(found, *days, buckets=BUCKETS, base="due"):
    balances = [history.standing(found.posted, day, buckets, base) for day in days]
    moved = history.moves(balances)
    return {(origin, to): amount for _, origin, to, amount in moved.iter_rows()}


def one_step():
    """1,000 in 1-30 d at the end of September: where each part stands a month later."""
    return books(
        documents=[
            invoice("A", 400_00, "07-01", "09-10"),  # stays open: older
            invoice("B", 300_00, "07-01", "09-10"),  # paid
            invoice("C", 200_00, "07-01", "09-10"),  # written off
            invoice("D", 100_00, "07-01", "09-10"),  # credited: dilution
            write_off("W", 200_00, "10-12", "C"),
            credit("K", 100_00, "10-12", "D"),
            invoice("E", 500_00, "10-01", "10-20"),  # new: was not there
        ],
        payments=[payment("P", 300_00, "10-15", "B")],
    )


def test_every_amount_goes_somewhere() -> None:
    assert flows(one_step(), SEP, OCT) == {
        (1, 2): 400_00,
        (1, history.PAID): 300_00,
        (1, history.LOST): 200_00,
        (1, history.DILUTED): 100_00,
    }


def test_credit_notes_are_neither_cash_nor_loss() -> None:
    """Of 900 that left: 4/9 roll on, 2/9 are lost at once."""
    found = one_step()
    balances = [history.standing(found.posted, day, BUCKETS, "due") for day in (SEP, OCT)]
    lines = roll_rates(history.moves(balances), BUCKETS.labels, "own")
    assert lines[1].roll == Decimal(400_00) / Decimal(900_00)
    assert lines[1].lost == Decimal(200_00) / Decimal(900_00)
    assert lines[1].rate is None, "what 31-60 d loses is not known yet"
    given = roll_rates(history.moves(balances), BUCKETS.labels, "own", {"31-60 d": Decimal("0.5")})
    assert abs(given[1].rate - Decimal(4) / 9) < Decimal("1e-20"), "2/9 + 4/9 × 50 %"


def test_the_last_bucket_ends_in_write_offs_not_in_its_balance() -> None:
    found = books(
        documents=[
            invoice("A", 1000_00, "01-01", "02-01"),
            invoice("B", 600_00, "01-01", "02-01"),
            write_off("W", 200_00, "10-12", "B"),
        ],
        payments=[payment("P", 300_00, "10-15", "B")],
    )
    balances = [history.standing(found.posted, day, BUCKETS, "due") for day in (SEP, OCT)]
    last = roll_rates(history.moves(balances), BUCKETS.labels, "own")[4]
    assert last.rate == Decimal("0.4"), "200 of the 500 that left; 1,100 still there say nothing"


def test_markov_and_rolls_agree_where_nothing_stays() -> None:
    found = books(
        documents=[
            invoice("A", 1000_00, "06-01", "08-20"),
            invoice("B", 600_00, "01-01", "02-01"),
            write_off("W", 200_00, "09-12", "B"),
            invoice("C", 300_00, "06-01", "07-05"),
            invoice("D", 300_00, "06-01", "06-15"),
        ],
        payments=[
            payment("P", 400_00, "09-15", "B"), payment("Q", 250_00, "09-15", "A"),
            payment("R", 100_00, "10-15", "A"), payment("S", 90_00, "09-15", "C"),
            payment("T", 60_00, "10-15", "C"), payment("U", 30_00, "09-15", "D"),
            payment("V", 250_00, "10-01", "D"),
        ],
    )  # fmt: skip
    moved = history.moves(
        [history.standing(found.posted, day, BUCKETS, "due") for day in (AUG, SEP, OCT)]
    )
    rolls = roll_rates(moved, BUCKETS.labels, "own")
    chain = markov_rates(moved, BUCKETS.labels, "own")
    for roll, link in zip(rolls[1:5], chain[1:5], strict=True):
        assert roll.rate is not None
        assert abs(roll.rate - link.rate) < Decimal("1e-12"), roll.label
    assert chain[0].rate is None, "nothing was ever Current"


def test_a_write_off_in_instalments_is_shared() -> None:
    found = books(
        documents=[
            invoice("A", 300_00, "07-01", "09-10", instalment=1),
            invoice("A", 300_00, "07-01", "09-20", instalment=2),
            write_off("W", 600_00, "10-12", "A"),
        ]
    )
    assert flows(found, SEP, OCT) == {(1, history.LOST): 600_00}


def test_a_bounce_and_intercompany_are_no_flow() -> None:
    found = books(
        documents=[
            invoice("A", 100_00, "07-01", "09-10"),
            invoice("G", 900_00, "07-01", "09-10", customer_id="C9"),
        ],
        payments=[
            payment("P", 40_00, "09-20", "A"),
            payment("B", 40_00, "10-02", "A", kind="bounced"),
        ],
        customers=[{"customer_id": "C9", "name": "Group", "intercompany": True}],
    )
    assert flows(found, SEP, OCT) == {(1, 2): 60_00}


def test_cohorts_lose_what_their_documents_lost() -> None:
    """Of 1,000 that reached 1-30 d two months ago, 50 were credited and 190 written off since."""
    found = books(
        documents=[
            invoice("A", 600_00, "06-01", "08-10"),
            invoice("B", 400_00, "06-01", "08-10"),
            credit("K", 50_00, "09-05", "B"),
            write_off("W", 190_00, "10-20", "B"),
            invoice("N", 800_00, "10-01", "10-10"),
        ],
        payments=[payment("P", 600_00, "09-10", "A")],
    )
    balances = [history.standing(found.posted, day, BUCKETS, "due") for day in (AUG, SEP, OCT)]
    rows = {
        (bucket, reached, lost)
        for _, bucket, reached, lost in history.cohorts(balances, 2, BUCKETS.no_date).iter_rows()
    }
    assert (1, 950_00.0, 190_00.0) in rows
    assert (2, 350_00.0, 190_00.0) in rows
    lines = cohort_rates(history.cohorts(balances, 2, BUCKETS.no_date), BUCKETS.labels, "own")
    assert lines[1].rate == Decimal("0.2")
    with pytest.raises(NotAvailableError, match="more than 3 month ends"):
        history.cohorts(balances, 3, BUCKETS.no_date)


def test_migration_by_years_from_the_issue_date() -> None:
    """迁徙率: of 1,000 within a year, 250 are still open a year later and are lost in the end."""
    found = books(
        documents=[
            invoice("A", 1000_00, "2025-03-01", "2025-04-01"),
            invoice("B", 500_00, "2024-01-01", "2024-02-01"),
            {**write_off("W", 500_00, "2026-05-01", "B")},
            invoice("N", 2000_00, "2026-05-01", "2026-06-01"),
        ],
        payments=[payment("P", 750_00, "2026-01-15", "A")],
    )
    answer = reserve_job(found, OCT, policy_of({}), method="cas22")
    rates = {line.label: line.rate for line in answer.reserve.rates["EUR"]}
    assert rates["1-2年"] == 1, "500 of 500 written off"
    assert rates["1年以内"] == Decimal("0.25")
    assert answer.framework == "CAS22"
    shown = answer.to_json()["currencies"][0]
    assert [(line["bucket"], line["reserve"]) for line in shown["pool"]] == [
        ("1年以内", "500.00"),
        ("1-2年", "250.00"),
    ]


def test_fewer_months_than_asked_says_what_is_there() -> None:
    found = books(documents=[invoice("A", 100_00, "08-15", "09-01")])
    with pytest.raises(
        NotAvailableError, match="first posting is of 2026-08-15: 2 months are there"
    ):
        reserve_job(found, OCT, sample(), method="roll")
    assert len(history_dates(found.posted, OCT, 2, "roll")) == 3
    with pytest.raises(BadValueError, match="There is no method 'rolls'"):
        rates_at(found.posted, OCT, sample(), "rolls", BUCKETS, "due")


def test_currencies_are_pools_of_their_own_unless_weighed() -> None:
    rows = [
        invoice("A", 100_00, "07-01", "09-10"), invoice("U", 100_00, "07-01", "09-10", currency="USD"),
        write_off("W", 100_00, "10-05", "A"),
    ]  # fmt: skip
    found = books(documents=rows, payments=[payment("P", 100_00, "10-05", "U", currency="USD")])
    policy = policy_of({"months": 1})
    apart = rates_at(found.posted, OCT, policy, "roll", BUCKETS, "due")
    assert {pool: lines[1].rate for pool, lines in apart.items()} == {"EUR": 1, "USD": 0}
    one = rates_at(found.posted, OCT, policy, "roll", BUCKETS, "due", {"EUR": 1.0, "USD": 3.0})
    assert {pool: lines[1].rate for pool, lines in one.items()} == {"": Decimal("0.25")}


def test_a_missing_rate_of_the_history_names_the_cure() -> None:
    found = books(
        documents=[invoice("A", 100_00, "06-01", "08-01"), invoice("B", 5_00, "07-01", "08-30")]
    )
    with pytest.raises(DomainError, match="pooled with --currency"):
        reserve_job(found, OCT, policy_of({"months": 2}), method="roll")


def test_no_loss_in_the_past_is_no_promise() -> None:
    found = books(
        documents=[invoice("A", 100_00, "07-01", "09-10"), invoice("N", 100_00, "10-01", "10-10")],
        payments=[payment("P", 100_00, "10-05", "A")],
    )
    answer = reserve_job(found, OCT, policy_of({"months": 1}), method="roll")
    assert "reserve_no_loss_seen" in {issue.code for issue in answer.issues}


def test_a_write_off_without_document_is_said() -> None:
    found = books(
        documents=[
            invoice("A", 100_00, "07-01", "09-10"), invoice("N", 100_00, "10-01", "10-10"),
            write_off("W", 10_00, "10-12", None),
        ],
        payments=[payment("P", 100_00, "10-05", "A")],
    )  # fmt: skip
    answer = reserve_job(found, OCT, policy_of({"months": 1}), method="roll")
    assert "reserve_write_off_alone" in {issue.code for issue in answer.issues}


POOLS = [
    {"customer_id": "C1", "name": "One", "market": "mature"},
    {"customer_id": "C2", "name": "Two", "market": "high_risk"},
    {"customer_id": "C3", "name": "Three"},
]


def test_debt_of_like_risk_has_rates_of_its_own() -> None:
    """组合: high-risk markets at 5 %, everybody else (also who has no market) at 1 %."""
    found = books(
        documents=[
            invoice(f"I{who}", 1000_00, "09-01", "10-10", customer_id=who)
            for who in ("C1", "C2", "C3")
        ],
        customers=POOLS,
    )
    rows = [
        {"bucket": "1-30 d", "rate": "1%", "source": "s"},
        {"bucket": "1-30 d", "rate": "5%", "source": "s", "pool": "high_risk"},
    ]
    answer = reserve_job(found, OCT, policy_of({"pool_by": "Market", "matrix": rows}))
    shown = answer.to_json()["currencies"][0]["pool"]
    assert [(line["segment"], line["reserve"]) for line in shown] == [
        ("", "10.00"),
        ("high_risk", "50.00"),
        ("mature", "10.00"),
    ]
    with pytest.raises(BadValueError, match="set pool_by"):
        policy_of({"matrix": rows})
    with pytest.raises(BadValueError, match="Did you mean 'market'"):
        reserve_job(found, OCT, policy_of({"pool_by": "markt", "matrix": rows}))
    with pytest.raises(BadValueError, match="no column of Customers"):
        reserve_job(found, OCT, policy_of({"pool_by": "document_no", "matrix": rows}))


def test_pools_of_the_history_stay_apart() -> None:
    found = books(
        documents=[
            invoice("A", 100_00, "07-01", "09-10"), write_off("W", 100_00, "10-05", "A"),
            invoice("B", 100_00, "07-01", "09-10", customer_id="C2"),
            invoice("N", 50_00, "10-01", "10-10"), invoice("M", 50_00, "10-01", "10-10", customer_id="C2"),
        ],
        payments=[payment("P", 100_00, "10-05", "B", customer_id="C2")],
        customers=POOLS,
    )  # fmt: skip
    policy = policy_of({"months": 1, "pool_by": "market"})
    apart = rates_at(found.posted, OCT, policy, "roll", BUCKETS, "due")
    assert {pool: lines[1].rate for pool, lines in apart.items()} == {
        "EUR / mature": 1,
        "EUR / high_risk": 0,
    }
    one = rates_at(found.posted, OCT, policy, "roll", BUCKETS, "due", {"EUR": 1.0})
    assert {pool: lines[1].rate for pool, lines in one.items()} == {
        " / mature": 1,
        " / high_risk": 0,
    }
    shown = reserve_job(found, OCT, policy, method="roll").to_json()["currencies"][0]["pool"]
    assert [(line["segment"], line["reserve"]) for line in shown] == [
        ("high_risk", "0.00"),
        ("mature", "50.00"),
    ]


@pytest.mark.parametrize("engine", ["duckdb", "pandas"])
def test_every_engine_sees_the_same_history(engine) -> None:
    found = one_step()
    expected = history.standing(found.posted, OCT, BUCKETS, "due").sort("item")
    other = history.standing(found.posted, OCT, BUCKETS, "due", engine).sort("item")
    assert other.equals(expected.select(other.columns))
