"""Known material found again in deliverables, by fingerprints alone: nothing here opens a file."""
