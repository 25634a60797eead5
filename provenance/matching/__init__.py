"""Known material found again: fingerprints -> matches, with times in both. Functions over what intake looked at."""
