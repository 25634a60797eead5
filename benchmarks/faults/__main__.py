"""Run the campaigns and print one table.

python -m benchmarks.faults [--share 0.02] [--seed 1] [--rows 1,2,28] [--markdown]

`--share 1` is the full size: 200 kills, 10,000 damaged files, a million assets, 500 nights; it takes hours. Root, FUSE
(mfusepy, libfuse3), strace and a C compiler are needed for some rows; where one is missing, the row says so. Exits with
1 when a row does not hold.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

from benchmarks.faults.interface import NotPossibleError, Result, Setting
from benchmarks.faults.matrix import CAMPAIGNS, MATRIX


def main() -> int:
    parser = argparse.ArgumentParser(description="Faults put in on purpose, and what the program does about each.")
    parser.add_argument("--share", type=float, default=0.02, help="of the full size")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", default="", help="only the campaigns of these rows")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    rows = {int(row) for row in options.rows.split(",") if row}
    wanted = [name for name in CAMPAIGNS if not rows or rows & _list_rows(name)]
    form = "| {} | {} | {} | {} |" if options.markdown else "{:>3}  {}\n     passes: {}\n     {}"
    is_all_well = True
    for name in wanted:
        for result in _run(name, options.share, options.seed):
            [row] = [row for row in MATRIX if row.number == result.row]
            is_all_well &= result.holds
            verdict = result.figure if result.holds else f"DOES NOT HOLD: {result.figure}"
            print(form.format(result.row, result.done, row.passes, verdict), flush=True)
    return 0 if is_all_well else 1


def _list_rows(campaign: str) -> set[int]:
    return {row.number for row in MATRIX if row.campaign == campaign}


def _run(name: str, share: float, seed: int) -> Iterator[Result]:
    module = importlib.import_module(f"benchmarks.faults.{name}")
    missing = set(_list_rows(name))
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        # No settings and no catalogue of whoever runs this take part.
        for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            os.environ[variable] = folder
        inner = Path(folder) / "campaign"
        inner.mkdir()
        try:
            for result in module.run(Setting(inner, share, seed)):
                missing.discard(result.row)
                yield result
        except NotPossibleError as reason:
            for row in sorted(missing):
                yield Result(row, "not possible here", str(reason), holds=True)
        except Exception:  # noqa: BLE001 - the other campaigns go on
            traceback.print_exc()
            for row in sorted(missing):
                yield Result(row, "the campaign broke off", "see above", holds=False)


if __name__ == "__main__":
    sys.exit(main())
