"""Recorder metadata of movies and sound: the camera or the location recorder that a recording names as its source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text import cameras
from provenance.evidence.text.fields import Fields, get_value, group_fields, select_own
from provenance.evidence.text.make_evidence import make_evidence
from provenance.evidence.text.parse_text import normalise_key, shorten
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing

_CARRIERS = frozenset({"tags", "isobmff", "riff"})
_MAKE_AND_MODEL_FIELDS = (
    ("make", "model"),  # QuickTime metadata
    ("mak", "mod"),  # QuickTime user data
    ("manufacturer", "model"),  # Android
    ("manu", "modl"),  # 3GPP
    ("ecor", "emdl"),  # RIFF
    ("company_name", "product_name"),  # MXF
    ("camera_manufacturer", "camera_model_name"),  # XDCAM
    ("", "cameramodel"),  # ARRI names the model alone
)
_CAMERA_KEYS = ("com.apple.quicktime.", "com.android.", "com.arri.", "©")
"""How the keys begin that are made for cameras."""
_DATE_FIELDS = ("creationdate", "creation_time", "modification_date", "idit", "originationdate", "date")
_ORIGINATOR_FIELDS = ("originator", "encoded_by")
_LOCATION_RECORDER = re.compile(
    r"sound ?dev|mixpre|zoom (?:handy recorder|[fhuq]\d)|zoom[fh]\d|zaxcom|deva\b|nomad\b|aaton|cantar|nagra|tascam|"
    r"roland|edirol|fostex|sonosax|sony pcm|pcm-d\d|marantz|pmd\d|metacorder|boom ?recorder|tentacle|deity|"
    r"lectrosonics|olympus|hhb|portadrive|stelladat|rode|wireless (?:go|pro)",
    re.IGNORECASE,
)
"""How location recorders begin their name in the originator of a broadcast wave."""
_SCREEN_RECORDER = "replaykit"
"""Apple's screen recording, in the author of a movie; its make and model are those of the phone."""


class Recorder(Signal):
    """Recognised by a known location recorder as originator of a broadcast wave, or make and model in a movie."""

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
        """Yield one piece of evidence for each device, however many carriers read the same text."""
        # Two carriers read the keys of a QuickTime movie: one from its boxes, one through FFmpeg.
        devices: set[str | None] = set()
        for fields in group_fields(select_own(statements, _CARRIERS), _name_field):
            for evidence in (*self._find_camera(fields), *self._find_location_recorder(fields)):
                if evidence.tool not in devices:
                    devices.add(evidence.tool)
                    yield evidence

    def _find_camera(self, fields: Fields) -> Iterator[Evidence]:
        if _SCREEN_RECORDER in get_value(fields, "author").casefold():
            return
        for make_field, model_field in _MAKE_AND_MODEL_FIELDS:
            make = get_value(fields, make_field)
            model = get_value(fields, model_field)
            if not _is_camera(make, model, needs_make=bool(make_field)):
                continue
            # In a field that was made for cameras, any maker may be believed; elsewhere only a known one.
            is_camera_key = fields[model_field].key.casefold().startswith(_CAMERA_KEYS)
            if is_camera_key or cameras.is_known_maker(make):
                camera = shorten(cameras.join_make_and_model(make, model), 60)
                yield self._make_evidence(fields, fields[model_field], "camera", camera)
                return

    def _find_location_recorder(self, fields: Fields) -> Iterator[Evidence]:
        for field in _ORIGINATOR_FIELDS:
            originator = get_value(fields, field)
            if _LOCATION_RECORDER.match(originator):
                yield self._make_evidence(fields, fields[field], "location recorder", shorten(originator, 40))
                return

    def _make_evidence(self, fields: Fields, rests_on: Statement, kind: str, device: str) -> Evidence:
        date = _describe_date(fields)
        detail = f"The file says that the {kind} {device} recorded it{date}; this is plain text that anyone can write."
        return make_evidence(self.name, rests_on, Origin.CAPTURED, detail, tool=device, standing=Standing.DECLARED)


def _name_field(key: str) -> str:
    """Return the bare name of a field: `com.android.model` and `com.apple.quicktime.model` are both `model`."""
    return normalise_key(key).rsplit(".", 1)[-1]


def _is_camera(make: str, model: str, *, needs_make: bool) -> bool:
    """Whether make and model can be a camera's: names of a device, and not of a scanner or a computer."""
    if not cameras.is_device_name(model):
        return False
    if needs_make and not cameras.is_device_name(make):
        return False
    return not cameras.is_other_device(make, model)


def _describe_date(fields: Fields) -> str:
    for field in _DATE_FIELDS:
        date = get_value(fields, field)
        if date:
            return f" on {shorten(date, 30)}"
    return ""
