"""Names of those who build cameras, and of what is no camera though it fills in the same fields."""

from __future__ import annotations

import re

_MAKERS = frozenset(
    {
        "apple", "arri", "asahi", "asus", "blackmagic", "canon", "casio", "dji", "fuji", "fujifilm", "garmin", "google",
        "gopro", "hasselblad", "hmd", "honor", "htc", "huawei", "insta360", "leaf", "leica", "lge", "mamiya", "minolta",
        "motorola", "nikon", "nintendo", "nokia", "nothing", "olympus", "om", "oneplus", "oppo", "panasonic", "parrot",
        "pentax", "phase", "realme", "red", "samsung", "sanyo", "sigma", "sony", "vision", "vivo", "xiaomi", "zte",
    }
)  # fmt: skip
"""First words under which they write themselves into files."""
_NO_CAMERAS = re.compile(
    r"scan|flextight|perfection|opticfilm|plustek|pakon|noritsu|\bqss|frontier|\bsp-\d{3,4}\b|imacon|\bgt-[xf]?\d|"
    r"\bls-\d{2,4}\b|officejet|laserjet|deskjet|photosmart|workcentre|imagerunner|imageformula|\bir-?(?:adv|c?\d)|"
    r"bizhub|\bmfc-|\bscx-|\bclx-|\bkv-s|\bkx-mb|\bdr-[cmx]?\d|\bseries\b|spirit|cintel|datacine|director|"
    r"\bmac\d|macbook|\bimac\b|mac ?mini|mac ?pro|macos|windows|virtual|simulator|emulator|\bai\b",
    re.IGNORECASE,
)
"""Scanners, copiers, film transfer, and computers that record their own screen."""
_PLAIN = re.compile(r"[^\W_][^{}<>\[\]\"\\]{0,79}")


def is_device_name(name: str) -> bool:
    """Whether it may be the name of a device at all: short, on one line, no markup and no JSON."""
    text = name.strip()
    return bool(_PLAIN.fullmatch(text)) and text.isprintable()


def is_known_maker(make: str) -> bool:
    """Whether somebody of that name builds cameras."""
    return re.split(r"[\s,.\-]", make.strip().casefold(), maxsplit=1)[0] in _MAKERS


def is_other_device(make: str, model: str) -> bool:
    """Whether it names a scanner, a copier or a computer."""
    return bool(_NO_CAMERAS.search(f"{make} {model}"))


def join_make_and_model(make: str, model: str) -> str:
    """Make and model without saying the make twice: `Canon EOS R5`, not `Canon Canon EOS R5`."""
    make, model = make.strip(), model.strip()
    first = make.casefold().split(maxsplit=1)
    return model if first and model.casefold().startswith(first[0]) else f"{make} {model}".strip()
