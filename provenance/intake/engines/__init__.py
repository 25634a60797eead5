"""Where jobs run: guarded worker processes on this machine."""
