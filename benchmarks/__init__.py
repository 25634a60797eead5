"""Measurements that print figures; run from the root as `python -m benchmarks.NAME`."""
