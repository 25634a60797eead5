"""Shared by signals: parsing hostile text, what known vocabularies mean, and making evidence from it."""
