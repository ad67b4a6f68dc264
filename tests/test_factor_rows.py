"""Factor rows over small ledgers, and no look-ahead over the demo firm's."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from receivables.assess.factor_rows import FACTORS, factor_rows
from receivables.assess.grade_table import grade_table
from receivables.assess.known import known_at
from receivables.assess.pay_history import settled
from receivables.assess.reasons import main_reasons
from receivables.assess.scorecard import Scorecard
from receivables.demo.tables import build_firm
from receivables.demo.workbook import write_folder
from receivables.ledger.link import link
from receivables.refresh import load
from tests.due_rows import invoice, payment
from tests.ledgers import ledger

AS_OF = date(2026, 10, 31)


def day(back: int) -> date:
    return AS_OF - timedelta(days=back)


def found(as_of=AS_OF, **tables):
    tables.setdefault("customers", [{"customer_id": "C1", "name": "One"}])
    made = ledger(**tables)
    return factor_rows(link(made), made, as_of)


def one(as_of=AS_OF, **tables):
    rows = found(as_of, **tables).frame.filter(pl.col("customer_id") == "C1").to_dicts()
    return rows[0] if rows else None


def test_days_and_rates_by_hand() -> None:
    """100.00 paid 10 days late, 300.00 paid 2 days early, 100.00 open and 40 days overdue.

    (100 × 10 − 300 × 2 + 100 × 40) ÷ 500 = 8.8 days; 2 of 3 late; the oldest is 40 days overdue.
    """
    row = one(
        documents=[
            invoice("R1", 100_00, day(100)), invoice("R2", 300_00, day(90)),
            invoice("R3", 100_00, day(40)), invoice("R4", 100_00, AS_OF + timedelta(5)),
        ],
        payments=[payment("P1", "R1", 100_00, day(90)), payment("P2", "R2", 300_00, day(92))],
    )  # fmt: skip
    assert row["days_beyond_terms"] == pytest.approx(8.8)
    assert row["late_rate"] == row["past_late_rate"] == pytest.approx(2 / 3)
    assert (row["worst_age"], row["paid_invoices"]) == (0.0, 2), "100.00 is not above 100.00"
    assert row["months_known"] == 4


@pytest.mark.parametrize(("amount", "age"), [(100_00, 0.0), (100_01, 40.0)])
def test_worst_age_needs_more_than_the_least_amount(amount, age) -> None:
    assert one(documents=[invoice("R1", amount, day(40))])["worst_age"] == age


def test_the_window_of_a_year_ends_on_its_day() -> None:
    """A receipt of just a year ago is out, one day later it counts; the past late rate sees both."""
    for due, days in ((date(2025, 10, 31), None), (date(2025, 11, 1), 0.0)):
        row = one(
            documents=[invoice("R1", 500_00, due)], payments=[payment("P1", "R1", 500_00, due)]
        )
        assert (row["days_beyond_terms"], row["late_rate"]) == (days, days)
        assert row["past_late_rate"] == 0.0


def test_unapplied_cash_covers_the_oldest_debt() -> None:
    """An invoice that money on account covers is neither late nor on time: nobody has matched it."""
    documents = [invoice("R1", 500_00, day(60)), invoice("R2", 500_00, day(50))]
    row = one(documents=documents, payments=[payment("P1", None, 500_00, day(55))])
    assert (row["worst_age"], row["late_rate"], row["days_beyond_terms"]) == (50.0, 1.0, 50.0)
    both = one(documents=documents, payments=[payment("P1", None, 1000_00, day(55))])
    assert (both["worst_age"], both["late_rate"], both["days_beyond_terms"]) == (0.0, None, None)


def test_what_is_disputed_is_no_debt_while_the_dispute_lasts() -> None:
    documents = [invoice("R1", 500_00, day(60)), invoice("R2", 500_00, day(20))]
    claim = {"customer_id": "C1", "document_no": "R1", "opened_on": day(30), "closed_on": day(-9)}
    dispute = [{"dispute_id": "D1", **claim}]
    assert one(documents=documents, disputes=dispute)["worst_age"] == 20.0
    assert one(day(31), documents=documents, disputes=dispute)["worst_age"] == 29.0


@pytest.mark.parametrize(("off", "late"), [(500_00, 1.0), (3_00, 0.0)])
def test_a_write_off_is_late_and_a_small_difference_is_not(off, late) -> None:
    documents = [
        invoice("R1", 500_00, day(60)),
        {"document_no": "W1", "kind": "write_off", "amount": -off, "issued_on": day(10), "applies_to": "R1"},
    ]  # fmt: skip
    payments = [payment("P1", "R1", 500_00 - off, day(61))] if off < 500_00 else []
    assert one(documents=documents, payments=payments)["late_rate"] == late


def test_two_currencies_weigh_by_their_documents() -> None:
    """EUR: 10 days on two documents; JPY: 40 days on one: (2 × 10 + 40) ÷ 3 = 20."""
    documents = [invoice(f"R{n}", 900_00, day(50)) for n in (1, 2)]
    documents.append(invoice("J1", 5_000_000, day(70), currency="JPY"))
    payments = [payment(f"P{n}", f"R{n}", 900_00, day(40)) for n in (1, 2)]
    payments.append(payment("P3", "J1", 5_000_000, day(30), currency="JPY"))
    assert one(documents=documents, payments=payments)["days_beyond_terms"] == pytest.approx(20.0)


STATEMENT = {
    "customer_id": "C1", "period_end": date(2025, 12, 31), "known_on": date(2026, 5, 2),
    "total_assets": 1000, "total_liabilities": 550, "current_assets": 600,
    "current_liabilities": 400, "operating_cash_flow": 60, "months": 6,
}  # fmt: skip


def test_a_statement_counts_from_the_day_we_had_it() -> None:
    """Half a year's cash flow of 60 is 120 a year: 0.30 of the current liabilities."""
    documents = [invoice("R1", 500_00, date(2026, 1, 31))]
    told = {"documents": documents, "statements": [STATEMENT]}
    assert one(date(2026, 5, 1), **told)["debt_ratio"] is None
    row = one(date(2026, 5, 2), **told)
    assert (row["debt_ratio"], row["current_ratio"], row["cashflow_cover"]) == (0.55, 1.5, 0.3)
    undated = [STATEMENT | {"known_on": None}]
    assert one(date(2026, 6, 29), documents=documents, statements=undated)["debt_ratio"] is None
    assert one(date(2026, 6, 30), documents=documents, statements=undated)["debt_ratio"] == 0.55


def test_stale_odd_and_banks_accounts_give_no_ratio_and_say_so() -> None:
    documents = [invoice("R1", 500_00, day(10))]
    old = [STATEMENT | {"period_end": date(2025, 4, 29), "known_on": date(2025, 9, 1)}]
    stale = found(documents=documents, statements=old)
    assert [issue.code for issue in stale.issues] == ["grade_statement_stale"]
    odd = found(documents=documents, statements=[STATEMENT | {"total_assets": 0}])
    assert [(issue.code, "debt_ratio" in issue.message) for issue in odd.issues] == [
        ("grade_ratio", True)
    ]
    assert odd.frame["current_ratio"].to_list() == [1.5]
    customers = [{"customer_id": "C1", "name": "One", "industry": "Bank"}]
    bank = one(documents=documents, statements=[STATEMENT], customers=customers)
    assert bank["debt_ratio"] is bank["current_ratio"] is None


def test_ratings_name_their_scale_and_their_day() -> None:
    documents = [invoice("R1", 500_00, day(10))]
    rows = [
        {"subject": "C1", "source": "S&P", "date": day(400), "rating": "A"},
        {"subject": "C1", "source": "S&P", "date": day(40), "rating": "BBB"},
        {"subject": "C1", "source": "AZ", "date": day(40), "rating": "7"},
        {"subject": "C1", "source": "S&P", "date": day(20), "known_on": day(-3), "rating": "D"},
        {"subject": "C1", "source": "Somebody", "date": day(5), "rating": "top"},
        {"subject": "C1", "source": "S&P", "date": day(-1), "rating": "AAA"},
    ]
    now = found(documents=documents, ratings=rows)
    assert now.frame["external_rating"].to_list() == ["AZ:7"], "of one day the worse one"
    assert [issue.code for issue in now.issues] == ["grade_rating_unread"]
    assert "no rating scale 'Somebody'" in now.issues[0].message


def test_country_classes_are_not_known_before_their_date() -> None:
    customers = [{"customer_id": "C1", "name": "One", "country": "DE"}]
    for due, known in ((date(2018, 10, 31), None), (date(2019, 10, 31), "A")):
        documents = [invoice("R1", 500_00, due)]
        assert one(due, documents=documents, customers=customers)["country"] == known
    rated = [{"subject": "DE", "source": "OECD", "date": day(9), "rating": "5"}]
    row = one(
        documents=[invoice("R1", 500_00, day(9))], customers=customers, country_ratings=rated
    )
    assert row["country"] == "C"


@pytest.mark.parametrize(("heard", "grade"), [(day(0), 10), (day(-1), None)])
def test_an_insolvency_decides_from_the_day_it_was_heard_of(heard, grade) -> None:
    events = [{"customer_id": "C1", "on": day(20), "known_on": heard, "kind": "Insolvency"}]
    rows = found(documents=[invoice("R1", 500_00, AS_OF)], events=events)
    assert grade_table(rows.frame.head(1))["grade"].to_list()[0] == grade


def test_who_is_there_and_who_is_not() -> None:
    customers = [
        {"customer_id": "C1", "name": "One", "since": date(2020, 1, 31)},
        {"customer_id": "C2", "name": "Group company", "intercompany": True},
        {"customer_id": "C3", "name": "Silent", "since": date(2026, 10, 1)},
        {"customer_id": "C4", "name": "Later", "since": date(2026, 11, 1)},
        {"customer_id": "C5", "name": "Nothing known"},
    ]
    documents = [invoice("R1", 500_00, day(10)), invoice("R2", 9, day(10), customer_id="C2")]
    frame = found(documents=documents, customers=customers).frame
    assert frame["customer_id"].to_list() == ["C1", "C3"]
    assert frame["years_trading"].to_list() == [81 / 12, 0.0]
    assert frame["worst_age"].to_list() == [10.0, None], "never traded is not paid on time"


def test_an_undated_flag_is_no_factor() -> None:
    """IBM's Disputed column says how an invoice ended, not what was known when it was written."""
    documents = [invoice("R1", 500_00, day(10), Disputed="Yes"), invoice("R2", 500_00, day(9))]
    assert "Disputed" not in found(documents=documents).frame.columns
    assert not [name for name in FACTORS if "disput" in name.lower()]


def test_rows_entered_later_are_not_known_whatever_their_posting_date() -> None:
    documents = [
        invoice("R1", 500_00, day(40)),
        invoice("R2", 900_00, day(30), entered_on=day(-2)),
    ]
    payments = [payment("P1", "R1", 500_00, day(35), entered_on=day(-1))]
    row = one(documents=documents, payments=payments)
    assert (row["worst_age"], row["paid_invoices"], row["late_rate"]) == (40.0, 0, 1.0)
    made = ledger(documents=documents, payments=payments)
    posted = link(made)
    assert known_at(made, posted, day(-2)) is posted, "nothing is back-dated any more"


def test_reasons_name_the_dearest_first() -> None:
    frame = pl.DataFrame({"days_beyond_terms": [4.0], "late_rate": [0.9], "worst_age": [None]})
    card = Scorecard.default()
    assert main_reasons(frame, card).to_list() == [
        "more than 75 % of the invoices are late; pays up to 5 days late"
    ]
    assert main_reasons(frame, card, 1).to_list() == ["more than 75 % of the invoices are late"]


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    write_folder(build_firm(), folder)
    return load(folder, as_of=AS_OF)


DATED = ("posted_on", "entered_on", "known_on", "opened_on", "on", "date", "valid_from")


def truncated(made, as_of):
    """The ledger as somebody held it on a date: rows posted, entered or heard of later are cut off."""
    tables = {}
    for name, frame in made.tables.items():
        dates = [c for c in DATED if c in frame.columns and frame.schema[c] == pl.Date]
        later = [(pl.col(c) > as_of).fill_null(value=False) for c in dates]
        tables[name] = frame.filter(~pl.any_horizontal(later)) if later else frame
    return replace(made, tables=tables)


@pytest.mark.parametrize(
    "as_of", [date(2025, 12, 31), date(2026, 6, 30), date(2026, 9, 15), AS_OF]
)
def test_no_look_ahead(books, as_of) -> None:
    """A ledger cut off at the date gives every customer the same factors and the same grade."""
    cut = truncated(books.ledger, as_of)
    assert cut["documents"].height < books.ledger["documents"].height
    whole = factor_rows(books.posted, books.ledger, as_of).frame
    part = factor_rows(link(cut), cut, as_of).frame
    assert whole.equals(part)
    grades = grade_table(whole)["grade"]
    assert grades.equals(grade_table(part)["grade"])
    assert grades.drop_nulls().n_unique() > 5


def test_every_document_of_the_demo_is_placed(books) -> None:
    """Paid and last receipt go together; what is left is open; nothing stands in it twice."""
    frame = settled(books.posted, AS_OF, disputes=books.ledger["disputes"]).frame
    assert frame["item"].is_unique().all()
    assert frame.filter(pl.col("last_on").is_not_null() & (pl.col("rest") > 0)).is_empty()
    assert (frame["rest"] >= 0).all()
    assert frame.height > 2000


def test_engines_agree(books) -> None:
    rows = [
        factor_rows(books.posted, books.ledger, AS_OF, engine=engine).frame
        for engine in ("polars", "duckdb")
    ]
    assert rows[0].equals(rows[1])
