"""What `provenance --help` costs, compared with an interpreter that does nothing; both in turn.

python -m benchmarks.startup [--rounds 20] [--at-most 6]
"""

from __future__ import annotations

import argparse
import sys

from benchmarks.measure import check_ratio, find_program, print_medians, run_in_turn


def main() -> int:
    """Run the benchmark; 1 when the ratio is larger than allowed."""
    parser = argparse.ArgumentParser(description="Time --help against a bare interpreter, in turn.")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--at-most", type=float, help="exit with 1 when the ratio of medians is larger")
    options = parser.parse_args()
    commands = {"--help": [find_program(), "--help"], "python": [sys.executable, "-c", "pass"]}
    medians = print_medians(run_in_turn(commands, options.rounds, allowed=(0,)))
    return check_ratio(medians["--help"] / medians["python"], options.at_most)


if __name__ == "__main__":
    sys.exit(main())
