"""The family of rules about packages: lists of files against the files."""
