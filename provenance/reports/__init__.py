"""One Report -> bytes: composing, shared sentences, escaping, formats and templates."""
