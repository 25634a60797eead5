"""Documents and texts: entities, depth, and texts that are too long."""

from __future__ import annotations

import json

from benchmarks.hostile.payloads import LAUGHS, MANY, MIB, OUTSIDE, Makers, make_zero_stream
from tests.evidence.build import packet, png, png_chunk

_DEFLATED_THRICE = b"[/FlateDecode /FlateDecode /FlateDecode]"


def make_reportable() -> Makers:
    """Files for which a trouble must be reported."""
    return {
        "laughing.xmp": lambda: _make_xmp(LAUGHS, b"&a11;"),
        "reaching-out.xmp": lambda: _make_xmp(OUTSIDE, b"&a11;"),
        "repeating.xmp": lambda: _make_xmp(MANY, b"&a11;" * 20_000),
    }


def make_harmless() -> Makers:
    """Files that may be read without a trouble: text that nothing reads further, and words without a meaning."""
    return {
        "laughing.svg": lambda: LAUGHS + b'<svg xmlns="http://www.w3.org/2000/svg"><text>&a11;</text></svg>',
        "laughing.fcpxml": lambda: LAUGHS + b"<fcpxml>&a11;</fcpxml>",
        "deep.svg": lambda: b"<svg>" + b"<g>" * MIB,
        "deep.xmp": lambda: packet("<dc:title>" + "<rdf:Bag><rdf:li>" * 100_000),
        "wide.xmp": lambda: packet("<dc:title>x</dc:title>" * 15_000),
        "attributes.xmp": lambda: packet(attributes=" ".join(f'other:a{i}="x"' for i in range(15_000))),
        "deep.json": lambda: b"[" * 5 * MIB,
        "deep-graph.png": lambda: _make_png_with_text("prompt", b'{"1":{"class_type":"x","inputs":' * 100_000),
        "wide-graph.png": lambda: _make_png_with_text("workflow", _make_graph(40_000)),
        "long-parameters.png": lambda: _make_png_with_text("parameters", b"Steps: 20, " * 380_000),
        "long-comment.png": lambda: _make_png_with_text("Comment", b"a" * 15 * MIB),
        "many-comments.png": lambda: png([png_chunk(b"tEXt", b"Comment\0a")] * 15_000),
        "inflated.pdf": lambda: _make_pdf(make_zero_stream(1024 * MIB), b"/FlateDecode"),
        "inflated-twice.pdf": lambda: _make_pdf(make_zero_stream(1024 * MIB), _DEFLATED_THRICE),
        "deep.pdf": lambda: b"%PDF-1.7\n1 0 obj\n" + b"[" * MIB,
        "round-in-circles.pdf": lambda: _make_pdf(b"", b"/FlateDecode", b"/Count 9/Kids[2 0 R 2 0 R]/Parent 2 0 R"),
        "packets.pdf": lambda: b"%PDF-1.7\n" + packet() * 500,
    }  # fmt: skip


def _make_xmp(prologue: bytes, text: bytes) -> bytes:
    """An XMP sidecar with a document type in front and a text as title."""
    # `packet` would escape the text.
    body = packet("<dc:title>HERE</dc:title>").replace(b"HERE", text)
    return b'<?xml version="1.0"?>' + prologue + body[body.index(b"<x:xmpmeta") :]


def _make_png_with_text(key: str, text: bytes) -> bytes:
    return png([png_chunk(b"tEXt", key.encode() + b"\0" + text)])


def _make_graph(nodes: int) -> bytes:
    """A ComfyUI workflow of a chain of notes."""
    notes = [{"id": i, "type": "Note", "inputs": [{"link": i}], "widgets_values": ["x"]} for i in range(nodes)]
    links = [[i, i, 0, i + 1, 0, "x"] for i in range(nodes)]
    return json.dumps({"nodes": notes, "links": links}).encode()


def _make_pdf(stream: bytes, packing: bytes, pages: bytes = b"/Count 0/Kids[]") -> bytes:
    """A PDF whose metadata stream is `stream`, packed by these filters."""
    root = b"1 0 obj<</Type/Catalog/Pages 2 0 R/Metadata 3 0 R/Names 3 0 R>>endobj\n"
    kind = b"3 0 obj<</Type/Metadata/Subtype/XML/Length %d/Filter %s>>stream\n" % (len(stream), packing)
    body = b"%PDF-1.7\n" + root + b"2 0 obj<</Type/Pages%s>>endobj\n" % pages + kind + stream + b"\nendstream endobj\n"
    return body + b"trailer<</Root 1 0 R/Size 4/Prev 9>>\nstartxref\n9\n%%EOF\n"
