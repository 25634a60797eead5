"""The family of rules about cuts: each judges one use of a source."""
