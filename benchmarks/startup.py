"""What `provenance --help` costs against an interpreter that does nothing, in turn.

python -m benchmarks.startup [--rounds 20] [--at-most 6]
"""

from __future__ import annotations

import argparse
import sys

from benchmarks.measure import check_ratio, find_program, print_medians, run_in_turn


def main() -> int:
    arguments = argparse.ArgumentParser(description="Time --help against a bare interpreter, in turn.")
    arguments.add_argument("--rounds", type=int, default=20)
    arguments.add_argument("--at-most", type=float, help="exit with 1 when the ratio of medians is larger")
    given = arguments.parse_args()
    taken = run_in_turn(
        {"--help": [find_program(), "--help"], "python": [sys.executable, "-c", "pass"]}, given.rounds, allowed=(0,)
    )
    medians = print_medians(taken)
    return check_ratio(medians["--help"] / medians["python"], given.at_most)


if __name__ == "__main__":
    sys.exit(main())
