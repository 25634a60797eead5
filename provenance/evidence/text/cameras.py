"""Names of camera makers, and of devices that are not cameras though they fill in the same fields."""

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
"""First words of the names under which makers write themselves into files."""
_OTHER_DEVICES = re.compile(
    # Scanners of film and paper, photo lab machines, copiers and multifunction printers.
    r"scan|flextight|perfection|opticfilm|plustek|pakon|noritsu|\bqss|frontier|\bsp-\d{3,4}\b|imacon|\bgt-[xf]?\d|"
    r"\bls-\d{2,4}\b|officejet|laserjet|deskjet|photosmart|workcentre|imagerunner|imageformula|\bir-?(?:adv|c?\d)|"
    # The same, and machines that transfer film to video.
    r"bizhub|\bmfc-|\bscx-|\bclx-|\bkv-s|\bkx-mb|\bdr-[cmx]?\d|\bseries\b|spirit|cintel|datacine|director|"
    # Computers that record their own screen, and generators that write "AI" into their name.
    r"\bmac\d|macbook|\bimac\b|mac ?mini|mac ?pro|macos|windows|virtual|simulator|emulator|\bai\b",
    re.IGNORECASE,
)
_DEVICE_NAME = re.compile(r"[^\W_][^{}<>\[\]\"\\]{0,79}")
"""Starts with a letter or digit, has at most 80 characters and none of the brackets and quotes of markup and JSON."""


def is_device_name(text: str) -> bool:
    """Whether a text can be the name of a device at all: short, on one line, without markup or JSON."""
    # Generators save whole node graphs as JSON in the EXIF fields Make and Model.
    name = text.strip()
    return bool(_DEVICE_NAME.fullmatch(name)) and name.isprintable()


def is_known_maker(make: str) -> bool:
    """Whether a company of this name makes cameras."""
    first_word = re.split(r"[\s,.\-]", make.strip().casefold(), maxsplit=1)[0]
    return first_word in _MAKERS


def is_other_device(make: str, model: str) -> bool:
    """Whether make and model name a scanner, a copier or a computer."""
    return bool(_OTHER_DEVICES.search(f"{make} {model}"))


def join_make_and_model(make: str, model: str) -> str:
    """Join make and model without repeating the make: `Canon EOS R5`, not `Canon Canon EOS R5`."""
    make = make.strip()
    model = model.strip()
    make_words = make.casefold().split()
    if make_words and model.casefold().startswith(make_words[0]):
        return model
    return f"{make} {model}".strip()
