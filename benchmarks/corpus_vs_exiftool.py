"""A scan of a folder, compared with exiftool on the same files; both in turn.

python -m benchmarks.corpus_vs_exiftool FOLDER [--rounds 3] [--at-most 1.0]
"""

from __future__ import annotations

import argparse
import shutil
import sys

from benchmarks.measure import check_ratio, find_program, print_medians, run_in_turn

_ALLOWED_CODES = (0, 1, 3)
"""Findings and unreadable files are results as well; exiftool exits with 1 for the latter."""


def main() -> int:
    """Run the benchmark; 1 when the ratio is larger than allowed."""
    parser = argparse.ArgumentParser(description="Time a scan against exiftool, in turn.")
    parser.add_argument("folder")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--at-most", type=float, help="exit with 1 when the ratio of medians is larger")
    options = parser.parse_args()
    exiftool = shutil.which("exiftool") or sys.exit("exiftool is not installed")
    scan = [find_program(), "scan", options.folder, "--no-catalogue", "--format", "json", "--no-progress"]
    commands = {
        "provenance": [*scan, "--jobs", str(options.jobs)],
        "exiftool": [exiftool, "-r", "-ext", "*", "-j", options.folder],
    }
    medians = print_medians(run_in_turn(commands, options.rounds, _ALLOWED_CODES))
    return check_ratio(medians["provenance"] / medians["exiftool"], options.at_most)


if __name__ == "__main__":
    sys.exit(main())
