"""Types of the arrays that pass between decoding, fingerprints and matching."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
"""(height, width): luma, 0 black to 255 white."""
Rgb = NDArray[np.uint8]
"""(height, width, 3): red, green, blue, 0 to 255."""
Floats = NDArray[np.float32]
"""Single-precision numbers; each use says the shape."""
