"""One file per kind of marker list that editing systems import."""
