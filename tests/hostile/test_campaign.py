"""The campaign of damaged files, in short. `python -m benchmarks.campaign` runs the long one."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.hostile.bombs import list_bombs
from benchmarks.hostile.mutations import MUTATIONS
from benchmarks.hostile.promises import PromiseCheck, Sample, Seed
from provenance.intake.jobs import FileRead
from provenance.model.asset import Asset, FileState, Reading
from provenance.model.evidence import Evidence, Statement, Trouble
from provenance.model.vocabulary import About, Cause, Origin, Standing

ROOT = Path(__file__).parents[2]
PATIENCE = 240


@pytest.mark.slow
def test_a_short_campaign_keeps_every_promise() -> None:
    command = [sys.executable, "-m", "benchmarks.campaign", "--files", "75", "--light"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "promises  all kept" in run.stdout
    assert re.search(r"attempts  failed: slow \d+, crashed 0, oversized 0", run.stdout)  # slow is the machine's affair


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_same_dice_give_the_same_damage(name: str) -> None:
    whole, other = bytes(range(256)) * 20 + b"moov\0\0\1\0trak", b"RIFF\x20\0\0\0WAVE" * 9
    made = [[MUTATIONS[name](whole, other, random.Random(number)) for number in range(60)] for _ in range(2)]
    assert made[0] == made[1]
    assert sum(data != whole for data in made[0]) > 40
    assert all(made[0])
    for tiny in (b"a", b"ab"):
        assert all(MUTATIONS[name](tiny, b"", random.Random(number)) for number in range(60))


def test_bombs_have_names_of_their_own() -> None:
    names = [bomb.name for bomb in list_bombs()]
    assert len(names) == len(set(names)) > 80
    assert 10 < sum(bomb.is_heavy for bomb in list_bombs()) < 30


NOT_ITSELF = Statement(
    "xmp",
    "packet",
    "Iptc4xmpExt:DigitalSourceType",
    "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
    about=About.INPUT,
)


def outcome(*origins: Origin, words: tuple[Statement, ...] = ()) -> FileRead:
    said = tuple(Evidence("s", "c", "w", origin, Standing.TRUSTED, None, "d") for origin in origins)
    return FileRead(Reading(Asset("sha256:0", "0", 1, "image/png"), words, said), FileState(0, 0, 0, 0))


def test_a_broken_promise_is_noticed() -> None:
    camera, plain, marked, mentioning = (
        Seed.from_outcome(name, b"x", came)
        for name, came in (
            ("camera", outcome(Origin.CAPTURED)),
            ("plain", outcome()),
            ("marked", outcome(Origin.GENERATED)),
            ("mentioning", outcome(words=(NOT_ITSELF,))),
        )
    )
    assert mentioning.origins == {Origin.UNKNOWN}
    loud = next(bomb for bomb in list_bombs() if bomb.must_report)
    for sample, came, kept in (
        (Sample("a", (plain,)), outcome(), True),
        (Sample("b", (plain,)), outcome(Origin.CAPTURED), False),
        (Sample("c", (marked,)), outcome(Origin.CREATED), False),
        (Sample("d", (camera, plain)), outcome(Origin.CAPTURED), True),
        (Sample("e", (plain,)), outcome(Origin.GENERATED), False),
        (Sample("f", (camera, marked)), outcome(Origin.POSSIBLY_GENERATED), True),
        (Sample("f", (mentioning,)), outcome(Origin.GENERATED), True),
        (Sample("f", (mentioning,)), outcome(Origin.CAPTURED), False),
        (Sample("g", bomb=loud), outcome(), False),
        (Sample("h", bomb=loud), Trouble("", "worker", Cause.SLOW, "twice"), True),
    ):
        promises = PromiseCheck()
        assert promises.check(sample, came) is kept, sample.name
        assert bool(promises.broken) is not kept
        assert promises.files == 1
