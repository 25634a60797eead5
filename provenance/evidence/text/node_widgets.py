"""What the unnamed values on a node of a UI graph are, told by their content.

A graph on the screen names most widgets by their position only: `[512, true, 7, "randomize", 20, "euler", "normal"]`.
A seed shows itself by the control behind it, which `graphs` reads. A sampler shows itself by its name, and a scheduler
by its name behind a sampler; alone its name is too common a word: `normal`, `simple`, `linear`.
"""

from __future__ import annotations

import re

from provenance.evidence.text.graphs import Node

# Both as ComfyUI's own nodes name them, and the packs that add to them.
_SAMPLER_NAME = re.compile(
    r"(?:euler|heun(?:pp)?\d?|dpm(?:pp)?|lms|ddim|ddpm|lcm|plms|deis|ipndm|uni_pc|res_(?:multistep|\d)|er_sde|sa_solver|"
    r"seeds_\d|gradient_estimation|tcd|exp_heun|k_euler|k_dpm|rk_|multistep/|exponential/)[\w+/.\- ]{0,40}",
    re.IGNORECASE,
)
_SCHEDULER_NAME = re.compile(
    r"(?:normal|simple|karras|exponential|sgm_uniform|ddim_uniform|beta\d*|linear_quadratic|kl_optimal|bong_tangent|"
    r"ays|gits|ltxv|oss|align_your_steps|turbo|polyexponential)[\w+\[\]=. \-]{0,40}",
    re.IGNORECASE,
)
_LONGEST_NAME = 64
"""Characters of a value that are compared."""


def find_unnamed_settings(node: Node) -> set[str]:
    """Find the names under which the unnamed values of a node would be set: `sampler_name` and `scheduler`."""
    found: set[str] = set()
    follows_sampler = False
    for name, value in node.values.items():
        text = value if isinstance(value, str) and name.isdecimal() else ""
        is_short = len(text) <= _LONGEST_NAME
        if follows_sampler and is_short and _SCHEDULER_NAME.fullmatch(text):
            found.add("scheduler")
        follows_sampler = is_short and bool(_SAMPLER_NAME.fullmatch(text))
        if follows_sampler:
            found.add("sampler_name")
    return found
