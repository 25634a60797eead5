from __future__ import annotations

from dataclasses import replace

from provenance.model.finding import Case
from provenance.model.vocabulary import Origin, Standing, Zone
from provenance.policy.archive import is_archive
from tests.policy.build import case, evidence


def archived(made: Case) -> Case:
    return replace(made, location=replace(made.location, zone=Zone.ARCHIVE))


FIRES = {
    "generated": archived(case(evidence())),
    "enhanced": archived(case(evidence(Origin.ENHANCED))),
    "a capture whose credential no longer fits": archived(case(evidence(Origin.CAPTURED, Standing.BROKEN))),
}
QUIET = {
    "nothing known": archived(case()),
    "a trusted capture": archived(case(evidence(Origin.CAPTURED, Standing.TRUSTED))),
    "generated, and nobody calls it archive": case(evidence()),
}


def test_a_name_may_say_that_it_is_archive() -> None:
    assert is_archive((), ["ARC_1944_harbour.mov"], ["arc_*"])
    assert not is_archive((), ["search_party.mov"], ["arc_*"])
    assert is_archive([Zone.ARCHIVE], [], [])
