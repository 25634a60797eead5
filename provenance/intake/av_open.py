"""The one way in which PyAV is handed a file: as an open stream, and only for formats that hold media themselves."""

from __future__ import annotations

import av
import av.logging
from av.container import InputContainer

from provenance.intake.source import Source

_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mxf,mpegts,mpeg,mpegvideo,flv,asf,rm,ogg,wav,w64,aiff,caf,flac,mp3,aac,"
    "ac3,eac3,wv,dv,gxf,r3d"
)
"""No playlists, no concatenation scripts: a text file in disguise opens nothing else."""

av.logging.set_level(None)


def opened_media(source: Source) -> InputContainer:
    """Open a file's container. Raises `av.error.FFmpegError` for anything that is no media file."""
    source.file.seek(0)
    container = av.open(
        source.file,
        "r",
        metadata_errors="replace",
        options={"format_whitelist": _FORMATS, "protocol_whitelist": "file"},
    )
    assert isinstance(container, InputContainer)
    return container
