"""What a file says, what that means for its origin, and why something could not be looked at."""

from __future__ import annotations

from dataclasses import dataclass

from provenance.model.vocabulary import About, Cause, Origin, Standing


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing a file says, with the exact place where it is said. Text is kept as found, bounded only in length."""

    carrier: str
    """Name of the carrier that read it: `png`, `exif`, `c2pa` …"""
    where: str
    """The exact place, for a person: `tEXt chunk "parameters" at byte 33`."""
    key: str
    """The name under which it is said, in the carrier's own spelling: `parameters`, `UserComment`,
    `Iptc4xmpExt:DigitalSourceType`, `c2pa.created/digitalSourceType`."""
    value: str
    standing: Standing = Standing.DECLARED
    about: About = About.ASSET


@dataclass(frozen=True, slots=True)
class Used:
    """What went into a generated asset, as the mark tells it: legal asks which model, which references, which words."""

    prompt: str | None = None
    negative_prompt: str | None = None
    model: str | None = None
    adapters: tuple[str, ...] = ()
    """LoRAs and the like, by the names in the mark."""
    seed: str | None = None
    inputs: tuple[str, ...] = ()
    """Files that were fed in: pictures, masks, clips."""
    version: str | None = None
    """Of the tool."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a statement means for the origin of an asset."""

    signal: str
    carrier: str
    where: str
    origin: Origin
    standing: Standing
    tool: str | None
    """Name of the generator or camera, as the file gives it."""
    detail: str
    """One sentence for a person: what was read and why it counts."""
    used: Used | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why something could not be looked at. Never a pass, never an alarm: coverage."""

    path: str
    """As shown in the report; empty inside a `Reading`, filled in when the reading is given its place."""
    stage: str
    """Where it happened: `open`, `read`, the name of a carrier, `worker` …"""
    cause: Cause
    detail: str


@dataclass(frozen=True, slots=True)
class Credential:
    """The four C2PA facts of one manifest store. They are told apart because one does not imply another."""

    where: str
    """`embedded`, the name of a sidecar, or `remote`."""
    binding: str
    """Do these bytes belong to it: `intact`, `broken`, `missing`, `unknown`."""
    signature: str
    """Is the claim as it was signed: `valid`, `broken`, `missing`, `unknown`."""
    trust: str
    """Is the signer on a trust list: `trusted`, `untrusted`, `revoked`, `unknown`."""
    time: str
    """Was the certificate in force: `inside`, `expired`, `not-yet`, `unknown`; `stamped` with a trusted time stamp."""
    list: str | None
    """The trust list that names the signer."""
    signer: str | None
    remote_url: str | None = None
    codes: tuple[str, ...] = ()
    """Validation codes as the C2PA library gives them, failures first."""
