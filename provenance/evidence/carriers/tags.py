"""Container and stream tags of video and audio, as FFmpeg names them."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

import av
import av.error
from av.stream import AttachmentStream

from provenance.decode.av_container import open_media
from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media import types
from provenance.media.formats import id3
from provenance.media.source import Header, Source
from provenance.model.evidence import Statement, Trouble
from provenance.model.vocabulary import Cause

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.stream import Stream

_PICTURES_READ_ELSEWHERE = id3.MEDIA - {types.FLAC}
"""Types whose attached pictures are in ID3 tags, which the carrier `id3` reads. FLAC has picture blocks of its own."""
_LONGEST_TIMECODE = 20
_NO_NAME = "(nameless)"
"""Key of a tag whose name is empty."""


class Tags(Carrier):
    """Tags of the container and of each stream, the start timecode among them, and attached pictures and files.

    Names of tags are FFmpeg's. This carrier also gives a file its width, height and duration.
    """

    name: ClassVar[str] = "tags"
    version: ClassVar[int] = 2
    title: ClassVar[str] = "container and stream tags of video and audio, attached pictures and files"
    media: ClassVar[frozenset[str]] = types.select_names(lambda row: row.has_sound and row.has_demuxer)

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each tag, and an embedded file for each attachment. No other file is opened."""
        try:
            with open_media(source) as media:
                # The file is open anyway: nobody else has to open it for its size and duration.
                source.shape = _complete_header(media, source.shape or Header())
                yield from _read_tags("container tag", media.metadata)
                for stream in media.streams:
                    yield from _read_tags(f"stream {stream.index} ({stream.type}) tag", stream.metadata)
                if source.media_type not in _PICTURES_READ_ELSEWHERE:
                    yield from _extract_attachments(media)
        except (av.error.ArgumentError, av.error.PatchWelcomeError):
            # With these two errors FFmpeg refuses a format that it does not implement; the file need not be damaged.
            detail = f"FFmpeg does not support this kind of {source.media_type} file"
            yield Trouble("", self.name, Cause.UNSUPPORTED, detail)
        except av.error.FFmpegError as error:
            yield Trouble("", self.name, Cause.MALFORMED, f"FFmpeg cannot read the file: {error.strerror}")


def _read_tags(where: str, tags: dict[str, str]) -> Iterator[Statement]:
    for tag, value in tags.items():
        if value.strip():
            key = tag or _NO_NAME
            yield Statement(Tags.name, f"{where} {key!r}", key, value)


def _is_attached_picture(stream: Stream) -> bool:
    return bool(stream.disposition & stream.disposition.attached_pic)


def _extract_attachments(media: InputContainer) -> Iterator[EmbeddedFile]:
    """Extract cover art and other attached files."""
    picture_streams = {stream.index for stream in media.streams if _is_attached_picture(stream)}
    # FFmpeg delivers attached pictures before any other packet, so no media data is read to get them.
    for packet in itertools.islice(media.demux(), len(picture_streams)):
        if packet.stream.index in picture_streams and packet.size:
            yield EmbeddedFile(_name_attachment(packet.stream), bytes(packet))
    for stream in media.streams.attachments:
        if isinstance(stream, AttachmentStream) and stream.data:
            yield EmbeddedFile(_name_attachment(stream), stream.data)


def _name_attachment(stream: Stream) -> str:
    return stream.metadata.get("filename") or "attached picture"


def _complete_header(media: InputContainer, known: Header) -> Header:
    """Return the header with the width, height and duration that FFmpeg finds; what it does not find stays as known."""
    width, height = _find_picture_size(media)
    duration = _find_duration(media)
    return dataclasses.replace(
        known,
        width=width or known.width,
        height=height or known.height,
        duration=duration if duration > 0 else known.duration,
        frame_rate=_find_frame_rate(media) or known.frame_rate,
        start_timecode=_find_start_timecode(media) or known.start_timecode,
    )


def _find_frame_rate(media: InputContainer) -> str | None:
    for stream in media.streams.video:
        if not _is_attached_picture(stream) and stream.average_rate:
            return str(stream.average_rate)
    return None


def _find_start_timecode(media: InputContainer) -> str | None:
    """The timecode of a stream of pictures, else of a timecode track, else of the container."""
    tags = [stream.metadata for stream in (*media.streams.video, *media.streams.data)]
    for metadata in (*tags, media.metadata):
        text = metadata.get("timecode", "").strip()
        if text and len(text) <= _LONGEST_TIMECODE:
            return text
    return None


def _find_picture_size(media: InputContainer) -> tuple[int, int]:
    """Return width and height in pixels of the first video stream that is not cover art; zeros without one."""
    for stream in media.streams.video:
        codec = stream.codec_context
        if codec and not _is_attached_picture(stream):
            return codec.width, codec.height
    return 0, 0


def _find_duration(media: InputContainer) -> float:
    """Return the duration in seconds: the container's, otherwise that of its longest stream; 0 if neither has one."""
    if media.duration:
        return media.duration / av.time_base
    longest = 0.0
    for stream in media.streams:
        if stream.duration and stream.time_base:
            longest = max(longest, float(stream.duration * stream.time_base))
    return longest
