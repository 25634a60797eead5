"""C2PA manifest stores, as the C2PA library reports them. Nothing here imports the library: the carrier `c2pa` does."""
