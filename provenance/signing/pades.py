"""PAdES (ETSI EN 319 142-1): a signature inside a copy of the PDF report, as Acrobat shows it. Needs the extra `pades`.

Signing adds to the file and must leave it PDF/A-2a and PDF/UA-1. Three measures see to that; each was found with a
validator, and a test repeats it:
1. A line break is appended first: typst ends its files without one, and the first new object would be glued to it.
2. The metadata stay as they are: the library would write the XMP anew, in a form that PDF/A does not allow.
3. The signature field has no widget: a widget would need a place in the structure and a text of its own.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.serialization import pkcs12

from provenance.errors import ProvenanceError, UsageError
from provenance.signing import ask_authority, keys

_FIELD = "Signature"
_HEADER_WITHOUT_LENGTH = 2
"""Bytes of the header of a value in BER whose length is not known."""
_MAKE = "make one with: openssl pkcs12 -export"


@dataclass(frozen=True, slots=True)
class PdfSigner:
    """Who signs PDFs, and who says when."""

    signer: Any
    """Of pyhanko, with certificate and key."""
    authority: str | None
    """Address of a time-stamp authority."""


def needs_password(identity: str) -> bool:
    """Whether a PKCS#12 file cannot be read without a password. Raises `UsageError` when it cannot be read at all."""
    try:
        pkcs12.load_key_and_certificates(keys.read_secret(identity), None)
    except ValueError:
        return True
    return False


def load_signer(identity: str, password: str | None, authority: str | None) -> PdfSigner:
    """The signer in a PKCS#12 file. Raises `UsageError` when it cannot be used, and without the extra."""
    try:
        from pyhanko.sign import signers
    except ImportError as missing:
        raise UsageError("a PDF is signed with the package pyhanko", "pip install 'provenance[pades]'") from missing
    raw = keys.read_secret(identity)
    secret = password.encode() if password else None
    try:
        # The library only logs why it cannot read a file.
        key, certificate, _ = pkcs12.load_key_and_certificates(raw, secret)
    except ValueError as error:
        problem = f"{identity} is not a PKCS#12 file, or the password is wrong"
        raise UsageError(problem, f"{_MAKE}; a password: --pades-password FILE") from error
    if key is None or certificate is None:
        raise UsageError(f"{identity} does not have both a key and a certificate", _MAKE)
    return PdfSigner(signers.SimpleSigner.load_pkcs12_data(raw, other_certs=[], passphrase=secret), authority)


def sign_pdf(pdf: bytes, signer: PdfSigner) -> bytes:
    """The PDF with an invisible signature, level B-B, or B-T with a time stamp of an authority.

    Signature and times differ each time, unlike the report itself. Raises `ProvenanceError` when it cannot be signed.
    """
    from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NumberObject, pdf_name, pdf_string
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign import fields, signers

    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf + b"\n"))
        # Measure 2. The version is pinned because this is private.
        writer._update_meta = lambda *_, **__: None  # type: ignore[method-assign]  # noqa: SLF001
        field = DictionaryObject({pdf_name("/FT"): pdf_name("/Sig"), pdf_name("/T"): pdf_string(_FIELD)})
        listed = ArrayObject([writer.add_object(field)])
        # Signatures exist, and the file may only be added to.
        form = DictionaryObject({pdf_name("/Fields"): listed, pdf_name("/SigFlags"): NumberObject(3)})
        writer.root[pdf_name("/AcroForm")] = writer.add_object(form)
        writer.update_root()
        kind = fields.SigSeedSubFilter.PADES
        metadata = signers.PdfSignatureMetadata(field_name=_FIELD, md_algorithm="sha256", subfilter=kind)
        stamper = _make_stamper(signer.authority) if signer.authority else None
        pdf_signer = signers.PdfSigner(metadata, signer.signer, timestamper=stamper)
        with _measure_lengths_right():
            signed: bytes = pdf_signer.sign_pdf(writer, existing_fields_only=True).getvalue()
    except PdfError as error:
        raise ProvenanceError(f"the PDF could not be signed: {error}", "check the certificate") from error
    return signed


@contextmanager
def _measure_lengths_right() -> Iterator[None]:
    """asn1crypto takes a length whose last byte is 80 (hexadecimal) for none, and encodes everything inside anew.

    It does so several times on each layer: one minute for a time stamp, when it has such a length.
    """
    from asn1crypto import core

    def make_dump(dump: Callable[..., bytes]) -> Callable[..., bytes]:
        def dump_as_received(value: Any, force: bool = False) -> bytes:  # noqa: ANN401 - as theirs
            header = value._header or b""  # noqa: SLF001 - there is no other way to know
            # Where the length is not known, 80 stands alone behind the tag.
            if header.endswith(b"\x80") and len(header) > _HEADER_WITHOUT_LENGTH and not force:
                contents = value.contents
                # The header is taken away where the contents are new.
                if value._header:  # noqa: SLF001 - as above
                    return bytes(header + contents)
            return dump(value, force=force)

        return dump_as_received

    kinds = (core.Sequence, core.SequenceOf)
    theirs = [kind.dump for kind in kinds]
    try:
        for kind, dump in zip(kinds, theirs, strict=True):
            kind.dump = make_dump(dump)
        yield
    finally:
        for kind, dump in zip(kinds, theirs, strict=True):
            kind.dump = dump


def _make_stamper(address: str) -> Any:  # noqa: ANN401 - pyhanko is optional
    """A time stamper that asks through the one module that may use a network."""
    from asn1crypto import tsp
    from pyhanko.sign.timestamps import TimeStamper

    class Stamper(TimeStamper):
        async def async_request_tsa_response(self, req: Any) -> Any:  # noqa: ANN401 - likewise
            return tsp.TimeStampResp.load(ask_authority.post(address, req.dump()))

    return Stamper()
