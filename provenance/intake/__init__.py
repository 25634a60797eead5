"""File -> Reading: walking, opening, reading and understanding media; nothing here judges."""
