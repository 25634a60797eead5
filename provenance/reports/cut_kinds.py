"""The kinds by which reports show what stands in a cut: each has its words, and a letter and a height in a drawing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from provenance.model.cut import Use
from provenance.model.finding import Approval, Finding
from provenance.model.vocabulary import SUSPECT, Origin
from provenance.reports.escape import make_visible
from provenance.reports.language import translatable, translate, translate_count


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. Its pattern in a drawing has the same name."""

    name: str
    message: str
    letter: str
    """Empty for what nobody has to look at."""
    height: int
    """Units of a drawing."""

    @property
    def words(self) -> str:
        """What it is, in the language of the report."""
        return translate(self.message)


KINDS = (
    Kind("generated", translatable("generated"), "G", 20),
    Kind("partly-generated", translatable("partly generated"), "P", 17),
    Kind("possibly-generated", translatable("possibly generated"), "?", 14),
    Kind("altered-archive", translatable("altered archive"), "R", 17),
    Kind("never-ingested", translatable("never ingested"), "N", 11),
    Kind("missing", translatable("missing"), "X", 20),
    Kind("ambiguous", translatable("ambiguous"), "A", 14),
    Kind("placeholder", translatable("placeholder"), "T", 11),
    Kind("known", translatable("known, no AI mark"), "", 6),
    Kind("plain", translatable("made in the editing system"), "", 4),
)
"""Gravest first."""
BY_NAME = {kind.name: kind for kind in KINDS}
RANKS = {kind.name: rank for rank, kind in enumerate(KINDS)}

Approvals = dict[Use, Approval | None]
"""Generated sources in cuts that were judged -> the approval that lets them stay; None when there is none."""

_TIES = {
    "digest": translatable("by the digest of its bytes"),
    "package-id": translatable("by its package identifier"),
    "umid": translatable("by UMID"),
    "path": translatable("by path"),
    "file-name": translatable("by file name"),
    "clip-name": translatable("by clip name"),
    "reel": translatable("by reel and timecode"),
}


def find_kind(use: Use) -> Kind:
    """The kind by which a use is shown."""
    if use.kind in BY_NAME:
        return BY_NAME[use.kind]
    if use.is_archive and use.doubts:
        return BY_NAME["altered-archive"]
    return BY_NAME["known" if use.digest else "plain"]


def needs_look(use: Use) -> bool:
    """Whether a person has to look at a use. Disabled clips are not in the picture."""
    return use.enabled and bool(find_kind(use).letter or use.contains)


def describe_total(kind: str) -> str:
    """The words for a kind by which a cut is counted."""
    return BY_NAME[kind].words if kind in BY_NAME else kind


def map_approvals(findings: Iterable[Finding]) -> Approvals:
    """The state of approval of every generated source in a cut that a rule objects to, approved or not."""
    approvals: Approvals = {}
    for finding in findings:
        uses = [reason for reason in finding.because if isinstance(reason, Use)]
        # other findings about a use rest on more than the use: on what its source shows, or on marks of alteration
        if len(uses) == len(finding.because):
            for use in uses:
                if use.origin in SUSPECT:
                    approvals[use] = approvals.get(use) or finding.waived_by
    return approvals


def describe_approval(use: Use, approvals: Approvals) -> str:
    """`approved: CLR-1, until 2027-01-31`, or `not approved`; empty where nothing was judged, or needs to be."""
    if use not in approvals:
        return ""
    approval = approvals[use]
    if approval is None:
        return translate("not approved")
    return translate("approved: {reference}, until {day}", reference=approval.reference, day=approval.expires)


def describe_asset(use: Use) -> str:
    """Which asset a source is, and how that is known; or why it is not known."""
    if use.resolved_by == "ambiguous":
        return translate("{number} known assets fit", number=len(use.candidates))
    if use.is_never_ingested and use.digest is None:
        return translate("its file is there, and was never read")
    if use.digest is None:
        return _describe_unknown(use.resolved_by)
    tie = translate("by {tie}", tie=use.resolved_by)
    if use.resolved_by in _TIES:
        tie = translate(_TIES[use.resolved_by])
    folder, _, name = use.known_as.rpartition("/")
    # a name that stands beside it already is not said again
    known_as = use.known_as
    if name == use.source:
        known_as = translate("in {folder}", folder=folder) if folder else ""
    unread = translate("not in the catalogue") if use.is_never_ingested else ""
    text = ", ".join(filter(None, (make_visible(known_as), tie, unread)))
    if use.contains:
        text += translate_count(
            "; generated material found in it {number} time",
            "; generated material found in it {number} times",
            len(use.contains),
        )
    return text


def _describe_unknown(resolved_by: str) -> str:
    if resolved_by == "missing":
        return translate("no known asset has this name")
    if resolved_by == "outside":
        return translate("outside all folders, and no known asset has this name")
    return translate("made in the editing system") if resolved_by == "made-here" else resolved_by


def describe_origin(use: Use) -> str:
    """What a source is, in a word or two: its kind, or what the marks of a known asset say."""
    kind = find_kind(use)
    if kind.letter:
        return kind.words
    if use.digest is None:
        return ""
    return translate("known, no AI mark") if use.origin is Origin.UNKNOWN else translate(str(use.origin))
