"""One file per rule; each looks at one case and says what is broken."""
