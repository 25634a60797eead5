"""What a report cannot say: the limits that always hold, and those of this very report, with figures.

Each limit is a fact about the program or the report. None of them argues.
"""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.evidence import Credential
from provenance.model.report import Inputs, Report
from provenance.reports import sentences, signature_texts
from provenance.reports.language import localize_digits, translatable, translate, translate_count
from provenance.reports.reading_days import describe_not_visible

_CLEARING = translatable(
    "A statement that a camera or a person made an asset clears it only when a signer on a trust list of this report "
    "signed it."
)
_WATERMARKS = translatable(
    "Watermarks that need their maker's detector are not read, such as SynthID, Digimarc, Imatag, TrustMark, "
    "AudioSeal, VideoSeal and Stable Signature. An asset that carries only such a watermark is unknown here."
)
_NAMES = translatable(
    "Names are as they stand in a certificate or as somebody typed them. The program does not check who signed a file, "
    "who gave or entered an approval, or that the document it refers to exists."
)
_MISSED = translatable(
    "Not found, or easily missed: a new rendering of the same prompt, a picture with hardly any detail, and material "
    "of which little is visible. A drawing in lines, and sound at another pitch or tempo, are reported as shared "
    "content. Another moment in which hardly anything moves, and seldom another tune that is played from the same "
    "recordings, may be reported as a copy."
)
GENERAL = (
    translatable("Absence of evidence is not proof. A re-encode, a screenshot or a stream copy removes every mark."),
    translatable("Unknown means that a file carries no mark of its own. It does not mean that the file is clean."),
    translatable(
        "Items that could not be checked are neither clean nor suspect. They are listed here and do not count as "
        "passed."
    ),
    translatable("A statement that AI made an asset counts at any standing, signed or not."),
    _CLEARING,
    _WATERMARKS,
    _NAMES,
    translatable("This report says where material comes from. It does not judge rights, likeness or consent."),
    signature_texts.SUMMARY,
)
"""The limits that every report has."""

# Measured rates, with the commands that measured them; docs/matching.md has the tables and how they came about.
STILLS_FOUND = ".97"
"""Of 74 uses of stills under 37 edits, in two cuts: the first table of the page."""
CLIPS_FOUND = "1.00"
"""Of 11 uses of clips, five of them at other speeds.

Measured by `python -m benchmarks.matching recall --rounds 2 --seed 401`, in the first of its two cuts.
"""
STILLS, EDITS, CLIPS = 74, 37, 11
UNRELATED_SHOTS = 174
"""Shots without known material between the uses of stills and under the hard edits, none of which had a match."""
SOUND_FOUND = {"-12 dB": "1.00", "-18 dB": ".95", "-24 dB": ".95"}
"""Of about twenty clips of 4 to 30 seconds at each level against dialogue.

Measured by `python -m benchmarks.sound --show --seed 21`.
"""
SOUND_PAIRS = "4,018"
"""Pairs of a clip and a mix without it in that run, none of which had a match."""
HARD_FOUND = ".94"
"""Found of one use of a still under each hard edit.

Measured by `python -m benchmarks.matching hard --rounds 1 --unrelated 100 --seed 301`.
"""
HARD_EDITS = 47
"""Such edits …"""
HARD_UNRELATED = 100
"""… and unrelated shots in that run, none of which had a match."""

_REVOCATION_CODES = frozenset({"signingCredential.ocsp.revoked", "signingCredential.ocsp.notRevoked"})
"""Codes of the C2PA library for an OCSP response in the file that it could use."""


def list_limits(report: Report) -> list[str]:
    """Every limit of a report, as sentences."""
    inputs = report.inputs
    not_visible = describe_not_visible(report)
    return [
        *map(translate, GENERAL),
        *([not_visible] if not_visible else []),
        _describe_search(inputs),
        describe_matching(),
        describe_matching_over_time(),
        translate(_MISSED),
        " ".join(_describe_revocation(report)),
        _describe_components(inputs),
    ]


def describe_matching() -> str:
    """The measured rates of matching pictures."""
    return translate(
        "Matching misses material. Measured on test films of the project's own making, not on productions: the share "
        "found was {stills_found} of {stills} uses of stills under {edits} kinds of edit, and {hard_found} of one use "
        "under each of {hard} edits that are hard to search (small insets, reflections, bars, drawings in lines, "
        "parts). None of {shots} unrelated shots had a match. The commands are in docs/matching.md.",
        stills_found=_write_rate(STILLS_FOUND),
        stills=STILLS,
        edits=EDITS,
        hard_found=_write_rate(HARD_FOUND),
        hard=HARD_EDITS,
        shots=UNRELATED_SHOTS,
    )


def describe_matching_over_time() -> str:
    """The measured rates of matching clips and sounds."""
    sounds = [
        translate("{rate} at {level}", rate=_write_rate(rate), level=level) for level, rate in SOUND_FOUND.items()
    ]
    return translate(
        "Likewise, of sounds of 4 to 30 seconds under dialogue the share found was {sounds}; none of {pairs} "
        "unrelated pairs of sound and mix was reported as a copy. Of clips, some at other speeds, {clips_found} of "
        "{clips} uses were found.",
        sounds=", ".join(sounds),
        pairs=localize_digits(SOUND_PAIRS),
        clips_found=_write_rate(CLIPS_FOUND),
        clips=CLIPS,
    )


def _write_rate(rate: str) -> str:
    """A share as the language writes it: `.96`, in German `0,96`."""
    text = localize_digits(rate)
    return f"0{text}" if text.startswith(",") else text


def _describe_search(inputs: Inputs) -> str:
    begin = translate("Only material that the catalogue knows can be found again by content.")
    if inputs.searched is None:
        rest = translate("This run made no search; what is reported as found was found by earlier searches.")
    else:
        compared = sentences.describe_search(inputs.searched)
        rest = translate("The deliverables were {compared}.", compared=compared)
    return f"{begin} {rest}"


def _describe_revocation(report: Report) -> Iterator[str]:
    yield translate(
        "A revoked certificate is noticed only when the file itself carries an OCSP response that says so. Nothing is "
        "fetched, revocation lists are not read, and a response that cannot be verified counts as none."
    )
    signed = without_proof = 0
    for case in report.cases:
        for credential in case.reading.credentials:
            if credential.signature != "unknown":
                signed += 1
                without_proof += not _has_proof(credential)
    if signed:
        yield translate_count(
            "Of {number} content credential in this report, {without} carried no response that could be used.",
            "Of {number} content credentials in this report, {without} carried no response that could be used.",
            signed,
            without=without_proof,
        )


def _has_proof(credential: Credential) -> bool:
    return bool(_REVOCATION_CODES.intersection(credential.codes))


def _describe_components(inputs: Inputs) -> str:
    if not inputs.not_installed:
        return translate("Every optional component was installed when this report was made.")
    components = "; ".join(inputs.not_installed)
    return translate("Not installed when this report was made: {components}.", components=components)
