"""Two test processes on two cores: linear algebra in more threads would only wait for itself."""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # Read once, when numpy is loaded.
