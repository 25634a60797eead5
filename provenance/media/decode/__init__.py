"""Files -> frames and samples: stills, movies, sequences, animations, sound."""
