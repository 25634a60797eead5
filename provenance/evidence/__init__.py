"""File -> Statements -> Evidence: carriers read what a file says, signals say what it means."""
