"""Speed over the ledger: small ledgers by hand, and the formulas of the cells on every row."""

from datetime import date

import pytest

from receivables.errors import BadValueError, DomainError, NotAvailableError
from tests.ledgers import allocation, credit, day, invoice, payment
from tests.turnover_books import OCTOBER, measure, only


def three_months(**more):
    """Sales of 70, 80 and 100; 212 open at the end of March."""
    return {
        "documents": [
            invoice("R1", 7000, "01-10", "02-09"),
            invoice("R2", 8000, "02-10", "03-12"),
            invoice("R3", 10000, "03-10", "04-09"),
        ],
        "payments": [payment("P1", 3800, "03-20", "R1")],
        **more,
    }


def test_the_golden_figures_of_countback_and_rolling() -> None:
    row = only(measure(date(2026, 3, 31), **three_months()))
    assert row["receivables"] == 21200
    assert f"{row['countback']:.2f}" == "73.17"
    assert f"{row['rolling_3']:.2f}" == "76.32"
    assert row["dso"] == pytest.approx(212 / 100 * 31)
    assert row["best"] == pytest.approx(100 / 100 * 31)
    assert row["delinquent"] == pytest.approx(112 / 100 * 31)
    assert (row["basis"], row["source"]) == ("gross/gross", "documents")
    thirty = only(measure(date(2026, 3, 31), options={"month_days": "thirty"}, **three_months()))
    assert f"{thirty['countback']:.2f}" == "73.71"
    assert (thirty["days"], row["days"]) == (30, 31)


def test_collection_index_of_the_month() -> None:
    row = only(measure(date(2026, 3, 31), **three_months()))
    collected, collectable = 150 + 100 - 212, 150 + 100 - 100
    assert row["collection_index"] == pytest.approx(collected / collectable * 100)


def test_receipts_of_the_month_by_the_day_they_were_paid() -> None:
    found = measure(
        documents=[
            invoice("R1", 10000, "09-01", "10-01"),
            invoice("R2", 30000, "09-11", "10-11"),
            invoice("R3", 5000, "09-01", "10-30"),
            invoice("R4", 900, "08-01", "09-30"),
        ],
        payments=[
            payment("P1", 10000, "10-11", "R1"),
            payment("P2", 30000, "10-01", "R2"),
            payment("P3", 900, "09-30", "R4"),
        ],
    )
    row = only(found)
    assert row["true_dso"] == pytest.approx((100 * 40 + 300 * 20) / 400)
    assert row["days_beyond_terms"] == pytest.approx((100 * 10 - 300 * 10) / 400)
    assert row["days_late"] == pytest.approx(100 * 10 / 400)
    assert row["late_rate"] == pytest.approx(2 / 3), "R1 paid late, R2 in time, R3 open a day"
    assert row["late_rate_amount"] == pytest.approx(150 / 450)


def test_turnover_of_the_month_in_a_year() -> None:
    row = only(measure(date(2026, 3, 31), **three_months()))
    assert row["turnover"] == pytest.approx(100 / ((150 + 212) / 2) * 365 / 31)
    thirty = only(measure(date(2026, 3, 31), options={"month_days": "thirty"}, **three_months()))
    assert thirty["turnover"] == pytest.approx(row["turnover"] * 31 / 30)
    first = measure(date(2026, 1, 31), **three_months())
    assert only(first)["turnover"] is None
    assert "collection_index, turnover: no month before" in only(first)["missing"]


@pytest.mark.parametrize(
    ("paid", "reason"),
    [(10000, "turnover: nothing was owed on average"), (12000, "turnover: net credit balance on average")],
)  # fmt: skip
def test_no_turnover_of_what_nobody_owes(paid, reason) -> None:
    documents = [invoice("R1", 5000, "08-01"), invoice("R2", 5000, "08-01")]
    row = only(measure(documents=documents, payments=[payment("P1", paid, "08-02")]))
    assert row["turnover"] is None
    assert reason in row["missing"]


def test_the_payment_index_needs_three_experiences_and_weighs_them_by_amount() -> None:
    documents = [invoice(f"R{n}", 10000, "09-01", "10-01") for n in (1, 2)]
    documents.append(invoice("R3", 20000, "09-01", "10-01"))
    documents.append(invoice("R4", 500, "09-01", None))
    payments = [
        payment("P1", 10000, "10-01", "R1"),
        payment("P2", 10000, "10-31", "R2"),
        payment("P4", 500, "10-31", "R4"),
        payment("P5", 2000, "10-16", "R3"),
    ]
    row = only(measure(documents=documents, payments=payments))
    assert row["payment_index"] == pytest.approx((100 * 80 + 100 * 50 + 20 * 70) / 220)
    few = only(measure(documents=documents, payments=payments[:3]))
    assert few["payment_index"] is None, "what has no due date is no experience"
    assert "payment_index: fewer than 3 payments with a due date" in few["missing"]
    twice = [*payments[:2], payment("P6", 10, "10-01", "R1")]
    twice[0] = payment("P1", 9990, "10-01", "R1")
    again = only(measure(documents=documents, payments=twice))
    assert again["payment_index"] is None, "one document paid in two sums on one day is one"


@pytest.mark.parametrize(("grace", "late"), [(8, 1), (9, 1), (10, 0)])
def test_grace_of_the_late_rate(grace, late) -> None:
    found = measure(
        documents=[invoice("R1", 10000, "09-01", "10-02")],
        payments=[payment("P1", 10000, "10-12", "R1")],
        options={"grace_days": grace},
    )
    assert only(found)["late_rate"] == late


def test_money_matched_later_counts_when_it_is_known_from_the_day_it_was_paid() -> None:
    found = measure(
        documents=[invoice("R1", 10000, "09-01", "10-01")],
        payments=[payment("P1", 10000, "09-21")],
        allocations=[allocation("P1", "R1", 10000, "10-15")],
    )
    september, october = found.frame.sort("month_end").rows(named=True)
    assert (september["true_dso"], october["true_dso"]) == (None, 20)
    assert september["receivables"] == october["receivables"] == 0
    assert october["late_rate"] == 0, "paid before it was due"


def test_credit_notes_are_no_payments_but_reduce_sales_and_what_is_owed() -> None:
    found = measure(
        documents=[
            invoice("R1", 10000, "09-01", "10-01"),
            credit("G1", 4000, "10-05", "R1"),
            invoice("R2", 9000, "10-02", "11-01"),
        ],
        payments=[payment("P1", 6000, "10-01", "R1")],
    )
    row = only(found)
    assert row["sales"] == 5000
    assert row["receivables"] == 9000
    assert row["true_dso"] == 30
    assert (row["late_rate"], row["late_rate_amount"]) == (0, 0)


def test_kinds_that_are_no_sales() -> None:
    found = measure(
        documents=[
            invoice("R1", 10000, "10-01", "10-31"),
            invoice("R2", 700, "10-01", "10-31"),
            {**invoice("O1", 99, "10-01"), "kind": "opening"},
            {**invoice("J1", 88, "10-01"), "kind": "journal"},
            {**credit("W1", 50, "10-20", "R1"), "kind": "write_off"},
            {**credit("S1", 700, "10-21"), "kind": "reversal", "reverses": "R2"},
            {**credit("S2", 88, "10-21"), "kind": "reversal", "reverses": "J1"},
            {**invoice("N1", 300, "10-22"), "kind": "debit_note"},
        ]
    )
    assert only(found)["sales"] == 10000 + 300


def test_instalments_are_due_and_paid_one_by_one() -> None:
    parts = [
        {**invoice("R1", 5000, "08-01", due), "instalment": n}
        for n, due in ((1, "09-01"), (2, "10-01"))
    ]
    found = measure(documents=parts, payments=[payment("P1", 7000, "10-11", "R1")])
    row = only(found)
    assert row["days_beyond_terms"] == pytest.approx((50 * 40 + 20 * 10) / 70)
    assert row["late_rate"] == 1
    named = measure(
        documents=parts,
        payments=[payment("P1", 5000, "10-01")],
        allocations=[allocation("P1", "R1", 5000, "10-01", instalment=2)],
    )
    assert only(named)["days_beyond_terms"] == 0


def test_settled_dates_of_flat_exports_are_receipts() -> None:
    found = measure(
        documents=[{**invoice("R1", 5000, "09-01", "10-01"), "settled_on": day("10-05")}]
    )
    row = only(found)
    assert (row["true_dso"], row["days_beyond_terms"], row["receivables"]) == (34, 4, 0)


def test_a_bounced_payment_was_there_until_it_bounced() -> None:
    tables = {
        "documents": [invoice("R1", 5000, "08-01", "09-01"), invoice("R2", 100, "10-01", "11-01")],
        "payments": [
            payment("P1", 5000, "09-10", "R1"),
            payment("B1", 5000, "10-10", kind="bounced", reverses="P1"),
        ],
    }
    september, october = measure(**tables).frame.sort("month_end").rows(named=True)[-2:]
    assert (september["receivables"], september["true_dso"]) == (0, 40)
    assert (october["receivables"], october["true_dso"]) == (5100, None)
    assert measure(date(2026, 9, 30), **tables).latest()["true_dso"][0] == 40


@pytest.mark.parametrize(("due", "current"), [("10-30", 0), ("10-31", 5000), ("11-01", 5000)])
def test_due_on_the_month_end_is_current(due, current) -> None:
    row = only(measure(documents=[invoice("R1", 5000, "10-01", due)]))
    assert row["current"] == current
    assert row["late_rate"] == {"10-30": 1, "10-31": 0, "11-01": None}[due]


def test_days_run_to_the_day_paid_not_to_the_day_posted() -> None:
    late = payment("P1", 5000, "09-21", "R1", posted_on=day("10-05"))
    row = only(measure(documents=[invoice("R1", 5000, "09-01", "10-01")], payments=[late]))
    assert (row["true_dso"], row["days_beyond_terms"], row["late_rate"]) == (20, -10, 0)


def test_no_due_date_is_not_current_and_is_said() -> None:
    found = measure(documents=[invoice("R1", 5000, "10-01", None), invoice("R2", 100, "10-01")])
    row = only(found)
    assert (row["current"], row["undated"], row["best"]) == (0, 5000, 0)
    assert "speed_undated" in {issue.code for issue in found.issues}


SALES_ROWS = [
    {"company": "", "month": day("09-15"), "currency": "EUR", "net": 8000, "gross": 9600},
    {"company": "", "month": day("10-31"), "currency": "EUR", "net": 10000, "gross": 12000},
]


def test_the_sales_table_wins_and_documents_fill_its_gaps() -> None:
    documents = [invoice("R1", 7000, "08-01", "08-31"), invoice("R2", 5000, "10-01", "10-31")]
    found = measure(documents=documents, sales=SALES_ROWS)
    rows = {row["month_end"].month: row for row in found.frame.rows(named=True)}
    assert [rows[month]["sales"] for month in (8, 9, 10)] == [7000, 9600, 12000]
    assert [rows[month]["source"] for month in (8, 9, 10)] == ["documents", "table", "table"]
    assert "speed_filled" in {issue.code for issue in found.issues}
    by_customer = measure(documents=documents, sales=SALES_ROWS, options={"by": "customer"})
    assert only(by_customer)["sales"] == 5000


def test_net_on_both_sides_only_where_the_tax_is_known() -> None:
    taxed = [invoice("R1", 12000, "10-01", "11-30", tax_amount=2000)]
    row = only(measure(documents=taxed, sales=SALES_ROWS, options={"basis": "net"}))
    assert (row["basis"], row["receivables"], row["sales"]) == ("net/net", 10000, 10000)
    gross = only(measure(documents=taxed, sales=SALES_ROWS))
    assert gross["dso"] == pytest.approx(row["dso"])
    mixed = measure(
        documents=[*taxed, invoice("R2", 600, "10-01", "11-30")],
        sales=SALES_ROWS,
        options={"basis": "net"},
    )
    assert only(mixed)["basis"] == "gross/net"
    assert "speed_mixed" in {issue.code for issue in mixed.issues}


def test_unapplied_cash_is_netted_as_the_invoices_it_will_pay() -> None:
    found = measure(
        documents=[invoice("R1", 12000, "10-01", "11-30", tax_amount=2000)],
        payments=[payment("P1", 6000, "10-20"), payment("P2", 600, "10-20", customer_id="C9")],
        options={"basis": "net", "by": "customer"},
    )
    assert only(found, key="C1")["receivables"] == 10000 - 5000
    assert only(found, key="C9")["receivables"] == -600, "no invoice to go by"


def test_a_sales_table_without_companies_serves_the_firm_but_not_each_company() -> None:
    documents = [
        invoice("R1", 7000, "10-01", "10-31", company="A"),
        invoice("R2", 5000, "10-01", "10-31", company="B"),
    ]
    firm = measure(documents=documents, sales=SALES_ROWS)
    assert only(firm)["sales"] == 12000, "not the documents on top"
    split = measure(documents=documents, sales=SALES_ROWS, options={"by": "company"})
    assert only(split, key="A")["sales"] == 7000
    assert "speed_unsplit" in {issue.code for issue in split.issues}


def test_currencies_and_companies_are_kept_apart_and_keys_stay_text() -> None:
    documents = [
        invoice("R1", 7000, "10-01", "10-31", company="A", customer_id="00123"),
        invoice("R2", 5000, "10-01", "10-31", company="B", customer_id="00123"),
        invoice("R3", 300, "10-01", "10-31", company="B", customer_id="123"),
        invoice("R4", 11, "10-01", "10-31", currency="USD", customer_id="00123"),
    ]
    found = measure(documents=documents, options={"by": "customer"})
    assert only(found, key="00123", currency="EUR")["receivables"] == 12000
    assert only(found, key="123")["receivables"] == 300
    assert only(found, currency="USD")["receivables"] == 11
    assert only(measure(documents=documents, options={"by": "company"}), key="B")["sales"] == 5300


def test_no_sales_negative_sales_and_credit_balances_have_no_dso_and_say_why() -> None:
    found = measure(
        documents=[
            invoice("R1", 9000, "08-01", "08-31"),
            credit("G1", 500, "09-10", "R1"),
            invoice("R2", 100, "10-01", "10-31"),
        ],
        payments=[payment("P1", 9000, "10-20")],
    )
    august, september, october = found.frame.sort("month_end").rows(named=True)
    assert august["dso"] == 31
    assert september["dso"] is None
    assert "credit notes exceed" in september["missing"]
    assert september["countback"] == pytest.approx(30 + 85 / 90 * 31)
    assert (october["receivables"], october["countback"]) == (-400, None)
    assert "net credit balance" in october["missing"]


def test_history_is_never_extrapolated() -> None:
    found = measure(
        documents=[
            {**invoice("O1", 9000, "09-01", "08-31"), "kind": "opening"},
            invoice("R1", 100, "10-01", "10-31"),
        ]
    )
    row = only(found)
    assert row["countback"] is None
    assert "countback: more months" in row["missing"]
    assert "rolling_3: fewer than 3 months" in row["missing"]


def test_months_that_are_not_over_and_months_before_the_ledger() -> None:
    found = measure(date(2026, 10, 30), documents=[invoice("R1", 100, "08-10", "10-31")])
    assert found.frame["month_end"].to_list() == [date(2026, 8, 31), date(2026, 9, 30)]
    assert {"speed_not_over", "speed_months"} <= {issue.code for issue in found.issues}
    assert all(issue.message and issue.cure for issue in found.issues)
    with pytest.raises(NotAvailableError, match="first posting is of 2026-08-10"):
        measure(date(2026, 8, 30), documents=[invoice("R1", 100, "08-10", "10-31")])


def test_an_open_item_list_needs_the_sales_table_and_its_own_day() -> None:
    tables = {"documents": [invoice("R1", 12000, "09-10", "10-10")], "sales": SALES_ROWS}
    listed = {"kind": "open_items", "extracted_on": OCTOBER}
    row = only(measure(**listed, **tables))
    assert (row["sales"], row["dso"], row["late_rate"]) == (12000, 31, None)
    assert "an open-item list holds no payments" in row["missing"]
    alone = only(measure(**listed, documents=tables["documents"]))
    assert (alone["sales"], alone["dso"]) == (None, None)
    assert "sales of the month are not known" in alone["missing"]
    with pytest.raises(NotAvailableError, match="answers for that day only"):
        measure(date(2026, 9, 30), **listed, **tables)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"by": "week"}, BadValueError, "month, company, customer"),
        ({"basis": "vat"}, BadValueError, "gross, net"),
        ({"month_days": "31"}, BadValueError, "calendar, thirty"),
        ({"months": 0}, DomainError, "1 or more"),
        ({"grace_days": -1}, DomainError, "0 or more"),
    ],
)
def test_options(options, error, text) -> None:
    with pytest.raises(error, match=text):
        measure(documents=[invoice("R1", 100)], options=options)


@pytest.mark.parametrize("engine", ["duckdb", "pandas"])
def test_every_engine_gives_the_same_answer(engine) -> None:
    parts = [
        {**invoice("R9", 500, "02-01", due), "instalment": n}
        for n, due in ((1, "02-09"), (2, "03-09"))
    ]
    tables = three_months()
    tables["documents"] += parts
    tables["payments"].append(payment("P2", 700, "03-11", "R9"))
    ours = measure(date(2026, 3, 31), **tables)
    other = measure(date(2026, 3, 31), options={"engine": engine}, **tables)
    assert other.frame.equals(ours.frame)


def test_reasons_in_chinese() -> None:
    found = measure(documents=[invoice("R1", 100, "10-01")], options={"language": "zh"})
    assert "rolling_12: 已知销售不足 12 个月" in only(found)["missing"]
    assert "台账" in found.issues[0].message
