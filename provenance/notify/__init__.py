"""Tells people and monitors of a night: webhook, e-mail, ping, and a file of figures. It decides nothing."""
