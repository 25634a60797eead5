"""Recorder data of movies and sound: the camera or the location recorder that a recording names as its source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text import cameras
from provenance.evidence.text.make_evidence import make_evidence
from provenance.evidence.text.parse_text import shorten, normalise_key
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import About, Origin, Standing

_CARRIERS = frozenset({"tags", "isobmff", "riff"})
_PAIRS = (
    ("make", "model"),
    ("mak", "mod"),
    ("manufacturer", "model"),
    ("manu", "modl"),
    ("ecor", "emdl"),
    ("company_name", "product_name"),
    ("camera_manufacturer", "camera_model_name"),
    ("", "cameramodel"),
)
"""Names of maker and model: QuickTime, its user data, Android, 3GPP, RIFF, MXF, XDCAM; ARRI names the model alone."""
_WHEN = ("creationdate", "creation_time", "modification_date", "idit", "originationdate", "date")
_ORIGINATORS = frozenset({"originator", "encoded_by"})
_RECORDERS = re.compile(
    r"sound ?dev|mixpre|zoom (?:handy recorder|[fhuq]\d)|zoom[fh]\d|zaxcom|deva\b|nomad\b|aaton|cantar|nagra|tascam|"
    r"roland|edirol|fostex|sonosax|sony pcm|pcm-d\d|marantz|pmd\d|metacorder|boom ?recorder|tentacle|deity|"
    r"lectrosonics|olympus|hhb|portadrive|stelladat|rode|wireless (?:go|pro)",
    re.IGNORECASE,
)
"""Location recorders, as they begin their name in the originator of a broadcast wave."""
_SCREEN = "replaykit"


class Recorder(Signal):
    """A known location recorder as originator of a broadcast wave, or make and model of a camera in a movie."""

    name = "recorder"
    title = "Recorder and movie camera data"
    written_by = (
        "Location recorders (Sound Devices, Zoom, Zaxcom, Aaton, Nagra, Tascam …) as Originator in the `bext` chunk of "
        "broadcast waves; phones and cameras as make and model in QuickTime keys and user data, RIFF and MXF; ARRI as "
        "com.arri.camera.CameraModel."
    )
    trust = (
        "Shown, and never enough to clear anything: plain text that anyone can write, that editors copy and that "
        "transcoders drop."
    )
    traps = (
        "Workstations write themselves as originator (Pro Tools, Nuendo, REAPER), encoders as company and product of "
        "an MXF. Computers and phones that record their own screen name themselves as make and model."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """One piece of evidence for each device named, however many carriers read the same words."""
        carriers: dict[str, dict[str, Statement]] = {}
        for statement in statements:
            if statement.carrier in _CARRIERS and statement.about is About.ASSET:
                carriers.setdefault(statement.carrier, {}).setdefault(_word(statement.key), statement)
        told: set[str | None] = set()
        for said in carriers.values():
            for evidence in (*self._camera(said), *self._originator(said)):
                if evidence.tool not in told:
                    told.add(evidence.tool)
                    yield evidence

    def _camera(self, said: Mapping[str, Statement]) -> Iterator[Evidence]:
        if _SCREEN in _value(said, "author").casefold():
            return
        for maker, kind in _PAIRS:
            make, model = _value(said, maker), _value(said, kind)
            named = cameras.is_device_name(model) and (cameras.is_device_name(make) or not maker) and not cameras.is_other_device(make, model)
            if named and (_of_cameras(said[kind].key) or cameras.is_known_maker(make)):
                yield self._told(said, said[kind], f"the camera {shorten(cameras.join_make_and_model(make, model), 60)}")
                return

    def _originator(self, said: Mapping[str, Statement]) -> Iterator[Evidence]:
        for word in sorted(_ORIGINATORS & said.keys(), reverse=True):
            if _RECORDERS.match(_value(said, word)):
                yield self._told(said, said[word], f"the location recorder {shorten(_value(said, word), 40)}")
                return

    def _told(self, said: Mapping[str, Statement], rests_on: Statement, device: str) -> Evidence:
        when = next((f" on {shorten(_value(said, word), 30)}" for word in _WHEN if _value(said, word)), "")
        detail = f"Names {device} as what recorded it{when}; plain text that anyone can write."
        tool = device.removeprefix("the camera ").removeprefix("the location recorder ")
        return make_evidence(self.name, rests_on, Origin.CAPTURED, detail, tool=tool, standing=Standing.DECLARED)


def _word(key: str) -> str:
    """The bare name of a field: `com.android.model` and `com.apple.quicktime.model` are both `model`."""
    return normalise_key(key).rsplit(".", 1)[-1]


def _value(said: Mapping[str, Statement], word: str) -> str:
    return said[word].value[:200].strip("\0 \t\r\n") if word in said else ""


def _of_cameras(key: str) -> bool:
    """Whether a field is made for cameras, so that any maker may be believed to be one."""
    return key.casefold().startswith(("com.apple.quicktime.", "com.android.", "com.arri.", "©"))
