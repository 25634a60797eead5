"""One file per output format. A format prints the report that it is given and decides nothing."""
