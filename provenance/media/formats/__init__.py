"""Parsers of file formats: bounded walkers over chunks, boxes and segments, which the carriers share."""
