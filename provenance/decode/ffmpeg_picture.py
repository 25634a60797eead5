"""Pictures that FFmpeg decodes, one file a frame: OpenEXR, DPX, and what Pillow does not read."""

from __future__ import annotations

import re
import struct
from fractions import Fraction
from typing import NamedTuple

import av.error
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from provenance.decode import frames, tone_map
from provenance.decode.errors import DecodeError, make_decode_error
from provenance.media import types
from provenance.media.formats import dpx, exr
from provenance.media.headers import read_header
from provenance.media.readable import MalformedContainer, read_within
from provenance.media.source import Source
from provenance.model.vocabulary import Cause

_PIXEL_COST = 4
"""How many times the bytes of an ordinary picture one of these takes: floats instead of bytes."""
_EXR_CHANNEL = re.compile(rb"([^\0]{1,255})\0.{16}", re.DOTALL)
"""One entry of OpenEXR's channel list: a name, then pixel type, flags and sampling in 16 bytes."""


class DecodedPicture(NamedTuple):
    """One picture."""

    frame: VideoFrame
    pixel_aspect: Fraction = Fraction(1)
    """Width of a pixel divided by its height."""


def decode(source: Source) -> DecodedPicture:
    """The picture of a file whose type has an FFmpeg codec. Raises `DecodeError`."""
    _check_size(source)
    # FFmpeg fills the missing lines of such a file with black and reports nothing.
    if source.media_type == types.EXR and _is_exr_cut(source):
        raise DecodeError(Cause.MALFORMED, "ends before its last line")
    context = _make_context(source)
    try:
        pictures = [*context.decode(Packet(source.at(0, source.size))), *context.decode(None)]
    except (av.error.FFmpegError, ValueError) as error:
        raise make_decode_error(error) from error
    if not pictures:
        raise DecodeError(Cause.MALFORMED, "cannot be decoded: no picture in it")
    frame = pictures[0]
    # FFmpeg has no transfer characteristic for printing density.
    if source.media_type == types.DPX and dpx.DpxHeader(source).has_printing_density:
        frame.color_trc = tone_map.CINEON
    return DecodedPicture(frame, frames.check_pixel_aspect(context.sample_aspect_ratio))


def _check_size(source: Source) -> None:
    header = read_header(source)
    if header and (header.width or 0) * (header.height or 0) > source.limits.pixels // _PIXEL_COST:
        raise DecodeError(Cause.OVERSIZED, f"{header.width} x {header.height} pixels")
    if source.size > source.limits.child:
        raise DecodeError(Cause.OVERSIZED, f"a picture of {source.size} bytes")


def _make_context(source: Source) -> VideoCodecContext:
    context = CodecContext.create(types.find_type(source.media_type).ffmpeg_codec, "r")
    assert isinstance(context, VideoCodecContext)
    # The workers run side by side: threads inside each of them would only get in their way.
    context.thread_count = 1
    options = {"max_pixels": str(source.limits.pixels // _PIXEL_COST)}
    if source.media_type == types.EXR and (layer := _find_exr_layer(source)):
        options["layer"] = layer
    context.options = options
    return context


def _find_exr_layer(source: Source) -> str:
    """The first layer with colours, if there are none outside of layers; else an empty name."""
    try:
        channels = next((attribute for attribute in exr.walk_attributes(source) if attribute.name == "channels"), None)
    except MalformedContainer:
        return ""
    if channels is None:
        return ""
    entries = _EXR_CHANNEL.findall(read_within(source, channels.offset, channels.length))
    names: list[str] = [name.decode("latin-1") for name in entries]
    if "R" in names or "Y" in names:
        return ""
    for name in names:
        if name.endswith((".R", ".r", ".Y")):
            return name[:-2]
    return ""


def _is_exr_cut(source: Source) -> bool:
    try:
        return exr.is_cut(source)
    except (MalformedContainer, struct.error):
        return True
