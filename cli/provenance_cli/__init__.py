"""The command line: parse, call one workflow, print, end with an exit code."""
