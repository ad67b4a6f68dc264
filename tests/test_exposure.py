"""Borrowing base and currency exposure over the ledger: by hand, and as the cell functions say."""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from receivables.cli import app
from receivables.errors import BadValueError, DomainError
from receivables.ledger.link import link
from receivables.ledger.open import open_items
from receivables.monitor.borrowing_base import Terms, borrowing_base
from receivables.monitor.exposure_ledger import bases, foreign
from receivables.rates import Rates
from receivables.refresh import exposure_job, load
from tests.ledgers import credit, invoice, ledger, payment

OCTOBER = date(2026, 10, 31)
RATES = Rates({("USD", "EUR"): ([OCTOBER], [Fraction("0.8")])})
AT_90, AT_89 = "08-02", "08-03"
"""Due dates 90 and 89 days before the end of October."""


def opened(**tables):
    return open_items(link(ledger(**tables)), OCTOBER)


def one(lines):
    [line] = lines
    return line


def test_the_age_limit_at_89_and_90_days_and_without_due_date() -> None:
    documents = [
        invoice("R1", 10000, "07-01", AT_89, customer_id="A"),
        invoice("R2", 6000, "07-01", AT_90, customer_id="B"),
        invoice("R3", 500, "07-01", None, customer_id="C"),
        credit("G1", 1000, "10-01", customer_id="A"),
        credit("G2", 700, "10-01", customer_id="B"),
    ]
    line = one(bases(opened(documents=documents), Terms(0.8, 90)))
    assert (line.receivables, line.too_old, line.undated) == (16500, 6000, 500)
    assert (line.credits, line.eligible, line.base) == (1000, 9000, 7200)
    assert line.open == 16500 - 1700, "B has nothing eligible for its credit to come off"
    assert line.customers == 3
    aged = one(bases(opened(documents=documents), Terms(0.8, 90), base="issued"))
    assert (aged.too_old, aged.undated, aged.eligible) == (16500, 0, 0), "issued 122 days ago"


def test_cross_aging_starts_above_its_share_and_the_cap_cuts_the_largest() -> None:
    documents = [
        invoice("R1", 5000, "07-01", "10-01", customer_id="HALF"),
        invoice("R2", 5000, "07-01", AT_90, customer_id="HALF"),
        invoice("R3", 4999, "07-01", "10-01", customer_id="MORE"),
        invoice("R4", 5001, "07-01", AT_90, customer_id="MORE"),
        invoice("R5", 15000, "07-01", "10-01", customer_id="BIG"),
    ]
    line = one(bases(opened(documents=documents), Terms(0.5, 90, 0.5, 0.5)))
    assert (line.cross_aged, line.over_cap, line.eligible, line.base) == (4999, 5000, 15000, 7500)


def test_a_part_over_the_cap_that_is_no_whole_cent_still_adds_up() -> None:
    documents = [invoice("R1", 101, "10-01", "10-31"), invoice("R2", 2, "10-01", "10-31", customer_id="B")]  # fmt: skip
    line = one(bases(opened(documents=documents), Terms(0.5, 90, None, 0.5)))
    assert line.over_cap == 50, "101 less half of 103 is 49.5"
    assert line.receivables - line.over_cap == line.eligible == 53


def test_companies_and_currencies_are_books_and_accounts_of_one_customer_one_debtor() -> None:
    documents = [
        invoice("R1", 7000, "10-01", "10-31", company="X", account="1", customer_id="00123"),
        credit("G1", 2000, "10-01", company="X", account="2", customer_id="00123"),
        invoice("R2", 300, "10-01", "10-31", company="X", currency="USD", customer_id="00123"),
        invoice("R3", 50, "10-01", "10-31", company="Y", customer_id="123"),
    ]
    found = bases(opened(documents=documents), Terms(1.0, 90), lent=False)
    assert [(line.company, line.currency, line.eligible) for line in found] == [
        ("X", "EUR", 5000),
        ("X", "USD", 300),
        ("Y", "EUR", 50),
    ]
    assert {line.base for line in found} == {None}


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("ABC"),
            st.integers(-400, 900).filter(bool),
            st.none() | st.integers(0, 200),
        ),
        min_size=1,
        max_size=12,
    ),
    st.none() | st.sampled_from([0.0, 0.3, 0.5, 1.0]),
    st.none() | st.sampled_from([0.0, 0.2, 0.25, 1.0]),
)
def test_the_books_say_what_the_cell_function_says(rows, cross, cap) -> None:
    terms = Terms(0.8, 90, cross, cap)
    documents = [
        {
            **invoice(f"R{n}", size, "01-10", None, customer_id=who),
            "kind": "invoice" if size > 0 else "credit_note",
            "due_on": None if days is None else date.fromordinal(OCTOBER.toordinal() - days),
        }
        for n, (who, size, days) in enumerate(rows)
    ]
    line = one(bases(opened(documents=documents), terms))
    who, sizes, days = zip(*rows, strict=True)
    cell = borrowing_base(who, [Decimal(size) for size in sizes], days, terms)
    assert abs(line.eligible - cell.eligible) <= Decimal("0.5")
    assert (line.receivables, line.too_old, line.undated, line.credits, line.cross_aged) == (
        cell.debt,
        cell.too_old,
        cell.undated,
        cell.credits,
        cell.cross_aged,
    )
    taken = line.too_old + line.undated + line.credits + line.cross_aged + line.over_cap
    assert line.receivables - taken == line.eligible
    assert line.open == sum(sizes)


def test_foreign_currencies_in_local_currency_without_advances() -> None:
    books = opened(
        documents=[
            invoice("R1", 10001, "10-01", "10-31", currency="USD", company="DE"),
            invoice("R2", 5000, "10-01", "10-31", company="DE"),
        ],
        payments=[payment("P1", 2000, "10-05", currency="USD", company="DE", kind="advance")],
    )
    line = one(foreign(books, RATES, {"DE": "EUR"}))
    assert (line.open, line.advances, line.exposure) == (8001, -2000, 10001)
    assert (line.in_local, line.rate, line.rate_on, line.share) == (8001, 0.8, OCTOBER, 1.0)
    assert line.missing == ""


def test_a_missing_rate_or_local_currency_is_said_and_hides_nothing_else() -> None:
    documents = [
        invoice("R1", 10000, "10-01", "10-31", currency="USD", company="DE"),
        invoice("R2", 700, "10-01", "10-31", currency="JPY", company="DE"),
        invoice("R3", 900, "10-01", "10-31", currency="USD", company="XX"),
    ]
    jpy, usd, other = foreign(opened(documents=documents), RATES, {"DE": "EUR"})
    assert (jpy.currency, jpy.exposure, jpy.in_local, jpy.share) == ("JPY", 700, None, None)
    assert "Add a row to the Rates table: 2026-10-31, JPY, EUR" in jpy.missing
    assert (usd.in_local, usd.share) == (8000, None), "no share of a total that is not known"
    assert (other.local, other.rate) == ("", None)
    assert "local_currency" in other.missing
    everywhere = foreign(opened(documents=documents), RATES, {"": "USD"})
    assert [line.currency for line in everywhere] == ["JPY"]


def test_nothing_open_and_a_wrong_base() -> None:
    paid = opened(
        documents=[invoice("R1", 100, "10-01")], payments=[payment("P1", 100, "10-02", "R1")]
    )
    assert bases(paid, Terms(0.8, 90)) == []
    assert foreign(paid, RATES, {}) == []
    with pytest.raises(BadValueError, match="due, issued"):
        bases(paid, Terms(0.8, 90), base="posted")


FILES = {
    "documents.csv": """document_no,customer_id,kind,issued_on,due_on,currency,amount,amount_lc
R1,00123,invoice,2026-09-01,2026-10-01,EUR,100.00,100.00
R2,C2,invoice,2026-06-01,2026-07-01,EUR,40.00,40.00
R3,C2,invoice,2026-09-01,2026-10-01,USD,50.00,41.00
""",
    "rates.csv": "date,from,to,rate\n2026-10-31,USD,EUR,0.8\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("books")
    for name, text in FILES.items():
        (path / name).write_text(text, encoding="utf-8")
    return str(path)


def run(*arguments: str):
    return CliRunner().invoke(app, ["exposure", *arguments])


def test_json_has_the_shape_scripts_rely_on(folder) -> None:
    done = run(folder, "--as-of", "2026-10-31", "--advance-rate", "0.8", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert {name: found[name] for name in ("as_of", "aged_from", "max_days", "cross_aging")} == {
        "as_of": "2026-10-31",
        "aged_from": "due",
        "max_days": 90,
        "cross_aging": None,
    }
    assert found["borrowing_base"][0] == {
        "company": "", "currency": "EUR", "customers": 2, "open": "140.00", "receivables": "140.00",
        "too_old": "40.00", "undated": "0.00", "credits": "0.00", "cross_aged": "0.00",
        "over_cap": "0.00", "eligible": "100.00", "base": "80.00",
    }  # fmt: skip
    assert found["fx_exposure"] == [
        {
            "company": "", "local": "EUR", "currency": "USD", "open": "50.00", "advances": "0.00",
            "exposure": "50.00", "rate": 0.8, "rate_on": "2026-10-31", "in_local": "40.00",
            "share": 1.0, "missing": "",
        }
    ]  # fmt: skip


def test_without_the_advance_rate_what_is_eligible_only(folder) -> None:
    done = run(folder, "--as-of", "2026-10-31")
    assert done.exit_code == 0, done.output
    assert "give --advance-rate" in done.stdout
    assert " base" not in done.stdout.splitlines()[2]
    answer = exposure_job(load(folder, as_of=OCTOBER), OCTOBER)
    assert {line.base for line in answer.bases} == {None}
    zero = exposure_job(load(folder, as_of=OCTOBER), OCTOBER, advance_rate=0)
    assert {line.base for line in zero.bases} == {0}


def test_a_percentage_is_refused_before_anything_is_shown(folder) -> None:
    done = run(folder, "--as-of", "2026-10-31", "--advance-rate", "80")
    assert (done.exit_code, done.stdout) == (2, ""), done.output
    assert "30 means 30 %" in done.stderr
    with pytest.raises(DomainError, match="concentration_cap"):
        exposure_job(load(folder, as_of=OCTOBER), OCTOBER, cap=20)
