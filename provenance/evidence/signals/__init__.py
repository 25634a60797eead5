"""WHAT such words mean: one file per signal, each turns statements into evidence."""
