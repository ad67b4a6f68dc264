"""Rebuild country scores, map shapes and map positions from the public data they come from.

    python tools/build_countries.py FOLDER

FOLDER holds `wgi/wgi_1996_2018_long.csv` (World Bank, Worldwide Governance Indicators, CC BY 4.0;
columns code, country, year, dimension, estimate, stderr, pct_rank) and `world_map/countries-110m.json`
and `countries-50m.json` (npm world-atlas 2.0.2, ISC; geometry Natural Earth, public domain).

Written to `receivables/data`: `country_scores.csv`, `world.json`, and the columns lat and lon of
`countries.csv`, whose codes and names are kept by hand. A second run changes nothing.
"""

from __future__ import annotations

import csv
import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[1] / "receivables" / "data"
YEAR = 2018
DIMENSIONS = {
    "VoiceandAccountability": "voice",
    "PoliticalStabilityNoViolence": "stability",
    "GovernmentEffectiveness": "effectiveness",
    "RegulatoryQuality": "regulation",
    "RuleofLaw": "law",
    "ControlofCorruption": "corruption",
}
"""Dimension of the source → column of `country_scores.csv`."""
WORLD_BANK_CODES = {
    "ADO": "AND", "KSV": "XKX", "ROM": "ROU", "TMP": "TLS", "WBG": "PSE", "ZAR": "COD",
}  # fmt: skip
"""Codes of the World Bank's own that differ from ISO 3166."""
WITHOUT_NUMBER = {"Kosovo": "XK"}
SOURCE = "World Bank, Worldwide Governance Indicators, 2019 update (CC BY 4.0)"

Ring = list[list[float]]


def main(folder: Path) -> None:
    """Rebuild everything."""
    countries = rows(DATA / "countries.csv")
    write_scores(folder / "wgi" / "wgi_1996_2018_long.csv", countries)
    coarse = shapes(folder / "world_map" / "countries-110m.json", countries)
    fine = shapes(folder / "world_map" / "countries-50m.json", countries)
    write_world(coarse)
    write_positions(countries, fine)


def rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV table."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def write(name: str, table: list[dict[str, Any]]) -> None:
    """Write a CSV table of `receivables/data`."""
    with (DATA / name).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    print(f"{name}: {len(table)} rows")


def write_scores(path: Path, countries: list[dict[str, str]]) -> None:
    """One row per country: the estimate of each dimension, in the year of the data."""
    codes = {row["alpha3"]: row["alpha2"] for row in countries}
    found: dict[str, dict[str, str]] = {}
    for row in rows(path):
        if row["year"] != str(YEAR) or row["estimate"] in {"", "NA"}:
            continue
        alpha3 = WORLD_BANK_CODES.get(row["code"], row["code"])
        column = DIMENSIONS[row["dimension"]]
        found.setdefault(codes[alpha3], {})[column] = f"{float(row['estimate']):.4f}"
    table = [
        {"alpha2": code}
        | {column: found[code].get(column, "") for column in DIMENSIONS.values()}
        | {"source": SOURCE, "as_of": f"{YEAR}-12-31"}
        for code in sorted(found)
    ]
    write("country_scores.csv", table)


def shapes(path: Path, countries: list[dict[str, str]]) -> dict[str, list[Ring]]:
    """Outer rings of each country by alpha-2 code; "" holds shapes that have no code."""
    atlas = json.loads(path.read_text(encoding="utf-8"))
    codes = {row["numeric"]: row["alpha2"] for row in countries if row["numeric"]}
    arcs = decoded(atlas)
    found: dict[str, list[Ring]] = {}
    for shape in atlas["objects"]["countries"]["geometries"]:
        name = shape["properties"]["name"]
        code = codes.get(str(shape.get("id", "")).zfill(3), WITHOUT_NUMBER.get(name, ""))
        if code == "AQ":
            continue
        parts = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        found.setdefault(code, []).extend(unwrapped(ring(part[0], arcs)) for part in parts)
    return found


def decoded(atlas: dict[str, Any]) -> list[Ring]:
    """Arcs of a TopoJSON file in degrees: each point is stored as the step from the one before."""
    (scale_x, scale_y), (x_0, y_0) = atlas["transform"]["scale"], atlas["transform"]["translate"]
    arcs = []
    for steps in atlas["arcs"]:
        x = y = 0
        line = []
        for right, up, *_ in steps:
            x, y = x + right, y + up
            line.append([x * scale_x + x_0, y * scale_y + y_0])
        arcs.append(line)
    return arcs


def ring(indices: list[int], arcs: list[Ring]) -> Ring:
    """Points of a ring; a negative index is an arc taken backwards."""
    points: Ring = []
    for index in indices:
        line = arcs[index] if index >= 0 else arcs[~index][::-1]
        points.extend(line[1:] if points else line)
    return points


def unwrapped(points: Ring) -> Ring:
    """A ring without jumps at 180°: it may run on beyond."""
    turn, found = 0, [points[0]]
    for (before, _), (lon, lat) in pairwise(points):
        turn += -360 if lon - before > 180 else 360 if before - lon > 180 else 0
        found.append([lon + turn, lat])
    return found


def write_world(found: dict[str, list[Ring]]) -> None:
    """Shapes with two decimals; a ring that runs beyond 180° stands there twice, once per side."""
    compact = {}
    for code, rings in sorted(found.items()):
        both = [
            [[lon + turn, lat] for lon, lat in one]
            for one in rings
            for turn in (0, -360, 360)
            if turn == 0
            or (turn < 0 and max(lon for lon, _ in one) > 180)
            or (turn > 0 and min(lon for lon, _ in one) < -180)
        ]
        compact[code] = [[round(value, 2) for point in one for value in point] for one in both]
    about = {
        "source": "Natural Earth 1:110m, public domain, by way of npm world-atlas 2.0.2 (ISC)",
        "as_of": "2020-10-27",
        "form": "alpha-2 code → rings of lon, lat, lon, lat, …; the empty code has no data",
        "shapes": compact,
    }
    text = json.dumps(about, ensure_ascii=False, separators=(",", ":"))
    (DATA / "world.json").write_text(text + "\n", encoding="utf-8")
    print(f"world.json: {len(compact)} shapes, {len(text):,} bytes")


def write_positions(countries: list[dict[str, str]], found: dict[str, list[Ring]]) -> None:
    """Middle of the largest part of each country; positions typed by hand stay where no shape is."""
    for row in countries:
        if rings := found.get(row["alpha2"]):
            _, lon, lat = max((middle(one) for one in rings), key=lambda part: part[0])
            row["lat"], row["lon"] = f"{lat:.1f}", f"{(lon + 180) % 360 - 180:.1f}"
    write("countries.csv", countries)


def middle(points: Ring) -> tuple[float, float, float]:
    """Area and centre of gravity of a ring."""
    area = lon = lat = 0.0
    for (x_1, y_1), (x_2, y_2) in pairwise(points):
        cross = x_1 * y_2 - x_2 * y_1
        area, lon, lat = area + cross, lon + (x_1 + x_2) * cross, lat + (y_1 + y_2) * cross
    if not area:
        return 0.0, points[0][0], points[0][1]
    return abs(area / 2), lon / (3 * area), lat / (3 * area)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
