"""Paths of the machine that hands out the work -> paths of this one."""

from __future__ import annotations

import pytest

from provenance import settings
from provenance.errors import UsageError
from provenance.mounts import make_mount, map_path

MOUNTS = (
    make_mount("/mnt/show/", "/Volumes/show"),
    make_mount("/mnt/show/vfx", "/fast/vfx/"),
    make_mount("/mnt/archive", "/"),
)


@pytest.mark.parametrize(
    ("there", "here"),
    [
        (b"/mnt/show/a.mov", b"/Volumes/show/a.mov"),
        (b"/mnt/show", b"/Volumes/show"),
        (b"/mnt/show/vfx/b\xff.exr", b"/fast/vfx/b\xff.exr"),  # the longest counts
        (b"/mnt/show2/a.mov", b"/mnt/show2/a.mov"),  # no whole component
        (b"/mnt/archive/c.wav", b"/c.wav"),
        (b"/other/d.wav", b"/other/d.wav"),
    ],
)
def test_the_longest_folder_that_contains_it_counts(there: bytes, here: bytes) -> None:
    assert map_path(there, MOUNTS) == here
    assert map_path(there, tuple(reversed(MOUNTS))) == here
    assert map_path(there, ()) == there


def test_everything_can_be_mapped() -> None:
    assert map_path(b"/mnt/a", [make_mount("/", "/net/host")]) == b"/net/host/mnt/a"


def parse(text: str) -> settings.Settings:
    return settings.parse(text.encode(), "config x.toml", "/etc/provenance")


def test_mounts_and_certificates_come_from_the_config() -> None:
    read = parse('[cluster]\ntls_ca = "ca.pem"\n[[mount]]\nfrom = "/mnt/show"\nto = "/Volumes/show"')
    assert read.mounts == (make_mount("/mnt/show", "/Volumes/show"),)
    assert read.cluster == settings.Cluster(tls_ca="/etc/provenance/ca.pem")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[mount]]\nfrom = "mnt"\nto = "/a"', "number 1: from must be an absolute path"),
        ('[[mount]]\nfrom = "/mnt"\nto = "a"', "number 1: to must be an absolute path"),
        ('[[mount]]\nfrom = "/mnt"', "to is missing"),
        ('[[mount]]\nfrom = "/m"\nto = "/a"\n[[mount]]\nfrom = "/m/"\nto = "/b"', "number 2: from = '/m/' is mapped"),
        ('[cluster]\naddress = "tls://host:1"', "address"),
    ],
)
def test_a_wrong_mount_is_refused(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=r"config x\.toml") as error:
        parse(text)
    assert says in error.value.message
