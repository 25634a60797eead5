"""The one way in which PyAV is given a file: as an open stream, and only for formats that hold media themselves."""

from __future__ import annotations

import av
import av.logging
from av.container import InputContainer

from provenance.decode.errors import DecodeError
from provenance.media.formats.mxf import is_encrypted
from provenance.media.source import Source
from provenance.media.types import MXF
from provenance.model.vocabulary import Cause

_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,wav,w64,mp3,flac,ogg,aiff,caf,mxf,mpegts,mpegtsraw,mpeg,mpegvideo,m4v,h264,"
    "hevc,av1,obu,ivf,flv,live_flv,asf,gxf,dv,r3d,rm,aac,ac3,eac3,dts,truehd,wv,ape,tta,amr,amrnb,amrwb,au,dsf,mpc,mpc8"
)
"""FFmpeg's demuxers without playlists and concatenation scripts, which open the files they name."""
_OPTIONS = {
    "format_whitelist": _FORMATS,
    "protocol_whitelist": "file",
    # QuickTime data references name other files.
    "enable_drefs": "0",
}

# FFmpeg writes its messages to standard error; damage is reported by values.
av.logging.set_level(None)


def open_essence(source: Source) -> InputContainer:
    """Open a file to decode it. Raises `DecodeError` where that needs a key, else what `open_media` raises."""
    if source.media_type == MXF and is_encrypted(source):
        # FFmpeg would hand out the encrypted bytes as if they were pictures.
        detail = "encrypted: only its hash was looked at; scan the files that it was made from"
        raise DecodeError(Cause.UNSUPPORTED, detail)
    return open_media(source)


def open_media(source: Source) -> InputContainer:
    """Open a file to read what it says. Raises `av.error.FFmpegError` for anything that is not a media file."""
    source.file.seek(0)
    container = av.open(source.file, "r", metadata_errors="replace", options=_OPTIONS)
    assert isinstance(container, InputContainer)
    return container
