"""Run the benchmarks: `python -m benchmarks.run [aging|history|reading|refresh|cells|grades|excel|calc|office|letters|in_place|living …]`."""

from __future__ import annotations

import argparse

from benchmarks.measure import machine

SUITES = (
    "aging",
    "history",
    "reading",
    "refresh",
    "cells",
    "grades",
    "excel",
    "calc",
    "office",
    "letters",
    "in_place",
    "living",
)
SIZES = {
    "aging": [10_000, 100_000, 1_000_000],
    "history": [100_000, 1_000_000],
    "reading": [100_000],
    "refresh": [100_000],
    "in_place": [100_000],
    "living": [100_000],
    "calc": [100_000, 1_048_576],
}
QUICK = {suite: [10_000] for suite in SIZES}
ENGINES = ["polars", "duckdb", "pandas", "pyspark"]


def main() -> None:
    """Run the suites asked for, one after the other, and print Markdown."""
    given = arguments()
    print(f"Machine: {machine()}.")
    for suite in given.suites or SUITES:
        if suite == "cells":
            from benchmarks import cells

            cells.run(100_000, given.runs)
            continue
        if suite == "grades":
            from benchmarks import grades

            grades.run((given.sizes or [100_000])[0], given.runs)
            continue
        if suite == "office":
            from benchmarks import calc_office

            calc_office.run((given.sizes or [100_000])[0], given.runs)
            continue
        if suite == "excel":
            from benchmarks import excel_calls

            excel_calls.run(100_000, given.runs)
            continue
        if suite == "letters":
            from benchmarks import letters

            letters.run((given.sizes or [1_000])[0], given.runs)
            continue
        sizes = given.sizes or (QUICK if given.quick else SIZES)[suite]
        run_suite(suite, sizes, given)


def run_suite(suite: str, sizes: list[int], given: argparse.Namespace) -> None:
    """Import one suite and run it: the others' libraries stay unloaded."""
    if suite in {"aging", "history"}:
        from benchmarks import aging, history

        chosen = {"aging": aging, "history": history}[suite]
        chosen.run(sizes, given.engines, given.runs)
    elif suite == "calc":
        from benchmarks import calc_calls

        calc_calls.run(sizes, given.runs)
    else:
        from benchmarks import in_place, living, reading, refresh

        chosen = {"reading": reading, "refresh": refresh, "in_place": in_place, "living": living}
        chosen[suite].run(sizes, given.runs)


def arguments() -> argparse.Namespace:
    """What was asked on the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("suites", nargs="*", choices=[[], *SUITES], metavar="SUITE")
    parser.add_argument("--sizes", type=_numbers, help="documents, for example 10000,10000000")
    parser.add_argument("--engines", type=_names, default=ENGINES, help=",".join(ENGINES))
    parser.add_argument("--runs", type=int, default=5, help="timed runs after one warm-up")
    parser.add_argument("--quick", action="store_true", help="10,000 documents everywhere")
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _names(text: str) -> list[str]:
    return text.split(",")


if __name__ == "__main__":
    main()
