"""Third-party detectors: carriers and signals that installed distributions offer as entry points.

They are off unless a run names them, and only workers import them. Their rows are taken as their own word: under the
name of their entry point and with no higher standing than a declaration. So a third-party detector can mark a file, but
it can neither vouch for one nor clear it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

from provenance import registry
from provenance.errors import UsageError
from provenance.evidence import carriers, signals
from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile, Signal
from provenance.evidence.text.generation_settings import make_usage
from provenance.media.source import Source
from provenance.media.text import replace_surrogates
from provenance.model.evidence import Evidence, Statement, Trouble, Used
from provenance.model.vocabulary import About, Cause, Origin, Standing
from provenance.policy import packs
from provenance.registry import EntryPoint

CARRIERS = "provenance.carriers"
"""Entry point group of third-party carriers."""
SIGNALS = "provenance.signals"
"""Entry point group of third-party signals."""

_UNSIGNED = frozenset({Standing.DECLARED, Standing.TRACE, Standing.INFERRED})
"""The standings that need no signature: the only ones a third-party detector can give."""
_LONGEST_TEXT = 1000
"""Characters of a detail, a tool name or a place that are kept of what a third-party detector gives."""


def find_plugins() -> list[EntryPoint]:
    """Find every third-party detector that is installed, switched on or not. Imports none of them."""
    return registry.find_entry_points(CARRIERS, SIGNALS)


def select(names: Sequence[str]) -> list[EntryPoint]:
    """Return the installed detectors with these names; one name can select a carrier and a signal.

    Raises `UsageError` for a name that is not installed, that several distributions use, or that is one of ours.
    """
    if not names:
        # To find them takes longer than anything else that a run without them does at its begin.
        return []
    installed = find_plugins()
    selected: list[EntryPoint] = []
    for name in dict.fromkeys(names):
        selected.extend(_select_one(name, installed))
    return selected


def _select_one(name: str, installed: Sequence[EntryPoint]) -> list[EntryPoint]:
    matches = [point for point in installed if point.name == name]
    if not matches:
        known = ", ".join(dict.fromkeys(point.name for point in installed)) or "none"
        raise UsageError(f"no plug-in {name!r} is installed", f"installed: {known}; see: provenance doctor")
    # One carrier and one signal may share a name: they are switched on together.
    groups = {point.group for point in matches}
    if len(groups) < len(matches):
        distributions = ", ".join(point.distribution for point in matches)
        raise UsageError(
            f"the plug-in {name!r} is provided by more than one package: {distributions}", "uninstall all but one"
        )
    if name in registry.list_names(carriers) or name in registry.list_names(signals):
        raise UsageError(
            f"the plug-in {name!r} has the same name as a built-in detector",
            "ask its maker to rename it, and leave it out until then",
        )
    # its name stands in reports beside the policy's, and must not be taken for a client's
    if registry.is_name_taken(name, packs.list_packs()):
        raise UsageError(
            f"the plug-in {name!r} has the name of a policy pack that comes with the program",
            "ask its maker to rename it, and leave it out until then",
        )
    return matches


@functools.cache
def load(names: tuple[str, ...]) -> None:
    """Import the detectors with these names and register them in this process, once for each tuple of names.

    Raises `UsageError` as `select` does, and whatever their import raises.
    """
    for point in select(names):
        if point.group == CARRIERS:
            carrier = registry.load_entry_point(point, Carrier)
            registry.register(Carrier, {point.name: _wrap_carrier(point.name, carrier)})
        else:
            signal = registry.load_entry_point(point, Signal)
            registry.register(Signal, {point.name: _wrap_signal(point.name, signal)})


def _wrap_carrier(entry_name: str, carrier: Carrier) -> Carrier:
    class ThirdPartyCarrier(Carrier):
        name = entry_name
        title = carrier.title
        media = frozenset(carrier.media)
        sidecars = tuple(carrier.sidecars)
        # One that asks for every file knows no file type, so it must not make an unknown file count as read.
        counts_as_read = "*" not in carrier.media

        def read(self, source: Source) -> Iterator[CarrierOutput]:
            for row in carrier.read(source):
                yield _clean_output(row, entry_name)

    return ThirdPartyCarrier()


def _wrap_signal(entry_name: str, signal: Signal) -> Signal:
    class ThirdPartySignal(Signal):
        name = entry_name
        title = signal.title
        written_by = signal.written_by
        trust = signal.trust
        traps = signal.traps

        def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
            for row in signal.read(statements):
                yield _clean_evidence(row, entry_name)

    return ThirdPartySignal()


def _clean_output(row: object, entry_name: str) -> CarrierOutput:
    """Rebuild one row of a third-party carrier under its entry point's name. Raises `TypeError` for any other type."""
    # Rows are rebuilt, not passed on: a subclass or a wrong field type must not get into the catalogue.
    if isinstance(row, Statement):
        # Every statement needs a place, because a report lists evidence by its place.
        where = str(row.where) or entry_name
        standing = _limit_standing(row.standing)
        return Statement(entry_name, where, str(row.key), str(row.value), standing, About(row.about))
    if isinstance(row, Trouble):
        return Trouble("", entry_name, Cause(row.cause), _clean_text(row.detail))
    if isinstance(row, EmbeddedFile) and isinstance(row.content, bytes):
        return EmbeddedFile(str(row.name), row.content)
    # Above all a Credential: only our own C2PA carrier verifies signatures.
    raise TypeError(f"yielded a {type(row).__name__}, which a third-party carrier may not yield")


def _clean_evidence(row: object, entry_name: str) -> Evidence:
    """Rebuild one row of a third-party signal under its entry point's name. Raises `TypeError` for any other type."""
    if not isinstance(row, Evidence):
        raise TypeError(f"yielded a {type(row).__name__}, but a signal may only yield Evidence")
    return Evidence(
        entry_name,
        _clean_text(row.carrier),
        _clean_text(row.where),
        Origin(row.origin),
        _limit_standing(row.standing),
        None if row.tool is None else _clean_text(row.tool),
        _clean_text(row.detail),
        _clean_usage(row.used),
    )


def _clean_usage(used: Used | None) -> Used | None:
    if used is None:
        return None
    return make_usage(
        used.prompt or "",
        negative=used.negative_prompt or "",
        model=used.model or "",
        adapters=used.adapters,
        seed=used.seed or "",
        inputs=used.inputs,
        version=used.version or "",
    )


def _limit_standing(standing: Standing) -> Standing:
    if standing in _UNSIGNED:
        return standing
    return Standing.DECLARED


def _clean_text(value: object) -> str:
    """Shortened, and without lone surrogates, which no output can encode."""
    return replace_surrogates(str(value)[:_LONGEST_TEXT])
