"""Paths -> rows: walk, sequences, jobs, workers, collection. Nothing here judges."""
