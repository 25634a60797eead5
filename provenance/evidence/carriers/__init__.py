"""WHERE words are written in a file: one file per carrier, each yields what it read."""
