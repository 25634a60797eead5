"""Time stamps of RFC 3161: the query, the reply, and whose clock speaks in it.

A reply is a CMS signature (RFC 5652) of an authority over a digest and a time. It proves that the digested bytes were
there then, whatever the clock of the signer said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from provenance.signing import der
from provenance.signing.der import Value

MAX_SIZE = 64 * 1024
"""Bytes of a reply that are read."""
_LONGEST_CHAIN = 8
_GRANTED = (0, 1)
"""Statuses of a reply with a time stamp: granted, and granted with changes."""
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_TIME_STAMP_INFO = bytes.fromhex("2a864886f70d0109100104")
_MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
_SHA256 = bytes.fromhex("608648016503040201")
_HASHES: dict[bytes, hashes.HashAlgorithm] = {
    _SHA256: hashes.SHA256(),
    bytes.fromhex("608648016503040202"): hashes.SHA384(),
    bytes.fromhex("608648016503040203"): hashes.SHA512(),
}
_TIME_FORMATS = ("%Y%m%d%H%M%SZ", "%Y%m%d%H%M%S.%fZ")


def make_query(content: bytes) -> bytes:
    """The query for a time stamp on some content, asking for the authority's certificates with the reply."""
    algorithm = der.write(der.SEQUENCE, der.write(der.OID, _SHA256), der.write(der.NULL))
    imprint = der.write(der.SEQUENCE, algorithm, der.write(der.OCTET_STRING, hashlib.sha256(content).digest()))
    version, wants_certificates = der.write(der.INTEGER, b"\x01"), der.write(der.BOOLEAN, b"\xff")
    return der.write(der.SEQUENCE, version, imprint, wants_certificates)


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """What a reply says, and the signature on it."""

    time: datetime
    """Aware, UTC."""
    algorithm: bytes
    """Object identifier of the digest."""
    imprint: bytes
    """The digest that was stamped."""
    info: bytes
    """The signed content itself."""
    certificates: tuple[x509.Certificate, ...]
    signer_serial: int | None
    """Serial number of the signer's certificate, where the signature names one."""
    signed_attributes: bytes
    """As they are digested: a SET."""
    digest: hashes.HashAlgorithm
    signature: bytes

    def is_of(self, content: bytes) -> bool:
        """Whether it was given for exactly this content."""
        return self.algorithm == _SHA256 and self.imprint == hashlib.sha256(content).digest()

    def find_signer(self) -> x509.Certificate | None:
        """The certificate whose key signed the reply; None when none of those in it did."""
        if not _is_digested(self.signed_attributes, self.info, self.digest):
            return None
        for certificate in self.certificates:
            is_named = self.signer_serial in (None, certificate.serial_number)
            if is_named and _may_stamp(certificate) and _is_signed(certificate, self):
                return certificate
        return None

    def is_trusted_by(self, signer: x509.Certificate, anchors: Sequence[x509.Certificate]) -> bool:
        """Whether a chain leads from the signer to one of these certificates, all of them valid at that time."""
        current = signer
        for _ in range(_LONGEST_CHAIN):
            if not current.not_valid_before_utc <= self.time <= current.not_valid_after_utc:
                return False
            if current in anchors or any(_issued(anchor, current) for anchor in self._list_valid(anchors)):
                return True
            above = [row for row in self.certificates if row != current and _issued(row, current)]
            if not above:
                return False
            current = above[0]
        return False

    def _list_valid(self, certificates: Sequence[x509.Certificate]) -> Iterator[x509.Certificate]:
        for row in certificates:
            if row.not_valid_before_utc <= self.time <= row.not_valid_after_utc:
                yield row


def parse_reply(raw: bytes) -> TimeStamp:
    """The time stamp in a reply. Raises `ValueError` for a refusal and for anything else that is none."""
    try:
        return _parse_reply(raw)
    except (IndexError, UnsupportedAlgorithm) as error:
        raise ValueError(f"not a time-stamp reply: {error}") from error


def _parse_reply(raw: bytes) -> TimeStamp:
    status, *token = der.read(raw, der.SEQUENCE).list()
    if status.list()[0].number not in _GRANTED or len(token) != 1:
        raise ValueError("the authority refused to give a time stamp")
    kind, wrapped = token[0].list()
    if kind.content != _SIGNED_DATA:
        raise ValueError("not a signed reply")
    parts = der.read(wrapped.content, der.SEQUENCE).list()
    info_kind, info_wrapped = parts[2].list()
    if info_kind.content != _TIME_STAMP_INFO:
        raise ValueError("signed, but not a time stamp")
    info = der.read(info_wrapped.content, der.OCTET_STRING).content
    signers = parts[-1].list()
    if len(signers) != 1:
        raise ValueError("not signed by exactly one authority")
    attributes, digest, signature, serial = _parse_signer(signers[0].list())
    fields = der.read(info, der.SEQUENCE).list()
    algorithm, imprint = fields[2].list()
    return TimeStamp(
        _parse_time(fields[4]),
        algorithm.list()[0].content,
        imprint.content,
        info,
        tuple(_load_certificates(parts[3:-1])),
        serial,
        attributes,
        digest,
        signature,
    )


def _parse_signer(fields: list[Value]) -> tuple[bytes, hashes.HashAlgorithm, bytes, int | None]:
    """Signed attributes, digest algorithm, signature and serial number of the certificate."""
    _, name, algorithm, attributes, _, signature = fields[:6]
    digest = _HASHES.get(algorithm.list()[0].content)
    if digest is None or attributes.tag != der.CONTEXT or signature.tag != der.OCTET_STRING:
        raise ValueError("signed in a way that is not known")
    serial = name.list()[1].number if name.tag == der.SEQUENCE else None
    # Digested as the SET that they are, not with the tag under which they are stored: RFC 5652, section 5.4.
    return bytes([der.SET]) + attributes.raw[1:], digest, signature.content, serial


def _parse_time(field: Value) -> datetime:
    text = field.content.decode("ascii")
    for form in _TIME_FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise ValueError(f"{text!r} is not a time")


def _load_certificates(parts: Sequence[Value]) -> Iterator[x509.Certificate]:
    for part in parts:
        if part.tag == der.CONTEXT:
            for value in part.list():
                yield x509.load_der_x509_certificate(value.raw)


def _is_digested(attributes: bytes, info: bytes, digest: hashes.HashAlgorithm) -> bool:
    """Whether the signed attributes have the digest of the signed content."""
    context = hashes.Hash(digest)
    context.update(info)
    wanted = context.finalize()
    for attribute in der.read(attributes, der.SET).list():
        kind, values = attribute.list()
        if kind.content == _MESSAGE_DIGEST:
            return [value.content for value in values.list()] == [wanted]
    return False


def _may_stamp(certificate: x509.Certificate) -> bool:
    """Whether the certificate is for time stamps and for nothing else, as RFC 3161 demands."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, ValueError):
        return False
    return usage.critical and list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


def _is_signed(certificate: x509.Certificate, stamp: TimeStamp) -> bool:
    try:
        key = certificate.public_key()
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(stamp.signature, stamp.signed_attributes, padding.PKCS1v15(), stamp.digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(stamp.signature, stamp.signed_attributes, ec.ECDSA(stamp.digest))
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _issued(issuer: x509.Certificate, subject: x509.Certificate) -> bool:
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints)
        if not constraints.value.ca:
            # Whoever has a certificate for a web server must not be able to make one for time stamps with it.
            return False
        subject.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
