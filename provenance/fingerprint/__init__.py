"""Frames and samples -> fingerprints, shots and keyframes: what content is recognised by."""
