"""Run every benchmark, print a table, leave benchmarks/results.json. Exits 1 when a goal is missed."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks import booking, jobs, search, seatchart, store_commit
from benchmarks.figures import save, table

BENCHMARKS = (store_commit.measure, seatchart.measure, search.measure, booking.measure, jobs.measure)
RESULTS = Path(__file__).with_name("results.json")


def main() -> int:
    figures = []
    for measure in BENCHMARKS:
        print(f"Measuring: {(sys.modules[measure.__module__].__doc__ or '').splitlines()[0]}", flush=True)
        figures += measure()
    print(table(figures))
    save(figures, RESULTS)
    return 0 if all(figure.ok for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
