"""Compact codes of pictures, moving pictures and sound, by which they are found again."""
