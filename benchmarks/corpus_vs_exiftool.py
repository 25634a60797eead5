"""A scan of a folder against exiftool on the same files, in turn.

python -m benchmarks.corpus_vs_exiftool FOLDER [--rounds 3] [--at-most 1.0]
"""

from __future__ import annotations

import argparse
import shutil
import sys

from benchmarks.measure import check_ratio, find_program, print_medians, run_in_turn


def main() -> int:
    arguments = argparse.ArgumentParser(description="Time a scan against exiftool, in turn.")
    arguments.add_argument("folder")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--jobs", type=int, default=2)
    arguments.add_argument("--at-most", type=float, help="exit with 1 when the ratio of medians is larger")
    given = arguments.parse_args()
    exiftool = shutil.which("exiftool") or sys.exit("exiftool is not installed")
    scan = [find_program(), "scan", given.folder, "--no-catalogue", "--format", "json", "--jobs", str(given.jobs)]
    taken = run_in_turn(
        {
            "provenance": [*scan, "--no-progress"],
            "exiftool": [exiftool, "-r", "-ext", "*", "-j", given.folder],
        },
        given.rounds,
        allowed=(0, 1, 3),  # findings and unreadable files are a result, also for exiftool (1)
    )
    medians = print_medians(taken)
    return check_ratio(medians["provenance"] / medians["exiftool"], given.at_most)


if __name__ == "__main__":
    sys.exit(main())
