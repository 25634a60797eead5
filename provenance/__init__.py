"""Asset provenance tracker for final-cut media: what is AI-made, where, and on what evidence."""

__version__ = "0.1.0"
