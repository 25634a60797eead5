"""Taking fingerprints: pictures and moving pictures decoded once, made gray and small."""
