"""Countries: names and codes, ratings on named scales, policy, exposure from the ledger."""

from datetime import date
from decimal import Decimal

import pytest

from receivables.errors import BadValueError, DomainError, NotAvailableError
from receivables.ledger.link import link
from receivables.ledger.open import open_items
from receivables.monitor.country import countries, find_country, fold, successors
from receivables.monitor.country_change import counts
from receivables.monitor.country_ledger import country_exposure, risk_map
from receivables.monitor.country_risk import (
    Policy,
    class_of_score,
    classes,
    country_policy,
    country_risk,
    own_table,
    policies,
)
from receivables.monitor.country_scales import find_scale, rating, scales
from receivables.monitor.insolvency import Count, trends
from receivables.monitor.warnings_overdue import worst_overdue
from receivables.resources import data_rows
from tests.ledgers import ledger

AS_OF = date(2026, 10, 31)


def test_at_least_190_countries_have_a_class() -> None:
    assert len(own_table()) >= 190
    assert {risk.risk_class for risk in own_table().values()} == set(classes())


def test_codes_are_unique_and_of_their_length() -> None:
    listed = countries().values()
    for name, size in (("alpha2", 2), ("alpha3", 3), ("numeric", 3)):
        codes = [getattr(one, name) for one in listed if getattr(one, name)]
        assert len(set(codes)) == len(codes)
        assert {len(code) for code in codes} == {size}
    assert all(one.name_en and one.name_zh for one in listed)


@pytest.mark.parametrize("one", countries().values(), ids=lambda one: one.alpha2)
def test_every_code_and_name_finds_its_country(one) -> None:
    for text in (
        one.alpha2,
        one.alpha3.lower(),
        one.numeric or one.alpha2,
        one.name_en,
        one.name_zh,
    ):
        assert find_country(text) == one, text


def test_every_alias_means_one_country_and_no_code_in_use() -> None:
    found = {}
    for row in data_rows("country_aliases.csv"):
        key = fold(row["name"])
        assert found.setdefault(key, row["alpha2"]) == row["alpha2"], row
        if row["kind"] == "alias":
            assert find_country(row["name"]).alpha2 == row["alpha2"], row
        else:
            assert successors(row["name"]), row
            with pytest.raises(NotAvailableError):
                find_country(row["name"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ROM", "Romania is RO or ROU since 2002. Write that."),
        ("ADO", "Andorra is AD or AND. Write that."),
        ("ZAR", "Congo, Democratic Republic is CD or COD since 1997"),
        ("Czechoslovakia", "no longer exists. Write the country of the customer: Czechia (CZ), Slovakia (SK)"),
        ("Irelnd", "Did you mean Ireland (IE)?"),
        ("XQ", "Write an ISO 3166 code such as DE, DEU or 276, or its name."),
    ],
)  # fmt: skip
def test_what_is_not_known_says_what_to_write(text, says) -> None:
    with pytest.raises(NotAvailableError) as fault:
        find_country(text)
    assert says in str(fault.value)


@pytest.mark.parametrize(
    ("score", "risk_class"),
    [(0.7501, "A"), (0.75, "A"), (0.7499, "B"), (0.0001, "B"), (0, "B"), (-0.0001, "C"),
     (-0.7499, "C"), (-0.75, "C"), (-0.7501, "D"), (-2.5, "D")],
)  # fmt: skip
def test_cut_offs_of_the_classes(score, risk_class) -> None:
    assert class_of_score(score) == risk_class


def test_the_score_is_the_mean_of_the_six_estimates() -> None:
    row = next(row for row in data_rows("country_scores.csv") if row["alpha2"] == "BR")
    names = ("voice", "stability", "effectiveness", "regulation", "law", "corruption")
    mean = sum(Decimal(row[name]) for name in names) / 6
    assert country_risk("Brazil").score == pytest.approx(float(mean))


def test_each_scale_runs_from_best_to_worst_class() -> None:
    for scale in scales():
        rows = [row for row in data_rows("country_scales.csv") if row["scale"] == scale]
        assert [int(row["rank"]) for row in rows] == list(range(1, len(rows) + 1))
        assert {row["class"] for row in rows} <= set(classes())
        if scale != "Allianz":  # two scales in one: BB4 is worse than C1 in the short term only
            found = [row["class"] for row in rows]
            assert found == sorted(found)


def test_a_bare_rating_is_refused() -> None:
    with pytest.raises(BadValueError, match="names no scale, and scales differ"):
        rating("4")
    with pytest.raises(BadValueError, match=r"It goes from 0 \(best\) to 7"):
        rating("OECD:8")
    with pytest.raises(BadValueError, match="Did you mean Coface"):
        find_scale("Cofacee")
    with pytest.raises(BadValueError, match="stands in a column of the scale OECD"):
        rating("Coface:A1", "OECD")


def test_every_class_has_a_policy_and_it_never_grows_with_risk() -> None:
    found = [policies()[name] for name in classes()]
    for field in ("terms_cap", "limit_factor"):
        values = [getattr(one, field) for one in found]
        assert values == sorted(values, reverse=True)
    assert all(one.instrument and one.instrument_zh for one in found)


def test_policies_that_cannot_be() -> None:
    with pytest.raises(DomainError, match="30 means 30 %"):
        policies([Policy("A", 30, 30, "open account")])
    with pytest.raises(DomainError, match="give 0 or more"):
        policies([Policy("A", -1, 1, "open account")])
    with pytest.raises(NotAvailableError, match="no row for class D"):
        country_policy("OECD:7", rows=[Policy("A", 30, 1, "open account")])


def exposed(language: str = "en", previous=None, home=(), **tables):
    books = ledger(**tables)
    posted = link(books)
    owed = worst_overdue(open_items(posted, AS_OF))
    found = country_exposure(
        owed, posted, books, AS_OF, previous=previous, home=home, language=language
    )
    assert found.frame["exposure"].sum() == owed["exposure"].sum()
    return found


def sold(*places: str):
    customers = [
        {"customer_id": f"C{n}", "name": f"N{n}", "country": place or None}
        for n, place in enumerate(places)
    ]
    documents = [
        {
            "document_no": str(n), "customer_id": f"C{n}", "kind": "invoice",
            "amount": (n + 1) * 100_00, "issued_on": AS_OF, "due_on": AS_OF,
        }
        for n in range(len(places))
    ]  # fmt: skip
    return {"customers": customers, "documents": documents}


def test_countries_of_customers_who_bought_nothing_yet_are_checked_too() -> None:
    tables = sold("DE")
    tables["customers"] += [
        {"customer_id": "P1", "name": "Turnul", "country": "ROM"},
        {"customer_id": "P2", "name": "Atlas", "country": "Atlantis"},
    ]
    found = exposed(**tables)
    told = {(issue.code, issue.value) for issue in found.issues}
    assert told == {("country_old", "ROM"), ("country_unknown", "Atlantis")}
    assert found.frame["alpha2"].to_list() == ["DE"]


@pytest.mark.parametrize(("as_of", "known"), [("2018-12-30", None), ("2018-12-31", "A")])
def test_a_report_of_an_earlier_date_does_not_know_our_table(as_of, known) -> None:
    """The table is of 2018-12-31: a day before, nobody had it; the exposure is there all the same."""
    day = date.fromisoformat(as_of)
    tables = sold("DE")
    tables["documents"] = [tables["documents"][0] | {"issued_on": day, "due_on": day}]
    books = ledger(**tables)
    posted = link(books)
    found = country_exposure(worst_overdue(open_items(posted, day)), posted, books, day)
    row = found.frame.row(0, named=True)
    assert (row["alpha2"], row["exposure"], row["risk_class"]) == ("DE", 100_00, known)
    assert found.risk.get("DE") == known


def test_exposure_by_country_names_every_customer() -> None:
    """Spellings of one country add up; an unknown and a missing one stand there, with Issues."""
    found = exposed(**sold("DE", "Germany", "Atlantis", "", "ZAR"))
    rows = {(row["alpha2"], row["country"]): row for row in found.frame.iter_rows(named=True)}
    assert rows["DE", "Germany"]["customers"] == 2
    assert rows["DE", "Germany"]["exposure"] == 300_00
    assert rows["", "Atlantis"]["risk_class"] is None
    assert rows["", ""]["exposure"] == 400_00
    assert rows["CD", "Congo, Democratic Republic"]["risk_class"] == "D"
    assert {issue.code for issue in found.issues} == {"country_unknown", "country_old"}


def test_ratings_of_the_ledger_as_known_on_the_date() -> None:
    """A rating of today that we had tomorrow is not known yet; no rating of ours is put beside it."""
    base = {"subject": "SN", "source": "OECD", "rating": "5", "date": date(2026, 1, 1)}
    later = base | {"rating": "7", "date": AS_OF, "known_on": date(2026, 11, 1)}
    found = exposed(**sold("SN", "DE"), country_ratings=[base, later])
    rows = {row["alpha2"]: row for row in found.frame.iter_rows(named=True)}
    assert (rows["SN"]["rating"], rows["SN"]["risk_class"], rows["SN"]["stale"]) == (
        "OECD:5",
        "C",
        True,
    )
    assert rows["DE"]["source"].startswith("World Bank")
    known = later | {"known_on": AS_OF}
    found = exposed(**sold("SN"), country_ratings=[base, known], previous=date(2026, 9, 30))
    assert found.frame["rating"].item() == "OECD:7"
    assert found.risk["SN"] == "D"
    assert found.moved("zh").rows() == [("SN", "塞内加尔", "OECD:5", "OECD:7", "down", 2)]
    assert counts(found.moves)["down"] == 1


def test_the_policy_is_for_exports() -> None:
    rows = {
        row["alpha2"]: row
        for row in exposed(**sold("CN", "SN"), home={"CN"}).frame.iter_rows(named=True)
    }
    assert (rows["CN"]["risk_class"], rows["CN"]["terms_cap"], rows["CN"]["instrument"]) == (
        "C",
        None,
        None,
    )
    assert (rows["SN"]["risk_class"], rows["SN"]["terms_cap"]) == ("C", 30)


def test_a_rating_without_scale_is_an_issue_with_its_place() -> None:
    bad = {"subject": "SN", "source": "My bank", "rating": "5", "date": date(2026, 1, 1)}
    found = exposed(**sold("SN"), country_ratings=[bad])
    [issue] = found.issues
    assert (issue.code, issue.level, issue.column) == ("country_rating_unread", "error", "rating")
    assert "'My bank' is not a known scale" in issue.message
    assert found.frame["risk_class"].item() == "C"


def test_the_map_takes_the_ledger_before_our_table() -> None:
    assert len(risk_map()) == len(own_table())


def test_a_rise_of_two_points_is_exact() -> None:
    """0.05 − 0.03 is 0.020000000000000004 in floats, and 0.35 − 0.33 is 0.019999999999999962."""
    for before, now in ((3, 5), (33, 35), (55, 57), (7, 9)):
        rows = [
            Count("s", "1", Decimal(before), Decimal(100)),
            Count("s", "2", Decimal(now), Decimal(100)),
        ]
        assert trends(rows)[-1].alert is True
        below = Count("s", "2", Decimal(now) - Decimal("0.001"), Decimal(100))
        assert trends([rows[0], below])[-1].alert is False
