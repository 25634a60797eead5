"""As many test processes as the cores can do: linear algebra in more threads would only wait for itself."""

import importlib.util
import os

from hypothesis import HealthCheck, settings

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # Read once, when numpy is loaded.

collect_ignore: list[str] = []
if importlib.util.find_spec("distributed") is None:  # The extra `cluster`.
    collect_ignore += ["cli/test_cluster.py", "intake/engines/test_cluster.py"]
if not all(map(importlib.util.find_spec, ("s3fs", "moto"))):  # Their imports would cost every process a second.
    collect_ignore += ["cli/test_object_storage_nights.py", "media/test_object_storage.py"]


# On a busy machine it takes long to make examples, and nothing is wrong with the program.
settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")


def pytest_xdist_auto_num_workers() -> int:
    """One process more than cores: some test always waits for a process, a clock or a browser."""
    return (os.cpu_count() or 1) + 1
