"""Faults of disks, networks, clocks and people, put in on purpose: what the program does about each."""
