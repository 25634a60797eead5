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

from provenance.media.decode import tone_map
from provenance.media.decode.errors import DecodeError, decode_error
from provenance.media.formats import dpx, exr
from provenance.media.headers import read_header
from provenance.media.readable import MalformedContainer, bounded
from provenance.media.source import Source
from provenance.model.vocabulary import Cause

CODECS = {"image/x-exr": "exr", "image/x-dpx": "dpx", "image/vnd.radiance": "hdr", "image/tiff": "tiff"}
"""FFmpeg's decoders by media type; of TIFF it reads the floats that Pillow leaves."""

_DEPTH = 4
"""How many times the bytes of an ordinary picture one of these takes."""


class DecodedPicture(NamedTuple):
    """One picture."""

    frame: VideoFrame
    pixel_aspect: Fraction = Fraction(1)
    """Width of a pixel against its height."""


def decode(source: Source) -> DecodedPicture:
    """The picture of a file whose type is one of `CODECS`. Raises `DecodeError`."""
    size = read_header(source)
    if size and (size.width or 0) * (size.height or 0) > source.limits.pixels // _DEPTH:
        raise DecodeError(Cause.OVERSIZED, f"{size.width} x {size.height} pixels")
    if source.size > source.limits.child:
        raise DecodeError(Cause.OVERSIZED, f"a picture of {source.size} bytes")
    if source.media_type == "image/x-exr" and _is_cut(source):
        raise DecodeError(Cause.MALFORMED, "ends before its last line")
    context = _context(source)
    try:
        frames = [*context.decode(Packet(source.at(0, source.size))), *context.decode(None)]
    except (av.error.FFmpegError, ValueError) as error:
        raise decode_error(error) from error
    if not frames:
        raise DecodeError(Cause.MALFORMED, "cannot be decoded: no picture in it")
    if source.media_type == "image/x-dpx" and dpx.Header(source).density:
        frames[0].color_trc = tone_map.CINEON
    shape = context.sample_aspect_ratio
    return DecodedPicture(frames[0], shape if shape and Fraction(1, 4) <= shape <= 4 else Fraction(1))


def _context(source: Source) -> VideoCodecContext:
    context = CodecContext.create(CODECS[source.media_type], "r")
    assert isinstance(context, VideoCodecContext)
    context.thread_count = 1  # the workers are the threads
    context.options = {"max_pixels": str(source.limits.pixels // _DEPTH)}
    if source.media_type == "image/x-exr" and (layer := _layer(source)):
        context.options = {**context.options, "layer": layer}
    return context


def _layer(source: Source) -> str:
    """The first layer that has colours, where none stands outside of layers; else nothing."""
    try:
        listed = next((one for one in exr.attributes(source) if one.name == "channels"), None)
    except MalformedContainer:
        return ""
    data = bounded(source, listed.offset, listed.length) if listed else b""
    names = [name.decode("latin-1") for name in re.findall(rb"([^\0]{1,255})\0.{16}", data, re.DOTALL)]
    if {"R", "Y"} & set(names):
        return ""
    return next((name[:-2] for name in names if name.endswith((".R", ".r", ".Y"))), "")


def _is_cut(source: Source) -> bool:
    try:
        return exr.is_cut(source)
    except (MalformedContainer, struct.error):
        return True
