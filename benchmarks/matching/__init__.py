"""How much of what is known is found again in a cut, how surely, and at what cost."""
