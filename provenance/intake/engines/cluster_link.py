"""What both ends of a cluster agree on: addresses and certificates, and what a worker says of itself when it joins.

Nothing here imports Dask: whoever has not installed it reads so in a sentence.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import ipaddress
import os
from collections.abc import Mapping
from importlib import metadata
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from provenance import __version__
from provenance.errors import UsageError
from provenance.settings import Cluster

if TYPE_CHECKING:
    from provenance.intake.worker import WorkerContext

OWN_WORDS = "provenance"
"""Under this name a worker tells the scheduler who it is."""

_DECIDING_LIBRARIES = (
    "av",
    "brotli",
    "c2pa-python",
    "numpy",
    "opencv-python-headless",
    "pi-heif",
    "pikepdf",
    "pillow",
    "pyaaf2",
    "pyavb",
)
"""Distributions whose version may change what is read out of a file."""


def require_dask() -> None:
    """Raise `UsageError` when Dask is not installed."""
    if importlib.util.find_spec("distributed") is None:
        raise UsageError("Dask is not installed, which shares work over machines", "pip install 'provenance[cluster]'")


def check_address(cluster: Cluster) -> str:
    """The address of the scheduler, `tls://host:port` or on this very machine `tcp://127.0.0.1:port`.

    Raises `UsageError` for any other, and for certificates that are not all there.
    """
    address = cluster.address or ""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port or parts.path or parts.query:
        raise UsageError(f"{address!r} is no address of a scheduler", "write tls://HOST:PORT")
    if parts.scheme == "tls":
        _check_certificates(cluster)
    elif parts.scheme != "tcp":
        raise UsageError(f"{address!r} begins with neither tls:// nor tcp://", "write tls://HOST:PORT")
    elif not _is_this_machine(host):
        # Whoever reaches a scheduler or a worker runs code there.
        raise UsageError(
            f"{address} is plain tcp, which is for 127.0.0.1 alone",
            "write tls://HOST:PORT, with --tls-ca, --tls-cert and --tls-key; see docs/how-to/spread-over-machines.md",
        )
    return address


def _check_certificates(cluster: Cluster) -> None:
    for option, path in (("ca", cluster.tls_ca), ("cert", cluster.tls_cert), ("key", cluster.tls_key)):
        if not path:
            raise UsageError(
                f"{cluster.address} needs a certificate of its own for each machine, and there is no --tls-{option}",
                f"name it with --tls-{option}, or as tls_{option} under [cluster] in the config",
            )
        if not os.path.isfile(path):
            raise UsageError(f"--tls-{option}: there is no file {path}", "name the PEM file")


def _is_this_machine(host: str) -> bool:
    # A name is not looked up: what it means tomorrow is not this machine's to say.
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def describe_reader(context: WorkerContext, readers: str) -> dict[str, str]:
    """Everything that decides what is read out of a file besides the file itself, by name.

    `readers`: the digest under which the catalogue keeps it.
    """
    description = {"tool version": __version__}
    for trust_list in context.trust.lists:
        description[f"trust list {trust_list.name!r}"] = f"{trust_list.issued}, sha256 {trust_list.sha256[:16]}"
    description["plug-ins"] = ", ".join(sorted(context.plugins)) or "none"
    for field in dataclasses.fields(context.limits):
        description[f"limit {field.name}"] = f"{getattr(context.limits, field.name)}"
    for name in _DECIDING_LIBRARIES:
        description[f"library {name}"] = _find_version(name)
    description["digest of all readers"] = readers
    return description


def _find_version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"


def list_differences(theirs: object, ours: Mapping[str, str]) -> list[str]:
    """Why a worker would read other things than this machine, a few words each; empty when it reads the same."""
    if not isinstance(theirs, Mapping):
        return ["it was not started by: provenance worker"]
    differences = []
    for name in dict.fromkeys([*ours, *map(str, theirs)]):
        there, here = theirs.get(name, "none"), ours.get(name, "none")
        if there != here:
            differences.append(f"its {name} is {there}, here {here}")
    if len(differences) > 1:
        # The digest follows from the others.
        return [text for text in differences if not text.startswith("its digest ")]
    return differences
