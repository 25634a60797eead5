"""Container and stream tags of video and audio, as FFmpeg names them."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

import av
import av.error
from av.stream import AttachmentStream

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media.decode.av_container import open_media
from provenance.media.formats import id3
from provenance.media.source import Header, Source
from provenance.model.evidence import Statement, Trouble
from provenance.model.vocabulary import Cause

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.stream import Stream

_ATTACHED_ELSEWHERE = id3.MEDIA - {"audio/flac"}
"""Types whose pictures stand in ID3 tags."""
_NAMELESS = "(nameless)"


class Tags(Carrier):
    """Tags of the container and of each stream, the start time code among them, and what is attached to them.

    Also learns size and duration.
    """

    name: ClassVar[str] = "tags"
    title: ClassVar[str] = "container and stream tags of video and audio, attached pictures and files"
    media: ClassVar[frozenset[str]] = frozenset({"video/*", "audio/*", "application/mxf"})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield one statement for each tag, a child for what is attached. Opens nothing but the file that is open."""
        try:
            with open_media(source) as media:
                source.shape = _shape(media, source.shape or Header())
                yield from _told("container tag", media.metadata)
                for stream in media.streams:
                    yield from _told(f"stream {stream.index} ({stream.type}) tag", stream.metadata)
                if source.media_type not in _ATTACHED_ELSEWHERE:
                    yield from _attached(media)
        except (av.error.ArgumentError, av.error.PatchWelcomeError):
            yield Trouble("", self.name, Cause.UNSUPPORTED, f"no {source.media_type} that FFmpeg knows how to read")
        except av.error.FFmpegError as error:
            yield Trouble("", self.name, Cause.MALFORMED, f"FFmpeg: {error.strerror}")


def _told(where: str, tags: dict[str, str]) -> Iterator[Statement]:
    said = ((key or _NAMELESS, value) for key, value in tags.items() if value.strip())
    return (Statement(Tags.name, f"{where} {key!r}", key, value) for key, value in said)


def _is_attached(stream: Stream) -> bool:
    return bool(stream.disposition & stream.disposition.attached_pic)


def _attached(media: InputContainer) -> Iterator[EmbeddedFile]:
    """Covers and other files: FFmpeg hands out the pictures before anything else."""
    pictures = {stream.index for stream in media.streams if _is_attached(stream)}
    for packet in itertools.islice(media.demux(), len(pictures)):
        if packet.stream.index in pictures and packet.size:
            yield EmbeddedFile(_name(packet.stream), bytes(packet))
    for stream in media.streams.attachments:
        if isinstance(stream, AttachmentStream) and stream.data:
            yield EmbeddedFile(_name(stream), stream.data)


def _name(stream: Stream) -> str:
    return stream.metadata.get("filename") or "attached picture"


def _shape(media: InputContainer, known: Header) -> Header:
    codecs = [stream.codec_context for stream in media.streams.video if not _is_attached(stream)]
    width, height = next(((codec.width, codec.height) for codec in codecs if codec), (0, 0))
    lengths = [float(stream.duration * stream.time_base) for stream in media.streams
               if stream.duration and stream.time_base]  # fmt: skip
    duration = media.duration / av.time_base if media.duration else max(lengths, default=0.0)
    return dataclasses.replace(
        known,
        width=width or known.width,
        height=height or known.height,
        duration=duration if duration > 0 else known.duration,
    )
