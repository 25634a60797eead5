"""One file per rule. A rule looks at one case and yields its violations."""
