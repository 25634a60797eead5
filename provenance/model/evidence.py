"""Statements of a file, their meaning for its origin, and the reasons why something could not be checked."""

from __future__ import annotations

from provenance.model.value import value
from provenance.model.vocabulary import About, Cause, Origin, Standing


@value
class Statement:
    """One thing that a file says, with the exact place. The text is kept as found, bounded only in length."""

    carrier: str
    """Name of the carrier that read it: `png`, `exif`, `c2pa` …"""
    where: str
    """The exact place, for a person: `tEXt chunk "parameters" at byte 33`."""
    key: str
    """Name of the field, in the spelling of the format: `parameters`, `UserComment`,
    `Iptc4xmpExt:DigitalSourceType`, `c2pa.created/digitalSourceType`."""
    value: str
    standing: Standing = Standing.DECLARED
    about: About = About.ASSET


@value
class Used:
    """What a generated asset was made with, according to its mark: model, references and prompt, for legal review."""

    prompt: str | None = None
    negative_prompt: str | None = None
    model: str | None = None
    adapters: tuple[str, ...] = ()
    """LoRAs and similar additions to a model, by the names in the mark."""
    seed: str | None = None
    inputs: tuple[str, ...] = ()
    """Files that were given to the generator: pictures, masks, clips."""
    version: str | None = None
    """Version of the tool."""


UNKNOWN_DATE = "unknown"
"""The date of a trust list that states none."""


@value
class TrustList:
    """A list of certificates that decides which signers are trusted."""

    name: str
    issued: str
    """The day that the list itself states, `YYYY-MM-DD`; `unknown` when it states none."""
    sha256: str
    source: str = ""


@value
class Evidence:
    """The meaning of a statement for the origin of an asset."""

    signal: str
    carrier: str
    where: str
    origin: Origin
    standing: Standing
    tool: str | None
    """Name of the generator or camera, as written in the file."""
    detail: str
    """One sentence for a person: the statement that was read, and why it counts."""
    used: Used | None = None
    vouched_by: TrustList | None = None
    """The trust list that contains the signer, as it was when the file was read; None when none does."""


@value
class Trouble:
    """Why something could not be checked. It is neither a pass nor an alarm: it counts as missing coverage."""

    path: str
    """Path as shown; empty inside a `Reading`, until `with_path` sets the path of the file."""
    stage: str
    """Where it happened: `open`, `read`, the name of a carrier, `worker` …"""
    cause: Cause
    detail: str

    @property
    def is_about_search(self) -> bool:
        """Whether nothing is wrong with a file: there was nothing, or too little, to compare the delivery with."""
        return self.stage == "search" and self.path == "."


@value
class Credential:
    """The four C2PA facts of one manifest store. They are kept separate because none implies another."""

    where: str
    """`embedded`, the name of a sidecar, or `remote`."""
    binding: str
    """Whether these bytes belong to it: `intact`, `broken`, `missing`, `unknown`."""
    signature: str
    """Whether the claim is unchanged since it was signed: `valid`, `broken`, `missing`, `unknown`."""
    trust: str
    """Whether the signer is on a trust list: `trusted`, `untrusted`, `revoked`, `unknown`."""
    time: str
    """Whether the certificate was valid at the time: `stamped` (a trusted time stamp confirms it), `inside`, `expired`,
    `not-yet`, `unknown`."""
    list: str | None
    """Name of the trust list that contains the signer."""
    signer: str | None
    remote_url: str | None = None
    codes: tuple[str, ...] = ()
    """Validation codes of the C2PA library, failures first."""
    vouched_by: TrustList | None = None
    """That list, as it was when the file was read."""
