"""Shared payment data: consent, no names, no small groups, and back into another member's ledger."""

import csv
from datetime import date

import polars as pl
import pytest
from typer.testing import CliRunner

from receivables.cli import app
from receivables.errors import BadValueError
from receivables.transfer.alliance import SHARED, export, matched, subject

AS_OF = date(2026, 10, 31)
SALT = "sixteen letters!"


def people(count, **fields):
    rows = [
        {
            "customer_key": f"c{n}", "registration_no": f"HRB {n}", "tax_no": None, "country": "DE",
            "industry": "steel", "share_consent": True,
        }
        | {name: value(n) if callable(value) else value for name, value in fields.items()}
        for n in range(count)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"tax_no": pl.String, "industry": pl.String})


def history(count, days=12.0, rate=0.3, paid=3):
    return pl.DataFrame(
        [{"customer_key": f"c{n}", "days_beyond_terms": days, "late_rate": rate, "paid_invoices": paid} for n in range(count)]
    )  # fmt: skip


def shared(customers, found=None, **options):
    return export(customers, found if found is not None else history(customers.height), AS_OF, SALT, **options)  # fmt: skip


def test_figures_are_coarse_and_nobody_is_named() -> None:
    found = shared(people(5)).frame
    assert found.columns == list(SHARED)
    row = found.row(0, named=True)
    assert (row["days_beyond_terms"], row["late_rate"]) == (10, 0.3)
    text = found.write_csv()
    assert "HRB" not in text
    assert "c0" not in text.split("\n")[1].split(",")
    assert len(set(found["subject"])) == 5


@pytest.mark.parametrize(
    ("count", "industry", "rows"), [(4, "", 0), (5, "steel", 5), (6, "steel", 6)]
)
def test_a_group_below_the_floor_is_not_shown(count, industry, rows) -> None:
    found = shared(people(count))
    assert found.frame.height == rows
    assert found.left_out["small_group"] == count - rows
    assert rows == 0 or set(found.frame["industry"]) == {industry}


def test_a_rare_industry_loses_its_name_before_its_row() -> None:
    mixed = people(10, industry=lambda n: "steel" if n < 5 else f"rare {n}")
    found = shared(mixed).frame
    assert found.height == 10
    assert sorted(found["industry"]) == [""] * 5 + ["steel"] * 5
    alone = people(10, country=lambda n: "DE" if n < 5 else f"X{n}")
    assert sorted(shared(alone).frame["country"]) == [""] * 5 + ["DE"] * 5


def test_what_stays_out_is_counted() -> None:
    silent = people(12, share_consent=lambda n: n > 1, registration_no=lambda n: "" if n == 2 else f"HRB {n}")  # fmt: skip
    found = shared(silent, history(11))
    assert found.left_out == {"no_consent": 2, "no_number": 1, "few_invoices": 1, "no_figures": 0, "small_group": 0}  # fmt: skip
    assert shared(people(5), history(5, paid=2)).frame.is_empty()


def test_another_member_finds_its_own_customers_only_with_the_same_secret() -> None:
    sent = shared(people(5)).frame.cast(pl.String)
    ours = people(2, registration_no=lambda n: f"hrb{n}")
    found = matched([("one.csv", sent), ("two.csv", sent)], ours, SALT)
    assert found.select("customer_key", "reports", "days_beyond_terms").rows() == [("c0", 2, 10), ("c1", 2, 10)]  # fmt: skip
    assert matched([("one.csv", sent)], ours, "another secret, long").is_empty()
    assert subject("HRB 1", SALT) != subject("HRB 1", "another secret, long")


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("consent", "no", "row 2: consent is not yes"),
        ("late_rate", "30", "row 2: subject, as_of, days_beyond_terms or late_rate"),
        ("as_of", "31.10.2026", "row 2"),
        ("subject", "abc", "row 2"),
    ],
)
def test_a_file_that_is_no_export(column, value, message) -> None:
    sent = shared(people(5)).frame.cast(pl.String).with_columns(pl.lit(value).alias(column))
    with pytest.raises(BadValueError, match=message):
        matched([("x.csv", sent)], people(2), SALT)
    with pytest.raises(BadValueError, match="no column consent"):
        matched([("x.csv", sent.drop("consent"))], people(2), SALT)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(BadValueError, match="15 characters; give 16"):
        export(people(5), history(5), AS_OF, SALT[:-1])


def test_there_and_back_through_the_command_line(tmp_path) -> None:
    folder = tmp_path / "ledger"
    folder.mkdir()
    with (folder / "customers.csv").open("w", newline="") as handle:
        out = csv.writer(handle)
        out.writerow(["customer_id", "name", "registration_no", "country", "industry", "share_consent"])  # fmt: skip
        out.writerows([f"C{n}", f"Firm {n}", f"HRB {n}", "DE", "steel", "yes"] for n in range(6))
    with (folder / "documents.csv").open("w", newline="") as handle:
        out = csv.writer(handle)
        out.writerow(["document_no", "customer_id", "kind", "issued_on", "due_on", "currency", "amount", "settled_on"])  # fmt: skip
        out.writerows(
            [f"R{n}{m}", f"C{n}", "invoice", f"2026-0{m}-01", f"2026-0{m}-20", "EUR", 100, f"2026-0{m}-28"]
            for n in range(6)
            for m in (3, 4, 5)
        )  # fmt: skip
    secret = tmp_path / "secret.txt"
    secret.write_text(SALT)
    out_file = tmp_path / "out.csv"
    options = ["--secret", str(secret)]
    run = CliRunner().invoke
    done = run(app, ["alliance", "export", str(folder), "--as-of", "2026-10-31", "--out", str(out_file), *options])  # fmt: skip
    assert "6 customers, without names" in done.stdout
    done = run(app, ["alliance", "import", str(folder), str(out_file), *options])
    assert "6 of our customers" in done.stdout
    assert "Firm 3" in done.stdout
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "documents.csv").write_text((folder / "documents.csv").read_text())
    done = run(app, ["alliance", "export", str(bare), "--as-of", "2026-10-31", "--out", str(out_file), *options])  # fmt: skip
    assert done.exit_code == 2
    assert "nothing may be shared" in done.stderr
