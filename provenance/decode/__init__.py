"""Files -> frames and pixels: stills, movies, frame sequences, animations, thumbnails."""
