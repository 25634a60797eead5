"""What the fork server loads, once for all workers: every carrier and signal, and what decodes and compares.

It is imported for that and offers nothing. It sets no library up and starts nothing: what a library makes of settings,
and the threads in which it works, do not come through a fork and belong in the worker.
"""

import av.subtitles.stream
import numpy.fft
import numpy.ma
import numpy.random
from PIL import Image, TiffImagePlugin

from provenance import registry
from provenance.decode import frames, jpeg_encode, sequence, stills, thumbnail
from provenance.fingerprint import extract
from provenance.intake.examine import load_members
from provenance.matching import search
from provenance.timeline import readers
from provenance.timeline.interface import CutReader

__all__ = [
    "TiffImagePlugin",
    "av",
    "extract",
    "frames",
    "jpeg_encode",
    "numpy",
    "search",
    "sequence",
    "stills",
    "thumbnail",
]

Image.preinit()
load_members()
registry.load_members(readers, CutReader)
