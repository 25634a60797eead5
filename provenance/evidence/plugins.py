"""Detectors of other people: carriers and signals that installed distributions offer as entry points.

Off unless a run names them, and loaded in the workers alone. What they say is taken as anybody's word: under the name
of their entry point, with no more standing than a declaration, so that none of them can vouch for anything or clear it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

from provenance import registry
from provenance.errors import UsageError
from provenance.evidence import carriers, signals
from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile, Signal
from provenance.evidence.text.usage import gathered
from provenance.media.source import Source
from provenance.model.evidence import Evidence, Statement, Trouble, Used
from provenance.model.vocabulary import About, Cause, Origin, Standing
from provenance.registry import EntryPoint

CARRIERS, SIGNALS = "provenance.carriers", "provenance.signals"
_OWN_WORD = frozenset({Standing.DECLARED, Standing.TRACE, Standing.INFERRED})
"""How far somebody can be believed who shows no signature."""
_SENTENCE = 1000


def offers() -> list[EntryPoint]:
    """Every detector that is installed, whether a run asks for it or not."""
    return registry.find_entry_points(CARRIERS, SIGNALS)


def chosen(names: Sequence[str]) -> list[EntryPoint]:
    """The offers of these names. Raises `UsageError` for one that nobody offers, that several do, or that we have."""
    return [offer for name in dict.fromkeys(names) for offer in _called(name)]


def _called(name: str) -> list[EntryPoint]:
    found = [offer for offer in offers() if offer.name == name]
    known = ", ".join(dict.fromkeys(offer.name for offer in offers())) or "none"
    if not found:
        raise UsageError(f"no plug-in {name!r} is installed", f"installed: {known}; see: provenance doctor")
    if len({offer.group for offer in found}) < len(found):
        several = ", ".join(offer.distribution for offer in found)
        raise UsageError(f"the plug-in {name!r} is offered more than once: {several}", "uninstall all but one")
    if name in (*registry.names(carriers), *registry.names(signals)):
        raise UsageError(f"the plug-in {name!r} has the name of a detector that comes with the program", "rename it")
    return found


@functools.cache
def join(names: tuple[str, ...]) -> None:
    """Load the detectors of these names into this process. Raises as `chosen`, and whatever their import raises."""
    for offer in chosen(names):
        if offer.group == CARRIERS:
            registry.register(Carrier, {offer.name: _carrier(offer.name, registry.load(offer, Carrier))})
        else:
            registry.register(Signal, {offer.name: _signal(offer.name, registry.load(offer, Signal))})


def _carrier(called: str, theirs: Carrier) -> Carrier:
    class Joined(Carrier):
        name = called
        title = theirs.title
        media = frozenset(theirs.media)
        sidecars = tuple(theirs.sidecars)
        counts_as_read = "*" not in theirs.media  # who asks for every file says nothing about knowing any

        def read(self, source: Source) -> Iterator[CarrierOutput]:
            for row in theirs.read(source):
                yield _said(row, called)

    return Joined()


def _signal(called: str, theirs: Signal) -> Signal:
    class Joined(Signal):
        name = called
        title, written_by, trust, traps = theirs.title, theirs.written_by, theirs.trust, theirs.traps

        def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
            for row in theirs.read(statements):
                yield _meant(row, called)

    return Joined()


def _said(row: object, by: str) -> CarrierOutput:
    """What a carrier gave, in its name. Raises `TypeError` for what it may not give."""
    if isinstance(row, Statement):
        texts = (str(row.where) or by, str(row.key), str(row.value))
        return Statement(by, *texts, _standing(row.standing), About(row.about))
    if isinstance(row, Trouble):
        return Trouble("", by, Cause(row.cause), _text(row.detail))
    if isinstance(row, EmbeddedFile) and isinstance(row.content, bytes):
        return EmbeddedFile(str(row.name), row.content)
    raise TypeError(f"gave a {type(row).__name__}, which no plug-in may give")


def _meant(row: object, by: str) -> Evidence:
    """What a signal gave, in its name. Raises `TypeError` for what it may not give."""
    if not isinstance(row, Evidence):
        raise TypeError(f"gave a {type(row).__name__}, which is no evidence")
    return Evidence(
        by,
        _text(row.carrier),
        _text(row.where),
        Origin(row.origin),
        _standing(row.standing),
        None if row.tool is None else _text(row.tool),
        _text(row.detail),
        _used(row.used),
    )


def _used(used: Used | None) -> Used | None:
    if used is None:
        return None
    return gathered(
        used.prompt or "",
        negative=used.negative_prompt or "",
        model=used.model or "",
        adapters=used.adapters,
        seed=used.seed or "",
        inputs=used.inputs,
        version=used.version or "",
    )


def _standing(claimed: Standing) -> Standing:
    return claimed if claimed in _OWN_WORD else Standing.DECLARED


def _text(value: object) -> str:
    return str(value)[:_SENTENCE].encode("utf-8", "replace").decode("utf-8")
