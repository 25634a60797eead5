"""What signals have in common: how hostile text is read, what its vocabularies mean, how evidence is made of it."""
