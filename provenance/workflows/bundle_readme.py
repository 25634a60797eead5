"""`README.txt` of a bundle: what is in it, how to verify it with common tools, and what that proves."""

from __future__ import annotations

import textwrap

from provenance.model.report import Report
from provenance.reports.escape import make_visible
from provenance.reports.signature_texts import NOT_PROVEN, PROVEN

_WIDTH = 118
"""Characters of a line."""
_HEAD = """\
Report on AI-made material in a delivery
========================================

About:      {root}
Made at:    {made_at}, as the clock of the machine said, by {tool} {version}
Ledger:     {ledger}

report.pdf, report.html, report.json and report.xlsx say the same in four forms. Read report.pdf first.


How to verify this bundle
-------------------------

You need no program of ours, only tools that every Linux has or offers: sha256sum, openssl (1.1.1 or newer), minisign.
Unpack the bundle, open a shell in the unpacked folder, and type the lines that begin with a dollar sign, without it.
Each must end without an error.

Is every file of this bundle as it was listed?

  $ sha256sum --check --strict --quiet SHA256SUMS

"""
_SIGNED = """\
Was the list signed with the key in signer.pem? Either of the two lines is enough; both check the same signature. The
openssl of macOS is LibreSSL, which cannot do it: use minisign there.

  $ openssl pkeyutl -verify -pubin -inkey signer.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig
  $ minisign -V -p signer.pub -x SHA256SUMS.minisig -m SHA256SUMS

Whose key is it? THIS BUNDLE CANNOT TELL YOU: whoever makes a false bundle puts a key of his own into it. Get the public
key, or its fingerprint, from the signer by another way, and compare:

  fingerprint: {fingerprint}

It is the SHA-256 of the 32 bytes of the key: openssl pkey -pubin -in signer.pem -outform DER | tail -c 32 | sha256sum

"""
_UNSIGNED = """\
This bundle is NOT SIGNED. The list shows damage by accident. It does not show that somebody changed a file and put the
list right.

"""
_FILES = """\
Are the delivered files still those that the report is about? Set DELIVERY to their folder first.

  $ cd "$DELIVERY" && sha256sum --check --strict --quiet "$OLDPWD"/delivery.sha256

None of these lines shows files that were ADDED, to the delivery or to this bundle. `provenance verify BUNDLE FOLDER`
names changed, missing and added files.

"""
_STAMP = """\
If there is a SHA256SUMS.tsr, it is a time stamp (RFC 3161). With the authority's certificates in tsa.pem:
openssl ts -verify -data SHA256SUMS -in SHA256SUMS.tsr -CAfile tsa.pem

"""
_TAIL = """\
What this proves
----------------

{proven}

What it does not prove
----------------------

{not_proven}


What is in this bundle
----------------------

SHA256SUMS            SHA-256 of every other file here but its own signatures
SHA256SUMS.minisig    signature over it, for minisign; its trusted comment names time and ledger
SHA256SUMS.sig        the same signature as 64 bytes, for openssl
signer.pem signer.pub public key of the signer, for openssl and for minisign
delivery.sha256       SHA-256 of every delivered file that was read; of a file that could not be read there is none
checkpoint.txt        state of the ledger: a C2SP checkpoint, signed with the same key. Its third line is the root of
                      the RFC 6962 Merkle tree over the ledger's entries
register.json         entries of the register about this material
pack.toml             the policy that judged; pack-2.toml and so on, where several did
trust/                the lists of certificates that decided which signers of content credentials are trusted
manifests/            C2PA manifests as they were found, named after their SHA-256
statements.jsonl      everything that was read in each file, one line for each
thumbnails/           small pictures of the assets, named after the SHA-256 of the asset
found/                known material and the place where it was found again, in pairs
"""


def render_readme(report: Report, *, fingerprint: str | None, has_files: bool) -> bytes:
    """The text. `fingerprint`: of the signer's key; None for a bundle without a signature."""
    inputs = report.inputs
    parts = [
        _HEAD.format(
            root=make_visible(", ".join(inputs.roots)),
            made_at=report.made_at,
            tool=report.tool,
            version=report.version,
            ledger=inputs.ledger or "none",
        )
    ]
    if fingerprint:
        parts.append(_SIGNED.format(fingerprint=fingerprint))
    else:
        parts.append(_UNSIGNED)
    if has_files:
        parts.append(_FILES)
    if fingerprint:
        parts.append(_STAMP)
    parts.append(_TAIL.format(proven=_list(PROVEN), not_proven=_list(NOT_PROVEN)))
    return "".join(parts).encode()


def _list(sentences: tuple[str, ...]) -> str:
    items = [textwrap.fill(f"- {sentence}", _WIDTH, subsequent_indent="  ") for sentence in sentences]
    return "\n".join(items)
