"""What a delivery says of itself beside its media: cut lists and packages, read, compared and judged in `scan`."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from provenance.catalogue.store import Catalogue
from provenance.intake.engines.interface import Engine
from provenance.intake.walk import Walk
from provenance.policy.compare_with_picture import Comparison, compare_with_picture
from provenance.policy.declared import collect_declared
from provenance.policy.judge_cuts import judge_cuts
from provenance.policy.judge_packages import judge_packages
from provenance.timeline.interface import CutOptions
from provenance.workflows import cut, packages
from provenance.workflows.cut import CutFile
from provenance.workflows.cut_sources import list_stored_names, load_known
from provenance.workflows.judge import Judgement
from provenance.workflows.resolved_cuts import ResolvedCuts
from provenance.workflows.run import RunContext, load_approvals_for_cuts


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists that were read before the media: the cuts that the user named, and the packages of the delivery."""

    options: CutOptions
    cut_files: list[CutFile]
    packages: list[packages.Packages]

    @property
    def algorithms(self) -> dict[bytes, tuple[str, ...]]:
        """By absolute path: the algorithms by which a file has to be digested."""
        algorithms: dict[bytes, tuple[str, ...]] = {}
        for package in self.packages:
            algorithms.update(package.list_algorithms())
        return algorithms


def load_lists(engine: Engine, walk: Walk, timelines: Sequence[str], options: CutOptions) -> Lists:
    """Read what has to be known before the media are read. Raises `UsageError` for a cut list that is not there."""
    return Lists(options, cut.read_cut_files(engine, timelines, options), packages.load_packages(engine, walk))


def judge_lists(
    context: RunContext,
    catalogue: Catalogue,
    engine: Engine,
    lists: Lists,
    hashes: Mapping[bytes, Sequence[str]],
    judged: Judgement,
    *,
    is_searched: bool,
) -> ResolvedCuts:
    """Tie cuts to what is known by now, compare packages with what was read, and add the findings to `judged`.

    `is_searched`: whether the delivery was searched for known material.
    """
    found = cut.read_found_cut_lists(engine, judged.cases, lists.cut_files, lists.options)
    files = [*lists.cut_files, *found]
    ids = _collect_package_ids(lists, judged)
    look_up = load_known(catalogue, cut.list_cuts(files), packaged=ids, archive_names=context.settings.archive_names)
    folders = [storage.path for storage in context.settings.storages]
    # The storages are walked once, and only where a cut names something that is not known.
    list_stored = functools.cache(functools.partial(list_stored_names, context, folders))
    cuts = cut.resolve_cuts(files, replace(look_up, list_stored=list_stored))
    approvals = load_approvals_for_cuts(context, catalogue)
    declarations = collect_declared(catalogue.load_entries())
    for pack, findings in judged.asked:
        findings.extend(judge_cuts(cuts.timelines, cuts.uses, pack, approvals, declarations))
        if is_searched:
            comparison = compare_with_picture(cuts.timelines, cuts.uses, judged.cases, pack)
            findings.extend(comparison.findings)
            _note_pictures(cuts, comparison)
    compositions = packages.collect_compositions(files)
    for package in lists.packages:
        faults = list(package.check(hashes, judged.cases, compositions))
        for pack, findings in judged.asked:
            findings.extend(judge_packages(faults, pack))
        judged.stats.loose_troubles.extend(package.troubles)
    judged.stats.loose_troubles.extend(cuts.troubles)
    return cuts


def _note_pictures(cuts: ResolvedCuts, comparison: Comparison) -> None:
    """Note of each cut the movies that it was compared with; a policy that does not ask it compares with none."""
    for index, timeline in enumerate(cuts.timelines):
        pictures = tuple(comparison.pictures.get(timeline.path, ()))
        if pictures:
            cuts.timelines[index] = replace(timeline, compared_with=pictures)


def _collect_package_ids(lists: Lists, judged: Judgement) -> dict[str, list[str]]:
    """By digest: the UUIDs that packages give to assets."""
    digests = {case.location.absolute: case.reading.asset.digest for case in judged.cases}
    ids: dict[str, list[str]] = {}
    for package in lists.packages:
        for path, package_id in package.list_package_ids():
            if digest := digests.get(path):
                ids.setdefault(digest, []).append(package_id)
    return ids
