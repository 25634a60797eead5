"""One file per format of a cut list."""
