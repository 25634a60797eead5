"""Mail and saved pages: what is attached, what stands in the page, what is in a message inside."""

from __future__ import annotations

import base64
import random
from email.message import EmailMessage
from pathlib import Path

from provenance.limits import Limits
from provenance.model.vocabulary import Cause, Origin
from tests.evidence.build import SMALL
from tests.evidence.looking import MARKED, PLAIN, Look

ADDRESS = "data:image/png;base64," + base64.b64encode(MARKED).decode()


def compose(text: str = "words", kind: str = "plain", cte: str | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.com", "b@example.com", "stills"
    message.set_content(text, subtype=kind, cte=cte)
    return message


def test_attachments_are_files_under_their_names(tmp_path: Path) -> None:
    message = compose()
    message.add_attachment(MARKED, maintype="image", subtype="png", filename="Straße 1.png")
    message.add_attachment(PLAIN, maintype="application", subtype="octet-stream")
    look = Look(message.as_bytes(), tmp_path)
    assert look.own.asset.media_type == "message/rfc822"
    assert look.origins == {"Straße 1.png": Origin.GENERATED, "part 4": Origin.UNKNOWN}
    assert (look.origin, look.causes) == (Origin.UNKNOWN, set())


def test_a_message_in_a_message(tmp_path: Path) -> None:
    inner = compose()
    inner.add_attachment(MARKED, maintype="image", subtype="png", filename="inner.png")
    outer = compose()
    outer.add_attachment(inner)
    assert Look(outer.as_bytes(), tmp_path).origins == {"inner.png": Origin.GENERATED}


def test_a_page_in_a_message_counts_for_its_pictures(tmp_path: Path) -> None:
    for cte in ("quoted-printable", "base64", "8bit"):
        message = compose(f"<html><p>Grüße</p><img src='{ADDRESS}'></html>", "html", cte)
        look = Look(message.as_bytes(), tmp_path)
        assert look.origins == {"part 1!picture 1": Origin.GENERATED, "part 1": Origin.UNKNOWN}, cte


def saved_page(*parts: bytes) -> bytes:
    head = (
        b"From: <Saved by a browser>\r\nSnapshot-Content-Location: https://example.com/\r\nSubject: page\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="--next--"\r\n\r\n'
    )
    return head + b"".join(b"\r\n----next--\r\n" + part for part in parts) + b"\r\n----next----\r\n"


def test_a_saved_page(tmp_path: Path) -> None:
    page = b"Content-Type: text/html\r\nContent-Location: https://example.com/\r\n\r\n<html><p>words</p></html>"
    location = b"Content-Type: image/png\r\nContent-Location: https://example.com/a/still%201.png?size=2\r\n"
    encoded = location + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(MARKED)
    binary = location + b"Content-Transfer-Encoding: binary\r\n\r\n" + PLAIN
    look = Look(saved_page(page, encoded, binary), tmp_path)
    assert look.origins == {"still 1.png": Origin.GENERATED, "still 1.png (2)": Origin.UNKNOWN}
    sizes = [reading.asset.size for reading in look.inside.values()]
    assert sizes == [len(MARKED), len(PLAIN)]


def test_what_no_mail_program_shows_is_searched(tmp_path: Path) -> None:
    data = saved_page(b"Content-Type: text/plain\r\n\r\nwords").replace(
        b"\r\n\r\n", f"\r\n\r\n{ADDRESS}\r\n".encode(), 1
    )
    assert Look(data, tmp_path).origins == {"preamble!picture 1": Origin.GENERATED, "preamble": Origin.UNKNOWN}


def test_ordinary_mail_and_notes_say_nothing(tmp_path: Path) -> None:
    signed = compose()
    signed.add_attachment(
        b"\x30\x82\1\2\0\1\2", maintype="application", subtype="pkcs7-signature", filename="smime.p7s"
    )
    for data in (compose().as_bytes(), signed.as_bytes(), b"From: A. Editor\nSubject: notes\n\n" + b"words\n" * 5000,
                 b"Date: today\nTo: everybody"):  # fmt: skip
        look = Look(data, tmp_path)
        assert (look.inside, look.causes) == ({}, set())


def test_mail_of_many_messages_is_searched_as_text(tmp_path: Path) -> None:
    message = compose()
    message.add_attachment(MARKED, maintype="image", subtype="png", filename="still.png")
    look = Look(2 * (b"From a@example.com Thu Jan  1 00:00:00 2026\n" + message.as_bytes() + b"\n"), tmp_path)
    assert look.origins == {"picture 1": Origin.GENERATED}


def test_too_large_a_message_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    message = compose()
    message.add_attachment(MARKED, maintype="image", subtype="png", filename="still.png")
    data = message.as_bytes() + b"words\n" * 10_000
    look = Look(data, tmp_path, limits=Limits(child=20_000))
    assert look.origins == {"still.png": Origin.GENERATED}
    assert look.causes == {Cause.OVERSIZED}


def test_seeded_damage_ends_in_order(tmp_path: Path) -> None:
    message = compose(f"<html><img src='{ADDRESS}'></html>", "html", "quoted-printable")
    message.add_attachment(MARKED, maintype="image", subtype="png", filename="Straße 1.png")
    whole = message.as_bytes()
    rng = random.Random(6)
    for _ in range(40):
        data = bytearray(whole)
        for _ in range(rng.randrange(1, 12)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        look = Look(bytes(data), tmp_path, limits=SMALL)
        assert not any("Error" in trouble.detail for trouble in look.own.troubles)
