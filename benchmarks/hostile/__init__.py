"""Files made to hurt: damage to sound files, and bombs built from nothing."""
