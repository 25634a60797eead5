"""One file per output format; each prints the report it is given and decides nothing."""
