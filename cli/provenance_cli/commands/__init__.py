"""One file per command, found by name: a body of a few lines each."""
