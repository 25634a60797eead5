"""What the fork server imports first: linear algebra computes in one thread.

The workers share the cores between them, as in `features`. With a thread for every core in every worker they wait for
each other, and waiting costs as much as computing: 2.0 times the processor time for 48 stills with two workers on two
cores. OpenBLAS looks for this once, when numpy loads it.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
