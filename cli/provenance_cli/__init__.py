"""The command line: parse, one pipeline call, echo, exit code."""
