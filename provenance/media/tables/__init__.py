"""Formats of tables that people keep: one file each."""
