"""Text that stands in pictures: read once a shot, kept where a whole line says something about the picture."""
