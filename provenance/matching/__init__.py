"""Known material found again: fingerprints -> matches, with times in both. Pure functions over what intake looked at."""
