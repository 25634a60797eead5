"""Marks in the samples of a picture: watermarks and hidden text."""
