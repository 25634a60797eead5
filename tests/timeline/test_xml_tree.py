"""XML of cut lists: entities are refused, depth and size limited."""

from __future__ import annotations

import pytest

from provenance.limits import DEFAULT, Limits
from provenance.media.readable import Block, MalformedContainer, OversizedContainer
from provenance.timeline.xml_tree import find_child, find_children, get_local_name, get_text, has_root, parse_xml


def block(text: str | bytes, limits: Limits = DEFAULT) -> Block:
    return Block(text.encode() if isinstance(text, str) else text, limits)


def test_names_have_no_namespace() -> None:
    root = parse_xml(block('<x:a xmlns:x="urn:x" xmlns="urn:y"><b> one <c>two</c></b><x:b>three</x:b></x:a>'))
    assert get_local_name(root) == "a"
    assert [get_text(child) for child in find_children(root, "b")] == ["one", "three"]
    assert get_text(root, "b", "c") == "two"
    assert get_text(root, "b", "nothing") == ""
    assert find_child(None, "b") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>',
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]><a/>',
        '<?xml version="1.0" encoding="nowhere"?><a/>',
        b'<?xml version="1.0" encoding="utf-32"?><a/>',
        "<a>&#0;</a>",
        "<a>\0</a>",
    ],
)
def test_what_is_no_xml_or_declares_entities_is_malformed(text: str | bytes) -> None:
    with pytest.raises(MalformedContainer):
        parse_xml(block(text))


def test_a_document_type_is_usual() -> None:
    assert get_local_name(parse_xml(block("<!DOCTYPE xmeml><xmeml/>"))) == "xmeml"
    assert get_local_name(parse_xml(block('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'))) == "a"


def test_depth_and_size_end() -> None:
    with pytest.raises(OversizedContainer):
        parse_xml(block("<a>" * 20_000 + "</a>" * 20_000))
    parse_xml(block("<a>" * 150 + "</a>" * 150))
    with pytest.raises(OversizedContainer):
        parse_xml(block(f"<a>{' ' * 200}</a>", Limits(cut_list=100)))


@pytest.mark.parametrize(
    ("data", "is_root"),
    [
        (b"<xmeml>", True),
        (b'<?xml version="1.0"?>\n<!-- x -->\n<xmeml version="5">', True),
        (b"<x:xmeml>", True),
        ("<xmeml>".encode("utf-16"), True),
        (b"<xmemlx>", False),
        (b"xmeml", False),
        (b"", False),
        (b" " * 100_000 + b"<xmeml>", False),
    ],
)
def test_roots(data: bytes, is_root: bool) -> None:
    assert has_root(block(data), "xmeml") is is_root
