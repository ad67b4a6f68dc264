"""The aging functions on ranges: a table goes in with headings and comes out with headings."""

from datetime import date, datetime
from itertools import product

import pandas as pd
import pytest

from receivables.cells import REGISTRY, CellError, load_functions

load_functions()
OPEN, REPORT, SUM = (REGISTRY[f"AGING_{name}"].call for name in ("OPEN", "REPORT", "SUM"))
AS_OF = date(2026, 10, 31)

DOCUMENTS = [
    [
        "document_no",
        "customer_id",
        "kind",
        "issued_on",
        "due_on",
        "currency",
        "amount",
        "salesperson",
    ],
    ["R1", "00123", "invoice", date(2026, 8, 31), date(2026, 9, 30), "EUR", 100.10, "Ann"],
    ["R2", "00123", "invoice", date(2026, 9, 15), date(2026, 10, 15), "EUR", 50, "Ann"],
    ["G1", "00123", "credit note", date(2026, 9, 20), None, "EUR", -20, "Ann"],
    ["R3", "C2", "invoice", date(2026, 10, 20), date(2026, 11, 19), "EUR", 0.01, "Bo"],
    ["R4", "C2", "invoice", date(2026, 11, 2), date(2026, 12, 2), "EUR", 999, "Bo"],
]
PAYMENTS = [
    ["payment_no", "customer_id", "paid_on", "currency", "amount", "document_no"],
    ["P1", "00123", date(2026, 10, 15), "EUR", 40, "R1"],
    ["P2", "00123", date(2026, 11, 5), "EUR", 60.10, "R1"],
    ["P3", "C2", date(2026, 10, 30), "EUR", 7, None],
]
ALLOCATIONS = [
    ["credit_no", "document_no", "amount", "applied_on"],
    ["G1", "R2", 20, date(2026, 10, 1)],
]


def rows(table) -> list[dict]:
    assert isinstance(table, list), table
    headings, *body = table
    return [dict(zip(headings, row, strict=True)) for row in body]


def opened(*extra, documents=DOCUMENTS, payments=PAYMENTS, as_of=AS_OF) -> dict:
    return {row["document_no"]: row for row in rows(OPEN(documents, as_of, payments, *extra))}


# -- AGING_OPEN -----------------------------------------------------------------------------


def test_open_items_as_of_a_date() -> None:
    found = opened()
    assert {name: row["open"] for name, row in found.items()} == {
        "R1": 60.1,
        "R2": 50.0,
        "G1": -20.0,
        "R3": 0.01,
        "P3": -7.0,
    }
    assert found["R1"] == {
        "document_no": "R1",
        "instalment": None,
        "customer_id": "00123",
        "kind": "invoice",
        "issued_on": date(2026, 8, 31),
        "due_on": date(2026, 9, 30),
        "currency": "EUR",
        "amount": 100.1,
        "paid": 40.0,
        "credited": 0.0,
        "open": 60.1,
        "days_past_due": 31,
        "bucket": "31-60 d",
        "as_of": AS_OF,
    }


def test_allocations_count_from_their_own_date() -> None:
    applied = opened(ALLOCATIONS)
    assert applied["R2"]["open"] == 30.0
    assert applied["R2"]["credited"] == 20.0
    assert "G1" not in applied
    before = opened(ALLOCATIONS, as_of=date(2026, 9, 30))
    assert before["R2"]["open"] == 50.0
    assert before["G1"]["open"] == -20.0


def test_an_earlier_date_shows_what_was_true_then() -> None:
    found = opened(as_of=date(2026, 9, 30))
    assert {name: row["open"] for name, row in found.items()} == {
        "R1": 100.1,
        "R2": 50.0,
        "G1": -20.0,
    }
    assert found["R1"]["bucket"] == "Current"


def serial(value):
    if isinstance(value, date):
        return float((value - date(1899, 12, 30)).days)
    return float(value) if isinstance(value, int) else value


def as_time(value):
    return datetime(value.year, value.month, value.day) if isinstance(value, date) else value  # noqa: DTZ001


def as_text(value):
    return value.isoformat() if isinstance(value, date) else value


@pytest.mark.parametrize("cell", [serial, as_time, as_text], ids=lambda cell: cell.__name__)
def test_dates_as_the_hosts_hand_them_over(cell) -> None:
    documents = [[cell(value) for value in row] for row in DOCUMENTS]
    payments = [[cell(value) for value in row] for row in PAYMENTS]
    assert opened(documents=documents, payments=payments) == opened()


def test_headings_in_chinese() -> None:
    documents = [
        ["单据编号", "客户编码", "单据类型", "单据日期", "到期日", "币种", "金额"],
        ["R1", "甲", "发票", "2026-08-31", "2026-09-30", "CNY", 100.10],
    ]
    [row] = rows(OPEN(documents, AS_OF))
    assert (row["document_no"], row["customer_id"], row["open"]) == ("R1", "甲", 100.1)


def test_a_whole_column_selected_has_blank_rows_below() -> None:
    documents = [*DOCUMENTS, *([[None] * 8] * 50)]
    assert opened(documents=documents) == opened()


def test_frames_of_pandas() -> None:
    documents = pd.DataFrame(DOCUMENTS[1:], columns=DOCUMENTS[0])
    payments = pd.DataFrame(PAYMENTS[1:], columns=PAYMENTS[0])
    assert opened(documents=documents, payments=payments) == opened()


@pytest.mark.parametrize(
    ("row", "column", "value", "why"),
    [
        (1, 6, "a lot", "row 2"),
        (2, 6, "#N/A", "row 3"),
        (1, 3, "soon", "row 2"),
        (3, 1, None, "row 4"),
        (2, 5, None, "row 3"),
        (1, 4, "soon", "row 2"),
        (2, 4, "03/04/2026", "row 3"),
        (1, 4, "#REF!", "row 2"),
    ],
)
def test_a_row_that_cannot_be_read_fails_the_call(row, column, value, why) -> None:
    documents = [list(cells) for cells in DOCUMENTS]
    documents[row][column] = value
    result = OPEN(documents, AS_OF)
    assert isinstance(result, CellError)
    assert result.code == "#VALUE!"
    assert why in result.why


def test_a_missing_heading_is_named() -> None:
    documents = [[*row[:1], *row[2:]] for row in DOCUMENTS]
    result = OPEN(documents, AS_OF)
    assert result.code == "#VALUE!"
    assert "customer_id" in result.why


LIST = [
    ["document_no", "customer", "invoice date", "due date", "currency", "amount", "outstanding"],
    ["R1", "C1", date(2026, 8, 31), date(2026, 9, 30), "EUR", 100, 60],
    ["R2", "C1", date(2026, 10, 1), date(2026, 10, 31), "EUR", 50, 50],
]


def test_an_open_item_list_cannot_be_back_dated() -> None:
    september = date(2026, 9, 30)
    assert OPEN(LIST, AS_OF).code == "#N/A"
    assert "extracted_on is missing" in OPEN(LIST, AS_OF).why
    refused = OPEN(LIST, september, None, None, None, None, AS_OF)
    assert refused.code == "#N/A"
    assert "The list is as of 2026-10-31. An open-item list without clearing dates" in refused.why
    assert OPEN(LIST, AS_OF, None, None, None, "open_items").code == "#N/A"
    plain = [row[:6] for row in LIST]
    assert OPEN(plain, september, None, None, None, "未清", AS_OF).code == "#N/A"


def test_an_open_item_list_of_its_own_day() -> None:
    found = rows(OPEN(LIST, AS_OF, None, None, None, "open_items", AS_OF))
    assert [(row["open"], row["bucket"]) for row in found] == [
        (60.0, "31-60 d"),
        (50.0, "Current"),
    ]


# -- AGING_REPORT ---------------------------------------------------------------------------


def test_the_report_of_the_open_items() -> None:
    report = REPORT(OPEN(DOCUMENTS, AS_OF, PAYMENTS), AS_OF)
    assert report[0] == [
        "customer_id",
        "name",
        "currency",
        "open",
        "unapplied",
        "over_30",
        "Current",
        "1-30 d",
        "31-60 d",
        "61-90 d",
        "91+ d",
        "No due date",
    ]
    first, second = rows(report)
    assert first["customer_id"] == "00123"
    assert (first["open"], first["unapplied"], first["over_30"]) == (90.1, -20.0, 60.1)
    assert (first["1-30 d"], first["31-60 d"]) == (50.0, 60.1)
    assert (second["open"], second["unapplied"], second["Current"]) == (-6.99, -7.0, 0.01)


def test_the_total_is_the_same_whatever_the_options() -> None:
    items = OPEN(DOCUMENTS, AS_OF, PAYMENTS)
    total = sum(round(row["open"] * 100) for row in rows(items))
    options = product(
        ["customer", "kind", ["currency"]],
        ["", "audit", [15, 45]],
        ["separate", "own", 3],
        ["", "issued"],
    )
    for by, edges, mode, base in options:
        report = rows(REPORT(items, AS_OF, by, edges, mode, base))
        assert sum(round(row["open"] * 100) for row in report) == total
        for row in report:
            buckets = [
                value
                for name, value in row.items()
                if " d" in name or name in ("Current", "No due date")
            ]
            assert round(sum(buckets) + row["unapplied"], 2) == row["open"]


def test_no_total_row_unless_asked() -> None:
    items = OPEN(DOCUMENTS, AS_OF, PAYMENTS)
    assert len(rows(REPORT(items, AS_OF))) == 2
    *_, total = rows(REPORT(items, AS_OF, "customer, total"))
    assert total["customer_id"] == "Total"
    assert total["open"] == 83.11


def test_a_short_list_of_customers_dates_and_amounts() -> None:
    items = [["customer", "due date", "open"], ["C1", "2026-09-30", 60.1], ["C1", None, 5]]
    [row] = rows(REPORT(items, AS_OF))
    assert (row["31-60 d"], row["No due date"], row["currency"]) == (60.1, 5.0, "XXX")


def test_by_a_column_of_the_users_own() -> None:
    items = [
        ["customer", "due date", "open", "branch"],
        ["C1", "2026-09-30", 60, "North"],
        ["C2", "2026-09-30", 5, "South"],
        ["C3", "2026-10-30", 1, "North"],
    ]
    found = rows(REPORT(items, AS_OF, "branch"))
    assert [(row["branch"], row["open"]) for row in found] == [("North", 61.0), ("South", 5.0)]
    unknown = REPORT(items, AS_OF, "brunch")
    assert unknown.code == "#VALUE!"
    assert "Did you mean 'branch'?" in unknown.why


TWO = [
    ["customer", "due date", "currency", "open"],
    ["C1", "2026-09-30", "EUR", 100],
    ["C1", "2026-10-30", "USD", 100],
]
RATES = [
    ["date", "from", "to", "rate"],
    ["2026-09-30", "USD", "EUR", 0.5],
    ["2026-10-31", "USD", "EUR", 0.8],
]


def test_currencies_never_add_up_without_rates() -> None:
    mixed = REPORT(TWO, AS_OF)
    assert mixed.code == "#VALUE!"
    assert "The items are in EUR, USD. Give in_currency and rates" in mixed.why
    assert REPORT(TWO, AS_OF, "", "", "", "", "EUR").code == "#VALUE!"


def test_currencies_with_rates_of_the_day() -> None:
    [row] = rows(REPORT(TWO, AS_OF, "", "", "", "", "eur", RATES))
    assert (row["currency"], row["open"], row["1-30 d"], row["31-60 d"]) == (
        "EUR",
        180.0,
        80.0,
        100.0,
    )
    missing = REPORT(TWO, AS_OF, "", "", "", "", "CNY", RATES)
    assert missing.code == "#N/A"
    assert " to CNY on or before 2026-10-31. Add a row to the Rates table" in missing.why


def test_a_report_is_not_back_dated() -> None:
    items = OPEN(DOCUMENTS, AS_OF, PAYMENTS)
    assert "The list is as of 2026-10-31" in REPORT(items, date(2026, 9, 30)).why
    later = REPORT(LIST, date(2026, 9, 30))
    assert later.code == "#N/A"
    assert "Row 3 of the list has the issued_on 2026-10-01, after 2026-09-30" in later.why


def test_a_flat_list_holds_payments_beside_documents() -> None:
    """Columns that only documents have stand empty or as text in the rows of payments."""
    items = [
        [
            "document_no",
            "customer",
            "kind",
            "issued_on",
            "due date",
            "currency",
            "amount",
            "settled_on",
            "disputed_amount",
        ],
        ["R1", "C1", "invoice", "2026-08-31", "2026-09-30", "EUR", 60.1, None, 5],
        ["P1", "C1", "payment", "2026-10-05", None, "EUR", -7, "2026-10-05", 0],
    ]
    [row] = rows(REPORT(items, AS_OF))
    assert (row["open"], row["unapplied"], row["31-60 d"]) == (53.1, -7.0, 60.1)


def test_age_from_the_issue_date_needs_one() -> None:
    items = [["customer", "due date", "open"], ["C1", "2026-09-30", 60.1]]
    assert "the items have no issue date" in REPORT(items, AS_OF, "", "", "", "issued").why
    [row] = rows(REPORT(LIST, AS_OF, "", "", "", "开票日"))
    assert (row["61-90 d"], row["1-30 d"]) == (60.0, 50.0)


def test_a_bad_row_fails_the_report() -> None:
    items = [["customer", "due date", "open"], ["C1", "2026-09-30", "sixty"]]
    result = REPORT(items, AS_OF)
    assert result.code == "#VALUE!"
    assert "row 2" in result.why


def test_sums_of_buckets_equal_the_report() -> None:
    items = rows(OPEN(DOCUMENTS, AS_OF, PAYMENTS))
    amounts, dues = [row["open"] for row in items], [row["due_on"] for row in items]
    labels = ["Current", "1-30 d", "31-60 d", "61-90 d", "91+ d", "No due date"]
    sums = SUM(amounts, dues, AS_OF, labels)
    report = rows(REPORT(OPEN(DOCUMENTS, AS_OF, PAYMENTS), AS_OF, "currency", "", "own"))
    assert sums == [pytest.approx(report[0][label], abs=1e-9) for label in labels]
